"""Answers written in words: which way a question's labels rise, in many languages."""

from cxgap.labels.reading import Reading, coded, non_answer, read_labels, scale_of

__all__ = ["Reading", "coded", "non_answer", "read_labels", "scale_of"]
