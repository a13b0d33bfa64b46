"""G5: Cronbach's alpha of 20 batteries with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near
from benchmarks.suite.data import survey
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

REPLICATES = 2000
SOME = 20  # replicates of each battery that the peer does
BY = ("touchpoint", "dimension")
SURVEY = 1_000_000


def ours(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Alpha, omega, loadings and more, of expectations, perceptions and gaps: 60 batteries."""
    import cxgap as cx

    found = cx.reliability(data, by=list(BY), replicates=REPLICATES).frame
    found = found[found["battery"] == "perception"]
    return found.set_index([found[name].astype(str) for name in BY])[["n", "alpha", "alpha_low", "alpha_high"]].astype(float)


def batteries(data: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Return the complete answers of each battery, one column an item."""
    return [
        (key, rows.pivot(index="respondent_id", columns="item", values="perception").dropna())  # noqa: PD010
        for key, rows in data.astype({"item": str}).groupby(list(BY), observed=True)
    ]


def by_pingouin(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Take pingouin's alpha of the sample, and of 2,000 samples drawn again."""
    import pandas as pd
    import pingouin

    random, rows = np.random.default_rng(0), {}
    found = batteries(data)
    for key, table in found:
        drawn = []
        for _ in loop.some(range(REPLICATES), SOME, of="replicates of a battery"):
            sample = table.iloc[random.integers(0, len(table), len(table))]
            drawn.append(pingouin.cronbach_alpha(data=sample)[0])
        alpha = pingouin.cronbach_alpha(data=table)[0]
        rows[key] = (len(table), alpha, *np.quantile(drawn, [0.025, 0.975]))
    loop.said[:] = sorted(set(loop.said))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["n", "alpha", "alpha_low", "alpha_high"])


def by_numpy(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """What a good programmer writes: draw rows of an array, and take variances."""
    import pandas as pd

    random, rows = np.random.default_rng(0), {}
    for key, table in batteries(data):
        answers = table.to_numpy(float)
        drawn = []
        for _ in loop.some(range(REPLICATES), 10 * SOME, of="replicates of a battery"):
            drawn.append(alpha_of(answers[random.integers(0, len(answers), len(answers))]))
        rows[key] = (len(answers), alpha_of(answers), *np.quantile(drawn, [0.025, 0.975]))
    loop.said[:] = sorted(set(loop.said))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["n", "alpha", "alpha_low", "alpha_high"])


def check(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """Alpha to 1e-10; few replicates have ends that are only roughly alike."""
    own = found.loc[list(peer.index)]
    near(own["n"], peer["n"], "n", rel=0.0)
    near(own["alpha"], peer["alpha"], "alpha")
    near(own["alpha_high"] - own["alpha_low"], peer["alpha_high"] - peer["alpha_low"], "width of the interval", rel=1.0)


def alpha_of(answers: np.ndarray) -> float:
    """Return alpha of complete answers, shape (respondents, items)."""
    items = answers.shape[1]
    return items / (items - 1) * (1 - answers.var(axis=0, ddof=1).sum() / answers.sum(axis=1).var(ddof=1))


_PINGOUIN = Side(f"pingouin loop, B={REPLICATES}", by_pingouin, ("pingouin",))
CASES = (
    Case(
        "G5",
        f"alpha of 20 batteries (4 touchpoints x 5 dimensions) with intervals, B={REPLICATES}",
        survey,
        (Side("cxgap", ours), _PINGOUIN, Side(f"savvy numpy, B={REPLICATES}", by_numpy)),
        check,
        (100_000, SURVEY),
        tiny=10_000,
        goals=(Goal(SURVEY, _PINGOUIN.name, 200),),
        setup=(
            "cxgap's side is `reliability`, which does three batteries for the peers' one, and omega with its bootstrap; "
            "its interval of alpha is Feldt's where every respondent comes once, as here."
        ),
    ),
)
