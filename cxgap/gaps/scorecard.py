"""All gaps side by side: what each touchpoint's are, and for every empty cell the reason why it is empty."""

from __future__ import annotations

from collections.abc import Callable

import narwhals.stable.v2 as nw
import pandas as pd

from cxgap import engine, tally
from cxgap.errors import CxgapError
from cxgap.gaps.register import METHODS, score
from cxgap.result import GapTable, Table
from cxgap.tables.absent import absent
from cxgap.tables.study import Study
from cxgap.vocabulary import (
    FLAGS,
    GAPS,
    MIXED,
    NOT_SHOWN,
    PERCENTAGE_POINTS,
    SHORT,
    VERDICT_MARKS,
    counted,
    percent,
    signed,
)

SLUG, TITLE = "scorecard", "The gaps of each touchpoint"
COVERAGE, COVERAGE_TITLE = "gap-coverage", "Which gaps could be computed"
SCALE_POINTS = "scale points"
SHORT_UNITS = {SCALE_POINTS: "points", PERCENTAGE_POINTS: "%"}
SLUGS = tuple(
    sorted((slug for slug, gap in GAPS.items() if len(gap.number) == 1 and slug != "tolerance"), key=lambda s: GAPS[s].number)
)
NOUNS = {"delivery": "events", "communication": "promises", "standards": "managers"}  # what is lacking where there is no row
NOWHERE = "no table of the study names a touchpoint"  # which a row would be of


def scorecard(study: Study, *, conf_level: float = 0.95) -> Table:
    """Put all gaps of a study side by side, one row a touchpoint.

    The gaps have different units and ladders: they stand beside each other, and are not to be added up or averaged;
    what adds up is `gap_chain`. Nothing stops it: a gap whose tables are missing is a column that says why.

    Parameters
    ----------
    study : of `read_study`
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table: its frame has one row a touchpoint, gap and metric, with `number` of the gap, `estimate`, `conf_low`,
    `conf_high`, `n`, `counts` (what n counts), `unit`, `verdict`, `flags` and `why` the row has no number; a reader
    sees one row a touchpoint and one column a gap.
    """
    names = _touchpoints(study)
    if not names:
        return Table.not_measured(SLUG, TITLE, NOWHERE)
    rows = []
    for slug, table in _scored(study, conf_level).items():
        rows += _rows(slug, table, names)
    frame = pd.DataFrame(rows)
    heads = [
        "touchpoint",
        *(f"{gap.number} {gap.title.removesuffix(' gap').lower()}" for gap in (GAPS[slug] for slug in SLUGS)),
    ]
    cells = []
    for name in names:
        here = frame[frame["touchpoint"] == name]
        cells.append((name, *("; ".join(here.loc[here["gap"] == slug, "text"]) for slug in SLUGS)))
    notes = [
        _counts(frame),
        f"Each cell: verdict, gap, {percent(conf_level)} interval, unit and n. Negative is a shortfall for the customer.",
        "The gaps stand on different ladders and are not to be added up; what adds up is the chain.",
    ]
    return Table(frame.drop(columns="text"), SLUG, _finding(frame), tuple(heads), tuple(cells), 1, tuple(notes))


def _counts(frame: pd.DataFrame) -> str:
    """Say of every gap at how many touchpoints it is short, of those where it is measured."""
    parts = []
    for slug in SLUGS:
        known = frame[(frame["gap"] == slug) & frame["estimate"].notna()]
        short = known.loc[known["verdict"] == SHORT, "touchpoint"].nunique()
        if len(known):
            parts.append(f"the {GAPS[slug].title.lower()} at {short} of {known['touchpoint'].nunique()}")
    return f"Short are {', '.join(parts)}." if parts else "No gap could be measured."


def _finding(frame: pd.DataFrame) -> str:
    """Name the touchpoint that is short in most gaps; several that are, are counted."""
    measured = frame[frame["estimate"].notna()]
    short = measured[measured["verdict"] == SHORT].groupby("touchpoint", sort=False)["gap"].nunique()
    if short.empty:
        return "No touchpoint is shown to fall short in any gap" if len(measured) else TITLE
    worst = short[short == short.max()]
    many = worst.max()
    if len(worst) > 1:
        rest = ", more than any other" if len(worst) < frame["touchpoint"].nunique() else ""
        return f"{len(worst)} touchpoints fall short in {counted(many, 'gap')} each{rest}"
    known = measured.loc[measured["touchpoint"] == worst.index[0], "gap"].nunique()
    return f"{worst.index[0]} falls short in {many} of the {counted(known, 'gap')} that are measured there"


