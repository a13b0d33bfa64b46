"""The analyst page says what the single notebooks say, and what a study lacks is said to be not measured, and why."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxgap.report.notebooks import find_notebook, shipped_notebooks
from cxgap.result import GapTable, Table

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
BESIDE = (
    *("touchpoints", "managers", "employees", "standards", "events", "contacts", "customers", "causes", "channels", "kano"),
    *("messages", "staffing", "articles", "incidents", "outreach", "inventory", "actions"),
)
# Tables that no single notebook shows: `promises` draws two of them, by the same calls, and has no cell left for their rows.
ALONE = {"claims", "gap-ranks", "gap_differences", "message_audit", "promise_response", "raking"}


def shown(name: str, study: Path) -> list[Any]:
    """Run the cells of a notebook here, and return what each shows."""
    cells = json.loads(find_notebook(name).read_text(encoding="utf-8"))["cells"]
    space: dict[str, Any] = {}
    values = []
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        *steps, last = ast.parse(source).body
        if isinstance(last, ast.Expr):
            exec(compile(ast.Module(steps, []), name, "exec"), space)
            values.append(eval(compile(ast.Expression(last.value), name, "eval"), space))
        else:
            exec(compile(source, name, "exec"), space)
            if "cx" not in space:  # the parameters
                space["study"] = str(study)
    return values


def small(folder: Path, respondents: int, *lacking: str, columns: tuple[str, ...] = (), sections: tuple[str, ...] = ()) -> Path:
    """Write the sample with fewer respondents, and without some tables, columns or sections of the study file."""
    answers = pd.read_csv(SAMPLE / "responses.csv", dtype=str, keep_default_na=False)
    kept = answers["respondent_id"].drop_duplicates().iloc[:respondents]
    answers = answers[answers["respondent_id"].isin(kept)].drop(columns=[*columns], errors="ignore")
    answers.to_csv(folder / "responses.csv", index=False)
    shutil.copy(SAMPLE / "items.csv", folder)
    for table in set(BESIDE) - {*lacking}:
        shutil.copy(SAMPLE / f"{table}.csv", folder)
    blocks = (SAMPLE / "study.toml").read_text(encoding="utf-8").split("\n[")
    kept_blocks = [block for block in blocks if not block.startswith(tuple(f"{name}]" for name in sections))]
    lines = "\n[".join(kept_blocks).splitlines()
    gone = (*(f'{table} = "{table}.csv"' for table in lacking), *(f"{name} = " for name in columns))
    (folder / "study.toml").write_text("\n".join(line for line in lines if not line.startswith(gone)), encoding="utf-8")
    return folder / "study.toml"


class Recorder:
    """Stand in for cxgap: what is called with what is all that it knows."""

    def __init__(self, calls: list[tuple[str, str]], name: str = "") -> None:
        self._calls, self._name = calls, name

    def __getattr__(self, name: str) -> Recorder:
        return Recorder(self._calls, f"{self._name}.{name}".lstrip("."))

    def __call__(self, *given: object, **named: object) -> object:
        if self._name == "read_study":
            return Told()
        said = ", ".join([*map(repr, given), *(f"{name}={named[name]!r}" for name in sorted(named))])
        self._calls.append((self._name, said))
        return Made(f"{self._name}({said})")


class Made(str):
    """What a recorded call returned, known by how it was made."""

    __repr__ = str.__str__


class Told:
    """A study of which every table is its own name, and every set of keywords has one of that name."""

    _KEYWORDS = ("design", "outcome", "importance", "operations", "factors")

    def __getattr__(self, name: str) -> object:
        return (
            {"scale": "its scale", "margin": "its margin", "min_n": "its minimum"}
            if name == "design"
            else {name: name}
            if name in self._KEYWORDS
            else name
        )

    def __repr__(self) -> str:
        return "study"


def calls(name: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what a notebook calls with its own parameters, and with what."""
    found: list[tuple[str, str]] = []
    monkeypatch.setitem(sys.modules, "cxgap", Recorder(found))
    shown(name, Path("any"))
    monkeypatch.undo()
    return found


def test_each_section_calls_what_the_single_notebook_calls_with_the_same_arguments(monkeypatch):
    """Nothing of the page is computed otherwise than in the notebook of its own; these few have none."""
    single = {call for path in shipped_notebooks() if not path.stem.startswith("9") for call in calls(path.stem, monkeypatch)}
    alone = {"answer", "cite", "claims", "gap_differences", "gap_ranks", "methods", "raking"}
    composed = calls("analyst", monkeypatch)
    assert len(composed) > 50
    assert [call for call in composed if call not in single and call[0] not in alone] == []


