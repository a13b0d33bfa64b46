"""What events do not tell is not measured, and why: a study that declares no metric must not stop its report."""

from __future__ import annotations

import pandas as pd
import pytest
from study_files import WIDE, write

import cxgap as cx
from cxgap.errors import ColumnError

NUMBERS = "event_id,customer_id,standard,delivered,promised\n" + "".join(f"E{i},C{i},3,{2 + i % 3},3\n" for i in range(40))
TIMES = "event_id,customer_id,ordered_at,promised_first,delivered_at\n" + "".join(
    f"E{i},C{i},2026-01-02T08:00:00Z,2026-01-05T08:00:00Z,2026-01-0{4 + i % 3}T08:00:00Z\n" for i in range(40)
)
STANDARDS = """touchpoint,exists,metric,unit,direction,standard,basis
Buy,yes,time,days,lower,3,physical
Use,yes,time,days,lower,3,physical
"""
WHERE = "events do not say at which touchpoint they were; add [metrics] to the study file"
WHAT = "no metric is declared, so nothing says what the numbers of events are; add [metrics] to the study file"
GIVEN = "no metric is declared, so nothing says what was delivered; add [metrics] to the study file"


@pytest.mark.parametrize(("events", "alone"), [(NUMBERS, WHAT), (TIMES, "")])
def test_events_of_a_study_without_metrics_stop_nothing(tmp_path, events, alone):
    files = {"events.csv": events, "standards.csv": STANDARDS}
    study = cx.read_study(write(tmp_path, WIDE, files, tables={"events": "events.csv", "standards": "standards.csv"}))
    told = {"promises": study.promises, "zone": study.zone, **study.operations}
    for by, why in (("touchpoint", WHERE), ("", alone)):
        assert cx.communication_gap(study.events, by=by, **told).missing == why
        assert cx.lateness(study.events, by=by, **told).missing == why
        expected = why or GIVEN
        assert cx.delivery_gap(study.events, study.standards, by=by, **study.operations).missing == expected
        assert cx.attainment_curve(study.events, study.standards, by=by, **study.operations).missing == expected
    assert cx.scorecard(study).title


def test_a_study_of_no_touchpoint_has_no_scorecard_and_says_why(tmp_path):
    (tmp_path / "events.csv").write_text(TIMES, encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text('[study]\ntitle = "Parcels"\n[tables]\nevents = "events.csv"\n', encoding="utf-8")
    study = cx.read_study(file)
    assert cx.scorecard(study).missing == cx.study_coverage(study).missing == "no table of the study names a touchpoint"


def test_a_column_that_somebody_names_is_still_misuse():
    events = pd.DataFrame({"customer_id": ["a", "b"], "delivered": [2.0, 3.0], "promised": [3.0, 3.0]})
    with pytest.raises(ColumnError, match="regoin"):
        cx.communication_gap(events, by="regoin")
