"""Commands on the machine that runs reports."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cxgap.cli.options import FAILED, say
from cxgap.errors import ArgumentError


@click.command()
@click.argument("study", required=False)
@click.option("--output", type=click.Path(path_type=Path), default=Path("reports"), show_default=True)
@click.option("--kernel", is_flag=True, help="Really start a kernel and load what reports load; takes seconds.")
def doctor(study: str | None, output: Path, kernel: bool) -> None:
    """Look at whether this machine can make reports, as this user, into the output folder.

    One line each: ok, note (reports can be made, but read it) or fault (they cannot), with what to type. Run it the way
    the schedule runs: same user, same environment, same folder. With STUDY, its files are looked for too. Ends with 1 if
    there is a fault. Nothing is left behind.
    """
    from cxgap.doctor.examination import examine

    states = []
    for finding in examine(study, output, kernel=kernel):
        say(finding)
        states.append(finding.state)
    faults, notes = states.count("fault"), states.count("note")
    say(f"cxgap: {faults} {'fault' if faults == 1 else 'faults'}, {notes} {'note' if notes == 1 else 'notes'}", err=True)
    if faults:
        sys.exit(FAILED)


@click.group()
def kernel() -> None:
    """Give notebooks a kernel that starts warm: forked from a process that has the libraries loaded."""


@kernel.command()
@click.option("--user", is_flag=True, help="For you, whatever environment Jupyter runs in.")
@click.option("--sys-prefix", is_flag=True, help="For this Python environment; the default.")
@click.option("--prefix", type=click.Path(file_okay=False), help="For the environment in this folder.")
def install(user: bool, sys_prefix: bool, prefix: str | None) -> None:
    """Install the Jupyter kernel `cxgap`, for `papermill -k cxgap in.ipynb out.ipynb` and JupyterLab.

    Each notebook still has a process of its own. Take the kernel away again with: jupyter kernelspec remove cxgap
    """
    from cxgap.report.warm.kernelspec import install as install_kernel

    if user + sys_prefix + bool(prefix) > 1:
        raise ArgumentError("Give one of --user, --sys-prefix and --prefix.")
    say(f"kernel cxgap: {install_kernel(user=user, prefix=None if user else prefix or sys.prefix)}")


@click.command()
@click.argument("respondents", nargs=-1, required=True, metavar="RESPONDENT...")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
def erase(respondents: tuple[str, ...], output: Path) -> None:
    """Take RESPONDENTs out of everything private that is kept in the output folder.

    Take them out of the files of the study first: these are yours, and are not touched. Prints what was removed, then
    the pages that still rest on their answers and should be made again. Pages hold no answers of single people.
    """
    from cxgap.report.erasure import erase

    found = erase(output, respondents)
    for path in found.removed:
        say(f"removed {path}")
    for name in sorted(found.forgotten):
        say(f"forgotten {name}")
    for slug in found.again:
        say(f"make again {slug}")
    unknown = [name for name in respondents if name.strip() not in found.forgotten]
    if unknown:
        say(f"cxgap: nothing private named {', '.join(unknown)}; ids are written as in the study.", err=True)


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--runs", type=click.IntRange(min=1), help="Published runs of each report to keep; 12 by default.")
@click.option("--days", type=click.IntRange(min=1), help="Days to keep private notebooks and logs; 30 by default.")
def prune(output: Path, runs: int | None, days: int | None) -> None:
    """Remove old runs from the output folder, as every run does at its end.

    The page in place and its run stay, however old they are.
    """
    from cxgap.report.publish import locked
    from cxgap.report.retention import KEEP
    from cxgap.report.retention import prune as prune_runs

    if not output.is_dir():
        raise ArgumentError(f"--output must be a folder of reports, and there is none at {output}.")
    with locked(output):
        done = prune_runs(output, KEEP._replace(runs=runs or KEEP.runs, days=days or KEEP.days))
    say(
        f"removed {done.runs} published and {done.private_runs} private runs, and {done.cached} kept studies: "
        f"{done.bytes / 1e6:,.1f} MB"
    )
