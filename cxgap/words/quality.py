"""Measurement quality in sentences: what each dimension can bear, and the numbers that speak against it."""

from __future__ import annotations

import re
from typing import Final

from cxgap.result import Prose, Sentence, Table
from cxgap.words.numbers import capital, listed

_SAID: Final = {
    "good": "{0} measured well enough.",
    "with care": "{0} to be read with care.",
    "poor": "{0} not measured well enough to rest anything on.",
    "cannot tell": "Of {0} we cannot tell.",
    "not shown": "{0} not shown, because too few answered.",
}
# What an index that fails says, before its number.
_PLAIN: Final = {
    r"(omega|alpha)": "its answers do not go together well enough",
    r"the gap's reliability": "too much of its gap is chance",
    r"AVE": "its questions share less than half of their spread",
    r"HTMT ([\d.]+) with (.+)": r"customers hardly tell it from \2",
}


def describe_quality(table: Table) -> Prose:
    """Put the verdicts into words: which dimensions have which, and one sentence for each that has something against it."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("dimension") + 1])
    names = [" · ".join(map(str, row)) for row in frame[keys].itertuples(index=False)]
    verdicts = list(frame["verdict"])
    lead = []
    for verdict, template in _SAID.items():
        those = [name for name, said in zip(names, verdicts, strict=True) if said == verdict]
        if those:
            verb = "" if verdict == "cannot tell" else " is" if len(those) == 1 else " are"
            lead.append(Sentence(capital(template.format(f"{listed(those)}{verb}"))))
    details = [
        Sentence(f"{capital(name)}: {'; '.join(map(_plainly, why.split('; ')))}.", row, (capital(name),))
        for row, (name, why) in enumerate(zip(names, frame["failing"].astype(str), strict=True))
        if why
    ]
    alike = len(set(verdicts)) == 1 and len(names) > 1  # the headline says it all
    return Prose(table.title, () if alike else tuple(lead), tuple(details))


def _plainly(failing: str) -> str:
    """Say what an index means, and put its number and limit in brackets: "HTMT 0.90 with empathy (above 0.85)"."""
    found = re.fullmatch(r"(.*?) ?\((above|below) (.*)\)", failing)
    if found is None:
        return failing
    index, side, limit = found.groups()
    for pattern, plain in _PLAIN.items():
        match = re.match(pattern, index)
        if match:
            return f"{match.expand(plain)} ({re.sub(' with .*', '', index)}, {side} {limit})"
    return failing
