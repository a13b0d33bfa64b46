"""A plan is checked to the last letter before anything runs: runs.md 1.3 (parameters), 1.6 (the calendar) and 4.2 (names)."""

from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest
from report.hostile import TEXTS
from report.making import PARAMETERS, write

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.report import plan as plan_module
from cxgap.report.braces import fill
from cxgap.report.notebooks import read_notebook
from cxgap.report.parameters import check_parameters, parse_parameters, read_parameters
from cxgap.report.periods import day_in, settle_period
from cxgap.report.plan import job_cells, read_plan
from cxgap.shipped import shipped
from cxgap.tables.levels import levels, read_levels

ROOT = Path(__file__).resolve().parents[2]


def plan(folder, text, *, version="version = 1\n", **more):
    path = folder / "plan.toml"
    path.write_text(version + text, encoding="utf-8")
    return read_plan(path, **more)


def refused(folder, text, **more):
    with pytest.raises(ArgumentError) as error:
        plan(folder, text, **more)
    return str(error.value).splitlines()


def quoted(text):
    """Write a text as TOML has it, whatever is in it."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'


@pytest.fixture(autouse=True)
def sample_read_once(monkeypatch):
    """Read the sample study once for all tests."""
    monkeypatch.setattr(
        plan_module, "read_levels", lambda s, c: _levels(s, frozenset(c)) if s == "sample" else read_levels(s, c)
    )


_levels = cache(read_levels)
CUSTOMER = '[[report]]\nnotebook = "customer"\n'


def test_a_plan_is_its_notebooks_times_its_sets_of_values(tmp_path):
    text = (
        'as_of = 2026-03-31\nworkers = 2\noutput = "out"\nlimits = { cell = 60, memory = "2 GiB" }\n'
        '[[report]]\nnotebook = ["customer", "chain"]\nname = "{as_of}-{region}-{notebook}"\n'
        'matrix = { region = ["0012", "NA"] }\n'
        '[[report]]\nnotebook = "customer"\nlist = [{ segment = "Private", by = "channel" }]\nsingle_file = true\n'
        "limits = { cell = 90 }\n"
    )
    read = plan(tmp_path, text)
    assert (read.workers, read.output) == (2, tmp_path / "out")
    assert [(job.name, job.notebook.stem, job.parameters["where"]) for job in read.jobs] == [
        ("2026-03-31-0012-customer", "05_customer", {"region": "0012"}),
        ("2026-03-31-NA-customer", "05_customer", {"region": "NA"}),
        ("2026-03-31-0012-chain", "06_chain", {"region": "0012"}),
        ("2026-03-31-NA-chain", "06_chain", {"region": "NA"}),
        ("customer-Private-channel", "05_customer", {"segment": "Private"}),
    ]
    first, *_, last = read.jobs
    assert first.parameters == {"study": "sample", "where": {"region": "0012"}, "as_of": "2026-03-31"}
    assert (first.slug, first.single_file, first.limits.cell, first.limits.memory) == (
        "2026-03-31-0012-customer",
        False,
        60,
        2**31,
    )
    assert (last.parameters["by"], last.single_file, last.limits.cell, last.limits.memory) == ("channel", True, 90, 2**31)
    assert read.jobs[1].slug.startswith("2026-03-31-na-customer-")


def test_the_plan_that_comes_with_cxgap_is_whole():
    read = read_plan(ROOT / "reports" / "plan.toml")
    assert (len(read.jobs), read.output) == (11, ROOT / "reports")
    assert {job.parameters["study"] for job in read.jobs} == {"sample"}


def test_every_region_there_is_and_those_alone(tmp_path):
    text = f'{CUSTOMER}levels_of = ["region", "segment"]\nexclude = {{ region = ["007"], segment = ["Business account"] }}\n'
    found = {tuple(job.parameters["where"].values()) for job in plan(tmp_path, text).jobs}
    assert found == {(region, segment) for region in ("0012", "0034", "NA") for segment in ("Private", "Small business")}
    (line,) = refused(tmp_path, f'{CUSTOMER}levels_of = "region"\nexclude = {{ region = ["07"] }}\n')
    assert line == "plan.toml, line 5: `exclude` has region '07', which is none. Did you mean '007'?"


def test_of_several_columns_only_groups_that_answered_are_reports(tmp_path):
    """A group without an answer would be a report that fails every month; asked for by name it is a mistake."""
    shutil.copytree(shipped("sample"), tmp_path / "study")
    rows = (tmp_path / "study/responses.csv").read_text().splitlines(keepends=True)
    kept = [row for row in rows if not (",NA," in row and ",Private," in row)]
    (tmp_path / "study/responses.csv").write_text("".join(kept))
    base = f'study = "study"\n{CUSTOMER}'
    found = [tuple(job.parameters["where"].values()) for job in plan(tmp_path, base + 'levels_of = ["region", "segment"]').jobs]
    assert len(found) == 11
    assert ("NA", "Private") not in found
    (line,) = refused(tmp_path, base + 'where = { region = "NA", segment = "Private" }')
    assert line == "plan.toml, line 5: no answer of the study has region 'NA' and segment 'Private'."


def test_a_parquet_study_has_the_levels_of_its_csv(tmp_path):
    """Its reader looks at the wanted columns alone; what it leaves out must change nothing."""
    pd = pytest.importorskip("pandas")
    shutil.copytree(shipped("sample"), tmp_path / "study")
    frame = pd.read_csv(tmp_path / "study/responses.csv", dtype=str, keep_default_na=False)
    frame.to_parquet(tmp_path / "study/responses.parquet")
    text = (tmp_path / "study/study.toml").read_text().replace('"responses.csv"', '"responses.parquet"')
    (tmp_path / "study/study.toml").write_text(text)
    wanted = ["region", "segment", "touchpoint", "item"]
    assert levels(tmp_path / "study", wanted) == levels("sample", wanted)
    assert levels("sample", ["region"]) == {"region": ["0012", "0034", "007", "NA"]}
    ours, csv = read_levels(tmp_path / "study", ["region"]), read_levels("sample", ["region"])
    assert ours.columns == csv.columns
    assert list(ours.groups) == ["region"]


def test_every_problem_is_a_line_with_its_line_number_and_a_fix(tmp_path):
    text = (
        'output = 3\nstuddy = "x"\n'
        '[[report]]\nnotebook = "custmer"\n'
        '[[report]]\nnotebook = "customer"\nname = "{regoin}"\n'
        'matrix = { region = ["0013", "0012"] }\nparamters = { by = "x" }\n'
        '[[report]]\nnotebook = "customer"\nstudy = "nowhere"\n'
        '[[report]]\nnotebook = "customer"\nmonth = "2026-13"\nsingle_file = "yes"\nmatrix = { segmnt = ["x"] }\n'
        "limits = { cel = 3, memory = 0 }\n[report.parameters]\nconf_level = '0.9'\nbye = 3\nwhere = 3\n"
    )
    lines = refused(tmp_path, text)
    assert lines == [line for line in lines if line.startswith("plan.toml, line ")]
    wanted = [
        (2, '`output` must be text, in quotes, not 3; write output = "3".'),
        (3, "the plan has no key 'studdy'; it has version, "),
        (5, "not 'custmer'. Did you mean 'customer'?"),
        (8, "not {regoin}. Did you mean 'region'?"),
        (9, "unknown region '0013'. There are ['0012', '0034', '007', 'NA']."),
        (10, "[[report]] has no key 'paramters'"),
        (13, "there is none at 'nowhere'"),
        (16, '`month` must be a month such as "2026-03", or "last_month", not \'2026-13\'.'),
        (17, "`single_file` must be true or false, not 'yes'."),
        (18, "Did you mean 'segment'?"),
        (19, "`limits` has no 'cel'; it has start, cell, job, memory. Did you mean 'cell'?"),
        (19, '`limits` must give memory as a size such as "2 GiB", not 0.'),
        (20, "`conf_level` of customer must be a number (float), not '0.9'."),
        (20, "customer has no parameter 'bye'; it has by, conf_level, score, within. Did you mean 'by'?"),
        (20, "`parameters` must not hold 'where'; give it as where = ... of the report."),
    ]
    for number, words in wanted:
        assert [line for line in lines if line.startswith(f"plan.toml, line {number}: ") and words in line], words
    assert len(lines) == len(wanted)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CUSTOMER + "where = { region = 12 }", 'not 12; write "12", in quotes.'),
        (CUSTOMER + 'where = { region = ["0012", true] }', "`where` must give region as text, or a list of texts"),
        (CUSTOMER + "where = { region = [] }", "`where` must give region as text, or a list of texts, not []"),
        (CUSTOMER + 'where = { regoin = "0012" }', "Did you mean 'region'?"),
        (CUSTOMER + "matrix = { region = [12] }", 'not 12; write "12", in quotes.'),
        (CUSTOMER + 'matrix = { region = "0012" }', "`matrix` must give 'region' a list of values"),
        (CUSTOMER + 'matrix = { region = ["0012", "0012"] }', "'region' has '0012' twice"),
        (CUSTOMER + 'matrix = { region = ["0012"] }\nlevels_of = "region"', "from one of `matrix`, `list` and `levels_of`"),
        (CUSTOMER + 'levels_of = "regoin"', "the study has no column 'regoin'"),
        (CUSTOMER + 'levels_of = "respondent_id"', "must have a report for each of its values, and has 1,900"),
        (CUSTOMER + 'month = "2026-03"\nas_of = "2026-03-31"', "one of as_of and month must go"),
        (CUSTOMER + 'month = "2026-03"\nmatrix = { as_of = ["2026-03-31"] }', "one of month and as_of must go"),
        (CUSTOMER + 'as_of = "31.3.2026"', '`as_of` must be a day such as "2026-03-31", or "yesterday"'),
        (CUSTOMER + 'name = "{region.__class__}"\nlevels_of = "region"', "braces must hold one of "),
        (CUSTOMER + 'name = "{region"\nlevels_of = "region"', "each brace of '{region' must have its other"),
        (CUSTOMER + 'name = "same"\nlevels_of = "region"', "reports must have names of their own, and two are 'same'"),
        (CUSTOMER + 'name = "a"\n' + CUSTOMER + 'name = "b"', "'b' would be the same page as 'a'"),
        (CUSTOMER + 'where = { region = "NA" }\nmatrix = { region = ["0012"] }', "is in `where` and varies too"),
        (CUSTOMER + f"matrix = {{ by = {[*range(200)]}, score = {[*range(200)]} }}", "at most 10,000 reports, and is 40,000"),
        (CUSTOMER + CUSTOMER, "reports must have names of their own"),
        (CUSTOMER + 'name = " "', "`name` must not come out blank"),
        ('[[report]]\nnotebook = ["customer", "chain"]\nmatrix = { score = ["items"] }', "'score' is no parameter of chain"),
        (CUSTOMER + 'parameters = { by = "region" }\nmatrix = { by = ["channel"] }', "is in `parameters` and varies too"),
        ('report = "x"', "at least one [[report]]"),
        ("", "at least one [[report]]"),
        ("[[report]]\n", '[[report]] must have notebook = "customer"'),
        ("workers = 0\n" + CUSTOMER, "`workers` must be from 1 to 256, not 0."),
        ("x = 2026-03\n", "must be TOML that can be read"),
        (CUSTOMER + "where = { region = NO }", "must be TOML that can be read"),
    ],
)  # fmt: skip
def test_what_is_not_meant_is_refused(tmp_path, text, words):
    assert [line for line in refused(tmp_path, text) if words in line]


def test_a_plan_of_a_later_version_is_not_guessed_at(tmp_path):
    later = "plan.toml is a plan of version 2, and this cxgap knows versions up to 1; update cxgap to read it."
    assert refused(tmp_path, CUSTOMER, version="version = 2\n") == [later]
    assert "add version = 1 at the top" in refused(tmp_path, CUSTOMER, version="")[0]
    assert "must state its version as a whole number" in refused(tmp_path, CUSTOMER, version='version = "1"\n')[0]
    with pytest.raises(ArgumentError, match="does not exist"):
        read_plan(tmp_path / "none.toml")


def test_text_that_is_no_word_of_toml_stays_text(tmp_path):
    """runs.md 1.3: a code is not a number, NO is not false and NA is not missing."""
    study = tmp_path / "study"
    shutil.copytree(shipped("sample"), study)
    odd = ["007", "NO", "NA", "1e5", "None", "{month}", "{region}", " 12 "]
    rows = (study / "responses.csv").read_text().splitlines(keepends=True)
    place = rows[0].split(",").index("region")
    made = [rows[0]]
    for number, row in enumerate(rows[1:]):
        cells = row.split(",")
        cells[place] = odd[number % len(odd)]
        made.append(",".join(cells))
    (study / "responses.csv").write_text("".join(made))
    text = f'study = "study"\nmonth = "2026-03"\n{CUSTOMER}matrix = {{ region = [{", ".join(map(quoted, odd))}] }}\n'
    text += 'name = "x {region}"'
    jobs = plan(tmp_path, text).jobs
    assert [job.parameters["where"]["region"] for job in jobs] == odd
    assert len({job.slug for job in jobs}) == len(odd)
    assert plan(tmp_path, f'study = "study"\n{CUSTOMER}levels_of = "region"').jobs[-1].parameters["where"] == {
        "region": "{region}"
    }


# Every value that 1.3 saw destroyed, on each way in: it arrives as it was given, or it is refused.
CLI_VALUES = (
    "007", "+44", "1_000", " 12 ", "٣", "\uff19\uff19", "1e5", "1E400", "nan", "infinity", "None", "True", "NO", "on",
    "010", "1:30", "190:20:30", "~", "null", "yes", "", " ", "0x1F", "1,5", "2026-03-01", "[1]",
    "{a = 1}", '"', "'", "\\", '"""', "a\nb", "\t",
    "😀", "\x00", "{0}", "{x.__class__}", "$HOME",
)  # fmt: skip
TYPED = "count: int = 0\nshare: float = 0.0\nflag: bool = False\nwords: list = []\ntext: str = ''\ntable: dict = {}\n"


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    path = write(tmp_path_factory.mktemp("declared") / "x.ipynb", [], parameters=PARAMETERS + TYPED)
    return read_parameters(read_notebook(path), "x")


