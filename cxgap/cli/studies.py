"""Commands on a study: a sample of one, a proposal for one, its questions, its faults, its gaps."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cxgap.cli.options import FAILED, held, pairs, say
from cxgap.errors import ArgumentError
from cxgap.vocabulary import GAPS

PARQUET = (".parquet", ".pq")

if TYPE_CHECKING:
    import pandas as pd

    from cxgap.tables.big.choice import Engine


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--respondents", type=click.IntRange(min=50), help="Make a new study of this size instead of copying the sample.")
@click.option("--seed", type=int, default=20260331, show_default=True, help="For --respondents.")
@click.option("--format", "kind", type=click.Choice(["csv", "parquet"]), default="csv", help="For --respondents.")
def sample(folder: Path, respondents: int | None, seed: int, kind: Literal["csv", "parquet"]) -> None:
    """Put the sample study into FOLDER, to look at and to start from.

    The study file in it explains every key. Nothing that is already there is replaced.
    """
    from cxgap.shipped import shipped

    if folder.exists() and any(folder.iterdir()):
        raise ArgumentError(f"FOLDER must be new or empty, and {folder} holds files; name another.")
    folder.mkdir(parents=True, exist_ok=True)
    if respondents is None:
        for file in sorted(path for path in shipped("sample").iterdir() if path.suffix != ".jsonl"):
            shutil.copyfile(file, folder / file.name)
    else:
        from cxgap.simulate import simulate_study

        simulate_study(respondents, seed=seed).write(folder, format=kind)
        shutil.copyfile(shipped("sample") / "targets.toml", folder / "targets.toml")
        text = (shipped("sample") / "study.toml").read_text(encoding="utf-8")
        (folder / "study.toml").write_text(text.replace('.csv"', f'.{kind}"'), encoding="utf-8")
    say(folder / "study.toml")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--answers", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Rows of the survey.")
@click.option("--events", type=click.IntRange(min=0), default=0, show_default=True, help="Rows of a table of orders.")
@click.option("--shuffled/--sorted", default=False, help="Rows in random order, or by respondent.")
@click.option("--seed", type=click.IntRange(min=0), default=20260331, show_default=True)
def simulate(folder: Path, answers: int, events: int, shuffled: bool, seed: int) -> None:
    """Write a survey of any size into FOLDER, as Parquet, whose true gaps are in truth.json.

    One row an answer, written block by block: 100 million take a minute and some 200 MB of memory. What is written depends on
    the seed and the sizes alone.
    """
    from cxgap.progress import Progress
    from cxgap.simulate.large import simulate_large

    progress = Progress()
    order: Literal["sorted", "shuffled"] = "shuffled" if shuffled else "sorted"
    written = simulate_large(folder, answers, events=events, order=order, seed=seed, say=progress.step)
    progress.done(f"{written.answers:,} answers" + (f", {written.events:,} orders" if events else ""))
    say(written.path)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--delimiter", type=click.Choice([",", ";", "tab", "|"]), help="Found by the header unless given.")
@click.option("--encoding", default="utf-8", show_default=True)
@click.option("--header", type=click.IntRange(min=1), default=1, show_default=True, help="Row of the column names.")
def convert(file: Path, target: Path, delimiter: str | None, encoding: str, header: int) -> None:
    """Write the delimited text of FILE as Parquet to TARGET, which reads faster and means the same.

    Whole columns of whole numbers become numbers; all else stays the text that it is, so that a code 007 and a region NA are
    what they were. Memory holds a few megabytes at a time.
    """
    from cxgap.tables.big.staging import convert
    from cxgap.tables.source import Source

    if target.suffix.lower() not in PARQUET or file.suffix.lower() in PARQUET:
        raise ArgumentError(
            f"convert writes text as Parquet: FILE must be text and TARGET end in .parquet, not {target.name!r}."
        )
    if not target.parent.is_dir():
        raise ArgumentError(f"{target} needs the folder {target.parent}; make it, or name another.")
    mark = "\t" if delimiter == "tab" else delimiter
    source = Source.model_validate({"file": file.name, "delimiter": mark, "encoding": encoding, "header": header})
    say(f"{convert(file, target, source):,} rows", err=True)
    say(target)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--sheet", help="Of a workbook that has several.")
@click.option("--table", help="Of a database that has several.")
@click.option("--study", type=click.Path(path_type=Path), help="Write the study file here; study.toml beside the first FILE.")
@click.option("--no-study", is_flag=True, help="Write no study file.")
def inspect(files: tuple[Path, ...], sheet: str | None, table: str | None, study: Path | None, no_study: bool) -> None:
    """Look at FILEs of one study, or a folder of them, and propose a study file.

    Says what each file is, what its columns are taken for, which pair as expectation and perception, and what would go
    wrong in reading. What only you can answer is a "?" in the study file; nothing is read until it is answered. A study
    file that is there is never replaced.
    """
    from cxgap.inspection.inspection import inspect

    found = inspect(files, sheet=sheet, table=table)
    say(found)
    if not no_study:
        path = study or (files[0] if files[0].is_dir() else files[0].parent) / "study.toml"
        if path.exists() or not path.parent.is_dir():
            fault = "is there already, and is not replaced" if path.exists() else f"needs the folder {path.parent}"
            raise ArgumentError(f"{path} {fault}; name another with --study, or look without writing by --no-study.")
        say(found.write(path))


@click.command()
@click.argument("study")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path("questionnaire"), show_default=True)
@click.option("--language", multiple=True, default=["en"], show_default=True, help="en, de, fr, es or ko; repeat for more.")
@click.option(
    "--lint", is_flag=True, help="Write nothing; say what is wrong with the questions of STUDY, or of any survey file."
)
def questionnaire(study: str, output: Path, language: tuple[str, ...], lint: bool) -> None:
    """Write what to ask customers, managers and staff in the next wave of STUDY.

    For each of the three: a page to print, files that LimeSurvey and Qualtrics import, and a template for the answers.
    STUDY need not have answers yet: its study file and codebook are enough.
    """
    if lint:
        from cxgap.questionnaire.lint import lint_questionnaire

        found = lint_questionnaire(study)
        say(found)
        sys.exit(FAILED if len(found.frame) else 0)
    from cxgap.questionnaire.write import write_questionnaires

    written = write_questionnaires(study, output, languages=language)
    for name, items in written.untranslated.items():
        have = "items have" if len(items) > 1 else "item has"
        say(
            f"cxgap: {len(items)} {have} no wording in {name}; give it as wording_{name} in the codebook file, or as "
            f'wording = {{ {name} = "..." }} under [items.NAME].',
            err=True,
        )
    for path in written.paths:
        say(path)


@click.command()
@click.argument("study")
@click.option("--rejects", type=click.Path(file_okay=False, path_type=Path), help="Write what was rejected here.")
@held
def check(study: str, rejects: Path | None, engine: Engine | None, memory: str | None) -> None:
    """Read STUDY and print what is wrong with it, worst first.

    Ends with 1 if the study cannot be used. Rejected cells may be personal: --rejects writes files that only you can
    read.
    """
    from cxgap.tables.read import read_study

    read = read_study(study, engine=engine, memory=memory)
    say(read)
    if rejects is not None:
        for path in _write_rejects(read.rejects, rejects):
            say(path)


def _write_rejects(rejects: pd.DataFrame, folder: Path) -> list[Path]:
    from cxgap.export.text import csv_text

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    for table, rows in rejects.groupby("table"):
        path = folder / f"{table}.csv"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(csv_text(rows.drop(columns="table")).encode("utf-8", "backslashreplace"))
        written.append(path)
    return written


@click.command()
@click.argument("study")
@click.option("--gap", type=click.Choice(sorted(GAPS)), default="customer", show_default=True)
@click.option("--by", multiple=True, default=["touchpoint"], show_default=True, help="Repeat to cross; '' is all.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Restrict the study; repeat for more.")
@click.option("--as-of", default="", metavar="DATE", help="Leave out what came later.")
@click.option("--csv", is_flag=True, help="Print CSV for a program, not a table for the eye.")
@held
def score(
    study: str,
    gap: str,
    by: tuple[str, ...],
    where: tuple[str, ...],
    as_of: str,
    csv: bool,
    engine: Engine | None,
    memory: str | None,
) -> None:
    """Print one gap table for STUDY."""
    from cxgap.export.text import csv_text
    from cxgap.gaps.register import score
    from cxgap.tables.read import read_study

    read = read_study(study, where=pairs(where, "--where"), as_of=as_of, engine=engine, memory=memory)
    table = score(read, gap, by=[name for name in by if name])
    if csv:
        click.echo(csv_text(table.frame), nl=False)
    else:
        say(table)
