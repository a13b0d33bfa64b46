"""What goes with an overall judgement, as a table that claims no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.predictors import Model
from cxgap.gaps.stated import could_be
from cxgap.result import Table
from cxgap.vocabulary import CANNOT_TELL, counted, percent, signed

SLUG = "drivers"
GOES_WITH = "goes with it"
_NAMED = 4  # that a title names
HALO = (
    "These are associations among answers that the same people gave in one sitting, so a good or bad mood raises or lowers all "
    "of them together: what goes with the judgement need not bring it about."
)
POTENCY = (
    "The slope says by how much the judgement differs for one point more, the others alike; the share, how much of the "
    "differences between customers goes with it."
)


def written(model: Model, frame: pd.DataFrame, stated: Mapping[str, float], told: str, method: str, conf_level: float) -> Table:
    """Write the table, the largest share first, and what did not vary last."""
    frame = frame.sort_values("rank", kind="stable")
    still = [name for name in model.names if name not in set(frame["predictor"])]
    if still:
        whole = {name: frame[name].iloc[0] for name in frame if name.startswith("r_squared") or name in ("n", "p_all")}
        rest = pd.DataFrame([{"predictor": name, **whole, "finding": CANNOT_TELL, "flags": "NO_VARIATION"} for name in still])
        frame = pd.concat([frame, rest.reindex(columns=frame.columns)], ignore_index=True)
    frame.insert(list(frame.columns).index("rank"), "stated", [stated.get(name, np.nan) for name in frame["predictor"]])
    frame = frame.reset_index(drop=True)
    level, first = percent(conf_level), frame.iloc[0]
    shown = frame.assign(
        _share=[_share(row.share, row.share_low, row.share_high) for row in frame.itertuples()],
        _could=[could_be(row.rank_low, row.rank_high) for row in frame.itertuples()],
        _slope=[_slope(row.slope, row.conf_low, row.conf_high) for row in frame.itertuples()],
    )
    columns: dict[str, tuple[str, Any]] = {
        "predictor": ("goes with it", str),
        "_share": (f"share of what is explained ({level} interval)", str),
        "rank": ("rank", "{:.0f}".format),
        "_could": ("could be", str),
        "_slope": (f"{told} per point more ({level} interval)", str),
        "correlation": ("correlation", lambda value: signed(value, 2)),
        "lmg" if method == "lmg" else "relative_weight": ("part of R²", "{:.3f}".format),
        **({"relative_weight": ("relative weight", "{:.3f}".format)} if method == "lmg" else {}),
        "vif": ("VIF", "{:.1f}".format),
        **({"stated": ("customers say", lambda value: f"{value * 100:.0f} %")} if stated else {}),
    }
    title = _title(frame, told, conf_level)
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=1, notes=_notes(model, frame, told, level, first))
    return Table(frame, made.slug, made.title, made.heads, made.cells, 1, made.notes)


def _title(frame: pd.DataFrame, told: str, conf_level: float) -> str:
    """Say what goes with the outcome most, or among which it cannot be told."""
    if not frame["p_all"].iloc[0] < 1 - conf_level:
        return f"Nothing that was asked is shown to go with {told}"
    ranked, whole = frame[frame["rank"].notna()], f"{told[:1].upper()}{told[1:]}"
    first = list(ranked.loc[ranked["rank_low"] <= 1, "predictor"])
    if len(ranked) == 1:
        return f"{whole} goes with {ranked['predictor'].iloc[0]}"
    if not first:
        return f"{whole} goes most with {ranked['predictor'].iloc[0]} in this sample; how sure that is was not asked"
    if len(first) == 1:
        return f"{whole} goes most with {first[0]}"
    if len(first) == len(ranked):
        return f"What {told} goes with most cannot be told: it may be any of the {len(first)}"
    some = f"{', '.join(first[:-1])} or {first[-1]}" if len(first) <= _NAMED else f"one of {len(first)}"
    return f"{whole} goes most with {some}; which of them cannot be told"


def _notes(model: Model, frame: pd.DataFrame, told: str, level: str, first: Any) -> list[str]:
    whole = f"{first['r_squared'] * 100:.0f} %"
    if np.isfinite(first["r_squared_low"]):
        whole += f" ({first['r_squared_low'] * 100:.0f} to {first['r_squared_high'] * 100:.0f} %)"
    them = "The one predictor goes" if len(frame) == 1 else f"The {len(frame)} predictors together go"
    notes = [f"{them} with {whole} of the differences in {told}; the rest goes with what was not asked."]
    if model.always.shape[1]:
        notes.append(
            f"Of it {first['r_squared_covariates'] * 100:.0f} % goes with the columns that are always in the model "
            f"({', '.join(dict.fromkeys(name.split(': ')[0] for name in model.always_names))}); shares are of what they leave."
        )
    used = len(model.outcome)
    left, people = model.rows - used, counted(model.people, "person").replace("persons", "people")
    whose = people if model.row == "person" else f"{counted(used, model.row)} of {people}"
    lacking = (
        f"; {left:,} more {'lacks' if left == 1 else 'lack'} a predictor, and {'does' if left == 1 else 'do'} not"
        if left
        else ""
    )
    notes.append(f"{whose} {'has' if used == 1 else 'have'} {told} and every predictor, and count{lacking}.")
    if np.isfinite(first["rank_low"]):
        notes.append(f"All ranks hold at once with {level} confidence; rank 1 has the largest share.")
    flags = set("|".join(frame["flags"]).split("|"))
    if "NO_VARIATION" in flags:
        still = list(frame.loc[frame["flags"] == "NO_VARIATION", "predictor"])
        notes.append(f"Everybody answered {' and '.join(still)} alike, so there is nothing to go with.")
    if "BINARY_OUTCOME" in flags:
        notes.append(f"{told.capitalize()} has two values, so slopes are differences in the chance of the higher one.")
    if "CI_FALLBACK" in flags:
        notes.append(
            f"Of {len(frame)} predictors the shares are exact; their intervals are those of relative weights, moved there."
        )
    if "NEAR_COLLINEAR" in flags:
        near = [row.predictor for row in frame.itertuples() if "NEAR_COLLINEAR" in str(row.flags)]
        notes.append(f"What {', '.join(near)} tells is mostly told by the others: such predictors split a share between them.")
    return [*notes, POTENCY, HALO]


def _share(share: float, low: float, high: float) -> str:
    if not np.isfinite(share):
        return ""
    span = f" ({low * 100:.0f} to {high * 100:.0f})" if np.isfinite(low) else ""
    return f"{share * 100:.0f} %{span}"


def _slope(slope: float, low: float, high: float) -> str:
    if not np.isfinite(slope):
        return ""
    span = f" ({signed(low, 2)} to {signed(high, 2)})" if np.isfinite(low) else ""
    return f"{signed(slope, 2)}{span}"