def test_values_of_a_command_line_arrive_as_given_or_are_refused(declared):
    assert len(CLI_VALUES) == 38
    plain = {"1e5": 1e5, "010": 10, "007": 7, "+44": 44}
    for text in CLI_VALUES:
        assert parse_parameters(declared, {"text": text}, "x") == {"text": text}
        for name, kind in (("count", int), ("share", float), ("flag", bool)):
            try:
                (value,) = parse_parameters(declared, {name: text}, "x").values()
            except ArgumentError:
                continue
            assert type(value) is kind
            assert value == plain[text]


def test_values_of_the_library_arrive_as_given_or_are_refused(declared):
    from decimal import Decimal

    import numpy as np
    import pandas as pd

    whole = [
        "007",
        "",
        "nan",
        "a\nb",
        '"""',
        "\x00",
        "😀",
        "{x.__class__}",
        ["a", 1, 2.5, True],
        {"a": {"b": ["c"]}},
        0.5,
        3,
        True,
    ]
    odd = [
        date(2026, 3, 31), datetime(2026, 3, 31, tzinfo=UTC), pd.Timestamp("2026-03-31"), np.int64(3), np.bool_(True),
        Path("x"), Decimal("1.5"), {1, 2}, (1, 2), b"ab", None, float("nan"), float("inf"), "\ud800", {1: "a"},
        object(), range(3), 1 + 2j,
        ["a", (1,)], {"a": b"x"}, [float("nan")], lambda: 0, int,
    ]  # fmt: skip
    assert len(whole) + len(odd) == 36
    kinds = {str: "text", list: "words", dict: "table", float: "share", int: "count", bool: "flag"}
    for value in whole:
        name = kinds[type(value)]
        (found,) = check_parameters(declared, {name: value}, "x").values()
        assert (found, type(found)) == (value, type(value))
    for value in odd:
        for name in kinds.values():
            with pytest.raises(ArgumentError):
                check_parameters(declared, {name: value}, "x")


