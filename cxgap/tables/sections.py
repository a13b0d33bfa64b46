"""What a study file says of the study itself: its scale, design, items, metrics and outcomes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from cxgap.errors import nearest
from cxgap.tables.section import Section

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS_OF_TIME: Final = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0}  # in seconds

KanoAnswer = Literal["like", "must-be", "neutral", "live-with", "dislike"]
KANO_ANSWERS: Final = ("like", "must-be", "neutral", "live-with", "dislike")  # as they are coded 1 to 5

ExpectationType = Literal["desired", "should", "adequate", "predicted", "ideal_point", "promised"]


def known_zone(zone: str | None) -> str | None:
    """Return the name of a time zone that is known."""
    try:
        return zone and ZoneInfo(zone).key
    except (ValueError, KeyError, OSError):  # no name of a zone, none that is known, or a folder of them
        near = nearest(str(zone), available_timezones())
        raise ValueError(f'must be a time zone such as "Europe/Berlin", not {zone!r}.{near}') from None


def codes_for_none(codes: object) -> object:
    """Take a list of codes for a table of them, and 99 for "99", as what it is compared with."""
    if isinstance(codes, list):
        codes = {str(code) if type(code) in (int, float) else code: "" for code in codes}
    return codes


class About(Section):
    """[study]: what the study is, and the rules it is read by."""

    title: str
    expectation_type: ExpectationType | None = None  # must be given where an expectation was asked
    mission: str = ""
    touchpoints: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    margin: Annotated[float, Field(gt=0)] | None = None
    min_n: Annotated[int, Field(ge=5)] = 10
    max_rejected: Annotated[float, Field(ge=0, le=1)] = 0.05
    confirmatory: tuple[str, ...] = ()
    zone: str = "UTC"
    currency: str = ""  # of every amount of money, a code such as EUR or a sign
    seed: int = 0
    engine: Literal["auto", "memory", "duckdb"] = "auto"  # where the survey is held; "auto" is by its size
    targets: str = ""  # the file of the targets; targets.toml beside the study file, where there is one

    @field_validator("touchpoints", "waves")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name != name.strip() or not name or names.count(name) > 1:
                raise ValueError(f"must name each once, without spaces around it, and not {name!r}")
        return names

    @field_validator("currency")
    @classmethod
    def _shown(cls, name: str) -> str:
        code = len(name) == 3 and name.isascii() and name.isalpha()
        sign = 0 < len(name) <= 3 and not any(each.isspace() or each.isdigit() or each in "<>&\"'" for each in name)
        if name and (not sign or (code and not name.isupper()) or not name.isprintable()):
            raise ValueError(
                f'must be a code of three capital letters, such as "EUR", or a sign, such as "€", and not {name!r}'
            )
        return name

    _known = field_validator("zone")(known_zone)


class Range(Section):
    """The lowest and highest answer of a question, and the step between answers (0 where there is none)."""

    low: float
    high: float
    step: Annotated[float, Field(ge=0)] = 1.0
    labels: dict[str, float] = {}  # answers written in words, to their numbers

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"must have low below high, and {self.low:g} is not below {self.high:g}")
        for label, number in self.labels.items():
            if not self.low <= number <= self.high:
                raise ValueError(f"must have labels from {self.low:g} to {self.high:g}, and {label!r} is {number:g}")
        return self


class Scale(Range):
    """[scale]: the scale of all ratings; [scale.waves.NAME] that of a wave which asked on another, converted by range."""

    waves: dict[str, Range] = {}


class Drawn(Section):
    """[design]: the columns that say how respondents were drawn."""

    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    population: str | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns that are declared."""
        return [name for name in (self.weight, self.stratum, self.psu, self.population) if name]


