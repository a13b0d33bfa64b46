"""The command that writes down whom to call on: rows go to a private file, counts to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cxgap.cli.options import pairs, say
from cxgap.errors import StudyError


@click.command()
@click.argument("study")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("reports/private/outreach.csv"), show_default=True,
    help="The file; only you can read it.",
)  # fmt: skip
@click.option("--capacity", type=click.IntRange(min=1), help="How many can be contacted; those held out do not count.")
@click.option("--holdout", type=click.FloatRange(0, 1, max_open=True), default=0.15, show_default=True, help="Share held out.")
@click.option("--days", type=click.FloatRange(0, min_open=True), default=90, show_default=True, help="How long ago at most.")
@click.option("--kind", multiple=True, help="What happened: late, overdue, failed or a kind of incident; repeat for more.")
@click.option("--campaign", default="", help="The name of the list; its date unless given.")
@click.option("--seed", type=int, help="Of what chance decides; the study's unless given.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Restrict the study; repeat for more.")
@click.option("--as-of", default="", metavar="DATE", help="Leave out what came later.")
def outreach(
    study: str,
    output: Path,
    capacity: int | None,
    holdout: float,
    days: float,
    kind: tuple[str, ...],
    campaign: str,
    seed: int | None,
    where: tuple[str, ...],
    as_of: str,
) -> None:
    """List the customers of STUDY whom something hit, who kept silent, and who may be called on.

    The list is written to a file that only you can read; the screen shows counts. Who is held out must not be contacted: the
    next report compares them with the others. When the calls are made, add the rows to the table `outreach` of the study.
    """
    from cxgap.gaps.silent import silent_customers
    from cxgap.tables.read import read_study

    read = read_study(study, where=pairs(where, "--where"), as_of=as_of)
    asked: dict[str, Any] = {"look_back": days, "capacity": capacity, "holdout": holdout, "campaign": campaign, "seed": seed}
    people = silent_customers(read, kinds=kind, **asked)
    if people.missing:
        raise StudyError(f"there is no list: {people.missing}.")
    try:
        written = people.write(output)
    except OSError as error:  # told without its traceback, which walks through the rows
        why = error.strerror or type(error).__name__
        raise StudyError(f"the list could not be written to {output}: {why}; name another place with --output.") from None
    say(people)
    say(f"written: {written}", err=True)