@pytest.mark.parametrize(
    "name", ["regoin", "x=1;import os;y", "__import__", "by ", "By", "", "by\n", "a b", "1", "\uff42\uff59", "by;z"]
)
def test_a_name_that_is_not_declared_never_reaches_a_kernel(declared, name, tmp_path):
    with pytest.raises(ArgumentError, match="has no parameter"):
        check_parameters(declared, {name: "x"}, "x")
    with pytest.raises(ArgumentError, match="has no parameter"):
        parse_parameters(declared, {name: "x"}, "x")
    assert [
        line for line in refused(tmp_path, f"{CUSTOMER}[report.parameters]\n{quoted(name)} = 'x'") if "has no parameter" in line
    ]


# runs.md 1.4: 29 names that a disk, a shell or a formatter takes for something else.
NAMES = (
    "../../x", "/etc/passwd", "Café", "Cafe\u0301", "north", "North", "NORTH", "CON", "con", "aux.txt", "x.", "a:b", "-rf",
    "a\nb", "\u202egnp.exe", "*", "?", "s3://bucket/x", "http://127.0.0.1/x", "nul\x00", "x" * 300, "a/b", "a\\b",
    "{0}", "private", "assets", " ", "~", "\u200b",
)  # fmt: skip


def test_names_become_folders_inside_the_output_and_apart_on_every_disk(tmp_path):
    assert len(NAMES) == 29
    entries, kept = [], [name for name in NAMES if name.strip() and name != "Cafe\u0301"]
    for number, name in enumerate(kept):
        wanted = name.replace("{", "{{").replace("}", "}}")
        entries.append(f"{CUSTOMER}name = {quoted(wanted)}\nparameters = {{ conf_level = 0.{500 + number} }}\n")
    jobs = plan(tmp_path, "".join(entries)).jobs
    slugs = [job.slug for job in jobs]
    assert len({slug.casefold() for slug in slugs}) == len(kept) == 27
    for slug in slugs:
        assert (tmp_path / slug).resolve().parent == tmp_path.resolve()
        assert slug.replace("-", "").isalnum()
        assert len(slug) <= 60
    assert [job.name for job in jobs] == [" ".join(name.split()) for name in kept]
    # One name in two ways of writing é is one folder, and blank is none.
    two = f'{CUSTOMER}name = "Café"\n{CUSTOMER}name = {quoted("Cafe" + chr(0x301))}\nparameters = {{ conf_level = 0.9 }}\n'
    assert "names of their own" in refused(tmp_path, two)[0]
    assert "must not come out blank" in refused(tmp_path, f'{CUSTOMER}name = " "')[0]


