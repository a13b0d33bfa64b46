"""An error says what must be, what is, and the next thing to type."""

from __future__ import annotations

import tomllib

import pytest

from cxgap.errors import ArgumentError, ColumnError, CxgapError, RunError, StudyError, listed, nearest


@pytest.mark.parametrize(
    ("name", "options", "hint"),
    [
        ("regoin", ["region", "channel"], " Did you mean 'region'?"),
        ("REGION", ["region", "channel"], " Did you mean 'region'?"),
        ("xyz", ["region", "channel"], ""),
        ("region", [], ""),
        ("1", [1, 2], " Did you mean '1'?"),
        ("", ["region"], ""),
    ],
)
def test_the_nearest_option_is_offered_whatever_its_case(name, options, hint):
    assert nearest(name, options) == hint


def test_what_is_offered_shows_its_hidden_characters():
    assert nearest("region", ["region\u202e"]) == " Did you mean 'region\\u202e'?"


def test_names_are_listed_in_order_and_not_by_the_hundred():
    assert listed(["b", "a"]) == "['a', 'b']"
    assert listed([]) == "[]"
    text = listed(f"q{number:03d}" for number in range(120))
    assert text.startswith("['q000', 'q001', ")
    assert text.endswith("'q019'] and 100 more")


def test_a_choice_names_the_options_and_the_nearest():
    error = ArgumentError.choice("score", "item", ["items", "dimensions"])
    assert str(error) == "`score` must be one of ['dimensions', 'items'], not 'item'. Did you mean 'items'?"


def test_a_missing_column_names_the_unused_ones_and_the_rename_that_would_help():
    error = ColumnError.missing("perception", "responses", ["wave", "perceived"])
    assert str(error) == (
        "`responses` must have a column 'perception'; its unused columns are ['perceived', 'wave']. If 'perceived' holds it, "
        'set rename = { perceived = "perception" } in the study file.'
    )


def test_a_missing_column_that_nothing_looks_like_suggests_nothing():
    assert str(ColumnError.missing("perception", "responses", [])) == (
        "`responses` must have a column 'perception'; its unused columns are []."
    )


@pytest.mark.parametrize(
    "name", ["perceived", "Perceived", "perception 1", 'percep"tion', "wahr.perception", "pérception", "perception\n"]
)
def test_the_suggested_rename_is_toml(name):
    text = str(ColumnError.missing("perception", "responses", [name]))
    line = text.split("set ", 1)[1].removesuffix(" in the study file.")
    assert tomllib.loads(line) == {"rename": {name: "perception"}}


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(ArgumentError, ValueError), (ColumnError, LookupError), (StudyError, ValueError), (RunError, RuntimeError)],
)
def test_every_error_is_ours_and_one_that_python_knows(kind, builtin):
    assert issubclass(kind, CxgapError)
    assert issubclass(kind, builtin)
    assert str(kind("what must be")) == "what must be"
