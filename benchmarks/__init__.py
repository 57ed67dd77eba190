"""Speed and memory against peers, side by side in one run: `python -m benchmarks`. README.md says how to read it."""
