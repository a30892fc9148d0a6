"""Keep texts as words that remember where they come from, and edit them so.

In: plain text of any of the languages. Out: lists of `Token`: each word with what
stands behind it and the number it was born with; copies and edits keep that number, so
what two texts share is known without comparing them. Choosing sources and edits is
left to `syndication`, measuring what is shared to `alignment`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.random import Generator

from benchmarks.edits import Form, misread, other_word, unicode_variant
from benchmarks.vocabulary import Draws, Language

_HAN_KANA: Final = "\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff"
TOKEN: Final = re.compile(f"[{_HAN_KANA}]|[^\\W_{_HAN_KANA}]+")
_IGNORED: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)
_CLOSE_UP: Final = ((", ", "、"), (". ", "。"), (".\n", "。\n"), (" ", ""))
STOP: Final = {"ja": "。"}


class Token(NamedTuple):
    """One word, or one character of a script without blanks.

    Attributes:
        word: As written.
        after: All that stands between it and the next word.
        origin: Number of the word it is a copy of; no two words are born with the same.
    """

    word: str
    after: str
    origin: int


Tokens = list[Token]


class Origins:
    """Gives out the numbers words are born with."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._next = 0

    def take(self) -> int:
        """Return a number that was never given out before."""
        self._next += 1
        return self._next - 1

    def tokenise(self, text: str) -> Tokens:
        """Split a new text into words of its own; marks before the first one are lost."""
        found = list(TOKEN.finditer(text))
        ends = [match.start() for match in found[1:]] + [len(text)]
        return [
            Token(match[0], text[match.end() : end], self.take())
            for match, end in zip(found, ends, strict=True)
        ]


def close_up(text: str, code: str) -> str:
    """Write a text without blanks if its language has none."""
    if code == "ja":
        for old, new in _CLOSE_UP:
            text = text.replace(old, new)
    return text


def render(tokens: Sequence[Token]) -> str:
    """Write the text of some words."""
    return "".join([token.word + token.after for token in tokens])


def is_han_kana(word: str) -> bool:
    """Tell whether a word is a character of a script without blanks."""
    return "\u3041" <= word[0] <= "\u9fff"


@cache
def weight_of(word: str) -> int:
    """Weigh a word in quarter-words: word 4, Han 2, kana 1 (method 1.1)."""
    if not is_han_kana(word):
        return 4
    return 2 if word[0] >= "\u3400" else 1


