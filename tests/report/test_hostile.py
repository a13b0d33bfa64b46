"""G9, G15: a study of hostile texts through everything that we bring out, opened, hovered and clicked in a real browser."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell
from report import composed, hostile_study
from report.conftest import _requests
from report.devtools import Driven
from report.hostile import NAMES, RAW, TEXTS, ran
from report.making import PARAMETERS, notebook

from cxgap.cli import cli
from cxgap.export.names import slug
from cxgap.report.harvest import harvest
from cxgap.report.publish import share_plotly
from cxgap.report.record import record_run, table_files
from cxgap.report.render import GapReportExporter

ALL = [path.stem for path in sorted(composed.NOTEBOOKS.glob("*.ipynb"))]
FORMULA = re.compile("[ \xa0\u200b\ufeff\u3000]*[=+@\uff1d\uff0b\uff0d\uff20\t\r\n-]")
NUMBER = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?")
# A control character, an escape, a mark of direction: nothing of them may come to a terminal or a line of a log.
COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
TOUCH = """
(() => {
  for (const element of document.querySelectorAll("body *")) {
    if (element.tagName === "A" && new URL(element.href, location).protocol === "file:") continue;
    for (const kind of ["mouseover", "mouseenter", "mousemove", "focus", "click", "dblclick", "toggle"])
      element.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: false, clientX: 5, clientY: 5}));
  }
  return document.querySelectorAll("body *").length;
})()
"""
PLACES = """
[...document.querySelectorAll(".main-svg .point, .main-svg .bartext, .main-svg .xtick text, .main-svg .ytick text")]
  .map((mark) => mark.getBoundingClientRect())
  .map((box) => [box.x + box.width / 2, box.y + box.height / 2 + scrollY])
  .filter(([x, y]) => x > 0 && y > 0).slice(0, 60)
"""


def make(folder: Path, name: str, study: Path, **parameters: object) -> Path:
    """Run a notebook of ours in this process, and write what an attempt writes; the gate has passed the page."""
    executed, _ = composed.run(name, study=str(study), **parameters)
    page, _ = GapReportExporter(plotly_js="shared").from_notebook_node(executed)
    shown = harvest(executed)
    files = table_files(shown.tables) | {"report.html": page.encode()}
    record = record_run(shown, files, slug=slug(name), notebook={"name": f"{name}.ipynb", "sha256": "0" * 64})
    place = folder / slug(name)
    for called, content in (files | {"record.json": record.to_json()}).items():
        (place / called).parent.mkdir(parents=True, exist_ok=True)
        (place / called).write_bytes(content)
    return place


def touched(chromium: str, folder: Path, page: Path) -> tuple[int, list[str], list[str]]:
    """Open a page, hover over what is drawn and click everything; return how much, what ran, and what was asked for."""
    log = folder / "net.json"
    flags = (f"--log-net-log={log}", "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>")
    with Driven(chromium, folder, *flags) as browser:
        browser.send("Page.navigate", url=page.as_uri())
        browser.script("new Promise((done) => setTimeout(done, 1500))")
        number = browser.script(TOUCH)
        for x, y in browser.script(PLACES):
            browser.script(f"scrollTo(0, {y} - 300)")
            browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=300)
        browser.script("new Promise((done) => setTimeout(done, 500))")
        names = browser.script("document.documentElement.getAttributeNames()")
        browser._session = None  # the browser itself is asked to end, so that its log is whole
        with contextlib.suppress(AssertionError, OSError):
            browser.send("Browser.close")
        browser._browser.wait(30)
    return number, [name for name in names if name.startswith("data-pwned")], _requests(log.read_text(encoding="utf-8"))


def check_whole(opened, page: Path) -> None:
    """Assert that a page in a browser ran nothing, asked for nothing, and is there to its end."""
    assert (ran(opened.dom), opened.console, opened.requests) == ([], [], [])
    wanted = page.read_text(encoding="utf-8").count('class="plot"') or None
    assert 'id="end"' in opened.dom
    assert opened.dom.rstrip().endswith("</body></html>")
    drawn = opened.root("data-figures")
    assert drawn is None or len(set(drawn.split("/"))) == 1, (page, drawn, wanted)


def check_files(folder: Path) -> int:
    """Assert that files are inside, distinct where case is ignored, parse, and hold no formula; return how many."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    beside = [str(path.relative_to(folder)).casefold() for path in paths]
    assert len(set(beside)) == len(beside)
    for path in paths:
        assert path.resolve().is_relative_to(folder.resolve())
        assert "private" in path.parts or re.fullmatch(r"[\w.-]+", path.name), path.name
        if path.suffix in (".json", ".jsonl"):
            text = path.read_text(encoding="utf-8")
            for part in text.splitlines() if path.suffix == ".jsonl" else [text]:
                json.loads(part)
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", text), path
        if path.suffix == ".prom":
            assert all(re.fullmatch(r"#.*|[a-z_]+(\{.*\})? [0-9.e+-]+", line) for line in path.read_text().splitlines())
        if path.suffix == ".csv" and "private" not in path.parts:
            for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")):
                assert all(NUMBER.fullmatch(cell) or not FORMULA.match(cell) for cell in row), (path, row)
    return len(paths)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    return hostile_study.write(tmp_path_factory.mktemp("hostile"))


