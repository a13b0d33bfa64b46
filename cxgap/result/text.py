"""Paragraphs of our own about how something was made. Displaying them puts them on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxgap import markup

TEXT_MIME = "application/vnd.cxgap.text+json"
TEXT_SCHEMA = "cxgap.text/1"


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs; shown as such, printed as such, and `str` of it is the text."""

    paragraphs: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return the paragraphs as JSON-able values."""
        return {"schema": TEXT_SCHEMA, "paragraphs": list(self.paragraphs)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Text:
        """Make the paragraphs again from what `record` returned."""
        return cls(tuple(map(str, record["paragraphs"])))

    def __str__(self) -> str:
        return "\n\n".join(self.paragraphs)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/plain": str(self), "text/html": text_html(self), TEXT_MIME: self.record()}


def text_html(text: Text) -> str:
    """Write one paragraph each."""
    return "".join(f"<p>{markup.prose(part)}</p>" for part in text.paragraphs)
