"""The page of whom to call on names nobody: not in its text, its figures' data, its record or its tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from samples import sample

import cxgap as cx
from cxgap.report.personal import leaks, personal_values

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "17_outreach.ipynb"


@pytest.mark.slow
def test_no_published_byte_of_the_list_names_anybody(tmp_path):
    cx.run_report(NOTEBOOK, output=tmp_path, study="sample", capacity=60)
    values = personal_values(sample())
    assert len(values["an id"]) > 5000
    published = [path for path in tmp_path.rglob("*") if path.is_file() and "private" not in path.relative_to(tmp_path).parts]
    assert any(path.name == "record.json" for path in published)
    assert any(path.suffix == ".csv" for path in published)
    assert leaks(tmp_path, values) == []
    assert not any(b"outreach.csv" in path.name.encode() for path in published)
    page = next(path for path in published if path.name == "report.html").read_text(encoding="utf-8")
    assert "60 customers to call on" in page
    (tmp_path / "leak.html").write_text(f"<p>{sample().customers['customer_id'].iloc[0]}</p>", encoding="utf-8")
    assert leaks(tmp_path, values)  # the search can find what it looks for
