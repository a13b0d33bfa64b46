"""The front page of a folder of reports: what each one found, and which of them is not from its newest run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from cxgap import markup
from cxgap.errors import RunError
from cxgap.report.document import html_page
from cxgap.report.folders import FAILURE, REPORT
from cxgap.report.gate import problems
from cxgap.report.outline import NOT_MEASURED, Outline, read_outline
from cxgap.report.publish import locked, publish
from cxgap.report.script import ASSETS, Scripts, policy
from cxgap.report.sections import time_words, where_words
from cxgap.report.status import BAD, read_status
from cxgap.report.status import note_status as note_status  # a run notes how it ended, then renews the index
from cxgap.report.wording import many, moment_words
from cxgap.vocabulary import VERDICT_MARKS

INDEX: Final = "index.html"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
FOLDER_BUDGET: Final = 20_000_000  # bytes of forty pages and what they share
FOLDER_PAGES: Final = 40
_HEADS: Final = ("what it found", "report", "of", "verdicts", "respondents", "newest run")
_COMPOSED: Final = "9"  # begins the numbers of the notebooks that sum up the others, 90_executive and 91_analyst


def write_index(output: str | os.PathLike[str]) -> Path:
    """Write `output`/index.html from the pages and records that lie there, and return its path.

    Raises
    ------
    BusyError : a run holds the folder; it writes the index itself.
    RunError : the page did not pass the gate, or the disk is full; the index that was there stays.
    """
    try:
        with locked(Path(output)):
            return renew_index(Path(output))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise RunError(f"The index could not be written: {why}. The one that was there stays.") from error


def renew_index(output: Path) -> Path:
    """Write the index as `write_index` does, for one who holds the lock."""
    status = read_status(output)
    found = {path.parent.name: read_outline(path.parent) for path in output.glob(f"*/{REPORT}")}
    whole = {slug: outline for slug, outline in sorted(found.items(), key=_order) if outline is not None}
    alarms = [
        _failed(output, slug, status[slug], whole.get(slug)) for slug in sorted(status) if status[slug].get("state") in BAD
    ]
    alarms += [_damaged(slug) for slug, outline in sorted(found.items()) if outline is None]
    alarms += [_heavy(output, whole)]
    body = (
        f"<header><h1>Gap reports</h1></header>\n<main>{''.join(alarms)}{_table(whole, status)}</main>\n"
        '<footer id="end"><p>A negative gap is a shortfall for the customer.</p></footer>'
    )
    page = html_page("Gap reports", body, Scripts(policy(), ""))
    if wrong := problems(page):
        raise RunError(f"The index did not pass the gate: {'; '.join(wrong)}.")
    publish(output, {INDEX: page.encode()})
    return output / INDEX


def _order(item: tuple[str, Outline | None]) -> tuple[bool, str, str]:
    """Order reports as their notebooks are numbered, after those that sum them up."""
    slug, outline = item
    notebook = outline.notebook if outline else ""
    return not notebook.startswith(_COMPOSED), notebook, slug


def _table(whole: Mapping[str, Outline], status: Mapping[str, Mapping[str, Any]]) -> str:
    titles = {outline.study.title for outline in whole.values()}
    one = next(iter(titles)) if len(titles) == 1 else ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    rows = "".join(_row(slug, outline, status.get(slug, {}), titled=not one) for slug, outline in whole.items())
    caption = f"{many(len(whole), 'report')}{f' of {one}' if one else ''}"
    return (
        '<div class="scroll list" role="region" tabindex="0" aria-label="Reports">'
        f"<table><caption>{markup.prose(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(slug: str, outline: Outline, state: Mapping[str, Any], *, titled: bool) -> str:
    """Write a report's row; the title of its study too, where the reports are of several."""
    link = f'<a href="{quote(slug)}/{REPORT}">{markup.prose(outline.title)}</a>'
    study = outline.study
    cells = [
        [slug],
        [*([study.title] if titled else []), where_words(study), time_words(study)],
        _verdicts(outline.verdicts),
        [f"{study.respondents:,}"],
        [*_run(state), f"{outline.bytes / 1000:,.0f} kB".replace(" ", NO_BREAK)],
    ]
    text = "".join(f"<td>{'<br>'.join(map(markup.escape, lines))}</td>" for lines in cells)
    return f'<tr><th scope="row">{link}</th>{text}</tr>'


def _verdicts(verdicts: Mapping[str, int]) -> list[str]:
    said = [word if word == NOT_MEASURED else f"{VERDICT_MARKS[word]} {n} {word}" for word, n in verdicts.items()]
    return [text.replace(" ", NO_BREAK) for text in said]


def _run(state: Mapping[str, Any]) -> Sequence[str]:
    """Say how the newest run ended, when, and how long it took."""
    seconds = state.get("seconds")
    took = f"{seconds:g} s" if isinstance(seconds, int | float) else ""
    said = [str(state.get("state", "")), moment_words(str(state.get("finished", ""))), took]
    why = str(state.get("message") or "") if state.get("state") == "kept" else ""
    return [", ".join(filter(None, said)), *filter(None, [why])]


def _failed(output: Path, slug: str, state: Mapping[str, Any], outline: Outline | None) -> str:
    """Say that a report is old, why, and where to read what to do."""
    name = markup.escape(slug)
    why = markup.prose(str(state.get("message") or ""))
    good = state.get("good")
    since = moment_words(str(good.get("finished") or "")) if isinstance(good, dict) else ""
    rest = (
        f"the page below is from the run before{f', of {since}' if since else ''}" if outline else "there is no page of it yet"
    )
    there = Path(slug).name == slug and (output / slug / FAILURE).is_file()
    more = f' <a href="{quote(slug)}/{FAILURE}">What to do</a>.' if there else ""
    return f'<p class="alarm">The last run of {name} failed; {markup.prose(rest)}. {why}{more}</p>'


def _damaged(slug: str) -> str:
    return (
        f'<p class="alarm">The page of {markup.escape(slug)} is not listed: it is not whole, or not the one that its record '
        "describes. Run it again.</p>"
    )


def _heavy(output: Path, whole: Mapping[str, Outline]) -> str:
    """Say that the pages are larger in all than a folder of forty may be; nothing if they are not."""
    shared = sum(path.stat().st_size for path in (output / ASSETS).glob("*.js"))
    size = shared + sum(outline.bytes for outline in whole.values())
    most = FOLDER_BUDGET * max(1, -(-len(whole) // FOLDER_PAGES))
    if size <= most:
        return ""
    return (
        f'<p class="alarm">The pages are {size / 1e6:,.1f} MB in all, more than {most / 1e6:,.0f} MB. Pages that share the '
        "drawing script are a tenth the size of those that carry it.</p>"
    )
