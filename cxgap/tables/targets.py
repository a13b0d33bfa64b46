"""targets.toml: what was promised, in numbers, by when. docs/targets.md explains each key."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

import pandas as pd
from pydantic import Field, ValidationError, field_validator, model_validator

from cxgap.errors import StudyError, nearest
from cxgap.tables.section import Section
from cxgap.tables.sections import About

FILE: Final = "targets.toml"
MEASURES: Final = ("customer", "knowledge", "delivery", "communication", "late", "outcome")
_TELLING: Final = ("question", "owner", "waves")  # may change without moving the target; waves come as time goes by
_OPTIONS: Final = {
    "score": ("customer", "knowledge"),
    "missing": ("customer",),
    "statistic": ("delivery",),
    "against": ("communication", "late"),
    "tolerance": ("communication", "late"),
    "weight_by": ("delivery", "communication", "late"),
}
_NEEDED: Final = {
    "name": 'name = "parcels on time", by which the target is known for good',
    "measure": f'measure = "customer", one of {[*MEASURES]}',
    "value": "value = -0.3, in the unit of the measure; a share is a fraction",
    "cut_off": "cut_off = 2026-06-30, the last day that counts",
}
_RULE: Final = ("measure", "basis", "metric", "outcome", "column", "where", "value", "since", "cut_off")
COLUMNS: Final = (
    "name", "question", "measure", "basis", "metric", "outcome", "where", "value", "margin", "better", "since", "baseline",
    "cut_off", "alpha", "min_n", "looks", "owner", "set_on", "waves", "spec", "spec_hash",
)  # fmt: skip


class Target(Section):
    """[[target]]: one promise in a number, and the rule by which it will be judged."""

    name: str
    question: str = ""
    measure: Literal["customer", "knowledge", "delivery", "communication", "late", "outcome"]
    basis: Literal["physical", "attainment"] = "physical"
    metric: str = ""
    outcome: str = ""
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    value: float
    margin: Annotated[float, Field(ge=0)] = 0.0
    better: Literal["high", "low"] | None = None
    cut_off: date
    since: date | str | None = None
    baseline: str = ""
    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.05
    min_n: Annotated[int, Field(ge=1)] = 30
    planned_n: Annotated[int, Field(ge=1)] | None = None
    looks: tuple[date, ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)
    owner: str = ""
    set_on: date | None = None

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not name.strip() or name != name.strip() or len(name) > 80 or not name.isprintable():
            raise ValueError(f"must be a name of 1 to 80 letters, without spaces around it, not {name[:90]!r}")
        return name

    @field_validator("where", mode="before")
    @classmethod
    def _listed(cls, where: object) -> object:
        """Take one text for a list of it."""
        if not isinstance(where, Mapping):
            return where
        for column, values in where.items():
            each = values if isinstance(values, list) else [values]
            if not each or not all(isinstance(value, str) and value.strip() for value in each):
                raise ValueError(f"must give {column!r} as text, or a list of texts, in quotes, not {values!r}")
        return {column: values if isinstance(values, list) else [values] for column, values in where.items()}

    @field_validator("since", mode="before")
    @classmethod
    def _since(cls, since: object) -> object:
        if isinstance(since, str) and not since.strip():
            raise ValueError("must be a day such as 2026-01-01, or a wave in quotes; leave it out to count all")
        return since

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if list(self.looks) != sorted(set(self.looks)) or (self.looks and self.looks[-1] >= self.cut_off):
            raise ValueError(
                f"must have looks in order, each once and before the cut-off of {self.cut_off}, which is itself the last look"
            )
        first = self.since if isinstance(self.since, date) else None
        if first and first > self.cut_off:
            raise ValueError(f"must have since no later than the cut-off, and {first} is after {self.cut_off}")
        if first and self.looks and self.looks[0] < first:
            raise ValueError(f"must have its first look after since, and {self.looks[0]} is before {first}")
        if self.set_on and self.set_on > self.cut_off:
            raise ValueError(f"must be set before its cut-off, and {self.set_on} is after {self.cut_off}")
        if self.metric and self.measure != "delivery":
            raise ValueError(f'must have a metric only where measure = "delivery", not "{self.measure}"; drop it')
        if self.measure == "outcome" and not self.outcome:
            raise ValueError('must name what is measured, such as outcome = "satisfaction"')
        if self.outcome and self.measure != "outcome":
            raise ValueError(f'must have an outcome only where measure = "outcome", not "{self.measure}"; drop it')
        if self.basis == "attainment" and self.measure not in ("delivery", "communication"):
            raise ValueError(f'must have basis = "physical" where measure = "{self.measure}"; drop it')
        if self.better and self.measure != "outcome":
            raise ValueError(f'must not have `better`, because measure = "{self.measure}" says it; drop it')
        if self.measure == "late" and not 0 <= self.value <= 1:
            raise ValueError(f"must have a share from 0 to 1 for its value, such as 0.05 for 5 %, not {self.value:g}")
        for option in self.options:
            if option not in _OPTIONS:
                raise ValueError(f"must have options of {sorted(_OPTIONS)}, not {option!r}.{nearest(option, _OPTIONS)}")
            if self.measure not in _OPTIONS[option]:
                raise ValueError(f'must not have the option {option!r} where measure = "{self.measure}"; drop it')
        return self

    @property
    def spec(self) -> dict[str, Any]:
        """What was declared, as JSON holds it; what has its default is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


