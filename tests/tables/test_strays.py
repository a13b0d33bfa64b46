"""Totals, notes and characters that nobody typed are set aside with the row, and the answers around them are used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from study_files import AS_LONG, LONG, WIDE, wide, write

from cxgap.tables.read import read_study
from cxgap.tables.remarks import DOUBTFUL, SUMMARIES


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The survey without a stray, read once for all that add one."""
    return read_study(write(tmp_path_factory.mktemp("plain"), WIDE))


def aside(read) -> list[tuple[int, str, str, int]]:
    return [(row.row, row.column, row.reason, row.answers) for row in read.rejects.itertuples()]


@pytest.mark.parametrize(
    "row",
    [
        "Total,,,,5.8,4.7,5.5,4.8",
        "TOTAL:,,,,35,28,33,29",
        "Gesamt,,,,35,28,33,29",
        "Mittelwert,,,,5,4,5,4",
        "Total g\u00e9n\u00e9ral,,,,5,4,5,4",
        "\ud569\uacc4,,,,35,28,33,29",
        "\u5e73\u5747,,,,5,4,5,4",
        "N,,,,6,6,6,6",
        ",Total,,,5,4,5,4",
        ",,Promedio,,5,4,5,4",
        ",,,Mean,5,4,5,4",
        "R1,Total,NA,,5,4,5,4",
        "Source: survey of the first quarter.,,,,,,,",
        "Source: survey of the first quarter.",
        "* asked of everybody who bought,",
        "Total,,,,35,28",
        ",,* asked of everybody who bought,,,,,",
    ],
)
def test_a_row_that_sums_up_or_remarks_is_no_answer(study, plain, row):
    read = study(WIDE + row + "\n")
    ((place, _, reason, answers),) = aside(read)
    assert (place, reason, answers) == (8, "summary_row", 2)  # a row of two items costs two answers
    assert read.rows == plain.rows | {"read": 14, "in": 14, "rejected": 2}
    assert read.responses.equals(plain.responses)


@pytest.mark.parametrize(
    "survey",
    [
        WIDE.replace("NA", "N").replace("007", "Media"),
        WIDE.replace("R1,", "Total Recall,"),
        WIDE.replace("Buy", "Media").replace("Use", "Mean streets"),
        WIDE.replace("R1,Buy,NA,2026-03-01,7,5,6,6", "R1,Buy,,,,,,"),
        WIDE.replace("NA", "a remark that says it all"),
    ],
)
def test_names_that_hold_such_a_word_are_names(study, survey):
    assert "summary_row" not in set(study(survey).rejects["reason"])


def test_a_declared_touchpoint_is_never_a_total(study):
    survey = WIDE.replace("Buy", "Total")
    assert study(survey, study={"touchpoints": ["Total", "Use"]}).rows["used"] == 12
    assert set(study(survey).rejects["reason"]) == {"summary_row"}


def test_a_region_called_n_is_no_count_where_nobody_has_an_id(study):
    survey = "region,expectation,perception\nN,7,5\nS,6,6\nN,6,4\nTotal,19,15\n"
    read = study(survey, responses={"respondent": "row", "touchpoint": "Buy", **AS_LONG})
    assert aside(read) == [(5, "region", "summary_row", 1)]


def test_totals_do_not_stop_the_reading_because_nobody_is_lost_by_them(study):
    read = study(wide(10) + "Total,,,,50,40,60,30\nMean,,,,5,4,6,3\n", study={"max_rejected": 0.05})
    assert (read.rows["used"], read.rows["rejected"]) == (20, 4)


def test_a_total_of_a_long_file_costs_one_answer(study):
    read = study(LONG + "Total,,,,,35,28\n", responses=AS_LONG)
    assert aside(read) == [(14, "respondent_id", "summary_row", 1)]


def test_every_word_is_written_as_it_is_compared():
    from cxgap.folding import fold

    assert {fold(word) for word in SUMMARIES | DOUBTFUL} == SUMMARIES | DOUBTFUL


