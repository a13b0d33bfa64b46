"""Notebooks in; offline pages, records and an index out."""
