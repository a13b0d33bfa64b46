"""Write docs/cli.md from the commands themselves."""

from __future__ import annotations

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
    for name in ("", *sorted(cli.commands)):
        command = cli.commands[name] if name else cli
        title = f"cxgap {name}".strip()
        context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
        parts.append(f"## {title}\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
