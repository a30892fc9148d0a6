"""The recipes of reuse: how a story comes out of other stories.

In: a `World` and a generator of random numbers. Out: one story more in that world, or a
whole series of them. How often each recipe is used stands in `RECIPES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from numpy.random import Generator

from benchmarks import tokens as words
from benchmarks.language import write_paragraphs
from benchmarks.syndication import (
    MIX,
    REWRITES,
    SCANS,
    Story,
    World,
    any_form,
    make_outlets,
    own,
    read_more,
    stop_of,
)
from benchmarks.tokens import Tokens

_QUOTES: Final = {"de": ("„", "“"), "ja": ("「", "」"), "ru": ("«", "»"), "fr": ("« ", " »")}


def brief(world: World, rng: Generator) -> None:
    """Report an event in 12 to 45 words: less than the furniture of its page."""
    event = world.new_event(rng)
    topic = world.topic(event)
    tokens = world.write(topic, rng, 12 + int(rng.integers(0, 34)))
    world.publish(tokens, (topic, event), "brief", world.outlet(topic, rng))


def _like(world: World, source: Story, tokens: Tokens, shape: str, rng: Generator) -> None:
    """Publish a story made of one source, mostly on another site."""
    but = frozenset({source.outlet}) if rng.random() < 0.8 else frozenset[int]()
    outlet = world.outlet(source.topic, rng, but)
    world.publish(tokens, (source.topic, source.event), shape, outlet, (source,))


def exact(world: World, rng: Generator) -> None:
    """Print the same text again on another site, or the same page a second time."""
    if (source := world.source(rng)) is None:
        return
    if rng.random() < 0.4:
        like = (source.topic, source.event)
        page = (source.number if source.page_of is None else source.page_of, source.form)
        world.publish(source.tokens, like, "same page", source.outlet, (source,), page)
    else:
        _like(world, source, source.tokens, "exact", rng)


def unicode(world: World, rng: Generator) -> None:
    """Write the same words in another way, on another site or for the whole page."""
    if (source := world.source(rng)) is None:
        return
    form = any_form(rng)
    tokens = words.in_form(source.tokens, form)
    if rng.random() < 0.5 and source.page_of is None:
        like = (source.topic, source.event)
        page = (source.number, form)
        world.publish(tokens, like, "same page, unicode", source.outlet, (source,), page)
    else:
        _like(world, source, tokens, "unicode", rng)


def agency(world: World, rng: Generator) -> None:
    """Send one text to three to eight sites; each has its own headline, some cut the end."""
    event = world.new_event(rng)
    topic = world.topic(event)
    wire = world.write(topic, rng)
    first: tuple[Story, ...] = ()
    used: frozenset[int] = frozenset()
    for _ in range(3 + int(rng.integers(0, 6))):
        copy = world.under_headline(wire, topic, rng)
        if rng.random() < 0.3:
            keep = round(len(copy) * (0.75 + 0.25 * float(rng.random())))
            copy = words.close(copy[:keep], stop_of(topic))
        if rng.random() < 0.2:
            copy = words.rewrite(copy, 0.02, topic.language, world.origins, rng)
        outlet = world.outlet(topic, rng, used)
        used |= {outlet}
        story = world.publish(copy, (topic, event), "agency", outlet, first)
        first = first or (story,)


def rewritten(world: World, rng: Generator) -> None:
    """Edit 5 to 30 % of the words."""
    if source := world.source(rng):
        rate = REWRITES[int(rng.integers(0, len(REWRITES)))]
        copy = words.rewrite(source.tokens, rate, source.topic.language, world.origins, rng)
        _like(world, source, copy, f"rewrite {rate:.0%}", rng)


def reordered(world: World, rng: Generator) -> None:
    """Put the sentences into another order."""
    if source := world.source(rng):
        _like(world, source, words.reorder(source.tokens, rng), "reordered", rng)


def excerpt(world: World, rng: Generator) -> None:
    """Print a part of an article alone, under its own headline or none."""
    if source := world.source(rng):
        size = words.weight(source.tokens)
        piece = words.cut(source.tokens, max(30.0, size * (0.1 + 0.45 * float(rng.random()))), rng)
        piece = words.close(piece, stop_of(source.topic))
        _like(world, source, piece, "excerpt", rng)


def embedded(world: World, rng: Generator) -> None:
    """Put 60 to 250 words of an article into a new one."""
    if (source := world.source(rng)) is None:
        return
    topic, event = source.topic, source.event
    size = min(60 + int(rng.integers(0, 190)), 0.6 * words.weight(source.tokens))
    piece = words.cut(source.tokens, size, rng)
    marks = ("", "", stop_of(topic))
    at = "paragraph" if rng.random() < 0.7 else "sentence"
    tokens = words.embed(piece, world.write(topic, rng), rng, at, marks)  # type: ignore[arg-type]
    world.publish(tokens, (topic, event), "embedded", world.outlet(topic, rng), (source,))


def quote(world: World, rng: Generator) -> None:
    """Quote 20 to 60 words of an article in a new one."""
    if (source := world.source(rng)) is None:
        return
    topic = source.topic
    piece = words.cut(source.tokens, 20 + int(rng.integers(0, 41)), rng)
    marks = (*_QUOTES.get(topic.language.code, ("“", "”")), stop_of(topic))
    tokens = words.embed(piece, world.write(topic, rng), rng, "sentence", marks)
    world.publish(tokens, (topic, source.event), "quote", world.outlet(topic, rng), (source,))


def mash_up(world: World, rng: Generator) -> None:
    """Make a round-up of pieces of three to six articles of different events."""
    if (source := world.source(rng)) is None:
        return
    code, apart, sources = source.topic.language.code, source.roots, [source]
    for _ in range(2 + int(rng.integers(0, 4))):
        if other := world.source(rng, code, apart):
            sources.append(other)
            apart |= other.roots
    if len(sources) < 3:
        return
    topic, event = source.topic, source.event
    tokens = world.headline(topic, rng)
    for one in sources:
        lead = words.close_up(write_paragraphs(topic, rng, 15)[0], code)
        tokens += words.close(world.origins.tokenise(lead), stop_of(topic) + " ")
        piece = words.cut(one.tokens, 40 + int(rng.integers(0, 61)), rng)
        tokens += words.close(piece, stop_of(topic) + "\n\n")
    outlet = world.outlet(topic, rng)
    world.publish(tokens, (topic, event), "mash-up", outlet, tuple(sources))


def truncated(world: World, rng: Generator) -> None:
    """Keep the beginning, and ask to read on elsewhere."""
    if source := world.source(rng):
        keep = max(40, round(len(source.tokens) * (0.25 + 0.45 * float(rng.random()))))
        tail = read_more(world, source.topic, rng)
        copy = [*words.close(source.tokens[:keep], " … "), *tail]
        _like(world, source, copy, "truncated", rng)


def transliterated(world: World, rng: Generator) -> None:
    """Write German without umlauts."""
    if source := world.source(rng, "de"):
        _like(world, source, words.without_umlauts(source.tokens), "transliterated", rng)


def scanned(world: World, rng: Generator) -> None:
    """Misread 1 to 10 % of the letters."""
    if source := world.source(rng):
        rate = SCANS[int(rng.integers(0, len(SCANS)))]
        _like(world, source, words.scan_badly(source.tokens, rate, rng), f"scan {rate:.0%}", rng)


def ticker(world: World, rng: Generator) -> None:
    """Publish a live ticker again and again: growing, or sliding over fourteen entries."""
    event = world.new_event(rng)
    topic = world.topic(event)
    code = topic.language.code
    headline, outlet = world.headline(topic, rng), world.outlet(topic, rng)
    entries: list[Tokens] = []
    for i in range(14):
        text = " ".join(write_paragraphs(topic, rng, 25 + int(rng.integers(0, 36))))
        text = f"{8 + i // 2}.{30 * (i % 2):02d}: {words.close_up(text, code)}\n\n"
        entries.append(world.origins.tokenise(text))
    sliding = rng.random() < 0.5
    before: tuple[Story, ...] = ()
    first_day = world.today
    num_versions = 6 + int(rng.integers(0, 4))
    for version in range(num_versions):
        newest = version + 5
        shown = entries[max(0, newest - 5) if sliding else 0 : newest]
        tokens = [*headline, *(token for entry in reversed(shown) for token in entry)]
        shape = "ticker"
        day = first_day + 2 * version // num_versions
        before = (world.publish(tokens, (topic, event), shape, outlet, before, day=day),)


#: What is done, and how often among all that is done.
RECIPES: Final[Mapping[Callable[[World, Generator], None], float]] = {
    own: 0.58,
    brief: 0.06,
    exact: 0.025,
    unicode: 0.03,
    agency: 0.02,
    rewritten: 0.06,
    reordered: 0.015,
    excerpt: 0.03,
    embedded: 0.04,
    quote: 0.04,
    mash_up: 0.015,
    truncated: 0.03,
    transliterated: 0.02,
    scanned: 0.03,
    ticker: 0.004,
}


def write_world(
    n: int, seed: int, sites: int, days: int, mix: Mapping[str, float] = MIX, mean_bytes: int = 1900
) -> World:
    """Write `n` stories on `sites` sites over `days` days; the same for the same arguments."""
    world = World(n, seed, days, mix, make_outlets(sites), mean_bytes)
    world.write_all(RECIPES)
    return world
