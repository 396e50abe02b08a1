"""One file a benchmark; `python -m benchmarks` runs them and writes RESULTS.md from their results."""
