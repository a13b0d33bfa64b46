"""The survey: text becomes answers, each used, incomplete or rejected, and none is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ColumnError, StudyError
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.codebook import rating_columns
from cxgap.tables.formats import read_file
from cxgap.tables.header import require_columns, settle_header
from cxgap.tables.issues import Issues
from cxgap.tables.restrict import Scope
from cxgap.tables.schema import off_scale, read_numbers, read_times
from cxgap.tables.spec import Item, StudyFile

RATINGS = ("expectation", "perception")
WRONG_COLUMN = 0.2  # more of a column's answers refused than this, and it is the column that is wrong
ENOUGH = 10  # answers in a column before its share of refusals is judged
REJECTS = ["table", "row", "column", "value", "reason", "answers"]


class Responses(NamedTuple):
    """What became of the survey file.

    Attributes
    ----------
    answers : one row an answer that is used or incomplete; ratings are floats, NaN where not given
    rejects : one row a refusal: table, row in the file (header is 1), column, value, reason, answers it cost
    read, left_out, used, incomplete, rejected : counts of answers
    file : name, rows and hash of the file
    """

    answers: pd.DataFrame
    rejects: pd.DataFrame
    read: int
    left_out: int
    used: int
    incomplete: int
    rejected: int
    file: dict[str, object]


def read_responses(spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues) -> Responses:
    """Read, melt, restrict and check the survey; see docs/columns.md for its columns.

    Raises
    ------
    StudyError, ColumnError : the file as a whole cannot be used.
    ArgumentError : `where` or `as_of` asks for what the file does not have.
    """
    source = spec.responses
    raw = read_file(folder / source.file, source, RESPONSES.required)
    known = [*RESPONSES.required, "touchpoint", "wave", "at", *filter(None, spec.design.model_dump().values())]
    frame = settle_header(raw.frame, source, table="responses", known=known, issues=issues)
    require_columns(frame, [*RESPONSES.required, *filter(None, spec.design.model_dump().values())], table="responses")
    wide = source.layout == "wide"
    asked = rating_columns(spec, items, list(frame)) if wide else None
    each = len(asked) if wide else 1

    rejects = [{"table": "responses", "column": "", "answers": each, **row} for row in raw.rejected]
    read = (len(frame) + len(rejects)) * each
    frame, refused = scope.restrict(frame, RESPONSES, "responses", issues)
    left_out = read - (len(frame) + len(rejects) + len(refused)) * each
    rejects += [{**row, "answers": each} for row in refused]

    answers = _melt(frame, asked) if wide else _long(frame, spec)
    answers = _place(answers, spec, items)
    unkeyed = _check_keys(answers, spec, items)
    answers, more = _set_aside(answers, unkeyed)
    answers, repeated = _set_aside(answers, _check_repeats(answers))
    answers, refusals = _read_ratings(answers, spec, items)
    rejects += more + repeated + refusals

    paired = answers[list(RATINGS)].notna().all(axis=1)
    rejected = sum(row["answers"] for row in rejects)
    counts = {"used": int(paired.sum()), "incomplete": int((~paired).sum()), "rejected": int(rejected)}
    table = pd.DataFrame(rejects, columns=REJECTS).sort_values(["row", "column"], kind="stable").reset_index(drop=True)
    _judge_rejects(table, read - left_out, counts, spec, issues)
    answers = _finish(answers, spec, items)
    rows = len(raw.frame) + len(raw.rejected)
    file = {"table": "responses", "file": Path(source.file).name, "rows": rows, "sha256": raw.sha256}
    return Responses(answers, table, read, left_out, **counts, file=file)


def _melt(frame: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Turn one row a respondent and touchpoint into one row an answer; `*_column` says where each stood."""
    ratings = [name for name in (*RATINGS, "importance") if asked[name].notna().any()]
    named = asked[ratings].to_numpy().ravel()
    for name in named:
        if name not in frame:
            spare = [str(column) for column in frame if column not in set(named)]
            raise ColumnError.missing(name, "responses", spare)
    base = frame.drop(columns=[*dict.fromkeys(named)])
    answers = base.loc[base.index.repeat(len(asked))].reset_index()
    answers["item"] = np.tile(asked["item"].to_numpy(object), len(base))
    for rating in ratings:
        answers[rating] = frame[list(asked[rating])].to_numpy(object).ravel()
        answers[f"{rating}_column"] = np.tile(asked[rating].to_numpy(object), len(base))
    return answers


def _long(frame: pd.DataFrame, spec: StudyFile) -> pd.DataFrame:
    source = spec.responses
    names = {source.expectation: "expectation", source.perception: "perception"}
    if source.importance:
        names[source.importance] = "importance"
    require_columns(frame, list(names), table="responses")
    answers = frame.rename(columns=names).reset_index()
    for column, rating in names.items():
        answers[f"{rating}_column"] = column
    return answers


