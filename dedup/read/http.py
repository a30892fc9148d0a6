"""Take an HTTP response apart, and undo how its body was packed for the way.

In: the bytes of a response as crawl files hold them. Out: status, fields and the plain body, of
bounded size. Crawlers often unpack the body and leave the fields as they were, so a packing is
believed only when the bytes look like it. What the body means is left to `charset` and `html`.
Source: RFC 9110 and 9112 (HTTP), RFC 1950 to 1952 (deflate, gzip), RFC 7932 (brotli).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from dedup.errors import InputError
from dedup.read import gunzip, unzstd
from dedup.read.gunzip import Damage

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})[^\r\n]*\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
#: Bytes in which the head must end.
_LONGEST_HEAD = 1 << 16
#: Packed bytes taken and plain bytes given at a time.
_STEP = 1 << 16


class Response(NamedTuple):
    """The head of a response; names of fields in lower case, the body begins at `begin`."""

    status: int
    fields: dict[str, str]
    begin: int


class HugeBody(Exception):
    """The body becomes longer than it may be."""


def parse_response(content: bytes) -> Response | None:
    """Read status and fields; None without a status line. A head without an end has no body."""
    status = _STATUS.match(content)
    if status is None:
        return None
    # The line end of the status line may be the first half of the end of the head.
    match = _HEAD_END.search(content, status.end() - 2, _LONGEST_HEAD)
    end, begin = (match.start(), match.end()) if match else (_LONGEST_HEAD, len(content))
    fields: dict[str, str] = {}
    for line in content[status.end() : end].decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return Response(int(status[1]), fields, begin)


def unpack_body(body: bytes, fields: dict[str, str], longest: int) -> bytes:
    """The plain body: chunks joined, gzip, deflate, brotli and Zstandard undone.

    A body that is cut gives what comes before the cut, as browsers show it.

    Args:
        body: as it was sent, or as the crawler unpacked it.
        fields: of the response.
        longest: bytes of the result.

    Raises:
        HugeBody: the result would be longer than `longest`.
        Damage: nothing at all can be unpacked.
        InputError: the body is packed with brotli or Zstandard and the library is missing.
    """
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _join_chunks(body)
    packings = fields.get("content-encoding", "").lower().replace(",", " ").split()
    for packing in reversed(packings[-3:]):
        unpack = _PACKINGS.get(packing.removeprefix("x-"))
        if unpack is not None:
            body = _collect(unpack(body), longest)
    return body


def _collect(blocks: Iterator[bytes], longest: int) -> bytes:
    held: list[bytes] = []
    size = 0
    try:
        for block in blocks:
            held.append(block)
            size += len(block)
            if size > longest:
                raise HugeBody
    except Damage:
        if not held:
            raise
    return b"".join(held)


def _join_chunks(body: bytes) -> bytes:
    """The chunks one after the other; a body that does not look chunked stays as it is."""
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        parts.append(body[match.end() : match.end() + size])
        at = match.end() + size
        if size == 0 or at >= len(body):
            return b"".join(parts)
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return body if at == 0 else b"".join(parts)


def _taker(body: bytes) -> Any:
    at = 0

    def take(size: int) -> bytes:
        nonlocal at
        at += size
        return body[at - size : at]

    return take


def _gunzip(body: bytes) -> Iterator[bytes]:
    return gunzip.gunzip(_taker(body)) if body.startswith(gunzip.MAGIC) else iter((body,))


def _unzstd(body: bytes) -> Iterator[bytes]:
    return unzstd.unzstd(_taker(body)) if unzstd.is_zstd(body[:4]) else iter((body,))


def _inflate(body: bytes) -> Iterator[bytes]:
    """Deflate with the header of zlib, as the standard has it, or bare, as some servers do."""
    if body[:1] == b"<":
        yield body
        return
    has_header = body[:1] == b"\x78" and int.from_bytes(body[:2], "big") % 31 == 0
    inflater = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    data = body
    try:
        while data and not inflater.eof:
            yield inflater.decompress(data, _STEP)
            data = inflater.unconsumed_tail
    except zlib.error as error:
        raise Damage(f"the deflated body is damaged: {error}") from error


def _unbrotli(body: bytes) -> Iterator[bytes]:
    try:
        import brotli  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError as error:
        raise InputError(
            "a page packed with brotli needs a library that is not installed: "
            "pip install 'dedup[warc]'"
        ) from error
    # It has no magic number: text that was unpacked already begins like a page.
    if body.lstrip()[:1] == b"<":
        yield body
        return
    decoder = brotli.Decompressor()
    try:
        for piece in chain((body,), iter(lambda: b"", None)):
            block = decoder.process(piece, output_buffer_limit=_STEP)
            yield block
            if decoder.is_finished() or (not block and decoder.can_accept_more_data()):
                return
    except brotli.error as error:
        raise Damage(f"the brotli body is damaged: {error}") from error


_PACKINGS = {"gzip": _gunzip, "deflate": _inflate, "br": _unbrotli, "zstd": _unzstd}
