#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# ///
"""The commands of this repository, on every system: `make lab`, or where there is no make, `py make.py lab`.

The first call builds .venv from requirements.lock; the next ones find it complete and start at once. Only the standard
library is used here, and nothing newer than Python 3.8: an old Python gets a sentence, not a SyntaxError.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
NOTEBOOKS = ROOT / "notebooks"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "complete.txt"  # written last: without it, whatever is in .venv may be half of something
SUPPORTED = ((3, 14), (3, 13), (3, 12), (3, 11))
ANY_SUPPORTED = ">=3.11,<3.15"
COURSE = ROOT / "build" / "course"
NBGRADER_PAGES = ("formgrader", "validate_assignment", "assignment_list", "course_list")
LEFTOVERS = ("__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".hypothesis", ".ruff_cache", ".mypy_cache")

Version = tuple  # of two ints, (3, 14): a plain alias, because Python 3.8 can't subscript tuple
Command = list  # of str


# Finding a Python ---------------------------------------------------------------------------------------------------


def candidates(windows: bool) -> list[Command]:
    """Commands that may start a supported Python: the one that runs this file, then the newest first."""
    named = [["py", f"-3.{minor}"] if windows else [f"python3.{minor}"] for _, minor in SUPPORTED]
    return [[sys.executable], *named]


def version_of(python: Command) -> Version | None:
    """The version that a command reports, or None where it doesn't run (a pyenv shim may exist and still refuse)."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        answer = subprocess.run([*python, "-c", code], capture_output=True, text=True, timeout=30)
        major, minor = answer.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return int(major), int(minor)


def first_supported(pythons: Iterable[Command], version_of: Callable[[Command], Version | None]) -> Command | None:
    """The first command whose version is one of SUPPORTED."""
    return next((python for python in pythons if version_of(python) in SUPPORTED), None)


