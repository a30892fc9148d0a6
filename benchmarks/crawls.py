"""Measure readers of crawl files: main text of pages, and cutting files into records.

In: invented pages with furniture (`pages`), dressed in HTML with menus, scripts and lists of links.
Out: for each extractor pages a second, the share of them that is the library's, and how much of
content and furniture is in its text; for each parser records a second, each checked for what it
found. Processor time of one process. Rivals that are not installed are left out:
pip install fastwarc warcio

Does not measure: real templates (each site has its own), the network, processes beside each
other.

Example:  python -m benchmarks.crawls --n 300
"""

from __future__ import annotations

import argparse
import gzip
import html
import io
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeVar

from benchmarks.pages import PageCorpus, pages
from dedup.read.charset import decode_page
from dedup.read.extract import extract_text
from dedup.read.frames import read_frames
from dedup.read.html import Found, Refused, measure_page, read_page
from dedup.read.pages import Page
from dedup.read.rejects import Rejects
from dedup.read.streams import open_stream
from dedup.read.warc import WARC, read_warc
from dedup.settings import EXTRACTORS

_DATE: Final = "2024-03-05T06:07:08Z"
_LINKS: Final = 60
T = TypeVar("T")

_TAGS: Final = {"footer": "footer", "readalso": "aside", "related": "aside"}


class Dressed(NamedTuple):
    """A page, and the words that are content and furniture."""

    page: str
    content: Counter[str]
    furniture: Counter[str]


def dress(corpus: PageCorpus) -> list[Dressed]:
    """Put every article into HTML: furniture in blocks of its own, content in paragraphs."""
    titles = [article["text"].splitlines()[0][:80] for article in corpus.articles]
    script = "".join(f"var setting{n} = {{'key': '<div>', 'on': {n}}};\n" for n in range(300))
    dressed = []
    for number, article in enumerate(corpus.articles):
        text, known = article["text"], corpus.pages[article["id"]]
        around = [titles[(number * 7 + n) % len(titles)] for n in range(_LINKS)]
        links = [
            f"<li><a href='/{n}'><span>{html.escape(t)}</span></a></li>"
            for n, t in enumerate(around)
        ]
        parts, at, content, furniture = [], 0, "", " ".join(around)
        for begin, end, kind in sorted(known.furniture):
            parts += _paragraphs(text[at:begin])
            content += " " + text[at:begin]
            furniture += " " + text[begin:end]
            tag = _TAGS.get(kind, "div")
            parts.append(f"<{tag} class='{kind}'>{''.join(_paragraphs(text[begin:end]))}</{tag}>")
            at = end
        parts += _paragraphs(text[at:])
        content += " " + text[at:]
        page = (
            f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{html.escape(titles[number])}"
            f"</title><meta property='article:published_time' content='{article['date']}'>"
            f"<script>{script}</script></head><body><nav><ul>{''.join(links[:20])}</ul></nav>"
            f"<div class='page'><main><article>{''.join(parts)}</article></main>"
            f"<aside class='sidebar'><ul>{''.join(links[20:])}</ul></aside></div></body></html>"
        )
        dressed.append(Dressed(page, Counter(content.split()), Counter(furniture.split())))
    return dressed


def _paragraphs(text: str) -> list[str]:
    return [f"<p>{html.escape(line)}</p>\n" for line in text.splitlines() if line.strip()]


def measure_extractors(dressed: Sequence[Dressed]) -> None:
    """Time, and what is found, for each extractor and for each step around it."""
    bodies = [one.page.encode() for one in dressed]
    size = sum(map(len, bodies)) / len(bodies)
    print(f"{len(bodies)} pages, {size / 1024:.0f} KiB and {dressed[0].page.count('<')} tags each")
    print("extractor  pages/s  of it library  content found  of text content")
    for extractor in EXTRACTORS:
        extract_text(dressed[0].page, extractor)  # loads the library
        found, whole = _timed(partial(_read_all, bodies, extractor))
        _, alone = _timed(partial(_extract_all, dressed, extractor))
        kept = wanted = given = 0
        for one, got in zip(dressed, found, strict=True):
            assert isinstance(got, Found), got
            words = Counter(got.text.split())
            kept += (words & one.content).total()
            wanted += one.content.total()
            given += words.total()
        print(
            f"{extractor:9} {len(bodies) / whole:8.0f} {alone / whole:13.0%} "
            f"{kept / wanted:14.3f} {kept / given:15.3f}"
        )
    _, decoding = _timed(lambda: [decode_page(body, "") for body in bodies])
    _, measuring = _timed(lambda: [measure_page(one.page) for one in dressed])
    print(f"decoding {len(bodies) / decoding:.0f} pages/s, bounds {len(bodies) / measuring:.0f}")


