"""What changed between two runs, and why: the data, the definition or the code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cxgap.errors import ArgumentError, CxgapError
from cxgap.report.differences import DATA, DEFINITION, Differences, RowChange, compare_records
from cxgap.report.published import Published, find_pages, find_published
from cxgap.report.recompute import recompute
from cxgap.report.wording import listing, many, paragraph

MOST_ROWS: Final = 20  # of one report
MOST_SENTENCES: Final = 10
_SHOWN: Final = ("estimate", "verdict", "n", "start", "end", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs of one report.

    Attributes
    ----------
    name : of the report
    was, now : the two runs
    found : all that differs
    why : the cause in a sentence
    """

    name: str
    was: Path
    now: Path
    found: Differences
    why: str

    @property
    def equal(self) -> bool:
        """Whether nothing differs that a reader sees."""
        return not self.found.shown

    def lines(self) -> list[str]:
        """Return what to say of it, one line each."""
        found = self.found
        if self.equal:
            remarks = [f"  {cause.kind}: {cause.text}" for cause in found.causes]
            return [paragraph(f"{self.name}: the same"), *map(_line, remarks)]
        lines = [f"{self.name}: {self.why}", *(f"  {cause.kind}: {cause.text}" for cause in found.causes)]
        lines += [f"  {name}: {was} -> {now}" for name, (was, now) in found.counts.items()]
        lines += [f"  {row_words(change)}" for change in found.rows[:MOST_ROWS]]
        lines += _more(len(found.rows) - MOST_ROWS, "row")
        lines += [f"  {text}" for text in found.sentences[:MOST_SENTENCES]]
        return [*map(_line, lines), *_more(len(found.sentences) - MOST_SENTENCES, "sentence")]

    def record(self) -> dict[str, Any]:
        """Return it for a program to read."""
        found = self.found
        return {
            "report": self.name,
            "was": str(self.was),
            "now": str(self.now),
            "equal": self.equal,
            "why": self.why,
            "causes": [cause._asdict() for cause in found.causes],
            "counts": {name: list(pair) for name, pair in found.counts.items()},
            "rows": [
                {"table": change.table, "row": change.row, "what": change.what}
                | {"cells": {column: list(pair) for column, pair in change.cells.items()}}
                for change in found.rows
            ],
            "sentences": found.sentences,
        }


def compare(was: Path, now: Path, *, again: bool = False) -> list[Comparison | str]:
    """Compare two runs of a report, or all reports of two output folders.

    Parameters
    ----------
    was, now : pages, folders of runs or reports, or folders of all reports
    again : whether to part several causes by making the older report again with what there is today

    Returns
    -------
    One entry a report; a line of text for a report that only one of the two has

    Raises
    ------
    ArgumentError : there is no page, or no record is of it.
    """
    pages = find_pages(was), find_pages(now)
    if max(map(len, pages)) == 1 and not (_is_output(was) and _is_output(now)):
        return [_compare(find_published(pages[0][0]), find_published(pages[1][0]), again=again)]
    if not (_is_output(was) and _is_output(now)):
        raise ArgumentError("`cxgap diff` must have two pages, two folders of one report each, or two folders of all reports.")
    before, after = ({page.parent.name: page for page in found} for found in pages)
    found: list[Comparison | str] = []
    for slug in sorted({*before, *after}):
        if slug not in after or slug not in before:
            found.append(paragraph(f"{slug}: {'gone' if slug in before else 'new'}"))
            continue
        found.append(_compare(find_published(before[slug]), find_published(after[slug]), again=again))
    return found


def _is_output(place: Path) -> bool:
    return place.is_dir() and not (place / "report.html").is_file()


def _compare(was: Published, now: Published, *, again: bool) -> Comparison:
    found = compare_records(was.record, now.record)
    names = dict.fromkeys((was.name, now.name))
    why = _parted(was, now, found) if again and len(found.kinds) > 1 and found.shown else _why(found)
    return Comparison(" against ".join(names), was.page, now.page, found, why)


def _why(found: Differences) -> str:
    """Say why numbers changed, as far as records tell."""
    if not found.shown:
        return "nothing changed that a reader sees"
    if not found.kinds:
        return "changed, and no record says why: data, definition and versions are the same; type `cxgap verify` for each"
    if len(found.kinds) == 1:
        return f"changed, because of the {found.kinds[0]}"
    return f"changed; {listing(found.kinds)} changed at once, and records alone cannot part them; --recompute may"


def _parted(was: Published, now: Published, found: Differences) -> str:
    """Make the older report again with the notebook, code and inputs of today, and say what moved on which way."""
    try:
        middle = recompute(was).record
    except CxgapError as error:
        return f"{_why(found)}; the older report cannot be made again: {error}"
    legs = [compare_records(was.record, middle), compare_records(middle, now.record)]
    said = [_leg(leg) for leg in legs]
    if all(len(leg.kinds) <= 1 for leg in legs):
        return f"changed; made again today, the older report has {said[0]}; from there to the newer one {said[1]}"
    if any(leg.kinds and set(leg.kinds) <= {DATA, DEFINITION} for leg in legs):
        return f"changed; of the causes, {said[0]} when the older report is made again today, and {said[1]} from there on"
    return f"{_why(found)}: made again today, the older report has {said[0]}, and then {said[1]}"


def _leg(leg: Differences) -> str:
    kinds = f" because of {listing(leg.kinds)}" if leg.kinds else ""
    return f"{many(len(leg.rows), 'changed row')}{kinds}"


def row_words(change: RowChange) -> str:
    """Say what became of one row: its estimate and verdict first."""
    head = f"{change.table} / {change.row}"
    if change.what != "changed":
        return f"{head}: {change.what}"
    names = [name for name in _SHOWN if name in change.cells] or list(change.cells)[:3]
    rest = len(change.cells) - len(names[:4])
    said = ", ".join(f"{name} {_words(change.cells, name)}" for name in names[:4])
    return f"{head}: {said}{f' and {rest} more' if rest else ''}"


def _words(cells: Mapping[str, tuple[Any, Any]], name: str) -> str:
    was, now = cells[name]
    text = f"{_number(was)} -> {_number(now)}"
    if name == "estimate" and all(isinstance(value, int | float) for value in (was, now)):
        text += f" ({now - was:+.3g})"
    return text


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "none" if value is None else str(value)


def _more(number: int, noun: str) -> Iterator[str]:
    if number > 0:
        yield f"  and {many(number, noun)} more; --json has all"


def _line(text: str) -> str:
    return text[: len(text) - len(text.lstrip())] + paragraph(text)
