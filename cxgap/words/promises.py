"""What delays go with, and which promise can be kept, in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain
from cxgap.words.numbers import capital, share

Row = Mapping[Hashable, Any]

USUAL: Final = 0.95  # the reliability that is spoken of first, where it was asked for


def describe_response(table: Table) -> Prose:
    """Put a response into words: what the first step late goes with, whether there is a cliff, and what early brings."""
    keys = list(table.frame.columns[: list(table.frame.columns).index("measure")])
    cells: dict[str, dict[str, Row]] = {}
    for place, row in enumerate(table.frame.to_dict("records")):
        name = " · ".join(str(row[key]) for key in keys)
        if row["measure"] not in ("class", "fitted"):
            cells.setdefault(name, {})[row["measure"]] = {**row, "place": place}
    limits = tuple(map(Sentence, table.notes))
    if not keys:
        (rows,) = cells.values()
        return Prose(table.title, tuple(_whole(rows)), (), limits)
    details = []
    for name, rows in cells.items():
        text = NOT_SHOWN if "SUPPRESSED" in str(rows["late"]["flags"]) else "; ".join(map(_lowered, _sentences(rows)))
        details.append(Sentence(f"{capital(name)}: {text}.", int(rows["late"]["place"]), (capital(name),)))
    return Prose(table.title, (), tuple(details), limits)


def _lowered(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"


def _whole(rows: Mapping[str, Row]) -> list[Sentence]:
    if "SUPPRESSED" in str(rows["late"]["flags"]):
        return [Sentence("Too few customers had a late order to tell of them.")]
    places = ("late", "cliff", "early", "asymmetry")
    return [
        Sentence(f"{text}.", int(rows[name]["place"])) for text, name in zip(_sentences(rows), places, strict=False) if text
    ]


def _sentences(rows: Mapping[str, Row]) -> list[str]:
    """Say in turn what late goes with, whether the promise is a cliff, what early goes with, and how the two compare."""
    said = [_late(rows), _cliff(rows), _early(rows)]
    return [*said, *([both] if (both := _both(rows)) else [])]


def _late(rows: Mapping[str, Row]) -> str:
    first, late = rows["first_late"], rows["late"]
    text = (
        f"Orders that came late are judged {_apart(late)} than those that did not ({counted(int(late['n']), 'customer')} late)"
    )
    if not _known(late):
        return "What late orders go with cannot be told"
    return f"{text}; {_step(first)} late alone goes with {_apart(first)}" if _known(first) else text


def _cliff(rows: Mapping[str, Row]) -> str:
    cliff, bent, slope, bend = (rows[name] for name in ("cliff", "cliff_bent", "late_slope", "bend"))
    if not _known(cliff):
        return "Whether the promise is a cliff cannot be told"
    bends = bend["verdict"] in ("lower", "higher")
    if cliff["verdict"] == "lower" and (not bends or bent["verdict"] == "lower"):
        text = f"The promise is a cliff: the line falls by {_size(bent if bends else cliff)} there"
        if bends:
            return f"{text}, even beside a late side that bends"
        return f"{text}, and each further {_unit(slope)} late goes with {_apart(slope)}" if _known(slope) else text
    if cliff["verdict"] == "lower":
        return "What looks like a cliff at the promise may be a steep curve: beside a late side that bends no step is shown"
    further = f"; each {_unit(slope)} late goes with {_apart(slope)}" if _known(slope) else ""
    return f"No cliff is shown at the promise{further}"


def _early(rows: Mapping[str, Row]) -> str:
    first, slope, early = (rows[name] for name in ("first_early", "early_slope", "early"))
    for row, words in (
        (first, f"{_step(first)} early"), (slope, f"each {_unit(slope)} early"), (early, "early"),
    ):  # fmt: skip
        if row["verdict"] == "higher":
            return f"{capital(words)} goes with {_apart(row)}"
    row = first if _known(first) else slope
    if not _known(row):
        return "What early goes with cannot be told"
    return (
        f"No benefit of early was found: {_step(row) if row is first else f'each {_unit(slope)}'} early goes with {_apart(row)}"
    )


def _both(rows: Mapping[str, Row]) -> str:
    asymmetry, ratio = rows["asymmetry"], rows["first_ratio"]
    if not _known(asymmetry):
        return ""
    unit = _unit(asymmetry)
    if asymmetry["verdict"] == "lower":
        text = f"Late weighs more than early: a {unit} of each together goes with {_apart(asymmetry)}"
        if _known(ratio) and ratio["conf_low"] > 1:  # the far end is too near where early was only just shown to be better
            text += f"; {_step(ratio)} late weighs at least {_floor(ratio['conf_low'])} times as much as {_step(ratio)} early"
        return text
    if asymmetry["verdict"] == "higher":
        return f"Early weighs more than late: a {unit} of each together goes with {_apart(asymmetry)}"
    return "Whether late weighs more than early cannot be told"


def _floor(value: float) -> str:
    return plain(math.floor(10 * value) / 10, 1)


def _known(row: Row) -> bool:
    return math.isfinite(row["estimate"]) and math.isfinite(row["conf_low"])


def _unit(row: Row) -> str:
    return str(row["delay_unit"]).removesuffix("s")


def _step(row: Row) -> str:
    step = float(row["delay_step"])
    return f"a {_unit(row)}" if step == 1 else f"{step:g} {row['delay_unit']}"


def _digits(*values: float) -> int:
    return 3 if max(map(abs, values)) < 0.095 else 2


def _size(row: Row) -> str:
    low, high = sorted((-row["conf_low"], -row["conf_high"]))
    digits = _digits(row["estimate"])
    return f"{plain(-row['estimate'], digits)} points ({plain(low, digits)} to {plain(high, digits)})"


def _apart(row: Row) -> str:
    """Say by how many points lower or higher; of what cannot be told, both ends."""
    low, high = row["conf_low"], row["conf_high"]
    digits = _digits(row["estimate"], *(() if row["verdict"] in ("lower", "higher") else (low, high)))
    if row["verdict"] == "lower":
        return f"{plain(-row['estimate'], digits)} points ({plain(-high, digits)} to {plain(-low, digits)}) lower"
    if row["verdict"] == "higher":
        return f"{plain(row['estimate'], digits)} points ({plain(low, digits)} to {plain(high, digits)}) higher"
    return f"between {plain(-low, digits)} points lower and {plain(high, digits)} higher, so that we cannot tell"


def describe_plan(table: Table) -> Prose:
    """Put a plan into words: the promise to make, what the data alone would allow, and how today's is kept."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("kind")])
    level = min(frame["reliability"].dropna().unique(), key=lambda each: (abs(each - USUAL), each))
    cells: dict[str, list[Row]] = {}
    for place, row in enumerate(frame.to_dict("records")):
        cells.setdefault(" · ".join(str(row[key]) for key in keys), []).append({**row, "place": place})
    lead: list[Sentence] = []
    details: list[Sentence] = []
    for name, rows in cells.items():
        plans = [row for row in rows if row["kind"] == "plan"]
        usual = next(row for row in plans if row["reliability"] == level)
        head = f"{capital(name)}: " if name else ""
        if "SUPPRESSED" in str(usual["flags"]):
            details.append(Sentence(f"{head}{NOT_SHOWN}.", int(usual["place"]), (capital(name),)))
            continue
        first = f"{_plan(usual)}; {today}" if (today := _today(rows)) else _plan(usual)
        strong = (capital(name),) if name else ()
        (details if name else lead).append(Sentence(f"{head}{first if name else capital(first)}.", int(usual["place"]), strong))
        if not name:
            details += [Sentence(f"{capital(_plan(row))}.", int(row["place"])) for row in plans if row is not usual]
            lead += [Sentence(text, int(usual["place"])) for text in _further(usual)]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _plan(row: Row) -> str:
    level, unit = percent(row["reliability"]), str(row["unit"])
    if not math.isfinite(row["promise"]):
        if math.isfinite(row["shortest"]):
            return (
                f"no promise is surely kept {level} of the time; by the data, {_length(row['shortest'], unit)} would be the "
                "shortest"
            )
        return f"which promise is kept {level} of the time cannot be told: orders were not followed so long, or too few come"
    sure = f"with {percent(row['conf_level'])} confidence it is kept at least {level} of the time"
    text = f"promise {_length(row['promise'], unit)}: {sure}"
    return text if row["promise"] == row["shortest"] else f"{text} (by the data alone, {_length(row['shortest'], unit)})"


