"""One page: main text, headline, date, and the bounds."""

from __future__ import annotations

import pytest

from dedup.read.extract import extract_text
from dedup.read.html import (
    DEEPEST,
    LONGEST_PAGE,
    MOST_TAGS,
    Found,
    Refused,
    measure_page,
    read_page,
)
from dedup.settings import EXTRACTORS
from tests.read.crawls import page, sentences
from tests.read.making import gz


def get(text: str, extractor: str = "fast", **fields: str) -> Found:
    found = read_page(text.encode(), fields, extractor)
    assert isinstance(found, Found), found
    return found


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_the_main_text_holds_the_article_and_no_menu_and_no_footer(extractor: str) -> None:
    for seed in range(3):
        text = extract_text(page(seed), extractor)
        assert all(sentence in " ".join(text.split()) for sentence in sentences(seed))
        assert "Terms" not in text
        assert "\n" in text
        assert "ferry\n" not in text


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize(
    "text", ["", " ", "<", "<html>", "<!--", "words without a tag", "&#0;&#xD800;"]
)
def test_a_page_with_nothing_on_it_has_no_text_or_little(text: str, extractor: str) -> None:
    assert len(extract_text(text, extractor)) <= len(text)


def test_the_headline_is_that_of_open_graph_or_the_title() -> None:
    assert get(page(1, title="One &amp;\n two")).title == "One & two"
    head = "<meta property='og:title' content='A &quot;better&quot; one'>"
    assert get(page(1, head)).title == 'A "better" one'
    assert get("<p>no head").title == ""


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:published_time" content="2024-03-05T06:07:08Z">', ""),
        ("<META content='2024-03-05T06:07:08Z' NAME=dc.date.issued />", ""),
        ('<meta itemprop="datePublished" content="2024-03-05T06:07:08Z">', ""),
        ('<script>{"datePublished": "2024-03-05T06:07:08Z"}</script>', ""),
        ("", '<time datetime="2024-03-05T06:07:08Z">Tuesday</time>'),
        ("", '<time datetime="2020"></time><time pubdate datetime="2024-03-05T06:07:08Z">x</time>'),
    ],
)  # fmt: skip
def test_the_date_is_where_pages_write_it(head: str, body: str) -> None:
    assert get(page(1, head, body=body)).date == "2024-03-05T06:07:08Z"


def test_several_times_without_a_mark_are_no_date() -> None:
    assert get(page(1, body='<time datetime="2020-01-01"></time>' * 2)).date == ""


def test_a_packed_page_is_unpacked_and_decoded() -> None:
    text = page(1, title="Größe").encode("cp1252")
    fields = {"content-encoding": "gzip", "content-type": "text/html; charset=latin1"}
    found = read_page(gz(text), fields, "fast")
    assert isinstance(found, Found)
    assert (found.title, found.charset) == ("Größe", "cp1252")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a><B><i></i></b></a>" + " <br>" * 300, 3),
        ("<p>" * 400, 0),
        ("<div>" * 300 + "</div>" * 300, 300),
        ("<pre>" * 300, 300),
        ("<div></div>" * 300, 1),
        ("</div>" * 300 + "<div>", 1),
        ("<div>" * 9 + "</div>" * 300 + "<div>" * 5, 9),
        ("<script>" + "'<div>'" * 300 + "</script><b>", 1),
        ("<!-- " + "<div>" * 300 + " --><b>", 1),
        ("<" * 300, 0),
    ],
)
def test_tags_and_depth_are_counted(text: str, expected: int) -> None:
    assert measure_page(text) == (text.count("<"), expected)


def test_few_tags_are_not_looked_at_one_by_one() -> None:
    assert measure_page("<p>" * DEEPEST) == (DEEPEST, DEEPEST)


@pytest.mark.parametrize(
    ("body", "fields", "reason"),
    [
        (("<div>" * 50_000).encode(), {}, "deep-page"),
        (("<span>" * (DEEPEST + 1) + "x").encode(), {}, "deep-page"),
        (("<br>" * (MOST_TAGS + 1)).encode(), {}, "huge-page"),
        (gz(b" " * (LONGEST_PAGE + 1)), {"content-encoding": "gzip"}, "huge-page"),
        (gz(b"")[:10] + b"\xff" * 40, {"content-encoding": "gzip"}, "bad-http"),
        (b"\x00\x01\x81\xff" * 100, {}, "bad-charset"),
    ],
)  # fmt: skip
def test_a_page_beyond_the_bounds_is_refused_by_name(
    body: bytes, fields: dict[str, str], reason: str
) -> None:
    refused = read_page(body, fields, "precise")
    assert isinstance(refused, Refused)
    assert refused.reason == reason


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_page_as_deep_as_is_read_has_its_text(extractor: str) -> None:
    inner = page(1).partition("<body>")[2].partition("</body>")[0]
    text = "<html><body>" + "<div>" * 200 + inner + "</div>" * 200 + "</body></html>"
    assert measure_page(text)[1] <= DEEPEST
    assert sentences(1)[0] in get(text, extractor).text