def study_coverage(study: Study) -> Table:
    """Say which gaps of a study could be computed, at how many touchpoints, from which tables, and how well these match.

    Parameters
    ----------
    study : of `read_study`

    Returns
    -------
    Table, one row a gap: `number`, `gap`, `computed` ("yes", "partly" or "no"), `touchpoints` with a number, `of` how
    many, `tables` it needs, `matched` (how well they fit each other, in words) and `why` it is not complete.
    """
    names = _touchpoints(study)
    if not names:
        return Table.not_measured(COVERAGE, COVERAGE_TITLE, NOWHERE)
    matched = _matches(study)
    rows = []
    for slug, table in _scored(study, 0.95).items():
        found = pd.DataFrame(_rows(slug, table, names))
        known = found[found["estimate"].notna()]["touchpoint"].nunique()
        reasons = _reasons(found)
        rows.append(
            {
                "number": GAPS[slug].number,
                "gap": GAPS[slug].title,
                "computed": "no" if not known else "yes" if known == len(names) else "partly",
                "touchpoints": known,
                "of": len(names),
                "tables": ", ".join(METHODS[slug].tables),
                "matched": "; ".join(matched[name] for name in METHODS[slug].tables if name in matched),
                "why": reasons,
            }
        )
    frame = pd.DataFrame(rows)
    frame["covered"] = [f"{row.touchpoints} of {row.of}" for row in frame.itertuples()]
    columns: dict[str, tuple[str, Callable[[object], str]]] = {
        "gap": ("gap", str),
        "computed": ("computed", str),
        "covered": ("touchpoints", str),
        "tables": ("from", str),
        "matched": ("how they match", str),
        "why": ("why not all", str),
    }
    return Table.of(frame, slug=COVERAGE, title=COVERAGE_TITLE, columns=columns)


def _reasons(found: pd.DataFrame) -> str:
    """Say why touchpoints have no number; a reason that holds for all of them is said once."""
    known = set(found.loc[found["estimate"].notna(), "touchpoint"])
    lacking = found[~found["touchpoint"].isin(known)].assign(
        why=lambda rows: rows["why"].str.replace(r"^no events of .*", "no events of what the standard asks for", regex=True)
    )
    if not known and len(set(lacking["why"])) == 1:
        return str(lacking["why"].iloc[0])
    groups = {why: ", ".join(rows["touchpoint"]) for why, rows in lacking.groupby("why", sort=False)}
    return "; ".join(f"{names}: {why}" for why, names in groups.items())


def _touchpoints(study: Study) -> list[str]:
    """Return all touchpoints, in the order of the journey."""
    declared: list[str] = []
    said: list[str] = []
    for table in (study.responses, study.touchpoints, study.standards, study.events):
        if not absent(table) and "touchpoint" in tally.columns_of(table):
            named, order = tally.tally_distinct(table, ["touchpoint"])["touchpoint"], tally.declared_order(table, "touchpoint")
            declared += map(str, order or [])
            said += sorted(named.dropna().astype(object), key=str)
    return list(dict.fromkeys(map(str, [*declared, *said])))


def _scored(study: Study, conf_level: float) -> dict[str, GapTable | str]:
    """Compute every gap by touchpoint; one that the tables do not allow is the reason why."""
    found: dict[str, GapTable | str] = {}
    for slug in SLUGS:
        try:
            found[slug] = score(study, slug, conf_level=conf_level)
        except CxgapError as error:  # its text is for the reader, and stands in the column
            found[slug] = str(error)
    return found


def _rows(slug: str, table: GapTable | str, names: list[str]) -> list[dict[str, object]]:
    """Return the rows of one gap, at least one a touchpoint."""
    why = table if isinstance(table, str) else table.missing
    if why or isinstance(table, str):
        return [_row(name, slug, why=why) for name in names]
    shown = table.readable()
    rows = []
    for name in names:
        here = [place for place, one in enumerate(table.frame["touchpoint"]) if one == name]
        measured = [place for place in here if pd.notna(table.frame["estimate"].iloc[place])]
        if not here:
            rows.append(_row(name, slug, why=f"no {NOUNS.get(slug, 'answers')} here"))
        for place in measured or here[:1]:
            rows.append(_filled(table, shown, place, name, slug))
    return rows


