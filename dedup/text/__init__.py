"""Text → words, each with its span in the text as published.

Takes one text; gives its words as the detector sees them. Batches of texts go straight from
the readers to the kernels (`dedup.core.tokenize`, `dedup.core.sketch`); this room is for people
and programs that want to look. Which passages are shared is decided in `verify`.
Method: docs/method.md, step 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from dedup import core


class Word(NamedTuple):
    """One word of a text."""

    #: Folded: without case, accents, compatibility forms and ignorable characters.
    letters: str
    #: Half-open span in code points of the text.
    begin: int
    end: int
    #: In words: 1 for a word, 0.5 for a Han character, 0.25 for one of another unspaced script.
    weight: float


def tokenize(text: str) -> list[Word]:
    """The words of a text, in order; empty when it has none (only punctuation, for example)."""
    tokens = core.tokenize([text])
    letters = tokens.letters.tobytes()
    return [
        Word(letters[b:e].decode(), int(begin), int(end), int(weight) / 4)
        for (b, e), begin, end, weight in zip(
            pairwise(tokens.letter_offsets.tolist()),
            tokens.begins,
            tokens.ends,
            tokens.weights,
            strict=True,
        )
    ]


def utf8_offsets(text: str, positions: Iterable[int]) -> list[int]:
    """Turn code-point offsets into byte offsets of the text's UTF-8 form, order kept.

    Lone surrogates count three bytes, as they are stored.
    """
    wanted = list(positions)
    sizes = {0: 0}
    done, total = 0, 0
    for position in sorted(set(wanted)):
        total += len(text[done:position].encode("utf-8", "surrogatepass"))
        sizes[position] = total
        done = position
    return [sizes[position] for position in wanted]
