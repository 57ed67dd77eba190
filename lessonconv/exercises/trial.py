"""A learner's function, run on cases in a process of its own: it may loop for ever, eat all memory or end the process.

On Linux the process is a fork, so that any function can go there. Elsewhere forking is not safe (Apple's libraries) or
not there (Windows): a new Python gets the function from cloudpickle.
"""

import contextlib
import faulthandler
import io
import linecache
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

SECONDS = 10.0  # that all cases of a check may take together
MEMORY = 2 * 1024**3  # bytes that the function may add to the process: a lesson's cases need thousands of times less
PRINTED = 2000  # characters of what it prints are kept
MANY = 10**6  # numbers: more are not looked at
GARBAGE = 1.25e67  # lies in memory that nobody has written to, so that np.empty is never empty by chance
SMALL = 128  # numbers: arrays up to here get their memory from NumPy's own store, larger ones from the system's
STARTED = 60.0  # seconds for a new Python to begin, on a slow machine
METHOD: Literal["fork", "spawn"] = "fork" if sys.platform == "linux" else "spawn"
HERE = str(Path(__file__).parent)
PACKAGE = str(Path(__file__).parents[1])
FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)$', re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A line of somebody's code, and the shapes of the arrays that it saw."""

    function: str
    line: int
    text: str
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """An exception: its type, its words, and the line of the learner's own code that led there, if one did."""

    kind: str
    words: str
    place: Place | None
    note: str = ""  # what is not the function's own doing: memory, say


@dataclass(frozen=True)
class Outcome:
    """What one call came to: what it returned, or how it failed; and what it did besides.

    returned: numbers and arrays as arrays, tuples and dicts of these; what is neither, as the words `kind` uses for it.
    kind: the type of what was returned; dtypes: of its arrays. changed, shared: the arguments that it wrote to, and
    those whose memory the result uses. called: functions of this package that were the answer.
    """

    returned: Any = None
    kind: str = ""
    dtypes: tuple[str, ...] = ()
    failure: Failure | None = None
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    printed: str = ""


@dataclass(frozen=True)
class Trial:
    """The outcomes of the cases that were run, and why there are no more: "" if all were."""

    outcomes: tuple[Outcome, ...]
    ended: Literal["", "time", "death", "memory", "start"] = ""
    place: Place | None = None
    words: str = ""


Call: TypeAlias = tuple[tuple[str, ...], tuple[Any, ...]]  # the names of the arguments, and the arguments
Watched: TypeAlias = frozenset[str]


# Here ---------------------------------------------------------------------------------------------------------------


def run(
    function: Callable[..., Any],
    names: tuple[str, ...],
    cases: Sequence[tuple[Any, ...]],
    *,
    seconds: float = SECONDS,
    watched: Watched = frozenset(),
    method: Literal["fork", "spawn"] | None = None,
) -> Trial:
    """Call a function on each case, in another process that ends after `seconds`.

    names: of the arguments. watched: names of this package's functions that the function should not call.
    """
    with tempfile.TemporaryFile() as stack:
        try:
            process, connection = _start(function, (names, cases, seconds, watched), stack, method or METHOD)
        except Exception as error:  # it can't be pickled, or the machine has no process left
            return Trial((), "start", words=f"{type(error).__name__}: {error}")
        try:
            return _listen(connection, len(cases), seconds, stack)
        finally:
            connection.close()
            process.kill()
            process.join()
            process.close()