class KnownMargin(Section):
    """[margins.NAME]: how many of the population are in each category of a column, and where that is known from."""

    column: str | None = None
    totals: dict[str, Annotated[float, Field(gt=0)]]
    source: str
    date: str

    @field_validator("date", mode="before")
    @classmethod
    def _dated(cls, value: object) -> object:
        """Take a date of TOML, or a year, for the text of it."""
        if value is None or not str(value).strip():
            raise ValueError("must be the day that the source speaks of, such as 2026-01-01")
        return str(value) if isinstance(value, date) or type(value) is int else value

    @field_validator("totals")
    @classmethod
    def _some(cls, totals: dict[str, float]) -> dict[str, float]:
        if not totals:
            raise ValueError('must give a total for each category, such as { "18-34" = 410, "35+" = 590 }')
        return totals

    @field_validator("source")
    @classmethod
    def _named(cls, source: str) -> str:
        if not source.strip():
            raise ValueError("must name the table of the population that the totals are from")
        return source


class Item(Section):
    """[items.NAME]: one question of the survey.

    `reversed` turns its ratings; `negative` says that it was asked in the negative, and where it is not `reversed` too,
    that the file has it turned already. `low`, `high` and `step` are those of an item on a scale of its own.
    """

    dimension: str | None = None
    touchpoint: str | None = None
    label: str = ""
    wording: dict[str, str] = {}  # by language
    retained: bool = True
    reversed: bool = False
    negative: bool = False
    low: float | None = None
    high: float | None = None
    step: Annotated[float, Field(ge=0)] | None = None
    labels: dict[str, float] = {}  # answers written in words, where the item has its own
    missing: dict[str, str] = {}  # further codes for no answer, to what they mean
    first_wave: str | None = None
    last_wave: str | None = None
    changed: tuple[str, ...] = ()  # waves in which the wording or scale became another
    expectation: str | None = None
    perception: str | None = None
    adequate: str | None = None
    importance: str | None = None

    _codes = field_validator("missing", mode="before")(codes_for_none)


class Link(Section):
    """[links.NAME]: how rows of one table belong to rows of another.

    Each row of `table` looks for its row of `to` by `key`; where several have the key, `rule` says which is taken.
    """

    table: str = "responses"
    to: str
    key: str
    to_key: str | None = None  # what `to` calls the key, where it is another name
    cardinality: Literal["one", "many"] | None = None  # rows of `to` that may have one key: many where there is a rule
    rule: Literal["latest_before", "earliest_after", "nearest", "latest"] | None = None  # must be given for "many"
    at: str | None = None  # time of `to` that the rule compares with that of `table`
    columns: tuple[str, ...] = ()  # of `to`, brought over

    @model_validator(mode="after")
    def _ruled(self) -> Self:
        if self.table == self.to:
            raise ValueError(f"must lead from one table to another, and leads from {self.table!r} to itself")
        if self.at and self.rule is None:
            raise ValueError(f"must have a rule where it has at = {self.at!r}, or `at` says nothing; drop it, or add a rule")
        if self.cardinality == "many" and self.rule is None:
            raise ValueError('must have a rule such as rule = "latest_before", because several rows may have one key')
        return self

    @property
    def several(self) -> bool:
        """Whether several rows of `to` may have one key."""
        return (self.cardinality or ("many" if self.rule else "one")) == "many"


class Days(Section):
    """[calendars.NAME]: the days that count, in a zone."""

    zone: str | None = None
    weekmask: str = "Mon Tue Wed Thu Fri"
    holidays: tuple[date, ...] = ()

    @field_validator("weekmask")
    @classmethod
    def _days(cls, weekmask: str) -> str:
        named = weekmask.split()
        if not named or set(named) - set(WEEKDAYS) or len(set(named)) < len(named):
            raise ValueError(f'must name days of {[*WEEKDAYS]}, such as "Mon Tue Wed Thu Fri", not {weekmask!r}')
        return weekmask

    _known = field_validator("zone")(known_zone)


