"""A study that has been read: checked tables, what was wrong with them, and a fingerprint of the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from cxgap import markup
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.tables.absent import SURVEY, Absent, absent
from cxgap.tables.catalog import TABLES
from cxgap.tables.issues import Issues
from cxgap.tables.target_lock import TargetLock
from cxgap.tables.targets import COLUMNS as TARGET_COLUMNS
from cxgap.vocabulary import counted

STUDY_MIME = "application/vnd.cxgap.study+json"
STUDY_SCHEMA = "cxgap.study/1"
NO_FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType({"controllable": (), "uncontrollable": ()})


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The checked tables of one study, and what they rest on.

    Attributes
    ----------
    title, mission : as declared
    responses : one row an answer: respondent_id, touchpoint, item, expectation, perception and the file's other columns;
        `Absent` where the study has no survey, and a relation of DuckDB where it stays on disk (see `BigSurvey`)
    tables : the tables beside it, by name; also attributes, as in `study.events`, which is `Absent` where there is none
    rejects : what cannot be true: table, row (in the file, whose header is row 1), column, value, reason, answers (how
        many it cost)
    issues : what the checks found
    rows : counts of answers: read, left_out, in, used, incomplete, rejected; in = used + incomplete + rejected
    table_rows : for each table beside the survey, counts of rows of its file: read = left_out + kept + rejected
    links : what [links] declares and found, one row each: how many rows of the one table matched one of the other, how many
        had several to take from, how many found none or have no key
    design : keywords for functions of the survey: the design columns, scale, expectation type, margin, minimum
    margins : what [margins] declares, one row each: margin, column, source, date, categories, total
    metrics : what [metrics] declares, one row each: metric, touchpoint, unit, direction, and the columns that hold it
    outcomes : what [outcomes] declares, one row each: name, column, kind, low, high, better, of ("visit" or
        "journey")
    factors : what [factors] declares: columns of the survey that may go with expectations, as a tuple each of "controllable"
        and "uncontrollable"; empty where none were
    targets : what targets.toml declares, one row a target; no rows where there is none (docs/targets.md)
    target_lock : the verdicts on targets that were published, as `TargetLock`
    currency : of every amount of money, a code or a sign; "" where none is declared
    codebook : what was asked, one row an item, outcome or metric: wording, role, columns, scale and anchors, direction,
        codes for no answer, and the waves in which it was asked
    outcome : keyword for those that need an overall judgement: the column of the first satisfaction, else of the first
        recommendation; empty where neither was asked
    importance : keywords for those that weigh by importance: its column and kind; empty where none was asked
    operations : keywords for functions of events: the minimum, and `as_of` as text or None
    step : distance between answers on the scale, 0 where any number is one
    zone : of dates on display; times are held in UTC
    where, as_of : the part of the study that was read
    seed : of everything that draws random numbers
    files : name, rows and hash of every file
    fingerprint : hash of the study file, every other file, `where` and `as_of`
    min_n_declared : the minimum of the study file, where the one in `design` is higher because smaller groups could be
        worked out from other pages; else None
    definition : hash of the study file alone
    facts : of a survey that stays on disk, what was counted as it was read: respondents, touchpoints, and the period; else None
    """

    title: str
    mission: str
    responses: pd.DataFrame | Any
    tables: Mapping[str, pd.DataFrame]
    rejects: pd.DataFrame
    issues: Issues
    rows: Mapping[str, int]
    table_rows: Mapping[str, Mapping[str, int]]
    links: pd.DataFrame
    design: Mapping[str, Any]
    margins: pd.DataFrame
    metrics: pd.DataFrame
    outcomes: pd.DataFrame
    codebook: pd.DataFrame
    outcome: Mapping[str, Any]
    importance: Mapping[str, Any]
    operations: Mapping[str, Any]
    step: float
    zone: str
    where: Mapping[str, tuple[str, ...]]
    as_of: str
    seed: int
    files: tuple[Mapping[str, object], ...]
    fingerprint: str
    min_n_declared: int | None = None
    definition: str = ""
    facts: Mapping[str, Any] | None = None
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_FACTORS)
    targets: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TARGET_COLUMNS)))
    target_lock: TargetLock = field(default_factory=TargetLock)
    currency: str = ""

    def __getattr__(self, name: str) -> Any:
        if name in TABLES:
            return self.tables[name] if name in self.tables else Absent(name)
        raise AttributeError(f"a Study has no attribute {name!r}.{nearest(name, [*TABLES, *self.__slots__])}")

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *TABLES})

    @property
    def respondents(self) -> int:
        """People who gave at least one answer that is used or incomplete."""
        if self.facts is not None:
            return int(self.facts["respondents"])
        return _distinct(self.responses, "respondent_id") if self.surveyed else 0

    @property
    def surveyed(self) -> bool:
        """Whether the study has a survey."""
        return not absent(self.responses)

    @property
    def touchpoint_count(self) -> int:
        """Touchpoints that answers are about."""
        if self.facts is not None:
            return int(self.facts["touchpoints"])
        return _distinct(self.responses, "touchpoint") if self.surveyed else 0

    @property
    def period(self) -> tuple[str, str] | None:
        """First and last day of the answers in the study's zone, or None where the survey has no dates."""
        if self.facts is not None:
            found: tuple[str, str] | None = self.facts["period"]
            return found
        if not self.surveyed:
            return None
        import narwhals.stable.v2 as nw

        table = nw.from_native(self.responses).lazy()
        if "at" not in table.collect_schema():
            return None
        at = nw.col("at")
        ends = table.select(at.min().alias("first"), at.max().alias("last")).collect().to_pandas().iloc[0]
        if ends.isna().any():
            return None
        days = [pd.Timestamp(end) for end in ends]
        days = [day.tz_localize("UTC") if day.tzinfo is None else day for day in days]
        return days[0].tz_convert(self.zone).date().isoformat(), days[1].tz_convert(self.zone).date().isoformat()

    @property
    def until(self) -> str | None:
        """The day that the study looks back from: `as_of`, else the last day of the answers; None where there is none."""
        return self.as_of[:10] or (self.period[1] if self.period else None)

    def with_tables(self, **tables: Any) -> Study:
        """Return the study with tables that are held elsewhere, as on Spark, in place of its own.

        What the study declares holds for them, too: they must be what reading would make of them, with the same columns.
        Nothing of them is read or checked here, and counts of rows and issues stay those of the files.

        Parameters
        ----------
        tables : pandas, Polars, DuckDB, PyArrow or PySpark frames by name: `responses`, `events`, `standards`, ...

        Returns
        -------
        Study, whose fingerprint names the tables that are not of its files, as in "3f0c...+events+responses".

        Raises
        ------
        ArgumentError : there is no table of such a name.
        """
        known = (SURVEY, *TABLES)
        for name in tables:
            if name not in known:
                raise ArgumentError(f"a study has no table {name!r}, only {listed(known)}.{nearest(name, known)}")
        own = {name: table for name, table in tables.items() if name != SURVEY}
        marked = sorted({*self.fingerprint.split("+")[1:], *tables})
        return replace(
            self,
            responses=tables.get(SURVEY, self.responses),
            tables=MappingProxyType({**self.tables, **own}),
            fingerprint="+".join([self.fingerprint.split("+")[0], *marked]),
        )

    def record(self) -> dict[str, object]:
        """Return what a report may show of the study: counts and declarations, no answers."""
        low, high = self.design["scale"] or (None, None)
        refused = self.rejects[self.rejects["table"] == "responses"].groupby("reason")["answers"].sum()
        return {
            "schema": STUDY_SCHEMA,
            "title": self.title,
            "mission": self.mission,
            "expectation_type": self.design["expectation_type"],
            "scale": None if low is None else {"low": low, "high": high, "step": self.step},
            "margin": self.design["margin"],
            "min_n": self.design["min_n"],
            "min_n_declared": self.min_n_declared or self.design["min_n"],
            "seed": self.seed,
            "where": {name: list(values) for name, values in self.where.items()},
            "as_of": self.as_of,
            "zone": self.zone,
            "period": list(self.period) if self.period else None,
            "respondents": self.respondents,
            "touchpoints": self.touchpoint_count,
            "rows": dict(self.rows),
            "rejected": {str(reason): int(count) for reason, count in refused.items() if count},
            "issues": self.issues.records(),
            "tables": [{**file, **self.table_rows.get(str(file["table"]), {})} for file in self.files],
            "links": self.links.astype(object).where(self.links.notna(), None).to_dict("records"),
            "fingerprint": self.fingerprint,
            "definition": self.definition,
            "design": {name: self.design[name] for name in ("weight", "stratum", "psu", "population") if name in self.design},
            "weighted": "weight" in self.design or "margins" in self.design,
            **self._locked(),
            "raked": self.margins[["column", "source", "date"]].to_dict("records") if "margins" in self.design else [],
        }

    def _locked(self) -> dict[str, object]:
        """Say which lines of the lock of targets were read, so that a page can be made again as it was."""
        lock = self.target_lock
        if not (len(self.targets) or lock.entries or lock.problem):
            return {}
        return {
            "targets": {"declared": len(self.targets), "locked": len(lock.entries), "head": lock.head, "fault": lock.problem}
        }

    def __repr__(self) -> str:
        if not self.surveyed:
            tables = ", ".join(f"{name} ({len(table):,} rows)" for name, table in self.tables.items())
            return "\n".join([f"{markup.visible(self.title)}: no survey; {tables}", *self._linked(), *self.issues.lines()])
        rows = self.rows
        counts = ", ".join([counted(self.respondents, "respondent"), counted(self.touchpoint_count, "touchpoint")])
        came = f"{rows['in']:,} answers in = {rows['used']:,} used + {rows['incomplete']:,} incomplete"
        left = f"; {rows['left_out']:,} more left out by where or as_of" if rows["left_out"] else ""
        lines = [f"{markup.visible(self.title)}: {counts}", f"{came} + {rows['rejected']:,} rejected{left}"]
        kind = self.design["expectation_type"]
        asked = f"expectation asked as {kind!r}" if kind else "no expectation was asked"
        return "\n".join([*lines, asked, *self._linked(), *self.issues.lines()])

    def _linked(self) -> list[str]:
        """Word each link in one line."""
        return [
            f"link {link['link']}: of {link['rows']:,} rows of {link['table']}, {link['matched']:,} matched one of {link['to']}"
            + (f", {link['multiple']:,} of them by the rule {link['rule']!r} out of several" if link["multiple"] else "")
            + f"; {link['unmatched']:,} found none"
            + (f", {link['blank']:,} have no {link['key']}" if link["blank"] else "")
            for link in self.links.to_dict("records")
        ]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        counts = [[name.replace("_", " "), f"{count:,}"] for name, count in self.rows.items()]
        page = markup.table_html(["answers", "count"], counts, self.title) + self.issues._repr_html_()
        return {"text/plain": repr(self), "text/html": page, STUDY_MIME: self.record()}


def with_min_n(study: Study, min_n: int) -> Study:
    """Return the study with a minimum of at least `min_n` respondents in all that is handed to methods."""
    declared = int(study.design["min_n"])
    if min_n <= declared:
        return study
    design, operations = (MappingProxyType({**told, "min_n": min_n}) for told in (study.design, study.operations))
    return replace(study, design=design, operations=operations, min_n_declared=declared)


def _distinct(frame: Any, name: str) -> int:
    """Count the values of a column, wherever it lies; null is none."""
    import narwhals.stable.v2 as nw

    values = nw.from_native(frame).lazy().select(name).filter(~nw.col(name).is_null())
    return int(values.select(nw.col(name).n_unique()).collect()[name][0])
