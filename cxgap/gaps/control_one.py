"""One chart: what is usual by its baseline, the statistic along its periods, and what of it is a signal."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.charted import DIRECTIONS, Charted
from cxgap.gaps.control_series import BASELINE, MONITORED, Series
from cxgap.stats.control import Path, cusum, ewma, shewhart
from cxgap.stats.control_arl import cusum_arl, ewma_arl, shewhart_arl
from cxgap.stats.control_limits import ENDS, calibrated
from cxgap.stats.control_usual import LEAST_BASELINE, Usual, usual
from cxgap.stats.means import Floats, ratio
from cxgap.stats.proportions import wilson

LIMITS: Final = {"cusum": 5.0, "ewma": 2.86, "laney": 3.0, "p": 3.0}


def chart_of(
    part: pd.DataFrame,
    hidden: np.ndarray,
    series: Series,
    method: str,
    centre: float | None,
    between: float | None,
    k: float,
    smoothing: float,
    limit: float | None,
    conf_level: float,
    better: str,
) -> tuple[Charted, pd.DataFrame]:
    """Chart one group."""
    shown = hidden == ""
    n, value, given = (part[name].to_numpy(float) for name in ("n", "value", "std_error"))
    value = np.where(shown, value, np.nan)
    told = part["usual"].to_numpy(bool) & np.isfinite(value)
    weekday = None
    if series.period == "day" and method != "p":
        weekday = ((part["start"] - pd.Timestamp(0)).dt.days.to_numpy() + 3) % 7
    found = usual(
        value, given, told, n=n if series.share else None, weekday=weekday, share=series.share, centre=centre, between=between
    ) if told.any() or centre is not None else None  # fmt: skip
    judged = (part["phase"] == MONITORED).to_numpy() & np.isfinite(value)
    enough = told.sum() >= LEAST_BASELINE or (centre is not None and between is not None)
    good = found is not None and enough and bool((found.spread[told | judged] > 0).all() and (told | judged).any())
    chart = Charted("", method, 0, int(judged.sum()), int(told.sum()), None, np.nan, np.nan, 0)
    nothing = np.full(len(part), np.nan)
    columns: dict[str, Any] = {"statistic": nothing, "limit": nothing, "signal": np.zeros(len(part), np.int64)}
    low = high = nothing
    naive = np.zeros(len(part), bool)
    if found is not None and good:
        looking_back = not (part["phase"] == BASELINE).any()
        known = method == "p" or (centre is not None and between is not None)
        usual_limit = LIMITS[method] if known else _limit(method, found, int(told.sum()), looking_back, k, smoothing)
        limit_of = limit or usual_limit
        spread = found.std_error if method == "p" else found.spread
        z = np.where(judged, ratio(value - found.centre, spread), np.nan)
        path = _path(method, z, k, smoothing, limit_of)
        before = part["phase"].to_numpy() == BASELINE
        if before.any():  # what the statistic would have been in the baseline, for the eye
            back = _path(method, np.where(before, ratio(value - found.centre, spread), np.nan), k, smoothing, limit_of)
            path = Path(*(np.where(before, one, other) for one, other in zip(back, path, strict=True)))
        columns = {
            "statistic": np.where(path.up >= path.down, path.up, -path.down),
            "limit": path.limit,
            "signal": np.where(judged, path.signal, 0),
        }
        columns["statistic"] = np.where((judged | before) & np.isfinite(value), columns["statistic"], np.nan)
        if method in ("laney", "p"):
            low, high = found.centre - limit_of * spread, found.centre + limit_of * spread
            low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
        bare = np.sqrt(found.level * (1 - found.level) / np.maximum(n, 1)) if series.share else given
        naive = judged & (np.abs(value - found.level) > 3 * bare) & (bare > 0)
        beyond = int((before & (path.signal != 0)).sum())
        chart = Charted(
            "",
            method,
            int((columns["signal"] != 0).sum()),
            int(judged.sum()),
            int(told.sum()),
            found,
            limit_of,
            _arl(method, LIMITS[method] if limit is None else limit, k, smoothing),
            beyond,
            k,
            smoothing,
        )
    half = _normal((1 + conf_level) / 2)
    error = (
        np.where(np.isnan(given), np.sqrt(np.maximum(value * (1 - value), 0) / np.maximum(n, 1)), given)
        if series.share
        else given
    )
    ends = (value - half * error, value + half * error)
    if series.share:
        ends = wilson(np.nan_to_num(value) * n, np.maximum(n, 1e-9), conf_level=conf_level)
    signal = columns["signal"]
    words = DIRECTIONS[better] if better else {1: "up", -1: "down"}
    flags = np.where(hidden != "", hidden, np.where(found is None or not good, "FEW_PERIODS", ""))
    made = part.drop(columns=["ready", "usual", "people"]).assign(
        start=part["start"].dt.strftime("%Y-%m-%d") if part["start"].notna().any() else "",
        n=np.where(shown, n, np.nan),
        value=value,
        conf_low=np.where(shown, ends[0], np.nan),
        conf_high=np.where(shown, ends[1], np.nan),
        std_error=np.where(shown, found.std_error if found is not None and series.share else error, np.nan),
        centre=found.centre if found is not None else np.nan,
        spread=np.where(shown, found.spread if found is not None else np.nan, np.nan),
        limit_low=np.where(shown, low, np.nan),
        limit_high=np.where(shown, high, np.nan),
        **{**columns, "signal": np.abs(signal)},
        direction=[words.get(int(each), "") for each in signal],
        naive_signal=naive.astype(np.int64),
        flags=flags,
    )
    return chart._replace(naive=int(naive.sum())), made


def _normal(prob: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(prob))


def _path(method: str, z: Floats, k: float, smoothing: float, limit: float) -> Path:
    if method == "cusum":
        return cusum(z, k, limit)
    return ewma(z, smoothing, limit) if method == "ewma" else shewhart(z, limit)


def _arl(method: str, limit: float, k: float, smoothing: float) -> float:
    """Return after how many usual periods the chart signals on average."""
    if method == "cusum":
        return cusum_arl(k, limit, two_sided=True)
    return ewma_arl(smoothing, limit) if method == "ewma" else shewhart_arl(limit)


def _limit(method: str, found: Usual, baseline: int, looking_back: bool, k: float, smoothing: float) -> float:
    """Return the limit that allows for how little the baseline tells.

    It is that of as many periods as the baseline has, however many are judged by now: what comes later alters no verdict.
    """
    kind = {"laney": "shewhart"}.get(method, method)
    parameter = {"cusum": k, "ewma": smoothing}.get(method, 0.0)
    seen = round(min(max(found.seen, ENDS[0]), ENDS[1]), 1)
    arl = round(_arl(method, LIMITS[method], k, smoothing), 6)
    monitored = 0 if looking_back else baseline
    return _calibrated(kind, baseline, monitored, LIMITS[method], arl, parameter, seen, round(found.floor, 1))


@lru_cache(maxsize=256)
def _calibrated(
    kind: str, baseline: int, monitored: int, limit: float, arl: float, parameter: float, alike: float, floor: float
) -> float:
    return calibrated(
        kind, baseline=baseline, monitored=monitored, limit=limit, arl=arl, parameter=parameter, alike=alike, floor=floor
    )
