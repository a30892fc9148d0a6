"""Files → an index, or questions to one.

Takes paths and an open index; gives each article with its answer, as they are read. What cannot
be read goes into the rejects, which the caller shows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import BinaryIO, NamedTuple

from dedup.answers import Answer
from dedup.errors import InputError
from dedup.read import Fields, Rejects, open_corpus, read_text_file
from dedup.records import Record, Reject
from dedup.seen import BATCH, Index


class Told(NamedTuple):
    """An article of a file, with what the index answers; or what could not be read."""

    record: Record | None
    answer: Answer | None
    reject: Reject | None = None


def add_paths(
    index: Index,
    paths: Sequence[str],
    fields: Fields,
    *,
    threads: int = 1,
    replace: bool = False,
    stdin: BinaryIO | None = None,
) -> Iterator[Told]:
    """Ask and store all articles of some files.

    An id that is taken becomes "id#2", or with `replace` its article goes.

    Raises:
        InputError: Nothing at all could be read.
    """
    rejects = Rejects()
    records = open_corpus(paths, fields, rejects, stdin)
    with ThreadPoolExecutor(threads) as pool:
        told, is_empty = 0, True
        while True:
            batch = list(islice(records, BATCH))
            yield from (Told(None, None, reject) for reject in rejects.entries[told:])
            told = len(rejects.entries)
            if not batch:
                break
            is_empty = False
            urls = [find_url(record, fields) for record in batch]
            answers = index.add_records(batch, urls, rename=not replace, replace=replace, pool=pool)
            for record, answer in zip(batch, answers, strict=True):
                yield Told(record, answer)
    if is_empty:
        raise InputError(f"nothing could be read from {', '.join(map(os.fspath, paths))}.")


def check_paths(
    index: Index, paths: Sequence[str], fields: Fields, *, stdin: BinaryIO | None = None
) -> Iterator[Told]:
    """Ask for all articles of some files; nothing is stored.

    Raises:
        InputError: Nothing at all could be read.
    """
    rejects = Rejects()
    told, is_empty = 0, True
    for record in open_corpus(paths, fields, rejects, stdin):
        yield from (Told(None, None, reject) for reject in rejects.entries[told:])
        told, is_empty = len(rejects.entries), False
        yield Told(record, index.check_record(record))
    yield from (Told(None, None, reject) for reject in rejects.entries[told:])
    if is_empty:
        raise InputError(f"nothing could be read from {', '.join(map(os.fspath, paths))}.")


def read_one(path: str) -> str:
    """The text of a file, "-" for standard input.

    Raises:
        InputError: It cannot be read, is not UTF-8 or is empty.
    """
    rejects = Rejects()
    record = next(read_text_file(path, rejects), None)
    if record is None:
        first = rejects.entries[0]
        raise InputError(f"{first.file}, byte {first.offset}: {first.reason} ({first.detail}).")
    return record.text.decode("utf-8", "surrogatepass")


def find_url(record: Record, fields: Fields) -> str:
    """The url of an article that was read from a line of JSON, or ""."""
    if not record.line:
        return ""
    try:
        line = json.loads(record.line)
    except ValueError:
        return ""
    found = (line.get(name) for name in fields.url) if isinstance(line, dict) else ()
    return next((url for url in found if isinstance(url, str)), "")
