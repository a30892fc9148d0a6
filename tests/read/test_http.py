"""HTTP responses: taken apart, and unpacked within bounds."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import brotli  # type: ignore[import-untyped,import-not-found,unused-ignore]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.gunzip import Damage
from dedup.read.http import HugeBody, parse_response, unpack_body
from tests.read.making import Pack, gz, gz_members, zst

BODY = b"<html>" + b"The words of a page. " * 400
LONGEST = 1 << 20


def chunked(data: bytes, size: int = 100, line_end: bytes = b"\r\n") -> bytes:
    parts = [data[i : i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x%s%s%s" % (len(p), line_end, p, line_end) for p in [*parts, b""])


def bare_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


PACKED = {
    "gzip": gz(BODY), "x-gzip": gz_members(BODY, 999), "deflate": zlib.compress(BODY),
    "br": brotli.compress(BODY), "zstd": zst(BODY),
}  # fmt: skip


def test_a_response_is_status_fields_and_the_place_of_its_body() -> None:
    raw = b"HTTP/1.1 203 Fine\r\nA: 1\r\na: 2\r\nno colon\r\nB:x:y \r\n\r\nbody"
    response = parse_response(raw)
    assert response
    assert (response.status, response.fields) == (203, {"a": "1", "b": "x:y"})
    assert raw[response.begin :] == b"body"


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.0 200\n\nbody", b"body"),
        (b"HTTP/2 200 \r\n\r\n\r\nbody", b"\r\nbody"),
        (b"HTTP/1.1 200 OK\r\nA: 1", b""),
        (b"HTTP/1.1 200 OK\r\n", b""),
    ],
)
def test_short_and_cut_heads_are_understood(raw: bytes, body: bytes) -> None:
    response = parse_response(raw)
    assert response
    assert raw[response.begin :] == body


@pytest.mark.parametrize("raw", [b"", b"<html>", b"HTTP/1.1 OK\r\n", b"ICY 200 OK\r\n\r\n"])
def test_what_has_no_status_line_is_no_response(raw: bytes) -> None:
    assert parse_response(raw) is None


@pytest.mark.parametrize("name", PACKED)
def test_every_packing_is_undone(name: str) -> None:
    assert unpack_body(PACKED[name], {"content-encoding": name}, LONGEST) == BODY
    both = {"content-encoding": name.upper(), "transfer-encoding": "chunked"}
    assert unpack_body(chunked(PACKED[name]), both, LONGEST) == BODY


def test_packings_on_top_of_each_other_are_undone_from_the_last() -> None:
    packed = gz(brotli.compress(BODY))
    assert unpack_body(packed, {"content-encoding": "br, gzip"}, LONGEST) == BODY
    assert unpack_body(bare_deflate(BODY), {"content-encoding": "deflate"}, LONGEST) == BODY


@pytest.mark.parametrize("name", [*PACKED, "identity", "unheard-of"])
def test_fields_the_crawler_left_behind_do_not_spoil_a_body_it_unpacked(name: str) -> None:
    fields = {"content-encoding": name, "transfer-encoding": "chunked"}
    assert unpack_body(BODY, fields, LONGEST) == BODY


@pytest.mark.parametrize("name", PACKED)
def test_a_cut_body_gives_what_comes_before_the_cut(name: str) -> None:
    packed = PACKED[name]
    try:
        got = unpack_body(packed[: len(packed) * 3 // 4], {"content-encoding": name}, LONGEST)
    except Damage:
        assert name in ("br", "zstd")  # nothing had come yet
    else:
        assert BODY.startswith(got)
        assert len(got) > 0 or name == "br"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_becomes_huge_is_given_up_early(name: str) -> None:
    zeros = b"\0" * (50 << 20)
    packs: dict[str, Pack] = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zst}
    pack = packs.get(name)
    packed = pack(zeros) if pack else brotli.compress(zeros, quality=1)
    with pytest.raises(HugeBody):
        unpack_body(packed, {"content-encoding": name}, LONGEST)


@given(st.binary(max_size=300), st.sampled_from([*PACKED, "identity"]))
def test_any_bytes_are_unpacked_or_damaged_and_nothing_else(data: bytes, name: str) -> None:
    with suppress(Damage, HugeBody):
        unpack_body(data, {"content-encoding": name, "transfer-encoding": "chunked"}, LONGEST)


@given(st.binary(min_size=1, max_size=500), st.integers(1, 40), st.sampled_from([b"\r\n", b"\n"]))
def test_chunks_of_any_size_are_joined(data: bytes, size: int, line_end: bytes) -> None:
    fields = {"transfer-encoding": "chunked"}
    assert unpack_body(chunked(data, size, line_end), fields, LONGEST) == data
