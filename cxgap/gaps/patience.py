"""Patience: how long customers wait before they give up, and how long an issue stays open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_prob
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.contact_log import ABOUT, AT, WINDOW, Log, groups_of, nobody_came, owners_of, read_log
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.spells import QUANTILES, Spells, curve_of, marks_of, matters_of, test_of, waits_of
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tally import columns_of
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain

SLUG = "patience"


class Kind(NamedTuple):
    """What is waited for: title, unit, the share that the curve shows, what ends it, and what nobody can tell."""

    title: str
    unit: str
    still: str
    ends: str
    untold: str


KINDS: Final = {
    "waiting": Kind(
        "How long customers wait before they give up",
        "minutes",
        "still waiting",
        "gave up",
        "Whoever was answered is watched until then: how much longer the customer would have waited is not known. That answers "
        "come as fast to the patient as to the impatient is taken for granted.",
    ),
    "resolution": Kind(
        "How long issues stay open",
        "days",
        "not settled",
        "settled",
        "An issue counts as open until a contact says that it is settled, at most until the end of the data. Whether a "
        "customer who fell silent was helped, or gave up, cannot be told.",
    ),
}
OF_TIME = ("time", "still", "still_low", "still_high", "at_risk")
OF_CELL = ("n", "times", "ended", *(f"{name}{end}" for name in QUANTILES for end in ("", "_low", "_high")))
OF_TABLE = ("chi_square", "test_df", "p_value", "unit", "flags")
COLUMNS = (*OF_TIME, *OF_CELL, *OF_TABLE)


def patience(
    contacts: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    kind: str = "waiting",
    waited: str = "waited",
    abandoned: str = "abandoned",
    times: Sequence[float] | None = None,
    customers: IntoFrame | None = None,
    window: float = WINDOW,
    about: str | Sequence[str] = ABOUT,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Measure how long customers wait before they give up, or how long their issues stay open.

    Who was answered in time did not show how patient he is: the waiting time is one that was watched no longer. Leaving such
    contacts out would make customers look impatient, counting them as patience would make answers look like patience.

    Parameters
    ----------
    contacts, customers, window, about, as_of, zone, min_n, conf_level : as in `friction`
    by : columns whose combinations make the curves: of the contact, else of `customers`
    kind : "waiting", until the customer gives up, in minutes; or "resolution", from the first contact of an issue until a
        contact is `resolved`, in days
    waited, abandoned : columns with the minutes waited, and whether the customer gave up
    times : at which the share is told; about twenty round ones if left out

    Returns
    -------
    Table "patience" with one row a curve and time: the keys, `time`, the share `still` waiting (or not settled) beyond it with
    `still_low` and `still_high` (log-log), `at_risk`, who waited at least so long; of the whole curve `n` customers, `times`,
    how many of them `ended` so, and `q25`, `median` and `q75` with intervals, NaN where the curve, or its band, does not
    reach them; of all curves the log-rank test, `chi_square`, `test_df` and `p_value`; `unit` and `flags`. Where customers have
    several times, errors and test take account of it.

    Raises
    ------
    ColumnError : `contacts` lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481. Brookmeyer & Crowley (1982), Biometrics
    38, 29-41. Lin & Wei (1989), Journal of the American Statistical Association 84(408), 1074-1078.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    told = KINDS[check_choice(kind, "kind", KINDS)]
    if clash := sorted({*COLUMNS, AT, waited, abandoned} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    usual = (AT, *(("waited", "abandoned") if kind == "waiting" else ("resolved",)))
    needs = [name for name, asked in zip(usual, (AT, waited, abandoned), strict=False) if kind != "waiting" or name == asked]
    if why := nobody_came(contacts, names, needs=needs):
        return Table.not_measured(SLUG, told.title, why)
    own, others = owners_of(contacts, customers, names)
    numbers, flags = ([waited], [abandoned]) if kind == "waiting" else ([], ["resolved"])
    if lacking := [name for name in (*numbers, *flags) if name not in columns_of(contacts)]:
        raise ColumnError.missing(lacking[0], "contacts", columns_of(contacts))
    log = read_log(contacts, columns=own, numbers=numbers, flags=flags, window=window, about=about, as_of=as_of, zone=zone)
    cell, cells = groups_of(log, names, others, customers, each=kind == "waiting")
    spells, unknown = waits_of(log, waited, abandoned, cell) if kind == "waiting" else matters_of(log, cell)
    if not spells.event.any():
        ended = "gave up" if kind == "waiting" else "has an issue that was settled"
        return Table.not_measured(SLUG, told.title, f"no customer {ended}, as far as contacts tell")
    marks = marks_of(spells, times, from_zero=kind == "resolution")
    frame = _frame(spells, cells, names, marks, told.unit, min_n, conf_level, whole=times is not None)
    return _table(frame, names, told, log, unknown, min_n, conf_level)


def _frame(
    spells: Spells,
    cells: pd.DataFrame,
    names: Sequence[str],
    marks: Floats,
    unit: str,
    min_n: int,
    conf_level: float,
    *,
    whole: bool,
) -> pd.DataFrame:
    """Estimate every curve, and blank what must not be shown; a curve ends at the last time that may be, unless `whole`."""
    most = int(spells.customer.max()) + 1
    of_cell, customer = np.divmod(np.unique(spells.cell * most + spells.customer), most)
    people = np.bincount(of_cell, minlength=len(cells)).astype(float)
    refuse_names(cells, names, people, min_n)
    few = too_few(people, min_n) | (people == 0)
    also = hide_also(few, people, lines_told(cells, of_cell, customer, names, min_n), min_n)
    test = test_of(spells, np.flatnonzero(~(few | also)))
    blocks = []
    for place in range(len(cells)):
        inside = spells.cell == place
        if few[place] or also[place]:
            hidden = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
            block = pd.DataFrame({"time": [np.nan], "flags": [hidden]})
        else:
            here = Spells(*(part[inside] for part in spells))
            block = curve_of(here, marks, min_n, conf_level)
            block = block if whole else block[: max(1, int(np.flatnonzero(block["still"].notna()).max(initial=0)) + 1)]
        keys = {name: "(blank)" if pd.isna(cells[name].iloc[place]) else str(cells[name].iloc[place]) for name in names}
        blocks.append(block.assign(**keys))
    frame = pd.concat(blocks, ignore_index=True)
    tested = dict(zip(("chi_square", "test_df", "p_value"), test, strict=True))
    return frame.assign(**tested, unit=unit).reindex(columns=[*names, *COLUMNS])


def _table(
    frame: pd.DataFrame, names: Sequence[str], kind: Kind, log: Log, unknown: int, min_n: int, conf_level: float
) -> Table:
    """Write what a reader sees."""
    notes = [kind.untold]
    if kind.unit == "days":
        notes = [*log.notes(), *notes]
    if unknown:
        what, why = (
            ("issue", "whose contacts do not say whether they settled it")
            if kind.unit == "days"
            else ("contact", "without a wait")
        )
        notes.append(f"Left out: {counted(unknown, what)} {why}.")
    if min_n > 1:
        notes.append(f"A curve ends where fewer than {min_n} customers were watched longer.")
    notes.append(f"Bands and intervals are of {percent(conf_level)} each, customers being the independent units.")
    p_value = float(frame["p_value"].iloc[0])
    if np.isfinite(p_value):
        size = "under 0.001" if p_value < 0.001 else f"{p_value:.3f}"
        differ = "The curves differ" if p_value < 1 - conf_level else "That all curves are one cannot be ruled out"
        notes.append(f"{differ} (log-rank test, p = {size}).".replace("= under", "under"))
    if frame["flags"].str.contains("SUPPRESSED").any():
        notes.append(f"What fewer than {min_n} customers tell of is not shown.")
    begins = ~frame.duplicated(list(names)) if names else frame.index == 0
    shown = frame.assign(
        _still=[
            NOT_SHOWN if "SUPPRESSED" in row.flags else _spanned(row.still, row.still_low, row.still_high)
            for row in frame.itertuples()
        ],
        _median=np.where(begins, [_median(row, kind.unit) for row in frame.itertuples()], ""),
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "time": (f"after {kind.unit}", lambda value: f"{value:g}"),
        "_still": (f"{kind.still} ({percent(conf_level)} interval)", str),
        "at_risk": ("customers watched so long", "{:,.0f}".format),
        "_median": (f"half {kind.ends} within", str),
    }
    title = f"{kind.title}{', by ' if names else ''}{', '.join(names).replace('_', ' ')}"
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=len(names) + 1, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _spanned(share: float, low: float, high: float) -> str:
    if not np.isfinite(share):
        return ""
    ends = f" ({plain(100 * low, 0)} to {plain(100 * high, 0)})" if np.isfinite(low) and np.isfinite(high) else ""
    return f"{plain(100 * share, 0)} %{ends}"


def _median(row: Any, unit: str) -> str:
    if not np.isfinite(row.median):
        return "" if "SUPPRESSED" in row.flags or not np.isfinite(row.n) else "not reached"
    if np.isfinite(row.median_low):
        high = f"to {plain(row.median_high, 1)}" if np.isfinite(row.median_high) else "or more"
        return f"{plain(row.median, 1)} {unit} ({plain(row.median_low, 1)} {high})"
    return f"{plain(row.median, 1)} {unit}"
