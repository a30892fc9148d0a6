"""Know which articles share text: what was planted, and what an exact search finds.

In: articles, and what their maker planted. Out: pairs with kind and spans, and
the pairs that share a run of 12 words, found without any hash, sketch or index.
Making the articles is left to `feed` and `variants`.

The words of the exact search are folded here a second time, apart from `dedup`,
so that a fault there cannot hide itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypedDict

import numpy as np
from numpy.typing import NDArray

RUN_WORDS: Final = 12
# Kinds of method 1.4, by falling rank; the numbers are its defaults.
TAU_DUP: Final = 0.70
TAU_IN: Final = 0.85
QUOTE_MAX: Final = 160
QUOTE_COV: Final = 0.22

_TOKEN: Final = re.compile(r"[^\W_]+")
# Combining marks, soft hyphen, zero-width characters, byte order mark.
_IGNORED: Final = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")

Pair = tuple[str, str]


class ArticleDict(TypedDict):
    """An article as the detector takes it; `date` is YYYY-MM-DD."""

    id: str
    text: str
    date: str
    site: str


@dataclass(frozen=True)
class Planted:
    """A pair that shares text, because the maker copied it.

    Attributes:
        kind: What the copy is meant to be, in the words of method 1.4.
        a: Id of the copy.
        b: Id of its source.
        a_begin, a_end, b_begin, b_end: The shared stretch in each text, in code
            points, half-open; None where the copy is not one stretch.
    """

    kind: str
    a: str
    b: str
    a_begin: int | None = None
    a_end: int | None = None
    b_begin: int | None = None
    b_end: int | None = None


@dataclass(frozen=True)
class Corpus:
    """Articles and the truth about them.

    Attributes:
        articles: In the order of their dates.
        truth: Every copy that was planted, directly from source to copy.
        origins: For each id the ids of all articles whose text may be in it, its own
            first. Two articles with a common origin may share text by a chain
            of copies; the pair counts as true only if `exact_pairs` has it.
    """

    articles: list[ArticleDict]
    truth: list[Planted]
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def share_origin(self, pair: Pair) -> bool:
        """Tell whether a chain of copies links the two articles."""
        a, b = pair
        return not set(self.origins.get(a, (a,))).isdisjoint(self.origins.get(b, (b,)))


def ordered(a: str, b: str) -> Pair:
    """Put a pair of ids into the one order used for look-ups."""
    return (a, b) if a <= b else (b, a)


def fold_words(text: str) -> list[str]:
    """Split a text into folded words: no case, no marks, no ignorable characters."""
    return _TOKEN.findall(_IGNORED.sub("", unicodedata.normalize("NFKD", text.casefold())))


def _number_words(texts: Iterable[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number all words; give the numbers of all texts and the begin of each text."""
    numbers: dict[str, int] = {}
    words: list[NDArray[np.int64]] = []
    begins = [0]
    for text in texts:
        one = [numbers.setdefault(word, len(numbers)) for word in fold_words(text)]
        words.append(np.array(one, dtype=np.int64))
        begins.append(begins[-1] + len(one))
    all_words = np.concatenate(words) if words else np.zeros(0, dtype=np.int64)
    return all_words, np.array(begins, dtype=np.int64)


