"""Hold pairs found on pages against what the pages really share.

In: pairs with kind and spans, and a `PageCorpus`. Out: recall and precision by kind, over
all kinds but quotes, of characters, and how many relations rest on furniture alone.
Finding the pairs is left to `gate` (the detector) and `peers`.

A pair that may be called by two kinds is right under either, and wanted under none.
Pairs with label -1 count neither way, and so do quotes reported as another kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from benchmarks.alignment import Shared
from benchmarks.pages import Page, PageCorpus
from benchmarks.scoring import Found
from benchmarks.truth import Pair, ordered

KINDS: Final = ("identical", "near-duplicate", "excerpt", "overlap", "quote")
_QUOTE: Final = frozenset({"quote"})


def f1(recall: float, precision: float) -> float:
    """Harmonic mean of recall and precision; 0 if both are."""
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def wanted_pairs(corpus: PageCorpus) -> dict[Pair, Shared]:
    """List what must be found when quotes are left out."""
    return {
        pair: one
        for pair, one in corpus.pairs.items()
        if one.label == 1 and "quote" not in one.kinds
    }


def judge(pair: Pair, corpus: PageCorpus) -> int:
    """Judge a pair reported as anything but a quote: 1 right, 0 wrong, -1 neither."""
    one = corpus.pairs.get(pair)
    if one is None:
        return 0
    return -1 if one.label == -1 or one.kinds == _QUOTE else 1


def score_pairs(found: Iterable[Pair], corpus: PageCorpus) -> dict[str, float]:
    """Score bare pairs, whatever their kind: recall (also by kind), precision, F1."""
    reported = set(found)
    wanted = wanted_pairs(corpus)
    by_kind: dict[str, list[bool]] = {}
    for pair, one in wanted.items():
        if len(one.kinds) == 1:
            by_kind.setdefault(next(iter(one.kinds)), []).append(pair in reported)
    counts = Counter(judge(pair, corpus) for pair in reported)
    recall = _share(len(wanted.keys() & reported), len(wanted))
    precision = _share(counts[1], counts[1] + counts[0])
    out = {f"found {kind}": _share(sum(hits), len(hits)) for kind, hits in sorted(by_kind.items())}
    return {**out, "recall": recall, "precision": precision, "f1": f1(recall, precision)}


def score_kinds(found: Mapping[Pair, Found], corpus: PageCorpus) -> dict[str, float]:
    """Score names: of the pairs of a kind how many got it, of the named how many are of it."""
    wanted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for pair, one in corpus.pairs.items():
        if one.label == 1 and len(one.kinds) == 1:
            kind = next(iter(one.kinds))
            hit = found.get(pair)
            wanted[kind] += 1
            right[kind] += hit is not None and hit.kind == kind and _directed_right(hit, pair, one)
    named: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for pair, hit in found.items():
        truth = corpus.pairs.get(pair)
        if truth is None or truth.label == 1:
            named[hit.kind] += 1
            true[hit.kind] += truth is not None and hit.kind in truth.kinds
    out = {}
    for kind in KINDS:
        out[f"recall {kind}"] = _share(right[kind], wanted[kind])
        out[f"precision {kind}"] = _share(true[kind], named[kind])
    return out


def _directed_right(hit: Found, pair: Pair, truth: Shared) -> bool:
    """Tell whether an excerpt points the right way; other kinds have no direction."""
    if hit.kind != "excerpt" or hit.direction is None:
        return True
    turned = {"a_in_b": "b_in_a", "b_in_a": "a_in_b"}
    return truth.direction == (hit.direction if hit.a == pair[0] else turned[hit.direction])


def _length(spans: Iterable[tuple[int, int]]) -> int:
    """Count the code points in some intervals, those covered twice once."""
    size, done = 0, -1
    for begin, end in sorted(spans):
        size += max(0, end - max(begin, done))
        done = max(done, end)
    return size


def _compare_spans(
    found: list[tuple[int, int]], true: list[tuple[int, int]], page: Page
) -> tuple[int, int, int]:
    """Count common, found and true code points; furniture inside a true passage is neither."""
    size = max((end for _, end in (*found, *true)), default=0)
    is_found, is_true = np.zeros(size, bool), np.zeros(size, bool)
    for mask, spans in ((is_found, found), (is_true, true)):
        for begin, end in spans:
            mask[begin:end] = True
    for one in page.furniture:
        inside = is_true[one.begin : one.end].copy()
        is_true[one.begin : one.end] = False
        is_found[one.begin : one.end] &= ~inside
    return int((is_found & is_true).sum()), int(is_found.sum()), int(is_true.sum())


def score_spans(found: Mapping[Pair, Found], corpus: PageCorpus) -> dict[str, float]:
    """Score the code points of all passages, in both texts of all pairs but quotes.

    What stands in a wrong pair is found in vain, what stands in a missed pair is missed.
    Identical pairs are left out: there is nothing to find in them but everything.
    """
    common = reported = true = 0
    wanted = wanted_pairs(corpus)
    for pair in wanted.keys() | found.keys():
        one = wanted.get(pair) or corpus.pairs.get(pair)
        hit = found.get(pair)
        if one is None and hit is not None and hit.spans is not None:
            reported += _length(s[:2] for s in hit.spans) + _length(s[2:] for s in hit.spans)
        if one is None or judge(pair, corpus) != 1 or "identical" in one.kinds:
            continue
        spans = hit.spans_for(pair[0]) if hit else ()
        if spans is None or (hit is None and pair not in wanted):
            continue
        for side in (0, 2):
            page = corpus.pages[pair[side // 2]]
            right = [page.chars(p[side], p[side + 1]) for p in one.passages]
            counts = _compare_spans([(s[side], s[side + 1]) for s in spans], right, page)
            common, reported, true = (
                common + counts[0],
                reported + counts[1],
                true + counts[2],
            )
    recall, precision = _share(common, true), _share(common, reported)
    return {
        "span recall": recall,
        "span precision": precision,
        "span f1": f1(recall, precision),
    }


def rests_on_furniture(hit: Found, corpus: PageCorpus) -> bool:
    """Tell whether half of what a pair was reported for is furniture.

    Of a pair that is reported through an identical page in other letters no spans are
    known; it counts as resting on furniture if there is any on the page.
    """
    page = corpus.pages[hit.a]
    inside = total = 0
    for begin, end, *_ in hit.spans or ():
        total += end - begin
        inside += sum(max(0, min(end, one.end) - max(begin, one.begin)) for one in page.furniture)
    return bool(page.furniture) and 2 * inside >= total


def count_wrong(
    content: Mapping[Pair, Found],
    quotes: Mapping[Pair, Found],
    removed: Iterable[Pair],
    corpus: PageCorpus,
) -> dict[str, int]:
    """Count pairs without common content, and articles removed in favour of a stranger."""
    wrong = [hit for pair, hit in content.items() if pair not in corpus.pairs]
    furniture = sum(rests_on_furniture(hit, corpus) for hit in wrong)
    return {
        "furniture relations": furniture,
        "other false relations": len(wrong) - furniture,
        "false quotes": sum(pair not in corpus.pairs for pair in quotes),
        "wrong removals": sum(ordered(*pair) not in corpus.pairs for pair in removed),
    }


def score_shapes(either: Mapping[Pair, Found], corpus: PageCorpus) -> dict[str, list[int]]:
    """Count for each way of reuse how many of the direct copies were found, and of how many."""
    out: dict[str, list[int]] = {}
    for planted in corpus.truth:
        row = out.setdefault(corpus.pages[planted.a].story.shape, [0, 0])
        row[0] += ordered(planted.a, planted.b) in either
        row[1] += 1
    return dict(sorted(out.items()))


def describe(corpus: PageCorpus) -> dict[str, Any]:
    """Count pages, pairs by label and kind, and how much of the text is furniture."""
    kinds = Counter(
        "/".join(sorted(one.kinds)) if one.label == 1 else "unjudged"
        for one in corpus.pairs.values()
    )
    size = sum(len(article["text"]) for article in corpus.articles)
    furniture = sum(f.end - f.begin for page in corpus.pages.values() for f in page.furniture)
    return {
        "articles": len(corpus.articles),
        "characters": size,
        "furniture share": furniture / size if size else 0.0,
        "pairs": dict(sorted(kinds.items())),
    }
