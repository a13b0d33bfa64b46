"""The journey as the study declares it: its touchpoints in order, and the stage, channels, owner and department of each."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cxgap import tally
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

FACTS: Final = ("stage", "channels", "owner", "department")


def stages_of(study: Study) -> pd.DataFrame:
    """Return one row a touchpoint in the order of the journey: `touchpoint` and FACTS, "" where nothing is declared.

    The order is that of the study file; without one, that of the table of touchpoints; touchpoints that only answers, events or
    contacts name come after.
    """
    declared: list[str] = []
    listed: list[str] = []
    said: list[str] = []
    registry = pd.DataFrame({"touchpoint": []}, dtype=object)
    if not absent(study.touchpoints):
        registry = tally.rows_of(study.touchpoints).drop_duplicates("touchpoint")
        listed = [str(name) for name in registry["touchpoint"].dropna()]
    for table in (study.responses, study.events, study.contacts):
        if not absent(table) and "touchpoint" in tally.columns_of(table):
            declared += map(str, tally.declared_order(table, "touchpoint") or [])
            said += sorted(map(str, tally.tally_distinct(table, ["touchpoint"])["touchpoint"].dropna()))
    names = list(dict.fromkeys([*declared, *listed, *said]))
    facts = registry.assign(touchpoint=registry["touchpoint"].astype(str)).set_index("touchpoint")
    frame = pd.DataFrame({"touchpoint": names})
    for fact in FACTS:
        told = facts[fact].astype(object) if fact in facts else pd.Series(dtype=object)
        frame[fact] = [str(told[name]) if name in told.index and pd.notna(told[name]) else "" for name in names]
    return frame
