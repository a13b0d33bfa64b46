"""Who answered what: one pass that finds answers given twice, weights that vary, and how many people each touchpoint has.

What a respondent answered is a set of bits, one an occasion (item, touchpoint and wave): as many answers as bits are none
twice. So the pass holds a few numbers a respondent, however many answers there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Final, NamedTuple

from cxgap import engine
from cxgap.tables.big.words import both

BITS: Final = 63
MOST_WORDS: Final = 8  # numbers that hold a respondent's bits; beyond, occasions are counted one by one
_numbers = count()


class Occasions(NamedTuple):
    """What makes two answers of a respondent two answers: names in the order of levels, by the expressions of the engine."""

    names: Sequence[str]
    sizes: Sequence[int]

    @property
    def code(self) -> str:
        """Number occasions from 0."""
        code, scale = "0", 1
        for expression, size in zip(self.names, self.sizes, strict=True):
            code += f" + {scale} * CAST(enum_code({expression}) AS INTEGER)"
            scale *= max(size, 1)
        return code

    @property
    def most(self) -> int:
        """How many there can be."""
        most = 1
        for size in self.sizes:
            most *= max(size, 1)
        return most


class People(NamedTuple):
    """Who answered.

    Attributes
    ----------
    respondents : who has an answer that is used or incomplete
    whole : by touchpoint, who has an answer there that is used
    repeated : answers of respondents who have any twice, and how many answers are beyond the first
    table : of the engine, one row a respondent: `who`, `answers` and `bits` (fewer where any is given twice)
    weights : for each column of weights: rows that lack one or have a negative one, people of whom it varies, whether any is
        positive, how many are 0, their sum and the sum of their squares
    """

    respondents: int
    whole: Mapping[str, int]
    repeated: int
    beyond: int
    table: str
    weights: Mapping[str, tuple[int, int, bool, int, float, float]]


def count_people(
    rows: str,
    *,
    who: str,
    occasions: Occasions,
    refused: str,
    whole: str,
    touchpoint: str,
    touchpoints: Sequence[str],
    weights: Mapping[str, str],
) -> People:
    """Count people in rows (a query in parentheses) that are of known things and within the scope.

    Parameters
    ----------
    who, refused, whole, touchpoint : expressions: the respondent, whether a rating cannot be true, whether the answer has all
        ratings, and where it was given, in the order of `touchpoints`
    weights : expressions of numbers, by column
    """
    con, table = engine.connection(), f"cxgap_people_{next(_numbers)}"
    words = -(-occasions.most // BITS)
    parts = [f"{who} AS who", f"{occasions.code} AS occasion", f"NOT ({refused}) AS kept"]
    parts += [f"CASE WHEN ({whole}) AND NOT ({refused}) THEN enum_code({touchpoint}) END AS met"]
    parts += [f"{expression} AS w{place}" for place, expression in enumerate(weights.values())]
    inner = f"(SELECT {', '.join(parts)} FROM {rows})"
    if words <= MOST_WORDS:
        bit = f"CAST(1 AS UBIGINT) << (occasion % {BITS})"
        bits = [
            f"bit_count(coalesce(bit_or(CASE WHEN occasion // {BITS} = {word} THEN {bit} END), 0))" for word in range(words)
        ]
        distinct = " + ".join(f"CAST({bit} AS BIGINT)" for bit in bits)
    else:
        distinct = "count(DISTINCT occasion)"
    met_words = -(-max(len(touchpoints), 1) // BITS)
    made = ["who", "count(*) AS answers", f"{distinct} AS bits", "bool_or(kept) AS kept"]
    made += [
        f"bit_or(CASE WHEN met // {BITS} = {word} THEN CAST(1 AS UBIGINT) << (met % {BITS}) END) AS met{word}"
        for word in range(met_words)
    ]
    for place in range(len(weights)):
        made += [f"min(w{place}) AS low{place}", f"max(w{place}) AS high{place}", f"count(*) - count(w{place}) AS lack{place}"]
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(made)} FROM {inner} GROUP BY who")
    asked = ["count(*) FILTER (kept)", "coalesce(sum(answers) FILTER (answers > bits), 0)", "coalesce(sum(answers - bits), 0)"]
    asked += [
        f"count(*) FILTER ((met{place // BITS} & (CAST(1 AS UBIGINT) << {place % BITS})) <> 0)"
        for place in range(len(touchpoints))
    ]
    for place in range(len(weights)):
        low, high = f"low{place}", f"high{place}"
        asked += [
            f"coalesce(sum(lack{place}), 0) + count(*) FILTER ({low} < 0)",
            f"count(*) FILTER ({low} <> {high})",
            f"coalesce(max({high}), 0)",
            f"count(*) FILTER ({high} = 0)",
            f"coalesce(sum({low}), 0)",
            f"coalesce(sum({low} * {low}), 0)",
        ]
    found = con.sql(f"SELECT {', '.join(asked)} FROM {table}").fetchall()[0]
    met, rest = found[3 : 3 + len(touchpoints)], found[3 + len(touchpoints) :]
    told = {
        column: (
            int(rest[p]),
            int(rest[p + 1]),
            float(rest[p + 2]) > 0,
            int(rest[p + 3]),
            float(rest[p + 4]),
            float(rest[p + 5]),
        )
        for p, column in zip(range(0, len(rest), 6), weights, strict=True)
    }
    return People(int(found[0]), dict(zip(touchpoints, map(int, met), strict=True)), int(found[1]), int(found[2]), table, told)


def forget(people: People) -> None:
    """Drop the table of respondents."""
    engine.connection().execute(f"DROP TABLE IF EXISTS {people.table}")


def within(*conditions: str) -> str:
    """Join conditions of rows."""
    return both([one for one in conditions if one != "true"])
