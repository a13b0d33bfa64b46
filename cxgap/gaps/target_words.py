"""The title, the cells and the remarks of a table of targets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxgap.gaps.dates import day_of
from cxgap.stats.targets import CANNOT_TELL, MET, NOT_MET
from cxgap.vocabulary import SHARE, counted, percent, plain, signed

TITLE: Final = "Targets"
MARKS: Final = {MET: "●", NOT_MET: "▼", CANNOT_TELL: "○"}
_AS_READ: Final = {"ahead": "◌ still ahead", "of the whole study": "not judged here"}
_SIGNED: Final = ("customer", "knowledge", "delivery", "communication")


def reach_of(value: float, unit: str, digits: int = 2) -> str:
    """Write a number with its unit; a share as per cent."""
    if unit == SHARE:
        return f"{plain(100 * value, max(digits - 1, 0))} %"
    name = {"scale points": "points"}.get(unit, unit)
    return f"{plain(value, digits)} {name}".strip()


def aim_of(value: float, unit: str) -> str:
    """Write what is aimed at as it was set."""
    if unit == SHARE:
        return percent(value).replace("-", "−")
    return f"{value:g}".replace("-", "−")


def title_of(frame: pd.DataFrame, problem: str) -> str:
    """Say how many targets are met, are not, cannot be told and are still ahead."""
    if problem:
        return f"Verdicts on targets cannot be trusted: {problem}"
    here = frame[frame["state"] != "of the whole study"]
    if here.empty:
        return f"{counted(len(frame), 'target')} of the whole study, not judged on a part of it"
    open_ = (here["state"] == "ahead") | ((here["state"] == "interim") & (here["target_verdict"] == CANNOT_TELL))
    counts = [(int((~open_ & (here["target_verdict"] == word)).sum()), said)
              for word, said in ((MET, "met"), (NOT_MET, "not met"), (CANNOT_TELL, "cannot be told"))]  # fmt: skip
    counts.append((int(open_.sum()), "still ahead"))
    return f"Of {counted(len(here), 'target')}: {', '.join(f'{number} {said}' for number, said in counts if number)}"


def verdict_of(row: Mapping[str, Any]) -> str:
    """Write the verdict with its mark, and whether it is final."""
    if "LOCK_BROKEN" in row["flags"]:
        return "✕ cannot be trusted"
    if row["state"] in _AS_READ:
        return _AS_READ[row["state"]]
    word = row["target_verdict"]
    if row["state"] == "interim" and word == CANNOT_TELL:
        return "◌ still ahead"
    return f"{MARKS[word]} {word}"


def stands_of(row: Mapping[str, Any]) -> str:
    """Say how far a target is: frozen, final, a look, or on its way with what chance."""
    if row["state"] == "frozen":
        return f"frozen on {day_of(str(row['frozen_at']))}"
    if row["state"] == "final":
        return "final"
    chance = chance_of(row["on_track"]) if math.isfinite(row["on_track"]) else ""
    if row["state"] == "interim":
        return ", ".join(filter(None, [f"look {row['look']} of {row['looks']}", chance]))
    return chance


def chance_of(value: float) -> str:
    """Write the chance of being at the target at the end, in whole per cents and never as certain."""
    share = "under 1 %" if value < 0.01 else "over 99 %" if value > 0.99 else f"about {plain(100 * value, 0)} %"
    return f"on track, {share}" if value >= 0.5 else f"behind, {share} to reach it"


def shown(frame: pd.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the heads and the cells that a reader sees."""
    heads = ("target", "aimed at", "by", "measured, with its one-sided bounds", "n", "verdict", "standing")
    cells = []
    for row in frame.to_dict("records"):
        n = f"{row['n']:,.0f}" if math.isfinite(row["n"]) else ""
        own = {str(name): value for name, value in row.items()}
        cells.append((own["name"], _aim(own), day_of(own["cut_off"]), _found(own), n, verdict_of(own), stands_of(own)))
    return heads, tuple(cells)


def _aim(row: Mapping[str, Any]) -> str:
    side = "at least" if row["better"] == "high" else "at most"
    return f"{side} {aim_of(row['value'], row['unit'])}"


def _found(row: Mapping[str, Any]) -> str:
    if not math.isfinite(row["estimate"]):
        return ""
    times, end = (100.0, " %") if row["unit"] == SHARE else (1.0, "")
    digits = 1 if row["unit"] == SHARE else 2
    near = min((abs(row[name] - row["value"]) * times for name in ("low", "high") if math.isfinite(row[name])), default=1.0)
    digits += near < 0.5 * 10.0**-digits  # else a bound beside the target would look like it
    write = signed if row["measure"] in _SIGNED else plain
    value, low, high = (write(times * row[name], digits) for name in ("estimate", "low", "high"))
    return f"{value}{end} ({low} to {high}{end})" if math.isfinite(row["low"]) else f"{value}{end}"


def note_of(row: Mapping[str, Any], problem: str) -> str:
    """Say what a reader must know of a row."""
    flags, said = str(row["flags"]).split("|"), []
    if "LOCK_BROKEN" in flags:
        return f"the verdict cannot be trusted, because in targets.lock.jsonl {problem}; bring that file back from a copy."
    if "TARGET_EDITED" in flags:
        said.append("targets.toml was edited after it was frozen; what was set first counts.")
    if "TARGET_RENAMED" in flags:
        said.append("it was frozen under another name, and what was frozen first counts.")
    if "TARGET_REMOVED" in flags:
        said.append("it is no longer in targets.toml; what was frozen stays.")
    if "DATA_CHANGED" in flags:
        said.append("the data behind it changed after it was frozen, and the verdict stays.")
    if "ELSEWHERE" in flags:
        said.append("it is of more than the part that was read; see a page of the whole study.")
    if "INSUFFICIENT" in flags and row["state"] not in ("ahead", "of the whole study"):
        said.append("too few answered to judge it.")
    if row["state"] == "final" and row["look"] < row["looks"]:
        said.append(f"look {row['look']} of {row['looks']} settled it before the end.")
    if "TENTATIVE" in flags and row["state"] != "ahead":
        said.append("the estimate alone is at the target or beyond, its bound is not, so that it is tentative.")
    if math.isfinite(row["n_needed"]) and row["state"] == "final" and row["n_needed"] > row["n"]:
        said.append(f"about {_round(row['n_needed']):,} would settle it, if the estimate stays.")
    if math.isfinite(row["change"]):
        ends = f"{signed(row['change_low'], 2)} to {signed(row['change_high'], 2)}"
        said.append(f"since the baseline it moved by {signed(row['change'], 2)} ({ends}).")
    if math.isfinite(row["regression"]):
        moves = signed(row["regression"], 2)
        said.append(f"it was the worst cell then, and {moves} is to be expected with no action (regression to the mean).")
    return " ".join(text if place == 0 else f"{text[:1].upper()}{text[1:]}" for place, text in enumerate(said))


def _round(number: float) -> int:
    """Round a number that is itself a rough one, to two digits."""
    size = 10 ** max(len(str(int(number))) - 2, 0)
    return math.ceil(number / size) * size
