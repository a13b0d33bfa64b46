"""A synthetic study whose true gaps are known: for tests, documentation, demonstrations and benchmarks."""

from cxgap.simulate.study import SyntheticStudy, simulate_study

__all__ = ["SyntheticStudy", "simulate_study"]
