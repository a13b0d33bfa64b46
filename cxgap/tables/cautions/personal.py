"""Personal data in text that is kept: found by its shape, counted, and never repeated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from cxgap.tables.issues import Issues

CODES = ("touchpoint", "wave", "item", "dimension", "question")  # of the study, and not of a customer
TRUE_NUMBERS = 0.5  # of the numbers of a card's length; by chance a tenth of them pass its check digit

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_CARD = re.compile(r"(?<![\w.+-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])")
_NUMBER = re.compile(r"\d(?:[^\d\n]{0,3}\d){7}")  # what any of them has, and few texts have
_AMOUNT = re.compile(r"\s*[+-]?\d+[.,]\d{1,2}\s*")
_PHONE = re.compile(
    r"(?<![\w.])(?:"
    r"(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?\d{1,5}(?:[ ./-]?\d{2,5}){1,4}"  # +49 30 1234567
    r"|\(0?\d{2,5}\)[ ./-]?\d{2,5}(?:[ ./-]?\d{2,5}){1,3}"  # (030) 123 4567
    r"|0\d{1,4}[ /-]\d{2,8}(?:[ /-]\d{2,5}){0,3}"  # 030 1234567
    r"|[2-9]\d{2}[ .-]\d{3}[ .-]\d{4}"  # 555-123-4567
    r")(?![\w]|[.,]\d)"
)


def personal_data(frame: pd.DataFrame, table: str, issues: Issues) -> None:
    """Warn of e-mail addresses, telephone, account and card numbers in columns of text; rows are counted."""
    for column in map(str, frame.columns.difference(CODES, sort=False)):
        values = frame[column]
        if isinstance(values.dtype, pd.CategoricalDtype) or values.dtype.kind != "O":
            continue
        codes, texts = pd.factorize(values)
        told = _told(list(map(str, texts)))
        if not told.any():
            continue
        hit = frame[np.append(told, False)[codes]]
        keys = [name for name in ("respondent_id", "wave") if name in frame]
        rows = len(hit.drop_duplicates([*keys, column]) if keys else hit)
        issues.add("personal_data", "warning", table=table, column=column, rows=rows)


def _told(texts: list[str]) -> np.ndarray:
    """Return which texts hold personal data."""
    told = np.zeros(len(texts), dtype=bool)
    numbers: dict[Callable[[str], bool], list[tuple[int, bool]]] = {check: [] for _, check in CHECKED}
    for place, text in enumerate(texts):
        if "@" in text and _EMAIL.search(text):
            told[place] = True
        elif _NUMBER.search(text) and not _AMOUNT.fullmatch(text):
            found = [(check, match.group()) for shape, check in CHECKED for match in shape.finditer(text)]
            for check, number in found:
                numbers[check].append((place, check(number)))
            told[place] = not found and _called(text)
    for marks in numbers.values():
        true = [place for place, passes in marks if passes]
        if len(true) > TRUE_NUMBERS * len(marks):
            told[true] = True
    return told


def _digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


def _called(text: str) -> bool:
    return any(9 <= _digits(match.group()) <= 15 for match in _PHONE.finditer(text))


def _is_card(number: str) -> bool:
    """Return whether the last digit is that of Luhn's sum."""
    digits = [int(digit) for digit in number if digit.isdecimal()][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_iban(number: str) -> bool:
    """Return whether the check digits are those of ISO 7064, MOD 97-10."""
    plain = number.replace(" ", "")
    while len(plain) >= 15:
        if int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1:
            return True
        plain = plain[:-1]  # a word in capitals may follow
    return False


CHECKED: Final = ((_IBAN, _is_iban), (_CARD, _is_card))
