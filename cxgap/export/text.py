"""A table as CSV, with exact numbers, and text that no spreadsheet takes for a formula."""

from __future__ import annotations

from cxgap.result import GapTable, Table
from cxgap.result.spread import csv_text, inert

__all__ = ["csv_bytes", "csv_text", "inert"]


def csv_bytes(table: GapTable | Table) -> bytes:
    """Write a table's exact values; the mark at the start tells Excel of UTF-8."""
    return csv_text(table.frame).encode("utf-8-sig", "backslashreplace")
