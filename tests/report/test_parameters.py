"""Parameters arrive as they were given, or are refused; nothing is ever turned into something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell
from report.making import PARAMETERS, executed, write

from cxgap.errors import ArgumentError
from cxgap.report.parameters import TYPES, check_parameters, effective_parameters, parse_parameters, read_parameters

DECLARED = read_parameters(
    executed(
        parameters='region: str = "all"\nn: int = 1\nmargin: float = 0.3\n'
        "weighted: bool = False\nwhere: dict = {}\nnames: list = []\n"
    ),
    "demo",
)


def declared_by(cell: str):
    return read_parameters(executed(parameters=cell), "demo")


def test_a_parameter_is_a_name_a_type_a_default_and_a_help():
    by = declared_by(PARAMETERS)["by"]
    assert by == ("by", "str", "touchpoint", "how to cut the gaps; commas cross columns")


def test_we_see_what_papermill_sees(tmp_path):
    """Papermill's own --help-notebook reads the same cell."""
    papermill = pytest.importorskip("papermill")
    seen = papermill.inspect_notebook(str(write(tmp_path / "demo.ipynb", parameters=PARAMETERS)))
    ours = declared_by(PARAMETERS)
    assert {n: (p["inferred_type_name"], p["help"]) for n, p in seen.items()} == {n: (p.type, p.help) for n, p in ours.items()}


def test_a_second_equals_sign_hides_no_parameter():
    """Papermill drops such a line (translators.py, nequal > 1)."""
    assert list(declared_by('by: str = "a=b"  # p = 0.05')) == ["by"]


@pytest.mark.parametrize(
    "cell",
    [
        "by = 1",
        "by: str | None = None",
        "by: str = 1",
        "by: float = float('nan')",
        "import os",
        "by: str",
        "%matplotlib inline",
        "a.b: int = 1",
    ],
)
def test_a_cell_that_is_not_plain_is_refused(cell):
    with pytest.raises(ArgumentError):
        declared_by(cell)


def test_there_is_exactly_one_parameters_cell():
    notebook = executed()
    notebook.cells.append(new_code_cell("x: int = 1", metadata={"tags": ["parameters"]}))
    with pytest.raises(ArgumentError, match="exactly one cell"):
        read_parameters(notebook, "demo")


@pytest.mark.parametrize(
    "value", ["007", "+44", "1_000", " 12 ", "٣", "1e5", "nan", "None", "True", "NO", "on", "010", "1:30", "~", "", "a=b"]
)
def test_text_stays_text(value):
    assert parse_parameters(DECLARED, {"region": value}, "demo") == {"region": value}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "-12", -12),
        ("n", "+7", 7),
        ("margin", "0.25", 0.25),
        ("margin", "3", 3.0),
        ("margin", "1e-3", 0.001),
        ("weighted", "true", True),
        ("where", '{region = "0012", year = 2026}', {"region": "0012", "year": 2026}),
        ("names", '["north", "south"]', ["north", "south"]),
        ("names", "[]", []),
    ],
)
def test_other_types_are_read_as_they_are_written(name, text, value):
    (found,) = parse_parameters(DECLARED, {name: text}, "demo").values()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("n", text) for text in ("1.0", "1_000", "٣", " 1", "0x10", "1e3", "", "true", "9" * 5000)),
        *(("margin", text) for text in ("nan", "inf", "1e999", "1_0", "0,3", "\uff13", "")),
        *(("weighted", text) for text in ("True", "1", "yes", "on", "")),
        *(
            ("where", text)
            for text in ("{region: 1}", "1", '{"a" = ', "{}\nx = 1", "{d = 2026-03-31}", "{x = nan}", "{a = 1, a = 2}")
        ),
        *(("names", text) for text in ("a, b", "{}", "[" * 100_000)),
    ],
)
def test_what_is_not_plainly_of_the_type_is_refused_by_the_type_s_name(name, text):
    with pytest.raises(ArgumentError, match=rf"`{name}` of demo must be .*\({DECLARED[name].type}\)"):
        parse_parameters(DECLARED, {name: text}, "demo")


@pytest.mark.parametrize("value", [1, 1.5, True, None, b"x", "\ud800", ("a",), object()])
def test_a_call_gives_the_declared_type_and_no_other(value):
    with pytest.raises(ArgumentError, match="must be text"):
        check_parameters(DECLARED, {"region": value}, "demo")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("n", True), ("n", 1.0), ("margin", "0.3"), ("margin", float("nan")), ("margin", 10**400), ("weighted", 1)),
        *(("where", {1: "a"}), ("where", {"a": None}), ("where", {"a": "\udc80"}), ("names", [object()]), ("names", ("a",))),
    ],
)
def test_kinds_that_look_alike_are_kept_apart(name, value):
    with pytest.raises(ArgumentError, match=f"`{name}` of demo must be"):
        check_parameters(DECLARED, {name: value}, "demo")


def test_a_whole_number_is_a_number():
    assert repr(check_parameters(DECLARED, {"margin": 1}, "demo")) == "{'margin': 1.0}"


def test_a_misspelt_name_gets_a_suggestion_and_the_list():
    with pytest.raises(ArgumentError, match=r"demo has no parameter 'regoin'\. Did you mean 'region'\? It has \['margin'"):
        check_parameters(DECLARED, {"regoin": "x"}, "demo")


@pytest.mark.parametrize("name", ["x=1;import os;os.abort();y", "region\nimport os", "", "region ", "__class__"])
def test_a_name_is_one_that_the_cell_declares(name):
    for check in (check_parameters, parse_parameters):
        with pytest.raises(ArgumentError, match="has no parameter"):
            check(DECLARED, {name: "1"}, "demo")


@given(st.text())
def test_every_text_stays_or_is_refused(text):
    try:
        assert parse_parameters(DECLARED, {"region": text}, "demo") == {"region": text}
    except ArgumentError:
        with pytest.raises(UnicodeEncodeError):
            text.encode()


@given(st.text(), st.sampled_from(sorted(TYPES)))
def test_no_text_ends_in_another_error(text, kind):
    name = next(p.name for p in DECLARED.values() if p.type == kind)
    try:
        (value,) = parse_parameters(DECLARED, {name: text}, "demo").values()
    except ArgumentError:
        return
    assert type(value) is TYPES[kind]


def test_effective_parameters_are_the_defaults_and_what_was_put_over_them():
    notebook = executed(parameters='by: str = "touchpoint"\nn: int = 1')
    put = new_code_cell('# Parameters\nn = 5\nx = float("nan")\n', metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(1, put)
    assert effective_parameters(notebook) == {"by": "touchpoint", "n": 5, "x": "float('nan')"}
