"""Names of columns: their words, and those by which they say which rating they are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

# Whole words in the name of a column, without accents. A word for waiting ("attente", "espera", "attesa") is none of them.
_WHOLE: Final = {
    "expectation": """
    expectation expectations expected expect expects expectancy exptation desired ideal should predicted
    erwartung erwartungen erwartet erwartete erwarten soll gewunscht wunsch
    attentes attendu attendue attendus souhaite
    esperado esperada esperados expectativa expectativas deseado deseada esperaba
    atteso aspettativa aspettative desiderato verwacht verwachting verwachtingen gewenst
    harapan diharapkan ekspektasi beklenti beklenen beklentisi
    기대 기대도 기대수준 期待 期待度 期待値 期待値 期望 期望值 期望度 预期
    ожидание ожидания ожидаемое ожидаемый ожидаемая ожидалось
    """,
    "perception": """
    perception perceptions perceived perceive perceives experienced experience actual received
    wahrnehmung wahrgenommen erlebt erlebte erleben erfahren erfahrung tatsachlich ist
    percu percue percus vecu vecue recu constate percibido percibida percepcion percepciones recibido experimentado
    percebido percebida percepcao recebido percepito percepita percezione ricevuto
    ervaren ervaring waargenomen ontvangen persepsi dirasakan kenyataan aktual algi algilanan gerceklesen
    인지 인지도 인식 지각 체감 실제 경험 지각도 실제수준 実際 知覚 感じた 実感 体験 実績 感知 感知值 实际 感受 体验 实际值
    восприятие восприятия воспринятое воспринимаемое фактическое факт опыт
    """,
    "adequate": """
    adequate minimum minimal acceptable tolerable mindest mindestens mindestmass minimo minima minimale
    최소 최소수준 最低 最低限 最低水平 asgari минимум минимальный
    """,
    "importance": """
    importance important wichtigkeit wichtig bedeutung importancia importante importanza belang belangrijk belangrijkheid
    중요도 중요 중요성 重要度 重要性 重要 onem onemi onemlilik kepentingan penting важность значимость priority
    """,
    # What is perceived of an item, where its importance or its expectation stands beside it.
    "rating": """
    satisfaction satisfied performance rating score zufriedenheit zufrieden bewertung leistung satisfaccion desempeno satisfacao
    soddisfazione tevredenheid kinerja kepuasan memnuniyet performans 만족 만족도 성과 満足 満足度 评价 满意度 满意 表现
    удовлетворенность оценка delivered
    """,
}
_SHORT: Final = {
    "expectation": "exp expc expt expec erw exps des wunsch",
    "perception": "per perc percp perp act wahr erl real prc pers",
    "adequate": "min ade adq acc",
    "importance": "imp impt wicht prio",
    "rating": "sat perf rat zuf satis",
}
_LETTERS: Final = {"e": "expectation", "p": "perception", "a": "adequate", "i": "importance", "s": "rating"}
# LibQUAL+ and its like write the three levels of the zone of tolerance so.
_THREE: Final = {"m": "adequate", "d": "expectation", "p": "perception"}

SEPARATORS: Final = " _.-:|/()[]#"  # between the words of a name
_CJK: Final = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PIECES: Final = re.compile(r"\d+|[^\W\d_]+|#")
_YEAR: Final = r"(?:19|20)\d\d"
_WAVE: Final = re.compile(
    rf"[\s_.\-:|/()\[\]]((?:w|wave|welle|vague|ola|t)\d{{1,2}}|{_YEAR}(?:[-_ ]?(?:q[1-4]|h[12]))?|q[1-4][-_ ]?{_YEAR})$",
    re.IGNORECASE,
)


class Mark(NamedTuple):
    """A word in a name that says a role: where it stands, how sure it is ("whole", "short" or "letter")."""

    start: int
    end: int
    role: str
    strength: str
    word: str


def bare(text: str) -> str:
    """Return a text as words are compared: one case, and no accents."""
    plain = unicodedata.normalize("NFKD", text.replace("\u0131", "i").replace("\u0130", "i")).casefold()
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if not unicodedata.combining(letter)))


_LEXICON: Final = {
    strength: {bare(word): role for role, words in lexicon.items() for word in words.split()}
    for strength, lexicon in (("whole", _WHOLE), ("short", _SHORT))
} | {"letter": _LETTERS | {letter: role for letter, role in _THREE.items() if letter not in _LETTERS}}
_IN_ONE_PIECE: Final = sorted((word for word in _LEXICON["whole"] if _CJK.search(word)), key=len, reverse=True)


class Piece(NamedTuple):
    """A stretch of letters or of digits in a name, and where it stands."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=16384)
