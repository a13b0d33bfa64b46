"""Expectations in sentences: how they are spread, what they vary by, what they go with, and whether there are segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, plain, signed
from cxgap.words.numbers import capital, listed

_PARTS: Final = {
    "customer": "what one person expects, against what another does",
    "touchpoint": "the touchpoint",
    "item": "the question",
    "visit": "how one person takes one touchpoint",
    "residual": "the single answer, which no one of these tells",
}
_GOES, _NOTHING, _UNTESTED = "goes with expectations", "goes with nothing we can see", "not tested"
_SAME = "it is the same for all, or nearly each person has their own, or other factors say the same"
_DIFFER, _ALIKE = "differ", "no difference beyond chance"


def describe_expectations(table: Table) -> Prose:
    """Put the spread of expectations into words: where groups differ, who expects most, and a sentence a row."""
    frame, keys = table.frame, [str(name) for name in table.frame.columns[: table.keys]]
    lead = [*_differences(frame, keys), *_widest(frame, keys)]
    details = _together(frame, keys) if len(keys) > 1 else _one_by_one(frame, keys)
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _one_by_one(frame: pd.DataFrame, keys: Sequence[str]) -> list[Sentence]:
    """Speak of each cell."""
    said = []
    for place, row in enumerate(frame.to_dict("records")):
        name = capital(_name(row, keys) or "all together")
        if math.isfinite(row["estimate"]):
            said.append(Sentence(f"{name}: {_spread(row)}.", place, (name,)))
    return said


def _together(frame: pd.DataFrame, keys: Sequence[str]) -> list[Sentence]:
    """Speak of the groups of each line in one sentence, the most demanding first."""
    said = []
    for key, part in frame.groupby(list(keys[:-1]), sort=False, observed=True):
        known = part.dropna(subset=["estimate"]).sort_values("estimate", ascending=False, kind="stable")
        if known.empty:
            continue
        name = capital(" · ".join(map(str, key)) if isinstance(key, tuple) else str(key))
        means = listed([f"{row[keys[-1]]} {plain(row['estimate'], 1)}" for row in known.to_dict("records")])
        finding = {_DIFFER: "they differ", _ALIKE: _ALIKE}.get(str(known["finding"].iloc[0]), "not compared")
        said.append(Sentence(f"{name}: {means} on average; {finding}.", int(known.index[0]), (name,)))
    return said


def _differences(frame: pd.DataFrame, keys: Sequence[str]) -> list[Sentence]:
    """Say where groups differ, and by how much; and where they do not, that this is no proof."""
    if len(keys) < 2:
        return []
    rest, between = list(keys[:-1]), keys[-1].replace("_", " ")
    said = []
    tested = frame[frame["finding"] == _DIFFER]
    apart = []
    for key, part in tested.groupby(rest, sort=False, observed=True):
        known = part.dropna(subset=["estimate"])
        low, high = known.loc[known["estimate"].idxmin()], known.loc[known["estimate"].idxmax()]
        name = " · ".join(map(str, key)) if isinstance(key, tuple) else str(key)
        apart.append((float(high["estimate"] - low["estimate"]), name, high, low))
    if apart:
        size, name, high, low = max(apart, key=lambda each: each[0])
        ends = f"{high[keys[-1]]} expects {plain(high['estimate'], 1)}, {low[keys[-1]]} {plain(low['estimate'], 1)}"
        text = f"In this sample the {between}s lie farthest apart at {name}: {ends}, {plain(size, 1)} points less."
        said.append(Sentence(text))
    alike = list(dict.fromkeys(_name(row, rest) for row in frame[frame["finding"] == _ALIKE].to_dict("records")))
    if alike:
        said.append(
            Sentence(f"No difference of {between}s beyond chance at {listed(alike)}; that is no proof that there is none.")
        )
    return said


def _widest(frame: pd.DataFrame, keys: Sequence[str]) -> list[Sentence]:
    known = frame.dropna(subset=["sd"])
    if len(known) < 2:
        return []
    row = known.loc[known["sd"].idxmax()].to_dict()
    text = f"In this sample people differ most in what they expect at {_name(row, keys)}: {_spread(row)}."
    return [Sentence(text, int(known["sd"].idxmax()))]


def _spread(row: dict[str, Any]) -> str:
    said = f"mean {plain(row['estimate'], 2)}"
    if math.isfinite(row["conf_low"]):
        said += f" ({plain(row['conf_low'], 2)} to {plain(row['conf_high'], 2)})"
    if math.isfinite(row["q25"]) and math.isfinite(row["q75"]):
        said += f"; half of them expect between {plain(row['q25'], 1)} and {plain(row['q75'], 1)}"
    top = row["share_at_top"]
    if math.isfinite(top) and top >= 0.1:
        said += f", {top * 100:.0f} % stand at the top of the scale"
    return f"{said}; {counted(int(row['n']), 'person').replace('persons', 'people')}"


def _name(row: dict[str, Any], keys: Sequence[str]) -> str:
    return " · ".join(str(row[key]) for key in keys)


def describe_expectation_variance(table: Table) -> Prose:
    """Put the parts of the variance into words, and what subtracting does about the way people answer."""
    frame = table.frame
    parts = frame[frame["part"].isin(_PARTS)]
    details = []
    for row in parts.to_dict("records"):
        place = int(frame.index[frame["part"] == row["part"]][0])
        if row["negative"]:
            text = f"{capital(_PARTS[row['part']])}: none that could be told from chance (the estimate is below 0)."
        else:
            ends = f"{plain(row['conf_low'] * 100, 0)} to {plain(row['conf_high'] * 100, 0)} %"
            text = f"{capital(_PARTS[row['part']])}: {plain(row['share'] * 100, 0)} % of the variance ({ends})."
        details.append(Sentence(text, place))
    lead = [Sentence("Where people differ from each other, a mean speaks for nobody: look at how expectations are spread.")]
    style = frame[frame["part"] == "response style"]
    if len(style) and math.isfinite(float(style["estimate"].iloc[0])):
        row = style.iloc[0]
        said = f"{signed(row['estimate'], 2)} ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"
        linked = row["conf_low"] > 0
        first = (
            f"Who expects more also perceives more: their means go together ({said})."
            if linked
            else f"Who expects more is not shown to perceive more ({said})."
        )
        lead.append(Sentence(first, int(style.index[0])))
        if linked:
            lead.append(
                Sentence("Part of that may be a habit of giving high or low ratings; subtracting removes it from the gap.")
            )
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes[:2])))


def describe_expectation_factors(table: Table) -> Prose:
    """Put factors into words: what the company controls, what it does not, what nobody measured, and the claim of half."""
    frame = table.frame
    rows = {
        row["name"]: (place, row) for place, row in enumerate(frame.to_dict("records")) if row["part"] in ("block", "total")
    }
    lead = []
    if "controllable" in rows:
        place, row = rows["controllable"]
        told = "goes with" if row["finding"] == _GOES else "is not shown to go with"
        if row["finding"] == _UNTESTED:
            lead.append(Sentence(f"What the company controls could not be tested: {_SAME}.", place))
        else:
            lead.append(Sentence(f"What the company controls {told} what people expect: {_share(row)} of the variance.", place))
            lead.append(Sentence(_half(row), place))
    if "uncontrollable" in rows:
        place, row = rows["uncontrollable"]
        said = {
            _GOES: f"What it does not control goes with {_share(row)}.",
            _NOTHING: f"What it does not control is not shown to go with what people expect: {_share(row)}.",
        }.get(row["finding"], f"What it does not control could not be tested: {_SAME}.")
        lead.append(Sentence(said, place))
    place, row = rows["unexplained"]
    lead.append(Sentence(f"Unexplained is {_share(row)}: nobody measured what that is.", place))
    details, silent = [], []
    for place, row in enumerate(frame.to_dict("records")):
        if row["part"] != "factor":
            continue
        name = str(row["name"]).replace("_", " ")
        if row["finding"] == _GOES:
            details.append(
                Sentence(f"{capital(name)} goes with {_share(row)} of what sets expectations apart.", place, (capital(name),))
            )
        elif row["finding"] == _NOTHING:
            silent.append(name)
        else:
            details.append(Sentence(f"{capital(name)} could not be tested: {_SAME}.", place, (capital(name),)))
    if silent:
        what = "goes" if len(silent) == 1 else "go"
        details.append(
            Sentence(f"{capital(listed(silent))} {what} with nothing we can see; that is no proof that there is nothing.")
        )
    details += [Sentence(note) for note in table.notes if note.startswith(("Each unit more", "What is passed on"))]
    limits = [
        Sentence("What goes with a factor need not be made by it: only a change drawn by lot tells what makes expectations.")
    ]
    limits += [Sentence(note) for note in table.notes[:2]]
    return Prose(table.title, tuple(lead), tuple(details), tuple(limits))


def _half(row: dict[str, Any]) -> str:
    low, high = row["conf_low"], row["conf_high"]
    if high < 0.5:
        return (
            "That about half of what people expect can be steered is often said; of what was measured here it is clearly less."
        )
    if low > 0.5:
        return "That is more than the half that is often said to be in the company's hands."
    return "The half that is often said to be in the company's hands can neither be confirmed nor ruled out."


def _share(row: dict[str, Any]) -> str:
    digits = 0 if row["share"] >= 0.0995 else 1  # what is below nothing or above all stands so in the table
    share, low, high = (plain(min(max(row[name], 0.0), 1.0) * 100, digits) for name in ("share", "conf_low", "conf_high"))
    return f"{share} % ({low} to {high} %)"


def describe_expectation_segments(table: Table) -> Prose:
    """Put segments into words: who they are, or why there are none."""
    frame = table.frame
    first = frame.iloc[0]
    if first["result"] != "stable segments":
        lead = [Sentence(f"{capital(str(first['reason']))}, so that we speak of no segments.")]
        failed = frame[(frame["part"] == "check") & (frame["holds"] == "no")]
        for row in failed.to_dict("records"):
            lead += [Sentence(text) for text in _why(row)]
        return Prose(table.title, tuple(lead), (), tuple(map(Sentence, table.notes)))
    details = []
    for label, part in frame[frame["segment"] != ""].groupby("segment", sort=False):
        size, own = part[part["part"] == "size"].iloc[0], part[part["part"] == "profile"]
        high, low = own.loc[own["value"].idxmax()], own.loc[own["value"].idxmin()]
        share = f"{size['value'] * 100:.0f} % of people ({size['conf_low'] * 100:.0f} to {size['conf_high'] * 100:.0f} %)"
        ends = (
            f"most is expected of {high['name']} ({plain(high['value'], 1)}), least of {low['name']} ({plain(low['value'], 1)})"
        )
        details.append(Sentence(f"{label}, {share}: {ends}.", int(part.index[0]), (str(label),)))
    lead = [Sentence("Samples drawn again give nearly the same; they describe people, and prove nothing about these answers.")]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _why(row: dict[str, Any]) -> list[str]:
    """Say what a condition that does not hold was, and what it should have been."""
    value = row["value"]
    if not math.isfinite(value) or row["name"] == "classes by BIC":
        return []
    if row["name"] == "smallest class, share":
        least = f"at least {row['least'] * 100:.0f} % are needed"
        return [f"The smallest class would have {value * 100:.1f} % of the people, and {least}."]
    if row["name"] == "smallest class, people":
        return [f"It would have {value:.0f} people, and at least {row['least']:.0f} are needed."]
    bound = f"at least {row['least']:g}" if math.isfinite(row["least"]) else f"below {row['highest']:.2g}"
    return [f"{capital(row['name'])}: {value:.2f}, and it must be {bound}."]
