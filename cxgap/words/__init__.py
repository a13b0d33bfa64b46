"""GapTable in, sentences out. Verdicts are phrased here and found in stats/verdict.py."""

from __future__ import annotations

from cxgap.words.sentences import describe

__all__ = ["describe"]
