"""Read WARC and WET: captured pages and their texts, as crawlers and Common Crawl write them.

In: a stream of plain bytes. Out: one `Record` for each text (`conversion`, plain-text `resource`),
one `Page` for each captured page (`response`, `resource`), to be extracted elsewhere. Requests,
metadata, file and name-server records are about captures and are passed over. Cutting the file
into records is left to `frames`, HTTP to `http`.
Source: ISO 28500:2017 (WARC 1.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.read.captures import Capture, read_capture, read_text_capture
from dedup.read.frames import LONGEST_HEAD, Head, Kind, read_frames
from dedup.read.pages import Page
from dedup.read.rejects import Rejects
from dedup.read.streams import Readable
from dedup.records import Record

#: Types of records that hold no page and no text.
_ABOUT = ("warcinfo", "request", "metadata", "continuation")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(r"^([^:\n]+):(.*)$", re.MULTILINE)
#: Folded lines continue the one before.
_FOLD = re.compile(r"\r?\n[ \t]+")


def read_warc(stream: Readable, name: str, rejects: Rejects) -> Iterator[Record | Page]:
    """Read the captures of a stream.

    Each record of type response, resource, conversion and revisit gives one record, one page or
    one reject; a cut adds one reject.

    Args:
        stream: plain bytes, WARC 0.17 to 1.1.
        name: the path for rejects, origins and missing ids.
        rejects: receives what `read_frames`, `read_capture` and `read_text_capture` reject, and
            `revisit`.
    """
    for frame in read_frames(stream, name, WARC, rejects):
        fields = frame.fields
        kind = fields.get("warc-type", "").lower()
        url = fields.get("warc-target-uri", "").strip("<>")
        if kind in _ABOUT or (kind == "response" and not url.startswith("http")):
            continue
        date = fields.get("warc-date", "")
        capture = Capture(name, frame.offset, url, date, frame.content)
        if kind == "revisit":
            rejects.add(name, frame.offset, "revisit", f"of {url}")
        elif kind == "conversion":
            yield from read_text_capture(capture, rejects)
        elif kind == "response":
            yield from read_capture(capture, rejects)
        elif kind == "resource":
            media = fields.get("content-type", "")
            yield from read_capture(capture, rejects, media)
        else:
            detail = f"expected a WARC-Type that is known; found {kind!r}"
            rejects.add(name, frame.offset, "bad-record", detail)


def _parse_head(data: bytes, at: int) -> Head | None:
    """The fields of a head, names in lower case; the first of two equal names counts."""
    match = _HEAD_END.search(data, at, at + LONGEST_HEAD)
    if match is None:
        return None
    text = data[at : match.start()].decode("utf-8", "replace")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    pairs = reversed(_FIELD.findall(text))
    fields = {name.strip().lower(): value.strip() for name, value in pairs}
    length = fields.get("content-length", "")
    is_number = length.isascii() and length.isdigit() and len(length) < 19
    return Head(fields, match.end() - at, int(length) if is_number else None)


WARC = Kind("WARC", 2, re.compile(rb"WARC/[01]\.\d{1,2}\r?\n(?=[A-Za-z-]{3,64}:)"), _parse_head)