class _File(Section):
    """The whole of targets.toml."""

    target: tuple[Target, ...] = ()


class Declared(NamedTuple):
    """The targets of a study: one row each, and what `study.files` says of their file; None where there is none."""

    table: pd.DataFrame
    file: dict[str, object] | None


def targets_path(study: Path, about: About) -> Path | None:
    """Return where the targets of a study file lie; None where it has none.

    Raises
    ------
    StudyError : [study] names a file that is not there.
    """
    if about.targets:
        path = study.parent / about.targets
        if not path.is_file():
            raise StudyError(
                f"{study.name}: [study] targets must name a file, and there is none at {about.targets!r}; drop the key, or "
                "write the file."
            )
        return path
    path = study.parent / FILE
    return path if path.is_file() else None


def read_targets(study: Path, about: About, outcomes: Mapping[str, Any]) -> Declared:
    """Read the targets beside a study file.

    Parameters
    ----------
    study : the study file
    about : its [study]
    outcomes : its [outcomes], for what is measured and which side of it is better

    Raises
    ------
    StudyError : the file cannot be read, or does not say what it must; every problem is one line.
    """
    path = targets_path(study, about)
    if path is None:
        return Declared(pd.DataFrame(columns=list(COLUMNS)), None)
    try:
        raw = path.read_bytes()
        contents = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise StudyError(f"{path.name} must be a file that can be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name} must be UTF-8, and byte {error.start + 1} is not; save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudyError(f"{path.name} must be TOML, and is not: {error}.") from error
    try:
        targets = _File.model_validate(contents).target
    except ValidationError as error:
        raise StudyError("\n".join(_sentence(path.name, contents, problem) for problem in error.errors())) from None
    faults = [*_twice(path.name, targets), *_unknown(path.name, targets, about, outcomes)]
    if faults:
        raise StudyError("\n".join(faults))
    rows = [_row(target, about, outcomes) for target in targets]
    file = {"table": "targets", "file": path.name, "rows": len(rows), "sha256": hashlib.sha256(raw).hexdigest()}
    return Declared(pd.DataFrame(rows, columns=list(COLUMNS)), file)


def canonical(value: object) -> str:
    """Write a value as JSON in the one form that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def spec_hash(spec: Mapping[str, Any]) -> str:
    """Return the hash of what decides about a target; how it is told, and who owns it, do not."""
    deciding = {name: value for name, value in spec.items() if name not in _TELLING}
    return hashlib.sha256(canonical(deciding).encode()).hexdigest()


def same_promise(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two targets promise the same of the same by the same day, whatever they are named."""
    return all(one.get(key) == other.get(key) for key in _RULE)


def _row(target: Target, about: About, outcomes: Mapping[str, Any]) -> dict[str, Any]:
    spec = target.spec
    spec["better"] = _better(target, outcomes)
    if isinstance(target.since, str):
        spec["waves"] = list(about.waves[about.waves.index(target.since) :])
    if target.measure == "outcome":
        declared = outcomes[target.outcome]
        spec |= {"column": declared.column or target.outcome, "low": declared.low, "high": declared.high}
    where = "; ".join(f"{column} = {' or '.join(values)}" for column, values in target.where.items())
    own: dict[str, Any] = {name: spec.get(name, getattr(target, name, None)) for name in COLUMNS if name in Target.model_fields}
    return own | {
        "where": where,
        "cut_off": target.cut_off.isoformat(),
        "looks": ", ".join(day.isoformat() for day in target.looks),
        "since": str(target.since or ""),
        "set_on": str(target.set_on or ""),
        "waves": ", ".join(spec.get("waves", ())),
        "spec": canonical(spec),
        "spec_hash": spec_hash(spec),
    }


def _better(target: Target, outcomes: Mapping[str, Any]) -> str:
    if target.measure == "late":
        return "low"
    if target.measure == "outcome":
        return target.better or outcomes[target.outcome].better or "high"
    return "high"


def _twice(file: str, targets: Sequence[Target]) -> list[str]:
    names = [target.name.casefold() for target in targets]
    return [
        f"{file}: two targets are named {target.name!r}, and a name is for good; give the later one another."
        for place, target in enumerate(targets)
        if target.name.casefold() in names[:place]
    ]


def _unknown(file: str, targets: Sequence[Target], about: About, outcomes: Mapping[str, Any]) -> list[str]:
    faults = []
    for target in targets:
        if target.outcome and target.outcome not in outcomes:
            near = nearest(target.outcome, outcomes)
            faults.append(
                f"{file}: the target {target.name!r} must have an outcome of {sorted(outcomes)}, not {target.outcome!r}; "
                f"declare it under [outcomes] of the study file.{near}"
            )
        for key, wave in (("since", target.since), ("baseline", target.baseline)):
            if isinstance(wave, str) and wave and wave not in about.waves:
                near = nearest(wave, about.waves) if about.waves else " List them in order under [study] as waves = [...]."
                faults.append(
                    f"{file}: the target {target.name!r} must have {key} = a wave of {list(about.waves)}"
                    f"{' or a day such as 2026-01-01' if key == 'since' else ''}, not {wave!r}.{near}"
                )
        if target.measure in ("delivery", "communication", "late") and isinstance(target.since, str) and target.since:
            faults.append(f"{file}: the target {target.name!r} must have since = a day, because events have no waves.")
    return faults


def _sentence(file: str, contents: Mapping[str, Any], problem: Mapping[str, Any]) -> str:
    loc, kind, message = problem["loc"], problem["type"], str(problem["msg"])
    if not loc or loc[0] != "target":
        key = loc[0] if loc else ""
        return f"{file} must have sections [[target]] and nothing else, not {key!r}.{nearest(str(key), ['target'])}"
    if len(loc) == 1:
        return f"{file}: each target must be a section [[target]], with two brackets on either side."
    place = _called(contents, loc[1])
    key = ".".join(str(part) for part in loc[2:] if part not in ("date", "str"))
    if kind == "missing":
        return f"{file}: {place} must have a {key}, such as {_NEEDED.get(key, key)}."
    if kind == "extra_forbidden":
        return f"{file}: {place} has no key {key!r}; it has {sorted(Target.model_fields)}.{nearest(key, Target.model_fields)}"
    if kind == "value_error":
        said = message.removeprefix("Value error, ")
        return f"{file}: {place}{f', `{key}`,' if key else ''} {said}{'' if said.endswith(('.', '?')) else '.'}"
    if key in ("cut_off", "set_on", "looks") or "date" in kind:
        return (
            f"{file}: {place}, `{key}`, must be a day such as 2026-06-30, without quotes, not {str(problem['input'])[:60]!r}."
        )
    value, near = repr(problem["input"])[:60], ""
    if kind == "literal_error" and key == "measure":
        near = nearest(str(problem["input"]), MEASURES)
    return f"{file}: {place}, `{key}`, {message.replace('Input should', 'must')}, not {value}.{near}"


def _called(contents: Mapping[str, Any], place: object) -> str:
    """Name a target by its name, or where it has none by its place."""
    try:
        name = contents["target"][place]["name"]
    except (LookupError, TypeError):
        name = None
    number = place + 1 if isinstance(place, int) else 1
    return f"the target {name!r}" if isinstance(name, str) and name else f"target {number}"
