"""Actions: what was said, what was decided, how far it is, and what its target says; you said, we did."""

from __future__ import annotations

from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_zone
from cxgap.errors import ArgumentError
from cxgap.gaps.clocks import end_of
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.dates import dated, joined
from cxgap.result import Table
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, counted

SLUG, TITLE = "actions", "Actions: what was said and what was done"
TIMES: Final = ("raised_at", "decided_at", "due_at", "done_at")
TEXTS: Final = ("action_id", "action", "touchpoint", "link", "owner", "said", "target", "treated", "basis", "kind")
DONE, OVERDUE, WORK, DECIDED, RAISED = "done", "overdue", "in work", "decided", "raised"
NOT_YET, NO_TARGET, NOT_SET = "cannot tell yet", "no target", "target not declared"
OWN: Final = (
    *TEXTS, *TIMES, "cost", "state", "days_to_decide", "days_to_do", "days_late", "target_verdict", "you_said",
    "we_did", "flags",
)  # fmt: skip


def actions(actions: IntoFrame, *, targets: Table | None = None, as_of: str | None = None, zone: str = "UTC") -> Table:
    """List what was done about what customers said, how long it took, and what its target says.

    Parameters
    ----------
    actions : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an action
        Has `action_id` and `action`; may have `touchpoint`, `link`, `owner`, `said`, `raised_at`, `decided_at`, `due_at`,
        `done_at`, `cost`, `target`, `basis` and `kind`.
    targets : what `target_status` returned, for the verdict of the target that an action serves
    as_of : what came later is not known yet, such as "2026-03-31"; if left out, the last day that `targets` were judged
        with, else the latest time at which anything happened
    zone : of times without an offset, and of the dates shown

    Returns
    -------
    Table "actions", one row an action, those that need somebody first (overdue, in work, decided, raised, done): the columns
    of the table, `state`, `days_to_decide` (from raised), `days_to_do` (from decided), `days_late` (done after, or open past,
    its date), `target_verdict` (met, not met, cannot tell yet), `you_said` and `we_did` in a few words, and `flags`.

    Raises
    ------
    ColumnError : `actions` lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    check_zone(zone, "zone")
    if why := absent(actions):
        return Table.not_measured(SLUG, TITLE, why)
    if targets is not None and (not isinstance(targets, Table) or not (targets.missing or "target_verdict" in targets.frame)):
        raise ArgumentError(f"`targets` must be what `cx.target_status` returned, not {type(targets).__name__}.")
    register = read_actions(actions, zone=zone)
    if register.empty:
        return Table.not_measured(SLUG, TITLE, "no action is registered in this part of the study")
    now = _now(register, as_of or _judged_until(targets), zone)
    register = register[~(register["raised_at"] > now)].reset_index(drop=True)
    if register.empty:
        return Table.not_measured(SLUG, TITLE, "no action had been raised by then")
    verdicts = _verdicts(targets)
    frame = pd.DataFrame([_row(row, now, verdicts, zone) for row in register.to_dict("records")], columns=list(OWN))
    order = {state: place for place, state in enumerate((OVERDUE, WORK, DECIDED, RAISED, DONE))}
    late = frame["days_late"].fillna(0.0)
    frame = frame.assign(_state=frame["state"].map(order), _late=-late).sort_values(
        ["_state", "_late", "action_id"], kind="stable"
    )
    return _table(frame[list(OWN)].reset_index(drop=True), now, zone, targets)


def read_actions(actions: IntoFrame, *, zone: str) -> pd.DataFrame:
    """Read the register, one row an action; columns that it does not have are blank.

    Raises
    ------
    ColumnError, ArgumentError : as in `actions`.
    """
    tally.require(actions, ["action_id", "action"], "actions")
    schema = nw.from_native(actions).collect_schema()
    texts, times = [name for name in TEXTS if name in schema], [name for name in TIMES if name in schema]
    numbers = ["cost"] if "cost" in schema else []
    rows = tally.tally_times(actions, keys=texts, times=times, numbers=numbers, zone=zone, table="actions")
    twice = rows["action_id"].astype(object)
    if twice.isna().any() or twice.duplicated().any():
        raise ArgumentError("`actions` must have one row an action, each with its own `action_id`.")
    made: dict[str, Any] = {
        name: rows[name].astype(object).where(rows[name].notna(), "").astype(str) if name in rows else "" for name in TEXTS
    }
    made |= {name: rows[name].to_numpy(float) if name in rows else np.nan for name in (*TIMES, "cost")}
    return pd.DataFrame(made, index=range(len(rows))).sort_values("action_id", kind="stable").reset_index(drop=True)


def _judged_until(targets: Table | None) -> str:
    """Return the last day that targets were judged with, "" where they do not say."""
    if targets is None or targets.missing or "until" not in targets.frame:
        return ""
    return max((str(day)[:10] for day in targets.frame["until"].dropna() if str(day)), default="")


def _now(register: pd.DataFrame, as_of: str | None, zone: str) -> float:
    happened = register[["raised_at", "decided_at", "done_at"]].to_numpy(float)
    return end_of(as_of, zone, float(np.nanmax(happened)) if np.isfinite(happened).any() else 0.0)


def _verdicts(targets: Table | None) -> dict[str, tuple[str, bool]] | None:
    """Return the verdict of each target by its name, and whether it is final; None where there are none to look at."""
    if targets is None or targets.missing:
        return None
    return {
        str(row["name"]): (str(row["target_verdict"]), str(row.get("state", "final")) in ("final", "frozen"))
        for row in targets.frame.to_dict("records")
    }


def _row(row: dict[Any, Any], now: float, verdicts: dict[str, tuple[str, bool]] | None, zone: str) -> dict[str, Any]:
    """Say how far one action is."""
    raised, decided, due, done = (row[name] for name in TIMES)
    done = done if done <= now else np.nan
    decided = decided if decided <= now else np.nan
    open_ = not np.isfinite(done)
    state = (
        DONE if not open_
        else OVERDUE if now >= due + DAY  # a date holds until its day is over
        else WORK if np.isfinite(decided) and np.isfinite(due)
        else DECIDED if np.isfinite(decided)
        else RAISED
    )  # fmt: skip
    late = np.floor(((now if open_ else done) - due) / DAY)
    verdict = NO_TARGET
    if row["target"]:
        known = (verdicts or {}).get(row["target"])
        verdict = NOT_SET if verdicts is not None and known is None else NOT_YET
        if known is not None and known[0] and known[0] != CANNOT_TELL and known[1] and not open_:
            verdict = known[0]
        elif known is not None and known[1] and not open_:
            verdict = CANNOT_TELL
    if state == DONE:
        did = f"{row['action']}; done {dated(done, zone)}"
    elif np.isfinite(decided):
        by = f", to be done by {dated(due, zone)}" if np.isfinite(due) else ""
        did = f"{row['action']}; decided {dated(decided, zone)}{by}"
    else:
        did = "not decided"
    flags = [
        *(["NO_SAID"] if not row["said"] else []),
        *(["NO_OWNER"] if not row["owner"] else []),
        *(["NO_TARGET"] if not row["target"] else []),
        *(["TIMES_CROSSED"] if decided < raised or done < decided else []),
    ]
    said = f"“{row['said']}”" if row["said"] else ""
    return {
        **row, "decided_at": decided, "done_at": done, "state": state,
        "days_to_decide": (decided - raised) / DAY, "days_to_do": (done - decided) / DAY,
        "days_late": late if np.isfinite(late) and late > 0 else np.nan, "target_verdict": verdict, "you_said": said,
        "we_did": did, "flags": "|".join(sorted(flags)),
    }  # fmt: skip


def _table(frame: pd.DataFrame, now: float, zone: str, targets: Table | None) -> Table:
    """Write what a reader sees."""
    shown = frame.assign(
        _due=["" if not np.isfinite(value) else dated(value, zone) for value in frame["due_at"]],
        _days=[_days(row) for row in frame.to_dict("records")],
        _did=[text.split(", to be done by ")[0] for text in frame["we_did"]],  # the day stands in a column of its own
    )
    columns: dict[str, tuple[str, Any]] = {
        "action_id": ("id", str), "you_said": ("you said", str), "_did": ("we did", str), "touchpoint": ("touchpoint", str),
        "link": ("gap", str), "owner": ("owner", str), "state": ("state", str), "_due": ("due", str), "_days": ("days", str),
        "cost": ("cost", "{:,.0f}".format), "target_verdict": ("target", str),
    }  # fmt: skip
    count = frame["state"].value_counts()
    done, overdue = int(count.get(DONE, 0)), int(count.get(OVERDUE, 0))
    title = f"{done} of {counted(len(frame), 'action')} {'is' if done == 1 else 'are'} done"
    title += f"; {overdue} {'is' if overdue == 1 else 'are'} overdue" if overdue else "; none is overdue"
    notes = [
        f"As of {dated(now, zone)}. Days: from raised to decided, and from decided to done. Each verdict is that of the "
        "action's target at its cut-off, not of the action alone: what else changed is in it."
    ]
    if targets is None or targets.missing:
        notes.append(
            "No target was looked at, so no verdict is told." if (frame["target"] != "").any() else "No action names a target."
        )
    lost = sorted(set(frame.loc[frame["target_verdict"] == NOT_SET, "target"]))
    if lost:
        notes.append(f"Not among the targets: {joined(lost)}.")
    wrong = frame.loc[frame["flags"].str.contains("TIMES_CROSSED"), "action_id"]
    if len(wrong):
        notes.append(f"Decided before it was raised, or done before it was decided: {joined(list(wrong))}.")
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=1, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _days(row: dict[Any, Any]) -> str:
    parts = [
        f"{row[name]:.0f} {word}"
        for name, word in (("days_to_decide", "to decide"), ("days_to_do", "to do"))
        if np.isfinite(row[name]) and row[name] >= 0
    ]
    late = [f"{row['days_late']:.0f} late"] if np.isfinite(row["days_late"]) else []
    return ", ".join([*parts, *late])
