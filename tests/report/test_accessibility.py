"""Every reader can read the pages: by ear, by keyboard, large, small, in the dark, in their own colours, on paper.

The rules are those of WCAG 2.1, levels A and AA, as axe-core tests them, and those of the criteria that a test names.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from gap_tables import gap_table
from report.devtools import Driven
from report.making import METHOD, TITLE, executed, figure, prose, study
from report.test_kinds import facts

from cxgap.report.notebooks import shipped_notebooks
from cxgap.report.render import GapReportExporter
from cxgap.report.run import run_report
from cxgap.report.script import plotly_text, shared_name, style

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / ".venv" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
COLOURS: dict[str, dict[str, str]] = {
    "light": {"prefers_color_scheme": "light", "forced_colors": "none"},
    "dark": {"prefers_color_scheme": "dark", "forced_colors": "none"},
    "own": {"prefers_color_scheme": "light", "forced_colors": "active"},
}
SHOWS = [TITLE, study(mission="Every parcel on the day we said."), figure(), prose(), gap_table(), "## More\n\nWords.", facts()]
SHOWS += [figure(finding="The second figure says the same."), prose("The second finding"), METHOD]
PAGE, _ = GapReportExporter(plotly_js="shared").from_notebook_node(executed(SHOWS))
OPEN = "document.querySelectorAll('details').forEach((one) => (one.open = true))"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Outline(HTMLParser):
    """What a screen reader is told of a page: each element with its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.found.append(element)
        if tag not in {"meta", "br", "hr", "img"}:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str], str]]:
        return [(attrs, " ".join("".join(text).split())) for found, attrs, text in self.found if found == tag]


def test_a_page_says_its_language_and_begins_with_a_way_past_its_head():
    """WCAG 3.1.1, 2.4.1 and 2.4.2."""
    outline = Outline(PAGE)
    assert outline.all("html")[0][0] == {"lang": "en"}
    assert outline.all("a")[0] == ({"class": "skip", "href": "#main"}, "Skip to the report")
    assert [attrs["id"] for attrs, _ in outline.all("main")] == ["main"]
    assert outline.all("title")[0][1] == outline.all("h1")[0][1]


def test_headings_follow_on_from_each_other_and_say_something():
    """WCAG 1.3.1 and 2.4.6: no level is left out on the way down."""
    levels = [(int(tag[1]), "".join(text)) for tag, _, text in Outline(PAGE).found if re.fullmatch("h[1-6]", tag)]
    assert levels[0][0] == 1
    assert all(after <= before + 1 for (before, _), (after, _) in itertools.pairwise(levels))
    assert all(text.strip() for _, text in levels)


def test_each_figure_is_named_by_its_finding_and_has_its_numbers_beside_it():
    """WCAG 1.1.1: the name says what is found, not that there is a figure; the drawing itself is not read out."""
    for block in re.findall(r"<figure .*?</figure>", PAGE, re.S):
        outline = Outline(block)
        ((attrs, _),) = outline.all("figure")
        names = {found.get("id"): "".join(text) for _, found, text in outline.found}
        assert re.match(r"(Two touchpoints fall short|The second figure says)", names[attrs["aria-labelledby"]])
        assert names[attrs["aria-describedby"]].startswith("Seven touchpoints")
        assert outline.all("summary")[0][1] == "The numbers behind this figure"
        assert outline.all("caption")[0][1]


def test_each_table_has_a_caption_and_heads_that_say_what_they_head():
    """WCAG 1.3.1."""
    tables = re.findall(r"<table>.*?</table>", PAGE, re.S)
    assert len(tables) >= 5
    for table in tables:
        outline = Outline(table)
        assert outline.all("caption")[0][1]
        assert {attrs.get("scope") for attrs, _ in outline.all("th")} == {"col", "row"}


