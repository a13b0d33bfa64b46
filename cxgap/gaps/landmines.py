"""Landmines: mistakes that make an initiative fail whatever it measures, each looked for in the data where it can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import tally
from cxgap._check import check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.actions import read_actions
from cxgap.gaps.contact_log import CUSTOMER
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.dates import joined
from cxgap.gaps.friction import friction
from cxgap.result import Table
from cxgap.stats.ended import ended, mean_of, share_interval
from cxgap.tables.absent import absent
from cxgap.tables.study import Study
from cxgap.vocabulary import CANNOT_TELL, counted, percent, plain

SLUG, TITLE = "landmines", "Landmines: what makes an initiative fail, whatever it measures"
FOUND, CLEAR = "found", "clear"
DATA, PROMISE, STAFF, TOUCH = (
    "decisions without customer data", "promises beyond ability", "employees unasked", "technology without touch",
)  # fmt: skip
OWN: Final = ("landmine", "check", "verdict", "found", "of", "estimate", "conf_low", "conf_high", "limit", "where", "why")
FROM_CUSTOMERS: Final = frozenset({"survey", "customers", "customer", "interviews", "complaints", "contacts"})
_MOST = 5  # names in a cell


class _Finding(NamedTuple):
    """One row of the checklist."""

    landmine: str
    check: str
    verdict: str
    found: float = np.nan
    of: float = np.nan
    estimate: float = np.nan
    conf_low: float = np.nan
    conf_high: float = np.nan
    limit: float = np.nan
    where: str = ""
    why: str = ""


def landmines(study: Study, *, reliability: float = 0.95, forced: float = 0.1, conf_level: float = 0.95) -> Table:
    """Look for what makes initiatives fail: decisions without customers, promises beyond ability, staff unasked, cold machines.

    A check that the data cannot settle says so, with the table that is not there; it is never taken for clear.

    Parameters
    ----------
    study : as `read_study` returned it
    reliability : the share of promises that a promise is meant to stand for, where its message does not say
    forced : the share of issues forced from self-service to people, above which technology is without touch
    conf_level : two-sided, of the intervals; a verdict against a limit is said only where the interval lies beyond it

    Returns
    -------
    Table "landmines", one row a check: `landmine`, `check`, `verdict` ("found", "clear" or "cannot tell"), how many were
    `found` `of` how many, or `estimate` with `conf_low` and `conf_high` against `limit`; `where`, and `why` it cannot be told.

    Raises
    ------
    ArgumentError : an argument is not what it must be.
    """
    if not isinstance(study, Study):
        raise ArgumentError(f"`study` must be what `cx.read_study` returned, not {type(study).__name__}.")
    reliability, forced = check_prob(reliability, "reliability"), check_prob(forced, "forced")
    conf_level = check_prob(conf_level, "conf_level")
    rows = [
        *_decisions(study),
        *_standards(study),
        _promises(study, reliability, conf_level),
        *_employees(study),
        *_touch(study, forced, conf_level),
    ]
    frame = pd.DataFrame([row._asdict() for row in rows], columns=list(OWN))
    numbers = ["found", "of", "estimate", "conf_low", "conf_high", "limit"]
    frame[numbers] = frame[numbers].astype(float)
    return _table(frame, conf_level)


def _counted(landmine: str, check: str, found: list[str], of: int, *, none: str = "") -> _Finding:
    """Judge a check that counts things: one is enough."""
    if not of:
        return _Finding(landmine, check, CANNOT_TELL, why=none or "there is nothing to look at")
    names = [*found[:_MOST], *([f"{len(found) - _MOST} more"] if len(found) > _MOST else [])]
    return _Finding(landmine, check, FOUND if found else CLEAR, float(len(found)), float(of), where=joined(names))


def _decisions(study: Study) -> Iterator[_Finding]:
    check = "actions that rest on neither a survey nor anything a customer said"
    actions = _of(study, "actions")
    if why := absent(actions):
        yield _Finding(DATA, check, CANNOT_TELL, why=_lacks("actions", why))
        return
    register = read_actions(actions, zone=study.zone)
    bare = register[(register["said"] == "") & ~register["basis"].str.strip().str.casefold().isin(FROM_CUSTOMERS)]
    yield _counted(DATA, check, list(bare["action_id"]), len(register), none="no action is registered")


def _standards(study: Study) -> Iterator[_Finding]:
    check = "touchpoints none of whose standards rests on what customers expect"
    standards = _of(study, "standards")
    if why := absent(standards):
        yield _Finding(DATA, check, CANNOT_TELL, why=_lacks("standards", why))
        return
    if "basis" not in tally.columns_of(standards):
        yield _Finding(DATA, check, CANNOT_TELL, why="standards do not say what they rest on; add a column 'basis'")
        return
    rows = _keys(standards, ["touchpoint", "basis"], "standards")
    asked = rows["basis"].str.strip().str.casefold().isin(FROM_CUSTOMERS)
    all_, with_ = set(rows["touchpoint"]), set(rows.loc[asked, "touchpoint"])
    yield _counted(DATA, check, sorted(all_ - with_), len(all_))


def _promises(study: Study, reliability: float, conf_level: float) -> _Finding:
    """Compare how many first promises were kept with how many a promise is meant to stand for."""
    check = "first promises that were kept, of those due"
    events = _of(study, "events")
    if why := absent(events):
        return _Finding(PROMISE, check, CANNOT_TELL, why=_lacks("events", why))
    times = ["promised_first", "delivered_at", "cancelled_at", "ordered_at"]
    present = tally.columns_of(events, "events")
    if not {"promised_first", "delivered_at"} <= set(present):
        return _Finding(PROMISE, check, CANNOT_TELL, why="events do not say what was promised and when it was done")
    used = [name for name in times if name in present]
    keys = [name for name in ("event_id", CUSTOMER) if name in present]
    rows = tally.tally_times(events, keys=keys, times=used, zone=study.zone)
    end = float(np.nanmax(rows[[name for name in used if name != "promised_first"]].to_numpy(float))) if len(rows) else np.nan
    called_off = rows["cancelled_at"].notna() if "cancelled_at" in rows else pd.Series(False, index=rows.index)
    rows = rows[rows["promised_first"].notna() & ~called_off & (rows["promised_first"] <= end)]
    least = study.design.get("min_n", 1)
    unit = rows[CUSTOMER].cat.codes.to_numpy(np.int64) if CUSTOMER in rows else np.arange(len(rows))
    if len(np.unique(unit)) < max(least, 2):
        return _Finding(PROMISE, check, CANNOT_TELL, why="too few promises have come due")
    stated, how = _stated(study, reliability)
    kept = (rows["delivered_at"] <= rows["promised_first"]).to_numpy(float)
    things = ended(np.zeros(len(kept)), np.ones(len(kept), bool), unit)
    share = mean_of(things, kept)
    low, high = share_interval(things, share, conf_level=conf_level)
    verdict = FOUND if high < stated else CLEAR if low >= stated else CANNOT_TELL
    why = "" if verdict != CANNOT_TELL else "the interval holds the limit"
    return _Finding(PROMISE, check, verdict, np.nan, float(len(kept)), share.mean, low, high, stated, where=how, why=why)


def _stated(study: Study, reliability: float) -> tuple[float, str]:
    """Return the least reliability that a message states, else the one that is taken for granted."""
    messages = _of(study, "messages")
    if absent(messages) or "reliability" not in tally.columns_of(messages):
        return reliability, "the limit is taken for granted; no message states one"
    stated = tally.tally_times(messages, keys=[], numbers=["reliability"], table="messages")["reliability"].dropna()
    stated = stated[(stated > 0) & (stated <= 1)]
    if stated.empty:
        return reliability, "the limit is taken for granted; no message states one"
    return float(stated.min()), "the limit is what a message states"


def _employees(study: Study) -> Iterator[_Finding]:
    """Look for touchpoints and departments nobody of which was asked."""
    checks = ("touchpoints without an answer of an employee", "departments without an answer of an employee")
    employees, touchpoints = _of(study, "employees"), _of(study, "touchpoints")
    registry = None if absent(touchpoints) else _keys(touchpoints, ["touchpoint"], "touchpoints")
    known = set(registry["touchpoint"]) if registry is not None else _surveyed(study)
    if absent(employees):
        yield _Finding(STAFF, "answers of employees", FOUND, 0.0, where="no answer of an employee is in the study")
        return
    asked = _keys(employees, ["touchpoint"], "employees")
    yield _counted(STAFF, checks[0], sorted(known - set(asked["touchpoint"])), len(known), none="no touchpoint is known")
    if registry is None or "department" not in tally.columns_of(touchpoints) or "department" not in tally.columns_of(employees):
        yield _Finding(STAFF, checks[1], CANNOT_TELL, why="touchpoints or employees do not say which department they belong to")
        return
    theirs = set(_keys(touchpoints, ["department"], "touchpoints")["department"])
    ours = set(_keys(employees, ["department"], "employees")["department"])
    yield _counted(STAFF, checks[1], sorted(theirs - ours), len(theirs))


def _touch(study: Study, forced: float, conf_level: float) -> Iterator[_Finding]:
    """Look for machines where customers need people."""
    alone, poor = "touchpoints where nobody can be reached", "of those, with a gap short of what was expected"
    built = "technology built at touchpoints where nobody can be reached"
    channels, touchpoints = _of(study, "channels"), _of(study, "touchpoints")
    why = next(
        (_lacks(name, each) for name, each in (("channels", absent(channels)), ("touchpoints", absent(touchpoints))) if each),
        "",
    )
    if not why and "assisted" not in tally.columns_of(channels):
        why = "channels do not say which are assisted"
    if not why and "channels" not in tally.columns_of(touchpoints):
        why = "touchpoints do not say by which channels they are met"
    cold: set[str] = set()
    if why:
        yield from (_Finding(TOUCH, check, CANNOT_TELL, why=why) for check in (alone, poor, built))
    else:
        people = _assisted(study)
        told = _keys(touchpoints, ["touchpoint", "channels"], "touchpoints")
        told = told[told["channels"] != ""]
        met = {row["touchpoint"]: {part.strip() for part in row["channels"].split(";")} for row in told.to_dict("records")}
        cold = {name for name, by in met.items() if not by & people}
        yield _counted(TOUCH, alone, sorted(cold), len(met))
        if cold:
            yield _poor(study, poor, cold)
        yield _built(study, built, cold)
    yield _forced(study, forced, conf_level)


def _assisted(study: Study) -> set[str]:
    rows = tally.tally_times(study.tables["channels"], keys=["channel"], marks=["assisted"], table="channels")
    return set(rows.loc[rows["assisted"], "channel"].astype(object).astype(str))


def _poor(study: Study, check: str, cold: set[str]) -> _Finding:
    """Look at the gap of touchpoints without people."""
    if why := absent(study.responses):
        return _Finding(TOUCH, check, CANNOT_TELL, why=why)
    gaps = customer_gap(study.responses, by="touchpoint", **study.design).frame
    told = gaps[gaps["touchpoint"].astype(str).isin(cold) & gaps["estimate"].notna()]
    if told.empty:
        return _Finding(TOUCH, check, CANNOT_TELL, why="too few customers answered about them")
    short = sorted(told.loc[told["conf_high"] < 0, "touchpoint"].astype(str))
    return _counted(TOUCH, check, short, len(told))


def _built(study: Study, check: str, cold: set[str]) -> _Finding:
    actions = _of(study, "actions")
    if why := absent(actions):
        return _Finding(TOUCH, check, CANNOT_TELL, why=_lacks("actions", why))
    if "kind" not in tally.columns_of(actions):
        return _Finding(TOUCH, check, CANNOT_TELL, why="actions do not say of what kind they are; add a column 'kind'")
    register = read_actions(actions, zone=study.zone)
    technology = register[register["kind"].str.strip().str.casefold() == "technology"]
    if technology.empty:
        return _Finding(TOUCH, check, CLEAR, 0.0, 0.0)
    return _counted(TOUCH, check, list(technology.loc[technology["touchpoint"].isin(cold), "action_id"]), len(technology))


def _forced(study: Study, limit: float, conf_level: float) -> _Finding:
    """Look at how many issues were forced from self-service to people."""
    check = "issues forced from self-service to people"
    contacts, channels = _of(study, "contacts"), _of(study, "channels")
    for name, each in (("contacts", contacts), ("channels", channels)):
        if why := absent(each):
            return _Finding(TOUCH, check, CANNOT_TELL, why=_lacks(name, why))
    assert contacts is not None
    table = friction(contacts, channels=channels, zone=study.zone, conf_level=conf_level, **study.operations)
    rows = table.frame[table.frame["measure"] == "forced"] if not table.missing else pd.DataFrame()
    if rows.empty or not np.isfinite(rows["estimate"].iloc[0]):
        return _Finding(TOUCH, check, CANNOT_TELL, why=table.missing or "contacts do not tell of forced changes")
    row = rows.iloc[0]
    low, high = float(row["conf_low"]), float(row["conf_high"])
    verdict = FOUND if low > limit else CLEAR if high <= limit else CANNOT_TELL
    why = "" if verdict != CANNOT_TELL else "the interval holds the limit"
    return _Finding(TOUCH, check, verdict, np.nan, float(row["issues"]), float(row["estimate"]), low, high, limit, why=why)


def _of(study: Study, name: str) -> Any:
    """Return a table of the study, or None where it has none."""
    return study.tables.get(name)


def _surveyed(study: Study) -> set[str]:
    if absent(study.responses) or "touchpoint" not in tally.columns_of(study.responses):
        return set()
    return set(_keys(study.responses, ["touchpoint"], "responses")["touchpoint"])


def _keys(table: Any, names: list[str], of: str) -> pd.DataFrame:
    """Return the combinations of some columns as text, without those that lack the first."""
    rows = tally.tally_times(table, keys=names, table=of)
    texts = {name: rows[name].astype(object).where(rows[name].notna(), "").astype(str) for name in names}
    frame = pd.DataFrame(texts)
    return frame[frame[names[0]] != ""].reset_index(drop=True)


def _lacks(table: str, why: str) -> str:
    return f"no table {table}" if why else ""


def _table(frame: pd.DataFrame, conf_level: float) -> Table:
    """Write what a reader sees."""
    shown = frame.assign(_number=[_number(row) for row in frame.to_dict("records")], _where=frame["where"] + frame["why"].where(
        frame["where"] == "", frame["why"].map(lambda text: f"; {text}" if text else "")
    ))  # fmt: skip
    columns: dict[str, tuple[str, Any]] = {
        "landmine": ("landmine", str), "check": ("check", str), "verdict": ("verdict", str),
        "_number": (f"number ({percent(conf_level)} interval)", str), "_where": ("where, or why not", str),
    }  # fmt: skip
    verdicts = frame["verdict"].value_counts()
    found, unsure = int(verdicts.get(FOUND, 0)), int(verdicts.get(CANNOT_TELL, 0))
    title = (
        f"{counted(found, 'landmine')} found in {len(frame)} checks" if found else f"No landmine found in {len(frame)} checks"
    )
    title += f"; {unsure} cannot be told" if unsure else ""
    notes = [
        "Where things are counted, one is enough to be found. Against a limit, a verdict is said where the interval lies "
        "beyond it. What cannot be told is not clear.",
    ]
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=2, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _number(row: dict[Any, Any]) -> str:
    if np.isfinite(row["estimate"]):
        ends = (
            f" ({plain(100 * row['conf_low'], 1)} to {plain(100 * row['conf_high'], 1)} %)"
            if np.isfinite(row["conf_low"])
            else ""
        )
        return f"{plain(100 * row['estimate'], 1)} %{ends}, limit {plain(100 * row['limit'], 0)} %"
    if np.isfinite(row["found"]) and np.isfinite(row["of"]):
        return f"{row['found']:.0f} of {row['of']:.0f}"
    return "0" if row["found"] == 0 else ""
