"""Two runs side by side: `python -m benchmarks.compare before.json after.json`."""

import argparse
import json
from pathlib import Path
from typing import Any


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """One sentence for every line that both runs measured; a change within both runs' quartiles is called noise."""
    old = {line["name"]: line for line in before["lines"] if line["spread"]}
    sentences = []
    for new in after["lines"]:
        if new["spread"] and new["name"] in old:
            a, b = old[new["name"]]["spread"], new["spread"]
            overlap = a["low"] <= b["high"] and b["low"] <= a["high"]
            change = "within noise" if overlap else f"{b['median'] / a['median'] - 1:+.0%}"
            sentences.append(f"{new['name']:61}  {a['median']:.3g} → {b['median']:.3g} {new['unit']:3} {change}")
    return sentences


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


if __name__ == "__main__":
    main()
