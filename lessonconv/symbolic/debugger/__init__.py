"""The equation debugger: an equation that somebody wrote is proved, refuted by a small layer, or mended."""

from lessonconv.symbolic.debugger.verdict import Counterexample, Verdict, debug

__all__ = ["Counterexample", "Verdict", "debug"]
