"""Sections of a study file become its text: each key on a line of its own, with what a reader must know behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

ASK = "?"  # the value of what only a person can answer; a study file that holds it is not read
WIDE = 100  # characters of a line, from which a list is written one entry a line


class Line(NamedTuple):
    """One key; where `value` is None only the remark is written."""

    key: str
    value: object
    remark: str = ""


class Section(NamedTuple):
    """One section and its lines; a name of several parts is nested."""

    name: tuple[str, ...]
    lines: Sequence[Line]
    remark: str = ""


def text_of(sections: Sequence[Section], opening: str) -> str:
    """Return the study file, `opening` as its first lines."""
    parts = ["".join(f"# {line}\n" for line in opening.splitlines())]
    for section in sections:
        if not section.lines:
            continue
        head = f"[{'.'.join(map(key_of, section.name))}]" + (f"  # {_plain(section.remark)}" if section.remark else "")
        parts.append("\n".join([head, *(_line(line) for line in section.lines)]) + "\n")
    return "\n".join(parts)


def _line(line: Line) -> str:
    remark = f"# {_plain(line.remark)}" if line.remark else ""
    if line.value is None:
        return remark
    written = f"{key_of(line.key)} = {value_of(line.value)}"
    return f"{written}  {remark}" if remark else written


def key_of(name: str) -> str:
    """Write a key, in quotes where it must be."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _text(name)


def value_of(value: object) -> str:
    """Write a plain value, a list or a table in one line; a long list has a line for each entry."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key_of(str(key))} = {value_of(one)}" for key, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    entries = [value_of(one) for one in value]  # type: ignore[attr-defined]
    flat = f"[{', '.join(entries)}]"
    return flat if len(flat) <= WIDE else "[\n" + "".join(f"  {entry},\n" for entry in entries) + "]"


def _text(text: str) -> str:
    """Write a basic string; JSON's escapes are TOML's but for the one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(remark: str) -> str:
    """Keep a remark on its line, whatever a file put into it."""
    return re.sub(
        r"\s+", " ", "".join(mark if mark.isprintable() or mark.isspace() else "\N{REPLACEMENT CHARACTER}" for mark in remark)
    )
