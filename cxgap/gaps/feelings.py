"""How customers felt at their last contact: as the log says, or else as a word list guesses from what they wrote."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.called_on import AT
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.moments import CUSTOMER

RECENT, FORGOTTEN = 30.0, 90.0  # days
_COLUMNS = ("at", "sentiment")


class Feelings(NamedTuple):
    """The last contact of each customer that says how it felt.

    Attributes
    ----------
    rows : `at` and `sentiment` by customer
    source : where they are from, to be said beside every number; "" where there are none
    why : why there are none
    recent, forgotten : days up to which a feeling counts as recent, and is used at all
    """

    rows: pd.DataFrame
    source: str
    why: str
    recent: float = RECENT
    forgotten: float = FORGOTTEN


def last_feelings(contacts: IntoFrame, end: float, zone: str) -> Feelings:
    """Read the sentiment of each customer's last contact that has one.

    Parameters
    ----------
    contacts : one row a contact, `customer_id` and `at`, with `sentiment` (-1 to 1) or `text`
    end : the last moment of the data
    zone : of times without an offset
    """
    none = pd.DataFrame(columns=list(_COLUMNS), dtype=float)
    present = tally.columns_of(contacts, "contacts")
    if "sentiment" in present:
        rows = tally.tally_times(contacts, keys=[CUSTOMER], times=[AT], numbers=["sentiment"], zone=zone, table="contacts")
        rows = rows.assign(sentiment=rows["sentiment"].where(rows["sentiment"].abs() <= 1))
        return Feelings(_last(rows, end), "the column 'sentiment' of contacts", "")
    if "text" not in present:
        return Feelings(none, "", "contacts have neither a column 'sentiment' nor 'text'")
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ModuleNotFoundError:
        return Feelings(
            none, "", "contacts have no column 'sentiment'; to guess it from 'text', type pip install 'cxgap[sentiment]'"
        )
    rows = tally.tally_times(contacts, keys=[CUSTOMER, "text"], times=[AT], zone=zone, table="contacts")
    rows = rows[rows["text"].notna() & (rows[AT] >= end - FORGOTTEN * DAY)]
    reader = SentimentIntensityAnalyzer()
    told = {text: float(reader.polarity_scores(str(text)[:2000])["compound"]) for text in rows["text"].unique()}
    rows = rows.assign(sentiment=rows["text"].map(told).astype(float))
    return Feelings(_last(rows, end), "words alone (VADER, for English only, a weak signal)", "")


def _last(rows: pd.DataFrame, end: float) -> pd.DataFrame:
    """Keep the last of each customer; of several at one moment the worst."""
    rows = rows[rows["sentiment"].notna() & rows[AT].notna() & (rows[AT] <= end) & rows[CUSTOMER].notna()]
    rows = rows.sort_values([AT, "sentiment"], ascending=[True, False], kind="stable")
    last = rows.drop_duplicates(CUSTOMER, keep="last")
    found = pd.DataFrame({name: last[name].to_numpy(np.float64) for name in _COLUMNS}, index=last[CUSTOMER].astype(object))
    return found
