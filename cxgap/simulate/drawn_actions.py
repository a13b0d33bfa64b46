"""What tools/truth.py drew: [mean, standard error] of 50 studies of 40,000 respondents each."""

from __future__ import annotations

from typing import Any, Final

DRAWS: Final = 50
RESPONDENTS: Final = 40000
DRAWN: Final[dict[str, dict[str, Any]]] = {
    "causal": {
        "attentive": {
            "risk": [0.207175, 0.000214],
            "effect": [0.066592, 0.000144],
            "association": [0.090452, 0.000199],
            "share": [0.736271, 0.00124],
        },
        "surveyed": {
            "risk": [0.207288, 0.000203],
            "effect": [0.06664, 0.00014],
            "association": [0.087505, 0.00019],
            "share": [0.761627, 0.001345],
        },
    },
    "outreach": {
        "listed": [0.128166, 0.00016],
        "held_out": [0.138494, 0.000209],
        "contacted": [0.089764, 0.000146],
        "risk_difference": [-0.04873, 6.5e-05],
        "at_risk_days": [65.633526, 0.053161],
    },
    "intervention": {
        "hours": [20.289695, 0.013636],
        "hours_without": [28.985278, 0.01948],
        "difference": [-8.695583, 0.005844],
    },
}
