"""Charsets: what is said, weighed against the bytes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.charset import decode_page, find_codec

GERMAN = "Die Brücke über den Fluß wird für größere Züge gesperrt, müßte aber erneuert sein. "
TEXTS = {
    "cp1252": GERMAN,
    "cp1250": "Zażółć gęślą jaźń, powiedział burmistrz w środę, że most będzie zamknięty. ",
    "cp1251": "Мэр сообщил, что мост закроют на ремонт до конца недели, поезда пойдут в объезд. ",
    "koi8-r": "Мэр сообщил, что мост закроют на ремонт до конца недели, поезда пойдут в объезд. ",
    "cp1253": "Ο δήμαρχος είπε ότι η γέφυρα θα κλείσει για επισκευές μέχρι την Κυριακή. ",
    "cp1256": "قال رئيس البلدية إن الجسر سيغلق للإصلاح حتى نهاية الأسبوع. ",
    "gb18030": "市长表示，这座大桥将关闭维修到周末，火车将绕行其他线路。",
    "big5hkscs": "市長表示，這座大橋將關閉維修到週末，火車將繞行其他路線。",
    "cp932": "市長は橋が週末まで修理のため閉鎖されると述べた。列車は迂回する。",
    "euc_jp": "市長は橋が週末まで修理のため閉鎖されると述べた。列車は迂回する。",
    "iso2022_jp": "市長は橋が週末まで修理のため閉鎖されると述べた。列車は迂回する。",
    "cp949": "시장은 다리가 주말까지 수리를 위해 폐쇄될 것이라고 말했다. 기차는 우회한다.",
    "utf-16-le": GERMAN,
    "utf-8": GERMAN,
}
LABELS = {
    "cp1252": "iso-8859-1", "gb18030": "GB2312", "big5hkscs": "big5", "cp932": "Shift_JIS",
    "cp949": "EUC-KR", "cp1251": "windows-1251", "iso2022_jp": "ISO-2022-JP",
}  # fmt: skip


def whole(text: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><p>" + "</p>\n<p>".join([text] * 5) + "</p></body>"


def decode(body: bytes, content_type: str = "text/html") -> tuple[str, str] | None:
    return decode_page(body, content_type)


@pytest.mark.parametrize("codec", TEXTS)
def test_a_charset_in_the_field_is_used(codec: str) -> None:
    text = whole(TEXTS[codec])
    field = f'text/html; Charset="{LABELS.get(codec, codec)}"'
    assert decode(text.encode(codec), field) == (text, codec)


@pytest.mark.parametrize("codec", [codec for codec in TEXTS if codec != "utf-16-le"])
@pytest.mark.parametrize(
    "meta", ['<meta charset="{}">', "<meta http-equiv=x content='a; charset={}'>"]
)
def test_a_charset_in_the_page_is_used(codec: str, meta: str) -> None:
    text = whole(TEXTS[codec], meta.format(LABELS.get(codec, codec)))
    assert decode(text.encode(codec)) == (text, codec)


@pytest.mark.parametrize("codec", [c for c in TEXTS if c not in ("utf-16-le", "iso2022_jp")])
def test_a_charset_that_nobody_says_is_found(codec: str) -> None:
    got = decode(whole(TEXTS[codec]).encode(codec))
    assert got
    assert got[0] == whole(TEXTS[codec])


@pytest.mark.parametrize(
    "lie", ["iso-8859-1", "windows-1251", "ascii", "gbk", "none-such", "rot13"]
)
def test_utf_8_is_read_as_utf_8_whatever_is_said(lie: str) -> None:
    text = whole(GERMAN, f'<meta charset="{lie}">')
    assert decode(text.encode(), f"text/html; charset={lie}") == (text, "utf-8")


@pytest.mark.parametrize("codec", ["cp1252", "cp1251", "gb18030", "cp932"])
def test_a_page_that_says_utf_8_and_is_not_is_read_all_the_same(codec: str) -> None:
    text = whole(TEXTS[codec], '<meta charset="utf-8">')
    got = decode(text.encode(codec), "text/html; charset=utf-8")
    assert got
    assert got[0] == text


def test_the_meta_is_used_where_the_field_lies() -> None:
    text = whole(TEXTS["cp932"], '<meta charset="shift_jis">')
    assert decode(text.encode("cp932"), "text/html; charset=utf-8") == (text, "cp932")


def test_one_bad_byte_does_not_turn_utf_8_into_something_else() -> None:
    body = whole(GERMAN).encode()
    got = decode(body[:60] + b"\xff" + body[60:], "text/html; charset=utf-8")
    assert got
    assert got[1] == "utf-8"
    assert got[0].count("\ufffd") == 1


def test_a_page_cut_inside_a_character_loses_only_that() -> None:
    body = "<p>Größe".encode()
    assert decode(body[:-2]) == ("<p>Grö", "utf-8")
    assert decode(body[:-1][:6]) == ("<p>Gr", "utf-8")


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_decides(name: str) -> None:
    marks = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE}
    mark = marks.get(name, codecs.BOM_UTF16_BE)
    assert decode(mark + GERMAN.encode(name), "text/html; charset=cp1252") == (GERMAN, name)


def test_bytes_that_are_no_text_fit_no_charset() -> None:
    assert decode(b"\x00\x01\x81\xff" * 100) is None


@pytest.mark.parametrize(
    "label", ["", "x" * 300, "utf-7", "hex", "rot13", "idna", "base64", "undefined", "ut\0f", "é"]
)
def test_what_is_no_charset_is_none(label: str) -> None:
    assert find_codec(label) is None


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_bytes_and_any_field_are_decoded_or_refused(body: bytes, field: str) -> None:
    got = decode_page(body, field)
    assert got is None or isinstance(got.text, str)
