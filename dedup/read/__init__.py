"""Read news corpora: files, folders and standard input, or what a program hands in.

In: paths (`open_corpus`) or items (`from_items`). Out: `Record`s in a fixed order, and a
`Rejects` that names every piece of input that could not be used. Nothing is skipped in silence:
each record and each reject counts as one article read, so
read = records + len(rejects), always. Not pieces of input, and so not counted, are blank lines
of JSON Lines and files of a folder with other suffixes than those of `FORMATS`. A compressed file
that is cut gives its articles up to the cut and one reject.
What a text means, and whether two are alike, is left to the other rooms.

A new format is one file with a `read_...(stream, name, ...)` and one row in `FORMATS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dedup.read import text
from dedup.read.feed import Feed, FeedLine
from dedup.read.fields import Fields
from dedup.read.folders import COMPRESSED, find_files, has_suffix, name_path
from dedup.read.inputs import Inputs, describe_file
from dedup.read.jsonl import read_jsonl
from dedup.read.memory import from_items
from dedup.read.rejects import REASONS, Rejects
from dedup.read.streams import ByteStream, CutFile, open_stream
from dedup.read.text import read_text_file
from dedup.records import Record

__all__ = [
    "FORMATS",
    "REASONS",
    "CutFile",
    "Feed",
    "FeedLine",
    "Fields",
    "Format",
    "Inputs",
    "Rejects",
    "describe_file",
    "from_items",
    "open_corpus",
    "open_stream",
    "read_jsonl",
    "read_text_file",
]

#: Stream, path as given, path inside the corpus, field names, rejects.
Reader = Callable[[ByteStream, str, str, Fields, Rejects], Iterator[Record]]


class Format(NamedTuple):
    """A kind of file that is understood."""

    name: str
    #: Suffixes by which a folder is searched for it.
    suffixes: tuple[str, ...]
    #: Further suffixes of files that are named one by one.
    named_suffixes: tuple[str, ...]
    #: First bytes, white space aside, of files without a known suffix; b"" for none.
    first_bytes: bytes
    read: Reader


FORMATS: tuple[Format, ...] = (
    Format(
        "JSON Lines",
        (".jsonl", ".ndjson"),
        (".json",),
        b"{",
        lambda stream, name, _, fields, rejects: read_jsonl(stream, name, fields, rejects),
    ),
    Format(
        "plain text",
        text.SUFFIXES,
        (),
        b"",
        lambda stream, name, inner, _, rejects: text.read_text(stream, name, inner, rejects),
    ),
)

#: Bytes looked at to tell the format of a file without a known suffix.
_PEEKED = 1 << 12


def open_corpus(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    fields: Fields,
    rejects: Rejects,
    stdin: BinaryIO | None = None,
    inputs: Inputs | None = None,
) -> Iterator[Record]:
    """Read all articles of all paths, in the order given; a reject never stops the rest.

    Args:
        paths: files, folders (searched at all depths, files in the order of their paths) and
            "-" for JSON Lines on standard input; any file may be gzip or Zstandard.
        fields: where JSON Lines have text, id, date and site.
        rejects: receives what cannot be used. To the readers' own reasons come
            `no-such-path`, `no-articles`, `unknown-format` and `unreadable`.
        stdin: what "-" stands for; sys.stdin.buffer if None.
        inputs: receives each file that was read, with its digest.

    Raises:
        InputError: a Zstandard file is met and the library for it is missing.
    """
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if inputs is not None:
        inputs.expect(path for path in paths if os.path.isfile(path))
    for path in paths:
        if os.fspath(path) == "-":
            with open_stream("-", stdin) as stream:
                yield from read_jsonl(stream, "-", fields, rejects)
            if inputs is not None:
                inputs.end("-", "-", FORMATS[0].name, None)
            continue
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            rejects.add(name_path(path), 0, "no-such-path", str(error))
        except OSError as error:
            rejects.add(name_path(path), 0, "unreadable", str(error))
        else:
            read = _read_folder if Path(path).is_dir() else _read_file
            yield from read(os.fspath(path), fields, rejects, inputs)


def _read_folder(
    folder: str, fields: Fields, rejects: Rejects, inputs: Inputs | None
) -> Iterator[Record]:
    suffixes = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)
    before, is_empty = len(rejects), True
    if inputs is not None and inputs.is_watched:  # listed twice, so that the end is known
        inputs.expect(path for path, _ in find_files(folder, suffixes, Rejects()))
    for path, inner in find_files(folder, suffixes, rejects):
        is_empty = False
        yield from _read_file(path, fields, rejects, inputs, inner)
    if is_empty and len(rejects) == before:
        detail = f"expected files named {_list_suffixes()}"
        rejects.add(name_path(folder), 0, "no-articles", detail)


def _read_file(
    path: str, fields: Fields, rejects: Rejects, inputs: Inputs | None, inner: str | None = None
) -> Iterator[Record]:
    name = name_path(path)
    try:
        with open_stream(path) as stream:
            stamp = inputs.begin(path, stream.position) if inputs is not None else None
            format_ = _find_format(path, stream)
            if format_ is None:
                head = stream.peek(_PEEKED)[:16]
                detail = f"expected {_list_suffixes()}, or '{{' as first byte; found {head!r}"
                rejects.add(name, 0, "unknown-format", detail)
            else:
                inner = inner or Path(name).name
                yield from format_.read(stream, name, inner, fields, rejects)
                if inputs is not None:
                    inputs.end(path, name, format_.name, stamp)
    except OSError as error:
        rejects.add(name, 0, "unreadable", str(error))


def _find_format(path: str, stream: ByteStream) -> Format | None:
    for format_ in FORMATS:
        if has_suffix(path, format_.suffixes + format_.named_suffixes):
            return format_
    head = stream.peek(_PEEKED).removeprefix(b"\xef\xbb\xbf").lstrip()
    for format_ in FORMATS:
        if format_.first_bytes and head.startswith(format_.first_bytes):
            return format_
    # Nothing came before the cut: the first format says so better than "unknown".
    return FORMATS[0] if stream.is_cut and not head else None


def _list_suffixes() -> str:
    suffixes = [suffix for format_ in FORMATS for suffix in format_.suffixes]
    return f"{', '.join(suffixes)} (also {', '.join(COMPRESSED)})"
