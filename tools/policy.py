"""Write docs/policy.md, the one table of what becomes of a bad file, from the checks themselves and the errors named here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cxgap.tables.issues import NOTES, SET_ASIDE, WARNINGS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "policy.md"
HEAD = """# What becomes of a bad file

Made from the checks by `make docs`. Nothing is lost, nothing is guessed, nothing is hidden: what would make an answer wrong
stops the reading, what cannot be true is set aside with its row and reason, and what only changes how a number is read is
said where the number stands. Rows in = used + incomplete + rejected, always; `cxgap check study.toml --rejects FOLDER` writes
what was set aside. A row is counted as a spreadsheet counts it: the header is row 1.
"""

# What stops the reading: what it is, and what to do. The messages name the file, the row, the column, the value and the fix.
ERRORS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "The file": {
        "missing_file": (
            "there is no such file, or it is a folder",
            "correct `file`; it is found from the study file's folder",
        ),
        "study_expected": ("data were given where a study file belongs", "type `cxgap inspect FILE` for a study file"),
        "empty_file": ("it is empty, or blank", "export it again"),
        "no_rows": ("it has a header and nothing below it", "export it again"),
        "wrong_kind": ("its first bytes say that it is an archive, HTML, JSON, XML or a pickle", "export it as CSV in UTF-8"),
        "not_decodable": ("a byte is no character of the declared encoding", 'set `encoding`, such as "cp1252"'),
        "open_quote": (
            "a quote is never closed, or stands amid a field",
            "close it, or double a quote that belongs to the text",
        ),
    },
    "The header": {
        "blank_header": ("the row of the header is blank, and no row below is one", "set `header` to its row"),
        "title_above": ("titles stand above the header", "set `header` to the row that the message names"),
        "second_header": ("the first row of the body heads the columns once more", "delete it, or set `header` or `platform`"),
        "missing_column": ("columns are missing, or named otherwise; all are said, with the nearest", "set `rename`"),
        "name_twice": ("two columns have one name, or names that differ in spaces or case", "rename one of them"),
        "wide_body": ("every row has more fields than the header", "name the last column, or drop the last delimiter"),
    },
    "A column": {
        "labels": ("more than a fifth of its answers are words, and none is declared", "set `labels`, which the message lists"),
        "unknown_label": ("an answer in words is none of the declared ones", "correct it, or add it to `labels`"),
        "decimal_comma": ("more than a fifth of its numbers have the other decimal mark", "set `decimal`"),
        "other_scale": ("more than a fifth of its answers are off the scale", "correct [scale], or set [scale.waves.NAME]"),
        "other_step": ("more than a fifth of its answers lie between two answers of the scale", "set `step` under [scale]"),
        "unreadable": ("more than a fifth of its answers are no numbers", "export it again, or add a code to `missing`"),
        "damaged_ids": ("ids are numbers that a spreadsheet has rounded, such as 1.23E+17", "export the ids again, as text"),
        "other_dates": ("its dates are written otherwise than ISO 8601", "set `date_format`, which the message proposes"),
        "mixed_zones": ("some of its times have an offset and some have none", "write all of one kind"),
        "two_formats": (
            "one of its texts is read differently by two declared formats",
            "leave the wrong one out of `date_format`",
        ),
        "unit_in_cell": ("more than a fifth of its numbers have a unit or a currency in the cell", "write the number alone"),
        "mixed_units": ("the numbers of a metric are in several units or currencies", "convert them to one"),
        "bad_weight": ("a weight is negative, blank or no number, differs within a respondent, or all are 0", "correct it"),
    },
    "The whole": {
        "repeated_file": ("all of its rows stand in it twice or more", "delete the repetition"),
        "too_much_rejected": ("a larger share than `max_rejected` was set aside, totals and previews apart", "mend the file"),
        "not_one_row": ("a link claims one row a key, and the other table has several", "give a `rule`, or leave one of each"),
        "no_pair": ("no answer has both ratings", "look whether the right columns are named"),
    },
}


def page() -> str:
    """Return the policy as one Markdown page."""
    parts = [HEAD, "\n## What stops the reading\nAll problems of a file are said at once, a line each."]
    parts += [_table(errors, f"### {title}") for title, errors in ERRORS.items()]
    parts.append(
        _table(
            SET_ASIDE,
            "## What is set aside\nOf the survey, with its answer; of a table beside it, as one cell or row. More of the "
            "answers than `max_rejected` (5 %) stop the reading.",
        )
    )
    parts.append(_table(WARNINGS, "## What is used, with a warning"))
    parts.append(_table(NOTES, "## What is used, with a note"))
    return "\n".join(parts)


def _table(checks: Mapping[str, tuple[str, str]], title: str) -> str:
    rows = [
        f"| {code} | {what.replace('|', chr(92) + '|')} | {fix.replace('|', chr(92) + '|')} |"
        for code, (what, fix) in checks.items()
    ]
    return "\n".join([title, "", "| code | what it means | what to do |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