def test_the_page_leaves_out_no_gap_and_no_check(monkeypatch):
    """The analyst version of the report: every section whose method exists, in its order."""
    called = [name for name, _ in calls("analyst", monkeypatch)]
    order = ["answer", "study_coverage", "missingness", "careless", "measurement_quality", "scorecard", "plot.dumbbell"]
    order += ["guard_rails", "response_surface", "tolerance_gap", "knowledge_gap", "company_gap", "standards_gap"]
    order += [
        "delivery_gap",
        "communication_gap",
        "promise_response",
        "promise_plan",
        "message_audit",
        "service_metrics",
        "index_gap",
        "plot.chain",
        "journey",
        "journey_score",
        "friction",
        "channel_switches",
        "patience",
        "gap_validity",
        "drivers",
        "penalty_reward",
        "kano",
        "burden",
        "priorities",
        "importance_performance",
        "causes",
        "incidents",
        "silent_customers",
        "outreach_effect",
        "outcome_link",
        "value_at_risk",
        "closing_value",
        "portfolio",
        "expectation_factors",
        "expectations",
        "gap_differences",
        "case_mix",
        "change_decomposition",
        "gap_trend",
        "control_chart",
        "target_status",
        "before_after",
        "actions",
        "loop_latency",
        "employee_link",
        "landmines",
        "claims",
        "methods",
        "cite",
    ]
    assert [name for name in dict.fromkeys(called) if name in order] == order


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_numbers_are_those_of_the_single_notebooks():
    """Gap tables and other tables are equal to the last digit, row by row."""
    known = [
        value.record()
        for path in shipped_notebooks()
        if not path.stem.startswith("9")
        for value in shown(path.stem, SAMPLE)
        if isinstance(value, GapTable | Table)
    ]
    tables = [value for value in shown("analyst", SAMPLE) if isinstance(value, GapTable | Table)]
    assert len(tables) > 35
    others = [table for table in tables if table.record() not in known]
    assert {table.slug for table in others if isinstance(table, Table)} <= ALONE
    assert [table.title for table in others if isinstance(table, GapTable)] == []


JUDGED = tuple(f"outcomes.{name}" for name in ("satisfaction", "recommend", "effort", "emotion"))
LACKING: dict[str, dict[str, Any]] = {
    "nine respondents and nothing beside the survey": {
        "respondents": 9,
        "lacking": BESIDE,
        "columns": ("wave", "segment", "satisfaction", "recommend"),
        "sections": (*JUDGED, "factors", 'metrics."delivery time"'),
        "missing": ("Company gap", "Knowledge gap", "Standards gap", "Delivery gap", "Communication gap", "Overall judgements"),
    },
    "no survey": {
        "respondents": 9,
        "lacking": ("events", "contacts", "customers"),
        "sections": (
            "responses",
            *JUDGED,
            "factors",
            'metrics."delivery time"',
            "codebook",
            "design",
        ),
        "missing": ("Customer gap", "Zone of tolerance", "Knowledge gap", "Company gap"),
    },
}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("what", LACKING)
def test_what_a_study_lacks_is_not_measured_and_nothing_stops(what, tmp_path):
    """Each gap and check that cannot be computed says why, in a sentence; all others are there."""
    about = dict(LACKING[what])
    missing = about.pop("missing")
    values = shown("analyst", small(tmp_path, about.pop("respondents"), *about.pop("lacking", ()), **about))
    tables = [value for value in values if isinstance(value, GapTable | Table)]
    reasons = {table.title: table.missing for table in tables}
    assert len(tables) > 35
    assert all(len(reasons[title]) > 20 for title in missing), reasons


@pytest.mark.parametrize("name", ["outcomes", "analyst"])
def test_a_shortfall_is_closed_everywhere_unless_a_touchpoint_of_the_study_is_named(name):
    """A default that names one study's touchpoint would stop the page of every other."""
    cells = json.loads(find_notebook(name).read_text(encoding="utf-8"))["cells"]
    assert 'touchpoint: str = ""  # whose shortfall is closed' in "".join("".join(cell["source"]) for cell in cells)
