"""Write the questionnaires of a study: pages to print, files to import, and templates for the answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cxgap.errors import ArgumentError, StudyError
from cxgap.questionnaire.form import NODES, Form, form_of
from cxgap.questionnaire.importable import limesurvey, qualtrics
from cxgap.questionnaire.phrases import check_language
from cxgap.questionnaire.printed import page
from cxgap.tables.codebook import read_codebook
from cxgap.tables.formats import read_file
from cxgap.tables.issues import Issues
from cxgap.tables.read import find_study
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile, load_spec

STAFF = {  # the table in which each node's answers are read, who answers, and what is rated
    "managers": ("managers", "manager_id", ("believed", "rating")),
    "staff": ("employees", "employee_id", ("standard", "delivered", "promised")),
}


class Written(NamedTuple):
    """The files that were written, and for each language the items that are not worded in it and stand in another."""

    paths: tuple[Path, ...]
    untranslated: Mapping[str, tuple[str, ...]]


def write_questionnaires(study: str | Path, folder: str | Path, *, languages: Sequence[str] = ("en",)) -> Written:
    """Write what to ask customers, managers and staff in the next wave, after what a study measures.

    For each of the three: a page to print in each language, a file for LimeSurvey in all of them, one for Qualtrics in each,
    and a template for the answers whose columns are those that the study reads.

    Parameters
    ----------
    study : as in `read_study`; only the study file and its codebook are read, so that there need be no answers yet
    folder : where the files go; what is there under the same name is replaced
    languages : of "en", "de", "fr", "es", "ko"; the questions themselves are in the languages that the codebook has

    Returns
    -------
    Written: paths, and what is not translated; a codebook without wordings counts as English where that is the first language.

    Raises
    ------
    StudyError : the study file or its codebook cannot be used, or there are no items.
    ArgumentError : a language is not known, or none is given.
    """
    if not languages:
        raise ArgumentError("`languages` must name at least one of en, de, fr, es, ko, and is empty.")
    for language in languages:
        check_language(language)
    path = find_study(study)
    spec, _ = load_spec(path)
    items, _ = read_codebook(spec, path.parent, Issues())
    if not items:
        raise StudyError(
            f"{path.name} must declare the items to ask, under [items] or in the file of [codebook], and has none; "
            'cx.instruments.servqual().frame.to_csv("items.csv", index=False) writes a codebook to start from.'
        )
    touchpoints = _touchpoints(spec, items, path.parent)
    brought = {column for link in spec.links.values() for column in link.columns}
    known = [name for name in (*spec.factors.controllable, *spec.factors.uncontrollable) if name not in brought]
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written = []
    for node in NODES:
        forms = [form_of(node, spec, items, touchpoints, language) for language in languages]
        texts = {f"{node}.{form.language}.html": page(form) for form in forms}
        texts |= {f"{node}.{form.language}.qualtrics.txt": qualtrics(form) for form in forms}
        texts[f"{node}.limesurvey.txt"] = limesurvey(forms)
        texts[f"{node}.csv"] = template(node, forms[0], items, touchpoints, known)
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8", newline="\n")
            written.append(place / name)
    worded = any(item.wording for item in items.values())
    counts = () if worded or languages[0] != "en" else ("en",)  # labels count as English where nothing is worded
    lacking = {form.language: form.untranslated for form in forms if form.untranslated and form.language not in counts}
    return Written(tuple(written), lacking)


def template(node: str, form: Form, items: Mapping[str, Item], touchpoints: Sequence[str], known: Sequence[str] = ()) -> str:
    """Write the header of the file in which answers are read; for managers and staff, with a row a touchpoint and item.

    `known` are columns of customers' answers that the study reads and no form asks.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if node == "customers":
        writer.writerow(list(dict.fromkeys(["respondent_id", "at", "wave", "touchpoint", *form.columns, *known])))
        return text.getvalue()
    _, rater, ratings = STAFF[node]
    numbers = [column for column in form.columns if column not in ("touchpoint",) and " " not in column]
    writer.writerow([rater, "touchpoint", "item", *ratings, *numbers])
    for touchpoint in touchpoints or ("",):
        for name, item in items.items():
            if item.retained and item.touchpoint in (None, touchpoint):
                writer.writerow(["", touchpoint, name, *[""] * (len(ratings) + len(numbers))])
    return text.getvalue()


def _touchpoints(spec: StudyFile, items: Mapping[str, Item], folder: Path) -> tuple[str, ...]:
    """Name the touchpoints in the order of the journey: those declared, those of items, or those of the table of them."""
    if spec.study.touchpoints:
        return spec.study.touchpoints
    if of_items := tuple(dict.fromkeys(item.touchpoint for item in items.values() if item.touchpoint)):
        return of_items
    if "touchpoints" in spec.tables:
        frame = read_file(folder, spec.tables["touchpoints"], ["touchpoint"]).frame
        return tuple(dict.fromkeys(name.strip() for name in frame.get("touchpoint", [])))
    return (spec.responses.touchpoint,) if spec.responses.touchpoint else ()
