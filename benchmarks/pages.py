"""Make pages as the web has them: reused news, and furniture around all of it.

In: a number of pages and a seed. Out: a `PageCorpus`: articles with date and site, for
each what of its text is furniture and what content, and the truth about pairs,
which follows from content alone: two pages that share furniture are not related.

Example:  python -m benchmarks.pages --n 3000 --seed 11 -o pages.jsonl --truth truth.tsv
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from benchmarks.alignment import Ints, Shared, align, planted_pairs
from benchmarks.edits import unicode_variant
from benchmarks.furniture import Block, Furnisher, Pen
from benchmarks.reuse import write_world
from benchmarks.syndication import MIX, Outlet, Story, World
from benchmarks.tokens import Token, headline_size, render
from benchmarks.truth import ArticleDict, Corpus, Pair, Planted, fold_words

_FIRST_DAY: Final = date(2024, 1, 1)


class Furniture(NamedTuple):
    """A stretch of a page that is not content: code points, half-open."""

    begin: int
    end: int
    kind: str


@dataclass(frozen=True)
class Page:
    """What is known about one article.

    Attributes:
        story: How it was made.
        furniture: In the order of the text.
        begins, ends: Code points of each word of the story.
    """

    story: Story
    furniture: tuple[Furniture, ...]
    begins: Ints
    ends: Ints

    def content(self) -> list[tuple[int, int]]:
        """Give the stretches of words between the furniture."""
        if not len(self.begins):
            return []
        cuts = [int(np.searchsorted(self.begins, one.begin)) for one in self.furniture]
        edges = [0, *sorted(cuts), len(self.begins)]
        return [
            (int(self.begins[first]), int(self.ends[last - 1]))
            for first, last in pairwise(edges)
            if last > first
        ]

    def chars(self, first: int, last: int) -> tuple[int, int]:
        """Turn a range of words of the story into a range of code points of the page."""
        return int(self.begins[first]), int(self.ends[last - 1])


@dataclass(frozen=True)
class PageCorpus(Corpus):
    """Articles, pages and pairs.

    Attributes:
        pages: By id.
        pairs: Pairs that share content; `Shared` has the smaller id as a. All others are
            unrelated, however much furniture they share.
    """

    pages: Mapping[str, Page] = field(default_factory=dict)
    pairs: Mapping[Pair, Shared] = field(default_factory=dict)


def id_of(number: int) -> str:
    """Name a story."""
    return f"p{number:06d}"


class _Writer:
    """Writes one page from top to bottom and notes what stands where."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.furniture: list[Furniture] = []
        self.begins: list[int] = []
        self.ends: list[int] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)

    def block(self, block: Block, break_before: bool = False) -> None:
        """Write a block of furniture as a paragraph of its own."""
        if break_before:
            self.write("\n\n")
        self.furniture.append(Furniture(self.size, self.size + len(block.text), block.kind))
        self.write(block.text)
        if not break_before:
            self.write("\n\n")

    def tokens(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            self.begins.append(self.size)
            self.ends.append(self.size + len(token.word))
            self.write(token.word + token.after)


def _dressed(block: Block, story: Story) -> Block:
    """Write a block the way the whole page is written."""
    return Block(block.kind, unicode_variant(block.text, story.form).text) if story.form else block


def _breaks(story: Story) -> list[int]:
    """Find the words behind which a paragraph ends, the headline's and the last one left out."""
    tokens = story.tokens
    begin = headline_size(tokens)
    return [
        i + 1
        for i in range(begin, len(tokens) - 1)
        if "\n\n" in tokens[i].after or "\r\n\r\n" in tokens[i].after
    ]


def _furnish(story: Story, outlet: Outlet, home: Story, furnisher: Furnisher) -> tuple[str, Page]:
    """Print a story with the furniture of its site; `home` is the page it repeats, or itself."""
    pen = Pen(outlet.language, [furnisher.seed, 8, home.number])
    places = _breaks(story)
    inside = furnisher.inside(outlet, pen, home.day)
    chosen = sorted(pen.rng.integers(0, max(1, len(places)), len(inside)).tolist())
    wire = story.sources[0] if story.sources else story.number
    agency = wire if story.shape == "agency" else None
    if home is not story:
        agency = (home.sources or (home.number,))[0] if home.shape == "agency" else None
    writer = _Writer()
    for block in furnisher.before(outlet):
        writer.block(_dressed(block, story))
    done = 0
    # A text of one paragraph is not broken up: the blocks go in front of it.
    for block, which in zip(inside, chosen, strict=True):
        place = places[which] if places else 0
        writer.tokens(story.tokens[done:place])
        writer.block(_dressed(block, story))
        done = max(done, place)
    writer.tokens(story.tokens[done:])
    for block in furnisher.behind(outlet, pen, home.day, agency):
        writer.block(_dressed(block, story), break_before=True)
    page = Page(
        story,
        tuple(writer.furniture),
        np.array(writer.begins, np.int64),
        np.array(writer.ends, np.int64),
    )
    return "".join(writer.parts), page


def _plain(story: Story) -> tuple[str, Page]:
    """Print a story as it is."""
    writer = _Writer()
    writer.tokens(story.tokens)
    begins, ends = np.array(writer.begins, np.int64), np.array(writer.ends, np.int64)
    return render(story.tokens), Page(story, (), begins, ends)


def print_pages(
    world: World, shared: Mapping[tuple[int, int], Shared], furnished: bool
) -> PageCorpus:
    """Print the stories of a world, with or without furniture.

    Args:
        world: The stories.
        shared: What they share (`alignment.align`).
        furnished: Put furniture around them.
    """
    furnisher = Furnisher(world.outlets, world.seed, world.days) if furnished else None
    articles: list[ArticleDict] = []
    pages: dict[str, Page] = {}
    for story in world.stories:
        outlet = world.outlets[story.outlet]
        home = story if story.page_of is None else world.stories[story.page_of]
        text, page = _furnish(story, outlet, home, furnisher) if furnisher else _plain(story)
        day = (_FIRST_DAY + timedelta(days=story.day)).isoformat()
        name = id_of(story.number)
        articles.append({"id": name, "text": text, "date": day, "site": outlet.host})
        pages[name] = page
    texts = {article["id"]: article["text"] for article in articles}
    pairs = {}
    for (a, b), one in shared.items():
        names = id_of(a), id_of(b)
        if one.equal:
            same = fold_words(texts[names[0]]) == fold_words(texts[names[1]])
            kinds = frozenset({"identical" if same else "near-duplicate"})
            one = Shared(**{**vars(one), "kinds": kinds})
        pairs[names] = one
    truth = [
        Planted("/".join(sorted(pairs[pair].kinds)), pair[1], pair[0])
        for pair in ((id_of(a), id_of(b)) for a, b in sorted(planted_pairs(world.stories)))
        if pair in pairs and pairs[pair].label == 1
    ]
    origins = {
        id_of(story.number): (
            id_of(story.number),
            *(id_of(root) for root in sorted(story.roots - {story.number})),
        )
        for story in world.stories
    }
    articles.sort(key=lambda article: (article["date"], article["id"]))
    return PageCorpus(articles, truth, origins, pages, pairs)


def pages(
    n: int,
    seed: int,
    sites: int = 20,
    days: int = 30,
    mix: Mapping[str, float] = MIX,
    furnished: bool = True,
) -> PageCorpus:
    """Make `n` pages.

    Args:
        n: Number of pages.
        seed: Everything follows from it.
        sites: Number of outlets; a quarter of them, at most five, have one owner.
        days: Over how many days they are published.
        mix: Share of each language: de, en, fr, ru, ja.
        furnished: With furniture; the stories are the same without.
    """
    world = write_world(n, seed, sites, days, mix)
    return print_pages(world, align(world.stories), furnished)


def write_furniture(corpus: PageCorpus, path: Path) -> None:
    """Write a row for each stretch of furniture: id, begin, end, kind, tab-separated."""
    rows = ["id\tbegin\tend\tkind"]
    for name, page in sorted(corpus.pages.items()):
        rows.extend(f"{name}\t{one.begin}\t{one.end}\t{one.kind}" for one in page.furniture)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def write_pairs(corpus: PageCorpus, path: Path) -> None:
    """Write a row for each pair that shares content and each passage of it, tab-separated.

    Columns: id_a, id_b, kinds (two where the pair lies near a threshold), label (1 related,
    -1 not to be judged), and the passage in both texts.
    """
    rows = ["id_a\tid_b\tkinds\tlabel\ta_begin\ta_end\tb_begin\tb_end"]
    for (a, b), shared in sorted(corpus.pairs.items()):
        head = [a, b, "/".join(sorted(shared.kinds)), str(shared.label)]
        for a_first, a_last, b_first, b_last in shared.passages:
            edges = (
                *corpus.pages[a].chars(a_first, a_last),
                *corpus.pages[b].chars(b_first, b_last),
            )
            rows.append("\t".join([*head, *map(str, edges)]))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write pages and their truth as the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--n", type=int, default=3000, help="pages; default: 3000")
    parser.add_argument("--seed", type=int, default=11, help="default: 11")
    parser.add_argument("--plain", action="store_true", help="without furniture")
    parser.add_argument("-o", "--out", type=Path, required=True, help="articles, JSON lines")
    parser.add_argument("--truth", type=Path, help="pairs and passages, tab-separated")
    parser.add_argument("--furniture", type=Path, help="stretches of furniture, tab-separated")
    options = parser.parse_args(arguments)
    corpus = pages(options.n, options.seed, furnished=not options.plain)
    with options.out.open("w", encoding="utf-8", newline="\n") as file:
        for article in corpus.articles:
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
    if options.truth:
        write_pairs(corpus, options.truth)
    if options.furniture:
        write_furniture(corpus, options.furniture)
    print(f"{len(corpus.articles)} pages, {len(corpus.pairs)} pairs", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
