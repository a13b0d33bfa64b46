"""Every outside statistic that a text of ours tells is in the register, and those in doubt carry their caution."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pandas as pd
import pytest

import cxgap as cx
from cxgap.claimed import STATUSES, caution_of, known_claims
from cxgap.errors import ArgumentError
from cxgap.words.outside_claims import with_cautions

ROOT = Path(__file__).parents[2]
NUMBER = r"(\d+(\.\d+)? ?(%|per cent|percent)|\b\d+(\.\d+)? times\b|\b(1|one) (in|of|out of) \d+\b|\b\d\.\d\d\b)"
# Whom studies of customers are told of, and words by which somebody tells a statistic of no study at all.
TELLERS = (
    r"\b(Bain|McKinsey|Gartner|Forrester|Accenture|Deloitte|TARP|Goodman|Tversky|Kahneman|Reichheld|Mittal|Rawson|PwC|"
    r"(?i:studies (show|found)|research (shows|found)|is often said|it is said that|experts say|famously))\b"
)
NEAR = 200  # characters between whoever tells and the number
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n[-|#]")
CITATION = re.compile(r"\(?\b(19|20)\d\d\)?|\d+\(\d+(-\d+)?\)|\b\d+-\d+\b|\[[^\]]*\]")


def texts() -> dict[str, str]:
    """All texts that a reader of the package can see, and its docstrings."""
    found = {}
    for path in sorted(ROOT.glob("cxgap/**/*.py")):
        if re.search(TELLERS, path.read_text(encoding="utf-8")):  # most tell nothing, and parsing takes its time
            found[str(path.relative_to(ROOT))] = words_of(path)
    for pattern in ("docs/**/*.md", "README.md", "data/sample/*.toml", "reports/*.toml"):
        found |= {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(pattern))}
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path.name] = "\n\n".join("".join(cell["source"]) for cell in cells)
    return {name: text for name, text in found.items() if name not in ("cxgap/references.py", "docs/claims.md")}


def statistics_in(text: str) -> list[str]:
    """Sentences that tell a number together with a teller, or that one of the register's own patterns knows."""
    if not re.search(TELLERS, text):
        return []
    found = []
    for part in (CITATION.sub("", " ".join(each.split())) for each in SENTENCE.split(text)):
        told = [part[max(match.start() - NEAR, 0) : match.end() + NEAR] for match in re.finditer(TELLERS, part)]
        found += [each for each in told if re.search(NUMBER, each)]
    return found


def words_of(path: Path) -> str:
    """The texts in a module: its strings and docstrings."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return "\n\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_every_outside_statistic_in_our_texts_is_registered():
    unknown = [
        f"{name}: {sentence[:160]}"
        for name, text in texts().items()
        for sentence in statistics_in(text)
        if not any(claim.is_told_by(sentence) for claim in known_claims().values())
    ]
    assert not unknown


def test_the_search_finds_what_it_is_for():
    for told in (
        "Bain found that 80 % of firms believe it.", "Studies show that 68 % leave.",
        "It is often said that 1 of 26 complains.",
        "Tversky & Kahneman (1992) give 2.25.", "Research shows it is 5 times cheaper.",
    ):  # fmt: skip
        assert statistics_in(told), told
    assert not statistics_in("Reichheld (2003), Harvard Business Review 81(12), 46-54.")
    assert not statistics_in("Shares of 29 % (27 to 31 %) are shown.")
    claims = known_claims()
    assert claims["bain_80_8"].is_told_by("they say 80 % of them do, and 8 % of customers agree")
    assert claims["tarp_26"].is_told_by("only one in 26 complains")
    assert not any(claim.is_told_by("80 % of the bootstrap replicates put the item there") for claim in claims.values())


def test_each_claim_says_what_it_rests_on_and_matches_its_own_statement():
    for claim in known_claims().values():
        assert claim.status in STATUSES
        assert claim.source
        assert claim.base
        assert claim.caution.endswith(".")
        for pattern in claim.patterns:
            re.compile(pattern)
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    for claim in known_claims().values():
        assert all(part in page for part in (claim.key, claim.caution, claim.statement)), claim.key


def test_the_table_lists_all_or_those_that_are_told():
    table = cx.claims()
    assert list(table.frame["claim"]) == list(known_claims())
    assert table.title == "11 outside claims: 3 disputed or refuted, 8 not checked"
    told = cx.claims("bain_80_8", "It is said that one in 26 complains.")
    assert list(told.frame["claim"]) == ["bain_80_8", "tarp_26"]
    assert told.frame["year"].tolist() == [2005, 2005]
    assert "nothing here rests" in cx.claims("We measured all of it.").missing
    assert cx.describe(cx.claims("half_of_expectations")).headline.startswith("1 outside claim")
    with pytest.raises(ArgumentError, match="keys of claims"):
        cx.claims(3)


def test_a_text_that_tells_a_claim_carries_its_caution_once():
    caution = caution_of("half_of_expectations")
    sentence = cx.Prose("The half that is often said to be in the company's hands can neither be confirmed nor ruled out.")
    with_it = with_cautions(sentence)
    assert [limit.text for limit in with_it.limits] == [caution]
    assert with_cautions(with_it) == with_it
    table = cx.Table(pd.DataFrame({"x": [1]}), "any", "As Bain has it, 80 % of firms believe in themselves")
    assert cx.describe(table).limits[0].text == caution_of("bain_80_8")
    plain = cx.Prose("We kept 81 % of promises.")
    assert with_cautions(plain) is plain


def test_the_register_is_part_of_the_package():
    """pyproject.toml: the wheel holds all of cxgap; the register lies in it, and is found beside the module that reads it."""
    import tomllib

    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "cxgap" in build["only-include"]
    assert "exclude" not in build
    assert (ROOT / "cxgap" / "claims.toml").is_file()
