"""What tools/truth.py drew: [mean, standard error] of 50 studies of 40,000 respondents each."""

from __future__ import annotations

from typing import Any, Final

DRAWS: Final = 50
RESPONDENTS: Final = 40000
DRAWN: Final[dict[str, dict[str, Any]]] = {
    "attentive": {
        "burden": {
            "Choose a service": {"shortfall": [0.475716, 0.000965], "prevalence": [0.489075, 0.000708]},
            "Order and pay": {"shortfall": [0.415172, 0.000815], "prevalence": [0.478102, 0.000552]},
            "Follow the parcel": {"shortfall": [0.744892, 0.001367], "prevalence": [0.622249, 0.000634]},
            "Receive the parcel": {"shortfall": [0.933424, 0.001366], "prevalence": [0.678652, 0.000483]},
            "Get help": {"shortfall": [0.652686, 0.003025], "prevalence": [0.505697, 0.001489]},
            "Return a parcel": {"shortfall": [0.323472, 0.001603], "prevalence": [0.341244, 0.00101]},
            "Claim damage": {"shortfall": [1.132881, 0.012869], "prevalence": [0.76595, 0.004755]},
        },
        "drivers": {
            "slope": {
                "tangibles": [0.106375, 0.000543],
                "reliability": [0.297745, 0.000679],
                "responsiveness": [0.218438, 0.000636],
                "assurance": [0.183633, 0.000818],
                "empathy": [0.150164, 0.000818],
            },
            "lmg": {
                "tangibles": [0.123805, 0.000122],
                "reliability": [0.181255, 0.000163],
                "responsiveness": [0.169157, 0.000132],
                "assurance": [0.149292, 0.000131],
                "empathy": [0.144799, 0.000134],
            },
            "explained": {"r2": [0.768308, 0.00025]},
        },
        "factors": {
            "controllable": [0.101999, 0.000339],
            "uncontrollable": [0.057656, 0.000293],
            "unexplained": [0.840345, 0.0004],
        },
        "components": {
            "customer": [0.205942, 0.000468],
            "touchpoint": [0.140808, 0.000316],
            "dimension": [0.052291, 9e-05],
            "answer": [0.399319, 0.000159],
            "total": [0.798361, 0.000465],
        },
    },
    "surveyed": {
        "burden": {
            "Choose a service": {"shortfall": [0.466842, 0.000944], "prevalence": [0.483086, 0.000718]},
            "Order and pay": {"shortfall": [0.407915, 0.000784], "prevalence": [0.472444, 0.000556]},
            "Follow the parcel": {"shortfall": [0.729329, 0.001324], "prevalence": [0.612935, 0.000614]},
            "Receive the parcel": {"shortfall": [0.913021, 0.001359], "prevalence": [0.667883, 0.00049]},
            "Get help": {"shortfall": [0.639769, 0.002986], "prevalence": [0.499317, 0.00147]},
            "Return a parcel": {"shortfall": [0.318564, 0.001617], "prevalence": [0.338932, 0.001038]},
            "Claim damage": {"shortfall": [1.105768, 0.012828], "prevalence": [0.753311, 0.004913]},
        },
        "drivers": {
            "slope": {
                "tangibles": [0.106511, 0.000505],
                "reliability": [0.297681, 0.000703],
                "responsiveness": [0.218468, 0.000658],
                "assurance": [0.183622, 0.000786],
                "empathy": [0.150261, 0.000759],
            },
            "lmg": {
                "tangibles": [0.12503, 0.000113],
                "reliability": [0.181373, 0.000167],
                "responsiveness": [0.169211, 0.000131],
                "assurance": [0.14986, 0.000132],
                "empathy": [0.145645, 0.000126],
            },
            "explained": {"r2": [0.771118, 0.000239]},
        },
        "factors": {
            "controllable": [0.084381, 0.000348],
            "uncontrollable": [0.047471, 0.000274],
            "unexplained": [0.868148, 0.000382],
        },
    },
}
