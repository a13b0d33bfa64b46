"""The study file: what it may say, and what is said when it does not. docs/study.md explains each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cxgap.errors import StudyError, nearest
from cxgap.vocabulary import EXPECTATION_TYPES

ExpectationType = Literal["desired", "should", "adequate", "predicted", "ideal_point", "promised"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except (ValueError, KeyError, OSError):  # no name of a zone, none that is known, or a folder of them
            near = nearest(zone, available_timezones())
            raise ValueError(f'must be a time zone such as "Europe/Berlin", not {zone!r}.{near}') from None


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
    importance: str | None = None


class StudyFile(_Section):
    """The whole study file."""

    study: About
    scale: Scale
    responses: Responses
    design: Drawn = Drawn()
    items: dict[str, Item] = {}
    codebook: Source | None = None
    tables: dict[str, Source] = {}

    @field_validator("tables", mode="before")
    @classmethod
    def _sources(cls, tables: object) -> object:
        """Take a file name for a section that names the file."""
        if not isinstance(tables, Mapping):
            return tables
        return {name: {"file": source} if isinstance(source, str) else source for name, source in tables.items()}


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
    if kind == "missing":
        return f"{file} must declare {_NAMES.get(place, f'`{place}`')}, and does not. {_NEEDED.get(place, f'Add {place}.')}"
    if kind == "extra_forbidden":
        keys = sorted(_section(loc[:-1]).model_fields)
        where = f"[{'.'.join(map(str, loc[:-1]))}]" if loc[1:] else "the file"
        return f"{file}: {where} has no key {loc[-1]!r}; it has {keys}.{nearest(str(loc[-1]), keys)}"
    if kind == "value_error":
        sentence = f"{file}: `{place}` {message.removeprefix('Value error, ')}"
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
    known |= {"codebook": Source, "tables": Source, "items": Item}
    return known[str(loc[0])] if loc else StudyFile
