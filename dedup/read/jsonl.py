"""Read JSON Lines: one object a line, one article an object.

In: a stream of plain bytes. Out: records in the order of the lines, each with its line byte for
byte. Decompression is left to `streams`, the meaning of field names to `fields`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dedup.read.fields import Fields, Place, find_record
from dedup.read.lines import Line, Lines
from dedup.read.rejects import Rejects
from dedup.read.streams import CutFile, Readable
from dedup.records import Record

#: Bytes of the longest line that is read; longer ones are passed over without being held.
LONGEST_LINE = 256 << 20
#: Digits every Python converts, whatever its environment says (sys.int_info).
_INT_DIGITS = 640


def read_jsonl(
    stream: Readable,
    name: str,
    fields: Fields,
    rejects: Rejects,
    longest_line: int = LONGEST_LINE,
) -> Iterator[Record]:
    """Read the articles of a stream.

    Each line that is not blank gives one record or one reject; a cut adds one reject, which also
    stands for the half line before it.

    Args:
        stream: plain bytes; LF or CRLF, with or without a byte order mark.
        name: the path for rejects, origins and missing ids.
        fields: where to find text, id, date and site.
        rejects: receives `not-utf8`, `bad-json`, `not-an-object`, `no-text`, `empty-text`,
            `huge-line`, `cut-file` and `unreadable`.
        longest_line: bytes; longer lines are rejects.
    """
    decoder = json.JSONDecoder(parse_int=_parse_int)
    lines = Lines(stream, longest_line)
    try:
        for line in lines:
            if line.content is None:
                detail = f"line {line.number}: more than {longest_line} bytes"
                rejects.add(name, line.offset, "huge-line", detail)
            elif line.content and not line.content.isspace():
                origin = f"{name}:{line.number}"
                value = _parse_line(decoder, line, line.content, name, rejects)
                if value is not None:
                    place = Place(name, line.offset, origin, origin, line.content)
                    record = find_record(value, fields, place, rejects)
                    if record is not None:
                        yield record
    except CutFile as error:
        detail = f"{error}; {error.delivered} bytes came before"
        rejects.add(name, lines.offset, "cut-file", detail)
    except OSError as error:
        rejects.add(name, lines.offset, "unreadable", str(error))


def _parse_line(
    decoder: json.JSONDecoder, line: Line, content: bytes, name: str, rejects: Rejects
) -> dict[str, Any] | None:
    """The object of a line; None after noting a reject."""
    try:
        value = decoder.decode(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        reason, detail = "not-utf8", f"byte {error.start + 1} is 0x{content[error.start]:02x}"
    except json.JSONDecodeError as error:
        reason, detail = "bad-json", f"column {error.pos + 1}: {error.msg}"
    except RecursionError:
        reason, detail = "bad-json", "nested too deeply"
    else:
        if isinstance(value, dict):
            return value
        reason, detail = "not-an-object", f"expected an object; found {type(value).__name__}"
    rejects.add(name, line.offset, reason, f"line {line.number}: {detail}")
    return None


def _parse_int(digits: str) -> int | float:
    """An integer; one that some Pythons refuse to convert becomes a float."""
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)