def _read_all(bodies: Sequence[bytes], extractor: str) -> list[Found | Refused]:
    return [read_page(body, {}, extractor) for body in bodies]


def _extract_all(dressed: Sequence[Dressed], extractor: str) -> list[str]:
    return [extract_text(one.page, extractor) for one in dressed]


def _list(parse: Callable[[bytes], Iterator[int]], data: bytes) -> list[int]:
    return list(parse(data))


def measure_parsers(texts: Sequence[bytes], bodies: Sequence[bytes]) -> None:
    """Records a second of a WET and a WARC file in memory, packed and plain."""
    wet = [_record("conversion", text, n) for n, text in enumerate(texts)]
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: x\r\n\r\n"
    warc = [_record("response", response + body, n) for n, body in enumerate(bodies)]
    print("\nfile     parser        records/s       MB/s")
    for name, records in (("wet", wet), ("wet.gz", wet), ("warc", warc), ("warc.gz", warc)):
        pack = gzip.compress if name.endswith(".gz") else bytes
        data = b"".join(pack(record) for record in records)
        plain = sum(map(len, records))
        for parser, parse in _parsers().items():
            sizes, seconds = _timed(partial(_list, parse, data))
            if len(sizes) != len(records):
                print(f"{name:8} {parser:10} found {len(sizes)} of {len(records)}: not timed")
                continue
            print(
                f"{name:8} {parser:10} {len(records) / seconds:12.0f} {plain / seconds / 1e6:10.0f}"
            )


def _record(kind: str, content: bytes, number: int) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://site.example/{number}\r\n"
        f"WARC-Date: {_DATE}\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
        f"WARC-Payload-Digest: sha1:{number:032X}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def _parsers() -> dict[str, Callable[[bytes], Iterator[int]]]:
    """Parsers by name: bytes of a file to sizes of what is in it.

    `dedup` makes articles ready to be scanned; the others, and `dedup, cut`, give bytes.
    """

    def ours(data: bytes) -> Iterator[int]:
        with open_stream("-", io.BytesIO(data)) as stream:
            for one in read_warc(stream, "x", Rejects()):
                yield len(one.body if isinstance(one, Page) else one.text)

    def cut(data: bytes) -> Iterator[int]:
        with open_stream("-", io.BytesIO(data)) as stream:
            for frame in read_frames(stream, "x", WARC, Rejects()):
                yield len(frame.content)

    parsers: dict[str, Callable[[bytes], Iterator[int]]] = {"dedup": ours, "dedup, cut": cut}
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError:
        pass
    else:

        def fastwarc(data: bytes) -> Iterator[int]:
            for record in ArchiveIterator(io.BytesIO(data)):
                yield len(record.reader.read())

        parsers["fastwarc"] = fastwarc
    try:
        from warcio.archiveiterator import ArchiveIterator as Warcio
    except ImportError:
        pass
    else:

        def warcio(data: bytes) -> Iterator[int]:
            for record in Warcio(io.BytesIO(data)):
                yield len(record.content_stream().read())

        parsers["warcio"] = warcio
    return parsers


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    """The answer, and the processor seconds of the middle one of three runs."""
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        answer = run()
        seconds.append(time.process_time() - begin)
    return answer, sorted(seconds)[1]


def main() -> int:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=200, help="pages")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    corpus = pages(options.n, options.seed)
    dressed = dress(corpus)
    measure_extractors(dressed)
    texts = [article["text"].encode() for article in corpus.articles] * 20
    measure_parsers(texts, [one.page.encode() for one in dressed] * 4)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
