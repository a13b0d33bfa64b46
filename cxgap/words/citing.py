"""Whom to cite, and how to say what was done: from the tables themselves, so that it is what ran."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.references import BEHIND, REFERENCES
from cxgap.result import GapTable, Table, Text
from cxgap.result.made import made
from cxgap.vocabulary import EXPECTATION_TYPES, GAPS, counted, percent

Result = GapTable | Table

AS_ABOVE: Final = "The rest was done as above."
PACKAGES: Final = ("numpy", "pandas", "scipy")


def cite(*results: Result | Iterable[Result]) -> Text:
    """Say how to cite cxgap, and whom else: the sources of every method that made the results.

    Parameters
    ----------
    results : tables, or collections of them; without any, all that this session has made
    """
    software = f"The cxgap developers. (2026). cxgap (Version {_version('cxgap')}) [Computer software]."
    keys = {key for result in _flat(results) for key in _sources(result)}
    return Text((software, *sorted(REFERENCES[key] for key in keys)))


def methods(*results: Result | Iterable[Result]) -> Text:
    """Write the methods section of what ran, a paragraph a result, with the software at the end.

    Parameters
    ----------
    results : as in `cite`
    """
    tables = [result for result in _flat(results) if not result.missing]
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    software = f"All was computed with cxgap {_version('cxgap')} (Python {platform.python_version()}, {packages})."
    said: list[str] = []
    known: set[str] = set()
    for table in tables:
        sentences = _of_gaps(table) if isinstance(table, GapTable) else [_of_table(table)]
        fresh = [sentence for sentence in sentences if sentence and sentence not in known]
        if fresh:
            said.append(" ".join([*fresh, *([AS_ABOVE] if len(fresh) < len(sentences) else [])]))
        known.update(fresh)
    return Text((*said, software))


def _flat(results: Iterable[object]) -> Iterator[Result]:
    found = list(results)
    for result in found or made():
        if isinstance(result, GapTable | Table):
            yield result
        elif isinstance(result, Iterable) and not isinstance(result, str | bytes):
            yield from _flat(result)
        else:
            raise ArgumentError(f"`cite` and `methods` take tables that cxgap returned, not {type(result).__name__}.")


def _sources(result: Result) -> Iterator[str]:
    """Name the sources behind a result, as keys of REFERENCES."""
    if isinstance(result, Table):
        ranked = result.slug not in _RANKED or _holds(result, "wilcoxon_p")
        yield from (key for key in BEHIND.get(result.slug, ()) if ranked or key not in ("wilcoxon", "pratt"))
        return
    yield from BEHIND.get(result.gap, ())
    if result.missing:
        return
    yield from ("binder", "lumley", "kish") if _designed(result) else ("student",)
    yield from ["schuirmann"] if result.margin is not None or "margin" in result.frame else []
    yield from ["holm"] if result.adjustment.startswith("Holm") else ["benjamini_hochberg"] if result.adjustment else []
    yield from ["hedges", "lakens"] if result.frame["effect"].notna().any() else []
    yield from ["cronin_taylor"] if "servperf" in result.frame else []
    yield from ["fay_herriot", "paule_mandel"] if _holds(result, "shrunk") else []
    methods = set(result.frame["ci_method"]) if "ci_method" in result.frame else set()
    yield from ["efron"] if "bca" in methods else []
    yield from ["rao_wu"] if methods & {"bca", "percentile", "boot_t"} else []
    yield from ["davison_hinkley"] if methods & {"bca", "percentile"} and "replicates" not in result.score else []


def _of_gaps(table: GapTable) -> list[str]:
    """Say sentence by sentence what was done; what several tables share is the same sentence."""
    gap, people, kind = GAPS[table.gap], f"{table.counts}s", table.expectation_type
    asked = f" (asked as {kind!r}: {EXPECTATION_TYPES[kind]})" if kind else ""
    scale = f", answered from {table.scale[0]:g} to {table.scale[1]:g}" if table.scale else ""
    what = "each level minus the one before it" if table.gap == "chain" else f"{gap.end} minus {gap.start}"
    where = f"for {counted(len(table.frame), 'cell')} by {' and '.join(table.by)}" if table.by else "over all together"
    said = [
        f"The {gap.title.lower()} was scored as {what}{asked}{scale}, so that negative values are "
        f"shortfalls, {where} ({_sizes(table)} {people}{' a cell' if table.by else ''})."
    ]
    if table.score:
        mean = table.score.startswith("mean")
        said.append(f"A {table.counts}'s score is a {table.score}." if mean else f"Taken {table.score}.")
    level = percent(table.conf_level)
    if _designed(table):
        said.append(
            "Estimates are weighted as the design asks; standard errors are by Taylor linearisation (Binder, 1983; "
            f"Lumley, 2004), {level} intervals Student's with the design's degrees of freedom."
        )
    else:
        said.append(f"Intervals are of {level}; those of means are Student's t.")
    if table.margin is not None:
        said.append(
            f"An expectation was called met where the {percent(2 * table.conf_level - 1)} interval lay within "
            f"±{table.margin:g} {table.unit} (two one-sided tests; Schuirmann, 1987), short or exceeded where it was not met "
            "and the interval left out zero, and otherwise the result is said not to tell."
        )
    if table.adjustment:
        said.append(f"P-values of the table were adjusted ({table.adjustment}).")
    if table.min_n > 1:
        said.append(f"Cells of fewer than {table.min_n} {people} are not shown.")
    return said


def _sizes(table: GapTable) -> str:
    n = table.frame["n"].dropna()
    if n.empty:
        return "no"
    return f"{n.min():,.0f}" if n.min() == n.max() else f"{n.min():,.0f} to {n.max():,.0f}"


_RANKED: Final = ("paired-tests", "paper-items", "paper-dimensions")  # tables of tests, by ranks only where nobody weighs more

_SAID: Final = {
    "paired-tests, by design": (
        "Paired differences were tested by Student's t with standard errors of the design (Binder, 1983; Lumley, 2004); ranks "
        "and signs were not tested, because customers weigh differently or were drawn in groups."
    ),
    "paper-items": (
        "The gap of each item is perception minus expectation of the same customer; it was tested by Student's paired t and by "
        "Wilcoxon's signed ranks with zeros as Pratt (1959) treats them."
    ),
    "paper-items, by design": (
        "The gap of each item is perception minus expectation of the same customer; it was tested by t with standard errors of "
        "the design (Binder, 1983; Lumley, 2004)."
    ),
    "paper-dimensions": (
        "Items were averaged to dimensions for each customer first, and the gaps of dimensions tested in the same way; "
        "p-values of a table were adjusted as one family."
    ),
    "paper-dimensions, by design": (
        "Items were averaged to dimensions for each customer first, and the gaps of dimensions tested in the same way; "
        "p-values of a table were adjusted as one family."
    ),
    "paper-scores": (
        "The overall score is the mean over customers of the mean of their dimensions (Parasuraman et al., 1988), also "
        "weighted by each customer's own importance points where these were asked, and of perceptions alone (Cronin & Taylor, "
        "1992)."
    ),
    "paired-tests": (
        "Paired differences were tested by Student's t, by Wilcoxon's signed ranks with zeros as Pratt (1959) treats them (a "
        "test of symmetry about zero) and by the sign test; standardised differences have noncentral t intervals (Lakens, "
        "2013)."
    ),
    "reliability": (
        "Reliability was estimated as Cronbach's (1951) alpha and McDonald's (1999) omega of complete cases, and that of the "
        "difference score from both reliabilities and their correlation (Peter et al., 1993)."
    ),
    "expectations": (
        "Expectations are shown by weighted quantiles (number 7 of Hyndman & Fan, 1996) with Woodruff's (1952) intervals; "
        "groups were compared by a Wald test with the design's covariance at each touchpoint, with account taken of all of "
        "them."
    ),
    "expectation_factors": (
        "The variance of customers' expectations was shared out among controllable and uncontrollable factors as Lindeman et "
        "al. (1980) do, factors within blocks as Owen (1977) does, less what chance adds by the bootstrap, and beside what is "
        "foretold of customers who were left out of the fit."
    ),
    "expectation_segments": (
        "Classes of expectation profiles were looked for by mixtures of normal distributions, their number by BIC (Schwarz, "
        "1978) and a bootstrap test (McLachlan, 1987), and called segments only where samples drawn again gave the same "
        "(Hennig, 2007)."
    ),
    "expectation_variance": (
        "The variance of expectations was split by Henderson's (1953) method I, with intervals by drawing customers again."
    ),
    "factors": "The number of factors was judged by Horn's (1965) parallel analysis against columns permuted at random.",
    "careless": (
        "Careless answers were looked for by several kinds of index (Meade & Craig, 2012); nobody was left out without the "
        "result being given with and without them."
    ),
    "guard-rails": "Whether the difference score may be used was judged by checks of its reliability, range and constraint.",
    "response-surface": (
        "The outcome was regressed on expectation, perception, their squares and their product (Edwards & Parry, 1993)."
    ),
    "drivers": (
        "What goes with the overall judgement was estimated by least squares on perceptions alone; the explained variance was "
        "shared out by averaging over all orders of the predictors (Lindeman et al., 1980; Grömping, 2006), with relative "
        "weights (Johnson, 2000) beside. Respondents, or the sampling units of the design, were drawn again for the intervals "
        "of the shares (Rao & Wu, 1988) and for simultaneous confidence sets of their ranks (Mogstad et al., 2024)."
    ),
    "dominance": "Predictors were compared pair by pair in every subset of the others (Azen & Budescu, 2003).",
    "stated_importance": (
        "What customers say matters was averaged as shares of one respondent by respondent; ranks have simultaneous "
        "confidence sets (Mogstad et al., 2024)."
    ),
    "burden": (
        "Burden is reach times importance times mean shortfall; respondents, or the sampling units of the design, were drawn "
        "again through the whole product (Rao & Wu, 1988), and ranks have simultaneous confidence sets (Mogstad et al., 2024). "
        "Shortfalls are also given without errors of measurement (Peter et al., 1993)."
    ),
    "importance_performance": (
        "Items were placed by importance and performance (Martilla & James, 1977); a quadrant was named only where at least "
        "80 % of the bootstrap replicates, lines and all, put the item there."
    ),
    "targets": (
        "Targets were judged by a rule that was set before, on what had come in by the cut-off: met where the one-sided bound "
        "is at the target or beyond. Looks before the end are those of O'Brien and Fleming (1979), chances before it are "
        "predictive (Spiegelhalter et al., 1986), and changes since the baseline have Welch's (1947) degrees of freedom."
    ),
    "journey": (
        "Touchpoints were mapped in the order of the journey (Zomerdijk & Voss, 2010); the gap was compared between neighbours "
        "by linearised differences, so that respondents who used both are compared with themselves (p-values by Holm, 1979)."
    ),
    "journey_score": (
        "Journeys of two touchpoints or more were scored as a whole beside their touchpoints (Rawson et al., 2013): the share "
        "in which every touchpoint was met, the share judged well, and where the two disagree."
    ),
    "case_mix": (
        "Entities were compared at the mix of all respondents by a weighted regression with an effect of each entity (O'Malley "
        "et al., 2005), standard errors of the design (Binder, 1983; Bell & McCaffrey, 2002), a test that none differs (Welch, "
        "1951), p-values by Holm (1979), and simultaneous rank sets (Mogstad et al., 2024)."
    ),
    "gap-ranks": (
        "Ranks have simultaneous confidence sets (Mogstad et al., 2024); what the worst are expected to gain by chance alone "
        "is by empirical Bayes (Morris, 1983; Paule & Mandel, 1982)."
    ),
    "causes": (
        "Late promises were shared out by cause, and causes by who can do something about them; the share within control is "
        "given as bounds, because what has no known cause was not imputed (Manski, 1990). Customers are the sampling units of "
        "the intervals (Wilson, 1927; Korn & Graubard, 1998)."
    ),
    "change_decomposition": (
        "Changes between periods were split exactly into who answered and what moved within groups (Kitagawa, 1955), with "
        "standard errors by Taylor linearisation (Binder, 1983; Lumley, 2004)."
    ),
    "control_chart": (
        "The process was followed by a control chart: Laney's (2002) p' chart, a CUSUM (Page, 1954) or an EWMA (Roberts, "
        "1959). Limits allow for periods that differ beyond sampling, for a baseline that is short (Jones et al., 2004) and "
        "for neighbours that are alike (VanBrackle & Reynolds, 1997); run lengths are by Siegmund (1985) and Lucas and "
        "Saccucci (1990)."
    ),
    "trend": (
        "Changes over time are differences of means over the same answers, each one linearised variable through the design of "
        "both periods (Binder, 1983; Lumley, 2004); the change of the gap is that of perception less that of expectation. No "
        "change was computed across a break of the questions."
    ),
    "raking": "Weights were raked to known population totals (Deming & Stephan, 1940); standard errors take account of it.",
    "missing-sensitivity": "Missing ratings were also imputed by chained equations, and the results pooled (Rubin, 1987).",
    "before_after": (
        "Changes of the treated were compared with those of the comparison in the same periods (difference in differences); "
        "people on several sides were counted once (Binder, 1983), and where treatment was given to few groups the interval is "
        "that of the wild cluster bootstrap (Cameron et al., 2008; Webb, 2023). Groups that began at different times were each "
        "compared with those never treated (Callaway & Sant'Anna, 2021)."
    ),
    "loop_latency": (
        "Times from a bad answer to the next contact were estimated by the curve of Kaplan and Meier (1958), open ones being "
        "watched until the end of the data, with customers as the sampling units."
    ),
    "employee_link": (
        "Means of employees and of customers were correlated across teams, with Fisher's (1915) interval; what their errors "
        "take from the correlation and the slope was put back (Spearman, 1904; Fuller, 1987)."
    ),
    "outcome_link": (
        "What customers did after they had answered was modelled by shortfall and surplus and by what was known before, with "
        "errors by the design (Binder, 1983); few events were penalised (Firth, 1993), tests were of the score, its law that "
        "of chance pairings where people were drawn singly (DiCiccio & Romano, 2017), and corrected by Holm's (1979) method, "
        "and the models validated on people left out, by areas under the curve (DeLong et al., 1988). Customers not watched to "
        "the end were allowed for by inverse probability of censoring (Graf et al., 1999) or by hazards (Cox, 1972; Grambsch & "
        "Therneau, 1994)."
    ),
    "value_at_risk": (
        "Value at risk is what is predicted less what is predicted without a shortfall (Robins, 1986), times what "
        "customers are "
        "worth; its parts are Shapley's (1953), and intervals draw people again through the model (Rao & Wu, 1988). Sums of "
        "different grades of evidence are not added."
    ),
    "portfolio": (
        "Plans were chosen under a budget among all their sets (Weingartner, 1963), each simulated on the same draws, so that "
        "a customer whom several plans touch counts once (Robins, 1986; Rust et al., 1995)."
    ),
    "closing_value": (
        "What closing a gap may bring was simulated over the error of the link, the people, the causal share, reach and cost "
        "(Rust et al., 1995); E-values say what an unseen cause would have to do (VanderWeele & Ding, 2017)."
    ),
    "complaint_iceberg": (
        "How many had reason to complain was estimated from two lists, of those who did and of those who answered badly "
        "(Chapman, 1951), a lower bound where the lists go together, or from complaints and a known share who complain."
    ),
    "incidents": (
        "Customers whom something hit were counted once a type of event; the share who complained is of those watched for the "
        "whole window, with Jeffreys's interval (Brown et al., 2001)."
    ),
    "outreach_counts": (
        "Silent customers were put in the order of expected loss: the risk of leaving, by penalised logistic regression "
        "(Firth, 1993) on people unseen, less the risk had nothing happened, times the value; a share was held out by chance."
    ),
    "outreach_effect": (
        "Customers contacted were compared with those held out by chance, as they were meant to be, within strata (Newcombe, "
        "1998; Yan & Su, 2010); where chance did not decide, by overlap weights (Li et al., 2018) with an E-value "
        "(VanderWeele & Ding, 2017)."
    ),
    "friction": (
        "Contacts of one customer about one thing that follow each other within the window make an issue; shares and means are "
        "over issues, with customers as the sampling units (Binder, 1983), and issues not over by the end of the data are "
        "allowed for by inverse probability of censoring (Satten & Datta, 2001)."
    ),
    "channel_switches": (
        "Changes of channel are shares of the further contacts after one by a channel, with customers as the sampling units."
    ),
    "message_audit": (
        "Promises in the ledger of messages were held against the events that each was made for, by the curve of Aalen and "
        "Johansen (1978), open events being watched until the end of the data, with customers as the sampling units (Wilson, "
        "1927; Korn & Graubard, 1998); the length of words and sentences was measured by LIX (Bjoernsson, 1983)."
    ),
    "service_metrics": (
        "Times until cases were answered or settled were estimated by the curve of Kaplan and Meier (1958), and ratios of "
        "agents and customers by Taylor linearisation (Binder, 1983), with customers, or for staffing days, as the sampling "
        "units."
    ),
    "patience": (
        "Patience was estimated by the curve of Kaplan and Meier (1958), contacts that were answered being watched until then; "
        "curves were compared by the log-rank test, robust to customers with several contacts (Lin & Wei, 1989)."
    ),
    "kano": (
        "Answers to pairs of questions were put into categories by the table of Berger et al. (1993; Kano et al., 1984); a "
        "kind was named where its category led in nearly all samples drawn again (Rao & Wu, 1988), and Fong's (1996) rule "
        "stands beside it."
    ),
    "peak_end": (
        "The judgement of journeys was regressed on the mean, worst, best and last of their ratings (Fredrickson & Kahneman, "
        "1993), and the variance explained was shared out over all orders (Lindeman et al., 1980; Groemping, 2006)."
    ),
    "penalty_reward": (
        "Penalty and reward are the coefficients of two indicators, low and high against the middle (Brandt, 1987; Mikulic & "
        "Prebezac, 2008); intervals of their index are by drawing sampling units again (Rao & Wu, 1988)."
    ),
    "promise_plan": (
        "Lead times were taken from the curve of Kaplan and Meier (1958), cancelling competing with delivering (Aalen & "
        "Johansen, 1978), orders still open being watched until the end of the data; promises are one-sided bounds of "
        "its quantiles, by inverting the band (Brookmeyer & Crowley, 1982), robust to several orders of a customer."
    ),
    "promise_response": (
        "Judgements were regressed on being late, on how late and on how early an order came, with covariances by leaving each "
        "customer out (MacKinnon et al., 2023) and degrees of freedom after Bell and McCaffrey (2002); ratios have Fieller's "
        "(1954) intervals."
    ),
    "nps": "The Net Promoter Score has an adjusted Wald interval (Rocks, 2016).",
}


def _of_table(table: Table) -> str:
    slug = table.slug
    if slug in _RANKED and not _holds(table, "wilcoxon_p"):
        slug = f"{slug}, by design"
    said = _SAID.get(slug, "")
    n = table.frame["n"].dropna() if "n" in table.frame else []
    return f"{said} {_rows(table, n)}" if said and slug.startswith(_RANKED) and len(n) else said


def _rows(table: Table, n: Any) -> str:
    size = f"{n.min():,.0f}" if n.min() == n.max() else f"{n.min():,.0f} to {n.max():,.0f}"
    return f"(A table of {counted(len(table.frame), 'row')}, {size} customers each.)"


def _designed(table: GapTable) -> bool:
    """Say whether standard errors are of a design: then degrees of freedom are not those of n people alone."""
    rows = table.frame[["n", "n_eff", "df"]].dropna()
    n, n_eff, df = (rows[name].to_numpy(float) for name in rows)
    return table.basis == "rating" and len(rows) > 0 and not (np.allclose(n, n_eff) and np.allclose(df, n - 1))


def _holds(table: Result, name: str) -> bool:
    return name in table.frame and bool(table.frame[name].notna().any())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"
