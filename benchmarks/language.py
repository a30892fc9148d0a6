"""Write articles in an invented language, many of them about the same event.

In: a `Language` and a generator of random numbers. Out: a `Topic`, and articles
about it as plain text: a headline, a lead and paragraphs, apart by an empty
line. Copying and editing them is left to `edits` and `feed`.

Articles on one topic share names, content words and set phrases of two to five
words, as reports of one event do, but no long run of words: all other words
are drawn each on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from benchmarks.vocabulary import (
    NUM_FUNCTION_WORDS,
    Draws,
    Language,
    make_language,
    make_name,
    spelling_of,
    zipf_slots,
)

# Share of the content words of an article that come from its topic.
TOPIC_SHARE: Final = 0.5
WORDS_PER_PHRASE: Final = 45
_NUM_TOPIC_WORDS: Final = 180
_NUM_NAMES: Final = 14
_NUM_PHRASES: Final = 10
_TOPIC_SLOTS: Final = 1 << 12
# Of the lengths of articles, as a feed of real news has it.
_SIGMA: Final = 0.6
_MEAN_TO_MEDIAN: Final = 0.8353
# Topic words are rarer and so longer than drawn ones: measured on 10,000 articles.
_TOPIC_LENGTHENS: Final = 1.075

_QUOTES: Final = {
    "de": (("„", "“"), ("„", "“"), ("»", "«"), ('"', '"')),
    "en": (("“", "”"), ("“", "”"), ('"', '"'), ("\u2018", "\u2019")),
    "fr": (("« ", " »"), ("“", "”")),
    "ja": (("「", "」"),),
    "ru": (("«", "»"), ("„", "“")),
}
# En dash in German, em dash in English.
_DASHES: Final = {
    "de": " \u2013", "en": " \u2014", "fr": " \u2013", "ja": "・", "ru": " \u2014",
}  # fmt: skip
_UNITS: Final = {
    "de": ("Prozent", "Euro", "Millionen", "Meter", "Jahre"),
    "en": ("percent", "dollars", "million", "miles", "years"),
    "fr": ("pour cent", "euros", "millions", "mètres", "ans"),
    "ja": ("円", "人", "万", "年"),
    "ru": ("процентов", "рублей", "миллионов", "метров", "лет"),
}


@dataclass(frozen=True, eq=False)
class Topic:
    """An event: what its reports have in common.

    Attributes:
        language: The language of all its articles.
        names: Words of its own; word number `len(language.words) + i` is name i.
        slots: int32; word numbers by frequency within the topic.
        phrases: Set phrases of two to five word numbers.
    """

    language: Language
    names: tuple[str, ...]
    slots: NDArray[np.int32]
    phrases: tuple[NDArray[np.int32], ...]


def make_topic(language: Language, rng: Generator) -> Topic:
    """Make a topic with its own names, content words and set phrases."""
    draws = Draws(rng, block=256)
    spelling = spelling_of(language.code)
    num_words = len(language.words)
    names = tuple(make_name(draws, spelling) for _ in range(_NUM_NAMES))
    general = rng.integers(NUM_FUNCTION_WORDS, num_words, _NUM_TOPIC_WORDS)
    own = np.concatenate([num_words + np.arange(_NUM_NAMES), general])
    # Names and other words mixed, so that the commonest is not always a name.
    own = own[np.argsort(rng.random(len(own)), kind="stable")].astype(np.int32)
    slots = own[zipf_slots(len(own), _TOPIC_SLOTS)]
    phrases = []
    for _ in range(_NUM_PHRASES):
        length = 2 + min(draws.below(4), draws.below(4))
        words = slots[rng.integers(0, _TOPIC_SLOTS, length)]
        if length > 2:
            words[1] = language.draw_words(rng, 1)[0]
        phrases.append(words)
    return Topic(language, names, slots, tuple(phrases))


def draw_num_words(rng: Generator, language: Language, mean_bytes: int) -> int:
    """Draw the length of an article in words: log-normal, at least 40.

    The normal number is a sum of twelve uniform ones and the exponential a
    power by squaring, so that every machine gets the same length.
    """
    normal = 0.0
    for share in rng.random(12).tolist():
        normal += share
    factor = 1.0 + (normal - 6.0) * _SIGMA / 4096
    for _ in range(12):
        factor *= factor
    bytes_per_word = language.bytes_per_word * _TOPIC_LENGTHENS
    return max(40, int(mean_bytes * _MEAN_TO_MEDIAN * factor / bytes_per_word))


def draw_topic_words(topic: Topic, rng: Generator, num_words: int) -> NDArray[np.int32]:
    """Draw the word numbers of a text on a topic, set phrases included."""
    words = topic.language.draw_words(rng, num_words)
    own = (words >= NUM_FUNCTION_WORDS) & (rng.random(num_words) < TOPIC_SHARE)
    places = np.flatnonzero(own)
    words[places] = topic.slots[rng.integers(0, len(topic.slots), len(places))]
    num_phrases = num_words // WORDS_PER_PHRASE
    shifts = rng.integers(0, WORDS_PER_PHRASE - 8, num_phrases).tolist()
    chosen = rng.integers(0, len(topic.phrases), num_phrases).tolist()
    for i, (shift, which) in enumerate(zip(shifts, chosen, strict=True)):
        phrase = topic.phrases[which]
        begin = i * WORDS_PER_PHRASE + shift
        words[begin : begin + len(phrase)] = phrase
    return words


def _spell(topic: Topic, words: NDArray[np.int32]) -> list[str]:
    """Turn word numbers into the words as written."""
    known = topic.language.words
    num_known = len(known)
    return [known[w] if w < num_known else topic.names[w - num_known] for w in words.tolist()]


def _figure(draws: Draws, code: str) -> str:
    """Write a number as newspapers do: a year, a count, a decimal, with a unit."""
    form = draws.below(6)
    if form == 0:
        return str(1950 + draws.below(80))
    if form == 1:
        point = "." if code in ("en", "ja") else ","
        return f"{draws.below(100)}{point}{draws.below(10)} {draws.pick(_UNITS[code])}"
    if form == 2:
        comma = "," if code in ("en", "ja") else "."
        return f"{1 + draws.below(99)}{comma}{draws.below(10)}00"
    if form == 3:
        return f"{1 + draws.below(99)} {draws.pick(_UNITS[code])}"
    return str(1 + draws.below(60))


def _sentence_ends(draws: Draws, num_words: int) -> list[int]:
    """Cut `num_words` into sentences; give the end of each, half-open."""
    ends: list[int] = []
    end = 0
    while num_words - end > 30:
        end += 5 + draws.below(12) + draws.below(12)
        ends.append(end)
    ends.append(num_words)
    return ends


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


def _punctuate(pieces: list[str], ends: list[int], draws: Draws, code: str) -> None:
    """Put figures, commas, dashes, quotes and stops into the words, in place."""
    for _ in range(len(pieces) // 50):
        pieces[draws.below(len(pieces))] = _figure(draws, code)
    for _ in range(len(pieces) // 14):
        i = draws.below(len(pieces))
        pieces[i] = pieces[i].rstrip(",") + ","
    for _ in range(len(pieces) // 120):
        pieces[draws.below(len(pieces))] += _DASHES[code]
    opening, closing = _QUOTES[code][draws.below(len(_QUOTES[code]))]
    begin = 0
    for end in ends:
        stop = "." if draws.chance(0.94) else draws.pick(("?", "!"))
        pieces[begin] = _capital(pieces[begin])
        pieces[end - 1] = pieces[end - 1].rstrip(" ,\u2013\u2014") + stop
        if draws.chance(0.12):
            pieces[begin] = opening + pieces[begin]
            pieces[end - 1] += closing
        begin = end


def write_paragraphs(topic: Topic, rng: Generator, num_words: int) -> list[str]:
    """Write paragraphs of two to five sentences, `num_words` drawn words in all.

    A figure such as "12,5 Prozent" stands for one drawn word, so the text
    holds one or two in a hundred words more.
    """
    pieces = _spell(topic, draw_topic_words(topic, rng, num_words))
    draws = Draws(rng, block=64 + num_words // 2)
    ends = _sentence_ends(draws, num_words)
    _punctuate(pieces, ends, draws, topic.language.code)
    paragraphs = []
    begin = 0
    i = 0
    while i < len(ends):
        i = min(i + 2 + draws.below(4), len(ends))
        paragraphs.append(" ".join(pieces[begin : ends[i - 1]]))
        begin = ends[i - 1]
    return paragraphs


def write_headline(topic: Topic, rng: Generator) -> str:
    """Write a headline of five to nine words without a stop."""
    num_words = 5 + int(rng.integers(0, 5))
    return _capital(" ".join(_spell(topic, draw_topic_words(topic, rng, num_words))))


def write_article(topic: Topic, rng: Generator, num_words: int) -> str:
    """Write an article: headline and paragraphs, apart by an empty line."""
    headline = write_headline(topic, rng)
    return "\n\n".join([headline, *write_paragraphs(topic, rng, num_words)])


class Newsroom:
    """All topics of a corpus, made when first asked for; 60 % are German."""

    def __init__(self, seed: int) -> None:
        """Make topics from `seed`; the words of the languages do not depend on it."""
        self._seed = seed
        self._topics: dict[int, Topic] = {}

    def topic(self, number: int) -> Topic:
        """Return a topic: the same for a seed, in whatever order they are asked for."""
        if number not in self._topics:
            rng = Generator(PCG64([self._seed, 0, number]))
            code = "de" if rng.random() < 0.6 else "en"
            self._topics[number] = make_topic(make_language(code), rng)
        return self._topics[number]
