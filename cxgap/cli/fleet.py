"""Commands on a plan of many reports."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cxgap.cli.options import say, say_last
from cxgap.errors import ArgumentError, listed, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxgap.report.fleet.outcome import FleetResult
    from cxgap.report.job import Job

PLAN = Path("reports") / "plan.toml"


@click.command()
@click.option("--plan", "path", type=click.Path(path_type=Path), default=PLAN, show_default=True, help="The plan file.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day of the schedule, for last_month.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON, for a program.")
def plan(path: Path, today: datetime | None, as_json: bool) -> None:
    """Check a plan and print its reports, one line each; run nothing.

    A line says the report's folder, notebook, part of the study, time and parameters. If anything in the plan is not what
    it must be, the command ends with 2 and a line for every problem.
    """
    from cxgap.report.plan import job_cells, read_plan
    from cxgap.report.wording import many

    read = read_plan(path, today=today.date() if today else None)
    if as_json:
        click.echo(read.to_json())
        return
    rows = [job_cells(job) for job in read.jobs]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for note in read.notes:
        say(f"cxgap: {note}", err=True)
    say(f"cxgap: {many(len(rows), 'report')} into {read.output}.", err=True)


@click.command()
@click.option("--plan", "path", type=click.Path(path_type=Path), default=PLAN, show_default=True, help="The plan file.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day of the schedule, for last_month.")
@click.option("--jobs", type=click.IntRange(1, 256), help="How many at a time; as many as there are processors by default.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Where to, in place of the plan's own folder.")
@click.option("--only", multiple=True, metavar="SLUG", help="Make this report alone; repeat for more.")
@click.option("--force", is_flag=True, help="Make what is unchanged too.")
@click.option("--fail-fast", is_flag=True, help="Begin nothing more once a report has failed.")
@click.option("--strict", is_flag=True, help="End with 1 if a report warns of its data.")
@click.option("--on-failure", metavar="COMMAND", help="Run COMMAND at the end unless all went well; a summary is its input.")
@click.option(
    "--mode", type=click.Choice(["auto", "spawn", "fork"]), default="auto", show_default=True, help="How workers begin."
)
def run(
    path: Path,
    today: datetime | None,
    jobs: int | None,
    output: Path | None,
    only: tuple[str, ...],
    force: bool,
    fail_fast: bool,
    strict: bool,
    on_failure: str | None,
    mode: str,
) -> None:
    """Make the reports of a plan, several at a time.

    A report that fails harms no other, and its last good page stays. What is unchanged is not made again. The last line on
    stdout says how it went: the command ends with 0 if all reports are as they should be, 1 if some are not.
    """
    from cxgap.report.fleet.supervisor import run_fleet
    from cxgap.report.plan import read_plan

    read = read_plan(path, today=today.date() if today else None)
    chosen = _chosen(read.jobs, only)
    result = run_fleet(
        chosen,
        beside=[job for job in read.jobs if job not in chosen],
        output=output or read.output,
        workers=jobs or read.workers,
        force=force,
        fail_fast=fail_fast,
        strict=strict,
        on_failure=on_failure,
        mode=mode,
    )
    say_last(f"{result} {result.output / 'index.html'}")
    end(result)


def end(result: FleetResult) -> None:
    """End the command as the run ended."""
    if result.exit_code:
        sys.exit(result.exit_code)


def _chosen(jobs: Sequence[Job], only: tuple[str, ...]) -> list[Job]:
    """Return the jobs that were asked for, all if none was."""
    slugs = [job.slug for job in jobs]
    for slug in only:
        if slug not in slugs:
            raise ArgumentError(f"--only must be one of {listed(slugs)}, not {slug!r}.{nearest(slug, slugs)}")
    return [job for job in jobs if not only or job.slug in only]
