"""Which targets are met: judged by a rule that was set before, on what had come in by the cut-off, and never judged again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from cxgap._check import check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.dates import day_of
from cxgap.gaps.target_asked import Asked, asked
from cxgap.gaps.target_evidence import measure
from cxgap.gaps.target_span import first_day, last_day
from cxgap.gaps.target_window import Evidence, Window, window_of
from cxgap.gaps.target_words import TITLE, note_of, reach_of, shown, title_of
from cxgap.gaps.target_worst import regression_of
from cxgap.result import Table
from cxgap.stats.targets import CANNOT_TELL, change, judge, level_of, needed, obrien_fleming, outlook
from cxgap.tables.study import Study
from cxgap.tables.target_lock import FINAL, LOOK
from cxgap.tables.targets import canonical, spec_hash

SLUG: Final = "targets"
AHEAD, INTERIM, ENDED, FROZEN, ELSEWHERE = "ahead", "interim", "final", "frozen", "of the whole study"
NONE: Final = "the study has no targets; write them into targets.toml beside the study file (docs/targets.md)"
UNDATED: Final = "nothing that targets are measured on has a date, so that nobody can tell what came in by when"
_NEAR: Final = 1e-9  # relative; data that give another number were changed

COLUMNS = (
    "name", "question", "owner", "measure", "unit", "better", "where", "value", "margin", "since", "cut_off", "set_on",
    "n", "estimate", "std_error", "low", "high", "bound", "level", "target_verdict", "state", "look", "looks", "until",
    "on_track", "chance_met", "n_planned", "n_needed", "change", "change_low", "change_high", "regression", "frozen_at",
    "flags", "note", "spec_hash", "to_freeze",
)  # fmt: skip


def target_status(study: Study, *, conf_level: float = 0.95) -> Table:
    """Say of each target whether it is met, not met, or cannot be told, and before its cut-off how likely it will be.

    A target is met where the one-sided bound of what was measured is at its value or beyond, and not met where the other bound
    falls short of it; in between nobody can tell. Only what had come in by the cut-off counts. A verdict that a run of reports
    has published stands in targets.lock.jsonl and is shown from there, whatever the data or targets.toml say since.

    Parameters
    ----------
    study : as `read_study` returned it; its targets are those of targets.toml (docs/targets.md)
    conf_level : of the two-sided interval of the change since the baseline; bounds have the level that the target says

    Returns
    -------
    Table "targets", one row a target: `value` and `margin`, in `unit`; `n` people, `estimate`, `std_error`, `low` and `high`,
    the one-sided bounds, each at `level`, and `bound`, the one that must pass; `target_verdict` ("met", "not met", "cannot
    tell"); `state` ("ahead", "interim", "final", "frozen", or "of the whole study" where a part was read that the target is
    not within); `look` of `looks`; `until`, the last day of the evidence; before the cut-off `on_track`, the chance that the
    final estimate is at the value or beyond, `chance_met`, that its bound is, and `n_planned`, how many that rests on;
    `n_needed` to settle it in 4 of 5 samples; `change` since the baseline wave with its interval; `regression`, the change to
    expect with no action where the target's cell was the worst then; `frozen_at`; `flags`; and `to_freeze`, what a run of
    reports writes into the lock.

    Raises
    ------
    ArgumentError : an argument is not what it must be.

    References
    ----------
    O'Brien & Fleming (1979), Biometrics 35(3), 549-556 (several looks).
    Spiegelhalter, Freedman & Blackburn (1986), Controlled Clinical Trials 7(1), 8-17 (the chance before the end).
    Welch (1947), Biometrika 34(1-2), 28-35 (the change).
    """
    conf_level = check_prob(conf_level, "conf_level")
    if not isinstance(study, Study):
        raise ArgumentError(f"`study` must be what `cx.read_study` returned, not {type(study).__name__}.")
    targets = asked(study)
    if not targets:
        why = f"their lock cannot be trusted: {study.target_lock.problem}" if study.target_lock.problem else NONE
        return Table.not_measured(SLUG, TITLE, why)
    clock = _clock(study, [target.spec for target in targets])
    if clock is None:
        why = f"their lock cannot be trusted: {study.target_lock.problem}" if study.target_lock.problem else UNDATED
        return Table.not_measured(SLUG, TITLE, why)
    rows = [_row(study, target, clock, conf_level) for target in targets]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    heads, cells = shown(frame)
    title = title_of(frame, study.target_lock.problem)
    return Table(frame, SLUG, title, heads, cells, keys=1, notes=tuple(_notes(frame, study, clock)))


def _clock(study: Study, specs: Sequence[Mapping[str, Any]]) -> date | None:
    """Return the last whole day that the study knows of: that of `as_of`, else the last day on which something came in."""
    if study.as_of:
        if len(study.as_of) <= len("2026-03-31"):
            return date.fromisoformat(study.as_of)
        at = datetime.fromisoformat(study.as_of)
        at = at.astimezone(ZoneInfo(study.zone)) if at.tzinfo else at
        return at.date() - timedelta(days=1)  # that day is not over
    days = [day for spec in specs if (day := last_day(study, spec)) is not None]
    lock = study.target_lock
    if not days and not lock.problem:  # whatever became of the data since, that day is over
        days = [date.fromisoformat(entry["until"]) for entry in lock.entries if entry["kind"] == FINAL]
    return max(days, default=None)


def _inside(study: Study, spec: Mapping[str, Any]) -> bool:
    """Whether all that a target is about lies within the part of the study that was read."""
    where = spec.get("where", {})
    return all(column in where and set(where[column]) <= set(values) for column, values in study.where.items())


def _row(study: Study, target: Asked, clock: date, conf_level: float) -> dict[str, Any]:
    own = _blank(target)
    final = None if target.lock.problem else next(iter(target.lock.of(target.name, FINAL)), None)
    if final is not None and (not study.as_of or clock >= target.cut_off):
        row = own | _frozen(study, target, final)
    elif not _inside(study, target.spec):
        row = own | {"state": ELSEWHERE, "flags": [*target.flags, "ELSEWHERE"]}
    else:
        row = own | _judged(study, target, clock, conf_level)
    flags = row["flags"] = "|".join(row["flags"])
    row["bound"] = row["low"] if target.better == "high" else row["high"]
    if "LOCK_BROKEN" in flags:
        row |= {"target_verdict": CANNOT_TELL, "to_freeze": "", "on_track": math.nan, "chance_met": math.nan}
    row["note"] = " ".join(filter(None, [row["note"], note_of(row, target.lock.problem)]))
    return row


def _blank(target: Asked) -> dict[str, Any]:
    spec = target.spec
    where = "; ".join(f"{column} = {' or '.join(values)}" for column, values in spec.get("where", {}).items())
    texts = {name: spec.get(name, "") for name in ("question", "owner", "measure", "better", "since", "cut_off", "set_on")}
    numbers = ("n", "estimate", "std_error", "low", "high", "bound", "level", "on_track", "chance_met", "n_planned", "n_needed",
               "change", "change_low", "change_high", "regression")  # fmt: skip
    return dict.fromkeys(numbers, math.nan) | texts | {
        "name": target.called, "unit": "", "where": where, "value": float(spec["value"]),
        "margin": float(spec.get("margin", 0.0)),
        "target_verdict": CANNOT_TELL, "state": AHEAD, "look": 0, "looks": len(target.looks) + 1, "until": "",
        "frozen_at": "", "flags": list(target.flags), "note": "", "spec_hash": spec_hash(spec), "to_freeze": "",
    }  # fmt: skip


def _frozen(study: Study, target: Asked, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Show what the lock says, and whether the data of today would give another number."""
    numbers = {
        name: math.nan if entry[name] is None else float(entry[name]) for name in ("n", "estimate", "std_error", "low", "high")
    }
    flags, note = [*target.flags, *entry.get("flags", [])], ""
    if _inside(study, target.spec) and math.isfinite(numbers["estimate"]):
        now = measure(study, target.spec, window_of(target.spec, target.cut_off, study.zone), float(entry["level"]))
        same = math.isclose(now.estimate, numbers["estimate"], rel_tol=_NEAR, abs_tol=_NEAR) and now.n == numbers["n"]
        if not same:
            flags.append("DATA_CHANGED")
            few = not now.n >= int(study.design["min_n"])
            note = "" if few else f"today's data give {reach_of(now.estimate, now.unit)} of {now.n:,.0f}."
    return numbers | {
        "unit": entry["unit"], "level": (1 + float(entry["level"])) / 2, "target_verdict": entry["verdict"], "state": FROZEN,
        "look": int(entry.get("look", 0)), "until": entry["until"], "frozen_at": entry["frozen_at"], "flags": flags,
        "note": note,
    }  # fmt: skip