def _row(name: str, slug: str, **values: object) -> dict[str, object]:
    empty = dict.fromkeys(("estimate", "conf_low", "conf_high", "n"), float("nan"))
    blank = {"counts": "", "unit": "", "verdict": "not measured", "flags": "", "why": ""}
    row = {"touchpoint": name, "number": GAPS[slug].number, "gap": slug, "metric": None, **empty, **blank, **values}
    return {"text": f"not measured: {row['why']}", **row}


def _filled(table: GapTable, shown: GapTable, place: int, name: str, slug: str) -> dict[str, object]:
    """Return the row of one cell, exact, with the text that a reader sees."""
    exact, cell = table.frame.iloc[place], shown.frame.iloc[place]
    facts = {key: exact[key] for key in ("estimate", "conf_low", "conf_high", "n", "verdict", "flags")}
    facts |= {"counts": table.counts, "unit": table.row_units[place], "metric": exact.get("metric")}
    if pd.isna(exact["estimate"]):
        flags = [flag for flag in str(exact["flags"]).split("|") if flag]
        hidden = exact["verdict"] == NOT_SHOWN
        few = f"fewer than {table.min_n} {table.counts}s" if table.min_n > 1 and hidden else ""
        lacking = f"no {NOUNS.get(slug, 'answers')} of {facts['metric'] or name}" if flags == ["EMPTY"] else ""
        why = few or lacking or ", ".join(FLAGS[flag] for flag in flags) or "nothing to compare"
        return _row(name, slug, **facts, why=why) | {"text": f"{'not shown' if hidden else 'not measured'}: {why}"}
    digits, unit = shown.row_decimals[place], shown.row_units[place]
    gap = signed(cell["estimate"], digits)
    span = ""
    if pd.notna(cell["conf_low"]):
        span = f" ({signed(cell['conf_low'], digits)} to {signed(cell['conf_high'], digits)})"
    metric = f"{facts['metric']}: " if facts["metric"] and table.unit == MIXED else ""
    count = "" if pd.isna(exact["n"]) else f", n {exact['n']:,.0f}"
    mark = f"{VERDICT_MARKS[exact['verdict']]} {exact['verdict']}"
    return _row(name, slug, **facts) | {"text": f"{metric}{mark} {gap}{span} {SHORT_UNITS.get(unit, unit)}{count}"}


def _matches(study: Study) -> dict[str, str]:
    """Say of each table how much of the survey it can be put beside."""
    names = _touchpoints(study)
    said = {} if absent(study.responses) else {"responses": f"{study.respondents:,} respondents"}
    if not absent(study.managers):
        places = set(map(str, study.managers["touchpoint"].dropna()))
        known = sum(name in places for name in names)
        said["managers"] = f"{study.managers['manager_id'].nunique():,} managers at {known} of {len(names)} touchpoints"
    if not absent(study.standards):
        held = study.standards[study.standards["standard"].notna()]
        known = sum(name in set(map(str, held["touchpoint"])) for name in names)
        said["standards"] = f"standards at {known} of {len(names)} touchpoints"
    if not absent(study.events):
        said["events"] = _events(study)
    return said


def _events(study: Study) -> str:
    """Say how many events there are, and, where they lie in memory, how many answers and respondents are found in them."""
    if engine.is_lazy(study.events) or (study.surveyed and engine.is_lazy(study.responses)):
        many = nw.from_native(study.events).lazy().select(nw.col("event_id").n_unique()).collect()["event_id"][0]
        return f"{many:,} events"
    survey = pd.DataFrame() if absent(study.responses) else tally.rows_of(study.responses)
    events = tally.rows_of(study.events).drop_duplicates("event_id")
    parts = [f"{len(events):,} events"]
    for name, noun in (("event_id", "answers that name an event"), ("customer_id", "respondents")):
        if name in survey and name in events:
            answers = survey.drop_duplicates(["respondent_id", name])[name].dropna()
            tied = answers.isin(set(events[name])).mean() if len(answers) else float("nan")
            parts += [] if pd.isna(tied) else [f"{percent(round(float(tied), 3))} of {noun} found in them"]
    return ", ".join(parts)