def _place(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Give each answer its touchpoint and dimension, from the file, the codebook or the study file."""
    if "item" in answers:
        for name in ("touchpoint", "dimension"):
            known = {item: getattr(entry, name) for item, entry in items.items() if getattr(entry, name)}
            if known and name not in answers:
                answers[name] = answers["item"].map(known)
    if "touchpoint" not in answers:
        if spec.responses.touchpoint is None:
            raise StudyError(
                "the touchpoint of every answer must be known: a column `touchpoint`, one for each item in the codebook, or "
                'touchpoint = "..." under [responses] where the whole survey is about one; none is given.'
            )
        answers["touchpoint"] = spec.responses.touchpoint
    return answers


def _check_keys(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Find answers whose keys are blank or unknown: one row each, with column and reason."""
    checks = [("respondent_id", (), ""), ("touchpoint", spec.study.touchpoints, "unknown_touchpoint")]
    if "item" in answers:
        checks.append(("item", tuple(items), "unknown_item"))
    if "wave" in answers:
        checks.append(("wave", spec.study.waves, "unknown_wave"))
    found = []
    for name, levels, reason in checks:
        text = answers[name].astype(object).where(answers[name].notna(), "").map(str.strip)
        answers[name] = text
        blank = text == ""
        found.append(_refusal(answers, blank, name, "empty_key"))
        if levels:
            found.append(_refusal(answers, ~blank & ~text.isin(levels), name, reason))
    return pd.concat(found)


def _check_repeats(answers: pd.DataFrame) -> pd.DataFrame:
    """Find answers given twice: identical ones after the first, and all of those that contradict each other."""
    keys = [name for name in ("respondent_id", "touchpoint", "wave", "item") if name in answers]
    again = answers.duplicated(keys, keep=False)
    if not again.any():
        return _refusal(answers, again, "respondent_id", "duplicate")
    ratings = [name for name in (*RATINGS, "importance") if name in answers]
    same = answers.duplicated([*keys, *ratings], keep=False)
    alike = answers[again].groupby(keys)[ratings].transform("nunique", dropna=False).max(axis=1) == 1
    conflicting = again & ~alike.reindex(answers.index, fill_value=True)
    identical = same & ~conflicting & answers.duplicated(keys, keep="first")
    return pd.concat(
        [
            _refusal(answers, identical, "respondent_id", "duplicate"),
            _refusal(answers, conflicting, "respondent_id", "conflicting_duplicate"),
        ]
    )


def _refusal(answers: pd.DataFrame, which: pd.Series, column: str, reason: str) -> pd.DataFrame:
    chosen = answers.loc[which, ["row"]].assign(column=column, value=answers.loc[which, column], reason=reason)
    return chosen.astype({"value": object})


def _set_aside(answers: pd.DataFrame, refused: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Take refused answers out; a row of the file that is refused whole is one entry that says how many it cost."""
    first = refused[~refused.index.duplicated()]
    grouped = first.groupby(["row", "column", "reason"], sort=False, as_index=False).agg(
        value=("value", "first"), answers=("value", "size")
    )
    return answers.drop(index=first.index), [{"table": "responses", **row} for row in grouped.to_dict("records")]


def _read_ratings(
    answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Turn ratings into numbers; an answer with one that cannot be true is refused, the respondent's others stay."""
    source, scale = spec.responses, spec.scale
    refusals, wrong = [], np.zeros(len(answers), bool)
    for rating in RATINGS:
        values, reasons = read_numbers(answers[rating], decimal=source.decimal, missing=source.missing)
        reasons = reasons.where(reasons.notna(), off_scale(values, scale.low, scale.high, scale.step))
        _refuse_columns(answers, rating, values, reasons, spec)
        bad = reasons.notna().to_numpy()
        found = answers.loc[bad, ["row", f"{rating}_column", rating]].set_axis(["row", "column", "value"], axis=1)
        found = found.assign(reason=reasons[bad], answers=np.where(wrong[bad], 0, 1), table="responses")
        refusals += found.to_dict("records")
        wrong |= bad
        answers[rating] = values
    if "importance" in answers:
        answers["importance"] = read_numbers(answers["importance"], decimal=source.decimal, missing=source.missing)[0]
    answers = answers[~wrong].drop(columns=[name for name in answers if name.endswith("_column")])
    turned = [name for name, item in items.items() if item.reversed]
    if turned:
        back = answers["item"].isin(turned)
        for rating in RATINGS:
            answers[rating] = answers[rating].where(~back, scale.low + scale.high - answers[rating])
    return answers, refusals


def _refuse_columns(answers: pd.DataFrame, rating: str, values: pd.Series, reasons: pd.Series, spec: StudyFile) -> None:
    """Raise where a fifth of a column is refused: then the column is misread, not the answers in it."""
    given = values.notna() | reasons.notna()
    shares = (
        pd.DataFrame({"column": answers[f"{rating}_column"], "given": given, "bad": reasons.notna()}).groupby("column").sum()
    )
    wrong = shares[(shares["given"] >= ENOUGH) & (shares["bad"] > WRONG_COLUMN * shares["given"])]
    if wrong.empty:
        return
    column = wrong.index[0]
    here = (answers[f"{rating}_column"] == column) & reasons.notna()
    first, why = answers.loc[here, rating].iloc[0], reasons[here].mode().iloc[0]
    cure = {
        "out_of_scale": f"the scale is declared as {spec.scale.low:g} to {spec.scale.high:g}; correct [scale], or declare the code in `missing`",
        "off_step": "set `step` under [scale] to the distance between answers",
        "not_a_number": 'set decimal = "," if it is a decimal comma, or export codes in place of labels',
        "not_finite": "export the column again",
    }[why]
    raise StudyError(
        f"{spec.responses.file}, row {answers.loc[here, 'row'].iloc[0]}, column {column}: {wrong['bad'].iloc[0]:.0f} of "
        f"{wrong['given'].iloc[0]:.0f} answers cannot be read, such as {str(first)!r}; {cure}."
    )


def _judge_rejects(rejects: pd.DataFrame, total: int, counts: dict[str, int], spec: StudyFile, issues: Issues) -> None:
    """Note what was refused; raise where too much was, or where nothing is left."""
    for (reason, column), rows in rejects.groupby(["reason", "column"], sort=True):
        first = rows.iloc[0]
        issues.add(
            reason,
            "rejected",
            table="responses",
            column=column,
            rows=len(rows),
            row=int(first["row"]),
            value=str(first["value"]),
        )
    share = counts["rejected"] / total if total else 0.0
    if share > spec.study.max_rejected:
        reasons = rejects.groupby("reason")["answers"].sum().sort_values(ascending=False)
        first = rejects[rejects["reason"] == reasons.index[0]].iloc[0]
        raise StudyError(
            f"{spec.responses.file}: {share:.1%} of the answers had to be rejected, and `max_rejected` is "
            f"{spec.study.max_rejected:.1%}; most often {reasons.index[0]} ({reasons.iloc[0]:,}), first in row {first['row']}, "
            f"column {first['column']}: {str(first['value'])!r}."
        )
    if not counts["used"]:
        raise StudyError(f"{spec.responses.file} must hold at least one answer with both ratings; it holds none.")


def _finish(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Give columns their types and orders, and check the weights."""
    answers = answers.drop(columns="row").reset_index(drop=True)
    if "item" in answers and items:
        answers["retained"] = answers["item"].map({name: item.retained for name, item in items.items()}).astype(bool)
    orders: dict[str, Sequence[str]] = {
        "touchpoint": spec.study.touchpoints,
        "wave": spec.study.waves,
        "item": tuple(items),
        "dimension": tuple(dict.fromkeys(item.dimension for item in items.values() if item.dimension)),
    }
    for name in answers.columns.difference([*RATINGS, "importance", "retained"]):
        text = answers[name].astype(object)
        text = text.where(text.notna() & (text != ""), None)
        if name == "at":
            answers[name] = read_times(text, spec.study.zone)[0]
        elif name in (spec.design.weight, spec.design.population):
            answers[name] = _read_weights(text, answers, name, spec)
        elif name in orders:
            order = orders[name] or tuple(sorted(text.dropna().unique()))
            answers[name] = pd.Categorical(text, categories=order, ordered=True)
        else:
            answers[name] = text.astype("str") if text.notna().all() else text
    first = [name for name in ("respondent_id", "touchpoint", "dimension", "item", *RATINGS) if name in answers]
    return answers[[*first, *(name for name in answers if name not in first)]]


def _read_weights(text: pd.Series, answers: pd.DataFrame, name: str, spec: StudyFile) -> pd.Series:
    """Read weights; one that cannot be a weight stops the reading, since leaving its row out would bias the design."""
    values, _ = read_numbers(text, decimal=spec.responses.decimal)
    bad = values.isna() | (values < 0)
    if bad.any():
        who = answers.loc[bad, "respondent_id"].unique()
        raise StudyError(
            f"{spec.responses.file}, column {name}: every respondent must have a number of 0 or more; {len(who)} have not, "
            f"such as {who[0]!r} with {str(text[bad].iloc[0])!r}."
        )
    varies = values.groupby(answers["respondent_id"]).nunique()
    if (varies > 1).any():
        raise StudyError(
            f"{spec.responses.file}, column {name}: a respondent must have one value; {varies.index[varies > 1][0]!r} has several."
        )
    if not values.any():
        raise StudyError(f"{spec.responses.file}, column {name}: the values must not all be zero.")
    return values
