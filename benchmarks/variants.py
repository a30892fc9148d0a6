"""Make, for each of some host articles, one copy of every kind and degree.

In: a seed and a number of hosts. Out: a `VariantSet`: the hosts, and variants
each with the kind it is meant to have towards its host and the true spans.
The edits are left to `edits`, judging a detector to `quality`.

This is the test set of method section 3, with invented text in place of real.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from numpy.random import PCG64, Generator

from benchmarks import edits
from benchmarks.language import Newsroom, Topic, write_article, write_headline
from benchmarks.truth import ArticleDict, Corpus, Planted

HOSTS_PER_TOPIC: Final = 4
MIN_HOST_WORDS: Final = 500
EXCERPT_SHARES: Final = (5, 10, 20, 50)
EXCERPT_NOISE: Final = (0, 2, 5, 10, 20)
QUOTE_WORDS: Final = (15, 20, 30, 45, 60)
QUOTE_NOISE: Final = (0, 5, 10)
WHOLE_NOISE: Final = (0, 2, 5, 10, 20, 30)
OVERLAP_SHARE: Final = 40
OVERLAP_NOISE: Final = (0, 5, 10, 20)
NUM_UNRELATED: Final = 3


@dataclass(frozen=True)
class Variant:
    """One text made from a host, or beside it.

    Attributes:
        shape: What was done: "excerpt", "quote", "whole", "overlap",
            "unrelated", "shuffled", "headline", "truncated", or a form of
            `edits.unicode_variant`.
        size: How much of the host, for example "20 %" or "30 words"; or empty.
        noise: Edited words in percent.
        text: The text.
        planted: The intended kind and the true spans; a is this, b the host.
    """

    shape: str
    size: str
    noise: int
    text: str
    planted: Planted


@dataclass(frozen=True)
class VariantSet:
    """Hosts and their variants.

    Attributes:
        hosts: Text by id.
        topics: Number of the topic by host id; hosts of one topic are reports
            of one event that share no passage.
        variants: In the order of the hosts.
    """

    hosts: dict[str, str]
    topics: dict[str, int]
    variants: list[Variant]

    def corpus(self) -> Corpus:
        """Return hosts and variants as articles, with the pairs that are not "none"."""
        texts = {**self.hosts, **{v.planted.a: v.text for v in self.variants}}
        articles: list[ArticleDict] = [
            {
                "id": name,
                "text": text,
                "date": "2024-01-01" if name in self.hosts else "2024-01-02",
                "site": f"site-{i % 24:02d}.example",
            }
            for i, (name, text) in enumerate(texts.items())
        ]
        truth = [v.planted for v in self.variants if v.planted.kind != "none"]
        origins = {name: (name,) for name in self.hosts}
        for v in self.variants:
            inherited = () if v.planted.kind == "none" else (v.planted.b,)
            origins[v.planted.a] = (v.planted.a, *inherited)
        return Corpus(articles, truth, origins)


class _Maker:
    """Makes the variants of one host."""

    def __init__(self, host: str, text: str, topic: Topic, rng: Generator) -> None:
        self.host, self.text, self.topic, self.rng = host, text, topic, rng

    def other_article(self) -> str:
        """Write a new article on the topic of the host."""
        return write_article(self.topic, self.rng, 380 + int(self.rng.integers(0, 300)))

    def variant(
        self,
        kind: str,
        shape: str,
        size: str,
        noise: int,
        text: str,
        spans: tuple[int, int, int, int] | None = None,
    ) -> Variant:
        """Name a text and write down its truth; spans are of the variant, then of the host."""
        name = "-".join([self.host, shape, *size.split(), str(noise)]).replace("%", "pct")
        planted = Planted(kind, name, self.host, *(spans or ()))
        return Variant(shape, size, noise, text, planted)

    def cut(self, num_words: int, noise: int) -> tuple[str, tuple[int, int]]:
        """Cut a run of words out of the host and edit it; give its place in the host."""
        cut = edits.cut_words(self.text, num_words, self.rng)
        return self.noisy(cut.text, noise), cut.spans[0][:2]

    def noisy(self, text: str, noise: int) -> str:
        """Edit `noise` percent of the words."""
        return edits.edit_words(text, noise / 100, self.topic.language, self.rng).text

    def excerpts(self) -> Iterator[Variant]:
        """Parts of the host as articles of their own."""
        num_words = len(edits.word_bounds(self.text))
        for share in EXCERPT_SHARES:
            for noise in EXCERPT_NOISE:
                piece, place = self.cut(max(25, num_words * share // 100), noise)
                spans = (0, len(piece), *place)
                yield self.variant("excerpt", "excerpt", f"{share} %", noise, piece, spans)

    def quotes(self) -> Iterator[Variant]:
        """Short parts of the host in quotation marks in another article."""
        for num_words in QUOTE_WORDS:
            for noise in QUOTE_NOISE:
                piece, place = self.cut(num_words, noise)
                new = edits.embed(piece, self.other_article(), self.rng, "sentence", ("„", "“"))
                spans = (*new.spans[0][2:], *place)
                yield self.variant("quote", "quote", f"{num_words} words", noise, new.text, spans)

    def overlaps(self) -> Iterator[Variant]:
        """A large part of the host in another article."""
        num_words = len(edits.word_bounds(self.text)) * OVERLAP_SHARE // 100
        for noise in OVERLAP_NOISE:
            piece, place = self.cut(num_words, noise)
            new = edits.embed(piece, self.other_article(), self.rng)
            spans = (*new.spans[0][2:], *place)
            size = f"{OVERLAP_SHARE} %"
            yield self.variant("overlap", "overlap", size, noise, new.text, spans)

    def wholes(self) -> Iterator[Variant]:
        """The whole host, edited word by word or written another way."""
        size = len(self.text)
        for noise in WHOLE_NOISE:
            new = self.noisy(self.text, noise)
            kind = "near-duplicate" if noise else "identical"
            yield self.variant(kind, "whole", "", noise, new, (0, len(new), 0, size))
        for form in edits.FORMS:
            new = edits.unicode_variant(self.text, form).text
            yield self.variant("identical", form, "", 0, new, (0, len(new), 0, size))
        new = edits.shuffle_paragraphs(self.text, self.rng).text
        yield self.variant("near-duplicate", "shuffled", "", 0, new, (0, len(new), 0, size))
        headed = edits.other_headline(self.text, write_headline(self.topic, self.rng))
        place = headed.spans[0]
        spans = (place.begin, place.end, place.source_begin, place.source_end)
        yield self.variant("near-duplicate", "headline", "", 0, headed.text, spans)
        for share, kind in ((85, "near-duplicate"), (50, "excerpt")):
            new = edits.truncate(self.text, share / 100).text
            spans = (0, len(new), 0, len(new))
            yield self.variant(kind, "truncated", f"{share} %", 0, new, spans)

    def unrelated(self) -> Iterator[Variant]:
        """Other articles on the same topic."""
        for i in range(NUM_UNRELATED):
            yield self.variant("none", "unrelated", f"no. {i + 1}", 0, self.other_article())


def variants(seed: int, hosts: int = 40) -> VariantSet:
    """Make `hosts` articles of 500 to 1,100 words and about 60 variants of each."""
    room = Newsroom(seed)
    made = VariantSet({}, {}, [])
    for i in range(hosts):
        rng = Generator(PCG64([seed, 2, i]))
        number = i // HOSTS_PER_TOPIC
        topic = room.topic(number)
        name = f"h{i:03d}"
        num_words = MIN_HOST_WORDS + 10 + int(rng.integers(0, 600))
        text = write_article(topic, rng, num_words)
        made.hosts[name] = text
        made.topics[name] = number
        maker = _Maker(name, text, topic, rng)
        parts = (maker.excerpts, maker.quotes, maker.overlaps, maker.wholes, maker.unrelated)
        for make in parts:
            made.variants.extend(make())
    return made
