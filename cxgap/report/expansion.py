"""One entry of a plan becomes jobs: its notebooks times its sets of values, each checked against notebook and study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Final

from cxgap.errors import ArgumentError, listed, nearest
from cxgap.export.names import slug
from cxgap.report.braces import alone, fill
from cxgap.report.entries import Entry, Problems
from cxgap.report.job import Job
from cxgap.report.parameters import Parameter, check_parameters
from cxgap.report.periods import PERIODS, settle_period
from cxgap.report.wording import listing
from cxgap.tables.levels import Levels
from cxgap.tables.restrict import MOST_LEVELS, Scope

OWN: Final = ("study", "where", "as_of")  # parameters of every notebook that have a key of their own in a plan
MOST_SETS: Final = 10_000
MOST_REPORTS: Final = 1000  # of one column that names every region; more are people or orders


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study that was found: how its notebooks are told of it, and its groups."""

    given: str
    levels: Levels


@dataclass(frozen=True, slots=True)
class FoundNotebook:
    """A notebook that was found: its name without the number, and what it lets its caller choose."""

    name: str
    path: Path
    parameters: Mapping[str, Parameter]


class Expansion:
    """The jobs of one entry: its notebooks times its sets of values."""

    def __init__(
        self, entry: Entry, study: FoundStudy, notebooks: list[FoundNotebook], today: date, problems: Problems
    ) -> None:
        self._entry, self._study, self._notebooks, self._today = entry, study, notebooks, today
        self._problems = problems

    def jobs(self) -> list[Job]:
        """Return the jobs without a problem; every problem is noted."""
        before = len(self._problems.lines)
        names = self._names()
        used = {name for value in self._inner() if (name := alone(value, names))}
        self._known_parameters(names - used)
        sets = list(self._sets())
        made = []
        for notebook in self._notebooks:
            placed = {name: place for name in sorted(names - used) if (place := self._place(name, notebook))}
            for values in sets:
                job = self._job(notebook, values, placed)
                made += [job] if job else []
        if not sets and len(self._problems.lines) == before:
            self._problem("the report leaves no set of values over; look at `exclude`.", "exclude")
        return made

    def _problem(self, text: str, key: str = "") -> None:
        self._problems.add(text, self._entry.number, key)

    def _names(self) -> set[str]:
        """Return what varies: names of the matrix, of the list and of `levels_of`, each from one of them."""
        entry = self._entry
        listed_names = {name for one in entry.sets for name in one}
        for name in sorted((set(entry.matrix) & listed_names) | (set(entry.levels_of) & {*entry.matrix, *listed_names})):
            self._problem(f"{name!r} must have its values from one of `matrix`, `list` and `levels_of`.", "matrix")
        for name in entry.exclude:
            if name not in {*entry.matrix, *entry.levels_of, *listed_names}:
                self._problem(f"`exclude` must name what varies, and {name!r} does not.", "exclude")
        return {*entry.matrix, *entry.levels_of, *listed_names}

    def _inner(self) -> Iterator[object]:
        for table in (self._entry.where, self._entry.parameters):
            for value in table.values():
                yield from value if isinstance(value, list) else [value]

    def _sets(self) -> Iterator[dict[str, Any]]:
        """Return every set of values; of several columns of `levels_of`, the combinations that the study has."""
        entry, levels = self._entry, self._study.levels
        spread = dict(entry.matrix)
        for column in entry.levels_of:
            if levels.unread:
                self._problem(f"the values of {column!r} cannot be told: {levels.unread}", "levels_of")
                return
            if column not in levels.columns:
                self._problem(f"the study has no column {column!r}; it has {listed(levels.columns)}."
                              f"{nearest(column, levels.columns)}", "levels_of")  # fmt: skip
                return
            spread[column] = levels.of(column)
            if len(spread[column]) > MOST_REPORTS:
                self._problem(f"{column!r} must have a report for each of its values, and has {len(spread[column]):,}.",
                              "levels_of")  # fmt: skip
                return
        for column, gone in entry.exclude.items():
            there = spread.get(column, [one.get(column) for one in entry.sets])
            for value in gone:
                if value not in there:
                    self._problem(f"`exclude` has {column} {value!r}, which is none.{nearest(str(value), there)}", "exclude")
        number = prod(map(len, spread.values())) * max(len(entry.sets), 1)
        if number > MOST_SETS:
            self._problem(f"[[report]] must be at most {MOST_SETS:,} reports, and is {number:,}.", "matrix")
            return
        for values in product(*spread.values()):
            for one in entry.sets or [{}]:
                made = dict(zip(spread, values, strict=True)) | one
                group = {column: [made[column]] for column in entry.levels_of}
                if all(made.get(name) not in gone for name, gone in entry.exclude.items()) and levels.has(group):
                    yield made

    def _known_parameters(self, names: set[str]) -> None:
        """Say which parameters none of the entry's notebooks has."""
        every = {name for notebook in self._notebooks for name in notebook.parameters}
        for name in self._entry.parameters:
            if name in OWN:
                self._problem(f"`parameters` must not hold {name!r}; give it as {name} = ... of the report.", "parameters")
            elif name not in every:
                called = listing([notebook.name for notebook in self._notebooks])
                own = sorted(every - {*OWN})
                self._problem(f"{called} has no parameter {name!r}; it has {', '.join(own)}.{nearest(name, own)}", "parameters")
        for name in sorted(names & set(self._entry.parameters)):
            self._problem(f"{name!r} must have one value or several, and is in `parameters` and varies too.", "parameters")

    def _place(self, name: str, notebook: FoundNotebook) -> str | None:
        """Say where a name that varies goes: "period", "parameters" or "where"."""
        key = "list" if any(name in one for one in self._entry.sets) else "matrix"
        key = "levels_of" if name in self._entry.levels_of else key
        if name in PERIODS:
            return "period"
        of_some = [own for own in self._notebooks if name in own.parameters and name not in OWN]
        levels = self._study.levels
        column = name in levels.columns or bool(levels.unread and not of_some)
        if of_some and column and key != "levels_of":
            self._problem(
                f"{name!r} is a parameter of {of_some[0].name} and a column of the study; say which is meant by "
                f'where = {{ {name} = "{{{name}}}" }} or parameters = {{ {name} = "{{{name}}}" }}.', key
            )  # fmt: skip
            return None
        if column and name in self._entry.where:
            self._problem(f"{name!r} must have one value or several, and is in `where` and varies too.", key)
        if column:
            return "where"
        if name in notebook.parameters and name not in OWN:
            return "parameters"
        if of_some:
            self._problem(f"{name!r} is no parameter of {notebook.name}; give {of_some[0].name} a [[report]] of its own.", key)
            return None
        options = [*PERIODS, *self._study.levels.columns, *(set(notebook.parameters) - {*OWN})]
        self._problem(
            f"{name!r} must be a column of the study, a parameter of {notebook.name}, or one of {listing(PERIODS)}; it is none."
            f"{nearest(name, options)}", key
        )  # fmt: skip
        return None

    def _job(self, notebook: FoundNotebook, values: Mapping[str, Any], placed: Mapping[str, str]) -> Job | None:
        """Make a job of one set of values; None if there is a problem, which is noted."""
        entry, before = self._entry, len(self._problems.lines)
        of = {place: {name: values[name] for name in values if placed.get(name) == place} for place in ("where", "parameters")}
        where = self._where({name: _put(value, values) for name, value in entry.where.items()} | of["where"])
        own = {name: _put(value, values) for name, value in entry.parameters.items() if name in notebook.parameters}
        given = self._parameters(notebook, own | of["parameters"])
        period = self._period(entry.period | {name: values[name] for name in values if placed.get(name) == "period"})
        defaults = {name: parameter.default for name, parameter in notebook.parameters.items() if name not in OWN}
        known = defaults | given | where | dict(values) | {"as_of": ""} | period | {"notebook": notebook.name}
        usual = "-".join(f"{{{name}}}" for name in ["notebook", *(name for name in values if name in known)])
        name = self._name(entry.name or usual, known)
        if len(self._problems.lines) > before or name is None or len(placed) + self._used(values) < len(values):
            return None
        fixed = {"study": self._study.given, "where": where, "as_of": period.get("as_of", "")}
        return Job(name, slug(name, numbered=False), notebook.path, fixed | given, entry.single_file, entry.limits)

    def _used(self, values: Mapping[str, Any]) -> int:
        return len({name for value in self._inner() if (name := alone(value, values))})

    def _name(self, template: str, known: Mapping[str, object]) -> str | None:
        try:
            name = " ".join(fill(template, known).split())
        except ValueError as error:
            self._problem(f"`name`: {error}", "name")
            return None
        if not name:
            self._problem("`name` must not come out blank.", "name")
        return name or None

    def _period(self, said: Mapping[str, Any]) -> dict[str, str]:
        """Return the period by name, and its last day as `as_of`; nothing where the report has none."""
        if len(said) > 1:
            self._problem(f"one of {listing([*said])} must go, because each says what the report is of.", "matrix")
        for kind, text in said.items():
            try:
                text = text.isoformat() if isinstance(text, date) else text
                if not isinstance(text, str):
                    raise ValueError("text, in quotes")
                period = settle_period(kind, text, self._today) if text.strip() else {}
                Scope.of(None, period.get("as_of", ""), self._study.levels.zone)
                return period
            except ValueError as error:  # ArgumentError is one, and speaks for itself
                must = str(error) if isinstance(error, ArgumentError) else f"`{kind}` must be {error}, not {text!r}."
                self._problem(must, kind if kind in self._entry.period else "matrix")
        return {}

    def _where(self, where: Mapping[str, Any]) -> dict[str, str | list[str]]:
        """Return `where` checked against the study: columns, values, and whether they meet."""
        levels, good = self._study.levels, {}
        for column, value in where.items():
            key = "where" if column in self._entry.where else "matrix"
            values = value if isinstance(value, list) else [value]
            wrong = [one for one in values if not isinstance(one, str)]
            if wrong or not values:
                fix = f'; write "{wrong[0]}", in quotes' if wrong else ""
                self._problem(f"`where` must give {column} as text, or a list of texts, not {value!r}{fix}.", key)
            elif levels.unread:
                good[column] = value
            elif column not in levels.columns:
                near = nearest(column, levels.columns)
                self._problem(f"the study has no column {column!r}; it has {listed(levels.columns)}.{near}", key)
            else:
                there = levels.of(column)
                for one in values:
                    if one.strip() not in there:
                        few = len(there) <= MOST_LEVELS
                        has = (
                            f" There are {listed(there)}.{nearest(one, there)}" if few else f" There are {len(there):,} others."
                        )
                        self._problem(f"unknown {column} {one!r}.{has}", key)
                good[column] = value
        asked = {column: [one.strip() for one in ([v] if isinstance(v, str) else v)] for column, v in good.items()}
        if (
            good
            and not levels.unread
            and all(one in levels.of(column) for column, ones in asked.items() for one in ones)
            and not levels.has(asked)
        ):
            said = " and ".join(f"{column} {' or '.join(map(repr, ones))}" for column, ones in asked.items())
            self._problem(f"no answer of the study has {said}.", "where" if self._entry.where else "matrix")
        return good

    def _parameters(self, notebook: FoundNotebook, given: Mapping[str, object]) -> dict[str, object]:
        good: dict[str, object] = {}
        for name, value in given.items():
            if name not in OWN:
                try:
                    good |= check_parameters(notebook.parameters, {name: value}, notebook.name)
                except ArgumentError as error:
                    self._problem(str(error), "parameters" if name in self._entry.parameters else "matrix")
        return good


def _put(value: Any, values: Mapping[str, Any]) -> Any:
    """Put what varies in the place of its name, where a value is that name in braces."""
    if isinstance(value, list):
        return [_put(one, values) for one in value]
    name = alone(value, values)
    return values[name] if name else value
