"""Guard rails in sentences: what to do with each gap, and one sentence a check that warns, with the gaps it warns of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import plain, signed
from cxgap.words.numbers import capital, listed

_MOST = 6  # names in one sentence
_ADVICE = {
    "use the gap": "Use the gap of {0}.",
    "read the perceived column": "Read the perceived rating, and not the gap, of {0}.",
    "cannot tell": "We cannot tell whether to use the gap of {0}.",
}
_STILL = (
    "That a gap is short or met still says on which side of the stated expectation perception lies; touchpoints, groups and "
    "periods are better compared by the perceived rating."
)
_WARNINGS = {
    1: "Reliability is below 0.70, so that single people should not be ranked by the gap",
    2: "Expectations leave little room above, so that the gap can hardly be anything but a shortfall",
    3: "Expectations differ between customers much less, or much more, than ratings do, so that one of them makes the gap",
    4: "Who expects more has the larger shortfall, so that segments may differ in what they expect",
    5: "Expectation and perception do not weigh the same in the overall judgement, as a difference takes for granted",
    6: "The perceived rating goes with more of the overall judgement than the gap does",
    7: "Many ratings stand at an end of the scale, where differences cannot be seen",
}


def describe_guards(table: Table) -> Prose:
    """Put guard rails into words: the advice as lead, a sentence a check that warns, and what was not tested as limits."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("guard")])
    frame = frame.assign(cell_=frame[keys].astype(str).agg(" · ".join, axis=1))
    lead = []
    for use, template in _ADVICE.items():
        cells = list(dict.fromkeys(frame.loc[frame["use"] == use, "cell_"]))
        if cells:
            lead.append(Sentence(template.format(_some(cells))))
    if (frame["use"] == "read the perceived column").any():
        lead.append(Sentence(_STILL))
    warns = frame[frame["verdict"] == "warn"]
    details = [
        Sentence(f"{_WARNINGS[guard]}: {_some([_with_number(row) for row in part.itertuples()])}.", None, (_WARNINGS[guard],))
        for guard, part in warns.groupby("guard")
    ]
    return Prose(table.title, tuple(lead), tuple(details), tuple(_limits(frame)))


def _limits(frame: pd.DataFrame) -> list[Sentence]:
    """Say what no cell was tested for, and why some cells were not tested at all."""
    bare = frame[frame["sentence"] == ""].drop_duplicates("cell_")
    tested = frame[frame["sentence"] != ""]
    never = {guard for guard, part in tested.groupby("guard") if (part["verdict"] == "not tested").all()}
    said = [Sentence(str(text)) for text in tested[tested["guard"].isin(never)].drop_duplicates("guard")["sentence"]]
    return said + [
        Sentence(f"{capital(_some(list(part['cell_'])))}: {why}.") for why, part in bare.groupby("because", sort=False)
    ]


def _with_number(row: Any) -> str:
    """Name a cell with the number that the guard warns of."""
    if row.guard == 5:
        return str(row.cell_)
    if row.guard == 2:
        number = (
            f"{row.value * 100:.0f} % at the top"
            if row.value > row.threshold
            else f"{plain(math.floor(row.beside * 100) / 100, 2)} points"
        )
    elif row.guard == 6:
        number = f"{row.beside * 100:.0f} % against {(row.value + row.beside) * 100:.0f} %"
    elif row.guard == 7:
        number = f"{row.value * 100:.0f} %"
    else:
        number = signed(row.value, 2) if row.guard == 4 else plain(row.value, 2)
    return f"{row.cell_} ({number})"


def _some(names: Sequence[str]) -> str:
    return listed([*names[:_MOST], *([f"{len(names) - _MOST} more"] if len(names) > _MOST else [])])
