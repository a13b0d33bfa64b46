"""Texts as they are compared: what a person takes for one word is one word."""

from __future__ import annotations

from unicodedata import normalize

_STRAIGHT = str.maketrans(dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-"))  # noqa: RUF001
_DOT_ABOVE = "\u0307"  # what is left of a Turkish capital I with a dot when it is made small


def straight(text: str) -> str:
    """Return a text with letters of usual width and with plain quotes and dashes.

    These come first too, because NFKC takes an accent that stands alone for a space and a mark.
    """
    return normalize("NFKC", text.translate(_STRAIGHT)).translate(_STRAIGHT)


def fold(text: str) -> str:
    """Return a text whatever its case, width, spaces, kind of quotes and dashes, and way of writing an accent."""
    return normalize("NFC", " ".join(straight(text).casefold().replace(_DOT_ABOVE, "").split()))
