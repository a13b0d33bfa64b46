"""What a chain says in words: at its columns, in its list on a phone, and to a page."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxgap.plot.axes import level_unit
from cxgap.plot.lettering import lines
from cxgap.plot.links import BRANCH, LEVEL, PROMISED, STEP, UNKNOWN, Links, Slot
from cxgap.vocabulary import GAPS, PERCENTAGE_POINTS, percent, plain, signed

NAME = 14  # characters of a line below a column


def about_chain(links: Links, narrow: dict[str, Any]) -> dict[str, Any]:
    """Return what goes into `layout.meta`: the chain in words and as a table."""
    part = links.rows.part
    columns, cells = part.display()
    columns = [*columns, "probability of being the largest"]
    chances = [
        links.chance(row).removeprefix("probability ").removesuffix(" of being the largest") for row in range(len(cells))
    ]
    finding = _finding(links)
    steps = [
        f"{name} {link_result(links, slot.row)}"
        for name, slot in zip(column_names(links), links.slots, strict=True)
        if slot.kind == STEP
    ]
    ends = [slot for slot in links.slots if slot.kind == LEVEL]
    path = " to ".join(f"{slot.node} {level_text(links, links.level(slot))}" for slot in ends)
    return {
        "gap": "chain",
        "by": list(part.by),
        "alt": f"{GAPS['chain'].title}, from {path} {level_unit(part.unit)}: {'; '.join(steps)}. {finding}",
        "finding": finding,
        "note": _note(links),
        "table": {
            "caption": part.caption,
            "columns": columns,
            "rows": [[*row, chance] for row, chance in zip(cells, chances, strict=True)],
            "heads": len(part.by),
        },
        "narrow": narrow,
    }


def _finding(links: Links) -> str:
    """Say which link falls most, if any does."""
    where = f"{links.cell}: " if links.cell else ""
    if links.largest is None:
        text = "no link of the chain is shown to fall short."
    else:
        row, rows = links.largest, links.rows
        interval = f" ({rows.interval_texts[row]})" if rows.interval_texts[row] else ""
        chance = f", with {links.chance(row)}" if links.chance(row) else ""
        size = f"{rows.gap_texts[row]} {rows.part.unit}{interval}"
        text = f"the largest step is {links.frame['link'].iloc[row]}, {size}{chance}."
        if len(links.path) == 1:  # that it is the largest of one says nothing
            start, end, lost = (str(links.frame[name].iloc[row]) for name in ("link_from", "link_to", "unmeasured"))
            between = "no level between was measured" if lost else "no other step was measured"
            text = f"from {start} to {end} {size}; {between}."
    return where + text if where else text[0].upper() + text[1:]


def _note(links: Links) -> str:
    part, frame = links.rows.part, links.frame
    words = [
        "Ring and dot: the levels at the two ends. Bars: the steps between levels; vermilion is short, blue exceeded, grey "
        f"met or cannot tell. Whiskers: {percent(part.conf_level)} intervals of the step, set at its end."
    ]
    if links.branch is not None:
        words.append("Thin bar: what was promised against what came of it, a branch beside the chain.")
    if any(slot.kind == UNKNOWN for slot in links.slots):
        words.append("Hatched: not measured, or by too few to show.")
    net, gross = (float(frame[name].iloc[links.path[0]]) for name in ("net", "gross"))
    if np.isfinite(net) and np.isfinite(gross):
        factor = 100 if part.unit == PERCENTAGE_POINTS else 1
        digits = links.rows.whole.decimals
        words.append(f"Together {signed(net * factor, digits)}; without regard to sign {plain(gross * factor, digits)}.")
    return " ".join(words)


def column_names(links: Links) -> list[str]:
    """Name each column: a level by its node, a step by its link."""
    return [str(links.frame["link"].iloc[s.row]) if s.kind in (STEP, BRANCH) else s.node for s in links.slots]


def column_details(links: Links, slot: Slot) -> list[str]:
    """Return the small lines below a column's name: who was counted, and how sure it is the largest."""
    if slot.kind == BRANCH:
        return [f"promised {level_text(links, promised_level(links, slot))}", *_counted(links, slot.row)]
    if slot.kind != STEP:
        return []
    return [*_counted(links, slot.row), *lines(links.chance(slot.row), NAME)]


def _counted(links: Links, row: int) -> list[str]:
    count = links.rows.count_texts[row]
    return [f"n {count}"] if count else []


def link_result(links: Links, row: int) -> str:
    """Write a link out: gap, interval, n, probability."""
    interval = links.rows.interval_texts[row]
    numbers = f"{links.rows.gap_texts[row]}{f' ({interval})' if interval else ''}"
    promised = (
        f"promised {level_text(links, promised_level(links, Slot(BRANCH, PROMISED, row)))}" if row == links.branch else ""
    )
    return ", ".join(filter(None, [numbers, promised, *_counted(links, row), links.chance(row)]))


def promised_level(links: Links, slot: Slot) -> float:
    """Return the level that was promised."""
    row = links.frame.iloc[slot.row]
    return float(row["start"] if row["link_from"] == PROMISED else row["end"])


def level_text(links: Links, level: float) -> str:
    """Write a level as exactly as the chain supports."""
    return plain(level, links.rows.whole.decimals)