def test_a_code_in_front_of_a_name_stays(tmp_path):
    """A notebook's leading number goes from its slug; a region's must not, or two regions are one folder."""
    jobs = plan(tmp_path, f'{CUSTOMER}name = "{{region}}_x"\nmatrix = {{ region = ["0012", "007"] }}').jobs
    assert [job.slug.rsplit("-", 1)[0] for job in jobs] == ["0012-x", "007-x"]


def test_braces_are_filled_once_and_nothing_is_evaluated():
    assert fill("{a}-{{a}}-{b}", {"a": "{b}", "b": ["x", "{a}"]}) == "{b}-{a}-x+{a}"
    for text in ("{a.__class__}", "{a!r}", "{a:>9}", "{}", "{0}", "{a[0]}", "{ a}"):
        with pytest.raises(ValueError, match="braces must hold one of a, not"):
            fill(text, {"a": "x"})


def test_hostile_values_are_shown_as_one_harmless_line_each(tmp_path):
    values = [text for text in TEXTS if "\ud800" not in text and "\x00" not in text]
    entries = [
        f"{CUSTOMER}name = {quoted(f'{n} ' + t.replace('{', '{{').replace('}', '}}'))}\nparameters = {{ by = {quoted(t)} }}\n"
        for n, t in enumerate(values)
    ]
    for job in plan(tmp_path, "".join(entries)).jobs:
        line = "  ".join(job_cells(job))
        assert line.isprintable()
        assert "\n" not in line