def _judged(study: Study, target: Asked, clock: date, conf_level: float) -> dict[str, Any]:
    """Judge a target on what had come in by the last look, or where there was none so far say how it stands."""
    looks, alpha = target.looks, float(target.spec.get("alpha", 0.05))
    z = obrien_fleming(len(looks) + 1, alpha)
    settled, at, freeze, seen = "", 0, [], {}
    for number, day in enumerate(looks, start=1):
        if day > min(clock, target.cut_off):
            break
        entry = next((one for one in target.lock.of(target.name, LOOK) if one.get("look") == number), None)
        found = seen[number] = _look(study, target, day, z[number - 1])
        verdict = found["target_verdict"] if entry is None or target.lock.problem else str(entry["verdict"])
        if entry is None and _told(study, found):
            freeze.append(_entry(target, found, LOOK, number, verdict))
        if not settled and verdict != CANNOT_TELL:
            settled, at = verdict, number
    ended = clock >= target.cut_off
    if ended or not seen:
        row = _look(study, target, target.cut_off if ended else clock, z[-1])
        row |= {"state": ENDED if ended else AHEAD, "look": len(looks) + 1 if ended else 0}
        row["target_verdict"] = row["target_verdict"] if ended else CANNOT_TELL
    else:
        row = seen[len(seen)] | {"state": INTERIM, "look": len(seen)}
    row |= {"target_verdict": settled, "look": at} if settled else {}
    told = _told(study, row)
    evidence: Evidence = row.pop("evidence")
    if ended and told:
        freeze.append(_entry(target, row, FINAL, row["look"], row["target_verdict"]))
    elif not ended and evidence.n > 0 and not row["hidden"]:
        row |= _ahead(study, target, evidence, date.fromisoformat(row["until"]), z[-1])
    if "SUPPRESSED_PRIVACY" not in row["flags"]:
        row |= _since_then(study, target, evidence, conf_level)
        beyond = judge(evidence.estimate, evidence.estimate, target.aim, target.better) == "met"
        if row["target_verdict"] == CANNOT_TELL and beyond:
            row["flags"].append("TENTATIVE")
        if row["target_verdict"] == CANNOT_TELL:
            row["n_needed"] = needed(evidence.estimate, evidence.std_error, evidence.n, target.aim, z[-1])
    row.pop("hidden", None)
    whole = not study.where and "+" not in study.fingerprint
    return row | {"to_freeze": canonical(freeze) if freeze and whole and not target.lock.problem else ""}