def _start(function: Callable[..., Any], task: tuple[Any, ...], stack: Any, method: str) -> tuple[Any, Connection]:
    context = multiprocessing.get_context(method)
    mine, theirs = context.Pipe(duplex=False)
    given: Any = function
    log: Any = stack.fileno()
    if method == "spawn":
        import cloudpickle

        given, log = cloudpickle.dumps((function, task[1])), None
        task = (task[0], None, *task[2:])
    process = context.Process(target=_work, args=(theirs, given, *task, log), daemon=True)  # type: ignore[attr-defined]
    with _nothing_to_import(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads: the child uses none of them
        process.start()
    theirs.close()
    return process, mine


@contextlib.contextmanager
def _nothing_to_import() -> Iterator[None]:
    """A new Python imports the script that started it, which would check again: hide the script."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _listen(connection: Connection, count: int, seconds: float, stack: Any) -> Trial:
    """The outcomes as they come, until the last, the time's end or the process's."""
    outcomes: list[Outcome] = []
    try:
        if not connection.poll(STARTED):
            return Trial((), "start", words="no process started")
        connection.recv()
        end = time.monotonic() + seconds
        while len(outcomes) < count:
            if not connection.poll(max(0.0, end - time.monotonic())):
                return Trial(tuple(outcomes), "time", _where(stack))
            outcomes.append(_with_text(connection.recv()))
            if (failure := outcomes[-1].failure) and failure.note:
                return Trial(tuple(outcomes), "memory", failure.place, failure.words)
    except (EOFError, OSError):
        return Trial(tuple(outcomes), "death")
    return Trial(tuple(outcomes))


def _where(stack: Any) -> Place | None:
    """The line that was running, from what the other process wrote down shortly before its end."""
    stack.seek(0)
    for found in FRAME.finditer(stack.read().decode("utf-8", "replace")):
        if _is_theirs(found["file"]):
            text = linecache.getline(found["file"], int(found["line"])).strip()
            return Place(found["name"], int(found["line"]), text)
    return None


def _with_text(outcome: Outcome) -> Outcome:
    """The outcome, with the line of code that failed as this process knows it: a cell of a notebook is in no file."""
    failure = outcome.failure
    if failure is None or failure.place is None or not failure.place.text.startswith("\0"):
        return outcome
    text = linecache.getline(failure.place.text[1:], failure.place.line).strip()
    return replace(outcome, failure=replace(failure, place=replace(failure.place, text=text)))


def _is_theirs(file: str) -> bool:
    """Whether a file, or a cell, is the learner's, and not a library's or ours."""
    libraries = (PACKAGE, sys.prefix, sys.base_prefix, "<frozen", "<__array_function__")
    return not file.startswith(libraries) or file.startswith(os.path.join(tempfile.gettempdir(), "ipykernel_"))


# There --------------------------------------------------------------------------------------------------------------


def _work(
    connection: Connection,
    given: Any,
    names: tuple[str, ...],
    cases: Any,
    seconds: float,
    watched: Watched,
    log: int | None,
) -> None:
    """Run all cases, and end without a word to anybody but the connection."""
    try:
        if cases is None:
            import pickle

            given, cases = pickle.loads(given)
        _keep_quiet()
        _limit_memory()
        connection.send("ready")
        if log is not None:
            faulthandler.dump_traceback_later(0.95 * seconds, file=log)
        for number, case in enumerate(cases):
            connection.send(_call(given, names, case, watched if number < 2 else frozenset()))
    finally:
        connection.close()
        os._exit(0)


def _keep_quiet() -> None:
    """What the function shows goes nowhere; Ctrl-C is for the process that waits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.disable()  # a crash here is told, not dumped
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
        shell.display_pub.publish = lambda *_, **__: None
    sys.stdin = open(os.devnull)  # noqa: SIM115  as long as the process


def _limit_memory() -> None:
    """Let an array that is far too large fail as it is made, before the machine feels it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _call(function: Callable[..., Any], names: tuple[str, ...], case: tuple[Any, ...], watched: Watched) -> Outcome:
    """One call, on copies, and everything there is to say about it."""
    arguments = [_copied(argument) for argument in case]
    printed, called = io.StringIO(), set[str]()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _leave_garbage()
            with _watching(watched, called):
                result = function(*arguments)
            returned, kind, dtypes = _described(result)
            outcome = Outcome(returned, kind, dtypes, shared=_shared(result, dict(zip(names, arguments, strict=True))))
        except BaseException as error:  # whatever it is: SystemExit too
            outcome = Outcome(failure=_failure(error))
    before, now = (_named(dict(zip(names, some, strict=True))) for some in (case, arguments))
    changed = tuple(name for name, array in before.items() if name not in now or not _same(now[name], array))
    return replace(outcome, changed=changed, called=tuple(sorted(called)), printed=_whole(printed.getvalue()[:PRINTED]))


def _copied(argument: Any) -> Any:
    """A copy of an array, of a list, or of a dict of arrays; anything else as it is."""
    if isinstance(argument, dict):
        return {key: _copied(value) for key, value in argument.items()}
    return argument.copy() if isinstance(argument, (np.ndarray, list)) else argument


def _named(arguments: dict[str, Any], form: str = "{}") -> dict[str, Array]:
    """All arrays among arguments by what the learner calls them: x, or params["w1"]."""
    found: dict[str, Array] = {}
    for key, value in arguments.items():
        name = form.format(key)
        if isinstance(value, dict):
            found |= _named(value, f'{name}["{{}}"]')
        elif isinstance(value, np.ndarray):
            found[name] = value
    return found


def _leave_garbage() -> None:
    """Fill memory and give it back: an array made by np.empty now holds numbers that nobody can take for a result."""
    for size in (*range(1, SMALL + 1), *range(SMALL + 1, 8 * SMALL, SMALL // 4)):
        _ = [np.full(size, GARBAGE) for _ in range(3)]


def _same(now: Array, before: Array) -> bool:
    return now.shape == before.shape and now.dtype == before.dtype and np.array_equal(now, before, equal_nan=True)


@contextlib.contextmanager
def _watching(watched: Watched, called: set[str]) -> Iterator[None]:
    """Note which of the watched functions are called: by their names, in any module of this package."""
    if not watched:
        yield
        return

    def profile(frame: types.FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        ours = code.co_filename.startswith(PACKAGE) and not code.co_filename.startswith(HERE)
        if event == "call" and code.co_name in watched and ours:
            called.add(code.co_name)

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def _described(result: Any) -> tuple[Any, str, tuple[str, ...]]:
    """A result as plain arrays that any process can read, its type, and the dtypes of its arrays."""
    kind = type(result).__name__
    if isinstance(result, tuple) or (isinstance(result, list) and any(isinstance(one, np.ndarray) for one in result)):
        parts = [_described(one) for one in result]
        return tuple(part for part, _, _ in parts), kind, tuple(dtype for _, _, found in parts for dtype in found)
    if isinstance(result, dict):
        items = {str(key): _described(one) for key, one in result.items()}
        found = tuple(dtype for _, _, dtypes in items.values() for dtype in dtypes)
        return {key: one for key, (one, _, _) in items.items()}, kind, found
    with contextlib.suppress(Exception):
        array = np.asarray(result)
        if array.size > MANY:
            return None, f"{kind} of shape {array.shape}", ()
        if array.dtype.kind == "c" and np.allclose(array.imag, 0):
            return array.real.astype(np.float64), kind, (str(array.dtype),)
        if array.dtype.kind in "biuf":
            return array.astype(np.float64), kind, (str(array.dtype),)
        if kind == "ndarray":
            return None, f"ndarray of {array.dtype}", ()
    return None, kind, ()


def _arrays(result: Any) -> Iterator[Array]:
    if isinstance(result, np.ndarray):
        yield result
    elif isinstance(result, (tuple, list, dict)):
        for one in result.values() if isinstance(result, dict) else result:
            yield from _arrays(one)


def _shared(result: Any, arguments: dict[str, Any]) -> tuple[str, ...]:
    """The arguments whose memory a result uses."""
    found = list(_arrays(result))
    return tuple(
        name for name, argument in _named(arguments).items() if any(np.may_share_memory(one, argument) for one in found)
    )


def _whole(text: str) -> str:
    """A text without half characters, which no page can show."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _failure(error: BaseException) -> Failure:
    """An exception, and the innermost line that the learner wrote, with the shapes there."""
    place, trace = None, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if _is_theirs(code.co_filename):
            seen = trace.tb_frame.f_locals.items()
            shapes = {name: value.shape for name, value in seen if isinstance(value, np.ndarray)}
            place = Place(code.co_name, trace.tb_lineno, "\0" + code.co_filename, shapes)
        trace = trace.tb_next
    note = f"more than {MEMORY // 1024**3} GB of memory" if isinstance(error, MemoryError) else ""
    with contextlib.suppress(Exception):  # str() of an exception may be the learner's code, too
        return Failure(type(error).__name__, _whole(str(error)[:500]), place, note)
    return Failure(type(error).__name__, "", place, note)
