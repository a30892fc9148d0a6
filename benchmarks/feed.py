"""Make a news feed with planted copies and excerpts.

In: a number of articles and a seed. Out: a `Corpus`: the articles in the order
of their dates, and every copy that was made, from source to copy.
Single edits are left to `edits`; the sets for one kind at a time to `variants`.

Each article has a generator of its own, so the first thousand articles of a
feed are the same however long the feed is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from numpy.random import PCG64, Generator

from benchmarks.edits import (
    cut_words,
    delete_words,
    edit_words,
    embed,
    other_headline,
    word_bounds,
)
from benchmarks.language import (
    Newsroom,
    Topic,
    draw_num_words,
    write_article,
    write_headline,
    write_paragraphs,
)
from benchmarks.truth import ArticleDict, Corpus, Planted, kind_of_sizes

NUM_SITES: Final = 24
ARTICLES_PER_TOPIC: Final = 8
ARTICLES_PER_DAY: Final = 500
# Copies are made within days: the source is one of the last 5,000 articles.
_REACH: Final = 5000
_FIRST_DAY: Final = date(2024, 1, 1)
_IDENTICAL_SHARE: Final = 0.1
_MAX_EDITS: Final = 0.08
_MIN_SOURCE_WORDS: Final = 120


@dataclass
class _Desk:
    """What the maker remembers of the articles written so far."""

    seed: int
    mean_bytes: int
    room: Newsroom
    articles: list[ArticleDict] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    truth: list[Planted] = field(default_factory=list)
    origins: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def new_topic(self, i: int, rng: Generator) -> Topic:
        """Choose a topic of the day for article i."""
        return self.room.topic(i // ARTICLES_PER_TOPIC + int(rng.integers(0, 12)))

    def publish(self, text: str, topic: Topic, rng: Generator, source: int | None = None) -> str:
        """Add an article at the end of the feed; return its id."""
        i = len(self.articles)
        name = f"f{i:06d}"
        day = _FIRST_DAY + timedelta(days=i // ARTICLES_PER_DAY)
        site = f"site-{int(rng.integers(0, NUM_SITES)):02d}.example"
        self.articles.append({"id": name, "text": text, "date": day.isoformat(), "site": site})
        self.topics.append(topic)
        inherited = () if source is None else self.origins[self.articles[source]["id"]]
        self.origins[name] = (name, *inherited)
        return name


def feed(
    n: int, seed: int, near: float = 0.20, excerpts: float = 0.05, mean_bytes: int = 3000
) -> Corpus:
    """Make a feed of `n` articles, 60 % German and 40 % English.

    Args:
        n: Number of articles.
        seed: Everything follows from it.
        near: Share of copies: a tenth of them identical, the others with up
            to 8 % of the words edited, and some with a deleted run, a new paragraph
            or a new headline. Sources may be copies themselves.
        excerpts: Share of new articles that take 60 to 300 words from another.
        mean_bytes: Mean UTF-8 bytes of a new article.

    Returns:
        The articles, and the planted pairs with the kind they have by their
        numbers of words. Spans are given for identical copies and excerpts.
    """
    desk = _Desk(seed, mean_bytes, Newsroom(seed))
    for i in range(n):
        rng = Generator(PCG64([seed, 1, i]))
        lot = float(rng.random())
        source = _choose_source(desk, rng) if lot < near + excerpts else None
        if source is None:
            topic = desk.new_topic(i, rng)
            num_words = draw_num_words(rng, topic.language, mean_bytes)
            desk.publish(write_article(topic, rng, num_words), topic, rng)
        elif lot < near:
            _publish_copy(desk, source, rng)
        else:
            _publish_excerpt(desk, source, rng)
    return Corpus(desk.articles, desk.truth, desk.origins)


def _choose_source(desk: _Desk, rng: Generator) -> int | None:
    """Choose an earlier article that is long enough to be worth copying."""
    num = len(desk.articles)
    for _ in range(12 if num else 0):
        i = num - 1 - int(rng.integers(0, min(num, _REACH)))
        if len(desk.articles[i]["text"]) > _MIN_SOURCE_WORDS * 9:
            return i
    return None


def _publish_copy(desk: _Desk, source: int, rng: Generator) -> None:
    """Publish a near-duplicate of an article, or an identical one."""
    topic, original = desk.topics[source], desk.articles[source]["text"]
    text = original
    if rng.random() >= _IDENTICAL_SHARE:
        text = edit_words(text, float(rng.random()) * _MAX_EDITS, topic.language, rng).text
        edited = text
        if rng.random() < 0.3:
            gone = len(word_bounds(edited)) * 0.12
            text = delete_words(text, int(gone * rng.random()), rng).text
        if rng.random() < 0.25:
            extra = 10 + int(len(word_bounds(edited)) * 0.10 * rng.random())
            text = embed(write_paragraphs(topic, rng, extra)[0], text, rng).text
        if rng.random() < 0.4:
            text = other_headline(text, write_headline(topic, rng)).text
    b = desk.articles[source]["id"]
    a = desk.publish(text, topic, rng, source)
    if text == original:
        whole = (0, len(text), 0, len(text))
        desk.truth.append(Planted("identical", a, b, *whole))
    else:
        desk.truth.append(Planted("near-duplicate", a, b))


def _publish_excerpt(desk: _Desk, source: int, rng: Generator) -> None:
    """Publish a new article that holds 60 to 300 words of an earlier one."""
    topic, original = desk.topics[source], desk.articles[source]["text"]
    size_b = len(word_bounds(original))
    num_words = min(60 + int(rng.integers(0, 241)), int(size_b * 0.6))
    cut = cut_words(original, num_words, rng)
    rate = (0.0, 0.0, 0.02, 0.05)[int(rng.integers(0, 4))]
    piece = edit_words(cut.text, rate, topic.language, rng).text
    own = write_article(topic, rng, draw_num_words(rng, topic.language, desk.mean_bytes))
    at_paragraph = rng.random() < 0.7
    article = embed(piece, own, rng, "paragraph" if at_paragraph else "sentence")
    b_begin, b_end = cut.spans[0][:2]
    a_begin, a_end = article.spans[0][2:]
    size_a = len(word_bounds(article.text))
    kind = kind_of_sizes(num_words, num_words, size_a, size_b, num_words)
    a = desk.publish(article.text, topic, rng, source)
    b = desk.articles[source]["id"]
    desk.truth.append(Planted(kind, a, b, a_begin, a_end, b_begin, b_end))