def test_there_are_texts_enough():
    """The goal asks for forty payloads."""
    assert len(TEXTS) >= 40
    assert len(set(TEXTS)) == len(TEXTS)
    assert len([text for text in TEXTS if "data-pwned" in text]) >= 24


@pytest.mark.parametrize("command", ["check", "score"])
def test_a_terminal_gets_no_command_from_a_study(study, command):
    """Escapes, returns and marks of direction in names, headers and the very name of the file."""
    done = CliRunner().invoke(cli, [command, str(study)])
    assert done.exit_code == 0, done.exception
    assert not COMMANDS.search(done.output), COMMANDS.findall(done.output)[:5]
    assert "<" in done.output  # it did quote the study


def test_a_terminal_gets_no_command_from_an_argument(tmp_path, monkeypatch, capsys):
    from cxgap.cli import main

    for words in (
        ["check", "no\x1b[31m\u202estudy"],
        ["diff", "a\x9b31m\rb", "c"],
        ["no\x1b]0;x\x07such"],
        ["check", "--x\x1b[2J"],
    ):
        monkeypatch.setattr(sys, "argv", ["cxgap", *words])
        with pytest.raises(SystemExit):
            main()
        said = capsys.readouterr()
        assert said.err
        assert not COMMANDS.search(said.out + said.err), ascii(said.err)


def test_slugs_of_hostile_names_are_distinct_and_inside_on_any_disk():
    """G15."""
    names = [
        *TEXTS,
        *(text.upper() for text in TEXTS),
        "..",
        "a/b",
        "a\\b",
        "aux",
        "COM1",
        "private",
        "assets",
        "",
        " ",
        "x.",
        "x ",
    ]
    names = list(dict.fromkeys(unicodedata.normalize("NFC", name) for name in names))  # one name, written in two ways, is one
    slugs = [slug(name) for name in names]
    assert len({made.casefold() for made in slugs}) == len(names)
    assert all(re.fullmatch(r"[^\W_A-Z](-?[^\W_A-Z]+)*", made) and len(made.encode()) <= 240 for made in slugs)
    assert not {made.casefold() for made in slugs} & {"con", "nul", "aux", "com1", "private", "assets"}
    print(f"{len(names)} names: {len(names)} distinct, 0 outside")


def test_a_page_of_a_hostile_study_runs_asks_and_loses_nothing(study, tmp_path, browse):
    share_plotly(tmp_path)
    place = make(tmp_path, "05_customer", study)
    check_whole(browse(place / "report.html"), place / "report.html")
    assert check_files(tmp_path) >= 4


