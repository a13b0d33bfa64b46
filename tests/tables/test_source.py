"""Where a row number leads: to a row of the file, or of one of its sheets."""

from __future__ import annotations

import pytest

from cxgap.tables.source import SHEET_BITS, Responses, Source

WAVES = Responses(file="w.xlsx", layout="wide", waves={"One": "2025", "Two": "2026"})


@pytest.mark.parametrize("row", [1, 1 << 20, (1 << SHEET_BITS) + 5, 3_000_000])
def test_a_row_of_a_text_file_is_what_it_is_however_long_the_file(row):
    assert Source(file="long.csv").where(row) == ("", row)
    assert Source(file="long.csv").at(row) == f"long.csv, row {row}"
    assert Source(file="w.xlsx", sheet="One").where(row) == ("One", row)


def test_a_row_of_several_sheets_names_its_own():
    assert WAVES.where(7) == ("One", 7)
    assert WAVES.where((1 << SHEET_BITS) + 7) == ("Two", 7)
    assert WAVES.at((1 << SHEET_BITS) + 7) == "w.xlsx, sheet 'Two', row 7"


def test_a_password_in_an_address_is_not_shown():
    place = Source(file="postgresql://reader:s3cret@host/kiosk", table="answers").place
    assert "s3cret" not in place
    assert "host/kiosk" in place
