"""Benchmarks: each figure beside a bare baseline of the same run, because a second on one machine is not one on another."""
