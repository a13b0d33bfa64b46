"""The register of outside claims: what others are said to have found, and what to think of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from cxgap.claimed import NOT_CHECKED, REFUTED, Claim, known_claims
from cxgap.errors import ArgumentError
from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted

SLUG: Final = "claims"


def claims(*used: str | Prose | Table) -> Table:
    """List outside claims with source, status and the caution that belongs beside each.

    Parameters
    ----------
    used : keys of claims, such as "bain_80_8", or texts, sentences and tables of a page, of which the claims that they tell
        are listed; without any, all that are registered

    Returns
    -------
    Table "claims", one row a claim: `claim`, `statement`, `source`, `base`, `year` (NaN where not known), `status`
    ("confirmed", "disputed", "refuted" or "not checked"), `seen` (what of it was looked up, and where) and `caution`.

    Raises
    ------
    ArgumentError : `used` holds something else.
    """
    register = known_claims()
    chosen = (
        list(register)
        if not used
        else [key for key, claim in register.items() if any(_is_told(claim, thing) for thing in used)]
    )
    if not chosen:
        return Table.not_measured(SLUG, "Outside claims", "nothing here rests on what others are said to have found")
    rows = [register[key] for key in chosen]
    frame = pd.DataFrame([claim._asdict() for claim in rows]).rename(columns={"key": "claim"}).drop(columns="patterns")
    frame["year"] = frame["year"].astype(float).where(frame["year"] > 0)
    doubtful = sum(claim.status in ("disputed", REFUTED) for claim in rows)
    unchecked = sum(claim.status == NOT_CHECKED for claim in rows)
    title = f"{counted(len(rows), 'outside claim')}: {doubtful} disputed or refuted, {unchecked} not checked"
    columns = {
        "statement": ("what is said", str), "source": ("source", str), "base": ("of whom", str), "status": ("status", str),
        "seen": ("looked up", str), "caution": ("caution", str),
    }  # fmt: skip
    notes = [
        "None of these is a parameter or a benchmark of any method; what they say is estimated from your own data, or not said."
    ]
    made = Table.of(frame, slug=SLUG, title=title, columns=columns, keys=1, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _is_told(claim: Claim, thing: object) -> bool:
    """Say whether something is the key of the claim, or tells it."""
    if isinstance(thing, str):
        return thing == claim.key or (thing not in known_claims() and claim.is_told_by(thing))
    if isinstance(thing, Prose | Table):
        return claim.is_told_by(repr(thing))
    raise ArgumentError(f"`used` must hold keys of claims, texts, or what cxgap returned, not {type(thing).__name__}.")


def cautions(*texts: str) -> tuple[Sentence, ...]:
    """Return the cautions of the claims that some texts tell, each once."""
    whole = " ".join(texts)
    return tuple(
        Sentence(claim.caution) for claim in known_claims().values() if claim.is_told_by(whole) and claim.caution not in whole
    )


def with_cautions(prose: Prose) -> Prose:
    """Add to the limits of some sentences the cautions of the outside claims that they tell."""
    told = [prose.headline, *(sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part)]
    found = cautions(*told)
    return replace(prose, limits=(*prose.limits, *found)) if found else prose
