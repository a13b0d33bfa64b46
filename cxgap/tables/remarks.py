"""What stands in a file beside its rows: totals and averages in the languages of spreadsheets, and notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxgap.folding import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split("|"))


# Words that stand for a summary wherever they are; in the languages of spreadsheets that were met.
SUMMARIES = _words(
    """
    total|totals|grand total|subtotal|sub-total|sub total|overall total|sum|average|averages|mean|mean value|
    median|std dev|std. dev.|standard deviation|total general|suma total|gesamt|gesamtergebnis|gesamtsumme|
    insgesamt|summe|zwischensumme|mittelwert|durchschnitt|standardabweichung|total général|sous-total|somme|
    moyenne|médiane|écart-type|subtotal general|suma|promedio|mediana|totale|totale complessivo|somma|totaal|
    eindtotaal|gemiddelde|soma|total geral|média|suma końcowa|średnia|razem|celkem|průměr|summa|medelvärde|
    gennemsnit|gjennomsnitt|yhteensä|keskiarvo|toplam|genel toplam|ortalama|итого|общий итог|всего|сумма|
    среднее|среднее значение|סך הכל|ממוצע|المجموع|المتوسط|合計|総計|小計|平均|平均値|中央値|总计|总和|小计|平均值|總計|總和|
    합계|총합계|소계|총계|평균|중앙값
    """
)
# Words that may be names too: a region N, a touchpoint Media.
DOUBTFUL = _words(
    """
    n|min|max|minimum|maximum|media|moda|mode|medio|summary|all|overall|net|count|counts|base|sd|s.d.|
    std|stdev|stddev|std dev|std. deviation|std deviation|variance|valid n|average score|mean score|total score|
    average rating|mean rating|respondents|anzahl|alle|ø|effectif|ecart type|écart type|ecart-type|recuento|
    desviación|desviación estándar|desviación típica|aantal|計|全体|標準偏差|标准差|평균값|전체|표준편차
    """
)
NOTE_WORDS = 3  # of a sentence, at the least
LONGEST = 40  # characters of a word that stands for a summary
_DIGIT = re.compile("[0-9]")
_BASE = re.compile(r"\s*([(\[]\s*(n\s*=)?\s*[0-9., ]+[)\]]|[:=]\s*[0-9., ]*)\s*", re.IGNORECASE)  # "Total (n = 60)", "n=60"
_SPACED = re.compile(r"(?<=[\u3000-\u9fff\uac00-\ud7a3])\s+(?=[\u3000-\u9fff\uac00-\ud7a3])")  # "합 계" is one word


def word_of(text: str) -> str:
    """Return a word as SUMMARIES and DOUBTFUL have it, without a colon or a count behind it; "" for what is long."""
    if len(text) > LONGEST:
        return ""
    head = _BASE.split(text, maxsplit=1)
    plain = head[0] if len(head) > 1 and not head[-1] else text
    return "" if _DIGIT.search(plain) else _SPACED.sub("", fold(plain))


def is_sentence(text: str) -> bool:
    """Whether a text has as many words as a note below a table."""
    return " " in text and len(text[:400].split()) >= NOTE_WORDS


def is_remark(fields: Sequence[str]) -> bool:
    """Whether a row that does not match its header is a note or a total below the table."""
    filled = [field for field in fields if field.strip()]
    return bool(filled) and (word_of(filled[0]) in SUMMARIES or (len(filled) == 1 and is_sentence(filled[0])))
