"""What a question asks for: its words say which rating it is, in the languages that surveys are asked in."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from cxgap.inspection.names import bare, marks, pieces, without

# What a question asks, found in its words without accents.
_SAID: Final = {
    "disconfirmation": r"""
    \b(?:than|compared (?:to|with)|relative to|in relation to|against)\b.{0,25}\bexpect
    |\b(?:meet|met|meets|exceed\w*|fulfil\w*|live[ds]? up to|fall short of|surpass\w*|match\w*)\b.{0,30}\bexpect
    |\bas (?:you )?expected|expectations?.{0,25}\b(?:met|exceeded|fulfilled)|(?:besser|schlechter) als erwartet
    |(?:erfull|entsproch|entsprich|entsprach|ubertroff|ubertraf|gerecht).{0,40}erwart
    |erwartungen.{0,40}(?:erfull|entspr|ubertr|gerecht)|vergleich.{0,25}erwart|wie erwartet
    |(?:repond|conforme|hauteur|depass|satisf|combl|rapport|correspond).{0,30}attentes|que prevu|qu'attendu
    |(?:cumpl|super|satisf|respect|comparacion|correspond).{0,30}expectativas|(?:de|que) lo (?:que )?(?:se )?esper
    |(?:atend|correspond|super|relacao).{0,30}expectativas|(?:soddisf|rispett|super).{0,30}aspettative|del previsto
    |(?:voldaan|voldeed|overtrof).{0,30}verwacht|dan verwacht|기대(?:보다|에 비|에 부응|를? ?충족|이상|대비)
    |期待(?:より|通り|どおり|以上|に比べ|に応え|に沿)|(?:符合|超出|达到|低于|高于|超过|满足).{0,8}(?:期望|预期|期待)
    |beklenti\w*.{0,20}(?:karsila|as[ti]|ustun)|(?:sesuai|memenuhi|melebihi|melampaui|dibanding\w*).{0,20}harapan
    |(?:соответств|превзо|превыс|оправда|сравнен).{0,40}ожидан|чем ожид
    """,
    "importance": r"""
    importan|wichtig|중요|重要|\bonem(?:li|i)?\b|penting|важн|значим|belangrijk|\bpriorit
    """,
    "adequate": r"""
    \bminimum\b|\bleast acceptable|\badequate (?:level|service)|\bat (?:the )?(?:very )?least\b|barely acceptable|mindest
    |gerade noch|\bniveau minim|au minimum|como minimo|nivel minimo|minimo aceptable|no minimo|livello minimo|최소|最低
    |asgari|минимал|minimal\b
    """,
    "expectation": r"""
    \bexpect|\bshould\b|\bideal|\bdesire|\bexcellent\b.{0,60}\b(?:will|would|have|are)\b|erwart|\bsollte|\bwunsch
    |\bgewunscht|idealerweise|\battentes\b|\battend(?:ez|iez|u|ue|us|ais)\b|\bdevrai|souhait|(?<!d')(?<!temps )\battente\b
    |\bexpectativa|\bdeberia|\besper(?:a|aba|abas|as|o|ado|ada|arias?|ava|amos)\b|\bdeveria|\bdovre|\baspettativ
    |\bsi aspett|\bti aspett|\bverwacht|zou(?:den)? moeten|기대|期待|期望|预期|\bbekle[nrd]|\bbeklenti|\bharap|diharap
    |seharusnya|ожида|должн
    """,
    "perception": r"""
    \bperce(?:iv|pt)|\bexperienc|\bactual|\breceiv|\bdid (?:you|we)\b(?! expect)|\bhow (?:was|were)\b|wahrgenomm|wahrnehm
    |\berleb|\berfahr|tatsachlich|\bwie war|\bpercu|percev|\bvecu|\brecu\b|\bavez-vous|experimentado|percib|\brecib|perceb
    |receb|percep|ricev|ervar|waargenom|실제|체감|경험|인지|느[끼꼈낀]|実際|感じ|体験|知覚|实际|感知|感受|体验|\balgi
    |\byasad|gercekte|rasakan|persepsi|kenyataan|восприн|восприят|фактич|на самом деле|получ
    """,
    "rating": r"""
    \brat(?:e|ing)\b|\bevaluat|\bjudge\b|satisf|\bperform(?:ance|ed|s)?\b|bewert|zufrieden|\bwie gut|beurteil|evalu
    |\bnot(?:ez|eriez)|\bjuge|calific|valor(?:a|e|aria)\b|puntu|\bavali|soddisf|\bvalut|beoorde|tevred|만족|평가|満足|評価
    |满意|评价|degerlendir|memnun|\bpuas|kepuasan|nilai|оцен|удовлетвор
    """,
}
_ASKS: Final = {role: re.compile("".join(line.strip() for line in words.strip().splitlines())) for role, words in _SAID.items()}
_WAITING: Final = re.compile(r"d'attente|tiempos? de espera|tempos? de espera|lista de espera|sala de espera|attesa")
_SHORTLY: Final = 10  # words of a label: a longer text is a sentence
_FILLING: Final = frozenset(
    [
        "your",
        "my",
        "our",
        "level",
        "of",
        "service",
        "the",
        "a",
        "you",
        "i",
        "we",
        "is",
        "was",
        "what",
        "ihre",
        "ihr",
        "mein",
        "meine",
        "unser",
        "der",
        "die",
        "das",
        "le",
        "la",
        "les",
        "votre",
        "vos",
        "niveau",
        "de",
        "du",
        "des",
        "su",
        "sus",
        "nivel",
        "el",
        "los",
        "seu",
        "sua",
        "nivel",
        "livello",
        "il",
        "lo",
        "uw",
        "het",
        "mijn",
        "수준",
        "の",
        "度",
        "水平",
        "您",
        "的",
    ]
)
_PARTS: Final = re.compile(r"\s+[-–—|»>]+\s+|\s*[|»]\s*|\s*\n\s*")
_COLON: Final = re.compile(r"\s*[:\uff1a]\s+|(?<=[?\uff1f])\s+")  # "What do you expect of us: polite staff"
_BRACKET: Final = re.compile(r"^(?P<stem>.*?)\s*\[(?P<item>[^\[\]]+)\]\s*(?:\[(?P<more>[^\[\]]+)\])?$", re.DOTALL)


class Said(NamedTuple):
    """What a question says: the role, "" where it says none or several, and what it is about without the words that say so."""

    role: str
    about: str
    stem: str
    topic: str = ""  # what it is about, as it is written


def roles_in(text: str) -> set[str]:
    """Return all that a sentence seems to ask for; "rating" is a perception, where nothing else is said."""
    plain = _WAITING.sub(" ", bare(text).replace("\u2019", "'").replace("_", " "))
    return {role for role, words in _ASKS.items() if words.search(plain)}


def role_in(text: str) -> str:
    """Return the one that a sentence asks for: "disconfirmation", a rating, "both" for two, or ""."""
    met = roles_in(text)
    for role in ("disconfirmation", "importance", "adequate"):
        if role in met:
            return role
    if {"expectation", "perception"} <= met:
        return "both"
    return next((role for role in ("expectation", "perception") if role in met), "perception" if "rating" in met else "")


@lru_cache(maxsize=16384)
def said(wording: str) -> Said:
    """Read a question: its parts are the question and what it is about, written "question - item" or "question [item]"."""
    text = unicodedata.normalize("NFC", wording).strip()
    if match := _BRACKET.match(text):
        parts = [part.strip() for part in (match["stem"], match["item"], match["more"]) if part and part.strip()]
    else:
        parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    if len(parts) < 2:
        parts = [part.strip() for part in _COLON.split(text, maxsplit=1)]
        if len(parts) < 2 or not parts[1] or not role_in(parts[0]) or roles_in(parts[1]) - {"rating"}:
            return _said_at_once(text)
    heads = [place for place, part in enumerate(parts) if (role := _heading(part)) and _may(role, parts, place)]
    if len(heads) == 1:  # the head of a column in a matrix of several ratings
        rest = [part for place, part in enumerate(parts) if place != heads[0]]
        return Said(_heading(parts[heads[0]]), about_key(rest[-1]), parts[heads[0]], rest[-1])
    asked = [role_in(part) for part in parts]
    firm = [place for place, part in enumerate(parts) if asked[place] and roles_in(part) != {"rating"}]
    for place in [*firm, *(place for place, role in enumerate(asked) if role)][:1]:
        others = {asked[other] for other in firm if other != place} - {asked[place]}
        if place and asked[0] and asked[0] != asked[place]:
            others.add(asked[0])  # "Please rate [what to expect]" is a rating, or an expectation
        clash = asked[place] == "both" or (others & {"expectation", "perception", "both"} and asked[place] != "importance")
        about = next(part for other, part in reversed(list(enumerate(parts))) if other != place)
        return Said("" if clash else asked[place], about_key(about), parts[place], about)
    return Said("", about_key(parts[-1]), parts[0], parts[-1])


def _said_at_once(text: str) -> Said:
    """Read a question that is one sentence; where one word of it names the rating, it is about the others."""
    role, whole = role_in(text), [mark for mark in marks(text) if mark.strength == "whole"]
    if len(whole) == 1 and whole[0].role in (role, "rating") and len(text.split()) <= _SHORTLY:
        return Said(role, " ".join(without(text, whole[0])), "")
    return Said("" if role == "both" else role, about_key(text), "")


def _heading(part: str) -> str:
    """Return the rating that a part of a question names, and does nothing else."""
    found = {mark.role for mark in marks(part) if mark.strength == "whole"}
    words = [piece.text for piece in pieces(part)]
    named = {mark.word for mark in marks(part)}
    return found.pop() if len(found) == 1 and all(word in named or word in _FILLING for word in words) else ""


def _may(role: str, parts: list[str], place: int) -> bool:
    """Whether a heading may be believed: not where the question asks for the importance of it."""
    said_so = [roles_in(part) for other, part in enumerate(parts) if other != place]
    return role == "importance" or not any("importance" in roles and "expectation" not in roles for roles in said_so)


def about_key(text: str) -> str:
    """Return what a text is about, as two texts are compared."""
    return " ".join(re.findall(r"[^\W_]+", bare(text)))
