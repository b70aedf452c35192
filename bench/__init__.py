"""Measurements: understanding, public benchmarks, load."""
