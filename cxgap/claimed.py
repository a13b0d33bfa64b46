"""What others are said to have found: each outside claim that our texts mention, with its source and a caution."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

CONFIRMED, DISPUTED, REFUTED, NOT_CHECKED = "confirmed", "disputed", "refuted", "not checked"
STATUSES: Final = (CONFIRMED, DISPUTED, REFUTED, NOT_CHECKED)
_FILE: Final = Path(__file__).with_name("claims.toml")


class Claim(NamedTuple):
    """One outside claim.

    Attributes
    ----------
    key : its name in claims.toml
    statement, source, base : what is said, by whom, and of whom it was found
    year : of the source; 0 where none is known
    status : one of STATUSES
    seen : what of it was looked up, and where; what is from memory
    caution : what must be said beside it
    patterns : regular expressions, one of which a text that tells it matches
    """

    key: str
    statement: str
    source: str
    base: str
    year: int
    status: str
    seen: str
    caution: str
    patterns: tuple[str, ...]

    def is_told_by(self, text: str) -> bool:
        """Say whether a text tells this claim."""
        return any(re.search(pattern, text, re.IGNORECASE) for pattern in self.patterns)


@cache
def known_claims() -> dict[str, Claim]:
    """Return the claims by their keys, in the order of the file."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {key: Claim(key=key, **{**claim, "patterns": tuple(claim["patterns"])}) for key, claim in read.items()}


def caution_of(key: str) -> str:
    """Return what must be said beside a claim."""
    return known_claims()[key].caution