ZONES = ("UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu")


@pytest.fixture
def on_a_machine_in():
    """Set the zone of the machine, as a scheduler's environment does."""
    before = os.environ.get("TZ")

    def switch(zone):
        os.environ["TZ"] = zone
        time.tzset()

    yield switch
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows keeps one zone a process")
def test_last_month_is_that_of_the_studys_zone_wherever_the_machine_is(on_a_machine_in, tmp_path):
    """runs.md 1.6: at 00:05 +02:00 on 1 April it is 31 March in UTC, and the report is of March, not of February."""
    berlin = timezone(timedelta(hours=2))
    moments = {
        datetime(2026, 4, 1, 0, 5, tzinfo=berlin): "2026-03",
        datetime(2026, 3, 31, 23, 55, tzinfo=berlin): "2026-02",
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC): "2026-02",  # clocks go forward in Berlin
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC): "2026-02",
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC): "2026-09",  # and back: 02:30 is twice
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC): "2026-09",
        datetime(2028, 2, 29, 23, 5, tzinfo=UTC): "2028-02",  # 1 March in Berlin
        datetime(2028, 2, 29, 22, 55, tzinfo=UTC): "2028-01",
        datetime(2026, 12, 31, 23, 5, tzinfo=UTC): "2026-12",
        datetime(2026, 1, 1, 0, 5, tzinfo=UTC): "2025-12",
    }
    text = f'{CUSTOMER}month = "last_month"\nname = "{{month}}"'
    for zone in ZONES:
        on_a_machine_in(zone)
        for moment, month in moments.items():
            (job,) = plan(tmp_path, text, clock=lambda moment=moment: moment.astimezone(UTC)).jobs
            assert (job.name, job.parameters["as_of"][:7]) == (month, month), (zone, moment)


