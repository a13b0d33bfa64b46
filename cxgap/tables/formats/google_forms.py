"""Google Forms: one row of whole questions, after a column of the times at which answers came in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from cxgap.tables.formats.heads import Heads
from cxgap.tables.formats.naming import one_line, told_apart
from cxgap.tables.header import check_header

# The first column, in the language of whoever owns the form.
TIMESTAMPS = (
    *("Timestamp", "Zeitstempel", "Horodateur", "Marca temporal", "Carimbo de data/hora", "Informazioni cronologiche"),
    *("Tijdstempel", "Tidstämpel", "Tidsstempel", "Tidsstempel", "Tidsmerke", "Aikaleima", "Sygnatura czasowa"),
    *("Časové razítko", "Časová značka", "Časová pečiatka", "Időbélyeg", "Marcaj temporal", "Marcă de timp", "Marca de temps"),
    *("Vremenska oznaka", "Časovni žig", "Laiko žyma", "Laika zīmogs", "Ajatempel"),
    *("Отметка времени", "Позначка часу", "Клеймо за време", "Временска ознака", "Χρονική σήμανση", "Zaman damgası"),  # noqa: RUF001
    *("タイムスタンプ", "타임스탬프", "时间戳记", "时间戳", "時間戳記", "Stempel waktu", "Cap waktu", "Cap masa"),
    *("Dấu thời gian", "ประทับเวลา", "طابع زمني", "الطابع الزمني", "חותמת זמן", "टाइमस्टैम्प"),
)

# The column of addresses that a form collects by itself, and of names in an organisation, in the same languages.
ADDRESSES = (
    *("Email Address", "Username", "E-Mail-Adresse", "Nutzername", "Benutzername", "Adresse e-mail", "Nom d'utilisateur"),
    *("Dirección de correo electrónico", "Nombre de usuario", "Endereço de e-mail", "Endereço de email", "Nome de usuário"),
    *("Nome de utilizador", "Indirizzo email", "Indirizzo e-mail", "Nome utente", "E-mailadres", "Gebruikersnaam"),
    *("E-postadress", "Användarnamn", "E-mailadresse", "Brugernavn", "E-postadresse", "Brukernavn", "Sähköpostiosoite"),
    *("Käyttäjätunnus", "Adres e-mail", "Nazwa użytkownika", "E-mailová adresa", "Uživatelské jméno", "E-mail-cím"),
    *("Felhasználónév", "Adresă de e-mail", "Nume de utilizator", "Адрес электронной почты", "Имя пользователя"),
    *("Електронна адреса", "Ім'я користувача", "Διεύθυνση ηλεκτρονικού ταχυδρομείου", "Όνομα χρήστη", "E-posta Adresi"),
    *("Kullanıcı adı", "メールアドレス", "ユーザー名", "이메일 주소", "사용자 이름", "电子邮件地址", "用户名"),  # noqa: RUF001
    *("電子郵件地址", "使用者名稱", "Alamat email", "Nama pengguna", "Địa chỉ email", "Tên người dùng", "ที่อยู่อีเมล", "ชื่อผู้ใช้"),
    *("عنوان البريد الإلكتروني", "اسم المستخدم", "כתובת אימייל", "שם משתמש"),
)
_TIME = re.compile(r"\d{1,4}\D{1,3}\d{1,2}\D{1,3}\d{1,4}\b.*\d{1,2}[:.]\d\d.*")
_DOWNLOADED = re.compile(r"\d{4}/\d\d?/\d\d? \d{1,2}:\d\d:\d\d \D+[+-]?[\d:]*")  # 2024/03/01 10:22:33 AM GMT+9
_GRID = re.compile(r".+ \[.+\]", re.DOTALL)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", one_line(text)).replace("\u2019", "'").casefold()


_TIMES, _PERSONAL = frozenset(map(_plain, TIMESTAMPS)), frozenset(map(_plain, ADDRESSES))


def heads(records: Sequence[Sequence[str]], place: str, first: int = 1) -> Heads:
    """Read the one row that heads an export; a question that was asked twice, as after an edit of the form, is numbered.

    Parameters
    ----------
    records : from the head on
    place : the file, as messages name it
    first : row of the file in which the head begins

    Raises
    ------
    StudyError : a column has no name.
    """
    questions = records[0] if records else []
    names, notes = told_apart([one_line(text) for text in questions], first)
    return Heads(
        names=check_header(names, place, first),
        wording={name: text.strip() for name, text in zip(names, questions, strict=True)},
        personal=tuple(name for name, text in zip(names, questions, strict=True) if _plain(text) in _PERSONAL),
        notes=notes,
    )


def recognise(records: Sequence[Sequence[str]]) -> str:
    """Say by what a file is known as an export of Google Forms; "" where it is none."""
    header = [one_line(cell) for cell in records[0]] if records else []
    first = [cells[0] for cells in records[1:] if cells and cells[0].strip()]
    asked = [text for text in header[1:] if _plain(text) not in _PERSONAL]
    if not asked or not all(map(_TIME.fullmatch, map(one_line, first))):
        return ""
    questions = sum(map(_is_question, asked))
    if _plain(header[0]) in _TIMES and questions:
        return f"column 1 is {header[0]!r}, and others are whole questions"
    if _plain(header[0]) in _TIMES and first and all(map(_DOWNLOADED.fullmatch, map(one_line, first))):
        return f"column 1 is {header[0]!r}, with times as a form writes them"
    if first and header[0] and len(header[0].split()) <= 3 and 2 * questions > len(asked):
        return f"column 1, {header[0]!r}, holds times, and most others are whole questions"
    return ""


def _is_question(text: str) -> bool:
    """Say whether a header reads as a question: it asks, has a row of a grid in brackets, or is a sentence."""
    asks = any(mark in text for mark in "?\uff1f\u061f\u037e")  # of Latin, Chinese and Japanese, Arabic, Greek
    return asks or bool(_GRID.fullmatch(text)) or len(text.split()) > 3
