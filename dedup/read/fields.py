"""Find the fields of an article among the names crawls give them.

In: a mapping (a JSON object, a row of a table) and the names to look for. Out: a `Record`, or a
reject. Where the mapping comes from is left to the readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from dedup.errors import InputError
from dedup.read.charset import find_codec
from dedup.read.dates import parse_date
from dedup.read.rejects import Rejects
from dedup.read.sites import registered_domain
from dedup.records import Record

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#\\]*@)?(\[[^\]/]*\]|[^/?#:\\]*)", re.I)


@dataclass(frozen=True, slots=True)
class Fields:
    """Field names to try, in this order; the first that holds something usable wins.

    Usable is: a string for text; a string that is not empty or an integer for id; anything
    `parse_date` understands for date; a string that is not empty for site and url.
    """

    text: tuple[str, ...] = ("text", "content", "maintext", "raw_content", "body", "article")
    id: tuple[str, ...] = ("id", "url", "digest")
    date: tuple[str, ...] = ("date", "date_publish", "published", "timestamp", "date_download")
    site: tuple[str, ...] = ("site", "source_domain", "source", "hostname", "domain")
    url: tuple[str, ...] = ("url", "link")
    #: Not read; a column that kept.jsonl takes over from tables.
    title: tuple[str, ...] = ("title", "headline")
    #: No field: charsets to try for what is not UTF-8. When there are none they are detected.
    charset: tuple[str, ...] = ()
    #: Set by who opens a file: its charset, as far as its beginning tells.
    likely: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.charset:
            if find_codec(name) is None:
                raise InputError(f"{name} is no charset that is known here.")

    def names(self) -> set[str]:
        """Every name that is looked for."""
        return {*self.text, *self.id, *self.date, *self.site, *self.url, *self.title}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mapping was found, and what stands for its id if it has none."""

    file: str
    offset: int
    origin: str
    default_id: str
    line: bytes = b""


def find_record(
    mapping: Mapping[str, Any], fields: Fields, place: Place, rejects: Rejects
) -> Record | None:
    """Make the record of a mapping; None after noting a reject (`no-text`, `empty-text`)."""
    text = next((v for name in fields.text if isinstance(v := mapping.get(name), str)), None)
    if text is None:
        found = [f"{n}: {type(mapping[n]).__name__}" for n in fields.text if n in mapping]
        detail = f"expected a string in {', '.join(fields.text)}; found {'; '.join(found) or None}"
        rejects.add(place.file, place.offset, "no-text", detail)
        return None
    if is_blank(text):
        detail = f"expected words; found {len(text)} characters of white space"
        rejects.add(place.file, place.offset, "empty-text", detail)
        return None
    return Record(
        id=find_id(mapping, fields.id) or place.default_id,
        text=text.encode("utf-8", "surrogatepass"),
        date=find_date(mapping, fields),
        site=find_site(mapping, fields),
        line=place.line,
        origin=place.origin,
    )


def find_id(mapping: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first usable id, or "". Booleans and fractions are no ids."""
    for name in names:
        value = mapping.get(name)
        if isinstance(value, str) and value:
            return escape_surrogates(value)
        if isinstance(value, Integral) and not isinstance(value, bool):
            return str(int(value))
    return ""


def find_date(mapping: Mapping[str, Any], fields: Fields) -> int | None:
    """The first date that is understood, in seconds since 1970-01-01 UTC."""
    dates = (parse_date(mapping[name]) for name in fields.date if name in mapping)
    return next((date for date in dates if date is not None), None)


def find_site(mapping: Mapping[str, Any], fields: Fields) -> str:
    """The site, or the registered domain of the url, or ""; lower case, no leading "www."."""
    for name in fields.site:
        value = mapping.get(name)
        if isinstance(value, str) and value.strip():
            return tidy_site(value)
    for name in fields.url:
        value = mapping.get(name)
        if isinstance(value, str) and (site := find_domain(value)) is not None:
            return site
    return ""


def find_domain(url: str) -> str | None:
    """The registered domain of a url; None if it has no host."""
    match = _HOST.match(url.strip())
    if not match or not match[1]:
        return None
    return registered_domain(tidy_site(match[1].strip(".")))


def is_blank(text: str) -> bool:
    """Whether a text is empty or only white space, a byte order mark aside."""
    text = text.removeprefix("\ufeff")
    return not text or text.isspace()


def escape_surrogates(name: str) -> str:
    r"""Write lone surrogates as \ud800, so that any id or path can be written as UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def tidy_site(site: str) -> str:
    """A site in lower case, without white space around it and without "www."."""
    return escape_surrogates(site.strip().lower().removeprefix("www."))