@pytest.mark.parametrize("mark", ["\x07", "\x0b", "\x1f", "\x7f", "\x85", "\x9d"])
@pytest.mark.parametrize(("name", "column"), [("R3", "respondent_id"), ("Buy", "touchpoint")])
def test_a_control_character_in_a_key_costs_its_row(study, mark, name, column):
    lines = WIDE.splitlines()
    lines[3] = lines[3].replace(name, name[0] + mark + name[1:])
    read = study("\n".join(lines))
    assert aside(read) == [(4, column, "control_character", 2)]
    assert read.rows["used"] == 10


def test_a_control_character_at_the_end_of_a_key_is_seen_too(study):
    assert aside(study(WIDE.replace("R3,", "R3\x1f,"))) == [(4, "respondent_id", "control_character", 2)]


def test_a_control_character_in_a_name_costs_its_row_and_in_a_remark_nothing(study):
    survey = wide(20)
    lines = survey.splitlines()
    lines[5] = lines[5].replace("NA", "N\x0bA")
    assert aside(study("\n".join(lines))) == [(6, "region", "control_character", 2)]
    remarks = [survey.splitlines()[0]] + [
        line.replace("NA", f"remark {n}\x0b") for n, line in enumerate(survey.splitlines()[1:])
    ]
    assert study("\n".join(remarks)).rejects.empty


@pytest.mark.parametrize("text", ['"Buy\tnow"', '"Buy\nnow"', '"Buy\r\nnow"'])
def test_a_tab_or_a_new_line_is_no_control_character(study, text):
    assert study(WIDE.replace("Buy", text)).rows["used"] == 12


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1_0", "not_a_number"),
        ("\uff15", "not_a_number"),
        ("\u0665", "not_a_number"),
        ("TRUE", "not_a_number"),
        ("inf", "not_finite"),
        ("-Infinity", "not_finite"),
        ("NaN", "not_finite"),
        ("1e999", "not_finite"),
        ("1 000", "not_a_number"),
        ("1\u00a0000", "not_a_number"),
        ('"5,0"', "not_a_number"),
        ("5%", "not_a_number"),
        ("'5", "not_a_number"),
        ("5 - agree", "not_a_number"),
        ("0x5", "not_a_number"),
        ("=5", "not_a_number"),
        ("#DIV/0!", "not_a_number"),
        ("-", "not_a_number"),
        ("8", "out_of_scale"),
        ("99", "out_of_scale"),
        ("0", "out_of_scale"),
        ("5.5", "off_step"),
    ],
)
def test_what_is_no_number_of_the_scale_is_set_aside_with_its_text(study, written, reason):
    (found,) = study(WIDE.replace("7,5,6,6", f"7,{written},6,6")).rejects.itertuples()
    assert (found.row, found.column, found.value, found.reason) == (2, "p1", written.strip('"'), reason)


@pytest.mark.parametrize("written", ["5", "5.0", "+5", "05", " 5 ", "5.", "\u00a05", "5e0", '"5"'])
def test_what_is_a_number_of_the_scale_is_read(study, written):
    assert study(WIDE.replace("7,5,6,6", f"7,{written},6,6")).responses["perception"].iloc[0] == 5


@pytest.mark.parametrize("name", ["NA", "N/A", "null", "None", "nan", "99"])
def test_words_for_no_answer_are_names_where_names_stand(study, name):
    survey = WIDE.replace("NA", name).replace("Buy", name).replace("R1,", f"{name},")
    read = study(survey, responses={"missing": [99]})
    assert read.rows["used"] == 12
    assert name in set(read.responses["region"]) & set(read.responses["touchpoint"]) & set(read.responses["respondent_id"])


def test_the_reference_files_have_no_strays():
    """A count in a real file is an answer: none of the rows of a real survey is taken for a total."""
    folder = Path("../shared/reference")
    if not folder.exists():
        pytest.skip("the reference files are not beside the repository")
    import pandas as pd

    from cxgap.tables.strays import stray_rows

    seen = 0
    for path in sorted(folder.rglob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, nrows=2000, encoding="utf-8", encoding_errors="replace")
        if len(frame) and frame.shape[1] > 3:
            seen += 1
            assert np.mean(stray_rows(frame, ()) != "") <= 0.02, path
    assert seen
