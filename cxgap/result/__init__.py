"""What methods return: a GapTable of a gap, a Table of what is none, Prose and Text. Displaying any of them is recording it."""

from cxgap.result.gap_table import COLUMNS, GAPS_MIME, GAPS_SCHEMA, MDG, GapTable
from cxgap.result.outreach import Outreach
from cxgap.result.prose import PROSE_MIME, PROSE_SCHEMA, Prose, Sentence, list_html, prose_html, sentences_html
from cxgap.result.table import TABLE_MIME, Table
from cxgap.result.text import TEXT_MIME, Text, text_html

__all__ = [
    "COLUMNS",
    "GAPS_MIME",
    "GAPS_SCHEMA",
    "MDG",
    "PROSE_MIME",
    "PROSE_SCHEMA",
    "TABLE_MIME",
    "TEXT_MIME",
    "GapTable",
    "Outreach",
    "Prose",
    "Sentence",
    "Table",
    "Text",
    "list_html",
    "prose_html",
    "sentences_html",
    "text_html",
]
