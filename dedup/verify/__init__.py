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
from dedup.core import U32, Flags, Verified
from dedup.records import Passage, Relation
from dedup.settings import Settings
from dedup.verify.kinds import EXCERPT, KINDS, NONE, Measures, measure

__all__ = ["KINDS", "verify_pairs", "verify_texts"]


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
    verified = core.verify(
        [texts[n] for n in used.tolist()],
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
    measures = measure(verified, settings)
    wanted = range(len(a)) if with_none else np.flatnonzero(measures.kind != NONE).tolist()
    return [
        (int(a[n]), int(b[n]), _relation(ids[int(a[n])], ids[int(b[n])], verified, measures, n))
        for n in wanted
    ]


def verify_texts(
    text_a: str, text_b: str, settings: Settings, id_a: str = "a", id_b: str = "b"
) -> Relation:
    """Verify one pair under the names given; the kind may be none."""
    pair = np.array([0], np.uint32), np.array([1], np.uint32)
    found = verify_pairs([text_a, text_b], [id_a, id_b], *pair, settings, with_none=True)
    return found[0][2]


def _relation(a: str, b: str, verified: Verified, measures: Measures, n: int) -> Relation:
    row = verified.pairs[n].tolist()
    bounds = verified.offsets[n : n + 2].tolist()
    kind = int(measures.kind[n])
    direction = None
    if kind == EXCERPT:
        direction = "a_in_b" if measures.containment_a[n] >= measures.containment_b[n] else "b_in_a"
    return Relation(
        kind=KINDS[kind],
        a=a,
        b=b,
        direction=direction,
        resemblance=float(measures.resemblance[n]),
        containment_a_in_b=float(measures.containment_a[n]),
        containment_b_in_a=float(measures.containment_b[n]),
        jaccard=float(measures.jaccard[n]),
        shingles_a_in_b=float(measures.shingles_a[n]),
        shingles_b_in_a=float(measures.shingles_b[n]),
        longest_passage=row[8] / 4,
        longest_run=row[9],
        passages=tuple(
            Passage(p[0], p[1], p[2], p[3], p[4] / 4, p[4] / p[5])
            for p in verified.passages[slice(*bounds)].tolist()
        ),
    )
