"""The study file: what it may say, and what is said when it does not. docs/study.md explains each key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cxgap.errors import StudyError, nearest
from cxgap.vocabulary import EXPECTATION_TYPES

ExpectationType = Literal["desired", "should", "adequate", "predicted", "ideal_point", "promised"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Scale(_Section):
    """[scale]: the lowest and highest answer of the question, and the step between answers."""

    low: float
    high: float
    step: Annotated[float, Field(gt=0)] | None = 1.0

    @model_validator(mode="after")
    def _rising(self) -> Scale:
        if self.low >= self.high:
            raise ValueError(f"low must be below high, and {self.low:g} is not below {self.high:g}")
        return self


class Drawn(_Section):
    """[design]: the columns that say how respondents were drawn."""

    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    population: str | None = None


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
    tables: dict[str, str | Source] = {}


# What to type where a section or key that has no default is missing: nobody may guess these.
_NEEDED = {
    "study": 'Add [study] with title = "..." and expectation_type = "...".',
    "study.title": 'Add title = "..." under [study].',
    "study.expectation_type": 'Add expectation_type = "..." under [study], one of:\n'
    + "\n".join(f'  "{kind}": {meaning}' for kind, meaning in EXPECTATION_TYPES.items()),
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
    StudyError : the file is missing, is not TOML, or does not say what it must; every problem is one line.
    """
    if not path.is_file():
        raise StudyError(
            f"the study file {path} must exist, and it does not. Type `cxgap sample FOLDER` for one to start from."
        )
    raw = path.read_bytes()
    try:
        contents = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name} must be UTF-8, and byte {error.start + 1} is not; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path.name} must be TOML, and is not: {error}.") from error
    try:
        return StudyFile.model_validate(contents), raw
    except ValidationError as error:
        raise StudyError("\n".join(_sentence(path.name, problem, contents) for problem in error.errors())) from None


def _sentence(name: str, problem: Mapping[str, object], contents: Mapping[str, object]) -> str:
    place = ".".join(str(part) for part in problem["loc"] if not str(part).startswith(("function-", "Source", "str")))
    if problem["type"] == "missing":
        what = _NAMES.get(place, f"`{place}`")
        return f"{name} must declare {what}, and does not. {_NEEDED.get(place, f'Add {place}.')}"
    if problem["type"] == "extra_forbidden":
        section, _, key = place.rpartition(".")
        model = {"study": About, "scale": Scale, "design": Drawn, "responses": Responses, "codebook": Source}.get(section)
        known = model or (Item if section.startswith("items.") else StudyFile)
        where = f"[{section}]" if section else "the file"
        return f"{name}: {where} has no key {key!r}; it has {sorted(known.model_fields)}.{nearest(key, known.model_fields)}"
    value = problem.get("input")
    return f"{name}: `{place}` is {value!r}, which will not do: {problem['msg'].removeprefix('Value error, ')}."
