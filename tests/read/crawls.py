"""Make crawl files and pages: whole, broken, and of any size."""

from __future__ import annotations

import random
from pathlib import Path

from dedup.read import Fields, Rejects, open_corpus
from dedup.records import Record

_WORDS = [
    "ferry", "harbour", "council", "bridge", "winter", "market", "teacher", "railway", "island",
    "minister", "storm", "library", "village", "engine", "school", "river", "museum", "doctor",
    "budget", "concert", "garden", "factory", "border", "election",
]  # fmt: skip
DATE = "2024-03-05T06:07:08Z"
#: The same in seconds.
SECONDS = 1709618828


def sentences(seed: int, count: int = 12) -> list[str]:
    """Sentences that are different for every seed."""
    draw = random.Random(seed)
    return [
        " ".join([*draw.choices(_WORDS, k=14), f"number {seed} and {n}."]).capitalize()
        for n in range(count)
    ]


def page(seed: int, head: str = "", title: str = "A headline", body: str = "") -> str:
    """A page of news with a menu, a footer and three paragraphs of its own."""
    told = sentences(seed)
    paragraphs = "".join(f"<p>{' '.join(told[i : i + 4])}</p>\n" for i in range(0, 12, 4))
    menu = "".join(f"<li><a href='/{word}'>{word}</a></li>" for word in _WORDS[:8])
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><nav><ul>{menu}"
        f"</ul></nav><main><article><h1>{title}</h1>{paragraphs}{body}</article></main>"
        "<footer><a href='/terms'>Terms</a> <a href='/help'>Help</a></footer></body></html>"
    )


def http(
    body: bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK", more: str = ""
) -> bytes:
    """A response as crawlers store it."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n"
    return head.encode() + body


def warc(
    content: bytes,
    kind: str = "response",
    url: str = "https://www.daily.example/a",
    length: int | str | None = None,
    end: bytes = b"\r\n\r\n",
    more: str = "",
) -> bytes:
    """A record; `length` is what its head announces."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {DATE}\r\n"
        f"WARC-Record-ID: <urn:uuid:{len(content):08}>\r\n{more}"
        f"Content-Length: {len(content) if length is None else length}\r\n\r\n"
    )
    return head.encode() + content + end


def wet(number: int, **values: object) -> bytes:
    """A record of a WET file with a text of its own."""
    text = f"The text of article number {number}.\n\nIts second paragraph.\n".encode()
    return warc(text, "conversion", f"https://daily.example/{number}", **values)  # type: ignore[arg-type]


def info() -> bytes:
    """The record in front of every WARC file."""
    return warc(b"software: made for a test\r\n", "warcinfo", "made.warc.gz")


def arc(content: bytes, url: str = "http://daily.example/a", length: int | None = None) -> bytes:
    """A record of an ARC file, version 1."""
    size = len(content) if length is None else length
    return f"{url} 192.0.2.1 20240305060708 text/html {size}\n".encode() + content + b"\n"


def arc_info() -> bytes:
    """The record in front of every ARC file."""
    told = b"1 0 Maker\nURL IP-address Archive-date Content-type Archive-length\n"
    head = f"filedesc://made.arc 0.0.0.0 20240305060708 text/plain {len(told)}\n"
    return head.encode() + told + b"\n"


def read(
    *paths: str | Path, extractor: str = "precise", workers: int = 1
) -> tuple[list[Record], Rejects]:
    """Read whole files."""
    rejects = Rejects()
    records = open_corpus(paths, Fields(), rejects, extractor=extractor, workers=workers)
    return list(records), rejects


def found(rejects: Rejects) -> list[tuple[int, str]]:
    """Offset and reason of each reject."""
    return [(reject.offset, reject.reason) for reject in rejects.entries]