def _told(study: Study, row: Mapping[str, Any]) -> bool:
    """Whether a verdict is one to keep: not where nothing could be measured, or other pages alone are why it is hidden."""
    return not row["evidence"].why and not (row["hidden"] and study.min_n_declared is not None)


def _look(study: Study, target: Asked, day: date, z: float) -> dict[str, Any]:
    """Judge what had come in by a day."""
    level = level_of(z)
    found = measure(study, target.spec, window_of(target.spec, day, study.zone), level)
    flags = list(target.flags)
    hidden = not found.n >= int(study.design["min_n"])
    few = not found.n >= int(target.spec.get("min_n", 30))
    verdict = CANNOT_TELL if few or hidden else judge(found.low, found.high, target.aim, target.better)
    if few or hidden:
        flags.append("INSUFFICIENT")
    if hidden and found.n > 0:
        flags.append("SUPPRESSED_PRIVACY")
    shown = {name: math.nan if hidden else getattr(found, name) for name in ("n", "estimate", "std_error", "low", "high")}
    note = f"Not measured: {found.why.rstrip('.')}." if found.why else ""
    return shown | {
        "unit": found.unit, "level": 1 - (1 - level) / 2, "target_verdict": verdict, "until": day.isoformat(), "flags": flags,
        "note": note, "evidence": found, "hidden": hidden,
    }  # fmt: skip


