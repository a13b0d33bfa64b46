"""What a real browser makes of the pages: everything is drawn, nothing hidden runs, nothing is asked of the network."""

import json
import re
from pathlib import Path

import pytest
from gap_tables import JOURNEY, gap_table
from report.hostile import CELLS, RAW, TEXTS, ran
from report.making import METHOD, PARAMETERS, TITLE, executed, figure, prose, study, usual

from cxgap.report.render import GapReportExporter
from cxgap.result import Sentence


def page_of(shows=None, **options):
    page, _ = GapReportExporter(**options).from_notebook_node(executed(shows))
    return page


def save(folder: Path, page: str) -> Path:
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def test_a_page_beside_the_shared_script_draws_all_and_asks_for_nothing(good, browse):
    opened = browse(good.page)
    assert opened.root("data-figures") == "1/1"
    assert opened.console == []
    assert opened.requests == []
    assert len(re.findall(r'class="main-svg"', opened.dom)) >= 1
    assert len(re.findall("<h1[ >]", opened.dom)) == 1
    assert 'aria-hidden="true"' in opened.dom


def test_a_single_file_unpacks_plotly_and_draws_every_figure(tmp_path, browse):
    plain = figure()
    plain.layout.meta, plain.layout.title = None, {"text": "<b>Another</b> library's figure"}
    page = page_of([*usual(), plain])
    opened = browse(save(tmp_path, page))
    assert opened.root("data-figures") == "2/2"
    assert (opened.console, opened.requests) == ([], [])
    assert len(page.encode()) <= 2_500_000


def test_a_page_without_its_script_says_so_and_keeps_its_tables(good, tmp_path, browse):
    alone = save(tmp_path, good.page.read_text(encoding="utf-8"))
    opened = browse(alone)
    assert opened.root("data-figures") == "0/1"
    assert "This figure is drawn by a script" in opened.dom
    assert "Receive the parcel" in opened.dom


def hostile_notebook():
    """Put every text in every place that a text can come to a page from."""
    rows = [(text, *JOURNEY[0][1:]) for text in CELLS]
    table = gap_table(rows, by=("<script>by</script>",), score=TEXTS[0], adjustment=TEXTS[3], unit=TEXTS[13])
    said = tuple(Sentence(text, 0, (text,)) for text in TEXTS)
    labels = json.loads(figure(table, alt=TEXTS[4], finding=TEXTS[1], note=TEXTS[9]).to_json())
    labels["layout"]["title"] = {"text": TEXTS[9]}
    labels["layout"]["annotations"] = [{"text": text, "x": 0, "y": i} for i, text in enumerate(TEXTS)]
    labels["data"][0] |= {"name": TEXTS[0], "text": list(TEXTS), "hovertemplate": TEXTS[3]}
    foreign = {"data": labels["data"], "layout": {"title": {"text": TEXTS[1]}}}
    issues = [
        {"table": text, "column": text, "check": text, "severity": "warning", "rows": 1, "what": text, "fix": text}
        for text in TEXTS
    ]
    files = [{"table": text, "file": text, "rows": 1, "sha256": "0" * 64} for text in TEXTS]
    shown = study(
        title=TEXTS[0],
        mission=TEXTS[3],
        where={text: text for text in TEXTS},
        as_of=TEXTS[5],
        period=[TEXTS[1], TEXTS[2]],
        rejected=dict.fromkeys(TEXTS, 1),
        issues=issues,
        tables=files,
    )
    parameters = PARAMETERS + "".join(f"text_{i}: str = {text!r}\n" for i, text in enumerate(TEXTS))
    mime = "application/vnd.plotly.v1+json"
    shows = [f"# {TEXTS[0]} {TEXTS[9]}\n\n{TEXTS[10]}", *TEXTS, *(f"## {text}" for text in TEXTS), shown, table]
    shows += [{mime: labels}, {mime: foreign}, prose(TEXTS[1], lead=said, details=said, limits=said), METHOD]
    return executed(shows, parameters=parameters)


@pytest.fixture(scope="module")
def hostile_page():
    page, _ = GapReportExporter().from_notebook_node(hostile_notebook())
    return page


def test_no_hostile_text_runs_asks_or_swallows_the_rest(hostile_page, tmp_path, browse):
    opened = browse(save(tmp_path, hostile_page))
    assert ran(opened.dom) == []
    assert (opened.console, opened.requests) == ([], [])
    assert opened.root("data-figures") == "2/2"
    assert "Study fingerprint" in opened.dom
    assert re.findall(r'<a [^>]*href="(?!#)', opened.dom) == []


def test_hostile_text_is_shown_as_it_is_with_hidden_marks_made_visible(hostile_page):
    assert "&lt;script&gt;document" in hostile_page
    assert "[U+202E]gnp.exe" in hostile_page
    assert "nul␀bell␇" in hostile_page


def test_the_policy_alone_stops_raw_text(tmp_path, browse):
    """The second wall: the same texts put raw into the finished page, behind the gate's back."""
    raw = page_of().replace("</main>", "\n".join(RAW) + "</main>")
    opened = browse(save(tmp_path, raw))
    assert ran(opened.dom) == []
    assert opened.root("data-figures") == "1/1"
    assert opened.requests == []


def test_the_browser_would_see_a_script_and_a_request(tmp_path, browse):
    """The two tests above can fail: without the policy the same texts run and ask."""
    bare = "<!doctype html><html><body>" + "".join(RAW) + "</body></html>"
    opened = browse(save(tmp_path, bare))
    assert len(ran(opened.dom)) >= 5
    assert "http://127.0.0.1:9/style" in opened.requests


def test_nothing_is_wider_than_a_phone(tmp_path, browse):
    wide = gap_table([("A touchpoint with a very long name, longer than any phone is wide", *row[1:]) for row in JOURNEY])
    page = save(
        tmp_path, page_of([TITLE, study(), wide, figure(wide), prose(), METHOD]).replace("<details ", '<details open="" ')
    )
    frame = tmp_path / "phone.html"
    measure = (
        "onload=()=>setTimeout(()=>{const d=document.querySelector('iframe').contentDocument.documentElement;"
        "document.documentElement.dataset.width=d.scrollWidth;document.documentElement.dataset.figures=d.dataset.figures},5000)"
    )
    frame.write_text(f'<!doctype html><iframe src="{page.name}" width="390" height="900"></iframe><script>{measure}</script>')
    opened = browse(frame, "--allow-file-access-from-files", "--window-size=800,1000")
    assert opened.root("data-figures") == "1/1"
    assert int(opened.root("data-width")) <= 390