def pieces(name: str) -> tuple[Piece, ...]:
    """Part a name into words and numbers: at signs, between letters and digits, and at capitals."""
    found = []
    for match in _PIECES.finditer(name):
        for start, end in _humps(name, match.start(), match.end()):
            word = bare(name[start:end])
            at = _cut(word) if len(word) == end - start else 0
            found += [Piece(word[:at], start, start + at)] if at else []
            found.append(Piece(word[at:], start + at, end))
    return tuple(found)


def _humps(name: str, start: int, end: int) -> list[tuple[int, int]]:
    """Part expectedSpeed before its capital, and SPEEDExpected before its last."""
    cuts = [start]
    for place in range(start + 1, end):
        after = name[place + 1 : place + 2]
        if name[place].isupper() and (name[place - 1].islower() or (after.islower() and place + 1 < end)):
            cuts.append(place)
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def _cut(word: str) -> int:
    """Return where a word of a script without spaces is parted from a word for a rating, 0 where it is not."""
    if word in _LEXICON["whole"] or not _CJK.search(word):
        return 0
    known = next((known for known in _IN_ONE_PIECE if word != known and (word.startswith(known) or word.endswith(known))), "")
    return 0 if not known else len(known) if word.startswith(known) else len(word) - len(known)


@lru_cache(maxsize=16384)
def marks(name: str) -> tuple[Mark, ...]:
    """Return the words of a name that may say which rating it is."""
    found = []
    for piece in pieces(name):
        for strength, lexicon in _LEXICON.items():
            if piece.text in lexicon:
                found.append(Mark(piece.start, piece.end, lexicon[piece.text], strength, piece.text))
                break
    return tuple(found)


def without(name: str, mark: Mark) -> tuple[str, ...]:
    """Return the other words of a name, where a number has no leading zeros."""
    rest = [piece.text for piece in pieces(name) if not (piece.start >= mark.start and piece.end <= mark.end)]
    return tuple(text.lstrip("0") or "0" if text.isdigit() else text for text in rest)


def wave_of(name: str) -> str:
    """Return the wave that a name ends on, as in speed_w3 or speed_2024Q1; "" where it ends on none."""
    match = _WAVE.search(name)
    return match[1] if match else ""


# Words at the head of an item's name that say its dimension; the last three are those of LibQUAL+.
_DIMENSIONS: Final = {
    "tangibles": "tang tangible tangibles tangibilidad materiell",
    "reliability": "rel reli reliab reliability fiabilidad zuverlassigkeit fiabilite",
    "responsiveness": "resp respo responsiveness reaktion reaktionsfahigkeit",
    "assurance": "assu assur assurance ass seguridad souveranitat",
    "empathy": "emp empa empathy empatia einfuhlung empathie",
    "affect of service": "as",
    "information control": "ic",
    "library as place": "lp",
}
_DIMENSION_OF: Final = {word: dimension for dimension, words in _DIMENSIONS.items() for word in words.split()}


def dimension_of(item: str) -> str:
    """Return the dimension that the name of an item begins with, "" where it begins with none."""
    words = pieces(item)
    return _DIMENSION_OF.get(words[0].text, "") if len(words) > 1 and words[1].text.isdigit() else ""
