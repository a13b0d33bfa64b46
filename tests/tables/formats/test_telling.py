"""Which encoding a file was written in, told from the few words that a survey has: the authority is who wrote it."""

from __future__ import annotations

import pytest

from cxgap.inspection.detect import detect
from cxgap.inspection.profile import profile
from cxgap.tables.formats.telling import tell

KOREAN = [
    "응답자,접점,만족도\n1,구매,매우 만족\n2,사용,보통\n",
    "id,성별\n1,남\n2,여\n",
    "타임스탬프,직원이 친절합니까?,의견\n2026-03-01,5,배송이 늦었어요\n",
    "id,지역\n1,서울\n2,부산\n3,대구\n",
    "번호,기대하는 서비스 수준은 어느 정도입니까?,실제 서비스는 어땠습니까?\n1,7,5\n",
    "지점,추천하시겠습니까\n강남점,예\n수원점,아니오\n",
]
JAPANESE = [
    "回答者,接点,満足度\n1,購入,とても満足\n2,配送,普通\n",
    "id,性別\n1,男性\n2,女性\n",
    "タイムスタンプ,スタッフの対応はいかがでしたか,ご意見\n2026-03-01,5,よかったです\n",
    "id,地域\n1,東京\n2,大阪\n3,名古屋\n",
    "会員番号,期待,実際\nA1,とても重要,まあまあ\n",
]
CHINESE = [
    "受访者,触点,满意度\n1,购买,非常满意\n2,使用,一般\n",
    "id,性别\n1,男\n2,女\n",
    "提交时间,您对我们的服务是否满意,意见\n2026-03-01,5,很好\n",
    "id,地区\n1,北京\n2,上海\n3,广州\n",
    "序号,期望的服务水平,实际感知的服务水平\n1,7,5\n",
]
TAIWANESE = ["受訪者,接觸點,滿意度\n1,購買,非常滿意\n", "id,性別\n1,男\n2,女\n", "編號,您對我們的服務滿意嗎\n1,滿意\n"]
GERMAN = [
    "id,Zufriedenheit für Service\n1,sehr gut\n2,höher\n",
    "id,Region\n1,Köln\n2,Düsseldorf\n3,Gießen\n",
    "Größe;Übergabe\nüblich;schön\n",
]
FRENCH = [
    "id,qualité perçue\n1,très bien\n2,déçu\n",
    "id,Région\n1,Île-de-France\n2,Rhône\n",
    "id,q\n1,l’accueil était médiocre\n",
]
SPANISH = [
    "id,¿Cómo valora la atención?\n1,año\n",
    "id,región\n1,Málaga\n2,La Coruña\n",
    "Satisfacción general\nMuy buena, ¡gracias!\n",
]
POLISH = ["id,Jak oceniasz obsługę?\n1,bardzo źle\n2,średnio\n", "id,miasto\n1,Łódź\n2,Kraków\n3,Gdańsk\n"]
CZECH = ["id,Jak jste spokojeni s naší péčí?\n1,velmi dobře\n2,špatně\n", "město\nPlzeň\nČeské Budějovice\n"]
RUSSIAN = ["id,город\n1,Москва\n2,Казань\n", "Насколько вы довольны?,Отзыв\n5,очень хорошо\n"]
GREEK = ["πόλη,ικανοποίηση\nΑθήνα,πολύ καλή\n"]  # noqa: RUF001
TURKISH = ["şehir,Hizmetten memnun musunuz?\nİzmir,çok iyi\nIğdır,kötü değil\n"]  # noqa: RUF001

WRITTEN = [
    *(("cp949", text) for text in KOREAN),
    *((name, text) for text in JAPANESE for name in ("cp932", "euc_jp")),
    *(("gb18030", text) for text in CHINESE),
    *(("big5", text) for text in TAIWANESE),
    *(("cp1252", text) for text in [*GERMAN, *FRENCH, *SPANISH]),
    *((name, text) for text in POLISH for name in ("cp1250", "iso8859_2")),
    *(("cp1250", text) for text in CZECH),
    *((name, text) for text in RUSSIAN for name in ("cp1251", "koi8_r")),
    *(("cp1253", text) for text in GREEK),
    *(("cp1254", text) for text in TURKISH),
]


@pytest.mark.parametrize(("name", "text"), WRITTEN)
def test_a_few_words_tell_the_encoding(name, text):
    raw = text.encode(name)
    told = tell(raw)
    assert told is not None
    assert raw.decode(told.name) == text


@pytest.mark.parametrize("text", [*GERMAN, *FRENCH, *SPANISH])
@pytest.mark.parametrize("name", ["mac_roman", "cp850"])
def test_old_encodings_are_told_or_asked_about(name, text):
    """Where the words of one make words in another, neither can be known; it must not be proposed as sure."""
    try:
        raw = text.encode(name)
    except UnicodeEncodeError:
        pytest.skip(f"{name} has no {text!r}")
    told = tell(raw)
    assert told is not None
    assert text in [raw.decode(other) for other in (told.name, *told.others)]
    assert raw.decode(told.name) == text or told.evidence.startswith("perhaps")


@pytest.mark.parametrize("text", [KOREAN[0], JAPANESE[0], CHINESE[0], GERMAN[0], POLISH[0], "a,b\n1,2\n"])
@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_known_by_its_bytes_with_and_without_a_mark(tmp_path, name, text):
    path = tmp_path / "survey.csv"
    path.write_text(text * 3, encoding=name)
    found = detect(path)
    assert found.source.encoding == {"utf-8-sig": "utf-8"}.get(name, name)
    assert found.head[0] == text.splitlines()[0].split(",")
    assert not found.uncertain


def test_letters_far_down_a_file_count(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("id,city\n" + "1,Bonn\n" * 900_000 + "2,서울특별시\n", encoding="cp949")
    assert detect(path).source.encoding == "cp949"


def test_letters_of_two_bytes_are_not_cut_where_a_file_is_read_in_parts(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("id,말\n" + "1,가나다라마바사아자차카타파하\n" * 300_000, encoding="cp949")
    assert detect(path).source.encoding == "cp949"
    path.write_text("id,말\n" + "1,가나다라마바사아자차카타파하\n" * 300_000, encoding="utf-8")
    assert detect(path).source.encoding == "utf-8"


def test_one_letter_that_may_be_another_is_asked_about(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("id,q\n1,schön\n", encoding="cp850")
    (asked,) = detect(path).uncertain
    assert "cp850" in asked


def test_utf8_with_a_broken_byte_is_still_utf8_and_refused_with_its_row(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_bytes(b"id,ort\n" + "1,Köln\n".encode() * 50 + "2,Köln\n".encode("cp1252"))
    assert detect(path).source.encoding == "utf-8"
    with pytest.raises(Exception, match="row 52, column 'ort': byte 0xF6 is not UTF-8"):
        profile(path)


def test_no_words_make_no_encoding():
    assert tell(bytes(range(128, 256)) * 5) is None
