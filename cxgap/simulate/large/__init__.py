"""A survey of any size, drawn and written block by block, whose true gaps are known."""

from cxgap.simulate.large.study import LargeStudy, simulate_large

__all__ = ["LargeStudy", "simulate_large"]
