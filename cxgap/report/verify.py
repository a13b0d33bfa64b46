"""Whether a published page is what its record says, and what its inputs still give: the first cause is said first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cxgap.errors import CxgapError
from cxgap.report.differences import CODE, DATA, DEFINITION, Differences, compare_records
from cxgap.report.publish import REPORT
from cxgap.report.published import Published, find_published
from cxgap.report.recompute import Again, recompute
from cxgap.report.wording import many, paragraph

ACROSS_VERSIONS: Final = 1e-9  # relative; between the same versions numbers are the same to the bit
MOST_SHOWN: Final = 10  # cells, and sentences, of one page
_KINDS: Final = {DATA: "input", DEFINITION: "definition", CODE: "version"}


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of one page.

    Attributes
    ----------
    page : the file
    of : which report and run it is of, as far as that is known
    problems : what differs, the first cause first; empty if the page is what its record and its inputs give
    notes : what was different without changing anything that the page shows
    """

    page: Path
    of: str
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether the page is what its record and its inputs give."""
        return not self.problems

    def lines(self) -> list[str]:
        """Return what to say of the page, one line each."""
        state = "equal" if self.equal else "differs"
        head = f"{self.page}: {state}; {self.of}"
        return [paragraph(head), *(f"  {paragraph(text)}" for text in (*self.problems, *self.notes))]

    def record(self) -> dict[str, object]:
        """Return it for a program to read."""
        return asdict(self) | {"page": str(self.page), "equal": self.equal}


def verify(page: Path, *, output: Path | None = None, study: str | None = None, notebook: Path | None = None) -> Verification:
    """Make a published page again from its record, and say what differs.

    Parameters
    ----------
    page : an existing file
    output : the folder of reports that holds its record, where the page was copied elsewhere
    study, notebook : where they lie now, if they are not found from the record

    Raises
    ------
    ArgumentError : no record is of the page.
    """
    published = find_published(page, output=output)
    damaged = [f"damaged: {text}" for text in published.damaged]
    try:
        again = recompute(published, study=study, notebook=notebook)
    except CxgapError as error:
        return Verification(page, published.name, (*damaged, f"not made again: {paragraph(error)}"))
    tolerance = 0.0 if again.record["versions"] == published.record["versions"] else ACROSS_VERSIONS
    found = compare_records(published.record, again.record, tolerance=tolerance)
    causes = [f"{_KINDS[cause.kind]} changed: {cause.text}" for cause in found.causes]
    damaged += _lock(published.record["study"].get("targets"), again.record["study"].get("targets"))
    effects = list(_effects(found))
    if not effects and not tolerance:
        effects += _bytes(published, again)
    if tolerance and not effects and found.kinds == [CODE]:
        return Verification(page, published.name, tuple(damaged), (*causes, "no number moved by more than 1e-9 of itself"))
    if effects and not causes and not published.damaged:
        effects.insert(0, "damaged: the record is not what its own inputs, notebook and versions give")
    return Verification(page, published.name, (*damaged, *causes, *effects))


def _lock(was: Any, now: Any) -> list[str]:
    """Say whether the lock of targets is still the one that the page was made with, as far as it had come then."""
    if not isinstance(was, dict) or was.get("fault"):
        return []
    now = now if isinstance(now, dict) else {}
    if fault := now.get("fault"):
        return [f"lock of targets: {fault}"]
    if was["locked"] and was["head"] != now.get("head"):
        return [f"lock of targets: its first {many(was['locked'], 'line')} are not those that the page was made with"]
    return []


def _effects(found: Differences) -> Iterator[str]:
    """Say what a reader would see differently: counts, numbers and sentences; what was, and what is."""
    for name, (was, now) in found.counts.items():
        yield f"{name}: was {was}, is {now}"
    cells = [
        f"table {change.table}, row {change.row}, column {column}: was {was}, is {now}"
        for change in found.rows
        for column, (was, now) in change.cells.items()
    ]
    cells += [f"table {change.table}, row {change.row}: is {change.what}" for change in found.rows if not change.cells]
    for texts, noun in ((cells, "number"), (found.sentences, "sentence")):
        yield from texts[:MOST_SHOWN]
        if len(texts) > MOST_SHOWN:
            yield f"and {many(len(texts) - MOST_SHOWN, noun)} more"


def _bytes(published: Published, again: Again) -> Iterator[str]:
    """Say which files come out differently although every number in them is the same."""
    said = {file["name"]: file["sha256"] for file in published.record["artefacts"]}
    for name in dict.fromkeys([*said, *(name for name in again.hashes if name.startswith((REPORT, "tables/")))]):
        if said.get(name) != again.hashes.get(name):
            yield f"{name} comes out with other bytes, though every number and sentence of the record is the same"
