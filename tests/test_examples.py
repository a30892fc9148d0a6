"""The functions of docs/examples.md, with objects of the shapes that other tools give."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dedup import Index, open_index
from tests.cli.running import ROOT
from tests.strategies import make_text, make_words
from tests.test_docs import blocks

FIRST, OTHER = (make_text(make_words(seed, 120)) for seed in (1, 2))
DAY = 1_772_323_200  # 2026-03-01
URLS = [f"https://daily.example/{name}" for name in ("first", "second", "third")]
TEXTS = [FIRST, FIRST.upper(), OTHER]


@pytest.fixture(scope="module")
def examples() -> dict[str, Callable[..., Iterator[Any]]]:
    names: dict[str, Any] = {}
    for block in blocks((ROOT / "docs/examples.md").read_text("utf-8")):
        if block.language == "python":
            exec(compile(block.text, "examples.md", "exec"), names)
    return names


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with open_index(tmp_path / "i") as opened:
        yield opened


def check_stored(index: Index, answers: Iterator[Any]) -> None:
    """The first is new, its copy is known by it, and all have date and site."""
    found = dict(answers)
    assert [found[url].verdict for url in URLS] == ["new", "identical", "new"]
    assert [found[url].keeper for url in URLS] == [URLS[0], URLS[0], URLS[2]]
    rows = list(index.dump())
    assert [row["id"] for row in rows] == URLS
    assert {(row["date"], row["site"]) for row in rows} == {(DAY, "daily.example")}


class Entry(dict[str, Any]):
    """Like the dictionaries of feedparser, whose keys are attributes too."""

    __getattr__ = dict.__getitem__


def test_entries_of_a_feed(index: Index, examples: dict[str, Any]) -> None:
    day = time.gmtime(DAY)
    entries = [
        Entry(link=URLS[0], summary="short", content=[Entry(value=f"<p>{FIRST}</p>")],
              published_parsed=day),
        Entry(link=URLS[1], summary=f"<b>{FIRST.upper()}</b>", published_parsed=day),
        Entry(link=URLS[2], summary=OTHER, published_parsed=day),
    ]  # fmt: skip
    check_stored(index, examples["store_feed"](index, SimpleNamespace(entries=entries)))
    again = list(examples["store_feed"](index, SimpleNamespace(entries=entries)))
    assert [answer.added for _, answer in again] == [False] * 3


def test_articles_of_newsplease(index: Index, examples: dict[str, Any]) -> None:
    articles = [
        SimpleNamespace(url=url, maintext=text, date_publish=datetime(2026, 3, 1),
                        source_domain="daily.example")
        for url, text in zip(URLS, TEXTS, strict=True)
    ]  # fmt: skip
    articles.append(SimpleNamespace(url="x", maintext=None, date_publish=None, source_domain=""))
    check_stored(index, examples["store_newsplease"](index, articles))


def test_documents_of_trafilatura(index: Index, examples: dict[str, Any]) -> None:
    trafilatura = pytest.importorskip("trafilatura")
    page = (
        "<html><head><title>News</title><meta property='article:published_time' "
        "content='2026-03-01'></head><body><article>{}</article></body></html>"
    )
    documents = [
        trafilatura.bare_extraction(
            page.format("".join(f"<p>{part}</p>" for part in text.split("\n\n"))),
            url=url, with_metadata=True,
        )
        for url, text in zip(URLS, TEXTS, strict=True)
    ]  # fmt: skip
    check_stored(index, examples["store_trafilatura"](index, [*documents, None]))


def test_articles_of_fundus(index: Index, examples: dict[str, Any]) -> None:
    articles = [
        SimpleNamespace(plaintext=text, publishing_date=datetime(2026, 3, 1, tzinfo=UTC),
                        html=SimpleNamespace(responded_url=url))
        for url, text in zip(URLS, TEXTS, strict=True)
    ]  # fmt: skip
    articles.append(SimpleNamespace(plaintext=None))
    check_stored(index, examples["store_fundus"](index, articles))


def test_only_what_is_new(index: Index, examples: dict[str, Any]) -> None:
    pairs = list(zip(URLS, TEXTS, strict=True))
    assert list(examples["only_new"](index, [*pairs, pairs[2]])) == [(URLS[0], 1.0), (URLS[2], 1.0)]
