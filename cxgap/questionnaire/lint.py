"""What is wrong with a questionnaire before anybody has answered it, or after: one row a fault, with what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from cxgap.inspection.inspection import inspect
from cxgap.inspection.proposed import ScaleProposal
from cxgap.inspection.scales import propose_scale
from cxgap.result import Table
from cxgap.tables.codebook import UNRATED, columns_of, rating_columns, read_codebook
from cxgap.tables.formats import read_file
from cxgap.tables.issues import Issues
from cxgap.tables.read import find_study
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile, load_spec
from cxgap.vocabulary import counted

SLUG = "questionnaire"
LONGEST = 25  # words of a question
FEWEST = 3  # items of a dimension

# What joins two questions in one, and what turns a question round, as whole words; in Korean as endings too.
JOINS: Final = re.compile(
    r"\b(and|or|as well as|und|oder|sowie|et|ou|ainsi que|y|e|o|u|así como)\b|\w/\w|및|또는|그리고|(?<=[가-힣])(고|며)\s",
    re.IGNORECASE,
)
NEGATIONS: Final = re.compile(
    r"\b(not|no|never|n't|cannot|nicht|kein\w*|nie|ne|pas|jamais|aucun\w*|nunca|ningun\w*|sin)\b|n't\b|않|없|못", re.IGNORECASE
)


class Asked(NamedTuple):
    """One item as it is asked; None where it is not known."""

    item: str
    wordings: tuple[str, ...]
    expectation: bool | None
    perception: bool | None
    scale: tuple[float, float] | None
    declines: bool | None  # whether "does not apply" can be answered
    dimension: str
    negative: bool
    languages: frozenset[str] = frozenset()


def lint_questionnaire(instrument: str | Path) -> Table:
    """Look for what makes a questionnaire's gaps wrong or unreadable.

    Parameters
    ----------
    instrument : a study file, or any file that `inspect` reads, such as a survey export with its questions

    Returns
    -------
    Table "questionnaire", one row a fault: `item`, `check`, `what`, `fix`. The checks: unpaired (asked once, not as expectation
    and perception), no_decline (nobody can say that it does not apply), double_barrelled (two questions in one), mixed_scales,
    negative_wording, same_wording, long_wording, few_items (a dimension of fewer than three), untranslated.

    Raises
    ------
    StudyError : the file cannot be read.

    References
    ----------
    Babakus & Boller (1992), Journal of Business Research 24(3), 253-268 (negative wording makes factors of its own).
    Dillman, Smyth & Christian (2014), Internet, Phone, Mail, and Mixed-Mode Surveys, 4th ed. (one thing at a time).
    """
    asked = _of_study(instrument) if _is_study(instrument) else _of_file(instrument)
    rows = [row for check in _CHECKS for row in check(asked)]
    frame = pd.DataFrame(rows, columns=["item", "check", "what", "fix"])
    if not asked:
        why = "no items are declared" if _is_study(instrument) else "no items were found in the file"
        return Table(frame, SLUG, "Questionnaire", missing=f"{why}, so that nothing was looked at.")
    found = frame["item"].nunique()
    title = (
        f"{counted(found, 'item')} of {len(asked)} should be looked at"
        if found
        else f"Nothing is wrong with {len(asked)} items"
    )
    shown = {name: (name, str) for name in ("item", "what", "fix")}
    notes = ["A fault is a reason to look; whether to change it is yours."] if found else []
    return Table.of(frame, slug=SLUG, title=title, columns=shown, notes=[*notes, *_unchecked(asked)])


def _unchecked(asked: Sequence[Asked]) -> list[str]:
    """Say which checks could not be made, because what they look at is not known of any item."""
    unknown = {
        "few_items": ("Dimensions are", all(not one.dimension for one in asked)),
        "no_decline": ("Codes for no answer are", any(one.declines is None for one in asked)),
        "mixed_scales": ("The scale of each item is", any(one.scale is None for one in asked)),
    }
    notes = [f"{what} not known, so that {check} was not checked." for check, (what, lacks) in unknown.items() if lacks]
    if not any(one.wordings for one in asked):
        notes.append("The wording of the items is not known, so that how they are worded was not checked.")
    return notes


def _is_study(instrument: str | Path) -> bool:
    path = Path(instrument)
    return str(instrument) == "sample" or path.suffix == ".toml" or (path / "study.toml").is_file()


def _of_study(instrument: str | Path) -> list[Asked]:
    path = find_study(instrument)
    spec, _ = load_spec(path)
    items, _ = read_codebook(spec, path.parent, Issues())
    items = items or _of_survey(spec, path.parent)
    return [_item(name, item, spec) for name, item in items.items() if item.retained]


def _of_survey(spec: StudyFile, folder: Path) -> dict[str, Item]:
    """Take the items that nobody declared from the survey, where it is there: its header, or its column of items."""
    source = spec.responses
    if not source.file or not (source.address or (folder / source.file).is_file()):
        return {}
    raw = read_file(folder, source, ())
    names = {source.rename.get(name, name): name for name in raw.frame.columns}
    if source.layout == "long":
        found = raw.frame[names["item"]].str.strip().unique() if "item" in names else []
        return {name: Item() for name in found if name}
    items = {}
    for row in rating_columns(spec, {}, list(names), Issues()).to_dict("records"):
        columns = columns_of(pd.DataFrame([row]))
        said = (raw.wording.get(names[name], "") for name in columns if name in names)
        if row["item"] != UNRATED or columns:
            items[str(row["item"])] = Item(label=next(filter(None, said), ""))
    return items


def _item(name: str, item: Item, spec: StudyFile) -> Asked:
    source = spec.responses
    return Asked(
        item=name,
        wordings=tuple(dict.fromkeys(filter(None, [item.label, *item.wording.values()]))),
        expectation=bool(item.expectation or source.expectation),
        perception=bool(item.perception or source.perception),
        scale=(spec.scale.low if item.low is None else item.low, spec.scale.high if item.high is None else item.high),
        declines=bool(source.missing),
        dimension=item.dimension or "",
        negative=item.negative or item.reversed,
        languages=frozenset(item.wording),
    )


def _of_file(instrument: str | Path) -> list[Asked]:
    found = inspect(instrument)
    columns = found.columns.set_index("column")
    proposal, known = found.found[0].proposal, {column.name: column for column in found.found[0].profile.columns}
    usual, asked = _settled(proposal.scale), []
    for pair in found.pairs.to_dict("records"):
        own = [pair[rating] for rating in ("perception", "expectation") if pair[rating]]
        wordings = [columns.loc[name, "wording"] for name in own]
        labelled = [known[name] for name in own if name in known and known[name].labels]
        asked.append(
            Asked(
                item=str(pair["item"]),
                wordings=tuple(dict.fromkeys(filter(None, wordings))),
                expectation=bool(pair["expectation"]),
                perception=bool(pair["perception"]),
                scale=_settled(propose_scale(labelled)) if labelled else usual,
                declines=bool(proposal.missing) or None,
                dimension="",
                negative=False,
            )
        )
    return asked


def _settled(scale: ScaleProposal) -> tuple[float, float] | None:
    """Return the lowest and highest answer where nothing must be asked of them; what was answered says neither."""
    return None if scale.question or scale.low is None or scale.high is None else (scale.low, scale.high)


Rows = Iterator[tuple[str, str, str, str]]


def _unpaired(asked: Sequence[Asked]) -> Rows:
    for one in asked:
        if one.expectation is not None and one.expectation != one.perception:
            given, lacking = ("expectation", "perception") if one.expectation else ("perception", "expectation")
            yield (
                one.item,
                "unpaired",
                f"asks the {given} and not the {lacking}",
                f"ask the {lacking} too, or leave it out of gaps",
            )


def _no_decline(asked: Sequence[Asked]) -> Rows:
    if asked and all(one.declines is False for one in asked):
        what = "nobody can say that a question does not apply, so that people guess"
        yield "all items", "no_decline", what, 'offer "does not apply", and declare its code in `missing` under [responses]'


def _double_barrelled(asked: Sequence[Asked]) -> Rows:
    for one in asked:
        for wording in one.wordings:
            if match := JOINS.search(wording):
                what = f"asks two things in one ({match[0].strip()!r} in {wording[:60]!r})"
                yield one.item, "double_barrelled", what, "ask each on its own, or leave one out"
                break


def _mixed_scales(asked: Sequence[Asked]) -> Rows:
    scales = Counter(one.scale for one in asked if one.scale is not None)
    if len(scales) > 1:
        usual = scales.most_common(1)[0][0]
        for one in asked:
            if one.scale not in (None, usual) and one.scale is not None:
                what = f"is rated from {one.scale[0]:g} to {one.scale[1]:g}, most others from {usual[0]:g} to {usual[1]:g}"
                yield one.item, "mixed_scales", what, "ask all items on one scale"


def _negative(asked: Sequence[Asked]) -> Rows:
    for one in asked:
        match = next((found for wording in one.wordings if (found := NEGATIONS.search(wording))), None)
        if match or one.negative:
            said = f" ({match[0].strip()!r})" if match else ""
            what = f"is asked in the negative{said}, which people misread"
            yield one.item, "negative_wording", what, "ask it the other way; if it stays, declare `negative` and `reversed`"


def _same(asked: Sequence[Asked]) -> Rows:
    counts = Counter(wording.casefold() for one in asked for wording in set(one.wordings))
    for one in asked:
        if any(counts[wording.casefold()] > 1 for wording in one.wordings):
            yield (
                one.item,
                "same_wording",
                "has the wording of another item",
                "word each item so that people can tell them apart",
            )


def _long(asked: Sequence[Asked]) -> Rows:
    for one in asked:
        words = max((len(wording.split()) for wording in one.wordings), default=0)
        if words > LONGEST:
            yield one.item, "long_wording", f"has {words} words", f"say it in {LONGEST} at most"


def _few(asked: Sequence[Asked]) -> Rows:
    counts = Counter(one.dimension for one in asked if one.dimension)
    for name, count in counts.items():
        if count < FEWEST:
            what = f"is asked by {counted(count, 'item')}, so that its reliability cannot be told well"
            yield f"dimension {name}", "few_items", what, f"ask at least {FEWEST} items of each dimension"


def _untranslated(asked: Sequence[Asked]) -> Rows:
    languages = frozenset().union(*(one.languages for one in asked)) if asked else frozenset()
    for one in asked:
        if lacking := sorted(languages - one.languages):
            yield one.item, "untranslated", f"has no wording in {', '.join(lacking)}, and others have", "translate it"


_CHECKS: tuple[Callable[[Sequence[Asked]], Rows], ...] = (
    _unpaired,
    _no_decline,
    _double_barrelled,
    _mixed_scales,
    _negative,
    _same,
    _long,
    _few,
    _untranslated,
)
