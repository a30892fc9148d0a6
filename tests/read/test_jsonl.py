"""JSON Lines: every line is accounted for, byte for byte."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read import Fields, Rejects, open_stream, read_jsonl
from dedup.records import Record
from tests.read.making import PACKINGS, Pack, Trickle, gz, zst

GOOD = b'{"id": "a", "text": "words"}'


def read(data: bytes) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    stream = open_stream("-", io.BytesIO(data))
    return list(read_jsonl(stream, "f.jsonl", Fields(), rejects)), rejects


def reject_of(line: bytes) -> tuple[int, str, str]:
    """Read the line between two good ones."""
    records, rejects = read(GOOD + b"\n" + line + b"\n" + GOOD)
    assert [record.origin for record in records] == ["f.jsonl:1", "f.jsonl:3"]
    (reject,) = rejects.entries
    assert reject.file == "f.jsonl"
    return reject.offset, reject.reason, reject.detail


def test_a_line_becomes_a_record() -> None:
    line = b'{"id":"x","text":"W\xc3\xb6rter","date":"2024-01-31","url":"https://www.B.org/p"}'
    (record,), _ = read(line)
    text = "Wörter".encode()
    assert record == Record("x", text, 1706659200, "b.org", line, "f.jsonl:1")


def test_both_line_ends_and_a_missing_last_one_are_understood() -> None:
    for data in (GOOD + b"\n" + GOOD, GOOD + b"\r\n" + GOOD + b"\r\n", GOOD + b"\n" + GOOD + b"\r"):
        records, rejects = read(data)
        assert [record.line for record in records] == [GOOD, GOOD]
        assert not rejects


def test_blank_lines_are_no_articles_but_have_numbers() -> None:
    records, rejects = read(b"\n \t\r\n\r\n" + GOOD + b"\n\n   ")
    assert [record.origin for record in records] == ["f.jsonl:4"]
    assert not rejects


def test_a_byte_order_mark_is_left_out_of_the_first_line_only() -> None:
    bom = b"\xef\xbb\xbf"
    (record,), rejects = read(bom + GOOD)
    assert record.line == GOOD
    assert not rejects
    assert read(bom)[1].counts == {}
    assert read(b"\n" + bom + GOOD)[1].counts == {"bad-json": 1}


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b'{"text": "\xff"}', "not-utf8", "line 2: byte 11 is 0xff"),
        (b'{"text": "\xed\xa0\x80"}', "not-utf8", "byte 11"),
        (b"{nonsense}", "bad-json", "column 2"),
        (b'{"text": "a"} {}', "bad-json", "column 15"),
        (b"[" * 100_000, "bad-json", "nested"),
        (b'{"text": ' * 100_000, "bad-json", "nested"),
        (b"[]", "not-an-object", "list"),
        (b'"text"', "not-an-object", "str"),
        (b"NaN", "not-an-object", "float"),
        (b"{}", "no-text", "None"),
        (b'{"text": null}', "no-text", "NoneType"),
        (b'{"text": 5, "content": ["a"]}', "no-text", "text: int; content: list"),
        (b'{"text": ""}', "empty-text", "0 characters"),
        (b'{"text": " \\n\\u00a0\\u3000"}', "empty-text", "4 characters"),
    ],
    ids=range(14),
)
def test_a_broken_line_is_named_and_the_rest_is_read(line: bytes, reason: str, detail: str) -> None:
    offset, found_reason, found_detail = reject_of(line)
    assert offset == len(GOOD) + 1
    assert found_reason == reason
    assert detail in found_detail


def test_numbers_that_are_not_json_or_too_long_for_some_pythons_are_accepted() -> None:
    line = b'{"text": "a", "x": [NaN, Infinity, -Infinity, 1e999], "id": ' + b"9" * 5000 + b"}"
    (record,), rejects = read(line)
    assert not rejects
    assert record.id == "f.jsonl:1"


def test_equal_ids_pass_through() -> None:
    records, rejects = read(GOOD + b"\n" + GOOD)
    assert [record.id for record in records] == ["a", "a"]
    assert not rejects


@pytest.mark.parametrize("pack", [gz, zst])
def test_a_cut_is_one_reject_with_the_half_line_and_keeps_what_came_before(pack: Pack) -> None:
    data = b"".join(b'{"id": %d, "text": "some words %d"}\n' % (i, i * i) for i in range(40))
    packed = pack(data)
    all_records, _ = read(packed)
    for size in range(4, len(packed)):
        records, rejects = read(packed[:size])
        assert records == all_records[: len(records)]
        (reject,) = rejects.entries
        assert reject.reason == "cut-file"
        assert reject.offset == sum(len(record.line) + 1 for record in records)


def test_a_file_that_cannot_be_read_on_is_one_reject() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            if not data:
                raise OSError("input/output error")
            return data

    rejects = Rejects()
    records = list(read_jsonl(Broken(GOOD + b"\n{"), "f", Fields(), rejects))
    assert len(records) == 1
    assert [(r.offset, r.reason) for r in rejects.entries] == [(len(GOOD) + 1, "unreadable")]


# With lone surrogates; a byte order mark alone is no text.
texts = st.text(st.characters()).filter(lambda text: text.removeprefix("\ufeff").strip())
objects = st.lists(st.fixed_dictionaries({"id": st.text(min_size=1), "text": texts}), max_size=8)


def write(article: dict[str, str], is_ascii: bool) -> bytes:
    try:
        return json.dumps(article, ensure_ascii=is_ascii).encode()
    except UnicodeEncodeError:  # raw bytes of a lone surrogate would not be UTF-8
        return json.dumps(article).encode()


@given(objects, st.sampled_from(PACKINGS), st.booleans(), st.booleans())
def test_every_packing_gives_back_ids_texts_and_lines(
    articles: list[dict[str, str]], pack: Pack, is_ascii: bool, is_slow: bool
) -> None:
    lines = [write(article, is_ascii) for article in articles]
    packed = pack(b"".join(line + b"\n" for line in lines))
    source: Any = Trickle(packed) if is_slow else io.BytesIO(packed)
    rejects = Rejects()
    records = list(read_jsonl(open_stream("-", source), "f", Fields(), rejects))
    assert not rejects
    assert [record.line for record in records] == lines
    assert [record.text.decode("utf-8", "surrogatepass") for record in records] == [
        article["text"] for article in articles
    ]
    assert [record.id for record in records] == [article["id"] for article in articles]


pieces = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([GOOD, b"{}", b'{"text": 1}', b"[1]", b" ", b"\r", b"\xef\xbb\xbf", b"\xff"]),
)


@given(st.lists(pieces.map(lambda piece: piece.replace(b"\n", b"")), max_size=12))
def test_every_line_that_is_not_blank_is_a_record_or_a_reject(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    rejects = Rejects()
    records = list(read_jsonl(io.BytesIO(data), "f", Fields(), rejects))
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert len(records) + len(rejects) == sum(1 for line in lines if line.strip())
    for reject in rejects.entries:
        assert data[reject.offset :].split(b"\n")[0].strip()
