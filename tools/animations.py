"""Make the README's animations again: `python tools/animations.py` writes them to docs/."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lessonconv import explore  # noqa: E402  (this checkout's)


def main() -> None:
    """What a layer sees; where its gradient goes; and the same gradient, gathered by the turned kernel."""
    folder = ROOT / "docs"
    folder.mkdir(exist_ok=True)
    layer = explore.ConvExplorer(height=6, width=6)
    layer.save_play(folder / "forward.gif", "forward", grids=("x", "w", "z"))
    layer = explore.ConvExplorer(height=7, width=7, stride=2)
    layer.save_play(folder / "scatter.gif", "scatter", grids=("dz", "w", "dx"), fps=1)
    layer = explore.ConvExplorer(height=5, width=5, stride=2, gradient="ones")
    layer.save_play(folder / "turned.gif", "turned", grids=("widened", "turned", "dx"))
    for file in sorted(folder.glob("*.gif")):
        print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
