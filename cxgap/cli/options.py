"""What the commands share: their exit codes, and options of the form NAME=VALUE."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import click

from cxgap.errors import ArgumentError
from cxgap.markup import plain_lines

FAILED: Final = 1
MISUSED: Final = 2
BUSY: Final = 75  # another run holds the output folder
STOPPED: Final = 130
TERMINATED: Final = 143


def held(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a command is told where a big survey is held, and how much memory that may take."""
    engine = click.option(
        "--engine", type=click.Choice(["auto", "memory", "duckdb"]), help="Where the survey is held; by its size unless given."
    )
    memory = click.option("--memory", metavar="SIZE", help="Cap on the engine's memory, such as 1GiB; 512MiB unless given.")
    return engine(memory(command))


def say(text: object, *, err: bool = False) -> None:
    """Print a text that may quote data, file names or arguments, so that it cannot command the terminal."""
    click.echo(plain_lines(text), err=err)


def say_last(text: object) -> None:
    """Print the last word of a command that has done its work: a reader who went away makes no failure of it."""
    try:
        say(text)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # what is left in the buffer goes there when Python ends
        os.close(nowhere)


def fail(error: Exception) -> None:
    """Print what went wrong, without the passwords of addresses."""
    from cxgap.report.fleet.redact import redact

    say(f"cxgap: {redact(str(error))}", err=True)


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """Read options that were given as NAME=VALUE; ArgumentError if one was not, or was given twice."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise ArgumentError(f"{option} must be NAME=VALUE, not {text!r}.")
        if name in found:
            raise ArgumentError(f"{option} {name} must be given once, and is given twice.")
        found[name] = value
    return found
