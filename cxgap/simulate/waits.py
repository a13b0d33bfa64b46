"""How long a customer waited for an answer, who gave up, which team answered, and what the contact was about."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company

ABOUT = {  # the touchpoint of each reason
    "where is my parcel": 2,
    "late parcel": 3,
    "change of address": 1,
    "damaged parcel": 6,
    "invoice": 1,
    "other": 4,
}
DESKS = {"App": "Digital desk", "Web": "Digital desk", "Phone": "Call centre", "Shop": "Shop staff"}
SPECIALISTS = {  # who answers in place of the channel's desk, and how often
    "late parcel": ("Delivery desk", 0.5),
    "damaged parcel": ("Claims", 0.6),
    "invoice": ("Billing", 0.5),
}

# Minutes until somebody would answer: exponential, the mean by channel. Minutes that a customer would wait: Weibull, the scale
# by channel. The two are independent; whoever would wait for less than the answer takes gives up.
ANSWER_MEAN = {"App": 2.5, "Web": 3.0, "Phone": 6.0, "Shop": 4.0}
PATIENCE_SHAPE = 1.3
PATIENCE_SCALE = {"App": 16.0, "Web": 16.0, "Phone": 24.0, "Shop": 32.0}


def waited_for(rng: Generator, contacts: pd.DataFrame) -> pd.DataFrame:
    """Add `touchpoint`, `team`, `waited` and `abandoned` at the end of the contacts.

    The reason says the touchpoint; the channel says the team, unless a specialist takes the case, by chance at each contact.
    Nobody gives up who was helped: those who do are among the unresolved, so many that of all contacts of a channel waits
    and patience have their laws and are independent of one another. A contact that was given up is taken up later, and
    `minutes` is the work on it.
    """
    reason, channel = contacts["reason"].to_numpy(object), contacts["channel"].to_numpy(object)
    helped = (contacts["resolved"] == "yes").to_numpy(bool)
    special = np.array([SPECIALISTS.get(each, ("", 0.0))[1] for each in reason])
    takes = rng.random(len(contacts)) < special
    team = [SPECIALISTS[why][0] if taken else DESKS[by] for why, by, taken in zip(reason, channel, takes, strict=True)]
    wanted = np.zeros(len(contacts), dtype=bool)
    for name, chance in abandoned_share().items():
        open_ = np.flatnonzero((channel == name) & ~helped)
        if len(open_):
            among = (channel == name).sum() / len(open_)
            wanted[open_] = rng.random(len(open_)) < min(chance * among, 1)
    answered, patience = _drawn(rng, channel, wanted)
    return contacts.assign(
        touchpoint=[company.TOUCHPOINTS[ABOUT[each]] for each in reason],
        team=team,
        waited=np.round(np.minimum(answered, patience), 1),
        abandoned=np.where(wanted, "yes", "no").astype(object),
    )


def abandoned_share() -> dict[str, float]:
    """Return the share of the contacts of each channel whose customer gives up: patience below the time to an answer."""
    point, weight = np.polynomial.legendre.leggauss(400)
    level = (point + 1) / 2  # of the distribution of patience
    shares = {}
    for channel, mean in ANSWER_MEAN.items():
        patience = PATIENCE_SCALE[channel] * (-np.log1p(-level)) ** (1 / PATIENCE_SHAPE)
        shares[channel] = float(np.exp(-patience / mean) @ weight / 2)
    return shares


def _drawn(rng: Generator, channel: NDArray, gives_up: NDArray) -> tuple[NDArray, NDArray]:
    """Draw the time to an answer and the patience of each contact, given whether the customer gives up."""
    answered, patience = np.zeros(len(channel)), np.zeros(len(channel))
    mean = np.array([ANSWER_MEAN[each] for each in channel])
    scale = np.array([PATIENCE_SCALE[each] for each in channel])
    left = np.arange(len(channel))
    while len(left):
        answered[left] = mean[left] * rng.exponential(1, len(left))
        patience[left] = scale[left] * rng.weibull(PATIENCE_SHAPE, len(left))
        left = left[(patience[left] < answered[left]) != gives_up[left]]
    return answered, patience
