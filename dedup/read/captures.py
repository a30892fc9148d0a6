"""Decide what a captured web address gives: a page, a text, or a reject.

In: a `Capture`, one record of a crawl file. Out: at most one `Page` (to be extracted elsewhere) or
one `Record`. Framing is left to `warc` and `arc`, what is on the page to `html`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dedup.read.fields import Fields, Place, find_record
from dedup.read.html import HTML_TYPES, LONGEST_PAGE
from dedup.read.http import parse_response
from dedup.read.pages import Page, write_line
from dedup.read.rejects import Rejects
from dedup.records import Record

#: Answers that hold what was asked for: OK, and OK by way of a proxy.
_GOOD = (200, 203)
_TEXT = "text/plain"
#: Names in the mapping made of a capture; those a user gives are for other formats.
_FIELDS = Fields()


class Capture(NamedTuple):
    """One record of a crawl file."""

    #: Path for rejects and origins, and the byte where the record begins.
    file: str
    offset: int
    url: str
    #: When it was fetched, as the file writes it.
    date: str
    content: bytes

    @property
    def origin(self) -> str:
        """For people, and the id where there is no url."""
        return f"{self.file}:{self.offset}"


def read_capture(
    capture: Capture, rejects: Rejects, media: str | None = None
) -> Iterator[Record | Page]:
    """Read a captured page.

    Args:
        capture: its content is an HTTP response, or the bare page when `media` is given.
        rejects: receives `bad-http`, `http-status`, `not-a-page`, `huge-page` and, for texts,
            what `read_text_capture` rejects.
        media: the media type of a bare page, as in Content-Type; None for a response.
    """
    where = capture.file, capture.offset
    if media is None:
        response = parse_response(capture.content)
        if response is None:
            detail = f"expected an HTTP status line; found {capture.content[:32]!r}"
            rejects.add(*where, "bad-http", detail)
            return
        if response.status not in _GOOD:
            rejects.add(*where, "http-status", f"{response.status} for {capture.url}")
            return
        fields, body = response.fields, capture.content[response.begin :]
    else:
        fields, body = {"content-type": media}, capture.content
        if media.partition(";")[0].strip().lower() == _TEXT:
            yield from read_text_capture(capture, rejects)
            return
    kind = fields.get("content-type", "").partition(";")[0].strip().lower()
    # Without a type, a page is what looks like one.
    if kind not in HTML_TYPES and (kind or body.lstrip()[:1] != b"<"):
        rejects.add(*where, "not-a-page", f"{kind or 'no type'} for {capture.url}")
    elif len(body) > LONGEST_PAGE:
        rejects.add(*where, "huge-page", f"{len(body)} bytes; {LONGEST_PAGE} are read")
    else:
        id_ = capture.url or capture.origin
        yield Page(*where, capture.origin, id_, capture.url, capture.date, fields, body)


def read_text_capture(capture: Capture, rejects: Rejects) -> Iterator[Record]:
    """Read a capture that is a text: what a WET file holds.

    Args:
        capture: its content is text in UTF-8.
        rejects: receives `not-utf8` and `empty-text`.
    """
    try:
        text = capture.content.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte {error.start + 1} of the text is 0x{capture.content[error.start]:02x}"
        rejects.add(capture.file, capture.offset, "not-utf8", detail)
        return
    origin = capture.origin
    place = Place(capture.file, capture.offset, origin, capture.url or origin)
    mapping = {"url": capture.url, "date_download": capture.date, "text": text}
    record = find_record(mapping, _FIELDS, place, rejects)
    if record is not None:
        yield record._replace(line=write_line(record.id, mapping))
