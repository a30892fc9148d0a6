"""Hypothesis: words, texts, edits and whole corpora with planted copies, shared by all tests.

A corpus is drawn as a few originals and a list of derivations ("a slice of the third", "the
second with five words changed"), so that a failing example shrinks to a short recipe.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from dedup import Article

_ALPHABETS = (
    "abcdefghijklmnoprstuvwz",
    "aäeioöuüßklmnrst",
    "абвгдежзиклмнопрстуфхц",
    "αβγδεζηθικλμνξοπρστυφω",
    "ابتثجحخدذرزسشصضطظعغفقك",
)


def make_vocabulary(seed: int, size: int = 400) -> list[str]:
    """Different words of 3 to 9 letters in scripts with spaces; equal for equal seeds."""
    random = Random(seed)
    words: dict[str, None] = {}
    while len(words) < size:
        alphabet = random.choice(_ALPHABETS)
        words["".join(random.choices(alphabet, k=random.randint(3, 9)))] = None
    return list(words)


VOCABULARY = make_vocabulary(7)


def make_words(seed: int, length: int, vocabulary: Sequence[str] = VOCABULARY) -> list[str]:
    """Words drawn with equal chances; two seeds share long runs only by a miracle."""
    return Random(seed).choices(vocabulary, k=length)


def make_text(words: Sequence[str]) -> str:
    """Words as sentences, with full stops, commas and paragraphs."""
    marks = (" ", " ", ", ", " ", ". ", " ", "\n\n")
    return "".join(word + marks[n % len(marks)] for n, word in enumerate(words)).strip()


def words(min_size: int = 0, max_size: int = 80) -> st.SearchStrategy[list[str]]:
    """Word lists that shrink word by word."""
    return st.lists(st.sampled_from(VOCABULARY), min_size=min_size, max_size=max_size)


def articles(min_size: int = 20, max_size: int = 150) -> st.SearchStrategy[list[str]]:
    """Word lists of articles; cheap to draw, shrink in length only."""
    lengths = st.integers(min_size, max_size)
    return st.builds(make_words, st.integers(0, 10_000), lengths)


def messy_texts(max_size: int = 60) -> st.SearchStrategy[str]:
    """Any code points, with those that make trouble more often than by chance; surrogates too."""
    nasty = "\u00ad\u200d\ufeffßſıİǅﬁ½㎒がｶﾞ한漢字ไทย\u0301\u0345\u200b\U0001f600\ud800\r\n\t _-'’"
    return st.text(st.sampled_from(nasty) | st.characters(), max_size=max_size)


@dataclass(frozen=True)
class Derivation:
    """How one article is made from earlier ones."""

    how: str
    source: int
    amount: int


_DERIVATIONS = st.builds(
    Derivation,
    st.sampled_from(["copy", "shout", "edit", "slice", "head", "append", "join"]),
    st.integers(0, 15),
    st.integers(1, 12),
)


def _derive(made: Sequence[list[str]], step: Derivation, number: int) -> list[str]:
    source = made[step.source % len(made)]
    n, amount = len(source), step.amount
    match step.how:
        case "shout":
            return [word.upper() for word in source]
        case "edit":
            out = list(source)
            for i in range(amount):
                out[(i * 17 + number) % n] = f"edit{number}x{i}"
            return out
        case "slice":
            return source[n // 4 : n // 4 + max(15, n // 2)]
        case "head":
            return source[: max(15, n // 3)]
        case "append":
            return [*source, *make_words(90_000 + number, 8 * amount)]
        case "join":
            return [*source, *made[(step.source + amount) % len(made)]]
        case _:
            return list(source)


#: A date for each article: few different ones, so that ties occur, and none.
_DATES = st.none() | st.integers(1_700_000_000, 1_700_000_003)


@st.composite
def corpora(
    draw: st.DrawFn, min_originals: int = 1, max_originals: int = 3, max_derived: int = 8
) -> list[Article]:
    """Articles with copies, edits, slices and joins among them; ids are unique."""
    made = draw(st.lists(articles(30, 100), min_size=min_originals, max_size=max_originals))
    for number, step in enumerate(draw(st.lists(_DERIVATIONS, max_size=max_derived))):
        made.append(_derive(made, step, number))
    names = draw(st.permutations([f"n{number:02}" for number in range(len(made))]))
    dates = draw(st.lists(_DATES, min_size=len(made), max_size=len(made)))
    return [
        Article(name, make_text(text), date)
        for name, text, date in zip(names, made, dates, strict=True)
    ]


def as_lines(corpus: Sequence[Article]) -> list[bytes]:
    """Articles as JSON Lines, without line ends."""
    return [
        json.dumps({"id": a.id, "date": a.date, "text": a.text}, ensure_ascii=False).encode()
        for a in corpus
    ]


def junk_lines() -> st.SearchStrategy[bytes]:
    """Lines that hold no article: broken JSON, other values, no text, bytes that are not UTF-8."""
    known = (
        b"{", b"nonsense", b"[]", b"null", b"{}", b'{"text":3}', b'{"text":""}', b'{"text":" \\n"}',
        b'{"text":"cut', b'"\xff"', b'{"id":"x"}', b"\xc3\x28", b"[" * 5000, b"{}{}",
    )  # fmt: skip
    anything = st.binary(max_size=12).map(lambda line: line.replace(b"\n", b""))
    return st.sampled_from(known) | anything
