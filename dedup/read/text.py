"""Read plain text: one article a file.

In: a file. Out: a record whose id is the path inside the corpus and whose text is the file byte
for byte, or decoded where it is not UTF-8 (a byte order mark and CRLF included, so that offsets
are those of the file). Headline
and date are not looked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dedup.read.charset import decode_piece, name_bad_byte
from dedup.read.fields import is_blank
from dedup.read.folders import name_path, strip_suffixes
from dedup.read.rejects import Rejects
from dedup.read.streams import BLOCK, ByteStream, CutFile, as_utf8, open_stream
from dedup.records import Record

SUFFIXES = (".txt",)
#: Bytes of the longest file that is read.
LONGEST_FILE = 256 << 20


def read_text_file(
    path: str | os.PathLike[str], rejects: Rejects, inner: str | None = None
) -> Iterator[Record]:
    """Read one file; `inner` is its path inside the corpus, its bare name if None."""
    name = name_path(path)
    try:
        with open_stream(path) as stream:
            yield from read_text(stream, name, inner or Path(name).name, rejects)
    except OSError as error:
        rejects.add(name, 0, "unreadable", str(error))


def read_text(
    stream: ByteStream,
    name: str,
    inner: str,
    rejects: Rejects,
    charsets: tuple[str, ...] = (),
    longest: int = LONGEST_FILE,
) -> Iterator[Record]:
    """Read one stream as one article: one record or one reject.

    Args:
        stream: plain bytes.
        name: the path for rejects and origin.
        inner: the path inside the corpus; without its suffixes it is the id.
        rejects: receives `not-utf8`, `empty-text`, `cut-file`, `huge-file`, `unreadable`.
        charsets: to try for what is not UTF-8; detected if there are none.
        longest: bytes; longer files are rejects.
    """
    blocks: list[bytes] = []
    size = 0
    try:
        stream, charset = as_utf8(stream, charsets)
        while size <= longest and (block := stream.read(BLOCK)):
            blocks.append(block)
            size += len(block)
        data = b"".join(blocks) if size <= longest else b""
        data, text, found = decode_piece(data, charsets)
    except CutFile as error:
        rejects.add(name, 0, "cut-file", f"{error}; {error.delivered} bytes came before")
    except OSError as error:
        rejects.add(name, 0, "unreadable", str(error))
    except UnicodeDecodeError as error:
        rejects.add(name, 0, "not-utf8", name_bad_byte(error))
    else:
        if size > longest:
            rejects.add(name, 0, "huge-file", f"more than {longest} bytes")
        elif is_blank(text):
            rejects.add(name, 0, "empty-text", f"expected words; found {size} bytes of white space")
        else:
            if charset or found:
                rejects.charsets[charset or found] += 1
            yield Record(strip_suffixes(inner, SUFFIXES), data, None, "", b"", name)
