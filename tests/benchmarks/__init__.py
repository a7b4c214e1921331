"""What start-up, calls and growth cost, as ratios within one run: `python -m tests.benchmarks`."""
