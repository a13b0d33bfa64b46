"""Whose answers are: that of the customer whom the survey names, else of the customer whose order is spoken of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.gaps.moments import CUSTOMER, EVENT
from cxgap.stats.means import Codes, Design


def customers_of(said: pd.DataFrame, orders: pd.DataFrame, respondent: Codes) -> Codes:
    """Return a code of the customer behind each answer; whoever is named nowhere is a customer of their own.

    A respondent whose orders are those of several customers is taken for a person of their own, too.
    """
    named = said[CUSTOMER].astype(object) if CUSTOMER in said else pd.Series(None, said.index, dtype=object)
    alone = respondent.astype(np.int64)
    if CUSTOMER in orders and EVENT in said:
        owner = said[EVENT].map(pd.Series(orders[CUSTOMER].to_numpy(object), index=orders[EVENT].to_numpy(object)))
        owner = owner.astype(object).where(named.isna() & owner.notna(), None)
        code = pd.factorize(owner)[0]
        pairs = np.unique(np.column_stack([alone, code])[code >= 0], axis=0)
        many = np.bincount(pairs[:, 0], minlength=int(alone.max(initial=-1)) + 1) > 1
        named = named.where(named.notna(), owner.where(~many[alone], None))
    code = pd.factorize(named)[0].astype(np.int64)
    return np.where(code < 0, int(code.max(initial=-1)) + 1 + alone, code)


def drawn_by_customer(drawn: Design, respondent: Codes, customer: Codes) -> Design:
    """Return the design in which customers are the sampling units of each stratum."""
    unit = np.arange(len(drawn.weight)) + int(customer.max(initial=-1)) + 1
    unit[respondent] = customer
    strata = int(drawn.stratum.max(initial=0)) + 1
    return drawn._replace(psu=np.unique(unit * strata + drawn.stratum, return_inverse=True)[1])