def test_the_same_texts_run_and_ask_where_pandas_writes_the_table(tmp_path, browse):
    """The test above can fail: a plain Styler escapes nothing, and no policy stands before it."""
    page = tmp_path / "report.html"
    page.write_text(f"<!doctype html><html><body>{pd.DataFrame({'comment': RAW}).style.to_html()}", encoding="utf-8")
    opened = browse(page)
    print(f"a plain Styler: {len(ran(opened.dom))} texts ran without a click, {len(opened.requests)} addresses were asked for")
    assert len(ran(opened.dom)) >= 5
    assert opened.requests


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0, 3])
@pytest.mark.parametrize("name", ALL)
def test_every_notebook_of_a_hostile_study_holds(tmp_path, browse, chromium, name, shift):
    share_plotly(tmp_path)
    place = make(tmp_path, name, hostile_study.write(tmp_path / "study", shift))
    page = place / "report.html"
    check_whole(browse(page), page)
    number, pwned, asked = touched(chromium, tmp_path, page)
    print(f"{name}, texts from {shift}: {number:,} elements touched, {len(pwned)} ran, {len(asked)} requests")
    assert number > 50
    assert (pwned, asked) == ([], [])
    assert check_files(place) >= 2


PLAN = """version = 1
output = {output}
[[report]]
notebook = ["study", "customer"]
study = {study}
name = "../../{{notebook}} {{region}}"
matrix = {{ region = [{regions}] }}
[[report]]
notebook = {bad}
study = {study}
name = {name}
parameters = {{ by = {by} }}
[[report]]
notebook = "90_executive"
study = {study}
name = "CON"
"""


@pytest.mark.slow
def test_a_real_run_of_a_hostile_plan_holds(tmp_path, browse):
    """Plan names, templates, parameters and the name and title of a notebook too; one job raises a hostile text."""
    study = hostile_study.write(tmp_path / "study", 1)
    bad = tmp_path / "-rf '\"\u202e <img src=x onerror=alert(1)>.ipynb"
    raising = f"raise ValueError({' '.join(TEXTS[:36])!r})"
    cells = [
        new_markdown_cell(f"# {TEXTS[0]} {TEXTS[10]}\n\n{TEXTS[3]}"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell(f"import cxgap as cx\ncx.read_study(study, where=where, as_of=as_of)\n# {TEXTS[0]}"),
        new_code_cell(f"{raising}  # {TEXTS[0]}"),
    ]
    nbformat.write(notebook(cells), bad)
    plan = tmp_path / "plan.toml"
    regions = ", ".join(json.dumps(NAMES[i]) for i in (0, 24))
    values = {"output": tmp_path / "out", "study": study, "bad": bad, "name": TEXTS[0], "by": TEXTS[3]}
    plan.write_text(PLAN.format(regions=regions, **{key: json.dumps(str(value)) for key, value in values.items()}))
    before = {path for path in tmp_path.rglob("*")}
    said = ""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    for words in (
        ["plan", "--plan", str(plan)],
        ["run", "--plan", str(plan)],
        ["index", "--output", str(tmp_path / "out")],
        ["diff", str(tmp_path / "out"), str(tmp_path / "out")],
        ["doctor", str(study), "--output", str(tmp_path / "out")],
        ["inspect", str(study.parent), "--no-study"],
    ):
        run = subprocess.run([sys.executable, "-m", "cxgap", *words], capture_output=True, env=environment, cwd=tmp_path)
        text = (run.stdout + run.stderr).decode()
        print(words[0], run.returncode, ascii(text[-1500:]))
        assert not COMMANDS.search(text), (words[0], ascii(COMMANDS.findall(text)))
        assert "Traceback" not in text
        said += text
    out = tmp_path / "out"
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} <= before | {tmp_path / "questionnaire"}
    number = check_files(out)
    pages = [*out.glob("*/report.html"), *out.glob("*/failure.html"), out / "index.html"]
    for page in pages:
        check_whole(browse(page), page)
    print(f"{number} files, {len(pages)} pages opened: 0 ran, 0 requests, 0 lost ends")
    assert len(pages) >= 5
    assert [*out.glob("*/failure.html")]
    assert not list(Path("/tmp").glob("owned"))
    assert not (tmp_path / "owned").exists()