def test_the_day_of_the_schedule_is_that_of_the_zone():
    now = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
    assert {zone: day_in(zone, now).day for zone in ZONES} == dict(zip(ZONES, (31, 1, 31, 31, 31), strict=True))
    assert day_in("Pacific/Kiritimati", datetime(2026, 3, 31, 9, 59, tzinfo=UTC)) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("kind", "text", "today", "wanted"),
    [
        ("month", "last_month", date(2028, 3, 1), {"month": "2028-02", "as_of": "2028-02-29"}),
        ("month", "2100-02", date(2026, 1, 1), {"month": "2100-02", "as_of": "2100-02-28"}),
        ("quarter", "last_quarter", date(2026, 1, 1), {"quarter": "2025-Q4", "as_of": "2025-12-31"}),
        ("quarter", "last_quarter", date(2026, 6, 30), {"quarter": "2026-Q1", "as_of": "2026-03-31"}),
        ("quarter", "2026-Q2", date(2026, 1, 1), {"quarter": "2026-Q2", "as_of": "2026-06-30"}),
        ("as_of", "yesterday", date(2026, 3, 1), {"as_of": "2026-02-28"}),
        ("as_of", "2026-03-31T12:00:00+02:00", date(2026, 3, 1), {"as_of": "2026-03-31T12:00:00+02:00"}),
    ],
)
def test_a_period_ends_with_its_last_day(kind, text, today, wanted):
    assert settle_period(kind, text, today) == wanted


@pytest.mark.parametrize(
    ("kind", "text"),
    [("month", "2026-3"), ("month", "202603"), ("month", "2026-00"), ("month", "last_quarter"), ("month", "٢٠٢٦-03"),
     ("quarter", "2026-Q5"), ("as_of", "2026-02-29"), ("as_of", "20260331"), ("as_of", "46083"), ("month", "0000-01")],
)  # fmt: skip
def test_what_is_no_period_is_refused(kind, text):
    with pytest.raises(ValueError, match="such as"):
        settle_period(kind, text, date(2026, 4, 1))


def test_a_name_in_braces_alone_is_its_value_with_its_type(tmp_path):
    """Where a name is a column and a parameter, the plan says which by putting it in braces."""
    notebook = write(tmp_path / "cut.ipynb", [], parameters=PARAMETERS + 'region: str = ""\nlimit: int = 1\n')
    assert notebook.is_file()
    base = '[[report]]\nnotebook = "cut.ipynb"\n'
    (line,) = refused(tmp_path, base + 'matrix = { region = ["0012"] }')
    assert "'region' is a parameter of cut and a column of the study; say which" in line
    jobs = plan(
        tmp_path,
        base + 'matrix = { region = ["0012"], n = [1, 2] }\nwhere = { region = "{region}" }\nparameters = { limit = "{n}" }',
    ).jobs
    assert [(job.parameters["where"], job.parameters["limit"]) for job in jobs] == [
        ({"region": "0012"}, 1),
        ({"region": "0012"}, 2),
    ]
    assert "region" not in jobs[0].parameters


def test_a_study_whose_files_cannot_be_read_fails_its_own_reports_and_stops_no_other(tmp_path):
    """Nobody can tell then which groups it has: what is written out is taken as it is, and what must be listed is refused."""
    cx.simulate_study(60, seed=1).write(tmp_path / "broken")
    shutil.copy(shipped("sample") / "study.toml", tmp_path / "broken")
    (tmp_path / "broken/responses.csv").write_bytes(b"\x00" * 100)
    entry = '[[report]]\nstudy = "broken"\nnotebook = "customer"\nname = "{region}"\n'
    path = tmp_path / "plan.toml"
    path.write_text(f'version = 1\nas_of = "2026-03-31"\n{entry}matrix = {{ region = ["0012", "x"] }}\n')
    read = read_plan(path)
    assert [job.parameters["where"] for job in read.jobs] == [{"region": "0012"}, {"region": "x"}]
    assert len(read.notes) == 1
    assert "study.toml cannot be read now, and its reports will fail: responses.csv" in read.notes[0]
    path.write_text(f'version = 1\nas_of = "2026-03-31"\n{entry}levels_of = "region"\n')
    with pytest.raises(ArgumentError, match=r"the values of 'region' cannot be told: responses\.csv"):
        read_plan(path)
