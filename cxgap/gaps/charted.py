"""What a chart says: its title, its notes, and the table that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.control_series import DAYS, EARLY, ENOUGH, RECENT, Series
from cxgap.result import Table
from cxgap.stats.control_arl import cusum_arl, ewma_arl, shewhart_arl
from cxgap.stats.control_usual import LEAST_BASELINE, Usual
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain, signed

SLUG, TITLE = "control_chart", "What is more than the usual course"
DIRECTIONS: Final = {"lower": {1: "worse", -1: "better"}, "higher": {1: "better", -1: "worse"}}
OWN: Final = (
    "period", "start", "phase", "n", "value", "conf_low", "conf_high", "std_error", "centre", "spread", "limit_low",
    "limit_high", "statistic", "limit", "signal", "direction", "naive_signal", "flags",
)  # fmt: skip
NAMES: Final = {"cusum": "CUSUM", "ewma": "EWMA", "laney": "Laney's p' chart", "p": "p chart"}


SHORT: Final = 60  # periods of a baseline, in which likeness is seen for sure only where it is strong


class Charted(NamedTuple):
    """One chart: how it was made and what it found."""

    name: str
    method: str
    signals: int
    judged: int
    baseline: int
    usual: Usual | None
    limit: float
    arl: float
    beyond: int
    k: float = 0.5
    smoothing: float = 0.2
    naive: int = 0

    @property
    def made(self) -> bool:
        """Whether there are limits."""
        return bool(np.isfinite(self.limit))


def written(
    frame: pd.DataFrame,
    charts: Sequence[Charted],
    names: Sequence[str],
    series: Series,
    until: str,
    min_n: int,
    conf_level: float,
) -> Table:
    """Write what a reader sees."""
    noun = series.period or "period"
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "period": (noun, str),
        "_n": ("of" if series.share else "n", str),
        "_value": (f"{series.what} and {percent(conf_level)} interval", str),
        "_usual": ("usual range" if charts[0].method in ("laney", "p") else "usual level", str),
        "_statistic": ("statistic and limit", str),
        "_said": ("what it says", str),
    }
    digits = (lambda value: f"{plain(100 * value, 1)} %") if series.share else (lambda value: plain(value, 2))
    shown = frame.assign(
        _n=[NOT_SHOWN if "SUPPRESSED" in row.flags else f"{row.n:,.0f}" for row in frame.itertuples()],
        _value=[
            ""
            if np.isnan(row.value)
            else f"{digits(row.value)} ({digits(row.conf_low)} to {digits(row.conf_high)})"
            if np.isfinite(row.conf_low)
            else digits(row.value)
            for row in frame.itertuples()
        ],
        _usual=[
            f"{digits(row.limit_low)} to {digits(row.limit_high)}"
            if np.isfinite(row.limit_low)
            else digits(row.centre)
            if np.isfinite(row.centre)
            else ""
            for row in frame.itertuples()
        ],
        _statistic=[
            f"{signed(row.statistic, 1)} ({plain(row.limit, 1)})" if np.isfinite(row.statistic) else ""
            for row in frame.itertuples()
        ],
        _said=[_said(row) for row in frame.itertuples()],
    )
    notes = _notes(charts, series, frame, until, min_n)
    made = Table.of(
        shown, slug=SLUG, title=_title(frame, charts, series, names), columns=columns, keys=len(names) + 1, notes=notes
    )
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _said(row: Any) -> str:
    if "SUPPRESSED" in row.flags:
        return ""
    if row.signal:
        return f"signal: {row.direction}"
    return {"baseline": "tells what is usual", RECENT: "too recent to judge", EARLY: "before all promises are in the data"}.get(
        row.phase, "no limits" if row.flags else "usual"
    )


def _title(frame: pd.DataFrame, charts: Sequence[Charted], series: Series, names: Sequence[str]) -> str:
    noun = series.period or "period"
    made = [chart for chart in charts if chart.made]
    judged = sum(chart.judged for chart in made)
    if not made:
        most = max(chart.baseline for chart in charts)
        if most >= LEAST_BASELINE:
            return f"Usual {noun}s do not differ at all, so nothing tells what is unusual"
        return f"{counted(most, noun)} {'is' if most == 1 else 'are'} too few to say what is usual: {LEAST_BASELINE} are needed"
    if not judged:
        return f"No {noun} after the baseline can be judged yet"
    signals = sum(chart.signals for chart in made)
    what = series.what[0].upper() + series.what[1:]
    if not signals:
        return f"{what}: nothing beyond the usual course in {counted(judged, noun)}"
    first = frame[frame["signal"] == 1].iloc[0]
    where = f", {' · '.join(str(first[name]) for name in names)}" if names else ""
    side = {"worse": "for the worse", "better": "for the better"}.get(first["direction"], first["direction"])
    of = f" of {len(made)} charts" if len(made) > 1 else ""
    many = sum(chart.signals > 0 for chart in made)
    return (
        f"{what}: {counted(signals, 'signal')} in {counted(judged, noun)}{f', in {many}{of}' if of else ''}; "
        f"{'the first' if signals > 1 else 'it is'} at {first['period']}{where}, {side}"
    )


def _notes(charts: Sequence[Charted], series: Series, frame: pd.DataFrame, until: str, min_n: int) -> list[str]:
    noun = series.period or "period"
    made = [chart for chart in charts if chart.made]
    notes = list(series.notes)
    if not made and max(chart.baseline for chart in charts) >= LEAST_BASELINE:
        return notes
    if not made:
        return [
            *notes,
            f"With fewer than {LEAST_BASELINE} {noun}s nothing tells how much usual ones differ, and a chart would cry "
            "wolf; wait for more, or give `centre` and `between`.",
        ]
    told = (
        f"the {noun}s to {until} tell what is usual, later ones are judged"
        if until
        else (f"all {noun}s tell what is usual and are judged by it, which is looking back, not watching")
    )
    notes.append(f"{NAMES[made[0].method]}; {told}.")
    notes.append(_often(made, noun))
    one = made[0]
    assert one.usual is not None
    if len(made) == 1:
        notes += _why(one, series, noun)
    naive, signals = sum(chart.naive for chart in made), sum(chart.signals for chart in made)
    if naive > signals and one.method != "p":
        notes.append(
            f"A chart that takes sampling for all there is would have signalled {counted(naive, 'time')} in the same "
            f"{counted(sum(chart.judged for chart in made), noun)}."
        )
    if beyond := sum(chart.beyond for chart in made):
        notes.append(
            f"{counted(beyond, noun)} of the baseline {'lies' if beyond == 1 else 'lie'} beyond the limits: look whether "
            f"{'it belongs' if beyond == 1 else 'they belong'} to what is usual."
        )
    if series.share:
        least = np.nanmedian(frame["n"] * np.minimum(frame["centre"], 1 - frame["centre"]))
        if least < ENOUGH:
            notes.append(f"Periods are small, so that shares move in jumps: a longer one than a {noun} is told more surely.")
    for phase, why in (
        (RECENT, "not over, or not followed as long as the tolerance"),
        (EARLY, "before all promises are there"),
    ):
        if count := int(frame.loc[frame["phase"] == phase, "period"].nunique()):
            notes.append(f"Not judged: {counted(count, noun)} {why}.")
    if len(made) < len(charts):
        notes.append(
            f"No limits for {counted(len(charts) - len(made), 'chart')}: fewer than {LEAST_BASELINE} {noun}s to go by."
        )
    if min_n > 1 and frame["flags"].str.contains("SUPPRESSED").any():
        notes.append(
            f"Periods of fewer than {min_n} people, and those that would give them away, are neither shown nor judged."
        )
    return notes


def _often(made: Sequence[Charted], noun: str) -> str:
    """Say how seldom the charts cry wolf."""
    arl = made[0].arl / len(made)
    days = DAYS.get(noun)
    calendar = ""
    if days:
        months = arl * days / 30.44
        calendar = f", {plain(months / 12, 0)} years" if months >= 24 else f", {plain(months, 0)} months" if months >= 2 else ""
    all_of = f" from all {len(made)} together" if len(made) > 1 else ""
    expected = sum(chart.judged for chart in made) / made[0].arl
    few = f"{plain(expected, 1)} {'is' if round(expected, 1) == 1 else 'are'}" if expected >= 0.05 else "fewer than 0.1 are"
    short = min(chart.baseline for chart in made)
    unseen = ""
    if short < SHORT and made[0].method != "p":
        unseen = (
            f" Where neighbouring {noun}s are alike there are more, and a baseline of {short} cannot tell whether they are."
        )
    return (
        f"If nothing changed, there would be about one false alarm in {arl:,.0f} {noun}s{calendar}{all_of}; in those judged "
        f"here, {few} to be expected.{unseen}"
    )


def _why(one: Charted, series: Series, noun: str) -> list[str]:
    """Say what the limits allow for."""
    found = one.usual
    assert found is not None
    notes = []
    if one.method == "p":
        return ["This chart takes sampling for all there is, and cries wolf wherever periods differ anyhow."]
    if found.dispersion > 1.05 and np.isfinite(found.dispersion):
        notes.append(
            f"Usual {noun}s lie {plain(found.dispersion, 1)} times as wide as sampling alone would scatter them; the limits "
            "allow for it."
        )
    if found.weekly:
        notes.append("Weekdays have a level each, from the baseline.")
    found_after = {"cusum": cusum_arl(one.k, one.limit, 1.0), "ewma": ewma_arl(one.smoothing, one.limit, 1.0)}.get(
        one.method, shewhart_arl(one.limit, 1.0)
    )
    notes.append(
        f"A lasting change of one standard deviation of usual {noun}s is found after about {found_after:,.0f} {noun}s."
    )
    base = {"cusum": 5.0, "ewma": 2.86, "laney": 3.0}[one.method]
    causes = [f"{noun}s are like their neighbours (correlation {plain(found.alike, 2)})"] if found.alike > 0 else []
    if one.limit > base + 0.05:
        few = f"the baseline has {counted(one.baseline, noun)}"
        causes += [few if causes else f"{few}, which do not rule out that neighbours are alike"]
        notes.append(f"The limit is {plain(one.limit, 1)} and not {base:g}, because {' and '.join(causes)}.")
    elif causes:
        notes.append(f"{causes[0][0].upper()}{causes[0][1:]}; the spread allows for it, and signals come in runs.")
    return notes
