"""What a notebook lets its caller choose, read from its own `parameters` cell, and whether a choice fits.

The cell is read with `ast`, not with `papermill.inspect_notebook`: papermill drops a line that holds a second `=`, even
in its comment, keeps defaults as text, and takes seconds to import before it can say that a name is misspelt.
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from cxgap.errors import ArgumentError, nearest

if TYPE_CHECKING:
    from nbformat import NotebookNode

TYPES: Final = {"str": str, "int": int, "float": float, "bool": bool, "dict": dict, "list": list}
_WORDS: Final = {
    "str": "text (str)",
    "int": "a whole number (int)",
    "float": "a number (float)",
    "bool": "true or false (bool)",
    "dict": 'a table (dict), such as {region = "0012"}',
    "list": 'a list (list), such as ["north", "south"]',
}
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_SECRET = re.compile(r"(?:.*_)?(?:password|passwd|passphrase|pwd|secret|token|(?:api|access|private)_?key)", re.IGNORECASE)
_HOLDER = re.compile(r"://[^\s/@:]*:(?!\$\{)[^\s/@]+@")  # a password in an address; a variable of the environment is none
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Parameter(NamedTuple):
    """One thing a notebook's caller may choose; `type` is a key of TYPES, `help` the comment beside it."""

    name: str
    type: str
    default: object
    help: str


def read_parameters(notebook: NotebookNode, name: str) -> dict[str, Parameter]:
    """Return the declared parameters by name, in their order.

    Raises
    ------
    ArgumentError : there is not exactly one `parameters` cell, or a line of it is not `name: type = value  # help`.
    """
    cells = tagged(notebook, "parameters")
    if len(cells) != 1:
        raise ArgumentError(f"{name} must have exactly one cell tagged 'parameters', not {len(cells)}.")
    source = cells[0].source
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ArgumentError(f"The parameters cell of {name} must be plain Python; line {error.lineno} is not.") from error
    comments = _comments(source)
    found = [_declared(node, comments.get(node.end_lineno or 0, ""), name) for node in body]
    return {parameter.name: parameter for parameter in found}


def tagged(notebook: NotebookNode, tag: str) -> list[NotebookNode]:
    """Return the code cells with `tag`."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and tag in cell.metadata.get("tags", [])]


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ").strip() for token in tokens if token.type == tokenize.COMMENT}


def _declared(node: ast.stmt, comment: str, notebook: str) -> Parameter:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        kind = ast.unparse(node.annotation).partition("[")[0]
        try:
            if kind in TYPES:
                default = _fit(kind, ast.literal_eval(node.value))
                return Parameter(node.target.id, kind, default, comment)
        except ValueError:
            pass
    line = ast.unparse(node)
    raise ArgumentError(
        f"Each line of the parameters cell of {notebook} must be `name: type = value` with a type of {sorted(TYPES)} "
        f"and a plain value of that type, not `{line}`."
    )


def check_parameters(declared: Mapping[str, Parameter], given: Mapping[str, object], notebook: str) -> dict[str, object]:
    """Return `given` as plain values of the declared types.

    Raises
    ------
    ArgumentError : a name is not declared, or a value is not of its declared type.
    """
    checked = {}
    for name, value in given.items():
        parameter = _known(declared, name, notebook)
        _refuse_secret(name, value, notebook)
        try:
            checked[name] = _fit(parameter.type, value)
        except (ValueError, OverflowError) as error:
            raise ArgumentError(f"`{name}` of {notebook} must be {_WORDS[parameter.type]}, not {value!r}.") from error
    return checked


def parse_parameters(declared: Mapping[str, Parameter], texts: Mapping[str, str], notebook: str) -> dict[str, object]:
    """Read values that were given as text, as on a command line, by their declared types.

    Text is taken as it is: "007", "NO" and "1e5" stay text. Numbers are plain ASCII numbers, bool is `true` or `false`,
    and dict and list are inline TOML: `{region = "0012"}`, `["north", "south"]`.
    """
    values = {}
    for name, text in texts.items():
        kind = _known(declared, name, notebook).type
        _refuse_secret(name, text, notebook)
        try:
            values[name] = _fit(kind, _parse(kind, text))
        except (ValueError, OverflowError, RecursionError) as error:
            raise ArgumentError(f"`{name}` of {notebook} must be {_WORDS[kind]}, not {text!r}.") from error
    return values


def _refuse_secret(name: str, value: object, notebook: str) -> None:
    """Refuse a password: what a notebook is given stands in its manifest, its log and its executed copy."""
    if _holds_secret(name, value, named=name != "where"):
        raise ArgumentError(
            f"`{name}` of {notebook} must not hold a password or key, because parameters are written down with the report; put "
            "it into the environment and read it there."
        )


def _holds_secret(name: str, value: object, *, named: bool) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(str(key), item, named=named) for key, item in value.items())
    if isinstance(value, list | tuple):
        return any(_holds_secret(name, item, named=named) for item in value)
    if isinstance(value, str | bytes):
        text = str(value)
        return bool(_HOLDER.search(text)) or (named and bool(text) and bool(_SECRET.fullmatch(name)))
    return False


def _known(declared: Mapping[str, Parameter], name: str, notebook: str) -> Parameter:
    if name not in declared:
        raise ArgumentError(f"{notebook} has no parameter {name!r}.{nearest(name, declared)} It has {sorted(declared)}.")
    return declared[name]


def _parse(kind: str, text: str) -> object:
    """Read `text` as a value of `kind`; ValueError if it is not written as one."""
    if kind == "str":
        return text
    if kind == "int" and _INT.fullmatch(text):
        return int(text)
    if kind == "float" and _FLOAT.fullmatch(text):
        return float(text)
    if kind == "bool" and text in {"true", "false"}:
        return text == "true"
    if kind in {"dict", "list"}:
        table = tomllib.loads(f"value = {text}")
        if list(table) == ["value"]:  # a line break could have begun another key
            return table["value"]
    raise ValueError(text)


def _fit(kind: str, value: object) -> object:
    """Return `value` as an exact, plain value of `kind`; ValueError if it is something else."""
    if kind == "float" and type(value) is int:
        value = float(value)
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
        raise ValueError(value)
    return _plain(value)


def _plain(value: object) -> object:
    """Return a copy of `value` built of str, int, float, bool, list and dict alone; ValueError if it cannot be."""
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        value.encode("utf-8")  # a lone surrogate cannot be written down: UnicodeEncodeError is a ValueError
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_plain(key): _plain(item) for key, item in value.items()}
    raise ValueError(value)


def effective_parameters(notebook: NotebookNode) -> dict[str, object]:
    """Return the values an executed notebook ran with: its defaults, and over them what papermill put in."""
    return _assigned(notebook, "parameters") | _assigned(notebook, "injected-parameters")


def misspelt_parameters(notebook: NotebookNode) -> list[str]:
    """Return what was put into a notebook that declares no such parameter; papermill and Jupyter run it all the same."""
    declared, given = _assigned(notebook, "parameters"), _assigned(notebook, "injected-parameters")
    return sorted(set(given) - set(declared)) if tagged(notebook, "parameters") else []


def _assigned(notebook: NotebookNode, tag: str) -> dict[str, object]:
    values: dict[str, object] = {}
    for cell in tagged(notebook, tag):
        try:
            body = ast.parse(cell.source).body
        except SyntaxError:  # a notebook that was run by hand may hold a magic here
            continue
        for node in body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name) and getattr(node, "value", None) is not None:
                try:
                    values[target.id] = ast.literal_eval(node.value)
                except ValueError:
                    values[target.id] = ast.unparse(node.value)
    return values
