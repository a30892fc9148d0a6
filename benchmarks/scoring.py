"""Hold what a detector found against the truth.

In: relations, and a `Corpus` or the spans that are true. Out: shares and counts
as plain dictionaries. Running the detector and printing is left to `quality`.

A pair is true if it was planted or shares an exact run of 12 words. A pair that
is linked by a chain of copies but shares no such run counts neither way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from benchmarks.detector import Relation
from benchmarks.truth import Corpus, Pair, ordered

Spans = tuple[tuple[int, int, int, int], ...]


class Shares(TypedDict):
    """Of `wanted` things `found` were found, `right_kind` under the right name."""

    wanted: int
    found: int
    right_kind: int


class Precision(TypedDict):
    """Reported pairs by their truth; `precision` is None if none can be judged."""

    reported: int
    true: int
    false: int
    unjudged: int
    precision: float | None


@dataclass(frozen=True)
class Found:
    """A reported pair; `spans` is None where offsets of another copy would not fit."""

    a: str
    b: str
    kind: str
    spans: Spans | None
    direction: str | None = None

    def spans_for(self, a: str) -> Spans | None:
        """Return the spans with article `a` first."""
        if self.spans is None or a == self.a:
            return self.spans
        return tuple((s[2], s[3], s[0], s[1]) for s in self.spans)


def interval_iou(found: Iterable[tuple[int, int]], true: tuple[int, int]) -> float:
    """Measure how well intervals cover a true one: common over joint length.

    The intervals may overlap one another; what they cover twice counts once.
    """
    covered = common = 0
    done = -1
    for begin, end in sorted(found):
        begin = max(begin, done)
        if end <= begin:
            continue
        covered += end - begin
        common += max(0, min(end, true[1]) - max(begin, true[0]))
        done = end
    joint = covered + (true[1] - true[0]) - common
    return common / joint if joint else 0.0


def identical_sets(relations: Iterable[Relation]) -> dict[str, list[str]]:
    """Give for each article that has identical ones the whole set, itself included."""
    member_of: dict[str, list[str]] = {}
    for relation in relations:
        if relation.kind != "identical":
            continue
        one = member_of.get(relation.a, [relation.a])
        other = member_of.get(relation.b, [relation.b])
        if one is not other:
            joined = one + other
            for name in joined:
                member_of[name] = joined
    return member_of


def expand(
    relations: Iterable[Relation], sets: Mapping[str, list[str]], texts: Mapping[str, str]
) -> dict[Pair, Found]:
    """Carry each relation over to all articles identical to its two.

    Args:
        relations: As reported: identical articles are related to the first only.
        sets: Of `identical_sets`.
        texts: Text by id; offsets are kept for members with the same text to the
            letter, other members get no spans.
    """
    pairs: dict[Pair, Found] = {}
    for relation in relations:
        if relation.kind == "identical":
            continue
        spans = tuple((p.a_begin, p.a_end, p.b_begin, p.b_end) for p in relation.passages)
        for a in sets.get(relation.a, [relation.a]):
            for b in sets.get(relation.b, [relation.b]):
                fits = texts[a] == texts[relation.a] and texts[b] == texts[relation.b]
                one = Found(a, b, relation.kind, spans if fits else None, relation.direction)
                pairs.setdefault(ordered(a, b), one)
    for members in {id(members): members for members in sets.values()}.values():
        for i, a in enumerate(members):
            for b in members[:i]:
                whole = ((0, len(texts[a]), 0, len(texts[b])),)
                pairs[ordered(a, b)] = Found(a, b, "identical", whole)
    return pairs


def score_recall(found: Mapping[Pair, Found], corpus: Corpus) -> dict[str, Shares]:
    """Count for each planted kind how many pairs were found, and how named."""
    out: dict[str, Shares] = {}
    for planted in corpus.truth:
        row = out.setdefault(planted.kind, {"wanted": 0, "found": 0, "right_kind": 0})
        hit = found.get(ordered(planted.a, planted.b))
        row["wanted"] += 1
        row["found"] += hit is not None
        row["right_kind"] += hit is not None and hit.kind == planted.kind
    return dict(sorted(out.items()))


def score_spans(found: Mapping[Pair, Found], corpus: Corpus) -> dict[str, float]:
    """Average for each kind the IoU of found and true stretches, over both articles.

    Only pairs with known spans that were found; what was missed is in the recall.
    """
    values: dict[str, list[float]] = {}
    for p in corpus.truth:
        hit = found.get(ordered(p.a, p.b))
        spans = hit.spans_for(p.a) if hit else None
        if spans is None or None in (p.a_begin, p.a_end, p.b_begin, p.b_end):
            continue
        in_a = interval_iou([s[:2] for s in spans], (p.a_begin or 0, p.a_end or 0))
        in_b = interval_iou([s[2:] for s in spans], (p.b_begin or 0, p.b_end or 0))
        values.setdefault(p.kind, []).append((in_a + in_b) / 2)
    return {kind: mean(ious) for kind, ious in sorted(values.items())}


def score_precision(found: Iterable[Pair], corpus: Corpus, shared: set[Pair]) -> Precision:
    """Count reported pairs as true, false, or linked by a chain only."""
    planted = {ordered(p.a, p.b) for p in corpus.truth}
    counts: Counter[str] = Counter()
    for pair in found:
        if pair in shared or pair in planted:
            counts["true"] += 1
        else:
            counts["unjudged" if corpus.share_origin(pair) else "false"] += 1
    judged = counts["true"] + counts["false"]
    return {
        "reported": counts.total(),
        "true": counts["true"],
        "false": counts["false"],
        "unjudged": counts["unjudged"],
        "precision": counts["true"] / judged if judged else None,
    }


def mean(values: Sequence[float]) -> float:
    """Average; 0.0 for nothing."""
    return sum(values) / len(values) if values else 0.0
