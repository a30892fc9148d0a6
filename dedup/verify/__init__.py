"""Candidates → relations: both texts are read again and aligned.

Takes texts and pairs; gives one `Relation` per pair whose kind is not none (or per pair, when
asked). A pure function of the two texts, the known boilerplate and the settings: it never sees
a sketch. Which articles go together is decided in `cluster`. Method: docs/method.md, steps 5
and 6.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedup import core
from dedup.core import I64, U32, Flags, Texts
from dedup.records import Relation
from dedup.settings import Settings
from dedup.verify.coverage import masked_words, novel_share
from dedup.verify.kinds import KINDS, NONE, measure
from dedup.verify.matches import Matches, join_matches, relation_columns
from dedup.verify.resemblance import resemble_pairs

__all__ = [
    "KINDS", "Matches", "in_batches", "join_matches", "masked_words", "match_pairs", "novel_share",
    "relation_columns", "resemble_pairs", "verify_pairs", "verify_texts",
]  # fmt: skip


def verify_pairs(
    texts: Sequence[bytes] | Sequence[str],
    ids: Sequence[str],
    a: U32,
    b: U32,
    settings: Settings,
    *,
    flags: Flags | None = None,
    lists: U32 | None = None,
    with_none: bool = False,
) -> list[tuple[int, int, Relation]]:
    """Verify pairs of a corpus; most of the time the GIL is released.

    Args:
        texts: Of the corpus; only those that a pair names are touched.
        ids: Of the corpus.
        a: Positions of the first articles, uint32; `b` of the second ones.
        b: See `a`.
        settings: For alignment and kinds.
        flags: Known boilerplate, and for each article of the corpus which list of it holds.
        lists: See `flags`.
        with_none: Also give pairs of kind none.

    Returns:
        Positions of both articles and their relation, in the order of the pairs.
    """
    used = np.unique(np.concatenate([a, b]))
    matches = match_pairs(
        [texts[n] for n in used.tolist()], used, a, b, settings,
        flags=flags, lists=lists, with_none=with_none,
    )  # fmt: skip
    first, second = matches.a.tolist(), matches.b.tolist()
    names = [ids[n] for n in first], [ids[n] for n in second]
    relations = relation_columns(matches, *names, settings).relations()
    return list(zip(first, second, relations, strict=True))


def match_pairs(
    texts: Texts,
    used: U32 | I64,
    a: U32,
    b: U32,
    settings: Settings,
    *,
    flags: Flags | None = None,
    lists: U32 | None = None,
    with_none: bool = False,
) -> Matches:
    """Verify pairs of a corpus, as columns; nearly all of the time the GIL is released.

    Args:
        texts: Those that the pairs name, as the kernels take them.
        used: Their positions in the corpus, rising.
        a: Positions of the first articles, uint32; `b` of the second ones.
        b: See `a`.
        settings: For alignment and kinds.
        flags: Known boilerplate, and for each article of the corpus which list of it holds.
        lists: See `flags`.
        with_none: Also give pairs of kind none.

    Returns:
        Pairs whose kind is not none, in their order.
    """
    verified = core.verify(
        texts,
        np.searchsorted(used, a).astype(np.uint32),
        np.searchsorted(used, b).astype(np.uint32),
        None if lists is None else lists[used],
        flags,
        k=settings.k,
        seed_words=settings.seed_words,
        max_gap=settings.max_gap,
        x_drop=settings.x_drop,
        fuzzy_letters=settings.fuzzy_letters,
        min_passage=settings.min_passage,
        min_density=settings.min_density,
    )
    kinds = measure(verified, settings).kind.astype(np.uint8)
    everything = Matches(a, b, kinds, verified.pairs, verified.offsets, verified.passages)
    return everything if with_none else everything.take(np.flatnonzero(kinds != NONE))


def in_batches(a: U32, b: U32, size: int) -> list[I64]:
    """Pairs in batches of about `size`, so that pairs of one family stand together.

    An article is prepared once for all its pairs in a batch. Two articles are of one family when
    the first articles they lead to, each time to the first one they are paired with, are the same.

    Args:
        a: Positions of the first articles; `b` of the second ones.
        b: See `a`.
        size: Pairs in a batch.

    Returns:
        Places of pairs in `a` and `b`, each place once.
    """
    if not len(a):
        return []
    leads = np.arange(int(max(a.max(), b.max())) + 1)
    leads[b[::-1]] = a[::-1]
    for _ in range(len(leads).bit_length()):  # 1, 2, 4, ... steps at a time
        leads = leads[leads]
    order = np.lexsort((a, b, leads[b]))
    return np.split(order, range(size, len(order), size))


def verify_texts(
    text_a: str, text_b: str, settings: Settings, id_a: str = "a", id_b: str = "b"
) -> Relation:
    """Verify one pair under the names given; the kind may be none."""
    pair = np.array([0], np.uint32), np.array([1], np.uint32)
    found = verify_pairs([text_a, text_b], [id_a, id_b], *pair, settings, with_none=True)
    return found[0][2]