def _today(rows: list[Row]) -> str:
    for row in rows:
        if row["kind"] == "current" and math.isfinite(row["kept"]):
            value, ends = share(row["kept"], row["kept_low"], row["kept_high"])
            span = f" ({ends})" if math.isfinite(row["kept_low"]) else ""
            middle = "" if row["length_low"] == row["length_high"] else " in the middle"
            return f"today's promise, of {_length(row['length'], str(row['unit']))}{middle}, is kept {value}{span}"
    return ""


def _further(row: Row) -> list[str]:
    said = []
    closed, shortest = row["closed_only"], row["shortest"]
    if row["open"] and math.isfinite(closed) and math.isfinite(shortest) and closed < shortest:
        unit = str(row["unit"])
        said.append(
            f"Delivered orders alone would say {_length(closed, unit)}, because those that are still open are the slow ones."
        )
    if math.isfinite(row["points"]):
        open_end = ", so that we cannot tell" if row["points_low"] <= 0 <= row["points_high"] else ""
        usual = f"than those of orders that all come as promised{open_end}"
        said.append(f"Delays under such a promise go with judgements {_differing(row)} {usual}.")
    return said


def _differing(row: Row) -> str:
    """Say by how much judgements differ from those of orders that come as promised; of what cannot be told, both ends."""
    value, low, high = (float(row[name]) for name in ("points", "points_low", "points_high"))
    if low <= 0 <= high:
        return f"between {plain(-low, 2)} points lower and {plain(high, 2)} higher"
    word, turn = ("lower", -1) if value < 0 else ("higher", 1)
    near, far = sorted((turn * low, turn * high))
    span = f" ({plain(near, 2)} to {plain(far, 2)})" if math.isfinite(low + high) else ""
    return f"{plain(turn * value, 2)} points{span} {word}"


def _length(value: float, unit: str) -> str:
    text = f"{value:g}" if float(value).is_integer() else plain(value, 1)
    return f"{text} {unit.removesuffix('s') if value == 1 else unit}"
