"""What to know beside service metrics: what was left out, what was not measured and why, and how standards were held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from cxgap.gaps.contact_log import TOUCHPOINT
from cxgap.gaps.dates import dated, joined
from cxgap.gaps.service_cases import WEEK, Cases
from cxgap.gaps.service_measures import MEASURES, Standard
from cxgap.gaps.staffed import Staff
from cxgap.vocabulary import counted

MOST: Final = 3  # names in a note


def lacking_of(cases: Cases, staff: Staff | None, covered: object, names: Sequence[str], *, unusable: bool) -> list[str]:
    """Say what was not measured, and why."""
    rows, said = cases.rows, []
    what = "events" if cases.requests else "contacts"
    if not cases.requests:
        if rows["waited"].isna().all():
            said.append("waits (contacts have no number in 'waited')")
        if rows["resolved"].isna().all():
            said.append("what is settled at the first contact (no flag 'resolved')")
        if rows["reopened"].isna().all():
            said.append("what was opened again (no flag 'reopened')")
        if covered is None:
            said.append("articles (no table of them, or no reason of contacts)")
    if not cases.dated:
        column = "delivered_at" if cases.requests else "resolved_at"
        said.append(f"time until settled and backlog ({what} have no time {column!r})")
    if staff is None:
        said.append(f"staffing ({'no hour of its table can be used' if unusable else 'there is no table of it'})")
    elif not set(names) <= set(staff.present):
        known = " and ".join(staff.present) or "hour"
        said.append(f"staffing by {' and '.join(names).replace('_', ' ')} (it is known by {known} alone)")
    return [f"Not measured: {'; '.join(said)}."] if said else []


def no_case(cases: Cases, as_of: str | None) -> str:
    """Say why no case is left."""
    what = "event" if cases.requests else "contact"
    if cases.backwards:
        return f"every {what} here ended before it began"
    if as_of and cases.later and not cases.untold:
        return f"every {what} came after {as_of}"
    return f"no {what} has a customer and a time in this part of the study"


def notes_of(cases: Cases, staff: Staff | None, zone: str) -> list[str]:
    """Say what was left out, and how things were counted."""
    said = []
    if cases.alone:
        said.append("No column says whose a case is: each counts as a customer of its own, and intervals are too narrow where "
                    "customers have several.")  # fmt: skip
    if cases.untold:
        said.append(f"{counted(cases.untold, 'row')} without a customer or a time {_was(cases.untold)} left out.")
    if cases.backwards:
        said.append(f"{counted(cases.backwards, 'case')} that ended before beginning {_was(cases.backwards)} set aside.")
    if cases.end - cases.seen > WEEK:
        said.append(f"Nothing is on record after {dated(cases.seen, zone)}: what was open then is taken for open until the "
                    "end, and weeks are counted up to that day.")  # fmt: skip
    if staff is None:
        return said
    if staff.aside:
        said.append(f"{counted(staff.aside, 'hour')} of staffing that cannot be {_was(staff.aside)} set aside.")
    if staff.parts:
        said.append("Hours of staffing that were told in several parts were taken together: agents are the mean of the parts.")
    if "channel" in staff.present:
        said.append("Agents are set against customers of the channels that they answer.")
        known, met = set(staff.rows["channel"]), cases.rows["channel"]
        strange = ~met.isin(known)
        if strange.any():
            names = _few(sorted({name or "no channel" for name in met[strange]}))
            said.append(f"Contacts by {names} were set against no agents: the table of staffing does not have it.")
        if idle := sorted(known - set(met)):
            said.append(f"Staffing has agents for {_few(idle)}, by which no contact came.")
    return said


def notes_of_standards(
    cases: Cases, rules: Mapping[str, list[Standard]], apart: Sequence[str], frame: pd.DataFrame
) -> list[str]:
    """Say how several standards of one name were held against cases, and which of them no case is of."""
    said, met = [], set(cases.rows[TOUCHPOINT]) - {""}
    shown = set(frame["measure"])
    for measure in apart:
        name = MEASURES[measure].standards[0]
        share = next((each for each, known in MEASURES.items() if known.share_of == measure), "")
        if share in shown:
            run_out = ", of those whose standard had run out by the end" if measure == "resolution" else ""
            said.append(f"Each case was held against the standard of {name} of its own touchpoint{run_out}.")
            targets = {each.target for each in rules[measure] if np.isfinite(each.target)}
            if len(targets) > 1:
                said.append(f"Targets of {name} differ by touchpoint, so that all together are held against none.")
        elif not met:
            what = "events" if cases.requests else "contacts"
            said.append(f"Standards of {name} differ by touchpoint, and {what} do not say in a column 'touchpoint' which they "
                        "are about: not compared.")  # fmt: skip
        else:
            said.append(f"Standards of {name} differ by touchpoint: not compared; cut by touchpoint.")
    places = {each.touchpoint for measure in apart for each in rules[measure]} - {""}
    if met and (missing := sorted(places - met)):
        said.append(f"Standards of {_few(missing)} were held against nothing: no case is of it.")
    return said


def _few(names: Sequence[str]) -> str:
    """Write the first of several names, and how many more there are."""
    return joined([*names[:MOST], *([f"{len(names) - MOST} more"] if len(names) > MOST else [])])


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