def _entry(target: Asked, row: Mapping[str, Any], kind: str, look: int, verdict: str) -> dict[str, Any]:
    """Return what the lock will say of a look, or of the end."""
    numbers = {name: row[name] if math.isfinite(row[name]) else None for name in ("n", "estimate", "std_error", "low", "high")}
    own = ("INSUFFICIENT", "SUPPRESSED_PRIVACY")
    return numbers | {
        "kind": kind, "name": target.name, "spec": dict(target.spec), "spec_hash": spec_hash(target.spec), "verdict": verdict,
        "unit": row["unit"], "level": 2 * row["level"] - 1, "look": look, "cut_off": target.spec["cut_off"],
        "until": row["until"], "flags": [flag for flag in row["flags"] if flag in own],
    }  # fmt: skip


def _ahead(study: Study, target: Asked, evidence: Evidence, until: date, z: float) -> dict[str, float]:
    """Tell how it will end, if what is to come is like what came."""
    begin = first_day(study, target.spec)
    planned = target.spec.get("planned_n")
    if planned is None:
        passed = (until - begin).days + 1 if begin else 0
        planned = evidence.n * ((target.cut_off - begin).days + 1) / passed if begin and passed > 0 else math.nan
    if not math.isfinite(planned):
        return {}
    chances = outlook(
        evidence.estimate, evidence.std_error, evidence.df, evidence.n, float(planned), target.aim, target.better, z
    )
    return {"on_track": chances.on_track, "chance_met": chances.met, "n_planned": float(round(max(planned, evidence.n)))}


def _since_then(study: Study, target: Asked, evidence: Evidence, conf_level: float) -> dict[str, float]:
    """Compare with the baseline, and say what of the change comes by itself."""
    wave = target.spec.get("baseline")
    if not wave or target.spec["measure"] not in ("customer", "outcome", "knowledge"):
        return {}
    window = Window(None, window_of(target.spec, target.cut_off, study.zone).end, (wave,))
    was = measure(study, target.spec, window, conf_level)
    if not was.n >= int(study.design["min_n"]):
        return {}
    moved = change(was.estimate, was.std_error, was.df, evidence.estimate, evidence.std_error, evidence.df, conf_level)
    own = {"change": moved.estimate, "change_low": moved.low, "change_high": moved.high}
    return own | {"regression": regression_of(study, target.spec, window)}


def _notes(frame: pd.DataFrame, study: Study, clock: date) -> list[str]:
    notes = [f"{row['name']}: {row['note'][:1].upper()}{row['note'][1:]}" for row in frame.to_dict("records") if row["note"]]
    notes.append(
        f"Read as of {day_of(clock.isoformat())}. Met is said where the one-sided bound is at the target or beyond, not where "
        "the estimate alone is; what came in after a cut-off does not count."
    )
    if (frame["state"].isin([AHEAD, INTERIM]) & frame["on_track"].notna()).any():
        notes.append(
            "The chance of being on track is that of the final estimate, if what is to come is like what came in so far and as "
            "many come as planned."
        )
    if (frame["state"] == ENDED).any() and not study.where and not study.target_lock.problem:
        notes.append(
            "A final verdict is frozen when a run of reports publishes it; cxgap targets, typed in a terminal, shows the lock."
        )
    return notes


def pending(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what rows of the table ask a run to write into the lock."""
    return [entry for text in frame["to_freeze"] if text for entry in json.loads(text)]
