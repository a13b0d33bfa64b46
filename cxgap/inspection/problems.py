"""What would go wrong in reading, found by reading: a trial with what is proposed, and provisional answers to what is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pandas as pd

from cxgap.errors import CxgapError
from cxgap.inspection.column import Column
from cxgap.inspection.proposed import Proposal, ScaleProposal
from cxgap.inspection.study_file import Found, study_file
from cxgap.inspection.toml import ASK, value_of
from cxgap.tables.issues import CHECKS
from cxgap.tables.schema import off_scale, read_numbers

MOST_CELLS: Final = 6_000_000  # of files that are read on trial; of larger ones only what their columns show is said
COLUMNS: Final = ("severity", "table", "column", "row", "value", "rows", "what", "fix")
_ASKED: Final = re.compile(rf"=\s*{re.escape(value_of(ASK))}")
SAID: Final = {"rejected": "sets aside", "warning": "warns", "note": "says"}


def problems(found: Sequence[Found]) -> pd.DataFrame:
    """List what would stop the reading, set rows aside or be warned of, the worst first: COLUMNS, one row a problem."""
    cells = sum(one.profile.rows * len(one.profile.columns) for one in found)
    rows = _on_trial(found) if cells <= MOST_CELLS else [row for one in found for row in _in_columns(one)]
    asked = [_row("stops", one.proposal.table, what=text) for one in found for text in one.profile.uncertain]
    order = ["stops", *SAID.values()]
    frame = pd.DataFrame([*asked, *rows], columns=list(COLUMNS))
    return frame.sort_values("severity", key=lambda said: said.map(order.index), kind="stable", ignore_index=True)


def _on_trial(found: Sequence[Found]) -> list[dict[str, object]]:
    from cxgap.tables.read import read_study

    likely = [Found(one.profile, provisional(one.proposal)) for one in found]
    with TemporaryDirectory() as place:
        text = _settled(study_file(likely, Path(place)))
        if _ASKED.search(text):
            unread = "the file was not read on trial, because too little is known of it; answer what is asked"
            return [_row("says", "", what=unread)]
        path = Path(place) / "study.toml"
        path.write_text(text.replace("[study]\n", "[study]\nmax_rejected = 1\n", 1), encoding="utf-8")
        try:
            study = read_study(path)
        except CxgapError as error:
            return [_row("stops", "", what=_short(line, found)) for line in str(error).splitlines()]
    return [
        _row(
            SAID[str(issue["severity"])],
            str(issue["table"]),
            **{name: issue[name] for name in ("column", "row", "value", "rows", "what", "fix")},
        )
        for issue in study.issues
    ]


def _settled(text: str) -> str:
    """Leave out the judgements and measures beside the ratings of which something must be asked."""
    parts = re.split(r"(?m)^(?=\[)", text)
    return "".join(part for part in parts if not (part.startswith(("[outcomes.", "[metrics.")) and _ASKED.search(part)))


def _short(line: str, found: Sequence[Found]) -> str:
    """Name files as a person who stands beside them does."""
    for one in found:
        line = line.replace(str(one.profile.path.resolve()), one.profile.path.name)
    return line


def provisional(proposal: Proposal) -> Proposal:
    """Answer what is asked by what is likeliest, for a trial and nothing else."""
    scale = proposal.scale
    whole = [outcome for outcome in proposal.outcomes if None not in (outcome.low, outcome.high)]
    return proposal._replace(
        expectation_kind=proposal.expectation_kind or "should",
        patterns=proposal.patterns or proposal.candidates,
        candidates={},
        scale=ScaleProposal(scale.low, scale.high, scale.step, scale.labels),
        pairs=[
            pair._replace(question="") for pair in proposal.pairs if (pair.expectation and pair.perception) or not pair.question
        ],
        outcomes=[outcome._replace(question="", better=outcome.better or _better(outcome.kind)) for outcome in whole],
        metrics=[metric for metric in proposal.metrics if metric.unit and metric.direction],
    )


def _better(kind: str) -> str:
    return "high" if kind == "effort" else ""


def _in_columns(one: Found) -> list[dict[str, object]]:
    """Say what the columns of a file show that is too large for a trial."""
    profile, proposal = one
    rows = []
    if profile.misfits:
        first = profile.unread[0]
        about = {"rows": profile.misfits, "row": first.row, "value": first.value}
        rows.append(_row("sets aside", proposal.table, **about, **_worded(first.reason)))
    rated = {getattr(pair, rating) for pair in proposal.pairs for rating in ("expectation", "perception", "adequate")}
    for column in profile.columns:
        if column.name in rated - {""}:
            rows += _off(column, proposal, profile.source.decimal)
    return rows


def _off(column: Column, proposal: Proposal, decimal: str) -> list[dict[str, object]]:
    """Find the values of a rating column that are no answer on the scale; each counts as often as it stands there."""
    words, scale = pd.Series(list(column.values), dtype=object), proposal.scale
    values, reasons = read_numbers(words, decimal=decimal, missing=proposal.missing, labels=scale.labels)
    reasons = np.where(reasons == "unknown_label", "not_a_number", reasons)
    if scale.low is not None and scale.high is not None:
        reasons = np.where(reasons.astype(bool), reasons, off_scale(values, scale.low, scale.high, scale.step))
    rows = []
    for reason in dict.fromkeys(filter(None, reasons)):
        found = words[reasons == reason]
        about = {"rows": sum(column.values[word] for word in found), "row": column.first.get(found.iloc[0])}
        rows.append(
            _row("sets aside", proposal.table, column=column.name, value=found.iloc[0], **about, **_worded(str(reason)))
        )
    return rows


def _worded(check: str) -> dict[str, str]:
    what, fix = CHECKS[check]
    return {"what": what, "fix": fix}


def _row(severity: str, table: str, **known: object) -> dict[str, object]:
    usual = {"column": "", "row": None, "value": "", "rows": 1, "what": "", "fix": ""}
    return {"severity": severity, "table": table, **usual, **known}
