"""Write docs/cli.md from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cxgap.cli import cli

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
HEAD = """# Commands

Made from the commands by `make docs`. Data go to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 misused.
"""


def page() -> str:
    """Return the help of every command as one Markdown page."""
    parts = [HEAD]
    for title, command in _commands("cxgap", cli):
        context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
        parts.append(f"## {title}\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _commands(title: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield a command, and those within it by name."""
    yield title, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _commands(f"{title} {name}", command.commands[name])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
