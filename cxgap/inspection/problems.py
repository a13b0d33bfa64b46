"""What would go wrong in reading, found by reading: a trial with what is proposed, and provisional answers to what is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from cxgap.errors import CxgapError
from cxgap.inspection.profile import Profile
from cxgap.inspection.proposed import Proposal, ScaleProposal
from cxgap.inspection.study_file import Found, study_file
from cxgap.inspection.toml import ASK, value_of
from cxgap.tables.issues import CHECKS

MOST_CELLS: Final = 6_000_000  # of files that are read on trial; of larger ones only what their columns show is said
COLUMNS: Final = ("severity", "table", "column", "row", "value", "rows", "what", "fix")
_ASKED: Final = re.compile(rf"=\s*{re.escape(value_of(ASK))}")
SAID: Final = {"rejected": "sets aside", "warning": "warns", "note": "says"}


def problems(found: Sequence[Found], folder: Path) -> pd.DataFrame:
    """List what would stop the reading, set rows aside or be warned of, the worst first: COLUMNS, one row a problem."""
    cells = sum(one.profile.rows * len(one.profile.columns) for one in found)
    rows = _on_trial(found, folder) if cells <= MOST_CELLS else [row for one in found for row in _in_columns(one)]
    asked = [_row("stops", one.proposal.table, what=text) for one in found for text in one.profile.uncertain]
    order = ["stops", *SAID.values()]
    frame = pd.DataFrame([*asked, *rows], columns=list(COLUMNS))
    return frame.sort_values("severity", key=lambda said: said.map(order.index), kind="stable", ignore_index=True)


def _on_trial(found: Sequence[Found], folder: Path) -> list[dict[str, object]]:
    from cxgap.tables.read import read_study

    text = study_file([Found(one.profile, provisional(one.proposal)) for one in found], folder)
    text = _settled(text)
    if _ASKED.search(text):
        return [
            _row("says", "", what="the file was not read on trial, because too little is known of it; answer what is asked")
        ]
    text = text.replace("[study]\n", "[study]\nmax_rejected = 1\n", 1)
    with TemporaryDirectory() as place:
        for one in found:  # found from the study file, as always: a database is named by its address
            source = one.profile.path.resolve()
            if source.is_file():
                text = text.replace(value_of(_named(source, folder)), value_of(str(source)))
        path = Path(place) / "study.toml"
        path.write_text(text, encoding="utf-8")
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


def _named(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(path)


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
        rows += [
            _row(
                "sets aside", proposal.table, rows=profile.misfits, row=unread.row, value=unread.value, **_worded(unread.reason)
            )
            for unread in profile.unread[:1]
        ]
    rated = {getattr(pair, rating) for pair in proposal.pairs for rating in ("expectation", "perception", "adequate")}
    for column in profile.columns:
        if column.name in rated - {""}:
            rows += _off(column.values, column.first, column.name, proposal, profile)
    return rows


def _off(values: object, first: object, name: str, proposal: Proposal, profile: Profile) -> list[dict[str, object]]:
    """Find the values of a rating column that are no answer on the scale."""
    found: dict[str, tuple[int, int, str]] = {}
    scale = proposal.scale
    for text, count in dict(values).items():  # type: ignore[call-overload]
        plain = text.replace(",", ".") if profile.source.decimal == "," else text
        if text in proposal.missing or text in scale.labels or not text:
            continue
        try:
            number = float(plain)
            reason = "" if scale.low is None or scale.high is None or scale.low <= number <= scale.high else "out_of_scale"
        except ValueError:
            reason = "not_a_number"
        if reason:
            rows, row, value = found.get(reason, (0, dict(first).get(text), text))  # type: ignore[call-overload]
            found[reason] = (rows + count, row, value)
    return [
        _row("sets aside", proposal.table, column=name, rows=rows, row=row, value=value, **_worded(reason))
        for reason, (rows, row, value) in found.items()
    ]


def _worded(check: str) -> dict[str, str]:
    what, fix = CHECKS[check]
    return {"what": what, "fix": fix}


def _row(severity: str, table: str, **known: object) -> dict[str, object]:
    return {
        "severity": severity,
        "table": table,
        "column": "",
        "row": None,
        "value": "",
        "rows": 1,
        "what": "",
        "fix": "",
        **known,
    }
