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
COUNT = r"(one|two|three|four|five|six|seven|eight|nine|ten|twenty|\d+)"
NUMBER = (
    r"((?<![\d.])\d+(\.\d+)? ?(%|per ?cent|percentage points)|\b\d+(\.\d+)? ?(times\b|x\b|×)|\b\d\.\d\d\b|\b\d\d?/\d\d?\b"
    rf"|\b{COUNT}( \w+)? (in|of|out of) (every )?{COUNT}\b|\b{COUNT} times\b|\b\w+fold\b|\b(twice|double|treble|triple)\b"
    r"|\b(a|one|two|three)[ -](half|halves|thirds?|quarters?|fifths?|tenths?)\b|\bhalf (of|as)\b"
    r"|\b(most|the majority of) (\w+ )?(customers|consumers|companies|firms|people|buyers)\b)"
)
# Whom studies of customers are told of, and words by which somebody tells a statistic of no study at all.
TELLERS = (
    r"\b(Bain|McKinsey|Gartner|Forrester|Accenture|Deloitte|TARP|Goodman|Tversky|Kahneman|Reichheld|Mittal|Rawson|PwC|Harvard|"
    r"Nielsen|Zendesk|Salesforce|Qualtrics|Medallia|American Express|Ipsos|Kantar|"
    r"(?i:(studies|surveys|reports) (show|found|say)|research (shows|found)|a (study|survey|report) (by|from|found|shows)|"
    r"according to|is often said|it is said that|it is well known|everybody knows|experts say|analysts|famously))\b"
)
# What customers, or firms, do in general: a number and a verb in the present, with no word of whose they are.
IN_GENERAL = re.compile(
    r"\b(?:customers|consumers|companies|firms|CEOs|people|buyers|shoppers|managers) "
    r"(?:leave|complain|believe|tell|switch|expect|say|never|would|will|do not|don't|churn|buy|stay|return|are (?:un)?happy|"
    r"are (?:dis)?satisfied)\b",
    re.IGNORECASE,
)
BEFORE = re.compile(rf"{NUMBER} (of )?((all|the|unhappy|dissatisfied|satisfied|angry|silent) )*$", re.IGNORECASE)
NEAR = 200  # characters between whoever tells and the number
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n[-|#]")
CITATION = re.compile(r"\(?\b(19|20)\d\d\)?|\d+\(\d+(-\d+)?\)|\b\d+-\d+\b|\[[^\]]*\]")


def texts() -> dict[str, str]:
    """All texts that a reader of the package can see, and its docstrings."""
    found = {}
    for path in sorted(ROOT.glob("cxgap/**/*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(TELLERS, text) or IN_GENERAL.search(" ".join(text.split())):  # most tell nothing, and parsing takes time
            found[str(path.relative_to(ROOT))] = words_of(path)
    for pattern in ("docs/**/*.md", "README.md", "data/sample/*.toml", "reports/*.toml"):
        found |= {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(pattern))}
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path.name] = "\n\n".join("".join(cell["source"]) for cell in cells)
    return {name: text for name, text in found.items() if name not in ("cxgap/references.py", "docs/claims.md")}


def statistics_in(text: str) -> list[str]:
    """Sentences that tell a number together with a teller, and those that tell one of customers, or firms, in general."""
    whole = " ".join(text.split())
    told = [each for each in IN_GENERAL.finditer(whole) if BEFORE.search(whole[max(each.start() - 60, 0) : each.start()])]
    found = [whole[max(each.start() - NEAR, 0) : each.end() + NEAR] for each in told]
    if not re.search(TELLERS, text):
        return found
    for part in (CITATION.sub("", " ".join(each.split())) for each in SENTENCE.split(text)):
        told = [part[max(match.start() - NEAR, 0) : match.end() + NEAR] for match in re.finditer(TELLERS, part)]
        found += [each for each in told if re.search(NUMBER, each, re.IGNORECASE)]
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
        "Tversky & Kahneman (1992) give 2.25.", "Research shows it is 5 times cheaper.", "Bain's 80/8 is known.",
        "According to Forrester, one in five leaves.", "McKinsey has two thirds of them.",
        "Surveys show that eight in ten would.",
        "A study by Gartner found that 81 percent compete.", "Analysts see a threefold rise.", "PwC: 3x as many.",
        "Experts say that most customers never come back.", "Two thirds of customers leave after a single fault.",
        "Only 4 % of unhappy customers complain.", "One in three people would pay more.",
    ):  # fmt: skip
        assert statistics_in(told), told
    assert not statistics_in("Reichheld (2003), Harvard Business Review 81(12), 46-54.")
    assert not statistics_in("Shares of 29 % (27 to 31 %) are shown.")
    assert not statistics_in("Of the customers of the sample study 31 % were told of a day that was not kept.")
    claims = known_claims()
    assert claims["bain_80_8"].is_told_by("they say 80 % of them do, and 8 % of customers agree")
    assert claims["bain_80_8"].is_told_by("eight in ten firms believe that they deliver a superior experience")
    for told in (
        "only one in 26 complains",
        "one customer in 26",
        "96 per cent never complain",
        "for each complaint 25 are silent",
    ):
        assert claims["tarp_26"].is_told_by(told), told
    for told in ("five times cheaper", "5x cheaper than to win one", "costs seven times as much", "5-25 times more expensive"):
        assert claims["retention_cost"].is_told_by(told), told
    assert claims["loss_aversion"].is_told_by("losses loom larger than gains")
    assert not any(
        claim.is_told_by("A delay of three days weighs as much as two hours on the phone.") for claim in claims.values()
    )
    assert not any(claim.is_told_by("80 % of the bootstrap replicates put the item there") for claim in claims.values())


def test_each_claim_says_what_it_rests_on_and_matches_its_own_statement():
    for claim in known_claims().values():
        assert claim.status in STATUSES
        assert claim.source
        assert claim.base
        assert claim.seen
        if claim.status in ("confirmed", "refuted"):  # who says so has looked
            assert not claim.seen.startswith("nothing"), claim.key
        assert claim.caution.endswith(".")
        for pattern in claim.patterns:
            re.compile(pattern)
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    for claim in known_claims().values():
        assert all(part in page for part in (claim.key, claim.caution, claim.statement, claim.seen)), claim.key


def test_the_table_lists_all_or_those_that_are_told():
    table = cx.claims()
    assert list(table.frame["claim"]) == list(known_claims())
    assert table.title == "11 outside claims: 3 disputed or refuted, 6 not checked"
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