class Metric(Section):
    """[metrics.NAME]: what is measured in a unit of its own, and the columns that hold it; a list is two times, from and to."""

    touchpoint: str
    unit: str
    direction: Literal["lower", "higher"]
    expected: str | None = None
    perceived: str | None = None
    believed: str | None = None
    delivered: str | tuple[str, str] | None = None
    promised: str | tuple[str, str] | None = None
    table: Literal["events", "contacts"] = "events"

    @field_validator("delivered", "promised", mode="before")
    @classmethod
    def _one_or_two(cls, source: object) -> object:
        if source is None or isinstance(source, str):
            return source
        if isinstance(source, list) and len(source) == 2 and all(isinstance(name, str) for name in source):
            return tuple(source)
        raise ValueError(f'must be a column, or two columns of times such as ["ordered_at", "delivered_at"], not {source!r}')

    @model_validator(mode="after")
    def _timed(self) -> Metric:
        paired = isinstance(self.delivered, tuple) or isinstance(self.promised, tuple)
        if paired and self.unit not in UNITS_OF_TIME:
            near = nearest(self.unit, UNITS_OF_TIME)
            raise ValueError(f"must have a unit of {[*UNITS_OF_TIME]}, because two times give it, not {self.unit!r}.{near}")
        if not any((self.expected, self.perceived, self.believed, self.delivered, self.promised)):
            raise ValueError('must name a column that holds it, such as delivered = ["ordered_at", "delivered_at"]')
        return self


class Factors(Section):
    """[factors]: columns of the survey that may go with expectations, by whether the company can do something about them."""

    controllable: tuple[str, ...] = ()
    uncontrollable: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        named = [*self.controllable, *self.uncontrollable]
        for name in named:
            if named.count(name) > 1:
                raise ValueError(
                    f"must name each column once, and {name!r} is named {named.count(name)} times; leave it under "
                    "`controllable` or under `uncontrollable`, whichever it is"
                )
        return self


class Kano(Section):
    """[kano]: how a table of Kano questions is written: patterns of its columns where it is wide, and what its codes mean.

    `answers` maps what the file has to the five answers; a list is of the codes 1 to 5 in order.
    """

    functional: str = ""
    dysfunctional: str = ""
    answers: dict[str, KanoAnswer] = {}

    @field_validator("answers", mode="before")
    @classmethod
    def _coded(cls, answers: object) -> object:
        """Take a list of five for the meanings of the codes 1 to 5."""
        if not isinstance(answers, list):
            return answers
        if sorted(map(str, answers)) != sorted(KANO_ANSWERS):
            raise ValueError(f"must name each of {[*KANO_ANSWERS]} once, in the order of the codes 1 to 5, not {answers!r}")
        return {str(code): answer for code, answer in enumerate(answers, 1)}

    @model_validator(mode="after")
    def _paired(self) -> Self:
        for side, pattern in {"functional": self.functional, "dysfunctional": self.dysfunctional}.items():
            other = self.dysfunctional if side == "functional" else self.functional
            if (pattern or other) and pattern.count("{feature}") != 1:
                raise ValueError(f'must have {side} = "..." with {{feature}} in it once, and has {side} = {pattern!r}')
        if self.functional and self.functional == self.dysfunctional:
            raise ValueError(f"must have two patterns, and {self.functional!r} is both")
        return self


class Outcome(Range):
    """[outcomes.NAME]: an overall judgement beside the ratings, one number a visit, on a scale of its own.

    `of` says what was judged: the visit, or the whole journey, asked once and standing beside each of its visits.
    """

    kind: Literal["satisfaction", "recommend", "effort", "disconfirmation", "emotion"]
    column: str | None = None
    better: Literal["high", "low"] | None = None
    of: Literal["visit", "journey"] = "visit"

    @model_validator(mode="after")
    def _turned(self) -> Outcome:
        if self.kind == "effort" and self.better is None:
            raise ValueError('must have better = "high" or "low", because questions on effort are asked both ways round')
        if self.kind != "effort" and self.better is not None:
            raise ValueError(f'must not have `better`, because "{self.kind}" says it; drop it')
        if self.kind == "recommend" and (self.low not in (0, 1) or self.high != 10 or self.step != 1):
            raise ValueError(
                'must have low = 0 and high = 10, in whole numbers, because "recommend" counts 9 and 10 against 0 to 6, not '
                f"low = {self.low:g} and high = {self.high:g}"
            )
        return self
