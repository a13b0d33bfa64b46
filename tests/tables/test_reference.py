"""A published survey in its own file: what is read is what was published."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxgap.tables.read import read_study

KIOSK = Path(__file__).resolve().parents[1] / "reference" / "kiosk.toml"
DATA = KIOSK.parents[3] / "shared" / "reference" / "c01_kiosk_paired" / "input.csv"


@pytest.fixture(scope="module")
def kiosk():
    if not DATA.is_file():
        pytest.skip("the survey's data may not be copied here, and are not beside the project")
    return read_study(KIOSK)


def test_the_kiosk_survey_is_read_whole(kiosk):
    assert kiosk.respondents == 194
    assert dict(kiosk.rows) == {"read": 4656, "left_out": 0, "in": 4656, "used": 4656, "incomplete": 0, "rejected": 0}
    assert kiosk.rejects.empty
    assert not [issue for issue in kiosk.issues if issue["severity"] == "rejected"]


def test_its_items_carry_what_the_study_file_says(kiosk):
    items = kiosk.responses.drop_duplicates("item").set_index("item")
    assert items.index.tolist() == [f"{number:02d}" for number in range(1, 25)]
    assert items.index[~items["retained"]].tolist() == ["09", "12", "23", "24"]
    assert items.loc["05", ["dimension", "question"]].tolist() == ["tangibles", "is fun to touch"]
    assert items["dimension"].cat.categories.tolist()[:3] == ["usefulness", "tangibles", "control"]


def test_its_importance_is_rated_for_every_item(kiosk):
    assert kiosk.importance["importance_kind"] == "rating"
    assert kiosk.responses["importance"].notna().all()
