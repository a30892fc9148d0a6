"""The kernels that read, in plain Python: fields of JSON lines, and dates.

The specification of `json_fields.h` and `dates.h`. What they leave out is left to `dedup.read`,
which decides about every line and every date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

NONE, STRING, INTEGER, NUMBER, MORE = 0, 1, 2, 4, 8
#: Nested values of a line, itself included; lines that go deeper are left out.
DEEPEST = 64
#: Characters of an integer that every reader takes for the same number.
LONGEST_INTEGER = 18
NO_DATE = -(2**63)

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"')
_NUMBER = re.compile(rb"NaN|-?Infinity|-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(rb"true|false|null")
_COUNT = re.compile(rb"[0-9]{9,10}|[0-9]{13}")
_DATE = re.compile(
    rb"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    rb"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
    rb"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slot(NamedTuple):
    """A value as it stands in the line, a string without its quotes."""

    raw: bytes
    kind: int


class Rows(NamedTuple):
    """What `find_fields` found."""

    #: Where lines begin, and where the last one ends.
    starts: list[int]
    #: The lines that have a row.
    taken: list[int]
    #: One value a column.
    rows: list[list[Slot]]


class NotPlainError(Exception):
    """The line is not for this reader."""


def find_fields(
    data: bytes, columns: Sequence[Sequence[bytes]], accepted: Sequence[int], longest: int
) -> Rows:
    """The rows of the plain lines; `columns` are names in their order of preference."""
    starts, taken, rows = [0], [], []
    for line in _LINE.findall(data):
        try:
            rows.append(_read_row(line.removesuffix(b"\n"), columns, accepted, longest))
            taken.append(len(starts) - 1)
        except NotPlainError:
            pass
        starts.append(starts[-1] + len(line))
    return Rows(starts, taken, rows)


def _read_row(
    line: bytes, columns: Sequence[Sequence[bytes]], accepted: Sequence[int], longest: int
) -> list[Slot]:
    if len(line.removesuffix(b"\r")) > longest:
        raise NotPlainError
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        raise NotPlainError from None
    slots: dict[bytes, Slot] = {}
    end = _skip_space(line, _read_members(line, _take(line, _skip_space(line, 0), b"{"), 1, slots))
    if end < len(line):
        raise NotPlainError
    row = [
        _choose([slots[name] for name in names if name in slots], kinds, n)
        for n, (names, kinds) in enumerate(zip(columns, accepted, strict=True))
    ]
    text = row[0].raw.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
    if not text or text.isspace():
        raise NotPlainError
    return row


def _choose(slots: Sequence[Slot], accepted: int, column: int) -> Slot:
    """The first value that is accepted; of the text, empty ones too."""
    good = [slot for slot in slots if slot.kind & accepted and (slot.raw or column == 0)]
    if not good:
        return Slot(b"", NONE)
    (raw, kind), more = good[0], MORE if len(good) > 1 else NONE
    if kind == STRING:
        text = json.loads((b'"' + raw + b'"').decode())
        raw = text.encode("utf-8", "surrogatepass")
        if column > 0 and any("\ud800" <= char <= "\udfff" for char in text):
            raise NotPlainError
    elif kind == INTEGER and (len(raw) > LONGEST_INTEGER or raw == b"-0"):
        raise NotPlainError
    return Slot(raw, kind | more)


def _read_members(line: bytes, at: int, depth: int, slots: dict[bytes, Slot] | None) -> int:
    """From behind a brace to behind its partner; values go into `slots`, the last of a name."""
    at = _skip_space(line, at)
    if line.startswith(b"}", at):
        return at + 1
    while True:
        key = _STRING.match(line, _skip_space(line, at))
        if key is None or (slots is not None and b"\\" in key[1]):
            raise NotPlainError
        at, slot = _read_value(line, _take(line, _skip_space(line, key.end()), b":"), depth)
        if slots is not None:
            slots[key[1]] = slot
        at = _skip_space(line, at)
        if not line.startswith(b",", at):
            return _take(line, at, b"}")
        at += 1


def _read_elements(line: bytes, at: int, depth: int) -> int:
    at = _skip_space(line, at)
    if line.startswith(b"]", at):
        return at + 1
    while True:
        at, _ = _read_value(line, at, depth)
        at = _skip_space(line, at)
        if not line.startswith(b",", at):
            return _take(line, at, b"]")
        at += 1


def _read_value(line: bytes, at: int, depth: int) -> tuple[int, Slot]:
    at = _skip_space(line, at)
    first = line[at : at + 1]
    if first in (b"{", b"["):
        if depth == DEEPEST:
            raise NotPlainError
        if first == b"{":
            return _read_members(line, at + 1, depth + 1, None), Slot(b"", NONE)
        return _read_elements(line, at + 1, depth + 1), Slot(b"", NONE)
    if match := _STRING.match(line, at):
        return match.end(), Slot(match[1], STRING)
    if match := _WORD.match(line, at):
        return match.end(), Slot(b"", NONE)
    if match := _NUMBER.match(line, at):
        is_integer = not (match[1] or match[2] or b"N" in match[0] or b"I" in match[0])
        return match.end(), Slot(match[0], INTEGER if is_integer else NUMBER)
    raise NotPlainError


def _skip_space(line: bytes, at: int) -> int:
    match = _SPACE.match(line, at)
    return match.end() if match else at


def _take(line: bytes, at: int, byte: bytes) -> int:
    if not line.startswith(byte, at):
        raise NotPlainError
    return at + 1


def read_date(text: bytes) -> int:
    """Seconds since 1970-01-01 UTC of a date in a common form, else `NO_DATE`."""
    if _COUNT.fullmatch(text):
        return int(text) // (1000 if len(text) == 13 else 1)
    match = _DATE.fullmatch(text)
    if match is None:
        return NO_DATE
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    sign, hours, minutes = match[7], int(match[8] or 0), int(match[9] or 0)
    if not 1001 <= year <= 9998 or hours > 23 or minutes > 59:
        return NO_DATE
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return NO_DATE
    offset = (hours * 60 + minutes) * (-60 if sign == b"-" else 60)
    return (moment - _EPOCH) // timedelta(seconds=1) - offset
