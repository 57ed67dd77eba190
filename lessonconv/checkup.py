"""Is everything here, and does it work? What the first chapter asks before anybody learns anything."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from importlib import metadata

import numpy as np

MENDED_BY = "run `make lab` again, or `pip install --upgrade` it"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. what: its name; said: what was found; mend: a way out, or "" if all is well."""

    what: str
    said: str
    mend: str = ""


@dataclass(frozen=True)
class Checkup:
    """What was found; printed, it is a table. In a notebook a good result is one sentence, with the table folded."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not any(finding.mend for finding in self.findings)

    def __repr__(self) -> str:
        width = max(len(finding.what) for finding in self.findings)
        lines = [
            f"{'amiss' if one.mend else 'fine ':5}  {one.what:{width}}  {one.said}"
            + (f"; {one.mend}" if one.mend else "")
            for one in self.findings
        ]
        amiss = sum(bool(finding.mend) for finding in self.findings)
        end = "Everything is here, and it works." if self.ok else f"{amiss} of {len(lines)} things amiss."
        return "\n".join([*lines, "", end])

    def _repr_html_(self) -> str:
        *_, end = str(self).splitlines()
        table = f"<pre>{escape(str(self))}</pre>"
        if not self.ok:
            return table
        return f"<p><strong>{end}</strong></p><details><summary>What was looked at</summary>{table}</details>"


def checkup() -> Checkup:
    """Look at Python, at every package that the series needs, at the layers, the algebra, the digits and this kernel.

    Never raises: what goes wrong is a finding, with a way out.
    """
    tried = [_tried(what, look) for what, look in LOOKS.items()]
    return Checkup((Finding("Python", platform.python_version()), *_packages(), *tried))


def _packages() -> Iterator[Finding]:
    """Every package that lessonconv and its notebooks need: the versions here, and those that are needed."""
    from packaging.requirements import Requirement

    for line in metadata.requires("lessonconv") or ():
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate({"extra": "lab"}):
            continue
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            yield Finding(needed.name, f"not installed, {needed.specifier} is needed", MENDED_BY)
            continue
        fits = needed.specifier.contains(version, prereleases=True)
        yield Finding(needed.name, f"{version}, {needed.specifier} is needed", "" if fits else MENDED_BY)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, look())
    except Exception as error:  # whatever it is, the learner should see all other lines, too
        return Finding(what, f"{type(error).__name__}: {error}", "please report this line to the series' maintainers")


def _layers() -> str:
    """A convolution and its gradients, against the loops, on whole numbers."""
    from lessonconv import functional as F

    rng = np.random.default_rng(0)
    x, w = rng.integers(-3, 4, (2, 3, 6, 5)), rng.integers(-3, 4, (4, 3, 3, 2))
    z = F.conv2d(x, w, stride=2, padding=1)
    fast, slow = (part.conv2d_backward(z, x, w, stride=2, padding=1) for part in (F, F.loops))
    same = [np.array_equal(one, other) for one, other in zip(fast, slow, strict=True)]
    if not (all(same) and np.array_equal(z, F.loops.conv2d(x, w, stride=2, padding=1))):
        raise ArithmeticError("the fast layer and the loops do not agree")
    return "a convolution and its three gradients equal the loops, exactly"


def _algebra() -> str:
    from lessonconv import symbolic

    report = symbolic.derive("linear.dw").check(seed=0)
    if not report.passed:
        raise ArithmeticError("a derived line does not hold")
    return f"derived and ran the gradient of a dense layer, {len(report.lines)} lines"


def _digits() -> str:
    from lessonconv import data

    (x, _), (x_test, _) = data.digits()
    return f"{len(x) + len(x_test):,} handwritten digits, no download"


def _kernel() -> str:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return "none here: this is not a notebook"
    if NameError not in shell.custom_exceptions:
        raise RuntimeError("a cell that needs another will not say which; `%load_ext lessonconv.run_first` mends it")
    return "a cell that needs another will say which"


LOOKS: dict[str, Callable[[], str]] = {"layers": _layers, "algebra": _algebra, "data": _digits, "kernel": _kernel}
