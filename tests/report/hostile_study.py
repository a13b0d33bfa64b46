"""A study in which every name, label and text that somebody else may choose is one of the hostile texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from report.hostile import CELLS, NAMES

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
FOLDER = "$(touch owned) 'a\" ={x}"
SURVEY = "=-rf '\"\u202e <img src=x onerror=alert(1)>\nsurvey.csv"
TOUCHPOINTS = 14
DECLARED = tuple(name for name in NAMES if name == name.strip())  # as a study file takes them
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")


def pick(role: int, number: int, shift: int = 0, *, slots: int = 1) -> str:
    """Return the hostile name of one of `slots` in a role; another shift gives others."""
    return DECLARED[(number + shift * slots + role * 17) % len(DECLARED)]


def write(folder: Path, shift: int = 0, *, respondents: int = 1000, **sections: Mapping[str, Any]) -> Path:
    """Write the study below `folder` and return its study file; `sections` add to what it says."""
    place = folder / FOLDER
    place.mkdir(parents=True)
    read = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in SAMPLE.glob("*.csv")}
    responses = read["responses"].head(respondents)
    number = pd.Series(range(len(responses)), index=responses.index)
    known = list(dict.fromkeys(read["touchpoints"]["touchpoint"]))
    touchpoints = [pick(0, i, shift, slots=TOUCHPOINTS) for i in range(TOUCHPOINTS)]
    items = {item: _item(i + 22 * shift) for i, item in enumerate(read["items"]["item"])}
    dimensions = {name: pick(2, i, shift, slots=5) for i, name in enumerate(DIMENSIONS)}
    waves = {name: pick(3, i, shift, slots=4) for i, name in enumerate(sorted(set(responses["wave"])))}

    def twins(frame: pd.DataFrame) -> pd.DataFrame:
        """Give every touchpoint a second name, and rows of both."""
        places = frame["touchpoint"].map(known.index)
        half = [frame.assign(touchpoint=(places + len(known) * again).map(lambda i: touchpoints[i])) for again in (0, 1)]
        return pd.concat(half, ignore_index=True)

    survey = responses.assign(
        touchpoint=number.map(lambda i: touchpoints[i % TOUCHPOINTS]),
        wave=responses["wave"].map(waves),
        region=number.map(lambda i: NAMES[i % len(NAMES)]),
        segment=number.map(lambda i: pick(5, i % 20, shift, slots=20)),
        channel=number.map(lambda i: pick(6, i % 20, shift, slots=20)),
        respondent_id=[f"{pick(7, i)[:60]} {i}" for i in number],
        plan=responses["plan"].map({"Basic": pick(25, 0, shift, slots=2), "Plus": pick(25, 1, shift, slots=2)}),
        comment=number.map(lambda i: CELLS[i % len(CELLS)].replace("\0", "")),  # a NUL stops the reading of any file,
    )
    survey.columns = [_column(name, items, dimensions) for name in survey]
    customers = read["customers"][read["customers"]["customer_id"].isin(responses["customer_id"])]
    mine = set(customers["customer_id"])
    events = read["events"][read["events"]["customer_id"].isin(mine)]
    rows = pd.Series(range(len(events)), index=events.index)
    contacts = read["contacts"][read["contacts"]["customer_id"].isin(mine)]
    channels = {name: pick(26, i, shift, slots=4) for i, name in enumerate(read["channels"]["channel"])}
    features = list(dict.fromkeys(read["kano"]["feature"]))
    metric = pick(8, 0, shift, slots=1)
    unit = pick(9, 0, shift, slots=1)[:40]
    standards = read["standards"].assign(
        metric=[metric if m == "delivery time" else f"{pick(10, i)} {m}" for i, m in enumerate(read["standards"]["metric"])]
    )
    tables = {
        "items": read["items"].assign(
            dimension=read["items"]["dimension"].map(dimensions),
            label=[pick(11, i, shift, slots=22) for i in range(22)],
            wording=[pick(12, i, shift, slots=22) for i in range(22)],
            item=read["items"]["item"].map(items),
        ),
        "touchpoints": twins(read["touchpoints"]).assign(
            stage=[pick(13, i, shift) for i in range(TOUCHPOINTS)],
            channels="; ".join(channels.values()),
            owner=pick(16, 0, shift),
            department=[pick(14, i % 4, shift) for i in range(TOUCHPOINTS)],
        ),
        "managers": twins(read["managers"]).assign(item=lambda f: f["item"].map(items), department=pick(14, 0, shift)),
        "employees": twins(read["employees"]).assign(item=lambda f: f["item"].map(items), department=pick(15, 0, shift)),
        "standards": twins(standards).assign(owner=pick(16, 0, shift)),
        "events": events.assign(
            region=rows.map(lambda i: NAMES[i % len(NAMES)]), cause=rows.map(lambda i: pick(17, i % 9, shift, slots=9))
        ),
        "contacts": contacts.assign(
            reason=pick(18, 0, shift),
            touchpoint=touchpoints[0],
            channel=contacts["channel"].map(channels),
            team=contacts["team"].map(
                {name: pick(28, i, shift, slots=7) for i, name in enumerate(sorted(set(contacts["team"])))}
            ),
        ),
        "customers": customers.assign(segment=pick(5, 0, shift, slots=20), region=NAMES[0]),
        "causes": pd.DataFrame(
            {
                "cause": [pick(17, i, shift, slots=9) for i in range(9)],
                "control": ["controllable", "uncontrollable", "shared", "unknown", "controllable"] + ["shared"] * 4,
                "owner": pick(16, 0, shift),
                "reviewed": "2026-01-15",
            }
        ),
        "channels": read["channels"].assign(channel=read["channels"]["channel"].map(channels)),
        "kano": read["kano"].assign(
            feature=read["kano"]["feature"].map({name: pick(27, i, shift, slots=6) for i, name in enumerate(features)}),
            segment=pick(5, 0, shift, slots=20),
        ),
    }
    outcome, link = pick(19, 0, shift), pick(20, 0, shift)
    survey = survey.rename(columns={"satisfaction": outcome})
    own = {
        "study": {
            "title": pick(21, 0, shift),
            "mission": pick(22, 0, shift),
            "expectation_type": "should",
            "touchpoints": touchpoints,
            "waves": list(waves.values()),
            "min_n": 5,
            "max_rejected": 1,
            "zone": "Europe/Berlin",
            "confirmatory": ["dimension"],
        },
        "scale": {"low": 1, "high": 7, "step": 1},
        "design": {"weight": "weight"},
        "responses": {
            "file": SURVEY,
            "layout": "wide",
            "expectation": "e{item}",
            "perception": "p{item}",
            "adequate": "a{item}",
            "importance": "importance_{dimension}",
            "missing": {"99": pick(23, 0, shift)},
        },
        f"outcomes.{json.dumps(outcome)}": {"kind": "satisfaction", "low": 1, "high": 7},
        "outcomes.recommend": {"kind": "recommend", "low": 0, "high": 10, "of": "journey"},
        "outcomes.effort": {"kind": "effort", "low": 1, "high": 7, "better": "low"},
        "outcomes.emotion": {"kind": "emotion", "low": 1, "high": 7},
        "factors": {"controllable": ["plan", "promise_seen"], "uncontrollable": ["segment", "region"]},
        "codebook": {"file": "items.csv"},
        "tables": {
            name: ({"file": f"{name}.csv", "calendar": pick(24, 0, shift)} if name == "events" else {"file": f"{name}.csv"})
            for name in tables
            if name != "items"
        },
        f"calendars.{json.dumps(pick(24, 0, shift))}": {"zone": "Europe/Berlin"},
        f"metrics.{json.dumps(metric)}": {
            "touchpoint": touchpoints[known.index("Receive the parcel")],
            "unit": "days",
            "direction": "lower",
            "expected": "expected_days",
            "perceived": "perceived_days",
            "believed": "believed_days",
            "delivered": ["ordered_at", "delivered_at"],
            "promised": ["ordered_at", "promised_first"],
        },
        f"metrics.{json.dumps(metric + ' 2')}": {
            "touchpoint": touchpoints[0],
            "unit": unit,
            "direction": "higher",
            "table": "contacts",
            "delivered": "minutes",
        },
        f"links.{json.dumps(link)}": {"to": "customers", "key": "customer_id", "columns": ["value"]},
    }
    own = {name: {**section, **sections.get(name, {})} for name, section in own.items()}
    (place / "study.toml").write_text(_toml(own), encoding="utf-8")
    survey.to_csv(place / SURVEY, index=False)
    for name, table in tables.items():
        table.to_csv(place / f"{name}.csv", index=False)
    return place / "study.toml"


def _item(number: int) -> str:
    """Return a name for an item; columns whose names differ in case alone are refused, so there is one of those."""
    names = [name for name in DECLARED if name != "CAF\u00c9"]
    return names[(number + 17) % len(names)]


def _column(name: str, items: Mapping[str, str], dimensions: Mapping[str, str]) -> str:
    if name[:1] in "epa" and name[1:] in items:
        return name[0] + items[name[1:]]
    kind, _, dimension = name.partition("importance_")
    return f"importance_{dimensions[dimension]}" if not kind and dimension else name


def _toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    lines = []
    for name, section in sections.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {_value(value)}" for key, value in section.items())]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
