"""The study file: what it may say, and what is said when it does not. docs/study.md explains each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cxgap.errors import StudyError, nearest
from cxgap.vocabulary import EXPECTATION_TYPES

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS_OF_TIME: Final = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0}  # in seconds

ExpectationType = Literal["desired", "should", "adequate", "predicted", "ideal_point", "promised"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def known_zone(zone: str | None) -> str | None:
    """Return the name of a time zone that is known."""
    try:
        return zone and ZoneInfo(zone).key
    except (ValueError, KeyError, OSError):  # no name of a zone, none that is known, or a folder of them
        near = nearest(str(zone), available_timezones())
        raise ValueError(f'must be a time zone such as "Europe/Berlin", not {zone!r}.{near}') from None


class About(_Section):
    """[study]: what the study is, and the rules it is read by."""

    title: str
    expectation_type: ExpectationType
    mission: str = ""
    touchpoints: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    margin: Annotated[float, Field(gt=0)] | None = None
    min_n: Annotated[int, Field(ge=5)] = 10
    max_rejected: Annotated[float, Field(ge=0, le=1)] = 0.05
    confirmatory: tuple[str, ...] = ()
    zone: str = "UTC"
    seed: int = 0

    @field_validator("touchpoints", "waves")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name != name.strip() or not name or names.count(name) > 1:
                raise ValueError(f"must name each once, without spaces around it, and not {name!r}")
        return names

    _known = field_validator("zone")(known_zone)


class Scale(_Section):
    """[scale]: the lowest and highest answer of the question, and the step between answers (0 where there is none)."""

    low: float
    high: float
    step: Annotated[float, Field(ge=0)] = 1.0

    @model_validator(mode="after")
    def _rising(self) -> Scale:
        if self.low >= self.high:
            raise ValueError(f"must have low below high, and {self.low:g} is not below {self.high:g}")
        return self


class Drawn(_Section):
    """[design]: the columns that say how respondents were drawn."""

    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    population: str | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns that are declared."""
        return [name for name in (self.weight, self.stratum, self.psu, self.population) if name]


class KnownMargin(_Section):
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


class Source(_Section):
    """How one file is written."""

    file: str
    rename: dict[str, str] = {}
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    decimal: Literal[".", ","] = "."


class Responses(Source):
    """[responses]: the survey, one row an answer ("long") or one row a respondent and touchpoint ("wide")."""

    layout: Literal["wide", "long"]
    expectation: str = "expectation"
    perception: str = "perception"
    adequate: str | None = None
    importance: str | None = None
    importance_kind: Literal["points", "rating"] = "points"
    missing: tuple[str, ...] = ()
    touchpoint: str | None = None

    @field_validator("missing", mode="before")
    @classmethod
    def _codes(cls, codes: object) -> object:
        """Take 99 for "99": a code for no answer is compared as a number, so that nothing is lost by it."""
        return [str(code) if type(code) in (int, float) else code for code in codes] if isinstance(codes, list) else codes


class Item(_Section):
    """[items.NAME]: one question of the survey."""

    dimension: str | None = None
    touchpoint: str | None = None
    label: str = ""
    retained: bool = True
    reversed: bool = False
    expectation: str | None = None
    perception: str | None = None
    adequate: str | None = None
    importance: str | None = None


class TableSource(Source):
    """One of [tables]: how its file is written, and the calendar of the days that it promises."""

    calendar: str | None = None


class Days(_Section):
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


class Metric(_Section):
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


class Outcome(Scale):
    """[outcomes.NAME]: an overall judgement beside the ratings, one number a visit, on a scale of its own."""

    kind: Literal["satisfaction", "recommend", "effort", "disconfirmation"]
    column: str | None = None
    better: Literal["high", "low"] | None = None

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


class StudyFile(_Section):
    """The whole study file."""

    study: About
    scale: Scale
    responses: Responses
    design: Drawn = Drawn()
    margins: dict[str, KnownMargin] = {}
    items: dict[str, Item] = {}
    codebook: Source | None = None
    tables: dict[str, TableSource] = {}
    calendars: dict[str, Days] = {}
    metrics: dict[str, Metric] = {}
    outcomes: dict[str, Outcome] = {}

    @field_validator("tables", mode="before")
    @classmethod
    def _sources(cls, tables: object) -> object:
        """Take a file name for a section that names the file."""
        if not isinstance(tables, Mapping):
            return tables
        return {name: {"file": source} if isinstance(source, str) else source for name, source in tables.items()}

    @field_validator("calendars")
    @classmethod
    def _sometimes(cls, calendars: dict[str, Days]) -> dict[str, Days]:
        for name in calendars:
            if name != name.strip() or not name:
                raise ValueError(f"must have names without spaces around them, and not {name!r}")
        return calendars

    @property
    def margin_columns(self) -> list[str]:
        """Names of the columns of the survey that margins speak of, each once; commas cross columns."""
        columns = [margin.column or name for name, margin in self.margins.items()]
        return list(dict.fromkeys(part.strip() for column in columns for part in column.split(",") if part.strip()))

    @property
    def drawn_columns(self) -> list[str]:
        """Names of the columns that say how respondents were drawn, and whom they stand for."""
        return list(dict.fromkeys([*self.design.columns, *self.margin_columns]))

    @model_validator(mode="after")
    def _declared(self) -> StudyFile:
        asked = [self.responses.adequate, *(item.adequate for item in self.items.values())]
        if any(asked) and self.study.expectation_type == "adequate":
            raise ValueError(
                '[responses] adequate is a third rating, and expectation_type = "adequate" says that the expectation is that '
                "already; name the desired level as the expectation, or leave `adequate` out"
            )
        for name, source in self.tables.items():
            if source.calendar is not None and name != "events":
                raise ValueError(f"[tables] may name a calendar for events alone, and names one for {name}; drop it")
            if source.calendar is not None and source.calendar not in self.calendars:
                near = nearest(source.calendar, self.calendars)
                raise ValueError(f"[tables] names the calendar {source.calendar!r}; declare it under [calendars].{near}")
        return self