def test_whatever_scrolls_can_be_reached_and_has_a_name():
    """WCAG 2.1.1 and 4.1.2."""
    scrolls = [attrs for _, attrs, _ in Outline(PAGE).found if attrs.get("class", "").startswith("scroll")]
    assert len(scrolls) >= 5
    assert all(attrs["tabindex"] == "0" and attrs["role"] == "region" and attrs["aria-label"] for attrs in scrolls)


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    full = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(full[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("block", ["light", "dark"])
def test_text_stands_out_from_what_it_is_on(block):
    """WCAG 1.4.3: 4.5 to 1, by the formula of the standard."""
    roots = re.findall(r":root \{(.*?)\}", style(), re.S)
    colours = dict(re.findall(r"--(\w+): (#\w+);", roots[0]))
    if block == "dark":
        colours |= dict(re.findall(r"--(\w+): (#\w+);", roots[1]))
    for text, ground in itertools.product(("ink", "muted", "link", "short"), ("paper", "band")):
        light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {ground}"


@pytest.fixture(scope="module")
def reader(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    with Driven(chromium, tmp_path_factory.mktemp("reader")) as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "assets").mkdir()
    (folder / "assets" / shared_name()).write_text(plotly_text(), encoding="utf-8")
    (folder / "customer").mkdir()
    (folder / "customer" / "report.html").write_text(PAGE, encoding="utf-8")
    return folder / "customer" / "report.html"


@pytest.fixture(scope="module")
def axe() -> str:
    if AXE.is_file():
        return AXE.read_text(encoding="utf-8")
    if os.environ.get("CXGAP_REQUIRE_BROWSER") == "1":
        pytest.fail("CXGAP_REQUIRE_BROWSER is 1 and axe-core is not here: make axe")
    pytest.skip("axe-core is not here: make axe")


def violations(reader: Driven, axe: str) -> list[Any]:
    """Run the rules over the page that is open, with everything on it unfolded."""
    reader.script(OPEN)
    reader.script(f"{axe};0")
    return reader.script(
        f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}}).then((found) => found.violations.map((one) => "
        "[one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))"
    )


def wide(reader: Driven, page: Path) -> list[str]:
    """Name the widths at which the page must be scrolled sideways, also in a language that runs from right to left."""
    found = []
    for width in (640, 390, 320):
        reader.size(width)
        reader.open(page)
        reader.script(OPEN)
        for direction in ("rtl", "ltr"):
            reader.script(f"document.documentElement.dir = '{direction}'")
            if reader.script(TOO_WIDE) > 0:
                found.append(f"{width} {direction}")
    return found


def on_paper(reader: Driven, page: Path, width: int) -> float:
    """Return by how many pixels the page is wider than the paper between its margins."""
    reader.size(width)
    reader.open(page)
    reader.script("dispatchEvent(new Event('beforeprint'))")
    reader.send("Emulation.setEmulatedMedia", media="print")
    reader.size(width)
    over = reader.script(TOO_WIDE)
    reader.send("Emulation.setEmulatedMedia", media="")
    return over


def steps(reader: Driven) -> list[str]:
    """Press Tab until the page is left, and name every stop: what it is, and whether its focus can be seen."""
    reader.script("document.activeElement.blur(); window.scrollTo(0, 0)")
    stops: list[str] = []
    for _ in range(400):
        reader.press("Tab")
        stop = reader.script(
            "(() => { const here = document.activeElement; if (!here || here === document.body) return ''; "
            "const seen = getComputedStyle(here), box = here.getBoundingClientRect(); "
            "const shown = seen.outlineStyle !== 'none' && parseFloat(seen.outlineWidth) >= 2 && box.width > 0; "
            "all = [...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter((one) => one.checkVisibility());"
            "return `${all.indexOf(here)} ${shown}`; })()"
        )
        if not stop:
            break
        stops.append(stop)
    return stops


def test_no_rule_is_broken(reader, page, axe):
    reader.prefers(**COLOURS["light"])
    reader.size(1280)
    reader.open(page)
    assert violations(reader, axe) == []


def test_the_rules_see_what_is_broken(reader, page, axe, tmp_path):
    """A page without a language, with pale text and a region that no key reaches must be found out."""
    broken = page.parent / "broken.html"
    text = PAGE.replace(' lang="en"', "").replace("--muted: #56616c", "--muted: #b9c0c8").replace(' tabindex="0"', "")
    broken.write_text(text, encoding="utf-8")
    reader.size(390)
    reader.open(broken)
    assert {"html-has-lang", "color-contrast", "scrollable-region-focusable"} <= {one[0] for one in violations(reader, axe)}


def test_the_page_fits_a_window_of_half_the_width_and_a_phone(reader, page):
    """WCAG 1.4.10: 200 % of a window of 1280 pixels is one of 640; at 320 nothing but tables scrolls sideways."""
    assert wide(reader, page) == []


@pytest.mark.parametrize(("first", "then"), [(1200, 800), (390, 320), (320, 1200)])
def test_a_figure_stays_and_fits_when_the_window_changes(reader, page, first, then):
    """WCAG 1.3.4 and 1.4.4: a screen that is turned and a window that is pulled narrower lose nothing."""
    look = (
        "[...document.querySelectorAll('figure > .plot')].map((one) => [one.clientWidth, one.clientHeight, "
        "one.querySelector('.main-svg').clientWidth, one.dataset.drawn])"
    )
    reader.size(then)
    reader.open(page)
    wanted = reader.script(look)
    reader.size(first)
    reader.open(page)
    reader.size(then)
    reader.script("new Promise((done) => setTimeout(done, 300))")
    assert reader.script(look) == wanted
    assert all(height > 100 and width == drawn for width, height, drawn, _ in wanted)


def test_keys_reach_everything_in_order_and_go_on(reader, page):
    """WCAG 2.1.1, 2.1.2, 2.4.3 and 2.4.7."""
    reader.size(1280)
    reader.open(page)
    folded = steps(reader)
    assert folded == [f"{place} true" for place in range(len(folded))]
    assert len(folded) >= 10
    reader.script(OPEN)
    opened = steps(reader)
    assert opened == [f"{place} true" for place in range(len(opened))]
    assert len(opened) > len(folded)


def test_a_key_opens_the_numbers_behind_a_figure(reader, page):
    reader.open(page)
    reader.script("document.querySelector('figure summary').focus()")
    reader.press("Enter")
    assert reader.script("document.querySelector('figure details').open")


def test_nothing_moves_for_a_reader_who_wants_it_still(reader, page):
    """WCAG 2.3.3."""
    reader.prefers(prefers_reduced_motion="reduce")
    reader.open(page)
    assert reader.script("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert reader.script("document.getAnimations().length") == 0
    reader.prefers(prefers_reduced_motion="no-preference")
    assert reader.script("getComputedStyle(document.documentElement).scrollBehavior") == "smooth"


@pytest.mark.parametrize(("paper", "width"), [("A4", 680), ("Letter", 702)])
def test_nothing_is_cut_off_on_paper_and_all_is_unfolded(reader, page, paper, width):
    """Between margins of 15 mm A4 leaves 680 pixels, Letter 702; a page that is wider is shrunk or cut."""
    assert on_paper(reader, page, width) <= 0
    assert reader.script("[...document.querySelectorAll('details')].every((one) => one.open)")
    assert reader.script("getComputedStyle(document.documentElement).getPropertyValue('--title')").startswith('"')
    assert reader.script("[...document.querySelectorAll('figure > .plot')].every((one) => one.dataset.drawn === 'wide')")


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The page of each notebook: those in the folder that CXGAP_PAGES names, or made here."""
    if folder := os.environ.get("CXGAP_PAGES"):
        return sorted(Path(folder).resolve().glob("*/report.html"))
    output = tmp_path_factory.mktemp("every") / "reports"
    return [run_report(path.stem, output=output).page for path in shipped_notebooks()]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("colours", COLOURS)
def test_no_page_breaks_a_rule_in_any_colours(reader, every, axe, colours):
    found = {}
    reader.size(1280)
    reader.prefers(**COLOURS[colours])
    for path in every:
        reader.open(path)
        if broken := violations(reader, axe):
            found[path.parent.name] = broken
    reader.prefers(**COLOURS["light"])
    assert len(every) >= len(shipped_notebooks())
    assert found == {}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_page_fits_its_window_its_keys_and_its_paper(reader, every):
    found: dict[str, object] = {}
    for path in every:
        cut = [width for width in (680, 702) if on_paper(reader, path, width) > 0]
        reader.size(1280)
        reader.open(path)
        reader.script(OPEN)
        stops = steps(reader)
        jumps = [stop for place, stop in enumerate(stops) if stop != f"{place} true"]
        if wide(reader, path) or cut or jumps or len(stops) < 5:
            found[path.parent.name] = (wide(reader, path), cut, jumps, len(stops))
    assert found == {}
