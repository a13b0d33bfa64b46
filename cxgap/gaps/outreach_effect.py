"""What calling on customers was worth: those contacted beside those whom chance held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_positive, check_prob, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.affected import AT, CUSTOMER, DAY, customer_rows, outreach_rows
from cxgap.gaps.judge import refuse_names
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.survival import FULFILLED, OPEN, count_times, kaplan_meier, log_log_interval
from cxgap.stats.uplift import (
    Effect,
    e_value,
    mean_difference,
    overlap_difference,
    qini_interval,
    share_difference,
    strata_weights,
    tenths,
)
from cxgap.tables.absent import absent
from cxgap.tables.restrict import Scope
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, counted, percent, plain

SLUG, TITLE = "outreach_effect", "What calling on customers was worth"
ALL = "all lists"
LEFT = "churned_at"
FEW = "FEW_LEFT"
CHANCE, ADJUSTED, CURVES = "chance decided", "adjusted", "chance decided, curves"
OWN = (
    "measure", "method", "n_contacted", "n_held_out", "contacted", "held_out", "estimate", "std_error", "conf_low", "conf_high",
    "e_value", "e_value_limit", "finding", "flags",
)  # fmt: skip
FEWEST = ("fewest_contacted_", "fewest_others_")  # of each arm: who left, or who stayed, whichever are fewer
MEASURES = {"left": "left", "outcome": "mean outcome", "qini": "worth of the ranking", "harmed": "tenths of the ranking harmed"}


def outreach_effect(
    outreach: IntoFrame,
    customers: IntoFrame,
    *,
    by: str | Sequence[str] = "campaign",
    horizon: float = 90,
    outcome: str = LEFT,
    before: str = "",
    score: str = "",
    exits: str | Sequence[str] = "",
    as_of: str | None = None,
    zone: str = "UTC",
    seed: int = 0,
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Compare customers who were contacted with those held out, all of both as they were meant to be (intention to treat).

    Where chance held some out, the difference is what contacting did. Where it did not ("not contacted" in `arm`), those alike
    in value and tenure are compared, and the difference is only associated with it.

    Parameters
    ----------
    outreach : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a customer and list
        Has `customer_id`, `at` and `arm` ("contacted", "held out", "not contacted"); may have `campaign`, `stratum`, `score`
    customers : one row a customer: `customer_id`, and `churned_at` or the column `outcome`; may have `value`, `since`, `before`
    by : columns of outreach whose combinations make the cells, beside all together
    horizon : days from `at` within which leaving counts
    outcome : "churned_at", or a numeric column of customers that tells of the time after, such as revenue
    before : a numeric column of customers that tells of the time before, whose part is taken out of a numeric outcome
    score : a numeric column of outreach, by which the list was ordered; tells what the order was worth
    exits : values of customers' column `exit` that count as leaving; all unless given
    as_of : leave out what came later, such as "2026-03-31"; if left out, the data end with the last list or exit
    zone : of times without an offset
    seed : of what is drawn for the interval of the ranking
    min_n : least number of customers in each arm of a row; smaller rows are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "outreach_effect", one row a cell and measure: the keys, `measure`, `method`, customers of each arm, the value of each
    (shares as fractions), `estimate` (contacted less held out), `std_error`, `conf_low`, `conf_high`, `e_value` of what is
    adjusted and of the end of its interval nearest to none, `finding` and `flags`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890. Yan & Su (2010), Statistics in Biopharmaceutical Research 2(3),
    329-335. Li, Morgan & Zaslavsky (2018), Journal of the American Statistical Association 113(521), 390-400. VanderWeele &
    Ding (2017), Annals of Internal Medicine 167(4), 268-274. Radcliffe (2007), Direct Marketing Analytics Journal 1, 14-21.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    horizon = float(check_positive(horizon, "horizon") or 0)
    check_zone(zone, "zone")
    if clash := sorted({*OWN, AT, "arm"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if why := absent(outreach) or absent(customers):
        return Table.not_measured(SLUG, TITLE, why)
    present, of_customers = tally.columns_of(outreach, "outreach"), tally.columns_of(customers, "customers")
    if lost := [name for name in names if name not in present and name != "campaign"]:
        raise ColumnError.missing(lost[0], "outreach", present)
    if outcome not in of_customers:
        if outcome == LEFT:
            return Table.not_measured(SLUG, TITLE, "customers have no column 'churned_at', so nobody can be seen to leave")
        raise ColumnError.missing(outcome, "customers", of_customers)
    for name, table, where in ((before, of_customers, "customers"), (score, present, "outreach")):
        if name and name not in table:
            raise ColumnError.missing(name, where, table)
    numbers = [name for name in dict.fromkeys(["value", before, outcome]) if name and name != LEFT and name in of_customers]
    log = outreach_rows(outreach, zone, [name for name in names if name in present], [score] if score else [])
    people = customer_rows(customers, ["exit"], zone, numbers)
    rows = _followed(log, people, as_of, zone, horizon, as_names(exits, "exits"))
    if why := _alone(rows):
        return Table.not_measured(SLUG, TITLE, why)
    names = tuple(name for name in names if rows[name].notna().any())
    cells: list[tuple[tuple[str, ...], pd.DataFrame]] = []
    if names:
        texts = rows.assign(**{name: rows[name].where(rows[name].notna(), "(blank)").map(str) for name in names})
        cells = [(key, part) for key, part in texts.groupby(list(names), sort=True)]
    if len(cells) != 1:
        cells.append(((ALL, *[""] * (len(names) - 1)) if names else (), rows))
    found = []
    for key, part in cells:
        last = part is cells[-1][1]
        fewest = _fewest(part) if outcome == LEFT else [np.inf, np.inf]
        for row in _rows(part, outcome, before, score if last else "", horizon, seed, conf_level):
            found.append({**dict(zip(names, key, strict=True)), **row, **dict(zip(FEWEST, fewest, strict=True))})
    frame = pd.DataFrame(found, columns=[*names, *OWN, *FEWEST])
    frame = _hide_left(_hide(frame, names, min_n), names, min_n)
    return Table.of(
        frame,
        slug=SLUG,
        title=_title(frame, horizon),
        columns=_columns(frame, names),
        keys=len(names) + 1,
        notes=[*_notes(rows, frame, horizon, outcome, before, conf_level), *_untold(frame, min_n)],
    )


def _followed(
    log: pd.DataFrame, people: pd.DataFrame, as_of: str | None, zone: str, horizon: float, exits: Sequence[str]
) -> pd.DataFrame:
    """Return one row a customer and list, with when they left, counted in days from the list."""
    cutoff = Scope.of(None, as_of or "", zone).cutoff
    if cutoff is not None:
        end = (cutoff - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1) - 1
    else:
        seen = [log[AT].max(), people["churned_at"].max(), people["since"].max()]
        end = max((float(each) for each in seen if np.isfinite(each)), default=0.0)
    rows = log[log[AT] <= end].drop_duplicates([CUSTOMER, "campaign", AT]).merge(people, on=CUSTOMER, how="inner")
    gone = rows["churned_at"].where(rows["churned_at"] <= end)
    rows = rows[~(gone <= rows[AT])]
    gone = gone[rows.index]
    days, watched = (gone - rows[AT]) / DAY, (end - rows[AT]) / DAY
    counts = rows["exit"].isin(list(exits)) if exits else pd.Series(True, rows.index)
    # Who left for another reason was watched until then.
    time = np.minimum(days.fillna(np.inf), watched)
    left = days.notna() & counts & (days <= horizon)
    whole = (watched >= horizon) & ~(days.notna() & ~counts & (days < horizon))
    return rows.assign(
        time=time, left=left.astype(float), whole=whole | left, watched_=watched, side=rows["contacted"].astype(bool)
    )


def _alone(rows: pd.DataFrame) -> str:
    """Return why there is nothing to compare, "" where there is."""
    if rows.empty:
        return "no customer of the table is on a list before the end of the data"
    if not rows["contacted"].any():
        return "nobody was contacted"
    if rows["contacted"].all():
        return "nobody was held out, so there is nobody to compare with; hold 10 to 20 % out by chance"
    return ""


def _rows(
    part: pd.DataFrame, outcome: str, before: str, score: str, horizon: float, seed: int, conf_level: float
) -> list[dict[str, Any]]:
    """Estimate the measures of one cell."""
    chance = bool((part["arm"] == "held out").any())
    part = part[part["arm"].isin(["contacted", "held out"] if chance else ["contacted", "not contacted"])].reset_index(
        drop=True
    )
    arm = part["side"].to_numpy(bool)
    stratum = part[["campaign", "stratum"]].astype(object).where(part[["campaign", "stratum"]].notna(), "").map(str)
    code = pd.factorize(stratum["campaign"] + "\x1f" + stratum["stratum"], sort=True)[0].astype(np.int64)
    found = []
    if outcome != LEFT:
        value = part[outcome].to_numpy(float)
        extra = part[before].to_numpy(float) if before else np.ones(len(part))
        told = np.isfinite(value) & np.isfinite(extra)
        if chance:
            got = mean_difference(
                value[told], arm[told], code[told], before=extra[told] if before else None, conf_level=conf_level
            )
            found.append(_row("outcome", CHANCE, arm[told], got))
        else:
            got = overlap_difference(value[told], arm[told], _alike(part[told]), conf_level=conf_level)
            found.append(_row("outcome", ADJUSTED, arm[told], got))
        return found
    whole = part["whole"].to_numpy(bool)
    left = part["left"].to_numpy(float)
    if chance and whole.all():
        got = share_difference(left, arm, code, conf_level=conf_level)
        found.append(_row("left", CHANCE, arm[strata_weights(arm, code)[1]], got))
    elif chance:
        found.append(_row("left", CURVES, arm, _curves(part, arm, horizon, conf_level)))
    else:
        found.append(_adjusted(part[whole], conf_level))
    if score and chance and whole.any():
        found += _ranking(part[whole], score, seed, conf_level)
    return found


def _row(measure: str, method: str, arm: np.ndarray, got: Effect) -> dict[str, Any]:
    n1, n0 = float(arm.sum()), float((~arm).sum())
    known = np.isfinite(got.low)
    finding = CANNOT_TELL
    if known and got.high < 0:
        finding = "less"
    elif known and got.low > 0:
        finding = "more"
    flags = "" if np.isfinite(got.estimate) else "NOT_IDENTIFIED"
    if not flags and min(n1, n0) < 30:
        flags = "UNSTABLE"
    return {
        "measure": measure, "method": method, "n_contacted": n1, "n_held_out": n0, "contacted": got.contacted,
        "held_out": got.held_out, "estimate": got.estimate, "std_error": got.std_error, "conf_low": got.low,
        "conf_high": got.high,
        "e_value": np.nan, "e_value_limit": np.nan, "finding": finding, "flags": flags,
    }  # fmt: skip


def _curves(part: pd.DataFrame, arm: np.ndarray, horizon: float, conf_level: float) -> Effect:
    """Return the difference of the shares who left by two Kaplan-Meier curves, their intervals combined as Newcombe does."""
    sides = []
    for side in (arm, ~arm):
        time = part["time"].to_numpy(float)[side]
        state = np.where(part["left"].to_numpy()[side] == 1, FULFILLED, OPEN)
        counts = count_times(time, state)
        curve = kaplan_meier(counts)
        inside = np.flatnonzero(curve.time <= horizon)
        if not len(time) or time.max() < horizon or not len(inside):
            return Effect(*[np.nan] * 6)
        place = inside[-1]
        stay, error = float(curve.survival[place]), float(curve.std_error[place])
        reach = np.array([float((time >= horizon).sum())])
        low, high = log_log_interval(np.array([stay]), np.array([error]), reach, conf_level=conf_level)
        sides.append((1 - stay, 1 - float(high[0]), 1 - float(low[0]), error))
    (one, low1, high1, se1), (two, low2, high2, se2) = sides
    gap = one - two
    return Effect(
        one, two, gap, float(np.hypot(se1, se2)),
        float(gap - np.hypot(one - low1, high2 - two)), float(gap + np.hypot(high1 - one, two - low2)),
    )  # fmt: skip


def _alike(part: pd.DataFrame) -> Floats:
    """Return what those who were contacted may differ in: value and tenure, as far as they are known."""
    made = []
    for number in (np.log1p(part["value"].to_numpy(float).clip(0)) if "value" in part else None,
                   ((part[AT] - part["since"]) / DAY).to_numpy(float)):  # fmt: skip
        if number is not None and np.isfinite(number).any() and np.nanstd(number) > 0:
            number = np.where(np.isfinite(number), number, np.nanmean(number))
            made.append((number - number.mean()) / number.std())
    return np.column_stack(made) if made else np.zeros((len(part), 0))


def _adjusted(part: pd.DataFrame, conf_level: float) -> dict[str, Any]:
    arm = part["side"].to_numpy(bool)
    if not arm.any() or arm.all():
        return _row("left", ADJUSTED, arm, Effect(*[np.nan] * 6))
    got = overlap_difference(part["left"].to_numpy(float), arm, _alike(part), conf_level=conf_level)
    row = _row("left", ADJUSTED, arm, got)
    if got.contacted > 0 and got.held_out > 0:
        row["e_value"] = e_value(got.contacted / got.held_out)
        near = got.high if got.estimate < 0 else got.low
        crossed = got.low <= 0 <= got.high
        row["e_value_limit"] = 1.0 if crossed else e_value(max(got.held_out + near, 1e-12) / got.held_out)
    return row


def _ranking(part: pd.DataFrame, score: str, seed: int, conf_level: float) -> list[dict[str, Any]]:
    """Tell what the order of the list was worth, and where in it contacting did harm."""
    told = part[np.isfinite(part[score])]
    arm, stayed, number = told["side"].to_numpy(bool), 1 - told["left"].to_numpy(float), told[score].to_numpy(float)
    if arm.sum() < 10 or (~arm).sum() < 10:
        return []
    area, low, high = qini_interval(arm, stayed, number, conf_level=conf_level, seed=seed)
    rows = [_row("qini", CHANCE, arm, Effect(np.nan, np.nan, area, np.nan, low, high))]
    found, _, tops = tenths(arm, stayed, number, conf_level=conf_level)
    known = np.isfinite(found)
    share, sure = float((found[known] < 0).mean()), float((tops[known] < 0).mean())
    rows.append(
        {
            **_row("harmed", CHANCE, arm, Effect(np.nan, np.nan, share, np.nan, sure, np.nan)),
            "finding": CANNOT_TELL if not sure else "more",
        }
    )
    rows[-1]["conf_low"] = np.nan
    rows[-1]["contacted"] = sure  # the share whose whole interval lies below none
    return rows


def _hide(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> pd.DataFrame:
    """Blank rows in which an arm is too small, and what would give them away beside all lists together."""
    if names:
        refuse_names(frame, names, frame[["n_contacted", "n_held_out"]].min(axis=1).to_numpy(float), min_n)
    smallest = frame[["n_contacted", "n_held_out"]].min(axis=1).to_numpy(float)
    few = too_few(smallest, min_n)
    also = np.zeros(len(frame), bool)
    for measure in frame["measure"].unique():
        part = np.flatnonzero((frame["measure"] == measure) & ((frame[names[0]] != ALL) if names else True))
        if len(part) > 1:
            also[part] |= hide_also(few[part], smallest[part], [np.arange(len(part))], min_n)
    blank = [name for name in OWN if name not in ("measure", "method", "finding", "flags")]
    frame.loc[few | also, blank] = np.nan
    frame.loc[few | also, "finding"] = NOT_SHOWN
    frame.loc[few, "flags"], frame.loc[also, "flags"] = "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"
    return frame


def _fewest(part: pd.DataFrame) -> list[float]:
    """Return how many of each arm left, or stayed, whichever are fewer."""
    chance = bool((part["arm"] == "held out").any())
    part = part[part["arm"].isin(["contacted", "held out"] if chance else ["contacted", "not contacted"])]
    left = [part["left"][part["side"] == side].sum() for side in (True, False)]
    return [float(min(one, (part["side"] == side).sum() - one)) for one, side in zip(left, (True, False), strict=True)]


def _hide_left(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> pd.DataFrame:
    """Blank shares that would tell how few of an arm left or stayed, and those that would tell it beside all lists."""
    shown = frame["n_contacted"].notna().to_numpy()
    fewest = frame[list(FEWEST)].to_numpy(float)
    small = too_few(fewest.min(axis=1), min_n)
    for measure in frame["measure"].unique():
        part = np.flatnonzero((frame["measure"] == measure) & shown & ((frame[names[0]] != ALL) if names else True))
        if len(part) > 1:
            for arm in fewest[part].T:
                small[part] |= hide_also(small[part], arm, [np.arange(len(part))], min_n)
    hidden = small & shown & frame["estimate"].notna().to_numpy()
    numbers = ["contacted", "held_out", "estimate", "std_error", "conf_low", "conf_high", "e_value", "e_value_limit"]
    frame.loc[hidden, numbers] = np.nan
    frame.loc[hidden, "flags"] = [FEW if not flags else f"{FEW}|{flags}" for flags in frame.loc[hidden, "flags"]]
    return frame.drop(columns=list(FEWEST))


def _untold(frame: pd.DataFrame, min_n: int) -> list[str]:
    if not frame["flags"].str.contains(FEW).any():
        return []
    return [f"Where fewer than {min_n} of an arm left, or stayed, shares are not shown, nor what would tell them."]


def _title(frame: pd.DataFrame, horizon: float) -> str:
    row = frame[frame["measure"].isin(["left", "outcome"])].iloc[-1]
    adjusted = row["method"] == ADJUSTED
    if FEW in row["flags"]:
        end = ", which is only associated with it" if adjusted else ""
        return {
            "less": f"Fewer customers left of those called on{end}", "more": f"More customers left of those called on{end}",
        }.get(row["finding"], "We cannot tell whether calling on customers keeps them")  # fmt: skip
    if not np.isfinite(row["estimate"]):
        return TITLE
    if row["measure"] == "outcome":
        verb = {"less": "is lower", "more": "is higher"}.get(row["finding"])
        who = "among those contacted"
        if verb is None:
            return "We cannot tell whether calling on customers changed the outcome"
        return f"The outcome {verb} {who}{', which is only associated with it' if adjusted else ''}"
    pair = f"{plain(row['contacted'] * 100, 1)} % against {plain(row['held_out'] * 100, 1)} % within {horizon:g} days"
    if row["finding"] == CANNOT_TELL:
        return f"We cannot tell whether calling on customers keeps them: {pair}"
    verb = "Fewer" if row["finding"] == "less" else "More"
    end = ", associated only" if adjusted else ""
    return f"{verb} customers left {'among' if adjusted else 'of'} those called on: {pair}{end}"


def _columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    frame["shown"] = [_shown(row) for row in frame.to_dict("records")]
    for name in ("contacted", "held_out"):
        frame[f"shown_{name}"] = [_value(row, name) for row in frame.to_dict("records")]
    count = lambda value: f"{value:,.0f}"  # noqa: E731
    return {
        **{name: (name.replace("_", " "), str) for name in names},
        "measure": ("measure", MEASURES.__getitem__),
        "n_contacted": ("contacted", count),
        "n_held_out": ("not contacted" if (frame["method"] == ADJUSTED).all() else "held out", count),
        "shown_contacted": ("of the contacted", str),
        "shown_held_out": ("of the others", str),
        "shown": ("difference", str),
        "finding": ("finding", str),
    }


def _value(row: dict[Any, Any], name: str) -> str:
    if FEW in row["flags"] and row["measure"] == "left":
        return NOT_SHOWN
    if not np.isfinite(row[name]) or row["measure"] in ("qini", "harmed"):
        return ""
    return f"{plain(row[name] * 100, 1)} %" if row["measure"] == "left" else f"{row[name]:,.2f}"


def _shown(row: dict[Any, Any]) -> str:
    if "SUPPRESSED" in row["flags"] or FEW in row["flags"]:
        return NOT_SHOWN
    if not np.isfinite(row["estimate"]):
        return "too early to say"
    if row["measure"] == "harmed":
        return f"{percent(round(row['estimate'], 2))}, beyond chance {percent(round(row['contacted'], 2))}"
    times, digits, unit = (100, 1, " points") if row["measure"] == "left" else (1, 4 if row["measure"] == "qini" else 2, "")
    text = f"{plain(row['estimate'] * times, digits)}{unit}"
    if np.isfinite(row["conf_low"]):
        text += f" ({plain(row['conf_low'] * times, digits)} to {plain(row['conf_high'] * times, digits)})"
    return text


def _notes(rows: pd.DataFrame, frame: pd.DataFrame, horizon: float, outcome: str, before: str, conf_level: float) -> list[str]:
    notes = []
    if (frame["method"] == ADJUSTED).any():
        notes.append(
            "Chance did not decide who was contacted. Those alike in value and tenure are compared (overlap weights); the "
            "difference is associated with contacting, and may be due to what else set them apart."
        )
        told = frame[frame["e_value"].notna()]
        if len(told):
            row = told.iloc[-1]
            notes.append(
                f"E-value {plain(row['e_value'], 2)} (end of the interval {plain(row['e_value_limit'], 2)}): so much, as a "
                "ratio of risks, something unmeasured would have to go with both contacting and leaving to explain it away."
            )
    else:
        notes.append(
            "Chance decided who was held out, so the difference is what calling did, to all who were to be called, whether "
            f"they were reached or not. Strata weigh by their numbers of both arms; intervals of {percent(conf_level)}."
        )
    early = int((~rows["whole"]).sum())
    if outcome == LEFT and early:
        notes.append(
            f"{counted(early, 'customer')} {'has' if early == 1 else 'have'} not been watched for {horizon:g} days; shares "
            "are by Kaplan-Meier curves of all."
        )  # fmt: skip
    if before:
        notes.append(f"What {before!r} told before is taken out of the outcome.")
    if "qini" in set(frame["measure"]):
        notes.append(
            "Worth of the ranking: the area between the Qini curve and that of a random order; 0 is worth nothing. With no "
            "effect at all half of the tenths look harmed by chance: what counts is those beyond chance."
        )
    return notes
