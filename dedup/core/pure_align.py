"""Verification of one pair in plain Python: the specification of native/verify.h.

Takes two prepared articles; gives the counted row and the passages in tokens. The steps are
those of docs/method.md, step 5. Scores are integers, so every machine takes the same turn.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

ALL_PAIRS = 256  # of equal shingles; above it the r-th meets the r-th only
LOOK_BACK = 60  # runs looked at before each
BLOCK = 48  # tokens looked at in one step of an extension
EQUAL, FUZZY, EDIT = 5, 4, 5


class Params(NamedTuple):
    """The settings of an alignment; meanings in `dedup.settings`."""

    k: int
    seed_words: int
    max_gap: int
    x_drop: int
    fuzzy_letters: int
    min_passage: int
    min_density: float


@dataclass(frozen=True)
class Article:
    """One article made ready; lists run over its tokens."""

    hashes: list[int]
    sums: list[int]
    letters: list[str]
    spans: list[tuple[int, int]]
    digest: tuple[int, int]
    shingle_set: set[int]
    seeds: list[int]
    long_seeds: list[int]
    #: Whether each token is boilerplate.
    masked: list[bool]

    def clear(self, first: int, last: int) -> int:
        """Weight of the tokens first..last that are not masked."""
        weights = (self.sums[i + 1] - self.sums[i] for i in range(first, last + 1))
        return sum(
            w
            for w, hidden in zip(weights, self.masked[first : last + 1], strict=True)
            if not hidden
        )


class Run(NamedTuple):
    """An exact run: a[i:i+length] equals b[j:j+length]."""

    i: int
    j: int
    length: int


class Passage(NamedTuple):
    """Tokens, both ends included; matched and span (longer side) in quarter-words."""

    a_first: int
    a_last: int
    b_first: int
    b_last: int
    matched: int
    span: int


Matches = list[tuple[int, int]]


def verify(a: Article, b: Article, p: Params) -> tuple[list[int], list[Passage]]:
    """Row of counts (core.PAIR_COLUMNS) and passages; (b, a) gives the mirror image."""
    if b.digest < a.digest:
        row, passages = ordered(b, a, p)
        for x in (1, 3, 5):
            row[x], row[x + 1] = row[x + 1], row[x]
        passages = [Passage(q[2], q[3], q[0], q[1], q.matched, q.span) for q in passages]
    else:
        row, passages = ordered(a, b, p)
    return row, sorted(passages, key=lambda q: (q.a_first, q.b_first))


def ordered(a: Article, b: Article, p: Params) -> tuple[list[int], list[Passage]]:
    """`verify` for a pair in the order of the digests."""
    shared = len(a.shingle_set & b.shingle_set)
    n_a, n_b = (x.clear(0, len(x.hashes) - 1) for x in (a, b))
    row = [0, n_a, n_b, 0, 0, len(a.shingle_set), len(b.shingle_set), shared, 0, 0, 0]
    if not a.hashes or not b.hashes:
        return row, []
    if a.hashes == b.hashes:
        last, weight = len(a.hashes) - 1, a.sums[-1]
        row[0], row[1:5], row[8:] = 1, [weight] * 4, [weight, last + 1, weight]
        return row, [Passage(0, last, 0, last, weight, weight)]
    found: list[tuple[Passage, Matches]] = []
    for chain in chain_runs(a, b, find_runs(a, b, p), p):
        for passage, matches in cut(a, b, align(a, b, chain, p), p):
            row[10] = max(row[10], passage.matched)
            if passage.matched >= 4 * p.min_passage:
                found.append((passage, matches))
    kept = choose(a, b, found)
    if any(a.masked) or any(b.masked):
        clear = [part for part in (without_masked(a, b, matches) for _, matches in kept) if part]
        row[8] = max((passage.matched for passage, _ in clear), default=0)
        kept = [
            (passage, matches)
            for passage, matches in clear
            if passage.matched >= 4 * p.min_passage
            and passage.matched >= p.min_density * passage.span
        ]
    else:
        row[8] = row[10]
    in_a = {i for _, matches in kept for i, _ in matches}
    in_b = {j for _, matches in kept for _, j in matches}
    row[3] = sum(a.sums[i + 1] - a.sums[i] for i in in_a)
    row[4] = sum(b.sums[j + 1] - b.sums[j] for j in in_b)
    row[9] = max((longest_run(a, b, matches) for _, matches in kept), default=0)
    return row, [passage for passage, _ in kept]


# Step 1: seeds and maximal exact runs ---------------------------------------------------------


def places(shingles: list[int]) -> dict[int, list[int]]:
    """Where each shingle begins."""
    out: dict[int, list[int]] = defaultdict(list)
    for i, shingle in enumerate(shingles):
        out[shingle].append(i)
    return out


def find_runs(a: Article, b: Article, p: Params) -> list[Run]:
    """Maximal exact runs around shared shingles, by (i, j)."""
    in_a, in_b = places(a.seeds), places(b.seeds)
    seeds, left_out = set(), False
    for shingle in in_a.keys() & in_b.keys():
        xs, ys = in_a[shingle], in_b[shingle]
        if len(xs) * len(ys) <= ALL_PAIRS:
            seeds |= {(j - i, i) for i in xs for j in ys}
        else:
            left_out = True
            seeds |= {(j - i, i) for i, j in zip(xs, ys, strict=False)}
    if left_out:  # a shared run of min_passage words seeds all the same
        in_a, in_b = places(a.long_seeds), places(b.long_seeds)
        seeds |= {(in_b[s][0] - in_a[s][0], in_a[s][0]) for s in in_a.keys() & in_b.keys()}
    runs: set[Run] = set()
    last_diagonal, last_end = 0, -1
    for diagonal, i in sorted(seeds):
        if diagonal == last_diagonal and i < last_end:
            continue
        begin, end = i, i
        while begin and begin + diagonal and a.hashes[begin - 1] == b.hashes[begin + diagonal - 1]:
            begin -= 1
        while (
            end < len(a.hashes)
            and end + diagonal < len(b.hashes)
            and a.hashes[end] == b.hashes[end + diagonal]
        ):
            end += 1
        if end == i:
            continue
        last_diagonal, last_end = diagonal, end
        runs.add(Run(begin, begin + diagonal, end - begin))
    return sorted(runs)


# Step 2: colinear chains ----------------------------------------------------------------------


def overlap(run: Run, i_end: int, j_end: int) -> int:
    """By how many tokens a run overlaps what ends before (i_end, j_end)."""
    return max(0, i_end - run.i, j_end - run.j)


def gap_cost(ga: int, gb: int) -> int:
    """Cost in 1/200 word of a gap of ga and gb quarter-words.

    0.5 min + 0.02 |difference| + 0.5 log2(1 + |difference| in words) + 0.5 if any gap.
    """
    if ga == gb == 0:
        return 0
    difference = abs(ga - gb)
    log2 = (difference // 4 + 1).bit_length() - 1
    return 25 * min(ga, gb) + difference + 100 * log2 + 100


def chain_runs(a: Article, b: Article, runs: list[Run], p: Params) -> list[list[Run]]:
    """Chains, best first; every run is in one."""
    score: list[int] = []
    previous: list[int | None] = []
    for x, run in enumerate(runs):
        end = a.sums[run.i + run.length]
        best, best_y = 50 * (end - a.sums[run.i]), None
        for y in range(x - 1, max(x - LOOK_BACK, 0) - 1, -1):
            before = runs[y]
            if before.i >= run.i or before.j >= run.j:
                continue
            i_end, j_end = before.i + before.length, before.j + before.length
            trim = overlap(run, i_end, j_end)
            if trim >= run.length:
                continue
            ga, gb = a.sums[run.i + trim] - a.sums[i_end], b.sums[run.j + trim] - b.sums[j_end]
            if max(ga, gb) > 4 * p.max_gap:
                continue
            total = score[y] - gap_cost(ga, gb) + 50 * (end - a.sums[run.i + trim])
            if total > best:
                best, best_y = total, y
        score.append(best)
        previous.append(best_y)
    used: set[int] = set()
    chains = []
    for x in sorted(range(len(runs)), key=lambda x: (-score[x], x)):
        chain = []
        at: int | None = x
        while at is not None and at not in used:
            used.add(at)
            chain.append(runs[at])
            at = previous[at]
        if chain:
            chains.append(chain[::-1])
    return chains


# Steps 3 and 4: alignment in the gaps and beyond the ends --------------------------------------


def align(a: Article, b: Article, chain: list[Run], p: Params) -> Matches:
    """Matched tokens of one chain, rising on both sides."""
    out: Matches = []
    for run in chain:
        trim = 0
        if out:
            i_end, j_end = out[-1][0] + 1, out[-1][1] + 1
            trim = overlap(run, i_end, j_end)
            if trim >= run.length:
                continue
            if i_end < run.i + trim and j_end < run.j + trim:
                out += fill(a, b, (i_end, run.i + trim), (j_end, run.j + trim), p)
        out += [(run.i + n, run.j + n) for n in range(trim, run.length)]
    i, j = out[0]
    before = extend(a, b, i, j, -1, p)
    i, j = out[-1]
    return before[::-1] + out + extend(a, b, i + 1, j + 1, 1, p)


def pair_score(a: Article, i: int, b: Article, j: int, p: Params) -> int:
    """Score of matching two tokens."""
    if a.hashes[i] == b.hashes[j]:
        return EQUAL
    return FUZZY if fuzzy_equal(a.letters[i], b.letters[j], p.fuzzy_letters) else -EDIT


def fuzzy_equal(x: str, y: str, fuzzy_letters: int) -> bool:
    """Equal up to one edit per `fuzzy_letters` letters of the longer; not for numbers."""
    if not fuzzy_letters or min(len(x), len(y)) < 4:
        return False
    if all(c in "0123456789" for c in x) or all(c in "0123456789" for c in y):
        return False
    row = list(range(len(y) + 1))
    for p, letter in enumerate(x, 1):
        above, row = row, [p]
        for q, other in enumerate(y, 1):
            row.append(min(above[q - 1] + (letter != other), above[q] + 1, row[-1] + 1))
    return row[-1] <= max(len(x), len(y)) // fuzzy_letters


def fill(
    a: Article, b: Article, in_a: tuple[int, int], in_b: tuple[int, int], p: Params
) -> Matches:
    """Global alignment of a gap; a diagonal step wins a tie, then one in a."""
    (i, i_end), (j, j_end) = in_a, in_b
    scores = {(0, y): -EDIT * y for y in range(j_end - j + 1)}
    scores |= {(x, 0): -EDIT * x for x in range(i_end - i + 1)}
    steps = {(0, y): "b" for y in range(1, j_end - j + 1)}
    steps |= {(x, 0): "a" for x in range(1, i_end - i + 1)}
    for x in range(1, i_end - i + 1):
        for y in range(1, j_end - j + 1):
            pair = pair_score(a, i + x - 1, b, j + y - 1, p)
            options = {
                "m" if pair > 0 else "d": scores[x - 1, y - 1] + pair,
                "a": scores[x - 1, y] - EDIT,
                "b": scores[x, y - 1] - EDIT,
            }
            steps[x, y] = max(options, key=lambda step: options[step])
            scores[x, y] = options[steps[x, y]]
    found = trace(steps, i_end - i, j_end - j)
    return [(i + x - 1, j + y - 1) for x, y in reversed(found)]


def extend(a: Article, b: Article, i: int, j: int, way: int, p: Params) -> Matches:
    """X-drop extension from the edge (i, j), block by block while it gains; nearest first."""
    drop, out = EQUAL * p.x_drop, list[tuple[int, int]]()
    while True:
        n = min(BLOCK, len(a.hashes) - i if way > 0 else i)
        m = min(BLOCK, len(b.hashes) - j if way > 0 else j)
        scores = {(0, y): -EDIT * y for y in range(m + 1) if EDIT * y <= drop}
        steps = {(0, y): "b" for y in range(1, m + 1)}
        best, best_at = 0, (0, 0)
        for x in range(1, n + 1):
            for y in range(m + 1):
                options = {}
                if y and (x - 1, y - 1) in scores:
                    at = (i + x - 1, j + y - 1) if way > 0 else (i - x, j - y)
                    pair = pair_score(a, at[0], b, at[1], p)
                    options["m" if pair > 0 else "d"] = scores[x - 1, y - 1] + pair
                if (x - 1, y) in scores:
                    options["a"] = scores[x - 1, y] - EDIT
                if y and (x, y - 1) in scores:
                    options["b"] = scores[x, y - 1] - EDIT
                if not options or max(options.values()) < best - drop:
                    continue
                steps[x, y] = max(options, key=lambda step: options[step])
                scores[x, y] = options[steps[x, y]]
                if scores[x, y] > best:
                    best, best_at = scores[x, y], (x, y)
        if best == 0:
            return out
        for x, y in reversed(trace(steps, *best_at)):
            out.append((i + x - 1, j + y - 1) if way > 0 else (i - x, j - y))
        i, j = i + way * best_at[0], j + way * best_at[1]


def trace(steps: dict[tuple[int, int], str], x: int, y: int) -> list[tuple[int, int]]:
    """Cells of the matches on the way back from (x, y), last first."""
    out = []
    while x or y:
        step = steps[x, y]
        if step == "m":
            out.append((x, y))
        x -= step in "mda"
        y -= step in "mdb"
    return out


# Steps 5 to 7: passages -----------------------------------------------------------------------


def cut(a: Article, b: Article, matches: Matches, p: Params) -> list[tuple[Passage, Matches]]:
    """Cut at the widest gap what is matched too thinly, and its parts again.

    What is left grows over the equal words around it, which the chain may have given to its
    neighbour: so no shared run is ever split.
    """
    matched = sum(a.sums[i + 1] - a.sums[i] for i, _ in matches)
    (i, j), (i1, j1) = matches[0], matches[-1]
    span = max(a.sums[i1 + 1] - a.sums[i], b.sums[j1 + 1] - b.sums[j])
    if matched < p.min_density * span and len(matches) > 1:
        gaps = [
            max(a.sums[i] - a.sums[i0 + 1], b.sums[j] - b.sums[j0 + 1])
            for (i0, j0), (i, j) in itertools.pairwise(matches)
        ]
        where = gaps.index(max(gaps)) + 1
        return cut(a, b, matches[:where], p) + cut(a, b, matches[where:], p)
    while i and j and a.hashes[i - 1] == b.hashes[j - 1]:
        i, j = i - 1, j - 1
    before = [(i + n, j + n) for n in range(matches[0][0] - i)]
    last_i, last_j = len(a.hashes) - 1, len(b.hashes) - 1
    while i1 < last_i and j1 < last_j and a.hashes[i1 + 1] == b.hashes[j1 + 1]:
        i1, j1 = i1 + 1, j1 + 1
    last = matches[-1]
    after = [(last[0] + n, last[1] + n) for n in range(1, i1 - last[0] + 1)]
    grown = a.sums[matches[0][0]] - a.sums[i] + a.sums[i1 + 1] - a.sums[last[0] + 1]
    whole = before + matches + after
    return [(Passage(i, i1, j, j1, matched + grown, span + grown), whole)]


def choose(
    a: Article, b: Article, found: list[tuple[Passage, Matches]]
) -> list[tuple[Passage, Matches]]:
    """Longest first; what a chosen one overlaps by more than half on both sides goes."""

    def half_inside(sums: list[int], first: int, last: int, in_first: int, in_last: int) -> bool:
        begin, end = max(first, in_first), min(last, in_last)
        return begin <= end and 2 * (sums[end + 1] - sums[begin]) > sums[last + 1] - sums[first]

    kept: list[tuple[Passage, Matches]] = []
    order = sorted(found, key=lambda f: (-f[0].matched, f[0].a_first, f[0].b_first, f[0][1::2]))
    for p, matches in order:
        if not any(
            half_inside(a.sums, p.a_first, p.a_last, q.a_first, q.a_last)
            and half_inside(b.sums, p.b_first, p.b_last, q.b_first, q.b_last)
            for q, _ in kept
        ):
            kept.append((p, matches))
    return kept


def without_masked(a: Article, b: Article, matches: Matches) -> tuple[Passage, Matches] | None:
    """What is left of a passage when matches that are masked on either side do not count.

    Its span leaves out what is masked, and what is matched with something masked.
    """
    clear = [(i, j) for i, j in matches if not a.masked[i] and not b.masked[j]]
    if not clear:
        return None
    (i, j), (i1, j1) = clear[0], clear[-1]
    inner = [(x, y) for x, y in matches if i <= x <= i1 and (a.masked[x] or b.masked[y])]
    lost_a = sum(a.sums[x + 1] - a.sums[x] for x, _ in inner if not a.masked[x])
    lost_b = sum(b.sums[y + 1] - b.sums[y] for _, y in inner if not b.masked[y])
    span = max(a.clear(i, i1) - lost_a, b.clear(j, j1) - lost_b)
    matched = sum(a.sums[x + 1] - a.sums[x] for x, _ in clear)
    return Passage(i, i1, j, j1, matched, span), clear


def longest_run(a: Article, b: Article, matches: Matches) -> int:
    """Longest run of equal neighbours, in tokens."""
    best = run = 0
    before = (-2, -2)
    for i, j in matches:
        equal = a.hashes[i] == b.hashes[j]
        run = (run + 1 if before == (i - 1, j - 1) else 1) if equal else 0
        best, before = max(best, run), (i, j)
    return best
