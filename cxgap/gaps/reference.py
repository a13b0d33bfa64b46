"""The reference: the part of a study in which perception is related to delivery, and which then takes no part in the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.gaps.ladder import SIGNS, numbered
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.calibration import LEAST_LEVELS, LEAST_PAIRS, Reference
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

REFERENCE = "reference"


def split_reference(
    study: Study, metric: Mapping[str, str], reference: Mapping[str, object] | IntoFrame | None
) -> tuple[Study, Reference]:
    """Set the reference apart, and return the rest of the study and the pairs to fit the curve to."""
    sign = SIGNS[metric["direction"]]
    if isinstance(reference, Mapping):
        inside = _matching(study.responses, reference, "responses")
        pairs = _pairs(study, metric, study.responses[inside])
        name = metric.get("table", "events")
        events = study.tables[name]
        known = {key: value for key, value in reference.items() if key in events}
        apart = _matching(events, known, name) if known else np.zeros(len(events), bool)
        apart |= events["event_id"].isin(pairs["event_id"]).to_numpy()
        study = replace(study, responses=study.responses[~inside], tables={**study.tables, name: events[~apart]})
    else:
        assert reference is not None
        tally.require(reference, ["delivered", "perception"], "reference")
        named = [name for name in ("person", "weight") if name in tally.columns_of(reference)]
        rows = tally.tally_times(reference, keys=named, numbers=["delivered", "perception"], table="reference")
        rows = rows.dropna(subset=["delivered", "perception"])
        rows = rows.loc[rows.index.repeat(rows["rows"].astype(int))].reset_index(drop=True) if "person" not in rows else rows
        person = rows["person"].astype(str) if "person" in rows else pd.Series([f"{n:012d}" for n in rows.index])
        pairs = rows.assign(id=person, weight=rows["weight"].astype(float) if "weight" in rows else 1.0)
    levels = pairs["delivered"].nunique()
    if len(pairs) < LEAST_PAIRS or levels < LEAST_LEVELS:
        raise ArgumentError(
            f"`reference` must hold at least {LEAST_PAIRS} answers tied to a delivery, of at least {LEAST_LEVELS} levels, and "
            f'holds {len(pairs)} of {levels}; take a larger part of the study, or basis="physical".'
        )
    arrays = (sign * pairs["delivered"].to_numpy(float), pairs["perception"].to_numpy(float), pairs["weight"].to_numpy(float))
    return study, Reference(REFERENCE, *arrays, numbered(pairs["id"]))


def _matching(frame: pd.DataFrame, wanted: Mapping[str, object], table: str) -> np.ndarray:
    inside = np.ones(len(frame), bool)
    for name, value in wanted.items():
        if name not in frame:
            raise ArgumentError(
                f"`reference` must name columns of `{table}`, not {name!r}.{nearest(name, list(frame.columns))}"
            )
        values = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        known = frame[name].astype(str)
        lost = sorted(set(map(str, values)) - set(known))
        if lost and table == "responses":
            raise ArgumentError(f"`reference` must name values of {name!r}, {listed(set(known))}, not {lost[0]!r}.")
        inside &= known.isin(list(map(str, values))).to_numpy()
    return inside


def _pairs(study: Study, metric: Mapping[str, str], responses: pd.DataFrame) -> pd.DataFrame:
    """Pair each respondent's perception of the touchpoint with what they got."""
    events = getattr(study, metric.get("table", "events"))
    if reason := absent(events):
        raise ArgumentError(f"`reference` needs answers tied to deliveries, and {reason}.")
    if "event_id" not in responses or "event_id" not in events:
        raise ArgumentError(
            "`reference` needs a column 'event_id' in the survey and in events, which ties an answer to its delivery."
        )
    here = responses[responses["touchpoint"].astype(str) == metric["touchpoint"]]
    scores = respondent_scores(
        here, start="perception", end="perception", by=("event_id",), score="dimensions", weight=study.design.get("weight"),
        stratum=None, psu=None, population=None, importance=None, importance_kind="points",
    )  # fmt: skip
    known = np.isfinite(scores.end) & (scores.design.weight[scores.respondent] > 0)
    said = pd.DataFrame(
        {
            "event_id": scores.cells["event_id"].astype(object).to_numpy()[scores.cell[known]],
            "perception": scores.end[known],
            "weight": scores.design.weight[scores.respondent[known]],
            "id": np.char.zfill(scores.respondent[known].astype(str), 12),
        }
    )
    done = events[(events["metric"] == metric["metric"]) & ~events["open"] & ~events["cancelled"] & events["delivered"].notna()]
    return said.dropna(subset=["event_id"]).merge(done[["event_id", "delivered"]].drop_duplicates("event_id"), on="event_id")
