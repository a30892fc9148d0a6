"""Invent a world of news: events over days, outlets, and who takes text from whom.

In: a number of articles and a seed. Out: `Story` records: articles as words that remember
their origin, with outlet, day and direct sources. Nothing is around them yet: page
furniture is left to `furniture`, the truth about pairs to `alignment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.random import PCG64, Generator

from benchmarks import tokens as words
from benchmarks.edits import FORMS, Form
from benchmarks.language import Topic, draw_num_words, make_topic, write_article, write_headline
from benchmarks.tokens import Token, Tokens
from benchmarks.vocabulary import make_language

MIX: Final[Mapping[str, float]] = {"de": 0.50, "en": 0.35, "fr": 0.05, "ru": 0.05, "ja": 0.05}
REWRITES: Final = (0.05, 0.10, 0.20, 0.30)
SCANS: Final = (0.01, 0.02, 0.05, 0.10)
READ_MORE_WORDS: Final = 7
_STORIES_PER_EVENT: Final = 8
# Sources are recent: one of so many articles before.
_REACH: Final = 400
_MIN_SOURCE_WORDS: Final = 120
_LANGUAGES: Final = ("de", "en", "de", "fr", "en", "de", "ru", "en", "de", "ja")
# A site of the publisher has so much of the pages of another one.
_SMALL: Final = 0.05


@dataclass(frozen=True)
class Outlet:
    """A site; `publisher` says that it is one of the small ones with a common owner."""

    number: int
    host: str
    language: str
    publisher: bool
    pull: float


@dataclass(frozen=True)
class Story:
    """An article without the page around it.

    Attributes:
        number: Its place in the list.
        tokens: Headline, an empty line, paragraphs.
        topic, event: What it is about; stories of one event are reports of the same.
        outlet, day: Where and when; days count from 0.
        shape: How it was made, for example "own", "agency" or "rewrite 20 %".
        sources: Numbers of the stories it takes text from directly.
        roots: Numbers of all stories whose words may be in it, its own among them.
        page_of: The story whose whole page, furniture included, this is another copy of.
        form: How that page is written (`edits.unicode_variant`); None: to the letter.
    """

    number: int
    tokens: Tokens
    topic: Topic
    event: int
    outlet: int
    day: int
    shape: str
    sources: tuple[int, ...]
    roots: frozenset[int]
    page_of: int | None = None
    form: Form | None = None


def make_outlets(sites: int) -> list[Outlet]:
    """Make sites by language; the last German ones, at most five, belong to a publisher."""
    codes = [_LANGUAGES[i % len(_LANGUAGES)] for i in range(sites)]
    german = [i for i, code in enumerate(codes) if code == "de"]
    owned = set(german[1:][-min(5, sites // 4) :]) if sites >= 4 else set()
    return [
        Outlet(i, f"outlet-{i:02d}.example", code, i in owned, _SMALL if i in owned else 1 + i % 3)
        for i, code in enumerate(codes)
    ]


@dataclass
class World:
    """What has been written so far, and how the next story is made."""

    n: int
    seed: int
    days: int
    mix: Mapping[str, float]
    outlets: list[Outlet]
    mean_bytes: int
    origins: words.Origins = field(default_factory=words.Origins)
    stories: list[Story] = field(default_factory=list)
    _topics: dict[int, Topic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a mix none of the outlets could print."""
        spoken = {outlet.language for outlet in self.outlets}
        self.mix = {code: share for code, share in self.mix.items() if code in spoken and share > 0}
        if not self.mix:
            raise ValueError(f"no outlet prints any language of the mix; there are {spoken}")

    def rng(self) -> Generator:
        """Return the generator of the next recipe."""
        return Generator(PCG64([self.seed, 4, len(self.stories)]))

    @property
    def today(self) -> int:
        """The day of the next story."""
        return len(self.stories) * self.days // self.n

    def topic(self, event: int) -> Topic:
        """Return the topic of an event; its language follows the mix."""
        if event not in self._topics:
            rng = Generator(PCG64([self.seed, 5, event]))
            shares = np.cumsum(list(self.mix.values()))
            lot = float(rng.random()) * float(shares[-1])
            code = list(self.mix)[int(np.searchsorted(shares, lot, side="right"))]
            self._topics[event] = make_topic(make_language(code), rng)
        return self._topics[event]

    def new_event(self, rng: Generator) -> int:
        """Choose an event of these days."""
        return len(self.stories) // _STORIES_PER_EVENT + int(rng.integers(0, 10))

    def outlet(self, topic: Topic, rng: Generator, but: frozenset[int] = frozenset()) -> int:
        """Choose an outlet of the language, if possible none of `but`."""
        code = topic.language.code
        able = [o for o in self.outlets if o.language == code and o.number not in but]
        able = able or [o for o in self.outlets if o.language == code]
        shares = np.cumsum([o.pull for o in able])
        lot = float(rng.random()) * float(shares[-1])
        return able[int(np.searchsorted(shares, lot, side="right"))].number

    def write(self, topic: Topic, rng: Generator, num_words: int | None = None) -> Tokens:
        """Write a new article."""
        size = num_words or draw_num_words(rng, topic.language, self.mean_bytes)
        text = write_article(topic, rng, size)
        return self.origins.tokenise(words.close_up(text, topic.language.code))

    def headline(self, topic: Topic, rng: Generator) -> Tokens:
        """Write a new headline."""
        text = words.close_up(write_headline(topic, rng), topic.language.code)
        return words.close(self.origins.tokenise(text), "\n\n")

    def under_headline(self, body: Tokens, topic: Topic, rng: Generator) -> Tokens:
        """Put another headline over the body of an article."""
        return [*self.headline(topic, rng), *body[words.headline_size(body) :]]

    def source(
        self, rng: Generator, code: str | None = None, apart: frozenset[int] = frozenset()
    ) -> Story | None:
        """Choose a recent story, long enough, whose words are not of the roots `apart`."""
        num = len(self.stories)
        for _ in range(30 if num else 0):
            story = self.stories[num - 1 - int(rng.integers(0, min(num, _REACH)))]
            fits = code is None or story.topic.language.code == code
            long_enough = words.weight(story.tokens) >= _MIN_SOURCE_WORDS
            if fits and long_enough and not story.roots & apart and story.shape != "ticker":
                return story
        return None

    def publish(
        self,
        tokens: Tokens,
        like: tuple[Topic, int],
        shape: str,
        outlet: int,
        sources: tuple[Story, ...] = (),
        page: tuple[int, Form | None] | None = None,
        day: int | None = None,
    ) -> Story:
        """Add a story; once there are enough, it is dropped."""
        number = len(self.stories)
        roots = frozenset({number}).union(*(story.roots for story in sources))
        story = Story(
            number=number,
            tokens=tokens,
            topic=like[0],
            event=like[1],
            outlet=outlet,
            day=min(self.days - 1, max([self.today, day or 0, *(s.day for s in sources)])),
            shape=shape,
            sources=tuple(s.number for s in sources),
            roots=roots,
            page_of=page[0] if page else None,
            form=page[1] if page else None,
        )
        if number < self.n:
            self.stories.append(story)
        return story

    def write_all(self, recipes: Mapping[Callable[[World, Generator], None], float]) -> None:
        """Make stories by recipes, each as often as its share says, until there are enough."""
        makers = list(recipes)
        shares = np.cumsum(list(recipes.values()))
        while len(self.stories) < self.n:
            rng = self.rng()
            before = len(self.stories)
            lot = float(rng.random()) * float(shares[-1])
            makers[int(np.searchsorted(shares, lot, side="right"))](self, rng)
            if len(self.stories) == before:
                own(self, rng)


def own(world: World, rng: Generator) -> None:
    """Report an event in new words."""
    event = world.new_event(rng)
    topic = world.topic(event)
    world.publish(world.write(topic, rng), (topic, event), "own", world.outlet(topic, rng))


def stop_of(topic: Topic) -> str:
    """Return the full stop of the language."""
    return words.STOP.get(topic.language.code, ".")


def read_more(world: World, topic: Topic, rng: Generator) -> list[Token]:
    """Write the few words that ask to read the rest elsewhere."""
    text = words.close_up(write_headline(topic, rng), topic.language.code)
    return words.close(world.origins.tokenise(text)[:READ_MORE_WORDS], " …")


def any_form(rng: Generator) -> Form:
    """Choose a way of writing."""
    return FORMS[int(rng.integers(0, len(FORMS)))]