def create_venv() -> None:
    """Make an empty .venv, with the first Python that can; say what is missing if none can."""
    python = first_supported(candidates(os.name == "nt"), version_of)
    uv = shutil.which("uv")
    if python and subprocess.run([*python, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0:
        say(f"Creating .venv with {' '.join(python)}")
        must_run([*python, "-m", "venv", "--clear", str(VENV)])
    elif uv:  # uv brings pip along, and even a Python where none is found
        say("Creating .venv with uv")
        version = version_of(python) if python else None
        wanted = "{}.{}".format(*version) if version else ANY_SUPPORTED
        must_run([uv, "venv", "--clear", "--seed", "--python", wanted, str(VENV)])
    elif python:
        raise SystemExit(
            f"{' '.join(python)} can't create environments: its modules venv and ensurepip are missing.\n"
            "On Debian and Ubuntu they are a package of their own: apt install python3-venv"
        )
    else:
        raise SystemExit(
            f"lessonconv needs Python 3.11 to 3.14 and found only {sys.version.split()[0]}, {sys.executable}.\n"
            "Install one (from python.org, or: apt install python3.13-venv, brew install python@3.13) and call again.\n"
            "If it has another name, say so: make lab PYTHON=/path/to/python3.13"
        )


# The environment ----------------------------------------------------------------------------------------------------


def fingerprint(root: Path, *files: Path) -> str:
    """A digest of what the environment is made from. The folder counts: an environment can't be moved."""
    parts = [str(root).encode(), *(file.read_bytes() for file in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def state(stamp: str, version: Version, made_from: str) -> str:
    """What to do with the environment that left this stamp.

    "complete": take it. "outdated": install on top of it. "unusable": start over. A call from an
    unsupported Python takes the environment that is there, whichever Python it was made with.
    """
    made_with, _, digest = stamp.strip().partition(" ")
    if not digest or (version in SUPPORTED and made_with != "{}.{}".format(*version)):
        return "unusable"
    return "complete" if digest == made_from else "outdated"


def current_state() -> str:
    """`state` of the .venv on disk."""
    stamp = STAMP.read_text("utf-8") if STAMP.exists() and PYTHON.exists() else ""
    return state(stamp, sys.version_info[:2], fingerprint(ROOT, LOCK, PROJECT))


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second command wait while a first one builds .venv. The lock goes when its owner ends, however it ends."""
    with open(ROOT / ".venv.lock", "w") as handle:
        with contextlib.suppress(OSError):  # some network drives know no locks: then without
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prepare() -> None:
    """See that .venv holds what requirements.lock says, and the package itself."""
    if current_state() == "complete":
        return
    with one_at_a_time():
        found = current_state()  # again: another command may just have built it
        if found == "complete":
            return
        if found == "unusable":
            create_venv()
        STAMP.unlink(missing_ok=True)
        say("Installing into .venv what requirements.lock lists (about 250 MB to fetch, once)")
        pip("install", "--require-hashes", "--requirement", str(LOCK))
        pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        settle()
        version = version_of([str(PYTHON)]) or ()
        STAMP.write_text("{}.{} {}\n".format(*version, fingerprint(ROOT, LOCK, PROJECT)), "utf-8")


def settle() -> None:
    """What a first lesson should not stumble over: pop-ups about news, a teacher's menus, Matplotlib's wait for fonts.

    nbgrader's parts of JupyterLab also keep a server waiting for 1.5 s. Its commands work without them.
    """
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    off = {f"nbgrader.server_extensions.{name}": False for name in NBGRADER_PAGES}
    settings = {
        "share/jupyter/lab/settings/overrides.json": quiet,
        "etc/jupyter/labconfig/page_config.json": {"disabledExtensions": {"@jupyter/nbgrader": True}},
        "etc/jupyter/jupyter_server_config.json": {"ServerApp": {"jpserver_extensions": off}},
    }
    for name, content in settings.items():
        (VENV / name).parent.mkdir(parents=True, exist_ok=True)
        (VENV / name).write_text(json.dumps(content), "utf-8")
    must_run([str(PYTHON), "-c", "import matplotlib.font_manager"])


def inside() -> dict[str, str]:
    """Variables under which `python`, `jupyter` and notebook kernels are those of .venv and nothing leaks in."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    path = os.pathsep.join([str(BIN), variables.get("PATH", os.defpath)])
    return {**variables, "VIRTUAL_ENV": str(VENV), "PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}


# Running things -----------------------------------------------------------------------------------------------------


def say(sentence: str) -> None:
    """Print at once, in order with what subprocesses print."""
    print(sentence, flush=True)


def run(command: Sequence[str], folder: Path | None = None) -> int:
    """Run a command in a folder, else at the root, inside the environment; its exit code."""
    return subprocess.run(command, cwd=folder or ROOT, env=inside()).returncode


def must_run(command: Sequence[str]) -> None:
    """Run a command and stop if it fails; its own message stands above ours."""
    code = run(command)
    if code:
        raise SystemExit(f"`{' '.join(command)}` failed with exit code {code}; the lines above say why.")


def pip(*arguments: str) -> None:
    """Run the environment's pip."""
    must_run([str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments])


def python(*arguments: str) -> int:
    """Run the environment's Python, made ready first."""
    prepare()
    return run([str(PYTHON), *arguments])


# The commands: each takes the arguments after its name and gives an exit code ---------------------------------------


def lab(arguments: list[str]) -> int:
    """Open JupyterLab on the series."""
    prepare()
    start = NOTEBOOKS / "00_start_here.ipynb"
    command = [str(PYTHON), "-m", "jupyterlab", f"--ServerApp.root_dir={NOTEBOOKS}"]
    if start.exists():
        command.append(f"--LabApp.default_url=/lab/tree/{start.name}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    if os.name == "nt":  # where a process can't be replaced by another
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for JupyterLab, which asks back
        return run([*command, *arguments])
    os.chdir(ROOT)
    os.execve(command[0], [*command, *arguments], inside())


def test(arguments: list[str]) -> int:
    """Lint, then run every test, the notebooks' too. Arguments go to pytest: make test ARGS="-k window".

    Without arguments the tests in a real browser run alone, as they wait for pages, and then all others on all cores.
    """
    linted = lint([])
    if arguments:
        return linted or python("-m", "pytest", *arguments)
    in_browser = python("-m", "pytest", "tests/browser")
    others = python("-m", "pytest", "--ignore=tests/browser", "--numprocesses=auto")
    return linted or in_browser or others


def lint(arguments: list[str]) -> int:
    """Check style, types and notebooks. With --fix, repair what a program can repair."""
    fix = arguments == ["--fix"]
    if arguments and not fix:
        raise SystemExit(f"make lint takes --fix or nothing, not {' '.join(arguments)}")
    steps = [
        ["-m", "ruff", "check", *arguments, "."],
        ["-m", "ruff", "format", *([] if fix else ["--check"]), "."],
        ["tools/notebooks.py", "normalise" if fix else "check"],
        ["tools/series.py", "write" if fix else "check"],
        ["tools/translation.py", "check"],
        ["-m", "mypy"],
    ]
    failed = [" ".join(step) for step in steps if python(*step)]
    if failed:
        say("make lint: not clean: " + "; ".join(failed) + ". `make lint ARGS=--fix` repairs what a program can.")
    return 1 if failed else 0


def notebooks(arguments: list[str]) -> int:
    """Run every notebook, store its outputs, and link the chapters. ARGS=check, normalise or strip does only that."""
    if arguments:
        return python("tools/notebooks.py", *arguments)
    return python("tools/notebooks.py", "execute") or python("tools/series.py")


def teachers(arguments: list[str]) -> int:
    """Solve the exercises, run them and put the teachers' edition into build/teachers."""
    return python("tools/editions.py", *arguments)


def course(arguments: list[str]) -> int:
    """Make an nbgrader course of the exercises, in build/course or in the folder ARGS. See classroom/README.md."""
    return python("tools/course.py", *arguments)


def nbgrader(arguments: list[str]) -> int:
    """Run nbgrader in build/course: make nbgrader ARGS="autograde 04_gradient_of_the_weights"."""
    if not COURSE.exists():
        raise SystemExit("There is no course in build/course yet; make course puts one there.")
    prepare()
    return run([str(PYTHON), "-m", "nbgrader", *arguments], COURSE)


def bench(arguments: list[str]) -> int:
    """Time the package against its peers in one run, into build/bench. Fetches PyTorch the first time."""
    spec = bench_requirement(PROJECT.read_text("utf-8"))
    if python("-c", "import importlib.util as u; raise SystemExit(u.find_spec('torch') is None)") != 0:
        say(
            f"The benchmarks compare with PyTorch: fetching {spec} into .venv. A CPU build takes 0.8 GB on disk;\n"
            "on Linux, the usual one brings CUDA libraries along and takes several times that."
        )
        pip("install", spec)
    files = ["--json", "build/bench/run.json", "--chart", "build/bench/chart.svg"]  # unless ARGS name others
    return python("-m", "benchmarks", *files, *arguments)


def bench_requirement(pyproject: str) -> str:
    """The one requirement of the extra `bench`. Read with a regex: Python 3.8 has no TOML reader."""
    found = re.search(r'^bench = \["([^"]+)"\]', pyproject, re.MULTILINE)
    if not found:
        raise SystemExit('pyproject.toml has no line bench = ["torch ==..."] under [project.optional-dependencies]')
    return found[1].replace(" ", "")


def lock(arguments: list[str]) -> int:
    """Renew requirements.lock from pyproject.toml. ARGS=--upgrade takes newer versions too."""
    uv = shutil.which("uv")
    if not uv:
        prepare()
        say("uv is not on PATH: fetching it into .venv")
        pip("install", "uv")
        uv = str(BIN / "uv")
    inputs = ["pyproject.toml", "--extra", "lab", "--extra", "test", "--group", "build"]
    for_all = ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]  # the same versions everywhere
    shape = ["--generate-hashes", "--no-emit-index-url", "--custom-compile-command", "make lock", "--quiet"]
    must_run([uv, "pip", "compile", *inputs, *for_all, *shape, *arguments, "-o", LOCK.name])
    if "://" in LOCK.read_text("utf-8"):
        raise SystemExit("requirements.lock holds an address, so it would tie every user to one server; remove it")
    return 0


def clean(arguments: list[str]) -> int:
    """Remove .venv, caches and builds. Notebooks and their outputs stay."""
    if any((COURSE / name).exists() for name in ("submitted", "gradebook.db")):
        raise SystemExit(f"{COURSE} holds learners' work and points; move or remove that folder yourself first.")
    found = [path for name in LEFTOVERS for path in ROOT.rglob(name) if VENV not in path.parents]
    for path in [*found, VENV, ROOT / "build", ROOT / "dist"]:
        if path.exists():
            say(f"removing {path.relative_to(ROOT)}")
            shutil.rmtree(path)
    return 0


COMMANDS = {
    command.__name__: command
    for command in (lab, test, lint, notebooks, teachers, course, nbgrader, bench, lock, clean)
}


def main(arguments: list[str]) -> int:
    """Read the command line and run one command."""
    summary = "\n".join(f"  {name:<11}{command.__doc__}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="make.py",
        usage="make COMMAND [ARGS=...]   or   py make.py COMMAND [arguments]",
        description=f"commands:\n{summary}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    try:
        return COMMANDS[chosen.command](chosen.arguments)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
