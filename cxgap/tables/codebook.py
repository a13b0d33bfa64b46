"""The questions of the survey: which dimension and touchpoint each belongs to, and where its ratings stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from cxgap.errors import StudyError, listed, nearest
from cxgap.tables.catalog import CODEBOOK
from cxgap.tables.formats import read_file
from cxgap.tables.header import headless, require_columns, settle_header
from cxgap.tables.issues import CHECKS, Issues
from cxgap.tables.questionnaire import is_wording, items_of
from cxgap.tables.schema import stripped
from cxgap.tables.sections import Item
from cxgap.tables.source import Responses
from cxgap.tables.spec import StudyFile
from cxgap.vocabulary import COLUMN_WORDS

RATINGS = ("expectation", "perception")
UNRATED = "overall"  # the item of answers where nothing was rated item by item
ON_SCALE = (*RATINGS, "adequate")  # the third, of what is just acceptable, need not be asked


def read_codebook(spec: StudyFile, folder: Path, issues: Issues) -> tuple[dict[str, Item], dict[str, object] | None]:
    """Read the items of a study, from [items] or from the file of [codebook].

    Returns
    -------
    Items by name, in their order; and what is known of the file, or None.

    Raises
    ------
    StudyError, ColumnError : the codebook is given twice or cannot be read, or an item in it has no name or several rows.
    """
    if spec.codebook is None:
        return dict(spec.items), None
    source = spec.codebook
    if spec.items:
        raise StudyError("the items must be declared once, under [items] or in the file of [codebook], and both are given.")
    raw = read_file(folder, source, CODEBOOK.required)
    for row, reason, _ in raw.unread:
        raise StudyError(f"{source.at(row)}: {CHECKS[reason][0]}; {CHECKS[reason][1]}.")
    wording = [name for name in raw.frame.columns if is_wording(name)]
    frame = settle_header(raw.frame, source, table="codebook", known=[*CODEBOOK.names, *wording], issues=issues)
    require_columns(frame, CODEBOOK.required, table="codebook")
    items = items_of(frame[[name for name in (*CODEBOOK.names, *wording) if name in frame]].apply(stripped), source)
    return items, raw.about("codebook", source)


def rating_columns(spec: StudyFile, items: Mapping[str, Item], header: Sequence[str], issues: Issues) -> pd.DataFrame:
    """Say where in the survey file the ratings stand.

    Returns
    -------
    One row an item of a wide file, or one row for the whole of a long one: item, expectation, perception, adequate,
    importance (names of columns, None where there is none).

    Raises
    ------
    StudyError : the patterns do not lead to a pair of columns for each item.
    """
    source = spec.responses
    if source.layout == "long":
        rows = [{"item": None, **{rating: getattr(source, rating) or None for rating in (*ON_SCALE, "importance")}}]
        if any("{item}" in (getattr(source, rating) or "") for rating in ON_SCALE):
            raise StudyError('[responses] patterns with {item} are for layout = "wide"; a long file has one column a rating.')
    elif not (source.expectation or source.perception or items):  # nothing was rated: a row is an answer
        rows = [{"item": UNRATED, **dict.fromkeys((*ON_SCALE, "importance"))}]
    else:
        found, alone = _discover(source, header)
        if not items and not found:
            raise StudyError(
                headless(header, source.at(source.heads[-1]))
                or _undivided(header, source)
                or f"[responses] expectation = {source.expectation!r} and perception = {source.perception!r} must be patterns, "
                f"with {{item}} for the item, and fit no pair of the columns of {source.place}, {listed(header)}; give the "
                f"patterns, or name the columns under [items]{_one(source, header)}."
            )
        pattern = source.expectation or source.perception
        forgotten = [pattern.replace("{item}", name) for name in found if name not in items]
        if items and forgotten:
            raise StudyError(
                f"every item of {source.place} must be in the codebook; the columns {listed(forgotten)} fit the pattern, and "
                "their items are not declared. Add them, with retained = false where they are to stay out of scores."
            )
        for column, partner in ({} if items else alone).items():
            if column in COLUMN_WORDS:  # "event_id" fits e{item}, and is no rating
                continue
            near = nearest(partner, [name for name in header if name not in alone])
            lacking = f"there is no column {partner!r}, so its answers are not counted.{near}"
            issues.add("unpaired_column", "warning", table="responses", column=column, fix=lacking)
        rows = [{"item": name, **_columns_of(name, items.get(name, Item()), source)} for name in items or found]
    asked = pd.DataFrame(rows, columns=["item", *ON_SCALE, "importance"], dtype=object)
    places = columns_of(asked[list(ON_SCALE)])
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        patterns = {rating: getattr(source, rating) for rating in ON_SCALE if asked[rating].notna().any()}
        raise StudyError(
            f"[responses] {' and '.join(patterns)} must lead to a column each for every item, by patterns such as "
            f'"e{{item}}" and "p{{item}}", not {" and ".join(map(repr, patterns.values()))}: {twice!r} is met twice.'
        )
    return asked


def _one(source: Responses, header: Sequence[str]) -> str:
    """Say how a single column is named, where the patterns are one."""
    one = next((name for name in (source.perception, source.expectation) if name and name in header), "")
    rating = "perception" if one == source.perception else "expectation"
    return f', such as [items.score] with {rating} = "{one}"' if one else ""


def _undivided(header: Sequence[str], source: Responses) -> str:
    """Say that a row is one column, because what stands between its words is no delimiter; "" where it has several."""
    if len(header) != 1 or not re.search(r"[\s,;:^~\t|]", header[0]):
        return ""
    return (
        f"{source.at(source.heads[-1])}: the row must name the columns with one of , ; tab and bar between them, and is one "
        f"column, {header[0][:80]!r}; export the file with commas, and without a quote around each row."
    )


def columns_of(asked: pd.DataFrame) -> list[str]:
    """Name the columns of the file in which ratings stand, one entry an item and rating."""
    return [place for name in asked if name != "item" for place in asked[name] if place is not None]


def items_in(asked: pd.DataFrame) -> dict[str, list[str | None]]:
    """Name the items whose ratings stand in each column of the file; None where any may."""
    items: dict[str, list[str | None]] = {}
    for rating in (*ON_SCALE, "importance"):
        for item, place in zip(asked["item"], asked[rating], strict=True):
            if place is not None:
                items.setdefault(place, []).append(item)
    return items


def _columns_of(name: str, item: Item, source: Responses) -> dict[str, str | None]:
    columns: dict[str, str | None] = {}
    for rating in (*ON_SCALE, "importance"):
        pattern = getattr(item, rating) or getattr(source, rating)
        if pattern and "{dimension}" in pattern and not item.dimension:
            if rating in ON_SCALE:
                raise StudyError(f"[responses] {rating} = {pattern!r} needs the dimension of item {name!r}; declare it.")
            pattern = None
        columns[rating] = None if not pattern else pattern.replace("{item}", name).replace("{dimension}", item.dimension or "")
    return columns


def _discover(source: Responses, header: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Find the items that have a column of each pattern that was asked, and what the partner of a lone one would be called."""
    found: list[dict[str, str]] = []
    for pattern in filter(None, (source.expectation, source.perception)):
        before, mark, after = pattern.partition("{item}")
        shape = re.compile(re.escape(before) + "(.+)" + re.escape(after) if mark else "(?!)")
        found.append({match[1]: name for name in header if (match := shape.fullmatch(name))})
    if len(found) < 2:  # one of the two was not asked
        return [*found[0]] if found else [], {}
    expected, perceived = found
    names = [name for name in expected if name in perceived]
    alone = {column: source.perception.replace("{item}", name) for name, column in expected.items() if name not in perceived}
    alone |= {column: source.expectation.replace("{item}", name) for name, column in perceived.items() if name not in expected}
    paired = {columns[name] for columns in found for name in names}
    return names, {column: partner for column, partner in alone.items() if column not in paired}
