"""The commands: a few verbs. Data on stdout, talk on stderr.

0 done, 1 failed, 2 misused, 75 another run holds the output folder, 130 and 143 stopped.
"""

from __future__ import annotations

import io
import os
import sys

import click

from cxgap import __version__
from cxgap.cli import fleet, machine, outreach, records, reports, studies
from cxgap.cli.options import BUSY, FAILED, MISUSED, STOPPED, fail, say
from cxgap.cli.targets import targets
from cxgap.errors import ArgumentError, BusyError, CxgapError


@click.group()
@click.version_option(__version__, prog_name="cxgap")
def cli() -> None:
    """Score what customers expected against what they perceived.

    A STUDY is a study file, the folder that holds a study.toml, or the word sample.
    """


for command in (
    studies.sample, studies.simulate, studies.convert, studies.inspect, studies.questionnaire, studies.check, studies.score,
    outreach.outreach, reports.report, reports.index, fleet.plan, fleet.run, records.verify, records.diff, targets,
    machine.doctor, machine.erase, machine.kernel, machine.prune,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line; every error of ours is one paragraph on stderr, never a traceback."""
    _open_all()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal has no letters for stops no command
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        where = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        say(f"{where}\n\nError: {error.format_message()}".lstrip(), err=True)
        sys.exit(MISUSED)
    except click.Abort:
        sys.exit(STOPPED)
    except ArgumentError as error:
        fail(error)
        sys.exit(MISUSED)
    except BusyError as error:
        fail(error)
        sys.exit(BUSY)
    except CxgapError as error:
        fail(error)
        sys.exit(FAILED)


def _open_all() -> None:
    """Let streams that were closed lead nowhere: else the next file that is opened, such as the lock, takes their place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
