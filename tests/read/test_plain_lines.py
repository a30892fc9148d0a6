"""Plain lines are read by the core, all others line by line: both give the same answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.read import Fields, Rejects, open_batches, read_jsonl
from dedup.read.columns import ColumnReader
from dedup.read.fields import Place, find_record
from dedup.records import Record, Reject
from tests.read.making import Trickle

BOM = b"\xef\xbb\xbf"


def read_slowly(data: bytes, fields: Fields, longest: int) -> tuple[list[Record], list[Reject]]:
    """Every line through the standard library: the oracle."""
    rejects, offset = Rejects(), 0
    records: list[Record] = []
    for number, whole in enumerate(data.split(b"\n"), 1):
        line, begin = whole.removesuffix(b"\r"), offset
        offset += len(whole) + 1
        if number == 1 and line.startswith(BOM):
            line, begin = line[3:], begin + 3
        if len(line) > longest:
            rejects.add("f", begin, "huge-line", f"line {number}: more than {longest} bytes")
        elif line and not line.isspace():
            records += read_line(line, number, begin, fields, rejects)
    return records, rejects.entries


def read_line(
    line: bytes, number: int, offset: int, fields: Fields, rejects: Rejects
) -> Iterator[Record]:
    def parse_int(digits: str) -> float:
        return int(digits) if len(digits) <= 640 else float(digits)

    try:
        value = json.JSONDecoder(parse_int=parse_int).decode(line.decode())
    except UnicodeDecodeError as error:
        detail = f"line {number}: byte {error.start + 1} is 0x{line[error.start]:02x}"
        rejects.add("f", offset, "not-utf8", detail)
    except json.JSONDecodeError as error:
        rejects.add("f", offset, "bad-json", f"line {number}: column {error.pos + 1}: {error.msg}")
    else:
        if isinstance(value, dict):
            place = Place("f", offset, f"f:{number}", f"f:{number}", line)
            record = find_record(value, fields, place, rejects)
            yield from [record] if record else []
        else:
            detail = f"line {number}: expected an object; found {type(value).__name__}"
            rejects.add("f", offset, "not-an-object", detail)


def assert_read_alike(data: bytes, fields: Fields | None = None, longest: int = 10_000) -> int:
    """Returns how many lines the core took."""
    # No charset is detected.
    fields = replace(fields or Fields(), charset=("utf-8",))
    rejects = Rejects()
    records = list(read_jsonl(io.BytesIO(data), "f", fields, rejects, longest))
    assert (records, rejects.entries) == read_slowly(data, fields, longest)
    rejects = Rejects()
    assert records == list(read_jsonl(Trickle(data, 7), "f", fields, rejects, longest))
    return len(ColumnReader(fields).read(data, "f", 1, longest).taken)


names = st.sampled_from(
    ["text", "content", "id", "url", "digest", "date", "timestamp", "published", "site", "source",
     "link", "x", "", "té"]
)  # fmt: skip
words = st.one_of(
    st.text(st.characters(), max_size=8),
    st.sampled_from(
        ["", " ", "\ufeff", "\u2028\u3000", "\ud800", "\udc00x", "😀", 'a "b" \\ / \n\t\b', "\x7f",
         "www.A.org", "https://www.B.de:80/x", "//c.fr", "http://d.org. /", " http://E.at/?/",
         "a//b", "2024-02-29", "2023-02-29", "2024-01-02T03:04:05.678Z", "2024-01-02 03:04+0130",
         " 2024-01-02", "1707480896", "1707480896123", "20240102", "Fri, 09 Feb 2024 12:34:56 GMT"]
    ),
)  # fmt: skip
numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, -1, 1707480896, 20240102, 10**17, 10**18, -(10**17), 10**700, 1e999]),
)
values = st.recursive(
    st.one_of(words, words, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
spaces = st.sampled_from(["", "", "", " ", "\t", "\r", "  "])


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """An object with some of its names twice, written in one of many ways."""
    members = draw(st.lists(st.tuples(names, values), max_size=7))
    is_ascii = draw(st.booleans())
    parts = []
    for name, value in [*members, ("text", "words")] if draw(st.booleans()) else members:
        key = json.dumps(name, ensure_ascii=is_ascii)
        parts.append(
            f"{draw(spaces)}{key}{draw(spaces)}:{json.dumps(value, ensure_ascii=is_ascii)}"
        )
    written = "{" + f"{draw(spaces)},".join(parts) + draw(spaces) + "}" + draw(spaces)
    return written.encode("utf-8", "replace")


PIECES = [
    b"", b'"', b"\\", b"{", b"}", b",", b"0", b"-", b".", b"e", b"u", b"NaN",
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x1f", b"\r", b"\n",
]  # fmt: skip


@st.composite
def broken_lines(draw: st.DrawFn) -> bytes:
    line = bytearray(draw(lines()))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(line)))
        what = draw(st.sampled_from(PIECES))
        line[at : at + draw(st.integers(0, 2))] = what
    return bytes(line)


@given(st.lists(lines(), max_size=4), st.sampled_from([b"\n", b"\r\n", b"\n\n"]))
@settings(max_examples=300, deadline=None)
def test_written_objects_are_read_as_the_standard_library_reads_them(
    found: list[bytes], end: bytes
) -> None:
    assert_read_alike(end.join(found))


@given(st.lists(broken_lines(), max_size=4), st.booleans(), st.sampled_from([30, 10_000]))
@settings(max_examples=300, deadline=None)
def test_broken_objects_are_named_as_the_standard_library_names_them(
    found: list[bytes], has_mark: bool, longest: int
) -> None:
    # A mark is left out before the length is measured only when the line could be long enough.
    assert_read_alike(BOM * has_mark * (longest > 30) + b"\n".join(found), longest=longest)


@given(st.lists(lines(), max_size=3))
@settings(max_examples=100, deadline=None)
def test_other_names_are_found_in_their_order(found: list[bytes]) -> None:
    fields = Fields(
        text=("x", "té", "id"), id=("text", "\udcff"), date=("id",), site=(), url=("x",)
    )
    assert_read_alike(b"\n".join(found), fields)


TEXT = '"text": "words"'


@pytest.mark.parametrize(
    "members",
    [
        '"text": "w\\u00f6rter \\ud83d\\ude00 \\ud83d \\ude00"',
        f'{TEXT}, "id": 5, "id": "last"',
        f'"content": "other", {TEXT}, "url": "https://www.a.org/1", "date": "2024-01-02"',
        f'{TEXT}, "x": [NaN, -Infinity, 1e999, {{"text": [null, true]}}, {"9" * 5000}]',
        f'{TEXT}, "x": {"[" * 60}{"]" * 60}',
        f'{TEXT}, "date": 1707480896.5, "id": -7',
        f'{TEXT}, "date": "soon"',
    ],
)
def test_what_is_plain_is_read_by_the_core(members: str) -> None:
    assert assert_read_alike(b"{" + members.encode() + b"}") == 1


@pytest.mark.parametrize(
    "members",
    [
        '"te\\u0078t": "words"',
        f'{TEXT}, "id": "\\ud800"',
        f'{TEXT}, "id": {"9" * 19}',
        f'{TEXT}, "id": -0',
        f'{TEXT}, "x": {"[" * 70}{"]" * 70}',
        '"text": " \\u3000"',
        '"text": 5',
        f"{TEXT}, 5",
    ],
)
def test_what_is_unusual_is_left_to_the_standard_library(members: str) -> None:
    assert assert_read_alike(b"{" + members.encode() + b"}") == 0


@example('{"text": "a", "date": "soon", "timestamp": 1707480896}', 1)
@example('{"text": "a", "site": " ", "source": "b.org"}', 1)
@example('{"text": "a", "url": "none", "link": "http://b.org"}', 1)
@given(st.sampled_from([f"{{{TEXT}}}"]), st.integers(1, 3))
@settings(max_examples=5)
def test_a_later_name_is_looked_at_when_the_first_one_is_no_use(line: str, times: int) -> None:
    assert assert_read_alike((line + "\n").encode() * times) == times


def test_records_of_both_kinds_come_in_the_order_of_the_lines() -> None:
    plain, unusual = f"{{{TEXT}}}".encode(), b'{"te\\u0078t": "words"}'
    assert assert_read_alike(b"\n".join([unusual, plain, b"{", unusual, b"", plain])) == 2


def test_a_very_long_line_and_very_deep_nesting_are_read_or_named() -> None:
    long = b'{"text": "' + b"long \xc3\xb6 \\n " * 1_000_000 + b'"}'
    deep = b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    rejects = Rejects()
    data = b"\n".join([long, deep, b'{"text": "end"}'])
    records = list(read_jsonl(io.BytesIO(data), "f", Fields(), rejects))
    assert [record.text for record in records] == ["long ö \n ".encode() * 1_000_000, b"end"]
    assert [record.line for record in records] == [long, b'{"text": "end"}']
    assert [(r.offset, r.detail) for r in rejects.entries] == [
        (len(long) + 1, "line 2: nested too deeply")
    ]


def test_batches_hold_what_records_say(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_bytes(b"one")
    (tmp_path / "b.txt").write_bytes("zwölf".encode())
    line = b'{"id": 7, "text": "tausend", "date": "2024-01-02", "site": "a.org"}'
    (tmp_path / "c.jsonl").write_bytes(line + b"\r\n{}\n\n" + line + b"\n")
    (tmp_path / "d.txt").write_bytes(b"four")
    rejects = Rejects()
    first, second, third = open_batches(tmp_path, Fields(), rejects)
    assert [batch.ids for batch in (first, second, third)] == [["a", "b"], ["7", "7"], ["d"]]
    assert bytes(first.texts[0]) == "onezwölf".encode()
    assert list(first.texts[1]) == [0, 3, 9]
    assert second.dates == [1704153600, 1704153600]
    assert [record.line for record in second.records()] == [line, line]
    assert list(second.origins) == [f"{tmp_path}/c.jsonl:1", f"{tmp_path}/c.jsonl:4"]
    assert [record.text for record in third.records()] == [b"four"]
    assert rejects.counts == {"no-text": 1}
