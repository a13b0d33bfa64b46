"""Commands that bring out pages."""

from __future__ import annotations

from pathlib import Path

import click

from cxgap.cli.fleet import end
from cxgap.cli.options import pairs, say, say_last
from cxgap.errors import ArgumentError


@click.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("--study", default="sample", show_default=True, help="The study to report on.")
@click.option("-p", "--parameter", multiple=True, metavar="NAME=VALUE", help="A parameter of the notebooks; repeat for more.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Restrict the study; repeat for more.")
@click.option("--as-of", default="", metavar="DATE", help="Leave out what came later.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--single-file", is_flag=True, help="Put the drawing script into the page, for a file to e-mail.")
@click.option("--jobs", type=click.IntRange(1, 256), help="How many at a time; as many as there are processors by default.")
@click.option("--force", is_flag=True, help="Make what is unchanged too.")
def report(
    notebooks: tuple[str, ...],
    study: str,
    parameter: tuple[str, ...],
    where: tuple[str, ...],
    as_of: str,
    output: Path,
    single_file: bool,
    jobs: int | None,
    force: bool,
) -> None:
    """Run NOTEBOOKs (all that come with cxgap, if none is named) and make their pages.

    A NOTEBOOK is a file or the name of one that came with cxgap, such as customer. A parameter goes to the notebooks
    that have it; its name and type are checked before anything runs. The last line on stdout is the path of the index.
    """
    from cxgap.export.names import slug
    from cxgap.report.fleet.supervisor import run_fleet
    from cxgap.report.job import Job
    from cxgap.report.notebooks import find_notebook, read_notebook, shipped_notebooks
    from cxgap.report.parameters import parse_parameters, read_parameters
    from cxgap.report.run import check_run
    from cxgap.tables.read import find_study
    from cxgap.tables.spec import load_spec

    texts = pairs(parameter, "-p")
    fixed: dict[str, object] = {"study": study, "where": pairs(where, "--where"), "as_of": as_of}
    for name in fixed:
        if name in texts:
            raise ArgumentError(f"-p {name}=... must be given as --{name.replace('_', '-')}.")
    paths = [find_notebook(name) for name in notebooks] or shipped_notebooks()
    declared = [read_parameters(read_notebook(path), path.stem) for path in paths]
    # A parameter goes to the notebooks that have it; one that none has is misspelt, and the first says so.
    known = {name for own in declared for name in own}
    asked_for = []
    for path, own in zip(paths, declared, strict=True):
        asked = {name: text for name, text in texts.items() if name in own or name not in known}
        given = check_run(path, fixed | parse_parameters(own, asked, path.stem))[2]
        asked_for.append(Job(path.stem, slug(path.stem), path, given, single_file))
    load_spec(find_study(study))  # a study file that cannot be read needs no kernel to say so
    result = run_fleet(asked_for, output=output, workers=jobs, force=force)
    say_last(output / "index.html")
    end(result)


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
def index(output: Path) -> None:
    """Write the index of the pages in the output folder again."""
    from cxgap.report.index import write_index

    say(write_index(output))
