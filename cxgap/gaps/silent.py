"""Silent customers: whom to call on after something went wrong, in what order, and whom chance holds out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_seed, is_number
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.affected import WINDOW, Affected, nothing_happened, read_affected
from cxgap.gaps.called_on import CONTACTED, HELD_OUT, outreach_rows
from cxgap.gaps.contact_log import DAY, known_flags
from cxgap.gaps.feelings import Feelings, last_feelings
from cxgap.gaps.happened import NAMES
from cxgap.gaps.incident_people import beside
from cxgap.gaps.leaving import Risk, risk_of, uplift_of
from cxgap.gaps.listed import counted_table
from cxgap.gaps.moments import CUSTOMER, EVENT
from cxgap.gaps.people import customer_rows
from cxgap.gaps.stock import alternatives
from cxgap.result import Outreach, Table
from cxgap.stats.arms import held_out, lots
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

SLUG, TITLE = "outreach_counts", "Customers to call on"
VIP_LANE, OTHERS = "VIP, last contact negative", "others"
PROTECTED = (
    "age", "birth_date", "birthday", "citizenship", "date_of_birth", "disability", "ethnicity", "gender", "health",
    "marital_status", "nationality", "political_views", "pregnancy", "race", "religion", "sex", "sexual_orientation", "union",
)  # fmt: skip


class Asked(NamedTuple):
    """What `silent_customers` was asked for, checked."""

    capacity: int | None
    holdout: float
    frequency: float
    threshold: float
    error: float
    vip: float
    look_back: float
    horizon: float
    campaign: str
    seed: int


def silent_customers(
    study: Study,
    *,
    kinds: str | Sequence[str] = "",
    tolerance: Sequence[float] = (0, 0),
    window: float = WINDOW,
    about: str | Sequence[str] = "",
    look_back: float = 90,
    horizon: float = 90,
    capacity: int | None = None,
    holdout: float = 0.15,
    frequency_days: float = 90,
    sentiment_threshold: float = -0.05,
    sentiment_error: float = 0.0,
    vip: float = 0.9,
    risk: str | None = "model",
    features: str | Sequence[str] = "",
    protected: Sequence[str] = PROTECTED,
    cost: float = 0.0,
    campaign: str = "",
    seed: int | None = None,
    min_n: int | None = None,
) -> Outreach:
    """List the customers whom something hit, who kept silent, and who may be called on; some are held out by chance.

    Silent are those who neither contacted the company about it within `window` days nor were helped. Listed are those of them
    who consented (a blank is no), are still customers, were on no list within `frequency_days`, and one of a household. Whom
    both value and a bad last contact single out comes first, then who has the most to lose: the risk of leaving less the risk
    had nothing happened, times the value. Of every stratum of severity and value a share is held out, so that the next report
    can tell what calling was worth.

    Parameters
    ----------
    study : with the tables `events`, `contacts` and `customers`; may have `incidents`, `outreach` and `inventory`
    kinds : types of event, such as "late, failed" or a kind of incident; all unless given
    tolerance, window, about : as in `incidents`
    look_back : days; what went wrong earlier is left alone
    horizon : days within which leaving counts
    capacity : how many can be contacted; those held out do not count
    holdout : the share held out, 0.1 to 0.2 for a fair comparison; 0 for none
    frequency_days : nobody is listed twice within so many days
    sentiment_threshold : from -1 to 1; a last contact at or below it is negative
    sentiment_error : standard deviation of a sentiment about what was felt; then being negative is a chance, not a label
    vip : the share of customers whose value lies below that of a VIP
    risk : "model", or None to order by value alone
    features : further columns of customers for the model
    protected : columns that no model may use
    cost : of a contact, where the effect of contacting is known and set against it
    campaign : the name of the list; by default its date
    seed : of what chance decides; the study's unless given
    min_n : least number of people in a count that is shown; the study's unless given

    Returns
    -------
    Outreach, which shows counts and holds the rows back; `Outreach.write(path)` writes them to a private file. Where something
    is lacking, it says what.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Firth (1993), Biometrika 80(1), 27-38. Künzel, Sekhon, Bickel & Yu (2019), PNAS 116(10), 4156-4165 (a model for each arm).
    """
    if not isinstance(study, Study):
        raise ArgumentError(f"`study` must be what `cx.read_study` returned, not {type(study).__name__}.")
    least = check_count(study.operations["min_n"] if min_n is None else min_n, "min_n")
    if risk is not None:
        check_choice(risk, "risk", ("model",))
    if not (is_number(cost) and cost >= 0):
        raise ArgumentError(f"`cost` must be what one contact costs, a number of 0 or more, not {cost!r}.")
    if not (is_number(sentiment_threshold) and -1 <= sentiment_threshold <= 1):
        raise ArgumentError(f"`sentiment_threshold` must be a number from -1 to 1, not {sentiment_threshold!r}.")
    if not (is_number(sentiment_error) and sentiment_error >= 0):
        raise ArgumentError(f"`sentiment_error` must be a standard deviation of 0 or more, not {sentiment_error!r}.")
    check_seed(seed, "seed")
    if not (is_number(holdout) and 0 <= holdout < 1):
        raise ArgumentError(f"`holdout` must be a share from 0 to below 1, such as 0.15, not {holdout!r}.")
    asked = Asked(
        None if capacity is None else check_count(capacity, "capacity"), float(holdout),
        float(check_positive(frequency_days, "frequency_days") or 0), sentiment_threshold, sentiment_error,
        check_prob(vip, "vip"),
        float(check_positive(look_back, "look_back") or 0), float(check_positive(horizon, "horizon") or 0),
        campaign, study.seed if seed is None else seed,
    )  # fmt: skip
    columns = as_names(features, "features")
    barred = {each.casefold() for each in as_names(protected, "protected")}
    if wrong := [name for name in columns if name.casefold() in barred]:
        raise ArgumentError(f"`features` must not name protected attributes, and {wrong[0]!r} is one; leave it out.")
    if why := _lacking(study):
        return _none(why)
    present = tally.columns_of(study.customers, "customers")
    if lost := [name for name in columns if name not in present]:
        raise ColumnError.missing(lost[0], "customers", present)
    place = [name for name in ("product", "region") if name in tally.columns_of(study.events, "events")]
    found = read_affected(
        study.events, study.contacts, study.incidents, study.outreach, None, columns=place, about=about, tolerance=tolerance,
        window=window, as_of=study.as_of or None, zone=study.zone, min_n=least,
    )  # fmt: skip
    people = customer_rows(study.customers, ["consent", "household", *columns], study.zone)
    hits = found.hits[found.hits["from"] >= found.end - asked.look_back * DAY]
    if chosen := as_names(kinds, "kinds"):
        known = set(found.hits["kind"])
        if strange := [kind for kind in chosen if kind not in {*known, *NAMES}]:
            raise ArgumentError.choice("kinds", strange[0], sorted(known))
        hits = hits[hits["kind"].isin(chosen)]
    if hits.empty:
        return _none(f"nothing went wrong within the last {asked.look_back:g} days, as far as events tell")
    log = outreach_rows(study.outreach, study.zone)
    log = log[log["at"] <= found.end]
    feelings = last_feelings(study.contacts, found.end, study.zone)
    return _listed(study, found, hits, people, log, feelings, columns, asked, risk, cost, least)


def _lacking(study: Study) -> str:
    """Return what is lacking for a list, "" where nothing is."""
    if not absent(study.events) and CUSTOMER not in tally.columns_of(study.events, "events"):
        return "events do not say in a column 'customer_id' whose they are"
    if why := nothing_happened(study.events):
        return why
    if why := absent(study.contacts):
        return f"who kept silent is known only where contacts are: {why}"
    if why := absent(study.customers):
        return f"whom one may write to is known only from customers: {why}"
    present = tally.columns_of(study.customers, "customers")
    return "" if "consent" in present else "customers do not say in a column 'consent' who may be written to, so nobody may"


def _none(why: str) -> Outreach:
    return Outreach(Table.not_measured(SLUG, TITLE, why), pd.DataFrame())


def _listed(
    study: Study, found: Affected, hits: pd.DataFrame, people: pd.DataFrame, log: pd.DataFrame, feelings: Feelings,
    columns: Sequence[str], asked: Asked, risk: str | None, cost: float, min_n: int,
) -> Outreach:  # fmt: skip
    """Choose step by step, put in order, hold out, and count."""
    end = found.end
    steps = [("hit", set(hits[CUSTOMER]))]
    heard = set(hits[CUSTOMER][hits["vocal"] | hits["recovery"]])
    hits = hits[~hits[CUSTOMER].isin(heard)]
    steps.append(("silent", set(hits[CUSTOMER])))
    known = people[~(people["churned_at"] <= end)]
    hits = hits[hits[CUSTOMER].isin(known[CUSTOMER])]
    steps.append(("there", set(hits[CUSTOMER])))
    agreed = known[CUSTOMER][known_flags(known["consent"], "consent", "customers") == 1]
    hits = hits[hits[CUSTOMER].isin(agreed)]
    steps.append(("consent", set(hits[CUSTOMER])))
    # Who was held out a while ago stays so until then, or the comparison would be lost.
    hits = hits[~hits[CUSTOMER].isin(log[CUSTOMER][log["at"] > end - asked.frequency * DAY])]
    steps.append(("rested", set(hits[CUSTOMER])))
    if hits.empty:
        return _none("nobody who kept silent may be called on now: no consent, gone, or called on lately")
    hits = hits.sort_values([CUSTOMER, EVENT, "kind"], key=lambda part: part.map(str), kind="stable").reset_index(drop=True)
    seen = (
        risk_of(found, people, hits, horizon=asked.horizon, features=columns, seed=asked.seed, min_n=min_n)
        if risk
        else _by_value(hits)
    )
    before, after, why = (
        uplift_of(log, people, hits, end, horizon=asked.horizon, seed=asked.seed) if risk else (seen.affected, seen.without, "")
    )
    rows = _scored(hits, people, seen, before, after, cost, end, feelings, asked)
    rows = rows.sort_values(["vip_", "score_", "age_", "name_"], ascending=[False, False, False, True], kind="stable")
    rows = rows.drop_duplicates(CUSTOMER)
    home = rows["household"].where(rows["household"].notna(), "\x00" + rows["name_"])
    rows = rows[~home.map(str).duplicated()].reset_index(drop=True)
    steps.append(("household", set(rows[CUSTOMER])))
    rows = _armed(rows, asked, end, study.zone)
    rows["alternative"] = alternatives(rows, study.inventory, end, study.zone)
    known = bool(risk) and len(before) > 0 and bool(np.isfinite(before).all())
    label = "uplift-ranked, by what earlier lists showed" if known else seen.label or "ranked by value alone"
    counts = counted_table(
        rows,
        steps,
        beside(found, min_n),
        asked,
        label,
        why if seen.label else "",
        [*seen.notes, *found.notes[:1]],
        feelings,
        min_n,
    )
    return Outreach(counts, _private(rows))


def _by_value(hits: pd.DataFrame) -> Risk:
    nothing = np.full(len(hits), np.nan)
    return Risk(nothing, nothing, "", ["The list is ordered by value alone, as asked; no risk was estimated."])


def _scored(
    hits: pd.DataFrame, people: pd.DataFrame, seen: Risk, before: np.ndarray, after: np.ndarray, cost: float, end: float,
    feelings: Feelings, asked: Asked,
) -> pd.DataFrame:  # fmt: skip
    """Put beside each hit what it may cost, and how its customer felt last."""
    from scipy.special import ndtr

    rows = hits.merge(people, on=CUSTOMER, how="left")
    value = rows["value"].to_numpy(float)
    loss = (seen.affected - seen.without) * value
    gain = (before - after) * value - cost
    score = np.where(np.isfinite(gain), gain, np.where(np.isfinite(loss), loss, value))
    worth = people["value"]
    line = float(worth.quantile(asked.vip)) if worth.notna().any() else np.inf
    felt = feelings.rows.reindex(rows[CUSTOMER])
    age = (end - felt["at"].to_numpy(float)) / DAY
    below = asked.threshold - felt["sentiment"].to_numpy(float)
    chance = np.where(below >= 0, 1.0, 0.0) if asked.error <= 0 else ndtr(below / asked.error)
    chance = np.where(np.isfinite(below) & (age <= feelings.forgotten), chance, 0.0)
    lately = np.where(age <= feelings.recent, chance, 0.0)
    is_vip = value >= line
    return rows.assign(
        name_=rows[CUSTOMER].map(str), age_=(end - rows["from"]) / DAY, score_=np.where(np.isfinite(score), score, -np.inf),
        risk=seen.affected, risk_if_not=seen.without, expected_loss=loss, expected_gain=gain,
        vip=is_vip, negative_=lately, negative_before_=chance, vip_=is_vip & (lately >= 0.5),
    )  # fmt: skip


def _armed(rows: pd.DataFrame, asked: Asked, end: float, zone: str) -> pd.DataFrame:
    """Hold out by chance within strata of severity and value, as far down the list as the capacity reaches."""
    day = pd.Timestamp(end, unit="us", tz="UTC").tz_convert(zone)
    campaign = asked.campaign or day.date().isoformat()
    total, capacity = len(rows), asked.capacity
    many = round(asked.holdout * total)
    if capacity is not None and total - many > capacity:
        total = min(total, int(np.ceil(capacity / (1 - asked.holdout))))
        many = total - capacity
    rows = rows.head(total).reset_index(drop=True)
    severity, value = rows["severity"].to_numpy(float), rows["value"].to_numpy(float)
    severe = np.where(severity >= np.median(severity), "severe", "mild")
    known = value[np.isfinite(value)]
    dear = np.where(value >= (np.median(known) if len(known) else np.inf), "higher value", "lower value")
    stratum = pd.Series([f"{one}, {other}" for one, other in zip(severe, dear, strict=True)], index=rows.index)
    stratum = stratum.where(~rows["vip_"].astype(bool), "VIP")
    out = held_out(pd.factorize(stratum, sort=True)[0], lots(rows["name_"].tolist(), asked.seed, campaign), many)
    lane = np.where(rows["vip_"], VIP_LANE, OTHERS)
    at = pd.Timestamp(end, unit="us", tz="UTC").floor("s").isoformat().replace("+00:00", "Z")
    return rows.assign(arm=np.where(out, HELD_OUT, CONTACTED), lane=lane, stratum=stratum, campaign=campaign, at=at)


def _private(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the file: those of the table `outreach` first."""
    made: dict[str, Any] = {
        "rank": np.arange(1, len(rows) + 1), "customer_id": rows["name_"], "at": rows["at"], "arm": rows["arm"],
        "campaign": rows["campaign"], "stratum": rows["stratum"],
        "event_id": rows.get(EVENT), "lane": rows["lane"], "event_type": rows["kind"],
        "event_days": rows["age_"].round(1), "value": rows["value"], "risk": rows["risk"], "risk_if_not": rows["risk_if_not"],
        "expected_loss": rows["expected_loss"], "expected_gain": rows["expected_gain"],
        "reasons": [_reasons(row) for row in rows.to_dict("records")], "alternative": rows["alternative"],
    }  # fmt: skip
    return pd.DataFrame(made)


def _reasons(row: dict[Any, Any]) -> str:
    """Write why somebody is on the list, in codes."""
    found = [str(row["kind"])]
    if row["kind"] in ("late", "overdue"):
        found.append(f"days={row['severity']:.1f}")
    if row["vip"]:
        found.append("vip")
    if row["negative_"] > 0:
        found.append("negative contact" if row["negative_"] >= 1 else f"negative contact ({row['negative_']:.0%})")
    elif row["negative_before_"] > 0:
        found.append("negative contact earlier")
    return "; ".join(found)
