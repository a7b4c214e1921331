"""Benchmarks of start-up, calls and large grids, as ratios within one run: `python -m tests.benchmarks`."""
