"""Sentences about one table, each tied to the row it speaks of. Displaying them is recording them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxgap import markup

PROSE_MIME = "application/vnd.cxgap.prose+json"
PROSE_SCHEMA = "cxgap.prose/1"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, the row of the table that it speaks of, and the words in it that carry the finding.

    Attributes
    ----------
    text : the sentence
    row : position of its row in the GapTable, or None where it speaks of the whole table
    strong : parts of `text` to set in bold
    of : slug of the GapTable of `row`, in prose that speaks of several; else nothing
    """

    text: str
    row: int | None = None
    strong: tuple[str, ...] = ()
    of: str = ""

    def record(self) -> dict[str, Any]:
        """Return the sentence as JSON-able values."""
        own = {"text": self.text, "row": self.row, "strong": list(self.strong)}
        return own | ({"of": self.of} if self.of else {})


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences about one GapTable; shown as plain text and as escaped HTML.

    Attributes
    ----------
    headline : the finding, short enough to be a title
    lead : the answer in a few sentences
    details : one sentence a row, in the order of the table
    limits : what the reader must know to trust or distrust the answer
    """

    headline: str
    lead: tuple[Sentence, ...] = ()
    details: tuple[Sentence, ...] = ()
    limits: tuple[Sentence, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the sentences as JSON-able values."""
        parts = {name: [sentence.record() for sentence in getattr(self, name)] for name in ("lead", "details", "limits")}
        return {"schema": PROSE_SCHEMA, "headline": self.headline, **parts}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Prose:
        """Make the sentences again from what `record` returned."""
        parts = {
            name: tuple(Sentence(s["text"], s["row"], tuple(s["strong"]), s.get("of", "")) for s in record[name])
            for name in ("lead", "details", "limits")
        }
        return cls(record["headline"], **parts)

    def __repr__(self) -> str:
        groups = (self.lead, self.details, self.limits)
        paragraphs = [self.headline, *("\n".join(s.text for s in group) for group in groups if group)]
        return "\n\n".join(paragraphs)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/plain": repr(self), "text/html": prose_html(self), PROSE_MIME: self.record()}


def prose_html(prose: Prose) -> str:
    """Write the sentences for a notebook: the headline in bold, each group a paragraph or a list."""
    bold = f"<p><strong>{markup.prose(prose.headline)}</strong></p>"
    return bold + sentences_html(prose.lead) + list_html(prose.details) + sentences_html(prose.limits)


def sentences_html(sentences: Sequence[Sentence], kind: str = "") -> str:
    """Write sentences as one paragraph."""
    text = " ".join(markup.prose(s.text, s.strong) for s in sentences)
    opening = f'<p class="{kind}">' if kind else "<p>"
    return f"{opening}{text}</p>" if sentences else ""


def list_html(sentences: Sequence[Sentence]) -> str:
    """Write sentences as a list."""
    items = "".join(f"<li>{markup.prose(s.text, s.strong)}</li>" for s in sentences)
    return f"<ul>{items}</ul>" if sentences else ""
