"""Benchmarks: one file each; results as JSON beside them."""
