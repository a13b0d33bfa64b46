"""Which encoding text was written in, told by the letters that it would hold."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final, NamedTuple

_MOST = 1 << 16  # bytes that are looked at
_LEAST = 0.3  # of the best, below which it makes no sense either
_CLEAR = 0.25  # by so much a letter the best must lead
MARKS: Final = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

_WEST, _WEST_RARE = "äöüßÄÖÜéèêëàâçîïôûùñáíóúÉÀÇåøæœãõ", "ÊÈËÂÎÏÔÛÙÑÁÍÓÚÅØÆŒÃÕìòÌÒÿŸÿð"
_CENTRE, _CENTRE_RARE = "ąćęłńóśźżčšžřůěýáíéúďťňőűäöüßăîâșțđ", "ĄĆĘŁŃÓŚŹŻČŠŽŘŮĚÝÁÍÉÚĎŤŇŐŰÄÖÜĂÎÂȘȚĐşţŞŢôôľĺŕ"
_TURKISH = "ğışöüçĞİŞÖÜÇâ"
_MARKS = "’“”„–…€«»‚‘•®©™°·£¿¡ºª§—\u00a0½²³"  # noqa: RUF001
_USUAL = "’“”„–…€«»¿¡°"
_ODD_MARKS = frozenset(_MARKS) - frozenset(_USUAL) | {"°"}
_CYRILLIC, _GREEK = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ", "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώς"

# The letters that are common in what is written, most of them in the questions and answers of surveys.
_HANGUL = (
    "가각간감갔강같개거건것게겠결경계고공과관교구국권그금급기까나난남내너네년노는니다단담당대더데도동되된될됩드든들등디때라락람래러"
    "럼렇레로록료루르른를름리린만많말매메면명모목무문물미및바반받방배번법변별보복본부분불브비빠사산상생서석선설성세소속송수순스습시"
    "식신실심십싶쓰아안않알았애야약양어언업없었에여역연열영예오온와완요용우운울움원월위유으은을음응의이인일임입있자작장재저적전절점"
    "정제조족좀종좋주준중즉지직진질집차참처천청체초최추출충친카커코크큰타태택터테토통트특티파판편평포표품프하학한할함합항해했행향험"
    "현형호화확환활회후휴희히남녀급별북"
)
_KANJI = (
    "日本人年月会社店員様時間分対応満足度非常普通不良回答者購入使用商品配送接客品質価格評価質問意見感想期待実際男女性別代東京都大阪府県市"
    "区町村名前番号問合電話説明理由利用思点全体的場所案内予約注文受付方高低早遅少多中小上下新古以下未満前後今後必要可能改善要望他特何"
    "京北海道福岡神奈川千葉埼玉愛知兵庫広島仙台"
)
_HANZI = (
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者"
    "多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从受访者触点满意度非常一般购买使用评价服务质量态度男女性别城市"
    "北京上海广州深圳提交间您我们否很差太比较重要期望实际感知题序号姓名电话速快慢问卷答案选项网店客户员工产品价格物流送货退换咨询"
)
_HANZI_OLD = (
    "的一是不了在人有我他這為之大來以個中上們到說國和地也子時道出而要於就下得可你年生自會那後能對著事其裡所去行過家十用發天如然作方成者"
    "受訪觸點接滿意度非常普通購買使用評價服務質量品態男女性別城市臺台北中高雄提交間您我們否很差太比較重要期望實際感知題號姓名電話速快慢"
    "問卷答案選項網店客戶員工產價格物流送貨退換諮詢"
)


class Encoding(NamedTuple):
    """What was found: the encoding, how it is known, what it may be instead, and whose it is in words."""

    name: str
    evidence: str
    others: tuple[str, ...] = ()
    words: str = ""


class _Script(NamedTuple):
    words: str
    common: frozenset[str]
    rare: frozenset[str]
    ranges: tuple[tuple[str, str], ...] = ()  # further letters of the script


def _script(words: str, common: str, rare: str = "", *ranges: tuple[str, str]) -> _Script:
    return _Script(words, frozenset(common), frozenset(rare), ranges)


_KANA = (("ぁ", "ん"), ("ァ", "ー"))
_WESTERN = _script("Western European", _WEST, _WEST_RARE)
_CENTRAL = _script("Central European", _CENTRE, _CENTRE_RARE)
_RUSSIAN = _script("Cyrillic", _CYRILLIC, _CYRILLIC.upper())
_JAPANESE = _script("Japanese", _KANJI + "".join(chr(code) for low, high in _KANA for code in range(ord(low), ord(high) + 1)))
_CHINESE = _script("Chinese", _HANZI)

# Where two do equally well, the first is proposed.
_CANDIDATES: Final = {
    "cp1252": _WESTERN,
    "cp949": _script("Korean", _HANGUL),
    "cp932": _JAPANESE,
    "gb18030": _CHINESE,
    "big5": _script("Chinese, traditional", _HANZI_OLD),
    "euc_jp": _JAPANESE,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1251": _RUSSIAN,
    "koi8_r": _RUSSIAN,
    "cp1253": _script("Greek", _GREEK, _GREEK.upper()),
    "cp1254": _script("Turkish", _TURKISH, ""),
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
}
_OWN_LETTERS = {"Cyrillic", "Greek"}
_STANDARD = {"cp949": "euc_kr", "cp932": "shift_jis", "gb18030": "gb2312"}  # what is beyond is seldom written


def tell(sample: bytes, other: str = "") -> Encoding | None:
    """Return the encoding in which bytes that are not UTF-8 make the best sense, None where they make none in any.

    Parameters
    ----------
    sample : whole lines, of which those beyond ASCII are looked at
    other : one that it is not
    """
    lines = b"\n".join(line for line in sample.splitlines() if not line.isascii())
    if len(lines) > _MOST:
        lines = lines[:_MOST].rpartition(b"\n")[0] or lines
    left_out = other.casefold().replace("-", "_")
    texts = {name: _decoded(lines, name) for name in _CANDIDATES if name != left_out}
    scores = {name: _score(text, name) for name, text in texts.items() if text is not None}
    if not scores:
        return None
    ranked = sorted(scores, key=lambda name: -scores[name])  # stable: the first of equals stays first
    best = ranked[0]
    rivals = [name for name in ranked[1:] if scores[name] > scores[best] - _CLEAR and texts[name] != texts[best]]
    if scores[best] < _LEAST:
        return None
    beyond = sum(1 for letter in texts[best] or "" if letter > "\x7f")
    sure = "clearly" if not rivals and beyond > 8 else "likely" if not rivals else "perhaps"
    words = _CANDIDATES[best].words
    return Encoding(best, f"{sure} {best} ({words}): its letters make the best words", tuple(rivals), words)


def _decoded(sample: bytes, name: str) -> str | None:
    try:
        return sample.decode(name)
    except UnicodeDecodeError:
        return None


def _score(text: str, name: str) -> float:
    """Return the mean plausibility of the letters beyond ASCII, about 1 where all are common and below 0 where most are odd."""
    script, total, letters = _CANDIDATES[name], 0.0, 0
    for before, letter, after in _beyond(text):
        letters += 1
        total += _plausible(before, letter, after, script, name)
    return total / letters if letters else 0.0


def _beyond(text: str) -> Iterator[tuple[str, str, str]]:
    framed = f" {text} "
    return ((framed[at - 1], framed[at], framed[at + 1]) for at in range(1, len(framed) - 1) if framed[at] > "\x7f")


def _plausible(before: str, letter: str, after: str, script: _Script, name: str) -> float:
    inside = before.isalpha() and after.isalpha()
    if script.words in _OWN_LETTERS and (_is_latin(before) or _is_latin(after)):
        return -1.0  # nobody writes one word in two scripts
    if letter in script.common:
        return -0.5 if letter.islower() and after.isupper() else 1.0
    if letter in script.rare:  # capitals, which stand at the beginning of a word or among capitals
        return -0.5 if before.islower() else 0.8
    if letter in _MARKS and {before, after} & _ODD_MARKS:
        return -0.5
    if letter in _MARKS:
        if inside:
            return {"’": 1.0, "·": 0.3}.get(letter, -1.0)
        if letter in "¿¡" and after.isalpha():
            return 1.0
        return 0.9 if letter in _USUAL else 0.3
    if "\u3000" <= letter <= "\u3011" or "\uff01" <= letter <= "\uff5e":
        return 0.3
    if name in _STANDARD:
        return 0.2 if _is_standard(letter, _STANDARD[name]) and not "\uff61" <= letter <= "\uff9f" else -1.0
    return 0.2 if name in ("big5", "euc_jp") and "一" <= letter <= "鿿" else -1.0


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _is_standard(letter: str, name: str) -> bool:
    try:
        return len(letter.encode(name)) == 2 and (letter > "\u2fff")
    except UnicodeEncodeError:
        return False
