"""Two runs side by side: `python -m benchmarks.compare before.json after.json`."""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.report import Target


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """A sentence for every line of either run; a change within both runs' quartiles is called noise.

    A verdict that changed is told with the line, and so is a target that did: then the two verdicts judge two things.
    """
    old, new = ({line["name"]: line for line in run["lines"]} for run in (before, after))
    sentences = [_sentence(old[name], line) for name, line in new.items() if name in old]
    for which, one, other in (("before", old, new), ("after", new, old)):
        sentences += [f"only {which}: {name} ({_value(one[name])})" for name in one if name not in other]
    return sentences


def changed_verdicts(before: dict[str, Any], after: dict[str, Any]) -> str:
    """How many targets of both runs are newly met, newly missed or otherwise judged anew."""
    old = {line["name"]: line["verdict"] for line in before["lines"] if line["target"]}
    pairs = [(old[line["name"]], line["verdict"]) for line in after["lines"] if line["target"] and line["name"] in old]
    counts = Counter(f"{was} → {now}" for was, now in pairs if was != now)
    return ", ".join(f"{count} × {change}" for change, count in sorted(counts.items())) or "no verdict changed"


def _sentence(old: dict[str, Any], new: dict[str, Any]) -> str:
    """The two medians, whether their difference is more than noise, and what is judged otherwise than before."""
    parts = [f"{new['name']:65}  {_value(old)} → {_value(new)}"]
    a, b = old["spread"], new["spread"]
    if a and b:
        overlap = a["low"] <= b["high"] and b["low"] <= a["high"]
        parts.append("within noise" if overlap or not a["median"] else f"{b['median'] / a['median'] - 1:+.0%}")
    if old["target"] != new["target"]:
        parts.append(f"target {_target(old)} → {_target(new)}")
    if old["verdict"] != new["verdict"]:
        parts.append(f"{old['verdict'] or 'not judged'} → {new['verdict'] or 'not judged'}")
    return "  ".join(parts)


def _value(line: dict[str, Any]) -> str:
    return f"{line['spread']['median']:.3g} {line['unit']}".rstrip() if line["spread"] else "not measured"


def _target(line: dict[str, Any]) -> str:
    return str(Target(**line["target"])) if line["target"] else "none"


def main() -> None:
    """Print how the second run differs from the first, and where the machines do."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    arguments = parser.parse_args()
    before, after = (json.loads(path.read_text("utf-8")) for path in (arguments.before, arguments.after))
    for key, value in after["machine"].items():
        if before["machine"].get(key) != value:
            print(f"{key} differs: {before['machine'].get(key)} → {value}")
    print("\n".join(compare(before, after)))
    print("\n" + changed_verdicts(before, after))


if __name__ == "__main__":
    main()
