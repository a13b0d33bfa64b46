"""The gate lets every page of ours through, and each single fault makes it speak."""

import base64
import gzip
import re

import pytest
from report.hostile import RAW
from report.making import executed

from cxgap.report.gate import problems
from cxgap.report.render import GapReportExporter
from cxgap.report.script import packed, unpacked

PAGE, _ = GapReportExporter(plotly_js="shared").from_notebook_node(executed())
SINGLE, _ = GapReportExporter().from_notebook_node(executed())


def inside(text: str, page: str = PAGE) -> str:
    """Put text into the page's main part."""
    return page.replace("</main>", f"{text}</main>", 1)


def swapped(old: str, new: str, page: str = PAGE) -> str:
    assert old in page
    return page.replace(old, new, 1)


def redrawn(old: str, new: str) -> str:
    """Change what the figures are drawn from."""
    (block,) = re.findall('id="figures">([^<]*)<', PAGE)
    drawn = unpacked(block)
    assert old in drawn
    return PAGE.replace(block, packed(drawn.replace(old, new, 1)))


def test_both_forms_pass():
    assert problems(PAGE, figures=1, tables=1) == []
    assert problems(SINGLE, figures=1, tables=1, budget=2_500_000) == []


FAULTS = {
    "element": inside("<iframe></iframe>"),
    "element object": inside("<object></object>"),
    "element form": inside("<form></form>"),
    "element base": inside("<base>"),
    "element svg": inside("<svg></svg>"),
    "attribute onclick": inside('<p onclick="x()">x</p>'),
    "attribute style": inside('<p style="background:url(x)">x</p>'),
    "attribute tabindex": inside('<p tabindex="5">x</p>'),
    "attribute href": inside('<a href="https://example.org">x</a>'),
    "attribute href of a": inside('<a href="//example.org">x</a>'),
    "attribute href of a, a script": inside('<a href="javascript:x">x</a>'),
    "attribute href of a, upwards": inside('<a href="../../etc">x</a>'),
    "attribute src of img": inside('<img src="http://example.org/x.png" alt="x">'),
    "attribute src of img, svg": inside('<img src="data:image/svg+xml;base64,AAAA" alt="x">'),
    "attribute src of script": swapped("../assets/plotly-", "https://example.org/plotly-"),
    "a picture without words": inside('<img src="data:image/png;base64,AAAA">'),
    "a tag that is not plainly written": inside("<p class=x>x</p>"),
    "a tag that is not plainly written, upper case": inside("<P>x</P>"),
    "a tag that is not plainly written, closed in itself": inside("<br/>"),
    "an attribute twice": inside('<p class="a" class="b">x</p>'),
    "a bare <": inside("a < b"),
    "a comment": inside("<!-- x -->"),
    "a declaration": inside("<!doctype svg>"),
    "a processing instruction": inside("<?php x ?>"),
    "entity nbsp": inside("&nbsp;"),
    "entity #8238": inside("&#8238;"),
    "a meta element": swapped('<meta charset="utf-8">', '<meta charset="utf-8"><meta http-equiv="refresh" content="0">'),
    "a script that the policy does not name": inside("<script>alert(1)</script>"),
    "a script that the policy does not name, changed": swapped('"use strict"', '"use  strict"'),
    "or a policy of another kind": swapped("default-src 'none'", "default-src *"),
    "or a policy of another kind, more": swapped("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
    "the policy is not the first": swapped("<head>", '<head><meta charset="utf-8">'),
    "a script of another kind": inside('<script type="module"></script>'),
    "data that are not JSON": redrawn("{", "{{"),
    "data that are not JSON, but a number": PAGE.replace(*re.findall('id="figures">([^<]*)<', PAGE), packed("1")),
    "a script of another kind, of data": inside('<script type="application/json">1</script>'),
    "a packed script that cannot be unpacked": inside('<script type="application/gzip" id="plotly">AAAA</script>', SINGLE),
    "a packed script that cannot be unpacked, of figures": swapped('id="figures">', 'id="figures">A'),
    "a style that loads": swapped("<style>", "<style>@import 'x';"),
    "a style that loads, from an address": swapped("<style>", "<style>p{background:url(x)}"),
    "a style that loads, hides or covers": swapped("<style>", "<style>p{position: fixed}"),
    "a control or direction character": inside("\u202e"),
    "a control or direction character, NUL": inside("\0"),
    "a control or direction character, in a figure": redrawn('"data":[{', '"data":[{"name":"\u200b",'),
    "a control or direction character, escaped in a figure": redrawn('"data":[{', '"data":[{"name":"\\u202e",'),
    "id main 2 times": inside('<p id="main">x</p>'),
    "no nowhere to refer to": inside('<a href="#nowhere">x</a>'),
    "no x to refer to": inside('<p aria-labelledby="x">x</p>'),
    "2 h1, not 1": inside("<h1>x</h1>"),
    "0 h1, not 1": re.sub("<(/?)h1>", r"<\1p>", PAGE),
    "h4 skips a level": inside("<h4>x</h4>"),
    "a table without a caption": inside("<table><tr><td>x</td></tr></table>"),
    "a table without heads": inside("<table><caption>x</caption><tr><td>x</td></tr></table>"),
    "a head without scope": inside("<table><caption>x</caption><tr><th>x</th></tr></table>"),
    "a misplaced end of p": inside("</p>"),
    "an element is left open": PAGE.replace("</main>", ""),
    "the end is missing": PAGE.removesuffix("</html>\n"),
    "the end is missing, in the middle": PAGE.replace('id="end"', 'id="rest"'),
    "2 figures, not 1": redrawn("{", '{"main":{},'),
    "no figure-9 to refer to": redrawn('"figure-1"', '"figure-9"'),
    "1 other tables, not 0": inside('<div data-facts="x"></div>'),
    "0 gap tables, not 1": re.sub(' data-gaps="[a-z]*"', "", PAGE),
    "bytes, more than 300,000": inside(f"<p>{'x' * 300_000}</p>"),
}


@pytest.mark.parametrize("problem", FAULTS)
def test_each_fault_is_found(problem):
    budget = 2_500_000 if 'id="plotly"' in FAULTS[problem] else 300_000
    found = problems(FAULTS[problem], figures=1, tables=1, budget=budget)
    assert any(problem.split(",")[0] in line for line in found), found


@pytest.mark.parametrize("text", RAW)
def test_no_raw_text_passes(text):
    assert problems(inside(text), figures=1, tables=1)


def test_a_changed_packed_script_is_found():
    """Another script, honestly packed, is still not the one that the policy names."""
    other = base64.b64encode(gzip.compress(b"alert(1)")).decode()
    page = re.sub(r'(id="plotly">)[^<]*', rf"\g<1>{other}", SINGLE)
    assert problems(page, figures=1, tables=1, budget=2_500_000) == [
        "a script that the policy does not name, or a policy of another kind"
    ]


def test_a_page_passes_only_with_all_its_figures_and_tables():
    assert problems(PAGE, figures=2, tables=1) == ["1 figures, not 2"]
    assert problems(PAGE, figures=1, tables=0) == ["1 gap tables, not 0"]
    assert problems(PAGE, figures=1, tables=1, facts=1) == ["0 other tables, not 1"]
