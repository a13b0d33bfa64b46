"""The journey map: gap, use, effort, emotion and contacts of each touchpoint, and where departments hand over."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap._check import check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import margin_of
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.handovers import BETTER, WORSE, handovers
from cxgap.gaps.satisfaction import ces, csat
from cxgap.gaps.scoreboard import interval_of, two
from cxgap.gaps.stages import FACTS, stages_of
from cxgap.gaps.traffic import counts_of, shares_of_use
from cxgap.result import Table
from cxgap.tables.absent import absent
from cxgap.tables.study import Study
from cxgap.vocabulary import NOT_SHOWN, SHORT, VERDICT_MARKS, percent, plain, signed

SLUG, TITLE = "journey", "The journey"
NOWHERE = "no table of the study names a touchpoint"
GAP: Final = ("n", "n_eff", "start", "end", "estimate", "std_error", "conf_low", "conf_high", "p_adjusted", "verdict", "flags")
NOT_ASKED, NOT_MEASURED = "not asked", "not measured"
_DESIGN: Final = ("weight", "stratum", "psu", "population", "margins")


def journey(study: Study, *, conf_level: float = 0.95) -> Table:
    """Map the journey: one row a touchpoint, in the order in which customers meet them.

    Nothing is computed in another way than by the functions of its parts: the gap is that of `customer_gap`, ease that of
    `ces`, emotion the mean of `csat`. What was not asked is said to be so, and never zero.

    Parameters
    ----------
    study : of `read_study`; stage, channels, owner and department come from its table of touchpoints, if it has one
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "journey", one row a touchpoint: `touchpoint`, `stage`, `channels`, `owner`, `department`; of the gap `n`, `n_eff`,
    `start`, `end`, `estimate`, `std_error`, `conf_low`, `conf_high`, `p_adjusted`, `verdict`, `flags`; `used`, the respondents
    who rated it, and their weighted `share` with `share_low`, `share_high`; `ease` and `emotion`, each with `_n`, `_low` and
    `_high`, and the ends of its scale as `_least` and `_most` (outcomes of kind "effort", turned so that more is easier, and
    "emotion"); `events`, `contacts`, `contact_rate` per 100 of `contact_base`; `margin`; `next`, `next_department`,
    `handover`, and of the next gap minus this one `change`, `change_error`, `change_df`, `change_low`, `change_high`,
    `change_p`, `change_p_adjusted` (Holm's), `n_both` and `change_finding`.

    References
    ----------
    Rawson, Duncan & Jones (2013), Harvard Business Review 91(9), 90-98.
    Zomerdijk & Voss (2010), Journal of Service Research 13(1), 67-82.
    """
    conf_level = check_prob(conf_level, "conf_level")
    if not isinstance(study, Study):
        raise ArgumentError(f"`study` must be what `cx.read_study` returned, not {type(study).__name__}.")
    frame = stages_of(study)
    if frame.empty:
        return Table.not_measured(SLUG, TITLE, NOWHERE)
    names, design = list(frame["touchpoint"]), dict(study.design)
    drawn = {name: design.get(name) for name in _DESIGN}
    min_n, margin = design.get("min_n") or 1, margin_of(design.get("margin"), design.get("scale"))
    gaps = _gaps(study, names, conf_level)
    used = shares_of_use(study.responses, names, min_n=min_n, conf_level=conf_level, **drawn)
    parts = [gaps, used.mask(gaps["verdict"] == NOT_SHOWN)]  # how many used it would tell how many are hidden
    parts += [_lane(study, kind, names, conf_level) for kind in ("effort", "emotion")]
    counted, base, unnamed = counts_of(study, names, min_n=min_n)
    parts.append(counted.assign(contact_base=base, margin=np.nan if margin is None else margin))
    shown = gaps["estimate"].notna().to_numpy()
    parts.append(handovers(study.responses, frame, shown, margin=margin, min_n=min_n, conf_level=conf_level, **drawn))
    frame = pd.concat([frame, *parts], axis=1)
    return _written(frame, study, base, unnamed, conf_level)


def _gaps(study: Study, names: list[str], conf_level: float) -> pd.DataFrame:
    """Return the gaps of `customer_gap`, in the order of the journey; one that nobody rated is not measured."""
    blank = pd.DataFrame(index=names, columns=list(GAP), dtype=float).astype({"verdict": object, "flags": object})
    if not absent(study.responses):
        table = customer_gap(study.responses, by="touchpoint", **study.design, conf_level=conf_level)
        if not table.missing:
            blank = table.frame.set_index("touchpoint")[list(GAP)].reindex(names)
    verdict, flags = blank["verdict"].astype(object), blank["flags"].astype(object)
    found = blank.assign(verdict=verdict.where(verdict.notna(), NOT_MEASURED), flags=flags.where(flags.notna(), ""))
    return found.reset_index(drop=True)


def _lane(study: Study, kind: str, names: list[str], conf_level: float) -> pd.DataFrame:
    """Return the mean of an outcome of each touchpoint; NaN throughout where none of the kind was asked of visits."""
    head = "ease" if kind == "effort" else kind
    columns = [f"{head}_n", head, f"{head}_low", f"{head}_high"]
    blank = pd.DataFrame(np.nan, index=range(len(names)), columns=[*columns, f"{head}_least", f"{head}_most"])
    asked = outcome_of(study, kind)
    if asked is None or absent(study.responses):
        return blank
    given: dict[str, Any] = {
        **study.design, "outcome": asked["column"], "by": "touchpoint", "low": float(asked["low"]),
        "high": float(asked["high"]), "conf_level": conf_level,
    }  # fmt: skip
    if kind == "effort":
        found, ends = ces(study.responses, better=asked["better"], **given), ["n", "estimate", "conf_low", "conf_high"]
    else:
        found, ends = csat(study.responses, **given), ["n", "mean", "mean_low", "mean_high"]
    if found.missing:
        return blank
    frame = found.frame.set_index("touchpoint")[ends].reindex(names).reset_index(drop=True).set_axis(columns, axis=1)
    return frame.assign(**{f"{head}_least": given["low"], f"{head}_most": given["high"]})


def outcome_of(study: Study, kind: str) -> dict[str, Any] | None:
    """Return what the study declares of the first outcome of a kind that visits were asked; None where there is none."""
    table = study.outcomes[study.outcomes["kind"] == kind]
    if "of" in table:
        table = table[table["of"] != "journey"]
    return None if table.empty else table.iloc[0].to_dict()


def _written(frame: pd.DataFrame, study: Study, base: str, unnamed: float, conf_level: float) -> Table:
    """Write what a reader sees."""
    asked = {kind: outcome_of(study, kind) is not None for kind in ("effort", "emotion")}
    rows = frame.to_dict("records")
    heads = ["touchpoint", "stage", "channels", "department, owner", "gap", f"{percent(conf_level)} interval", "verdict"]
    heads += [
        "used by",
        _scaled(frame, "ease"),
        _scaled(frame, "emotion"),
        f"contacts per 100 {base}" if base else "contacts",
        "to the next",
    ]
    cells = []
    for row in rows:
        owner = ", ".join(filter(None, (row["department"], row["owner"])))
        mark = VERDICT_MARKS.get(row["verdict"], "")
        gap = "" if np.isnan(row["estimate"]) else signed(row["estimate"], 2)
        span = interval_of(row["conf_low"], row["conf_high"], lambda value: signed(value, 2))
        used = NOT_SHOWN if row["verdict"] == NOT_SHOWN else NOT_MEASURED
        if np.isfinite(row["share"]):
            used = f"{percent_of(row['share'])} ({row['used']:,.0f})"
        ease, emotion = (_mean(row, name, asked[kind]) for name, kind in (("ease", "effort"), ("emotion", "emotion")))
        contacts = _contacts(row, base)
        facts = (row["touchpoint"], row["stage"], row["channels"], owner)
        cells.append((*facts, gap, span, f"{mark} {row['verdict']}".strip(), used, ease, emotion, contacts, _next(row)))
    kept = [place for place, head in enumerate(heads) if not (head in FACTS and not frame[head].any())]
    return Table(
        frame, SLUG, _title(frame, 1 - conf_level), tuple(heads[place] for place in kept),
        tuple(tuple(cell[place] for place in kept) for cell in cells), 1, tuple(_notes(frame, asked, base, unnamed)),
    )  # fmt: skip


def percent_of(share: float) -> str:
    """Write a share as whole per cent; only none is 0 %."""
    return "under 1 %" if 0 < share < 0.005 else f"{plain(share * 100, 0)} %"


def _scaled(frame: pd.DataFrame, name: str) -> str:
    """Name a lane with the ends of its scale."""
    low, high = (float(frame[f"{name}_{end}"].iloc[0]) for end in ("least", "most"))
    return f"{name} ({plain(low, 0)} to {plain(high, 0)})" if np.isfinite(low) else name


def _contacts(row: dict[str, Any], base: str) -> str:
    if row["contacts"] == 0:
        return "none recorded"
    if np.isnan(row["contacts"]):
        return NOT_MEASURED if not row["contacts_hidden"] else NOT_SHOWN
    return f"{row['contact_rate']:,.1f}" if base else f"{row['contacts']:,.0f}"


def _mean(row: dict[str, Any], name: str, asked: bool) -> str:
    if np.isnan(row[name]):
        return NOT_SHOWN if asked else NOT_ASKED
    span = interval_of(row[f"{name}_low"], row[f"{name}_high"], two)
    return f"{two(row[name])} ({span})" if span else two(row[name])


def _next(row: dict[str, Any]) -> str:
    """Say who takes over, and how the gap changes."""
    if not row["next"]:
        return ""
    hands = f"hand-over to {row['next_department']}: " if row["handover"] else ""
    if np.isnan(row["change"]):
        return f"{hands}{row['change_finding'] or NOT_MEASURED}"
    span = interval_of(row["change_low"], row["change_high"], lambda value: signed(value, 2))
    return f"{hands}{row['change_finding']} {signed(row['change'], 2)} ({span})"


def _title(frame: pd.DataFrame, alpha: float) -> str:
    """Say at how many touchpoints customers are short, and across which hand-over the gap worsens most."""
    known = frame[frame["estimate"].notna()]
    if known.empty:
        return f"{TITLE}: {len(frame)} touchpoints, at none of which the gap is known"
    short = int(((known["verdict"] == SHORT) & (known["p_adjusted"] <= alpha)).sum())
    many = f"{short} of {len(known)} touchpoints"
    said = f"Customers got less than they expected at {many}" if short else "No touchpoint is shown to fall short"
    worse = frame[frame["handover"] & (frame["change_finding"] == WORSE)]
    if len(worse):
        row = worse.loc[worse["change"].idxmin()]
        more = "" if len(worse) == 1 else f", and at {len(worse) - 1} other hand-over{'s' if len(worse) > 2 else ''}"
        said += f"; the gap gets worse where {row['department']} hands over to {row['next_department']}{more}"
    return said


def _notes(frame: pd.DataFrame, asked: dict[str, bool], base: str, unnamed: float) -> list[str]:
    notes = ["Gap: perceived minus expected, negative is a shortfall. Used by: the weighted share of respondents who rated it."]
    if asked["effort"]:
        notes.append("Ease: the mean answer about effort, turned so that more is easier.")
    lacking = [word for word, kind in (("effort", "effort"), ("emotion", "emotion")) if not asked[kind]]
    if lacking:
        notes.append(f"Not asked of visits: {' and '.join(lacking)}.")
    if base:
        notes.append(f"Contacts are counted from the log, per 100 {base}; a count of all has no sampling error.")
        if unnamed >= 0.01:
            notes.append(f"{percent_of(unnamed)} of all contacts name no touchpoint and are not among them.")
    if not frame["department"].any():
        notes.append("No department is declared, so that hand-overs are not known.")
    elif frame["handover"].any():
        found = frame[frame["handover"]]
        words = [f"{int((found['change_finding'] == word).sum())} where it {word}" for word in (WORSE, BETTER)]
        rest = f"{len(found)} hand-overs between departments: {' and '.join(words)}, with account taken of all of them"
        notes.append(f"{rest}. Respondents who used both touchpoints are compared with themselves.")
    return notes