# What to type where a section or key that has no default is missing: nobody may guess these.
_KINDS = "\n".join(f'  "{kind}": {meaning}' for kind, meaning in EXPECTATION_TYPES.items())
_NEEDED = {
    "study": f'Add [study] with title = "..." and expectation_type = "...", one of:\n{_KINDS}',
    "study.title": 'Add title = "..." under [study].',
    "study.expectation_type": f'Add expectation_type = "..." under [study], one of:\n{_KINDS}',
    "scale": "Add [scale] with low = 1 and high = 7, or whatever the lowest and highest answer of the question are.",
    "scale.low": "Add low = 1 under [scale], or whatever the lowest answer of the question is.",
    "scale.high": "Add high = 7 under [scale], or whatever the highest answer of the question is.",
    "responses": 'Add [responses] with file = "..." and layout = "wide" or "long".',
    "responses.file": 'Add file = "..." under [responses], relative to the study file.',
    "responses.layout": 'Add layout = "wide" (a column a question) or "long" (a row an answer) under [responses].',
}
_OF_A_METRIC = {
    "touchpoint": 'touchpoint = "Receive the parcel"',
    "unit": 'unit = "days", "hours", "minutes", "share" or any other word',
    "direction": 'direction = "lower" or "higher", whichever is better for the customer',
}
_OF_A_MARGIN = {
    "totals": 'totals = { "18-34" = 410, "35+" = 590 }, in people or shares of the population',
    "source": 'source = "customer file, all accounts", the table of the population that the totals are from',
    "date": "date = 2026-01-01, the day that the source speaks of",
}
_OF_AN_OUTCOME = {
    "kind": 'kind = "satisfaction", "recommend", "effort" or "disconfirmation"',
    "low": "low = 1, or whatever the lowest answer of the question is",
    "high": "high = 7, or whatever the highest answer of the question is",
}
_NAMES = {"study.expectation_type": "the expectation type", "scale": "the scale"}


def load_spec(path: Path) -> tuple[StudyFile, bytes]:
    """Read a study file.

    Returns
    -------
    The checked contents, and the bytes they came from.

    Raises
    ------
    StudyError : the file cannot be read, is not TOML, or does not say what it must; every problem is one line.
    """
    try:
        raw = path.read_bytes()
        contents = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise StudyError(f"the study file {path} must be a file that can be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name} must be UTF-8, and byte {error.start + 1} is not; save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudyError(f"{path.name} must be TOML, and is not: {error}.") from error
    try:
        return StudyFile.model_validate(contents), raw
    except ValidationError as error:
        raise StudyError("\n".join(_sentence(path.name, problem["loc"], problem) for problem in error.errors())) from None


def _sentence(file: str, loc: tuple[int | str, ...], problem: Mapping[str, Any]) -> str:
    place, kind, message = ".".join(map(str, loc)), problem["type"], str(problem["msg"])
    if kind == "missing" and loc[0] in ("metrics", "outcomes", "margins"):
        examples = {"metrics": _OF_A_METRIC, "outcomes": _OF_AN_OUTCOME, "margins": _OF_A_MARGIN}
        wanted = examples[str(loc[0])][str(loc[-1])]
        return f"{file}: `{'.'.join(map(str, loc[:-1]))}` must have a {loc[-1]}, such as {wanted}."
    if kind == "missing":
        return f"{file} must declare {_NAMES.get(place, f'`{place}`')}, and does not. {_NEEDED.get(place, f'Add {place}.')}"
    if kind == "extra_forbidden":
        keys = sorted(_section(loc[:-1]).model_fields)
        where = f"[{'.'.join(map(str, loc[:-1]))}]" if loc[1:] else "the file"
        return f"{file}: {where} has no key {loc[-1]!r}; it has {keys}.{nearest(str(loc[-1]), keys)}"
    if kind == "value_error":
        sentence = f"{file}: {f'`{place}` ' if place else ''}{message.removeprefix('Value error, ')}"
        return sentence if sentence.endswith((".", "?")) else f"{sentence}."
    value, ending = repr(problem["input"])[:80], "."
    if kind == "literal_error":
        ending = "." + nearest(str(problem["input"]), re.findall("'([^']*)'", message))
        ending += f" These are:\n{_KINDS}" if place == "study.expectation_type" else ""
    elif kind == "string_type":
        message = "Input should be text, in quotes"
    elif kind in ("model_type", "dict_type"):
        message = "Input should be a section"
    return f"{file}: `{place}` {message.replace('Input should', 'must')}, not {value}{ending}"


def _section(loc: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of the section that `loc` leads to."""
    known: dict[str, type[BaseModel]] = {"study": About, "scale": Scale, "design": Drawn, "responses": Responses}
    known |= {"codebook": Source, "tables": TableSource, "items": Item, "metrics": Metric, "calendars": Days}
    known |= {"outcomes": Outcome, "margins": KnownMargin}
    return known[str(loc[0])] if loc else StudyFile
