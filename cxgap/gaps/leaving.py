"""How likely a customer is to leave after what happened, and how likely had it not: from all who went before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.affected import Affected
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.happened import FAILED, LATE, OVERDUE
from cxgap.gaps.moments import CUSTOMER
from cxgap.stats.arms import lots
from cxgap.stats.firth import Honest, chances, firth, honest
from cxgap.stats.means import Floats
from cxgap.stats.uplift import qini_interval
from cxgap.vocabulary import counted, plain

FOLDS = 5
LEAST_EVENTS = 5  # of leaving, for each column of the model
_LEAST = 10  # rows that a column must tell apart
_YEAR = 365.25


class Risk(NamedTuple):
    """Chances of leaving of the people on the list, NaN where there is no model; and what to say of them."""

    affected: Floats
    without: Floats
    label: str
    notes: list[str]


def risk_of(
    found: Affected,
    people: pd.DataFrame,
    listed: pd.DataFrame,
    *,
    horizon: float,
    features: Sequence[str],
    seed: int,
    min_n: int = 1,
) -> Risk:
    """Predict for each hit whether its customer leaves within the horizon, by models that did not see the customer.

    Parameters
    ----------
    found : events, those that went well, too
    people : one row a customer: since, churned_at, value and `features`
    listed : hits, one row each, to predict
    horizon : days from when it went wrong
    features : further columns of people
    seed : of the folds
    min_n : least number of people in a count that is said
    """
    nothing = np.full(len(listed), np.nan)
    if people["churned_at"].notna().sum() == 0:
        return Risk(nothing, nothing, "", ["The risk of leaving is not measured: customers have no times in 'churned_at'."])
    past = _past(found, people, horizon)
    ahead = listed.assign(**_facts(listed[["event_id_", "kind", "severity"]]).reindex(listed["event_id_"]).to_dict("list"))
    ahead = ahead.merge(people, on=CUSTOMER, how="left").assign(y=np.nan, at=listed["from"].to_numpy())
    both = pd.concat([past, ahead], ignore_index=True)
    x, without, names = _columns(both, features)
    told = both["y"].notna().to_numpy()
    keep = [place for place in range(x.shape[1]) if told.any() and _varies(x[told, place])]
    x, without, names = x[:, keep], without[:, keep], [names[place] for place in keep]
    left = int(np.nansum(both["y"]))
    if not names or left < LEAST_EVENTS * len(names):
        many = f"{counted(left, 'customer')} left" if left >= min_n else f"fewer than {min_n} customers left"
        why = f"{many} within {horizon:g} days of an event, too few for {counted(len(names), 'column')}"
        return Risk(nothing, nothing, "", [f"The risk of leaving is not measured: {why}."])
    fold = np.floor(FOLDS * lots(both[CUSTOMER].map(str).tolist(), seed, "folds")).astype(np.int64)
    model = honest(x, without, both["y"].to_numpy(float), fold)
    notes = _said(model, names, both, horizon, f"{left:,}" if left >= min_n else f"fewer than {min_n}")
    return Risk(model.chance[~told], model.without[~told], "risk-ranked, uplift unknown", notes)


def _varies(values: Floats) -> bool:
    """Say whether enough rows of a column differ from its commonest end."""
    return bool(np.ptp(values) > 0 and np.count_nonzero(values - values.min()) >= _LEAST)


def _said(model: Honest, names: Sequence[str], both: pd.DataFrame, horizon: float, left: str) -> list[str]:
    base = float(np.nanmean(both["y"]))
    worth = 1 - model.brier / (base * (1 - base))
    notes = [
        f"Risk: leaving within {horizon:g} days of an event, by logistic regression (Firth) on {', '.join(names)}; each "
        f"customer is predicted by models that did not see them. Of {counted(int(both['y'].notna().sum()), 'event')}, "
        f"{left} were followed by leaving; AUC {plain(model.auc, 2)} (0.5 is chance), Brier score {plain(worth * 100, 1)} "
        f"% better than the mean, calibration slope {plain(model.slope, 2)}, corrected to 1.",
        "Expected loss is the risk less the risk had it not happened, times the value. That is what goes with the event, not "
        "what a call would save.",
    ]
    if model.auc < 0.55:
        notes.append("The model hardly tells who leaves; the order of the list is little better than by value.")
    return notes


def _facts(hits: pd.DataFrame) -> pd.DataFrame:
    """Return for each event what went wrong with it, as numbers."""
    late = hits["kind"].isin([LATE, OVERDUE])
    other = ~late & (hits["kind"] != FAILED)
    made = pd.DataFrame(
        {
            "event_id_": hits["event_id_"],
            "late": late.astype(float),
            "days": np.log1p(hits["severity"].where(late, 0.0).clip(lower=0)),
            "failed": (hits["kind"] == FAILED).astype(float),
            "incident": other.astype(float),
        }
    )
    return made.groupby("event_id_").max()


def _past(found: Affected, people: pd.DataFrame, horizon: float) -> pd.DataFrame:
    """Return one row an event that was watched for the horizon, and whether its customer left within it."""
    events = found.events
    at = events["due"].where(events["due"].notna(), events["ended"])
    at = at.where(at <= found.end, events["ended"])
    rows = events[[CUSTOMER, "event_id_"]].assign(at=at).merge(people, on=CUSTOMER, how="inner")
    gone = rows["churned_at"]
    rows = rows[(rows["at"] + horizon * DAY <= found.end) & ~(gone <= rows["at"])]
    rows = rows.assign(y=((rows["churned_at"] > rows["at"]) & (rows["churned_at"] <= rows["at"] + horizon * DAY)).astype(float))
    facts = _facts(found.hits).reindex(rows["event_id_"]).fillna(0.0).reset_index(drop=True)
    return pd.concat([rows.reset_index(drop=True), facts], axis=1)


def _columns(rows: pd.DataFrame, features: Sequence[str]) -> tuple[Floats, Floats, list[str]]:
    """Return the columns of the model as things are, and as they would be had nothing gone wrong."""
    wrong = {"late": "late", "days": "days late", "failed": "failed", "incident": "an incident"}
    made: dict[str, Floats] = {said: rows[name].to_numpy(float) for name, said in wrong.items()}
    tenure = (rows["at"] - rows["since"]).to_numpy(float) / DAY / _YEAR
    value = rows["value"].to_numpy(float)
    for said, number in (("tenure", np.log1p(np.clip(tenure, 0, None))), ("value", np.log1p(np.clip(value, 0, None)))):
        if np.isfinite(number).any():
            made[said] = np.where(np.isfinite(number), number, np.nanmean(number))
    for name in features:
        texts = rows[name].astype(object).where(rows[name].notna(), "(blank)").map(str)
        people = rows[CUSTOMER].groupby(texts).nunique()  # a level is named beside the model, so it is not of a few people
        levels = sorted(str(level) for level, count in people.items() if count >= _LEAST)
        for level in levels[1:]:
            made[f"{name} {level}"] = (texts == level).to_numpy(float)
    x = np.column_stack(list(made.values()))
    without = x.copy()
    without[:, : len(wrong)] = 0.0
    scale = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    return x / scale, without / scale, list(made)


def uplift_of(
    log: pd.DataFrame, people: pd.DataFrame, listed: pd.DataFrame, end: float, *, horizon: float, seed: int
) -> tuple[Floats, Floats, str]:
    """Predict leaving without and with a contact, from lists in which chance held some out; why not, where that cannot be.

    A model for each arm (a T-learner) on value and tenure. It is used only where those lists show that it orders people better
    than chance does, on people it did not see.

    Parameters
    ----------
    log : one row a customer and list: `at`, `arm`
    people, listed, horizon, seed : as in `risk_of`
    end : the last moment of the data
    """
    nothing = np.full(len(listed), np.nan)
    rows = log[log["arm"].isin(["contacted", "held out"])].drop_duplicates(CUSTOMER).merge(people, on=CUSTOMER, how="inner")
    rows = rows[(rows["at"] + horizon * DAY <= end) & ~(rows["churned_at"] <= rows["at"])].reset_index(drop=True)
    gone = ((rows["churned_at"] > rows["at"]) & (rows["churned_at"] <= rows["at"] + horizon * DAY)).to_numpy(float)
    both = pd.concat([rows, listed[[CUSTOMER, "from"]].merge(people, on=CUSTOMER, how="left").rename(columns={"from": "at"})])
    x = _columns(both.assign(late=0.0, days=0.0, failed=0.0, incident=0.0), [])[0][:, 4:]
    arm, own = rows["contacted"].to_numpy(bool), len(rows)
    fewest = min((int(gone[side].sum()) for side in (arm, ~arm)), default=0) if own else 0
    if not own or fewest < LEAST_EVENTS * max(x.shape[1], 1):
        return nothing, nothing, "no earlier list held out enough people by chance"
    fold = np.floor(FOLDS * lots(rows[CUSTOMER].map(str).tolist(), seed, "uplift")).astype(np.int64)
    unseen = np.zeros(own)
    for part in np.unique(fold):
        here, train = fold == part, fold != part
        models = [firth(x[:own][train & side], gone[train & side]) for side in (arm, ~arm)]
        unseen[here] = chances(models[1], x[:own][here]) - chances(models[0], x[:own][here])
    if not qini_interval(arm, 1 - gone, unseen, conf_level=0.95, replicates=499, seed=seed)[1] > 0:
        return nothing, nothing, "earlier lists do not show who gains from a call"
    with_, without = (chances(firth(x[:own][side], gone[side]), x[own:]) for side in (arm, ~arm))
    return without, with_, ""
