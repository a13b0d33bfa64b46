"""Tables in, files out: for a spreadsheet, for a paper, for another program."""

from __future__ import annotations

from cxgap.export.write import write_tables

__all__ = ["write_tables"]
