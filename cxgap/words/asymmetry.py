"""What pleases and what is missed, in sentences: kinds of requirements, penalties and rewards, peaks and ends."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import NOT_SHOWN, NOTES, counted, percent, plain, signed
from cxgap.words.numbers import capital, listed

_KINDS: Final = dict(
    zip("AOMIRQ", ("a delight", "performance", "a must-be", "indifferent", "unwanted", "asked unclearly"), strict=True)
)
_SAYS: Final = {
    "must-be": "its lack displeases and having it is taken for granted (must-be)",
    "performance": "the more of it the better (performance)",
    "delight": "having it pleases, and its lack is hardly missed (delight)",
    "indifferent": "it hardly matters either way (indifferent)",
    "reverse": "more would rather be without it than think anything else (reverse)",
    "questionable": "most pairs of answers contradict themselves, so put the question again (questionable)",
}
_CALLED: Final = {
    "must-be": "must-be: {0}",
    "performance": "performance, the more the better: {0}",
    "delight": "delight: {0}",
    "indifferent": "indifferent: {0}",
    "reverse": "better without: {0}",
}
_WEIGHS: Final = {
    "basic": "falling short weighs more (basic)",
    "excitement": "exceeding weighs more (excitement)",
    "hybrid": "neither is shown to weigh more (hybrid)",
    "cannot tell": "we cannot tell which weighs more",
}


def describe_kano(table: Table) -> Prose:
    """Put kinds of requirements into words: those that are settled as lead, a sentence a feature, how to read it as limits."""
    rows = list(zip(_names(table), table.frame.to_dict("records"), strict=True))
    lead = []
    for kind, template in _CALLED.items():
        held = [name for name, row in rows if row["kind"] == kind and not row["opposite"]]
        if held:
            lead.append(template.format(listed(held)))
    unsure = [name for name, row in rows if row["kind"] == "mixed" and not row["opposite"]]
    sentences = [Sentence(f"{capital('; '.join(lead))}.")] if lead else []
    if unsure:
        sentences.append(Sentence(f"We cannot tell which kind {listed(unsure)} {'is' if len(unsure) == 1 else 'are'}."))
    sentences += [
        Sentence(f"Groups want the opposite of {name}: {row['opposite']}. Read them apart.", place, (name,))
        for place, (name, row) in enumerate(rows)
        if row["opposite"]
    ]
    details = tuple(Sentence(_feature(name, row), place, (capital(name),)) for place, (name, row) in enumerate(rows))
    notes = tuple(Sentence(note) for note in table.notes if "groups want the opposite" not in note)
    return Prose(table.title, tuple(sentences), details, notes)


def _feature(name: str, row: Mapping[str, Any]) -> str:
    """Speak of one feature."""
    if row["kind"] == NOT_SHOWN:
        return f"{capital(name)}: {_hidden(row)}."
    people = counted(int(row["n"]), "respondent")
    most = [
        f"{_KINDS[row[key]]} to {percent(round(share, 2))}"
        for key in ("category", "second")
        if (share := row["share_" + row[key]]) > 0
    ]
    if row["opposite"]:
        said = "groups want the opposite, so that all together tell of neither"
    elif row["kind"] == "mixed":
        said = f"we cannot tell whether it is {_KINDS[row['category']]} or {_KINDS[row['second']]}"
    else:
        said = _SAYS[str(row["kind"])]
    numbers = ""
    if math.isfinite(row["better"]):
        ends = [f"{plain(row[f'{key}_low'], 2)} to {plain(row[f'{key}_high'], 2)}" for key in ("better", "worse")]
        numbers = f" Better {plain(row['better'], 2)} ({ends[0]}), worse {plain(row['worse'], 2)} ({ends[1]})."
    wording = " More than a tenth contradict themselves: look at the wording." if "QUESTION_WORDING" in row["flags"] else ""
    return f"{capital(name)}: {said}; {', '.join(most)} ({people}).{numbers}{wording}"


def describe_penalty_reward(table: Table) -> Prose:
    """Put penalties and rewards into words: which side weighs more where, a sentence a row, and how it was found."""
    rows = list(zip(_names(table), table.frame.to_dict("records"), strict=True))
    lead = []
    for kind, template in (
        ("basic", "At {0} falling short goes with more than exceeding does: first meet what is expected there."),
        ("excitement", "At {0} exceeding what is expected goes with more than falling short does."),
    ):
        held = [name for name, row in rows if row["class"] == kind and "STRAIGHT_LINE" not in row["flags"]]
        if held:
            lead.append(Sentence(template.format(listed(held))))
    straight = [name for name, row in rows if "STRAIGHT_LINE" in row["flags"]]
    if straight:
        lead.append(Sentence(f"At {listed(straight)} a straight line tells as much, so that neither side counts for more."))
    unsure = [name for name, row in rows if row["class"] == "cannot tell"]
    if unsure:
        lead.append(Sentence(f"At {listed(unsure)} we cannot tell."))
    details = tuple(Sentence(_sides(name, row), place, (capital(name),)) for place, (name, row) in enumerate(rows))
    return Prose(table.title, tuple(lead), details, tuple(map(Sentence, table.notes)))


def _sides(name: str, row: Mapping[str, Any]) -> str:
    """Speak of one penalty and its reward."""
    if row["class"] == NOT_SHOWN:
        return f"{capital(name)}: {_hidden(row)}."
    parts = []
    for key, words in (("pi", "falling short goes with"), ("ri", "exceeding with")):
        if math.isfinite(row[key]):
            ends = f"{signed(row[f'{key}_low'], 2)} to {signed(row[f'{key}_high'], 2)}"
            parts.append(f"{words} {signed(row[key], 2)} points ({ends})")
    people = f"{row['n_low']:,.0f}, {row['n_middle']:,.0f} and {row['n_high']:,.0f} people at the three levels"
    found = f"{', '.join(parts)}: " if parts else ""
    why = " a straight line does as well;" if "STRAIGHT_LINE" in row["flags"] else ""
    few = "too few at one of them; " if "FEW_LEVELS" in row["flags"] else ""
    return f"{capital(name)}: {found}{_WEIGHS[str(row['class'])]};{why} {few}{people}."


def describe_peak_end(table: Table) -> Prose:
    """Put the features of journeys into words: what the peak and the end add to the mean, and a sentence a feature."""
    rows = table.frame.to_dict("records")
    if "FEW_RESPONDENTS" in str(rows[0]["flags"]):
        found = int(rows[0]["n"])
        few = f"{counted(found, 'journey')} {'has' if found == 1 else 'have'} three ratings or more; 40 are needed."
        return Prose(table.title, (Sentence(few),), (), tuple(map(Sentence, table.notes)))
    (both,) = [row for row in rows if math.isnan(row["r"]) and math.isfinite(row["lmg"])] or [{}]
    lead = []
    if both:
        told, without = (percent(round(both[name], 2)) for name in ("r2_with", "r2_without"))
        lead.append(
            Sentence(
                f"The mean alone tells {without} of the variance, with the worst, the best and the end {told} "
                f"({counted(int(both['n']), 'journey')})."
            )
        )
    details = tuple(Sentence(_told(row), place, (capital(row["feature"]),)) for place, row in enumerate(rows) if _told(row))
    return Prose(table.title, tuple(lead), details, tuple(map(Sentence, table.notes)))


def _told(row: Mapping[str, Any]) -> str:
    """Speak of one feature of journeys."""
    parts = []
    if math.isfinite(row["r"]):
        parts.append(f"correlation {signed(row['r'], 2)} ({signed(row['r_low'], 2)} to {signed(row['r_high'], 2)})")
    if math.isfinite(row["lmg"]):
        low, high = (percent(round(row[f"lmg_{end}"], 2)) for end in ("low", "high"))
        parts.append(f"{percent(round(row['lmg'], 2))} of the variance goes with it ({low} to {high})")
    return f"{capital(row['feature'])}: {'; '.join(parts)}." if parts else ""


def _names(table: Table) -> Sequence[str]:
    """Name each row by its keys."""
    frame = table.frame
    if "n" in frame.columns[: table.keys]:
        return ["all"] * len(frame)
    return [" · ".join(map(str, keys)) for keys in frame.iloc[:, : table.keys].itertuples(index=False, name=None)]


def _hidden(row: Mapping[str, Any]) -> str:
    flags = [NOTES[flag] for flag in str(row["flags"]).split("|") if flag in NOTES]
    return ", ".join([NOT_SHOWN, *flags])
