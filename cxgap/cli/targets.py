"""The command that shows where targets stand, and whether their lock is whole."""

from __future__ import annotations

import sys

import click

from cxgap.cli.options import FAILED, say


@click.command()
@click.argument("study")
@click.option("--as-of", default="", metavar="DATE", help="As it stood on that day.")
def targets(study: str, as_of: str) -> None:
    """Print where each target of STUDY stands, and check the lock of those that were frozen.

    Verdicts are frozen by `cxgap report` and `cxgap run`, never by this command. Ends with 1 if the lock is broken.
    """
    from cxgap.gaps.targets import target_status
    from cxgap.tables.read import read_study

    read = read_study(study, as_of=as_of)
    lock = read.target_lock
    say(target_status(read))
    if lock.problem:
        say(f"cxgap: targets.lock.jsonl cannot be trusted: {lock.problem}. Bring it back from a copy.", err=True)
        sys.exit(FAILED)
    lines = len(lock.entries)
    say(f"cxgap: targets.lock.jsonl is whole: {lines} {'line' if lines == 1 else 'lines'}.", err=True)
