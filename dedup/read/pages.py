"""Turn pages into records, in the order in which they were found.

In: what readers yield, `Record`s and `Page`s, and the rejects between them. Out: records, and
rejects, in that same order, whatever the number of processes that read pages. Reading a page is
left to `html`, the processes to `workers`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from dedup.read.dates import parse_date
from dedup.read.fields import Fields, Place, find_record
from dedup.read.folders import strip_suffixes
from dedup.read.html import LONGEST_PAGE, Found, Refused
from dedup.read.rejects import Rejects
from dedup.read.streams import BLOCK, CutFile, Readable
from dedup.read.workers import Task, Workers
from dedup.records import Batch, Record, Reject

#: Suffixes of pages that are files.
SUFFIXES = (".html", ".htm", ".xhtml")
#: What may be ahead of the first page that is not read yet: pieces, and bytes of pages.
_MOST_AHEAD, _BYTES_AHEAD = 256, 32 << 20
#: Seconds a page may be newer than its capture: no time zone is further ahead.
_DAY = 86_400
#: `json.dumps` would make one for every line.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
#: Names in the mapping made of a page; those a user gives are for other formats.
_FIELDS = Fields()


class Page(NamedTuple):
    """A page that a reader found, still to be read."""

    #: Path for rejects, and the byte of the plain file where the piece begins.
    file: str
    offset: int
    #: For people.
    origin: str
    id: str
    url: str
    #: When it was fetched, as the file writes it; "" if it does not.
    date: str
    #: Fields of the response, names in lower case; {} for a page that was a file.
    fields: dict[str, str]
    body: bytes


def read_pages(
    items: Iterable[Record | Batch | Reject | Page], workers: Workers, rejects: Rejects
) -> Iterator[Record | Batch]:
    """Give records as they come, and the records of pages in their place.

    Args:
        items: what readers found, in order.
        workers: read the pages; they are not closed here.
        rejects: receives the rejects among `items`, and `empty-text` and the reasons of
            `html.read_page` and `workers` for pages.
    """
    window: deque[tuple[Record | Reject | Page, Task | None]] = deque()
    size = 0
    for item in items:
        if isinstance(item, Batch):
            while window:
                yield from _finish(*window.popleft(), workers, rejects)
            size = 0
            yield item
            continue
        if isinstance(item, Record) and not window:
            yield item
            continue
        task = None
        if isinstance(item, Page):
            task = Task(item.body, item.fields)
            workers.submit(task)
            size += len(item.body)
        window.append((item, task))
        while window and (
            (first := window[0][1]) is None
            or first.answer is not None
            or len(window) > _MOST_AHEAD
            or size > _BYTES_AHEAD
        ):
            size -= len(first.body) if first else 0
            yield from _finish(*window.popleft(), workers, rejects)
    while window:
        yield from _finish(*window.popleft(), workers, rejects)


def read_html(stream: Readable, name: str, inner: str, rejects: Rejects) -> Iterator[Page]:
    """Read one stream as one page: one page or one reject.

    Args:
        stream: plain bytes.
        name: the path for rejects and origin.
        inner: the path inside the corpus; without its suffixes it is the id.
        rejects: receives `cut-file`, `huge-page` and `unreadable`.
    """
    blocks: list[bytes] = []
    size = 0
    try:
        while size <= LONGEST_PAGE and (block := stream.read(BLOCK)):
            blocks.append(block)
            size += len(block)
    except CutFile as error:
        rejects.add(name, 0, "cut-file", f"{error}; {error.delivered} bytes came before")
    except OSError as error:
        rejects.add(name, 0, "unreadable", str(error))
    else:
        if size > LONGEST_PAGE:
            rejects.add(name, 0, "huge-page", f"more than {LONGEST_PAGE} bytes")
        else:
            id_ = strip_suffixes(inner, SUFFIXES)
            yield Page(name, 0, name, id_, "", "", {}, b"".join(blocks))


def write_line(id_: str, mapping: dict[str, Any]) -> bytes:
    """The article as a JSON object in one line, for inputs that have no lines of their own.

    Values that are empty are left out. Read again, it gives the same record.
    """
    whole = {"id": id_, **{name: value for name, value in mapping.items() if value}}
    line = _ENCODER.encode(whole)
    try:
        return line.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(whole, separators=(",", ":")).encode()


def _finish(
    item: Record | Reject | Page, task: Task | None, workers: Workers, rejects: Rejects
) -> Iterator[Record]:
    if isinstance(item, Page) and task is not None:
        answer = workers.wait_for(task)
        if isinstance(answer, Refused):
            rejects.add(item.file, item.offset, answer.reason, f"{answer.detail} ({item.id})")
        elif (record := _make_record(item, answer, rejects)) is not None:
            yield record
    elif isinstance(item, Record):
        yield item
    elif isinstance(item, Reject):
        rejects.add(*item)


def _make_record(page: Page, found: Found, rejects: Rejects) -> Record | None:
    published, fetched = parse_date(found.date), parse_date(page.date)
    # A page cannot be newer than its capture.
    is_late = published is not None and fetched is not None and published > fetched + _DAY
    mapping = {
        "url": page.url,
        "title": found.title,
        "date": "" if published is None or is_late else found.date,
        "date_download": page.date,
        "text": found.text,
    }
    place = Place(page.file, page.offset, page.origin, page.id)
    record = find_record(mapping, _FIELDS, place, rejects)
    return None if record is None else record._replace(line=write_line(record.id, mapping))
