"""Read one page: from the bytes of a response to text, headline and date.

In: the body of a `Page` with the fields of its response. Out: `Found`, or `Refused` with a reason.
This runs in a process of its own (`workers`), since the libraries below it take minutes for some
pages; the bounds here refuse most of those the same way on every machine.
Unpacking is left to `http`, decoding to `charset`, the main text to `extract`.
"""

from __future__ import annotations

import html
import re
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from dedup.read.charset import decode_page
from dedup.read.extract import extract_text
from dedup.read.gunzip import Damage
from dedup.read.http import HugeBody, unpack_body

#: Media types of pages, and bytes of the longest one, packed and unpacked.
HTML_TYPES = ("text/html", "application/xhtml+xml")
LONGEST_PAGE = 8 << 20
#: Tags a page may have, and how deep elements may lie in each other. trafilatura takes a second
#: for 20,000 paragraphs and gives nothing beyond 254 levels; resiliparse takes 56 s for 50,000.
MOST_TAGS, DEEPEST = 100_000, 250

#: The name of each tag, with a slash in front where it closes; "" for comments and for elements
#: whose content is no HTML, which are passed over whole.
_TAGS = re.compile(
    r"<(?:!--[^-]*(?:-(?!->)[^-]*)*|script\b[^<]*(?:<(?!/script)[^<]*)*|style\b[^<]*(?:<(?!/style)"
    r"[^<]*)*|title\b[^<]*(?:<(?!/title)[^<]*)*|textarea\b[^<]*(?:<(?!/textarea)[^<]*)*|"
    r"(/?[a-z][a-z0-9]*))",
    re.I,
)
#: Elements without content, or that end by themselves where the next one begins.
_FLAT = frozenset({
    "", "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th",
    "thead", "tbody", "tfoot", "html", "head", "body", "script", "style", "title", "textarea",
})  # fmt: skip
_META = re.compile(r"<meta\s[^>]{1,2000}>", re.I)
_ATTRIBUTE = re.compile(r"([a-z][a-z:-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title", re.I | re.S)
_JSON_DATE = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{4,40})\"")
_TIME = re.compile(r"<time\s[^>]{1,500}>", re.I)
#: Where pages say when they were published, best first (Open Graph, schema.org, Dublin Core,
#: and what content systems write).
_DATES = (
    "article:published_time", "datepublished", "og:published_time", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date",
    "publish-date", "publish_date", "pubdate", "date",
)  # fmt: skip
_LONGEST_TITLE = 1000


class Found(NamedTuple):
    """What is on a page; strings that are not there are ""."""

    text: str
    title: str
    #: As the page writes it.
    date: str
    #: The charset the page was read in.
    charset: str


class Refused(NamedTuple):
    """Why a page could not be used."""

    reason: str
    detail: str


def read_page(body: bytes, fields: dict[str, str], extractor: str) -> Found | Refused:
    """Read a page.

    Args:
        body: as it was sent, or as the crawler unpacked it.
        fields: of the response, names in lower case.
        extractor: one of `EXTRACTORS`.

    Returns:
        `Refused` gives `bad-http`, `huge-page`, `bad-charset` or `deep-page`.

    Raises:
        InputError: the body is packed in a way whose library is missing.
    """
    try:
        body = unpack_body(body, fields, LONGEST_PAGE)
    except HugeBody:
        return Refused("huge-page", f"more than {LONGEST_PAGE} bytes when unpacked")
    except Damage as damage:
        return Refused("bad-http", str(damage))
    decoded = decode_page(body, fields.get("content-type", ""))
    if decoded is None:
        return Refused("bad-charset", f"no charset fits {len(body)} bytes")
    page = decoded.text
    num_tags, depth = measure_page(page)
    if num_tags > MOST_TAGS:
        return Refused("huge-page", f"{num_tags} tags; {MOST_TAGS} are read")
    if depth > DEEPEST:
        return Refused("deep-page", f"elements lie {depth} deep; {DEEPEST} is read")
    text = extract_text(page, extractor)
    metas = _find_metas(page)
    return Found(text, _find_title(page, metas), _find_date(page, metas), decoded.charset)


def measure_page(page: str) -> tuple[int, int]:
    """Number of tags, and how deep elements lie in each other, neither ever too low."""
    num_tags = page.count("<")
    if num_tags <= DEEPEST:
        return num_tags, num_tags
    # A loop over the tags takes longer than the fast extractor, so it is left to C.
    depths = list(accumulate(map(_Steps().__getitem__, _TAGS.findall(page)), initial=0))
    # What is closed and was not open does not count.
    return num_tags, max(map(sub, depths, accumulate(depths, min)))


class _Steps(dict[str, int]):
    """How much deeper a tag goes, by its name: 1, -1 or 0."""

    def __missing__(self, name: str) -> int:
        bare = name.removeprefix("/").lower()
        self[name] = 0 if bare in _FLAT else -1 if name.startswith("/") else 1
        return self[name]


def _find_metas(page: str) -> dict[str, str]:
    """Content of each `<meta>` by its name, property or itemprop; the first one counts."""
    found: dict[str, str] = {}
    for tag in _META.findall(page):
        attributes = _find_attributes(tag)
        content = attributes.get("content", "").strip()
        for key in ("property", "name", "itemprop"):
            if key in attributes and content:
                found.setdefault(attributes[key].strip().lower(), content)
    return found


def _find_attributes(tag: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(one or two or three)
        for name, one, two, three in _ATTRIBUTE.findall(tag)
    }


def _find_title(page: str, metas: dict[str, str]) -> str:
    match = _TITLE.search(page)
    title = metas.get("og:title") or (html.unescape(match[1]) if match else "")
    return " ".join(title.split())[:_LONGEST_TITLE]


def _find_date(page: str, metas: dict[str, str]) -> str:
    """Where `<meta>` and JSON-LD are silent, the `<time>` that says so, or the only one."""
    date = next((metas[name] for name in _DATES if name in metas), "")
    if not date and (match := _JSON_DATE.search(page)):
        date = match[1]
    if not date:
        times = _TIME.findall(page)
        marked = [tag for tag in times if "pubdate" in tag or "datepublished" in tag.lower()]
        chosen = marked or (times if len(times) == 1 else [])
        date = _find_attributes(chosen[0]).get("datetime", "") if chosen else ""
    return date.strip()[:40]
