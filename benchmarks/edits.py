"""Edit a text as newsrooms, scanners and web pages do.

In: a text and a generator of random numbers. Out: an `Edited`: the new text and
the stretches of both texts that correspond, in code points, half-open.
Which edit goes where, and what it is called, is left to `feed` and `variants`.

A word is a maximal run of letters and digits. `unicode_variant` comes last in
any chain of edits: the others expect composed text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.random import Generator

from benchmarks.vocabulary import Draws, Language

WORD: Final = re.compile(r"[^\W_]+")
_SENTENCE_BREAK: Final = re.compile(r"(?<=[.?!])[“”«\"\u2019]? (?=\S)")

# Letters a scanner takes for one another; any other letter is lost or doubled.
_CONFUSED: Final = {
    "a": "o", "b": "h", "c": "e", "e": "c", "f": "t", "h": "b", "i": "l", "l": "i", "m": "n",
    "n": "u", "o": "c", "r": "v", "s": "z", "t": "f", "u": "n", "v": "y", "ä": "a", "ö": "o",
    "ü": "u", "ß": "B",
}  # fmt: skip

Form = Literal["nfd", "quotes", "crlf", "soft-hyphens", "nbsp", "upper"]
FORMS: Final[tuple[Form, ...]] = ("nfd", "quotes", "crlf", "soft-hyphens", "nbsp", "upper")


class Span(NamedTuple):
    """A stretch of the source and the stretch of the new text made from it."""

    source_begin: int
    source_end: int
    begin: int
    end: int


@dataclass(frozen=True)
class Edited:
    """A new text and what of the old one is in it, in the order of the new text."""

    text: str
    spans: tuple[Span, ...]


# One text is asked for several times in a row.
@lru_cache(maxsize=8)
def word_bounds(text: str) -> tuple[tuple[int, int], ...]:
    """Find the words of a text: begin and end of each, in code points."""
    return tuple([match.span() for match in WORD.finditer(text)])


def misread(word: str, draws: Draws) -> str:
    """Misread one letter of a word."""
    i = draws.below(len(word))
    letter = word[i]
    if letter.lower() in _CONFUSED and draws.chance(0.8):
        wrong = _CONFUSED[letter.lower()]
        return word[:i] + (wrong.upper() if letter.isupper() else wrong) + word[i + 1 :]
    if len(word) > 1 and draws.chance(0.5):
        return word[:i] + word[i + 1 :]
    return word[: i + 1] + word[i:]


def other_word(word: str, language: Language, rng: Generator) -> str:
    """Draw a word of the language that is not `word`, with its capital."""
    while True:
        other = language.words[int(language.draw_words(rng, 1)[0])]
        if other.lower() != word.lower():
            return other[0].upper() + other[1:] if word[0].isupper() else other


def edit_words(text: str, rate: float, language: Language, rng: Generator) -> Edited:
    """Edit each word with probability `rate`.

    Of the edits, 35 % put another word of the language, 35 % misread one
    letter, 15 % delete the word and 15 % insert a word behind it.

    Returns:
        The new text; one span, everything to everything.
    """
    bounds = word_bounds(text)
    chosen = np.flatnonzero(rng.random(len(bounds)) < rate).tolist()
    draws = Draws(rng, block=8 + 4 * len(chosen))
    out: list[str] = []
    done = 0
    for i in chosen:
        begin, end = bounds[i]
        word = text[begin:end]
        out.append(text[done:begin])
        done = end
        kind = draws.below(100)
        if kind < 35:
            out.append(other_word(word, language, rng))
        elif kind < 70:
            out.append(misread(word, draws))
        elif kind < 85:
            # Together with the blank behind it, or a double blank would stay.
            done += text[end : end + 1] == " "
        else:
            out.append(f"{word} {other_word(word, language, rng)}")
    out.append(text[done:])
    return _whole(text, "".join(out))


def _whole(text: str, new: str) -> Edited:
    return Edited(new, (Span(0, len(text), 0, len(new)),))


def cut_words(text: str, num_words: int, rng: Generator) -> Edited:
    """Cut out a run of `num_words` words at a random place (all, if fewer).

    Returns:
        The run, from the first letter to the last; one span.
    """
    bounds = word_bounds(text)
    num_words = min(num_words, len(bounds))
    if num_words == 0:
        return Edited("", ())
    first = int(rng.integers(0, len(bounds) - num_words + 1))
    begin, end = bounds[first][0], bounds[first + num_words - 1][1]
    return Edited(text[begin:end], (Span(begin, end, 0, end - begin),))


def excerpt(text: str, share: float, rng: Generator, at_least: int = 25) -> Edited:
    """Cut out a run of words: `share` of all words, but `at_least` so many."""
    num_words = max(at_least, round(share * len(word_bounds(text))))
    return cut_words(text, num_words, rng)


def embed(
    piece: str,
    article: str,
    rng: Generator,
    at: Literal["paragraph", "sentence"] = "paragraph",
    quotes: tuple[str, str] = ("", ""),
) -> Edited:
    """Put a piece into another article, never before its headline.

    Args:
        piece: What goes in, unchanged.
        article: What it goes into.
        rng: Decides the place.
        at: As a paragraph of its own, or between two sentences.
        quotes: Marks put around the piece.

    Returns:
        The new article; one span: the piece and where it is now.
    """
    if at == "sentence":
        places = [match.end() for match in _SENTENCE_BREAK.finditer(article)]
        before, behind = "", " "
    else:
        places = [match.end() for match in re.finditer("\n\n", article)]
        before, behind = "", "\n\n"
    if not places:
        places, before, behind = [len(article)], "\n\n", ""
    place = places[int(rng.integers(0, len(places)))]
    begin = place + len(before) + len(quotes[0])
    inner = before + quotes[0] + piece + quotes[1] + behind
    text = article[:place] + inner + article[place:]
    return Edited(text, (Span(0, len(piece), begin, begin + len(piece)),))


def shuffle_paragraphs(text: str, rng: Generator) -> Edited:
    """Put the paragraphs behind the headline into another order; one span for each."""
    headline, *paragraphs = text.split("\n\n")
    begins = [len(headline) + 2]
    for paragraph in paragraphs:
        begins.append(begins[-1] + len(paragraph) + 2)
    order = np.argsort(rng.random(len(paragraphs)), kind="stable").tolist()
    spans = [Span(0, len(headline), 0, len(headline))]
    out = [headline]
    begin = len(headline) + 2
    for i in order:
        size = len(paragraphs[i])
        spans.append(Span(begins[i], begins[i] + size, begin, begin + size))
        out.append(paragraphs[i])
        begin += size + 2
    return Edited("\n\n".join(out), tuple(spans))


def other_headline(text: str, headline: str) -> Edited:
    """Replace the headline; one span: everything behind it."""
    body = text.find("\n\n")
    body = len(text) if body < 0 else body
    new = headline + text[body:]
    return Edited(new, (Span(body, len(text), len(headline), len(new)),))


def truncate(text: str, share: float) -> Edited:
    """Keep the first `share` of the words, as a teaser or a pay wall does; one span."""
    bounds = word_bounds(text)
    end = bounds[max(1, round(share * len(bounds))) - 1][1] if bounds else 0
    return Edited(text[:end], (Span(0, end, 0, end),))


def delete_words(text: str, num_words: int, rng: Generator) -> Edited:
    """Delete a run of words inside the text; two spans, before and behind it."""
    gone = cut_words(text, num_words, rng)
    if not gone.spans:
        return _whole(text, text)
    begin, end = gone.spans[0][:2]
    end += text[end : end + 1] == " "
    new = text[:begin] + text[end:]
    return Edited(new, (Span(0, begin, 0, begin), Span(end, len(text), begin, len(new))))


_OTHER_QUOTES: Final = str.maketrans(
    {"„": "»", "“": "«", "”": "«", '"': "'", "»": "„", "«": "“", "\u2018": '"', "\u2019": '"'}
)


def unicode_variant(text: str, form: Form) -> Edited:
    """Write the same words in another way; no word changes.

    Args:
        text: Composed text.
        form: "nfd" splits letters from their marks, "quotes" changes quotation
            marks, "crlf" line ends, "nbsp" every third blank; "soft-hyphens"
            puts one into every long word; "upper" writes capitals.

    Returns:
        The new text; one span, everything to everything.
    """
    if form == "nfd":
        new = unicodedata.normalize("NFD", text)
    elif form == "quotes":
        new = text.translate(_OTHER_QUOTES)
    elif form == "crlf":
        new = text.replace("\n", "\r\n")
    elif form == "soft-hyphens":
        new = WORD.sub(lambda match: _soft_hyphen(match[0]), text)
    elif form == "nbsp":
        pieces = text.split(" ")
        new = pieces[0] + "".join(
            ("\u00a0" if i % 3 == 0 else " ") + piece for i, piece in enumerate(pieces[1:])
        )
    else:
        new = text.upper()
    return _whole(text, new)


def _soft_hyphen(word: str) -> str:
    middle = len(word) // 2
    return f"{word[:middle]}\u00ad{word[middle:]}" if len(word) >= 8 else word
