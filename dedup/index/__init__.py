"""Sketches → candidates: the pairs that are worth verifying.

Takes the sketches of all articles and the order in which they count as older or newer; gives
pairs. Identical texts are collapsed first. Work is bounded per fingerprint, band and article,
so that a corpus of near-identical articles stays linear. A candidate says nothing yet: `verify`
decides. Method: docs/method.md, step 4. What lasts between runs is a `Store`: a catalogue, which
is the truth, and segments, which are made from it (docs/formats/index.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedup import core
from dedup.core import I64, U32, U64, Candidates, Holders, Sketches
from dedup.index.bands import Bands, choose_bands
from dedup.index.catalogue import Catalogue, Row
from dedup.index.connection import Mark
from dedup.index.findings import Findings, Known, Node
from dedup.index.format import FORMAT, KEY_SETTINGS, RELATION_SETTINGS, key_stamp
from dedup.index.inspect import count_all, find_faults, list_articles, list_segment
from dedup.index.keys import BLOCK, Flagged, find_keys, kept_keys, key_columns
from dedup.index.memory import Memory
from dedup.index.merge import FLUSH_ARTICLES, FindKeys, flush_recent, make_again, merge_segments
from dedup.index.place import check_place, work_lock
from dedup.index.store import NO_DATE, Keys, Store
from dedup.index.stream import Met, StreamIndex
from dedup.settings import Settings

__all__ = [
    "FLUSH_ARTICLES",
    "FORMAT",
    "KEY_SETTINGS",
    "NO_DATE",
    "RELATION_SETTINGS",
    "Bands",
    "Candidates",
    "Catalogue",
    "FindKeys",
    "Findings",
    "Keys",
    "Known",
    "Mark",
    "Memory",
    "Met",
    "Node",
    "Row",
    "Store",
    "StreamIndex",
    "check_place",
    "choose_bands",
    "collapse_identical",
    "count_all",
    "find_candidates",
    "find_faults",
    "find_keys",
    "flush_recent",
    "kept_keys",
    "key_stamp",
    "list_articles",
    "list_segment",
    "make_again",
    "merge_segments",
    "work_lock",
]


def collapse_identical(digests: U64, tokens: U32, order: I64) -> I64:
    """For each article the oldest one with the same digest: itself, where there is none.

    Articles without a word stand alone: being empty is no sign of copying.

    Args:
        digests: uint64, shape (n, 2).
        tokens: Words of each article.
        order: The articles, oldest first.
    """
    first = np.arange(len(digests), dtype=np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    if not len(order):
        return first
    sequence = np.lexsort((place, digests[:, 1], digests[:, 0]))
    equal = np.all(digests[sequence][1:] == digests[sequence][:-1], axis=1)
    starts = np.flatnonzero(np.concatenate([[True], ~equal]))
    lengths = np.diff(np.append(starts, len(sequence)))
    first[sequence] = np.repeat(sequence[starts], lengths)
    return np.where(tokens > 0, first, np.arange(len(first)))


def find_candidates(
    sketches: Sketches,
    articles: I64,
    settings: Settings,
    boilerplate: Flagged | None = None,
    held: Sequence[Holders] | None = None,
    *,
    budget_bytes: int | None = None,
    scratch: str | None = None,
    threads: int = 1,
) -> Candidates:
    """Pairs among `articles` that share a fingerprint or a band, not counting boilerplate.

    Args:
        sketches: Of the whole corpus; columns may be mapped from files (`np.memmap`): they are
            walked through in blocks and not held.
        articles: Which of them take part, oldest first; identical ones should be out.
        settings: For bands and bounds.
        boilerplate: bool, which fingerprints of the corpus do not count. An article with many of
            them has no bands either, since those know no difference.
        held: Who of `articles` shares a fingerprint that is no boilerplate, where that is known
            already: what `core.holders` and `core.leave_marked` give.
        budget_bytes: About how much memory the work may take, beside 40 bytes an article; as much
            as is needed when not given. It changes no pair.
        scratch: Folder for temporary files when there is a budget; the system's when not given.
        threads: Used when there is no budget; changes speed only.

    Returns:
        Candidates as positions in the corpus; `older` comes first in `articles`. With a budget
        their columns are mapped from temporary files.
    """
    columns = key_columns(sketches, articles, settings, boilerplate, held)
    bounds = settings.read_cap, settings.max_candidates, settings.family
    found = core.shared_keys(
        columns, *bounds, budget_bytes=budget_bytes, scratch=scratch, threads=threads
    )
    places = articles.astype(np.uint32)
    if budget_bytes is None:
        return found._replace(older=places[found.older], newer=places[found.newer])
    for column in (found.older, found.newer):
        for begin in range(0, len(column), BLOCK):
            part = column[begin : begin + BLOCK]
            part[:] = places[part]
            core.drop_pages(part)
    return found
