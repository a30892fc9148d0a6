"""Read news corpora: files, folders and standard input, or what a program hands in.

In: paths (`open_corpus`, or `open_batches` for columns) or items (`from_items`). Out: `Record`s, or
`Batch`es of them, in a fixed order, and a `Rejects` that names every piece of input that could
not be used. Nothing is skipped in silence: each record and each reject counts as one article
read, so read = records + len(rejects), always. Not pieces of input, and so not counted, are
blank lines of JSON Lines, records of crawl files that are about captures, and files of a folder
with other suffixes than those of `FORMATS`. A file that is cut gives its articles up to the cut
and one reject. Pages are read in processes of their own (`workers`); their number changes no
answer.
What a text means, and whether two are alike, is left to the other rooms.

A new format is one file with a `read_...(stream, name, ...)` and one row in `FORMATS`. It may give
records or, when it is fast enough to be slowed down by them, batches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dedup.read import pages, text
from dedup.read.arc import read_arc
from dedup.read.batches import gather
from dedup.read.charset import find_likely
from dedup.read.columnar import ARROW_MAGIC, PARQUET_MAGIC, read_columnar
from dedup.read.csv import read_csv
from dedup.read.feed import Feed, FeedLine
from dedup.read.fields import Fields
from dedup.read.folders import COMPRESSED, find_files, has_suffix, name_path
from dedup.read.inputs import Inputs, describe_file
from dedup.read.jsonl import read_batches, read_jsonl
from dedup.read.listing import read_list
from dedup.read.memory import from_items
from dedup.read.pages import Page, read_html, read_pages
from dedup.read.places import find_row_ends, find_spans, list_members, read_member, read_stored
from dedup.read.rejects import REASONS, Rejects
from dedup.read.streams import ByteStream, CutFile, as_utf8, open_stream
from dedup.read.text import read_text_file
from dedup.read.warc import read_warc
from dedup.read.workers import Workers
from dedup.records import Batch, Record, Reject
from dedup.settings import EXTRACTORS

__all__ = [
    "FORMATS",
    "REASONS",
    "ByteStream",
    "CutFile",
    "Feed",
    "FeedLine",
    "Fields",
    "Format",
    "Inputs",
    "Rejects",
    "as_utf8",
    "describe_file",
    "find_row_ends",
    "find_spans",
    "from_items",
    "gather",
    "list_members",
    "open_batches",
    "open_corpus",
    "open_stream",
    "read_jsonl",
    "read_list",
    "read_member",
    "read_stored",
    "read_text_file",
]


class File(NamedTuple):
    """What a reader may know of the file it reads."""

    #: Its path, and the path as it is written in rejects and origins; "-" is standard input.
    path: str
    name: str
    #: Its path inside the corpus.
    inner: str


#: Plain bytes, the file, field names, rejects. Pages among the records are read later.
Reader = Callable[[ByteStream, File, Fields, Rejects], Iterator[Record | Batch | Page]]


class Format(NamedTuple):
    """A kind of file that is understood."""

    name: str
    #: Suffixes by which a folder is searched for it.
    suffixes: tuple[str, ...]
    #: Further suffixes of files that are named one by one.
    named_suffixes: tuple[str, ...]
    #: First bytes, white space aside, of files without a known suffix.
    first_bytes: tuple[bytes, ...]
    read: Reader


def _read_lines(
    read: Callable[[ByteStream, str, Fields, Rejects], Iterator[Record | Batch]],
    stream: ByteStream,
    name: str,
    fields: Fields,
    rejects: Rejects,
) -> Iterator[Record | Batch]:
    """Read lines of a file that may be in UTF-16 or another charset that is decoded as a whole."""
    stream, charset = as_utf8(stream, fields.charset)
    if not charset and not fields.charset:
        fields = replace(fields, likely=find_likely(stream.peek(_LOOKED_AT)))
    for found in read(stream, name, fields, rejects):
        if charset:
            rejects.charsets[charset] += len(found.ids) if isinstance(found, Batch) else 1
        yield found


FORMATS: tuple[Format, ...] = (
    Format(
        "JSON Lines",
        (".jsonl", ".ndjson"),
        (".json",),
        (b"{",),
        lambda stream, file, fields, rejects: _read_lines(
            read_batches, stream, file.name, fields, rejects
        ),
    ),
    Format(
        "plain text",
        text.SUFFIXES,
        (),
        (),
        lambda stream, file, fields, rejects: text.read_text(
            stream, file.name, file.inner, rejects, fields.charset
        ),
    ),
    Format(
        "WARC",
        (".warc", ".wet"),
        (),
        (b"WARC/",),
        lambda stream, file, _, rejects: read_warc(stream, file.name, rejects),
    ),
    Format(
        "ARC",
        (".arc",),
        (),
        (b"filedesc:",),
        lambda stream, file, _, rejects: read_arc(stream, file.name, rejects),
    ),
    Format(
        "HTML",
        pages.SUFFIXES,
        (),
        (b"<",),
        lambda stream, file, _, rejects: read_html(stream, file.name, file.inner, rejects),
    ),
    Format(
        "CSV",
        (".csv", ".tsv"),
        (),
        (),
        lambda stream, file, fields, rejects: _read_lines(
            read_csv, stream, file.name, fields, rejects
        ),
    ),
    Format(
        "Parquet and Arrow",
        (".parquet", ".arrow", ".feather"),
        (".arrows", ".ipc"),
        (PARQUET_MAGIC, ARROW_MAGIC),
        lambda stream, file, fields, rejects: read_columnar(
            stream, file.name, file.path, fields, rejects
        ),
    ),
)

#: Bytes of lines looked at to tell their charset.
_LOOKED_AT = 1 << 20
#: Bytes looked at to tell the format of a file without a known suffix.
_PEEKED = 1 << 12


Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def open_corpus(
    paths: Paths,
    fields: Fields,
    rejects: Rejects,
    stdin: BinaryIO | None = None,
    extractor: str = EXTRACTORS[0],
    workers: int = 1,
    inputs: Inputs | None = None,
) -> Iterator[Record]:
    """Read all articles of all paths, one by one; see `open_batches`."""
    for found in _read_all(paths, fields, rejects, stdin, extractor, workers, inputs):
        if isinstance(found, Batch):
            yield from found.records()
        else:
            yield found


def open_batches(
    paths: Paths,
    fields: Fields,
    rejects: Rejects,
    stdin: BinaryIO | None = None,
    extractor: str = EXTRACTORS[0],
    workers: int = 1,
    inputs: Inputs | None = None,
    share: tuple[int, int] = (0, 1),
) -> Iterator[Batch]:
    """Read all articles of all paths, in the order given; a reject never stops the rest.

    Args:
        paths: files, folders (searched at all depths, files in the order of their paths) and
            "-" for standard input, whose first bytes say what it is; any file may be gzip,
            Zstandard, bzip2 or xz, Parquet and Arrow aside.
        fields: where JSON Lines, CSV and tables have text, id, date and site.
        rejects: receives what cannot be used, in order, at the latest with the batch it would
            have been in. To the readers' own reasons come `no-such-path`, `no-articles`,
            `unknown-format` and `unreadable`.
        stdin: what "-" stands for; sys.stdin.buffer if None.
        extractor: how the main text of pages is found; one of `EXTRACTORS`.
        workers: processes that read pages; changes speed only.
        inputs: receives each file that was read, with its digest.
        share: which part of the files is read, from 0, and in how many parts they are cut: runs
            of files in their order, of about as many stored bytes each. All parts behind each
            other are the whole.

    Returns:
        Batches of at least one article, about 1 MiB each unless an article is longer.

    Raises:
        InputError: a format is met and the library for it is missing.
    """
    found = _read_all(paths, fields, rejects, stdin, extractor, workers, inputs, share)
    yield from gather(found)


def _read_all(
    paths: Paths,
    fields: Fields,
    rejects: Rejects,
    stdin: BinaryIO | None,
    extractor: str,
    workers: int,
    inputs: Inputs | None,
    share: tuple[int, int] = (0, 1),
) -> Iterator[Record | Batch]:
    found = Rejects()
    pool = Workers(extractor, workers)
    try:
        items = _in_order(_open_paths(paths, fields, found, stdin, inputs, share), found)
        yield from read_pages(items, pool, rejects)
    finally:
        pool.close()


def _in_order(
    records: Iterator[Record | Batch | Page], found: Rejects
) -> Iterator[Record | Batch | Page | Reject]:
    """Records, and the rejects noted before each of them."""
    for record in records:
        if found:
            yield from found.take()
        yield record
    yield from found.take()


class _Place(NamedTuple):
    """A file or standard input, or what is wrong with a path."""

    path: str
    #: Its path inside the folder that was given; None for a file that was named.
    inner: str | None = None
    reject: Reject | None = None


def _open_paths(
    paths: Paths,
    fields: Fields,
    rejects: Rejects,
    stdin: BinaryIO | None,
    inputs: Inputs | None,
    share: tuple[int, int],
) -> Iterator[Record | Batch | Page]:
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    places: Iterable[_Place] = _find_places(paths, inputs if share == (0, 1) else None)
    if share != (0, 1):
        places = _cut(list(places), *share)
        if inputs is not None:
            inputs.expect(place.path for place in places if os.path.isfile(place.path))
    elif inputs is not None:
        inputs.expect(path for path in paths if os.path.isfile(path))
    for path, inner, reject in places:
        if reject is not None:
            rejects.add(*reject)
        elif path == "-":
            with open_stream("-", stdin) as stream:
                # Nothing at all is JSON Lines too.
                format_ = _find_format("", stream) or FORMATS[0]
                yield from format_.read(stream, File("-", "-", "-"), fields, rejects)
                if inputs is not None:
                    inputs.end("-", "-", format_.name, None, rejects.take_charsets())
        else:
            yield from _read_file(path, fields, rejects, inputs, inner)


def _find_places(
    paths: Iterable[str | os.PathLike[str]], inputs: Inputs | None
) -> Iterator[_Place]:
    """What the paths lead to, in order."""
    for path in [os.fspath(path) for path in paths]:
        if path == "-":
            yield _Place(path)
            continue
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            yield _Place(path, None, Reject(name_path(path), 0, "no-such-path", str(error)))
        except OSError as error:
            yield _Place(path, None, Reject(name_path(path), 0, "unreadable", str(error)))
        else:
            if Path(path).is_dir():
                yield from _list_folder(path, inputs)
            else:
                yield _Place(path)


def _list_folder(folder: str, inputs: Inputs | None) -> Iterator[_Place]:
    suffixes = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)
    if inputs is not None and inputs.is_watched:  # listed twice, so that the end is known
        inputs.expect(path for path, _ in find_files(folder, suffixes, Rejects()))
    rejects, is_empty = Rejects(), True
    for path, inner in find_files(folder, suffixes, rejects):
        is_empty = False
        yield from (_Place(folder, None, reject) for reject in rejects.take())
        yield _Place(path, inner)
    if is_empty and not len(rejects):
        detail = f"expected files named {_list_suffixes()}"
        rejects.add(name_path(folder), 0, "no-articles", detail)
    yield from (_Place(folder, None, reject) for reject in rejects.take())


def _cut(places: list[_Place], part: int, parts: int) -> list[_Place]:
    """One run of places of about as many bytes as each of the others."""
    sizes = [
        os.path.getsize(place.path) if place.reject is None and os.path.isfile(place.path) else 0
        for place in places
    ]
    whole, before = sum(sizes) or 1, 0
    mine = []
    for place, size in zip(places, sizes, strict=True):
        # A file belongs to the part in which its middle lies.
        if (2 * before + size) * parts // (2 * whole + 1) == part:
            mine.append(place)
        before += size
    return mine


def _read_file(
    path: str, fields: Fields, rejects: Rejects, inputs: Inputs | None, inner: str | None = None
) -> Iterator[Record | Batch | Page]:
    name = name_path(path)
    try:
        with open_stream(path, watch=inputs.watch() if inputs is not None else None) as stream:
            stamp = inputs.begin(path, stream.position) if inputs is not None else None
            format_ = _find_format(path, stream)
            if format_ is None:
                head = stream.peek(_PEEKED)[:16]
                detail = f"expected {_list_suffixes()}, or what one begins with; found {head!r}"
                rejects.add(name, 0, "unknown-format", detail)
            else:
                file = File(path, name, inner or Path(name).name)
                yield from format_.read(stream, file, fields, rejects)
        # Closed, so that nothing reads ahead any more.
        if format_ is not None and inputs is not None:
            inputs.end(path, name, format_.name, stamp, rejects.take_charsets())
    except OSError as error:
        rejects.add(name, 0, "unreadable", str(error))


def _find_format(path: str, stream: ByteStream) -> Format | None:
    for format_ in FORMATS:
        if has_suffix(path, format_.suffixes + format_.named_suffixes):
            return format_
    head = stream.peek(_PEEKED).removeprefix(b"\xef\xbb\xbf").lstrip()
    for format_ in FORMATS:
        if head.startswith(format_.first_bytes):
            return format_
    # Nothing came before the cut: the first format says so better than "unknown".
    return FORMATS[0] if stream.is_cut and not head else None


def _list_suffixes() -> str:
    suffixes = [suffix for format_ in FORMATS for suffix in format_.suffixes]
    return f"{', '.join(suffixes)} (also {', '.join(COMPRESSED)})"