def number_grams(words: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Number the runs of `length` words so that equal runs, and only they, are equal.

    By doubling: runs of 2, 4, 8 ... words are numbered as pairs of shorter
    runs; no hash is used, so two different runs never get the same number.

    Returns:
        int64, one for each run that begins at a word and fits into `words`.
    """
    grams, size = words, 1
    while size < length and len(grams):
        step = min(size, length - size)
        count = len(grams) - step
        if count <= 0:
            return np.zeros(0, dtype=np.int64)
        pairs = grams[:count] * (int(grams.max()) + 1) + grams[step:]
        _, grams = np.unique(pairs, return_inverse=True)
        size += step
    return grams


def exact_pairs(
    articles: Sequence[ArticleDict], words: int = RUN_WORDS, cap: int | None = None
) -> set[Pair]:
    """Find every pair of articles that shares a run of `words` words.

    Args:
        articles: All are compared with all.
        words: Length of the run.
        cap: Leave out runs that stand in more than `cap` articles; None for none.

    Returns:
        Pairs of ids, each in the order of `ordered`.
    """
    all_words, begins = _number_words(article["text"] for article in articles)
    grams = number_grams(all_words, words)
    owner = np.repeat(np.arange(len(articles)), np.diff(begins))
    # Runs that cross from one article into the next are none.
    inside = owner[: len(grams)] == owner[words - 1 : words - 1 + len(grams)]
    grams, owner = grams[inside], owner[: len(grams)][inside]
    keys = np.unique(grams * max(1, len(articles)) + owner)
    grams, owner = np.divmod(keys, max(1, len(articles)))
    _, begins_of, sizes = np.unique(grams, return_index=True, return_counts=True)
    kept = (sizes > 1) if cap is None else (sizes > 1) & (sizes <= cap)
    found: set[int] = set()
    begins_of, sizes = begins_of[kept], sizes[kept]
    for later in range(1, int(sizes.max()) if len(sizes) else 0):
        begins_of, sizes = begins_of[sizes > later], sizes[sizes > later]
        for earlier in range(later):
            pair = owner[begins_of + earlier] * len(articles) + owner[begins_of + later]
            found.update(np.unique(pair).tolist())
    ids = [article["id"] for article in articles]
    return {ordered(ids[key // len(ids)], ids[key % len(ids)]) for key in found}


def longest_common_run(a: str, b: str) -> int:
    """Find the length of the longest run of words two texts share."""
    words, begins = _number_words([a, b])
    cut = int(begins[1])
    low, high = 0, min(cut, len(words) - cut)
    while low < high:
        middle = (low + high + 1) // 2
        grams = number_grams(words, middle)
        common = np.intersect1d(grams[: cut - middle + 1], grams[cut:])
        low, high = (middle, high) if len(common) else (low, middle - 1)
    return low


def _covered(grams: NDArray[np.int64], other: NDArray[np.int64], num_words: int) -> int:
    """Count the words that lie in a run the other text has too."""
    hit = np.flatnonzero(np.isin(grams, other))
    covered = np.zeros(num_words, dtype=bool)
    for shift in range(RUN_WORDS):
        covered[hit + shift] = True
    return int(covered.sum())


def kind_of_sizes(in_a: int, in_b: int, size_a: int, size_b: int, longest: int) -> str:
    """Decide the kind of a pair by method 1.4, from numbers of words.

    Args:
        in_a: Words of text a that text b has too, in the same order.
        in_b: Words of text b that text a has too.
        size_a: Words of text a.
        size_b: Words of text b.
        longest: Words of the longest passage.
    """
    if not in_a or not in_b:
        return "none"
    dice = (in_a + in_b) / (size_a + size_b)
    containment = max(in_a / size_a, in_b / size_b)
    if dice / (2 - dice) >= TAU_DUP:
        return "near-duplicate"
    if containment >= TAU_IN:
        return "excerpt"
    return "quote" if longest <= QUOTE_MAX and containment < QUOTE_COV else "overlap"


def exact_kind(a: str, b: str) -> str:
    """Decide the kind of two texts by method 1.4, from exact runs of 12 words alone.

    Slow and obvious, and right only where no word was edited: an edit that
    splits a run into parts under 12 words loses them.
    """
    words, begins = _number_words([a, b])
    size_a = int(begins[1])
    size_b = len(words) - size_a
    if size_a and size_a == size_b and bool((words[:size_a] == words[size_a:]).all()):
        return "identical"
    grams = number_grams(words, RUN_WORDS)
    grams_a, grams_b = grams[: max(0, size_a - RUN_WORDS + 1)], grams[size_a:]
    in_a, in_b = _covered(grams_a, grams_b, size_a), _covered(grams_b, grams_a, size_b)
    return kind_of_sizes(in_a, in_b, size_a, size_b, longest_common_run(a, b))


TRUTH_HEADER: Final = "id_a\tid_b\tkind\tlabel\ta_start\ta_end\tb_start\tb_end"


def write_truth(corpus: Corpus, path: Path, shared: Iterable[Pair] = ()) -> None:
    """Write the truth as tab-separated values, one row per pair and stretch.

    Label 1: planted, or among `shared`, the pairs of `exact_pairs`. Label -1:
    linked by a chain of copies only, counts neither way. All others are 0.
    """
    rows = [TRUTH_HEADER]
    for p in corpus.truth:
        spans = (p.a_begin, p.a_end, p.b_begin, p.b_end)
        cells = ["" if edge is None else str(edge) for edge in spans]
        rows.append("\t".join([p.a, p.b, p.kind, "1", *cells]))
    positive = {ordered(p.a, p.b) for p in corpus.truth}
    for a, b in sorted(set(shared) - positive):
        rows.append(f"{a}\t{b}\tshared-run\t1\t\t\t\t")
    positive.update(shared)
    for a, b in sorted(chained_pairs(corpus) - positive):
        rows.append(f"{a}\t{b}\tchain\t-1\t\t\t\t")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def chained_pairs(corpus: Corpus) -> set[Pair]:
    """List the pairs that have an origin in common."""
    holders: dict[str, list[str]] = {}
    for name, origins in corpus.origins.items():
        for origin in origins:
            holders.setdefault(origin, []).append(name)
    return {
        ordered(a, b) for names in holders.values() for i, a in enumerate(names) for b in names[:i]
    }
