"""A promise of a day that is written as a midnight: the proposal has the format by which it is read as a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import cxgap as cx

ORDERS = """order_id,order_purchase_timestamp,order_delivered_customer_date,order_estimated_delivery_date
o1,2026-02-02 10:56:33,2026-02-10 21:25:13,2026-02-18 00:00:00
o2,2026-02-03 20:41:37,2026-02-17 15:27:45,2026-02-17 00:00:00
"""


def test_the_format_stands_ready_and_reads_days_once_its_mark_is_dropped(tmp_path: Path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    cx.inspect(tmp_path / "orders.csv").write(tmp_path / "study.toml")
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert "# order_estimated_delivery_date holds midnights alone." in text
    line = 'date_format = ["%Y-%m-%d 00:00:00", "%Y-%m-%d %H:%M:%S"]'
    late = []
    for each in (text, text.replace(f"# {line}", line)):
        (tmp_path / "study.toml").write_text(each, encoding="utf-8")
        events = cx.read_study(tmp_path / "study.toml", today=date(2026, 3, 1)).events
        late.append((events["delivered_at"] > events["promised_first"]).tolist())
    assert late == [[False, True], [False, False]]


@pytest.mark.parametrize(("old", "new"), [("18 00:00:00", "18 12:00:00"), (" 10:56:33", " 00:00:00")])
def test_clocks_or_days_everywhere_need_none(tmp_path: Path, old: str, new: str):
    rows = ORDERS.replace(old, new)
    if new == " 00:00:00":
        rows = rows.replace("20:41:37", "00:00:00").replace("21:25:13", "00:00:00").replace("15:27:45", "00:00:00")
    (tmp_path / "orders.csv").write_text(rows, encoding="utf-8")
    assert "midnights" not in cx.inspect(tmp_path / "orders.csv").study_file
