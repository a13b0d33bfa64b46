"""A table of gaps in sentences, each tied to the row it speaks of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cxgap.errors import ArgumentError
from cxgap.result import GapTable, Outreach, Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHORT, counted, plain, signed
from cxgap.words.actions import describe_actions, describe_employee_link, describe_landmines, describe_loop_latency
from cxgap.words.asymmetry import describe_kano, describe_peak_end, describe_penalty_reward
from cxgap.words.before_after import describe_before_after
from cxgap.words.case_mix import describe_case_mix
from cxgap.words.causes import describe_causes
from cxgap.words.chain import describe_chain
from cxgap.words.changes import describe_changes
from cxgap.words.composition import describe_composition
from cxgap.words.details import detail, span
from cxgap.words.drivers import describe_dominance, describe_drivers, describe_stated
from cxgap.words.expectations import (
    describe_expectation_factors,
    describe_expectation_segments,
    describe_expectation_variance,
    describe_expectations,
)
from cxgap.words.friction import describe_friction, describe_patience, describe_switches
from cxgap.words.guards import describe_guards
from cxgap.words.iceberg import describe_complaint_iceberg
from cxgap.words.journey import describe_journey, describe_journey_score
from cxgap.words.limits import limits
from cxgap.words.messages import describe_message_audit
from cxgap.words.numbers import capital, listed, measured, some
from cxgap.words.outcomes import describe_closing_value, describe_outcome_link, describe_value_at_risk
from cxgap.words.outreach import describe_incidents, describe_outreach, describe_outreach_effect
from cxgap.words.outside_claims import with_cautions
from cxgap.words.phrases import Phrases, clauses_of, phrases_of
from cxgap.words.portfolio import describe_portfolio
from cxgap.words.priorities import describe_burden, describe_importance_performance, describe_priorities
from cxgap.words.promises import describe_plan, describe_response
from cxgap.words.quality import describe_quality
from cxgap.words.rows import Row, beyond_chance, comparable, having, noun_of, people, rivals, rows_of, worst_first
from cxgap.words.service import describe_service_metrics
from cxgap.words.targets import describe_targets
from cxgap.words.tolerance import describe_tolerance
from cxgap.words.trend import describe_control, describe_trend

_OF_TABLES: Final[dict[str, Callable[[Table], Prose]]] = {
    "actions": describe_actions,
    "before_after": describe_before_after,
    "burden": describe_burden,
    "case_mix": describe_case_mix,
    "causes": describe_causes,
    "change_decomposition": describe_composition,
    "channel_switches": describe_switches,
    "complaint_iceberg": describe_complaint_iceberg,
    "control_chart": describe_control,
    "closing_value": describe_closing_value,
    "dominance": describe_dominance,
    "drivers": describe_drivers,
    "employee_link": describe_employee_link,
    "expectation_factors": describe_expectation_factors,
    "expectation_segments": describe_expectation_segments,
    "expectation_variance": describe_expectation_variance,
    "expectations": describe_expectations,
    "friction": describe_friction,
    "gap_differences": describe_changes,
    "guard-rails": describe_guards,
    "importance_performance": describe_importance_performance,
    "incidents": describe_incidents,
    "journey": describe_journey,
    "journey_score": describe_journey_score,
    "kano": describe_kano,
    "landmines": describe_landmines,
    "loop_latency": describe_loop_latency,
    "message_audit": describe_message_audit,
    "outreach_counts": describe_outreach,
    "outreach_effect": describe_outreach_effect,
    "outcome_link": describe_outcome_link,
    "patience": describe_patience,
    "peak_end": describe_peak_end,
    "penalty_reward": describe_penalty_reward,
    "priorities": describe_priorities,
    "portfolio": describe_portfolio,
    "promise_plan": describe_plan,
    "promise_response": describe_response,
    "quality": describe_quality,
    "service_metrics": describe_service_metrics,
    "stated_importance": describe_stated,
    "targets": describe_targets,
    "trend": describe_trend,
    "value_at_risk": describe_value_at_risk,
}
MOST_BARE = 2  # rows without anything to compare that are spoken of one by one


def describe(gaps: GapTable | Table | Outreach) -> Prose:
    """Put a table into words.

    Parameters
    ----------
    gaps : of any gap and any cut; its rows are spoken of in their order. Of a Table, the title and the notes are said.

    Returns
    -------
    Prose: a headline that states the finding, a lead of a few sentences, one sentence a row, and what limits them. Of a
    table that nobody could measure, why.
    """
    if isinstance(gaps, Outreach):
        gaps = gaps.counts
    if not isinstance(gaps, GapTable | Table):
        raise ArgumentError("`gaps` must be the table that a gap function returned, not its frame or another object.")
    if gaps.missing:
        return Prose(f"{gaps.title}: not measured", lead=(Sentence(_reason(gaps.missing)),))
    if isinstance(gaps, Table) and gaps.slug in _OF_TABLES:
        return with_cautions(_OF_TABLES[gaps.slug](gaps))
    if isinstance(gaps, Table):
        notes = gaps.notes if gaps.title else gaps.notes[1:]
        return with_cautions(Prose(gaps.title or (gaps.notes or ("A table",))[0], lead=tuple(map(Sentence, notes))))
    gaps = gaps.readable()
    if gaps.gap == "chain":
        return describe_chain(gaps)
    if gaps.gap == "tolerance":
        return describe_tolerance(gaps)
    rows, noun, phrases = rows_of(gaps), noun_of(gaps), phrases_of(gaps)
    if not gaps.by:
        headline = clauses_of(gaps).get(rows[0].verdict, phrases.few)
        if gaps.gap == "customer":
            headline = gaps.finding.removesuffix(".")
        return Prose(capital(headline), lead=tuple(_whole(gaps, rows[0])), limits=limits(gaps, rows))
    return Prose(
        headline=_headline(rows, noun, phrases, 1 - gaps.conf_level),
        lead=tuple(_lead(gaps, rows, noun, phrases)),
        details=tuple(_details(gaps, rows)),
        limits=limits(gaps, rows),
    )


def _details(gaps: GapTable, rows: Sequence[Row]) -> Iterator[Sentence]:
    """Speak of each row; of those without anything to compare in one sentence, where they are many."""
    bare = [row for row in rows if row.lacks and "NO_STANDARD" not in row.flags]
    together = bare if len(bare) > MOST_BARE and gaps.basis != "rating" else []
    for row in rows:
        if row not in together:
            yield Sentence(detail(gaps, row), row.place, (capital(row.label),))
    if together:
        yield Sentence(f"Nothing to compare: {'; '.join(row.label for row in together)}.")


def _reason(why: str) -> str:
    return f"{capital(why)}{'' if why.endswith(('.', '?', '!')) else '.'}"


def _headline(rows: Sequence[Row], noun: str, say: Phrases, alpha: float) -> str:
    """Say what holds when account is taken of all tests of the table: of many rows some are short by chance."""
    short, above = beyond_chance(worst_first(rows), alpha), beyond_chance(having(rows, EXCEEDED), alpha)
    if short:
        if len(short) == 1:
            return capital(say.one.format(short[0].label))
        if comparable(short) and not rivals(short):
            return capital(say.worst.format(short[0].label))
        rest = short[1].label if len(short) == 2 else f"{len(short) - 1} other {noun}s"
        return capital(say.several.format(capital(short[0].label), rest))
    none = say.none.format(noun)
    if above:
        if len(above) == 1:
            return f"{none}; {say.above_one.format(above[0].label)}"
        return f"{none}; {say.above_many.format(f'{len(above)} {noun}s')}"
    if having(rows, SHORT) or having(rows, EXCEEDED):
        return f"{none}, with account taken of all tests"
    if len(having(rows, MET)) == len(rows):
        return say.all_met.format(f"the one {noun}" if len(rows) == 1 else f"all {len(rows)} {noun}s")
    unsure = [row for row in having(rows, CANNOT_TELL) if not row.lacks]
    if unsure:
        return f"{none}; at {len(unsure)} of {len(rows)} we cannot tell"
    return none if having(rows, MET) else say.few


def _lead(gaps: GapTable, rows: Sequence[Row], noun: str, say: Phrases) -> list[Sentence]:
    short = worst_first(rows)
    sentences = [_verdicts(rows, noun, say), *_together(gaps, rows)]
    if short and comparable(short):
        worst, others = short[0], rivals(short)
        scale = f" on the {gaps.scale[0]:g} to {gaps.scale[1]:g} scale" if gaps.scale and gaps.gap == "customer" else ""
        size = f"{measured(worst.cells.estimate, worst)}{scale} ({span(worst)}; {people(worst, gaps.counts)})"
        sentences.append(Sentence(f"The largest shortfall is {worst.label}: {size}.", worst.place, (worst.label,)))
        if others:
            names = listed(some([row.label for row in others]))
            sentences.append(
                Sentence(f"Its interval overlaps with those of {names}, so which of them is the largest is not settled.")
            )
    return sentences


def _together(gaps: GapTable, rows: Sequence[Row]) -> list[Sentence]:
    """Say how many findings stay with account taken of all tests, where not all do."""
    alone = [*having(rows, SHORT), *having(rows, EXCEEDED)]
    stay = len(beyond_chance(alone, 1 - gaps.conf_level))
    if stay == len(alone):
        return []
    tests = int(gaps.frame["p_adjusted"].notna().sum())
    which = "it is not" if len(alone) == 1 else f"{stay or 'none'} of the {len(alone)} {'is' if stay < 2 else 'are'}"
    return [Sentence(f"That is one by one; with account taken of all {tests} tests, {which} beyond chance.")]


def _verdicts(rows: Sequence[Row], noun: str, say: Phrases) -> Sentence:
    """Count every verdict once."""
    met, above, hidden = (len(having(rows, verdict)) for verdict in (MET, EXCEEDED, NOT_SHOWN))
    unsure, short = having(rows, CANNOT_TELL), len(having(rows, SHORT))
    lacking = Counter(row.lacks for row in unsure)
    unknown = lacking.pop("", 0)
    strong = say.short.format(f"{short or 'none'} of {counted(len(rows), noun)}")
    text = f"{say.subject}{strong}"
    rest = [say.met.format(met)] if met else []
    rest += [say.more.format(above)] if above else []
    text += f", {listed(rest)}" if rest else ""
    ends = [f"at {unknown} we cannot tell"] if unknown else []
    ends += [f"at {number} {what}" for what, number in lacking.items()]
    ends += [f"{hidden} {'is' if hidden == 1 else 'are'} not shown"] if hidden else []
    return Sentence(f"{text}{'; ' if ends else ''}{listed(ends)}.", None, (strong,) if short else ())


def _whole(gaps: GapTable, row: Row) -> list[Sentence]:
    """Speak of everybody: the gap, the same by what matters to them, and perception alone."""
    sentences = [Sentence(detail(gaps, row), 0, (row.label,) if row.label else ())]
    if math.isfinite(row.number("importance_gap")):
        low, high = (signed(row.number(f"importance_gap_{end}"), row.digits) for end in ("low", "high"))
        value, found = (
            signed(row.number("importance_gap"), row.digits),
            counted(int(row.number("importance_gap_n")), "customer"),
        )
        text = (
            f"Weighted by what matters to each of them, the gap is {value} points ({low} to {high}; {found} said what matters)."
        )
        sentences.append(Sentence(text, 0))
    if math.isfinite(row.number("servperf")):
        low, high = (plain(row.number(f"servperf_{end}"), row.digits) for end in ("low", "high"))
        scale = f" on the {gaps.scale[0]:g} to {gaps.scale[1]:g} scale" if gaps.scale else ""
        value = f"{plain(row.number('servperf'), row.digits)}{scale}"
        sentences.append(Sentence(f"What they perceived, whatever they expected, is {value} ({low} to {high}; SERVPERF).", 0))
    return sentences
