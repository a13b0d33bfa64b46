"""A notebook is a local file or one that came with cxgap; its report's name is safe on every disk."""

import os
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.making import executed

from cxgap.errors import ArgumentError
from cxgap.export.names import slug
from cxgap.report import notebooks
from cxgap.report.notebooks import find_notebook, read_notebook, shipped_notebooks


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Three notebooks that came with cxgap."""
    for name in ("05_customer", "00_study", "90_executive"):
        nbformat.write(executed([]), tmp_path / f"{name}.ipynb")
    (tmp_path / "draft.ipynb").touch()
    monkeypatch.setattr(notebooks, "shipped", lambda what: tmp_path)
    return tmp_path


def test_shipped_notebooks_come_in_their_order(shelf):
    assert [path.stem for path in shipped_notebooks()] == ["00_study", "05_customer", "90_executive"]


@pytest.mark.parametrize("name", ["customer", "05_customer"])
def test_a_shipped_notebook_is_found_by_name_and_by_slug(shelf, name):
    assert find_notebook(name) == shelf / "05_customer.ipynb"


def test_a_path_is_a_path(shelf, tmp_path):
    assert find_notebook(tmp_path / "draft.ipynb") == find_notebook(str(tmp_path / "draft.ipynb")) == tmp_path / "draft.ipynb"


def test_a_near_miss_is_named(shelf):
    with pytest.raises(
        ArgumentError, match=r"one of \['study', 'customer', 'executive'\], not 'custmer'\. Did you mean 'customer'\?"
    ):
        find_notebook("custmer")


@pytest.mark.parametrize(
    "name", ["s3://bucket/x.ipynb", "http://host/x.ipynb", "-", "", ".", "/", "no/such.ipynb", "nul\0.ipynb", "{0}.ipynb"]
)
def test_only_a_local_regular_file_will_do(name):
    with pytest.raises(ArgumentError):
        find_notebook(name)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    with pytest.raises(ArgumentError, match="regular file"):
        find_notebook(tmp_path / "pipe.ipynb")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\x80\x05", b'{"cells": 1, "nbformat": 4, "nbformat_minor": 5}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(ArgumentError, match="must be a Jupyter notebook"):
        read_notebook(path)


def test_a_notebook_in_another_language_is_refused(tmp_path):
    notebook = executed([])
    notebook.metadata.kernelspec.language = "R"
    nbformat.write(notebook, tmp_path / "x.ipynb")
    with pytest.raises(ArgumentError, match="in R"):
        read_notebook(tmp_path / "x.ipynb")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("05_customer", "customer"), ("customer", "customer"), ("2026-03-north", "2026-03-north"), ("café", "café")],
)
def test_a_good_name_stays(name, expected):
    assert slug(name) == expected


HARD = (
    *("../../x", "/etc/passwd", "a/b", "a\\b", "a:b", "-rf", "s3://x", "{0}", "*", "?", "", ".", ".."),
    *("CON", "con", "nul", "com1", "private", "assets", "north ", "north.", "North", "NORTH"),
    *("Cafe\u0301 ", "weiß", "日本 語", "two\nlines", "\u202egnp", "nul\0", "\ud800", "x" * 300),
)


def test_hard_names_are_safe_and_stay_apart_even_where_case_is_ignored():
    made = [slug(name) for name in HARD]
    assert len({name.casefold() for name in made}) == len(HARD)
    assert not set(made) & {"con", "nul", "com1", "private", "assets"}
    for name in made:
        assert Path(name).name == name
        assert len(name) <= 60
        assert all(c == "-" or c.isalpha() or c.isdecimal() for c in name)


def test_one_name_written_two_ways_is_one_name():
    """NFC and NFD are one file on some disks and two on others."""
    assert slug("Caf\u00e9") == slug("Cafe\u0301")


@given(st.text())
def test_a_slug_is_its_own_slug(name):
    once = slug(name)
    assert slug(once) == once
    assert not once.startswith("-")
