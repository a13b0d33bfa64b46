"""Commands on what was published: is it still so, and what changed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cxgap.cli.options import FAILED, say

PLACE = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("pages", nargs=-1, required=True, type=PLACE, metavar="PAGE|FOLDER...")
@click.option("--output", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Look for records here too.")
@click.option("--study", help="Where the study lies now, if it is not found.")
@click.option("--notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Where the notebook lies now.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
def verify(pages: tuple[Path, ...], output: Path | None, study: str | None, notebook: Path | None, as_json: bool) -> None:
    """Make published PAGEs again from their records, and say what differs.

    A page is known by its bytes, those of older runs too. Its notebook is run again with its parameters, inputs and
    minimum, and nothing is replaced. Between the same versions numbers must be the same to the bit, otherwise to 1e-9.
    Ends with 1 if any page differs.
    """
    from cxgap.report.published import find_pages, json_text
    from cxgap.report.verify import verify

    verdicts = []
    for page in [page for place in pages for page in find_pages(place)]:
        verdicts.append(verify(page, output=output, study=study, notebook=notebook))
        if not as_json:
            say("\n".join(verdicts[-1].lines()))
    if as_json:
        click.echo(json_text([verdict.record() for verdict in verdicts]))
    if not all(verdict.equal for verdict in verdicts):
        sys.exit(FAILED)


@click.command()
@click.argument("was", type=PLACE)
@click.argument("now", type=PLACE)
@click.option("--recompute", is_flag=True, help="Part several causes by making the older report again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
def diff(was: Path, now: Path, recompute: bool, as_json: bool) -> None:
    """Say what changed from WAS to NOW, and whether data, definition or code did it.

    WAS and NOW are pages, folders of a report or of one of its runs, or folders of all reports. Changed verdicts come
    first, then the largest changes. Ends with 1 if anything changed that a reader sees.
    """
    from cxgap.report.compare import compare
    from cxgap.report.published import json_text

    found = compare(was, now, again=recompute)
    if as_json:
        click.echo(json_text([{"report": one} if isinstance(one, str) else one.record() for one in found]))
    else:
        say("\n".join(line for one in found for line in ([one] if isinstance(one, str) else one.lines())))
    if any(isinstance(one, str) or not one.equal for one in found):
        sys.exit(FAILED)
