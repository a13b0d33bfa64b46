"""What kind of expectation was asked for, where the questions say it plainly; else it must be asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cxgap.inspection.column import Column
from cxgap.inspection.names import bare, pieces
from cxgap.inspection.pairing import sentence

# "What do you expect" is none of them: it asks for a wish, a right or a forecast, as everybody likes.
_SAID: Final = {
    "should": r"\bshould\b|\bsollte|\bdevrai|\bdeberia|\bdeveria|\bdovrebbe|\bzou(?:den)? moeten|해야|べき|应该|應該"
    r"|seharusnya|должн",
    "desired": r"\bdesire|\bexcellent\b.{0,60}\b(?:will|would|should)\b|\bgewunscht|\bwunschen sie"
    r"|\bsouhait|\bdesead|\bdesej|\bdesider|\bgewenst|바라는|원하는|希望する|望まし",
    "predicted": r"\bpredict|\bdo you think\b.{0,60}\bwill\b|\bwill actually\b|\bvoraussichtlich",
    "ideal_point": r"\bideal",
    "promised": r"\bpromise|\bversprochen|\bpromis[e\b]|\bprometid|약속|約束|承诺",
}
_ASKS: Final = {kind: re.compile(words) for kind, words in _SAID.items()}
_NAMED: Final = {
    "desired": "desired",
    "des": "desired",
    "gewunscht": "desired",
    "should": "should",
    "soll": "should",
    "predicted": "predicted",
}


def expectation_kind(columns: Sequence[Column]) -> tuple[str, str]:
    """Return a key of `vocabulary.EXPECTATION_TYPES` and the evidence, or two blanks where it must be asked."""
    if not columns:
        return "", ""
    worded = [bare(sentence(column)) for column in columns]
    kinds = [{kind for kind, words in _ASKS.items() if words.search(text)} for text in worded]
    met = set().union(*kinds)
    if len(met) == 1:
        (kind,) = met
        count = sum(kind in found for found in kinds)
        if count * 2 > len(columns):
            return kind, f"{count} of {len(columns)} questions ask for it in words, such as {sentence(columns[0])[:80]!r}"
    if met:
        return "", ""
    named = {_NAMED[piece.text] for column in columns for piece in pieces(column.name) if piece.text in _NAMED}
    if len(named) == 1 and all(any(piece.text in _NAMED for piece in pieces(column.name)) for column in columns):
        return named.pop(), f"their names say so, such as {columns[0].name!r}"
    return "", ""
