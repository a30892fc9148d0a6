"""Read the dates crawls contain: ISO 8601, RFC 2822, seconds and milliseconds since 1970.

In: any value. Out: whole seconds since 1970-01-01 UTC, or None. A time without a zone is taken
as UTC. The patterns are our own, because what datetime.fromisoformat accepts changes from one
Python to the next, and with it which copy of an article counts as the earliest.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_tz
from numbers import Integral

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?"
    r"(?: ?(?:Z|UTC|([+-])(\d\d)(?::?(\d\d))?))?)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?", re.ASCII)
_DIGITS = re.compile(r"\d{9,10}|\d{13}", re.ASCII)
_RFC_2822 = re.compile(
    r"(?:[a-z]{3,9}, *)?\d{1,2} +[a-z]{3,9} +(?:\d{4}|\d\d) +\d\d:\d\d(?::\d\d)?"
    r"(?: +(?:[+-]\d{4}|[a-z]{1,4}))?(?: +\([^()]*\))?",
    re.ASCII | re.IGNORECASE,
)
#: No date is longer; keeps a whole article in a date field from being searched.
_LONGEST = 64
_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
#: 1000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
_FIRST, _LAST = -30_610_224_000, 253_402_300_799


def parse_date(value: object) -> int | None:
    """Read a date.

    Args:
        value: a string; a number (taken like its digits, fractions dropped): 9-10 digits are
            seconds, 13 are milliseconds, 8 are YYYYMMDD, 14 are YYYYMMDDHHMMSS; or a
            datetime or date object.

    Returns:
        Seconds since 1970-01-01 UTC, from the year 1000 to 9999; None if not understood.
        Fractions of a second are dropped; second 60 counts as 59.
    """
    if isinstance(value, str):
        seconds = _parse_text(value.strip()) if len(value) <= _LONGEST else None
    elif isinstance(value, date):
        seconds = _parse_object(value)
    elif isinstance(value, Integral) and not isinstance(value, bool):
        seconds = _parse_number(int(value))
    elif isinstance(value, float) and math.isfinite(value):
        seconds = _parse_number(math.floor(value))
    else:
        return None
    return seconds if seconds is not None and _FIRST <= seconds <= _LAST else None


def _parse_number(number: int) -> int | None:
    return _parse_text(str(number)) if 0 < number < 10**14 else None


def _parse_text(text: str) -> int | None:
    if _DIGITS.fullmatch(text):
        return int(text) // (1000 if len(text) == 13 else 1)
    if match := _COMPACT.fullmatch(text):
        return _to_seconds([int(part or 0) for part in match.groups()], 0)
    if match := _ISO.fullmatch(text):
        parts = [int(part or 0) for part in match.groups()[:6]]
        sign, hours, minutes = match[7], int(match[8] or 0), int(match[9] or 0)
        if hours > 23 or minutes > 59:
            return None
        return _to_seconds(parts, (hours * 60 + minutes) * (-60 if sign == "-" else 60))
    if _RFC_2822.fullmatch(text) and (fields := parsedate_tz(text)):
        return _to_seconds(list(fields[:6]), fields[9] or 0)
    return None


def _parse_object(value: date) -> int | None:
    if value != value:  # pandas.NaT is a datetime that equals nothing
        return None
    if not isinstance(value, datetime):
        return _to_seconds([value.year, value.month, value.day, 0, 0, 0], 0)
    try:
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError:
        return None
    return (naive - _EPOCH) // _SECOND


def _to_seconds(parts: list[int], offset: int) -> int | None:
    """Seconds of year, month, day, hour, minute, second; `offset` seconds east of UTC."""
    year, month, day, hour, minute, second = parts
    try:
        moment = datetime(year, month, day, hour, minute, 59 if second == 60 else second)
    except ValueError:
        return None
    return (moment - _EPOCH) // _SECOND - offset
