"""Read ARC, the format of crawls before WARC.

In: a stream of plain bytes. Out: one `Page` for each captured page, to be extracted elsewhere.
Cutting the file into records is left to `frames`, HTTP to `http`.
Source: Internet Archive, ARC File Format Reference (1996), versions 1 and 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.read.captures import Capture, read_capture
from dedup.read.frames import Head, Kind, read_frames
from dedup.read.pages import Page
from dedup.read.rejects import Rejects
from dedup.read.streams import Readable
from dedup.records import Record

#: URL, address, date of 8 to 14 digits, media type, in version 2 five more, length. URLs of
#: careless crawlers hold blanks.
_LINE = re.compile(
    rb"([A-Za-z][A-Za-z0-9+.-]{1,19}:[^\r\n]{0,4000}) [0-9A-Fa-f.:-]{1,45} (\d{8,14})"
    rb" [^ \r\n]{1,200}(?: [^ \r\n]{1,500}){0,5} (\d{1,18})\r?\n"
)


def read_arc(stream: Readable, name: str, rejects: Rejects) -> Iterator[Record | Page]:
    """Read the captures of a stream.

    Each record of an http or https URL gives one record, one page or one reject; a cut adds one
    reject. The record that describes the file, and those of name servers, are passed over.

    Args:
        stream: plain bytes.
        name: the path for rejects, origins and missing ids.
        rejects: receives what `read_frames` and `read_capture` reject.
    """
    for frame in read_frames(stream, name, ARC, rejects):
        url, date = frame.fields["url"], frame.fields["date"]
        if url.startswith("http"):
            capture = Capture(name, frame.offset, url, date, frame.content)
            yield from read_capture(capture, rejects)


def _parse_head(data: bytes, at: int) -> Head | None:
    match = _LINE.match(data, at)
    if match is None:
        return None
    url, date = match[1].decode("utf-8", "replace"), match[2].decode("ascii")
    # Twelve digits lack the seconds.
    fields = {"url": url, "date": f"{date}00" if len(date) == 12 else date}
    return Head(fields, match.end() - at, int(match[3]))


ARC = Kind("ARC", 1, _LINE, _parse_head)
