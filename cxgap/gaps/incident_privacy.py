"""What of the table of incidents must not be shown, so that nobody can read, or work out, what a few customers did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxgap.gaps.incident_cells import ANY, OWN, PARTS, RATES
from cxgap.gaps.incident_people import GROUPS, LATELY
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.stats.overlaps import nearly_alike, told_by_one, told_by_union
from cxgap.stats.privacy import hide_also, too_few

_PLACE = {name: place for place, name in enumerate(GROUPS)}
_UNIONS = ("n", "watched", "spoke_", "vocal")  # of all types together these are who is in those of any type
_OF_RATES = [_PLACE["watched"], _PLACE["spoke_"]]
_IN_PARTS = [_PLACE[name] for name in PARTS]


def hide(
    frame: pd.DataFrame, people: Sequence[pd.DataFrame], names: Sequence[str], min_n: int
) -> tuple[pd.DataFrame, list[str]]:
    """Blank the rows of too few people, and values from which a few people's could be worked out; say so.

    Parameters
    ----------
    frame : one row a cell and type, and a column of each of GROUPS with the number of customers in it
    people : of each row, as `people_of` returns them
    names : columns that part the cells
    min_n : least number of customers that may be told apart
    """
    keys = [*names, "event_type"]
    cell = np.repeat(np.arange(len(frame)), [len(each) for each in people])
    customer = np.concatenate([each["customer_"].to_numpy(np.int64) for each in people])
    many = frame["n"].to_numpy(float)
    refuse_names(frame, names, many, min_n)
    few = too_few(many, min_n)
    also = hide_also(few, many, lines_told(frame[keys], cell, customer, names, min_n), min_n)
    shown = _shown(frame, people, names, few | also, min_n)
    also |= ~shown[:, _PLACE["n"]] & ~few
    partly = ~shown[:, _IN_PARTS].all(axis=1) & ~few & ~also
    rates = shown[:, _OF_RATES].all(axis=1)
    bare = ~rates & ~few & ~also & (frame["watched"] > 0).to_numpy()
    worth = shown[:, _PLACE["valued_"]] & ~np.array([told_by_one(each["value"][each["valued_"]].to_numpy()) for each in people])
    events = _events(frame, names, min_n)
    measured = [name for name in frame.columns if name not in (*keys, "flags")]
    frame[measured] = frame[measured].astype(float)
    for name in (*PARTS, "watched", "vip_silent"):
        frame.loc[~shown[:, _PLACE[name]], name] = np.nan
    frame.loc[~rates, list(RATES)] = np.nan
    if min_n > 1:
        frame.loc[~worth, "value_silent"] = np.nan
    frame.loc[~events, "events"] = np.nan
    frame.loc[few | also, measured] = np.nan
    frame.loc[bare, "flags"] = [_joined(text, "FEW_COMPLAINED") for text in frame.loc[bare, "flags"]]
    frame.loc[few, "flags"], frame.loc[also, "flags"] = "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"
    partly |= bare
    notes = (
        [f"Of a row's customers, parts of fewer than {min_n} are not shown, nor what would tell them."] if partly.any() else []
    )
    if frame["flags"].str.contains(LATELY).any():
        notes.append(
            f"Where the window still runs for fewer than {min_n} customers, their latest events are left out of the row."
        )
    return frame[[*names, *OWN]], notes


def _shown(
    frame: pd.DataFrame, people: Sequence[pd.DataFrame], names: Sequence[str], gone: np.ndarray, min_n: int
) -> np.ndarray:
    """Say which numbers of people may be shown, shape (rows, groups)."""
    size = frame[list(GROUPS)].to_numpy(float)
    shown = np.repeat(~gone[:, None], len(GROUPS), axis=1)
    if min_n <= 1:
        return shown
    groups = [[each["customer_"].to_numpy(np.int64)[each[name].to_numpy(bool)] for name in GROUPS] for each in people]
    alike = nearly_alike([group for row in groups for group in row], min_n)
    shown &= ~_small(size, min_n)
    while True:
        before = shown.sum()
        for pair in alike:
            _part(shown, size, frame, *(divmod(place, len(GROUPS)) for place in pair))
        _hide_unions(shown, frame, groups, names, min_n)
        _hide_lines(shown, size, frame, names, min_n)
        shown[:, _PLACE["spoke_"]] &= shown[:, _PLACE["vocal"]] & shown[:, _PLACE["watched"]]
        shown[:, [_PLACE["valued_"], _PLACE["vip_silent"]]] &= shown[:, [_PLACE["silent"]]]
        shown &= shown[:, [_PLACE["n"]]]
        if shown.sum() == before:
            return _nobody(shown, size)


def _small(size: np.ndarray, min_n: int) -> np.ndarray:
    """Say which numbers are of too few people, or would leave too few beside them."""
    small = size < min_n
    spoke, vip = _PLACE["spoke_"], _PLACE["vip_silent"]
    kept_quiet = size[:, _PLACE["watched"]] - size[:, spoke]
    few = (size[:, spoke] > 0) & small[:, spoke]  # that nobody spoke, or all did, is hidden with the parts of the row
    small[:, spoke] = few | ((kept_quiet > 0) & (kept_quiet < min_n))
    small[:, vip] |= size[:, _PLACE["silent"]] - size[:, vip] < min_n
    return small


def _part(shown: np.ndarray, size: np.ndarray, frame: pd.DataFrame, one: tuple[int, int], other: tuple[int, int]) -> None:
    """Hide one of two numbers that would tell of a few: of all types together rather than of one, of few rather than of many.

    The number of customers of a row goes last, as all of the row goes with it.
    """
    worth = _PLACE["valued_"]
    if not (shown[one] and shown[other]) or (one[1] == worth) != (other[1] == worth):
        return
    row, group = min(
        (one, other),
        key=lambda each: (each[1] == _PLACE["n"], frame["event_type"].iloc[each[0]] != ANY, size[each[0], 0], each[1]),
    )
    shown[row, group] = False


def _hide_unions(
    shown: np.ndarray, frame: pd.DataFrame, groups: Sequence[Sequence[np.ndarray]], names: Sequence[str], min_n: int
) -> None:
    """Hide of all types together what, beside the types, would tell of a few."""
    for row, types in _cells(frame, names):
        for group in [_PLACE[name] for name in _UNIONS]:
            told = [groups[each][group] for each in types.tolist() if shown[each, group]]
            if shown[row, group] and told_by_union(groups[row][group], told, len(told) == len(types), min_n):
                shown[row, group] = False


def _hide_lines(shown: np.ndarray, size: np.ndarray, frame: pd.DataFrame, names: Sequence[str], min_n: int) -> None:
    """Hide further parts: those of a row sum to its customers; types, and cells of a type, nearly to what is told of all."""
    parts = size[:, _IN_PARTS]
    hidden, rows = ~shown[:, _IN_PARTS], shown[:, _PLACE["n"]]
    for row in np.flatnonzero(rows):
        hidden[row] |= hide_also(hidden[row], parts[row], [np.arange(len(PARTS))], min_n)
    for whole, types in _cells(frame, names):
        types = types[rows[types]]
        for part, name in enumerate(PARTS):
            more = hide_also(hidden[types, part], parts[types, part], [np.arange(len(types))], min_n)
            if hidden[whole, part] or not more.any():
                continue
            # The share who complain is of each type; how many keep silent is first of all of everybody.
            if name == "silent":
                hidden[types, part] |= more
            else:
                hidden[whole, part] = True
    for kind in frame["event_type"].unique() if names else ():
        inside = np.flatnonzero((frame["event_type"] == kind) & rows)
        for part in range(len(PARTS)):
            hidden[inside, part] |= hide_also(hidden[inside, part], parts[inside, part], [np.arange(len(inside))], min_n)
    shown[:, _IN_PARTS] = ~hidden


def _cells(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[int, np.ndarray]]:
    """Return for each cell the row of all types together, and those of the types."""
    cell = frame.groupby(list(names), sort=False).ngroup() if names else pd.Series(0, frame.index)
    every = frame["event_type"] == ANY
    return [(int(row), np.flatnonzero((cell == cell.iloc[row]) & ~every)) for row in np.flatnonzero(every)]


def _nobody(shown: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Show the parts of rows in which all that is hidden is nobody: what is shown says so anyway."""
    hidden = ~shown[:, _IN_PARTS]
    nobody = (np.where(hidden, size[:, _IN_PARTS], 0.0).sum(axis=1) == 0) & shown[:, _PLACE["n"]]
    shown[np.ix_(nobody, _IN_PARTS)] = True
    ends = nobody & (size[:, _PLACE["spoke_"]] == 0)
    shown[ends, _PLACE["spoke_"]] |= shown[ends, _PLACE["watched"]]
    return shown


def _events(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> np.ndarray:
    """Say where the number of events may be told: beside that of customers it says how many had several."""
    if min_n <= 1:
        return np.ones(len(frame), bool)
    several = (frame["events"] - frame["n"]).to_numpy(float)
    every = frame["event_type"] == ANY
    types = frame[~every].groupby(list(names) or np.zeros(int((~every).sum())))["events"].sum()
    key = (
        frame[list(names)].apply(tuple, axis=1) if len(names) > 1 else frame[names[0]] if names else pd.Series(0.0, frame.index)
    )
    twice = np.where(every, key.map(types.to_dict()).to_numpy(float) - frame["events"].to_numpy(float), 0.0)
    return ~(((several > 0) & (several < min_n)) | ((twice > 0) & (twice < min_n)))


def _joined(flags: str, flag: str) -> str:
    return "|".join(sorted({*filter(None, flags.split("|")), flag}))
