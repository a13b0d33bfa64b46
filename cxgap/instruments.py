"""Published questionnaires as data: what is asked, of which dimension, and on which scale.

The questions are paraphrases of ours; the published wordings belong to their authors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from cxgap import markup
from cxgap.errors import ArgumentError


class Question(NamedTuple):
    """One item: its number as published, its dimension, what it asks, and whether it was worded the other way round."""

    item: str
    dimension: str
    label: str
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire.

    Attributes
    ----------
    name : as the field calls it
    questions : in the order of the authors
    scale : lowest and highest answer
    columns : what is rated for each question
    expectation_type : what respondents are asked to expect, a key of `vocabulary.EXPECTATION_TYPES`; None where nothing is
    source : author, year, journal
    notes : what whoever uses it must know
    """

    name: str
    questions: tuple[Question, ...]
    scale: tuple[int, int]
    columns: tuple[str, ...]
    expectation_type: str | None
    source: str
    notes: tuple[str, ...] = ()

    @property
    def frame(self) -> Any:
        """The key as a DataFrame, fit to be a study's codebook: item, dimension, label, retained, reversed."""
        import pandas as pd

        rows = [(q.item, q.dimension, q.label, True, q.reversed) for q in self.questions]
        return pd.DataFrame(rows, columns=["item", "dimension", "label", "retained", "reversed"])

    def study_toml(
        self,
        file: str = "responses.csv",
        *,
        title: str = "A study",
        touchpoint: str = "The service",
        codebook: str = "items.csv",
    ) -> str:
        """Return a study file for answers in the columns e01, e02, ... and p01, p02, ... of a wide CSV file.

        Parameters
        ----------
        file, title, codebook : as in docs/study.md
        touchpoint : what all answers are about; "" where a column says so

        Raises
        ------
        ArgumentError : the instrument asks for no expectation, and without one there is no gap.
        """
        if self.expectation_type is None:
            raise ArgumentError(f"{self.name} asks for no expectation, so no study of gaps can be made of it; see servqual().")
        asked = {"expectation": "e{item}", "perception": "p{item}", "adequate": "a{item}"}
        lines = ["[study]", f'title = "{title}"', f'expectation_type = "{self.expectation_type}"', "", "[scale]"]
        lines += [f"low = {self.scale[0]}", f"high = {self.scale[1]}", "", "[responses]", f'file = "{file}"', 'layout = "wide"']
        lines += [f'touchpoint = "{touchpoint}"'] if touchpoint else []
        lines += [f'{name} = "{asked[name]}"' for name in self.columns]
        return "\n".join([*lines, "", "[codebook]", f'file = "{codebook}"', ""])

    def __repr__(self) -> str:
        rows = [f"{q.item}  {q.dimension:<15} {q.label}{' (reversed)' if q.reversed else ''}" for q in self.questions]
        low, high = self.scale
        return "\n".join([f"{self.name}: {len(rows)} items, {low} to {high}; {self.source}", *rows, *self.notes])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        rows = [[q.item, q.dimension, q.label, "yes" if q.reversed else ""] for q in self.questions]
        table = markup.table_html(["item", "dimension", "question", "reversed"], rows, f"{self.name}; {self.source}")
        return {"text/plain": repr(self), "text/html": table + "".join(f"<p>{markup.prose(note)}</p>" for note in self.notes)}


_COUNTS: Final = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
_LABELS: Final = (
    "The equipment is modern",
    "The premises are good to look at",
    "Staff are neat in appearance",
    "Leaflets, letters and screens are well made",
    "What was announced for a certain time is done by then",
    "A customer's problem is taken up in earnest",
    "The work is right the first time",
    "The service comes when it was said to come",
    "Records are free of errors",
    "Staff tell customers exactly when something will be done",
    "Staff serve without delay",
    "Staff are always ready to help",
    "Staff are never too busy to answer",
    "The way staff behave makes customers trust them",
    "Customers feel safe in their dealings",
    "Staff are always courteous",
    "Staff know enough to answer questions",
    "Customers get attention as persons",
    "Opening hours suit all customers",
    "Somebody cares for each customer personally",
    "The customer's interest comes first",
    "Staff understand what this customer needs",
)
_LABELS_1988: Final = {
    "04": "The look of the place fits the kind of service",
    "17": "Staff have the firm's backing to do their work well",
}
_REVERSED_1988: Final = frozenset({"responsiveness", "empathy"})
_PARAPHRASE: Final = "The questions are paraphrases; the published wordings belong to their authors."


def servqual(edition: int = 1991) -> Instrument:
    """Return SERVQUAL: 22 items of five dimensions, each rated twice.

    Parameters
    ----------
    edition : 1991, which asks what an excellent company will offer and words every item positively, or 1988, which asks
        what a company should offer and words responsiveness and empathy negatively

    References
    ----------
    Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40; Parasuraman, Berry & Zeithaml (1991),
    Journal of Retailing 67(4), 420-450.
    """
    if edition == 1991:
        source = "Parasuraman, Berry & Zeithaml (1991), Journal of Retailing 67(4), 420-450"
        return Instrument(
            "SERVQUAL 1991", _questions(), (1, 7), ("expectation", "perception"), "desired", source, (_PARAPHRASE,)
        )
    if edition == 1988:
        source = "Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40"
        questions = tuple(
            q._replace(label=_LABELS_1988.get(q.item, q.label), reversed=q.dimension in _REVERSED_1988) for q in _questions()
        )
        notes = (
            _PARAPHRASE,
            "Reversed items were worded negatively in both batteries; the labels here are positive, and reading turns answers.",
        )
        return Instrument("SERVQUAL 1988", questions, (1, 7), ("expectation", "perception"), "should", source, notes)
    raise ArgumentError(f"`edition` must be 1988 or 1991, not {edition!r}.")


def servperf() -> Instrument:
    """Return SERVPERF: the perceptions of SERVQUAL alone.

    References
    ----------
    Cronin & Taylor (1992), Journal of Marketing 56(3), 55-68.
    """
    source = "Cronin & Taylor (1992), Journal of Marketing 56(3), 55-68"
    notes = (
        _PARAPHRASE,
        "Nothing is asked of expectations, so there is no gap; `customer_gap` gives its score beside every gap.",
    )
    return Instrument("SERVPERF", _questions(), (1, 7), ("perception",), None, source, notes)


def three_column() -> Instrument:
    """Return the three-column format: the least that is acceptable, the level that is wished for, and what was perceived.

    References
    ----------
    Parasuraman, Zeithaml & Berry (1994), Journal of Retailing 70(3), 201-230.
    """
    source = "Parasuraman, Zeithaml & Berry (1994), Journal of Retailing 70(3), 201-230"
    notes = (_PARAPHRASE, "The published form has 21 items on nine points; here are the 22 of 1991 on nine points.")
    columns = ("expectation", "perception", "adequate")
    return Instrument("SERVQUAL, three columns", _questions(), (1, 9), columns, "desired", source, notes)


def _questions() -> tuple[Question, ...]:
    dimensions = [name for name, count in _COUNTS.items() for _ in range(count)]
    return tuple(
        Question(f"{number:02d}", dimension, label)
        for number, (dimension, label) in enumerate(zip(dimensions, _LABELS, strict=True), start=1)
    )
