"""The kernels that read, compiled and pure: same values, same errors, and known answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import core
from dedup.core import _native, pure

COLUMNS = [[b"text", b"body"], [b"id", b"url"], [b"date", b"time"], []]
ACCEPTED = (core.STRING, core.STRING | core.INTEGER, 7, core.STRING)


def find(module: Any, lines: bytes, longest: int = 1000) -> Any:
    names = [name for own in COLUMNS for name in own]
    starts = np.cumsum([0, *map(len, COLUMNS)]).astype(np.int64)
    found = module.find_fields(lines, names, starts, bytes(ACCEPTED), longest)
    widths = (8, 4, *(1, 8, 1) * len(COLUMNS))
    return [
        bytes(memoryview(value).cast("B")) if len(memoryview(value)) else (b"", width)
        for value, width in zip(found, widths, strict=True)
    ]


def assert_found_alike(lines: bytes, longest: int = 1000) -> None:
    assert find(_native, lines, longest) == find(pure, lines, longest)


def rows(lines: str) -> list[tuple[Any, ...]]:
    """Line, then kind and value of each column."""
    found = core.find_fields(lines.encode(), COLUMNS, ACCEPTED, 1000)
    columns = [
        [
            (kind, bytes(c.values[b:e]))
            for kind, b, e in zip(c.kinds, c.offsets, c.offsets[1:], strict=False)
        ]
        for c in found.columns
    ]
    return list(zip(found.taken.tolist(), *columns, strict=True))


def test_known_answers_of_find_fields() -> None:
    lines = (
        '{"id": 5, "text": "a\\u00e4\\n\\ud83d\\ude00"}\r\n'
        "\n"
        '{"body": "b", "text": null, "url": "u", "id": "", "date": 1.5, "time": "x"}\n'
        '{"text": "\\ud800", "body": "c", "id": "i", "url": 7, "id": "j"}'
    )
    none = (0, b"")
    assert rows(lines) == [
        (0, (1, "aä\n😀".encode()), (2, b"5"), none, none),
        (2, (1, b"b"), (1, b"u"), (4 | core.MORE, b"1.5"), none),
        (3, (1 | core.MORE, b"\xed\xa0\x80"), (1 | core.MORE, b"j"), none, none),
    ]
    found = core.find_fields(lines.encode(), COLUMNS, ACCEPTED, 1000)
    ends = [n + 1 for n, char in enumerate(lines.encode()) if char == 10]
    assert found.starts.tolist() == [0, *ends, len(lines.encode())]


FRAGMENTS = [
    b'"text"', b'"id"', b'"date"', b'"time"', b'"te\\u0078t"', b'"\\ud83d\\ude00"', b'"\\udc00"',
    b'"\xc3\xb6\xe2\x80\x9e\xf0\x9f\x98\x80"', b'"\xed\xa0\x80"', b'"\xc0\x80"',
    b'"\xf4\x90\x80\x80"', b'" "', b'"\xe3\x80\x80"', b'"\xef\xbb\xbf"', b'""', b'"\\x"',
    b'"\\u12"', b'"\t"',
    b'"abcdefghijklmnop"',
    b'"long enough for two blocks of sixteen \\n"', b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n",
    b"\r", b"0", b"-0", b"12", b"1.5", b"1e5", b"01", b"1.", b"-", b"NaN", b"-Infinity", b"true",
    b"nul", b"123456789012345678", b"1234567890123456789", b"\xff", b"\\",
]  # fmt: skip
GOOD = [b'{"text": "words"', b', "id": 7', b', "date": "2024"', b', "x": [1, {"text": {}}]', b"}\n"]


@given(st.lists(st.sampled_from(FRAGMENTS + GOOD * 3), max_size=14).map(b"".join))
@settings(max_examples=600)
def test_find_fields_gives_the_same_on_fragments(lines: bytes) -> None:
    assert_found_alike(lines)
    assert_found_alike(b'{"text": "w", "id": ' + lines + b"}")


@given(st.binary(max_size=40), st.integers(0, 20))
def test_find_fields_gives_the_same_on_bytes_in_a_string(data: bytes, longest: int) -> None:
    assert_found_alike(b'{"text": "w' + data + b'"}')
    assert_found_alike(data, longest)


@given(st.text(st.characters(), max_size=70), st.booleans())
def test_find_fields_gives_the_same_on_any_text(text: str, is_ascii: bool) -> None:
    line = json.dumps({"text": text, "id": text}, ensure_ascii=is_ascii)
    assert_found_alike(line.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("depth", [62, 63, 64, 65, 100_000])
def test_find_fields_goes_as_deep(depth: int) -> None:
    for inner in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        assert_found_alike(b'{"text": "w", "x": ' + inner + b"}", 10**6)


def test_every_white_space_is_blank_in_both() -> None:
    for code in [*range(0x250), *range(0x1FF0, 0x2070), 0x1680, 0x180E, 0x3000, 0xFEFF]:
        assert_found_alike(json.dumps({"text": chr(code) * 2}).encode())


dates = st.one_of(
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,10})?)?"
                  r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?", fullmatch=True),
    st.from_regex(r"[0-9]{8,14}", fullmatch=True),
    st.text(st.sampled_from("0123456789-:TZ +."), max_size=25),
    st.datetimes().map(datetime.isoformat),
)  # fmt: skip


@given(st.lists(dates, max_size=5))
@settings(max_examples=300)
def test_read_dates_gives_the_same(texts: list[str]) -> None:
    native, twin = (list(memoryview(m.read_dates(texts)[0]).cast("B").cast("q")) if texts else []
                    for m in (_native, pure))  # fmt: skip
    assert native == twin


def test_every_day_of_some_centuries_is_counted() -> None:
    days = range(-300_000, 1_000_000, 37)
    texts = [datetime.fromtimestamp(day * 86400, UTC).strftime("%Y-%m-%d") for day in days]
    assert core.read_dates(texts).tolist() == [day * 86400 for day in days]


def test_known_answers_of_read_dates() -> None:
    known = {
        "1970-01-01": 0,
        "2024-02-29T12:00:00Z": 1709208000,
        "2024-02-29 12:00:00.5+02:00": 1709200800,
        "2024-02-29T12:00-0130": 1709213400,
        "1709208000": 1709208000,
        "1709208000123": 1709208000,
        "999999999": 999999999,
    }
    assert core.read_dates(list(known)).tolist() == list(known.values())
    others = ["2023-02-29", "2024-13-01", "2024-01-01T24:00", "2024-01-01T12:00:60",
              "0999-01-01", "20240229", " 2024-01-01", "2024-01-01T",
              "2024-01-01T12:00:00+24:00", ""]  # fmt: skip
    assert set(core.read_dates(others).tolist()) == {core.NO_DATE}


@pytest.mark.parametrize(
    ("starts", "accepted"),
    [([], b""), ([0], b""), ([0, 1], b""), ([0, 1], b"\1\1"), ([0, 3], b"\1"), ([1, 0], b"\1")],
)
def test_columns_that_do_not_fit_are_the_same_error(starts: list[int], accepted: bytes) -> None:
    errors = []
    for module in (_native, pure):
        with pytest.raises(ValueError, match=r"offsets|column") as caught:
            module.find_fields(b"", [b"a", b"b"], np.array(starts, np.int64), accepted, 9)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]