@cache
def fold(word: str) -> str:
    """Fold a word: no case, no marks, no ignorable characters."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c not in _IGNORED)


def weight(tokens: Sequence[Token]) -> float:
    """Weigh some words in word-equivalents."""
    return sum(weight_of(token.word) for token in tokens) / 4


def ends_sentence(token: Token) -> bool:
    """Tell whether a sentence or the headline ends here; "12.500" ends none."""
    return token.after != "." and any(mark in token.after for mark in ".?!。\n")


def headline_size(tokens: Sequence[Token]) -> int:
    """Count the words of the headline."""
    return next((i + 1 for i, token in enumerate(tokens) if "\n" in token.after), 0)


def close(tokens: Sequence[Token], mark: str) -> Tokens:
    """Put a mark behind the last word, in place of what stands there."""
    return [*tokens[:-1], tokens[-1]._replace(after=mark)] if tokens else []


def cut(tokens: Sequence[Token], words: float, rng: Generator) -> Tokens:
    """Cut a run of `words` word-equivalents out of the body, at a random place."""
    begin = headline_size(tokens)
    room = weight(tokens[begin:]) - words
    skip, size = room * float(rng.random()), 0.0
    while begin < len(tokens) and size < skip:
        size += weight_of(tokens[begin].word) / 4
        begin += 1
    end, size = begin, 0.0
    while end < len(tokens) and size < words:
        size += weight_of(tokens[end].word) / 4
        end += 1
    return close(tokens[begin:end], "")


def embed(
    piece: Tokens,
    host: Tokens,
    rng: Generator,
    at: Literal["paragraph", "sentence"],
    marks: tuple[str, str, str] = ("", "", "."),
) -> Tokens:
    """Put a piece into an article behind its headline.

    Args:
        piece: What goes in.
        host: What it goes into.
        rng: Decides the place.
        at: As a paragraph of its own, or between two sentences.
        marks: Opening and closing quotation marks, and a stop.
    """
    wanted = "\n\n" if at == "paragraph" else " "
    places = [i for i, t in enumerate(host[:-1]) if ends_sentence(t) and wanted in t.after]
    places = places or [headline_size(host) - 1]
    i = places[int(rng.integers(0, len(places)))]
    before = host[i]._replace(after=host[i].after + marks[0])
    gap = "\n\n" if "\n\n" in host[i].after else " "
    return [*host[:i], before, *close(piece, marks[1] + marks[2] + gap), *host[i + 1 :]]


def reorder(tokens: Tokens, rng: Generator) -> Tokens:
    """Put the sentences behind the headline into another order."""
    begin = headline_size(tokens)
    sentences: list[Tokens] = [[]]
    for token in tokens[begin:]:
        sentences[-1].append(token)
        if ends_sentence(token):
            sentences.append([])
    sentences = [sentence for sentence in sentences if sentence]
    # Ends of paragraphs stay where they are.
    tails = [sentence[-1].after for sentence in sentences]
    order = np.argsort(rng.random(len(sentences)), kind="stable").tolist()
    out = tokens[:begin]
    for i, after in zip(order, tails, strict=True):
        out += close(sentences[i], after)
    return out


def rewrite(
    tokens: Tokens, rate: float, language: Language, origins: Origins, rng: Generator
) -> Tokens:
    """Edit each word with probability `rate`.

    Half of the edits put another word, a fifth deletes, a fifth inserts a word behind,
    a tenth changes one letter; only that last one keeps the number of the word.
    """
    chosen = rng.random(len(tokens)) < rate
    draws = Draws(rng, block=8 + 4 * int(chosen.sum()))
    out: Tokens = []
    for token, edited in zip(tokens, chosen.tolist(), strict=True):
        if not edited:
            out.append(token)
            continue
        kind = draws.below(10)
        other = other_word(token.word, language, rng) if kind < 9 else ""
        other = other[:1] if is_han_kana(token.word) else other
        if kind < 5:
            out.append(Token(other, token.after, origins.take()))
        elif kind < 7:
            if out and "\n" in token.after:
                out[-1] = out[-1]._replace(after=token.after)
        elif kind < 9:
            blank = "" if is_han_kana(token.word) else " "
            out.append(token._replace(after=blank))
            out.append(Token(other, token.after, origins.take()))
        else:
            out.append(token._replace(word=misread(token.word, draws)))
    return out


def scan_badly(tokens: Tokens, rate: float, rng: Generator) -> Tokens:
    """Misread each letter with probability `rate`, as scanners do."""
    sizes = np.array([len(token.word) for token in tokens])
    wrong = np.concatenate([[0], np.cumsum(rng.random(int(sizes.sum())) < rate)])
    ends = np.cumsum(sizes)
    counts = (wrong[ends] - wrong[ends - sizes]).tolist()
    draws = Draws(rng, block=64)
    out = []
    for token, count in zip(tokens, counts, strict=True):
        word = token.word
        for _ in range(count):
            word = misread(word, draws)
        out.append(token._replace(word=word) if count else token)
    return out


def without_umlauts(tokens: Tokens) -> Tokens:
    """Write ae, oe, ue and ss for ä, ö, ü and ß."""
    return [token._replace(word=token.word.translate(_UMLAUTS)) for token in tokens]


def in_form(tokens: Tokens, form: Form) -> Tokens:
    """Write the same words in another way (`edits.unicode_variant`)."""
    blank_turn = 0
    out = []
    for token in tokens:
        after = token.after
        if form == "nbsp" and after == " ":
            blank_turn += 1
            after = "\u00a0" if blank_turn % 3 == 0 else after
        elif form in ("crlf", "quotes"):
            after = unicode_variant(after, form).text
        word = token.word if form == "nbsp" else unicode_variant(token.word, form).text
        out.append(Token(word, after, token.origin))
    return out
