"""A large study on disk: its survey, its orders where they are asked for, its study file and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxgap.errors import ArgumentError
from cxgap.simulate import company
from cxgap.simulate.documents import ITEMS
from cxgap.simulate.large.answers import TOUCHPOINTS, Block, draw_block, true_gaps
from cxgap.simulate.large.files import Rows, column_of, known, shuffled, table_of, write_rows
from cxgap.simulate.large.orders import DELIVERED_IN, METRIC, STANDARD, Orders, draw_orders, true_days
from cxgap.vocabulary import DIMENSIONS

if TYPE_CHECKING:
    import pyarrow as pa

Order = Literal["sorted", "shuffled"]


@dataclass(frozen=True, eq=False)
class LargeStudy:
    """What was written: the study file, how many answers and orders, and the truth, which truth.json holds too."""

    path: Path
    answers: int
    events: int
    truth: dict[str, Any]


def simulate_large(
    folder: str | Path,
    answers: int = 100_000_000,
    *,
    events: int = 0,
    order: Order = "sorted",
    seed: int = 20260331,
    say: Callable[[str], None] = lambda text: None,
) -> LargeStudy:
    """Write a survey of any size as Parquet, with a study file that reads it, and what is true of it.

    One row an answer: respondent_id (a whole number), touchpoint, dimension, item, segment, region, expectation and
    perception (1 to 7; one in twenty is blank). A respondent is asked 22 items at each of four touchpoints, of which one in
    ten was not used. Memory holds one block of 10,000 respondents; what is written depends on the seed and the sizes alone.

    Parameters
    ----------
    folder : new, or empty
    answers : rows of the survey
    events : rows of the table of orders; none is written where it is 0
    order : "sorted" by respondent, or "shuffled" (rows in random order, which is harder to score; it takes disk space of
        about 11 bytes a row while it is written)
    seed : whole number of at least 0
    say : is told how far it is

    Raises
    ------
    ArgumentError : the folder holds files, or a number is none that can be.
    """
    home = Path(folder)
    for name, number, least in (("answers", answers, 1), ("events", events, 0), ("seed", seed, 0)):
        if type(number) is not int or number < least:
            raise ArgumentError(f"`{name}` must be a whole number of at least {least}, not {number!r}.")
    if order not in ("sorted", "shuffled"):
        raise ArgumentError.choice("order", order, ("sorted", "shuffled"))
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise ArgumentError(f"FOLDER must be new or empty, and {home} is not; name another.")
    home.mkdir(parents=True, exist_ok=True)

    def write(name: str, draw: Callable[[int, int], Rows], rows: int, arrow: Callable[[Rows], pa.Table]) -> None:
        drawn = _first(rows, draw, seed)
        blocks = shuffled(drawn, rows, seed) if order == "shuffled" else drawn
        write_rows(home / f"{name}.parquet", blocks, arrow, lambda done: say(f"{name}: {done:,} of {rows:,} rows"))

    write("responses", draw_block, answers, _answers_table)
    if events:
        write("events", draw_orders, events, _orders_table)
        (home / "standards.csv").write_text(_STANDARDS, encoding="utf-8")
    truth = {
        "seed": seed,
        "answers": answers,
        "definitions": {
            "gap": "mean perception minus mean expectation of the population, by touchpoint; all is of all dimensions"
        },
        "gap": true_gaps(),
    } | ({"events": events, "days": true_days()} if events else {})
    (home / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    path = home / "study.toml"
    path.write_text(_study_file(events=bool(events)), encoding="utf-8")
    return LargeStudy(path, answers, events, truth)


def _first(rows: int, draw: Callable[[int, int], Rows], seed: int) -> Iterator[Rows]:
    """Draw block after block until there are so many rows, and leave the rest of the last one out."""
    for number in count():
        block: Rows = draw(seed, number)
        yield block.take(slice(rows))
        rows -= min(rows, len(block[0]))
        if not rows:
            return


def _answers_table(block: Block) -> pa.Table:
    return table_of(
        {
            "respondent_id": block.respondent,
            "touchpoint": column_of(block.touchpoint, TOUCHPOINTS),
            "dimension": column_of(company.ITEM_DIMENSION.astype("int8")[block.item], DIMENSIONS),
            "item": column_of(block.item, ITEMS),
            "segment": column_of(block.segment, company.SEGMENTS),
            "region": column_of(block.region, company.REGIONS),
            "expectation": known(block.expectation),
            "perception": known(block.perception),
        }
    )


def _orders_table(orders: Orders) -> pa.Table:
    import pyarrow as pa

    instant = pa.timestamp("us", "UTC")
    return table_of(
        {
            "event_id": orders.event,
            "customer_id": orders.customer,
            "region": column_of(orders.region, company.REGIONS),
            "channel": column_of(orders.channel, company.CHANNELS),
            "ordered_at": known(orders.ordered, instant),
            "promised_first": known(orders.promised, instant),
            "promised_last": known(orders.promised, instant),
            "delivered_at": known(orders.delivered, instant),
        }
    )


_STANDARDS = (
    f"touchpoint,metric,unit,direction,standard,exists,basis\n{DELIVERED_IN},{METRIC},days,lower,{STANDARD:g},yes,physical\n"
)


def _study_file(*, events: bool) -> str:
    names = "".join(f'  "{name}",\n' for name in TOUCHPOINTS)
    items = "".join(
        f'"{item}" = {{ dimension = "{DIMENSIONS[place]}" }}\n'
        for item, place in zip(ITEMS, company.ITEM_DIMENSION, strict=True)
    )
    text = (
        "[study]\n"
        'title = "Northbound Parcel at scale (synthetic)"\n'
        'expectation_type = "should"\n'
        f"touchpoints = [\n{names}]\n\n"
        "[scale]\nlow = 1\nhigh = 7\n\n"
        "[responses]\n"
        'file = "responses.parquet"\n'
        'layout = "long"\n\n'
        f"[items]\n{items}"
    )
    if not events:
        return text
    return (
        f"{text}\n[tables]\n"
        'events = "events.parquet"\n'
        'standards = "standards.csv"\n\n'
        f'[metrics."{METRIC}"]\n'
        f'touchpoint = "{DELIVERED_IN}"\n'
        'unit = "days"\n'
        'direction = "lower"\n'
        'delivered = ["ordered_at", "delivered_at"]\n'
        'promised = ["ordered_at", "promised_first"]\n'
    )
