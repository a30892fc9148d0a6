"""The corridor of resemblance alone: pairs whose sets of shingles resemble each other.

    read → sketch (signatures) → index (bands) → verify (exact sets) → cluster (stars)

What MinHash with LSH is used for elsewhere, with the exact resemblance of every pair instead of
an estimate. It aligns nothing and learns nothing, so it is several times as fast as a scan, and
says nothing about passages, excerpts and boilerplate. Method: docs/method.md, "Resemblance alone".
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import numpy as np

from dedup.cluster import find_stars, neighbours_of
from dedup.core import I64
from dedup.corpus import Corpus, Silence, corpus_columns, read_corpus
from dedup.errors import InputError, SettingsError
from dedup.index import collapse_identical, find_candidates
from dedup.memory import cores
from dedup.read import Fields, Inputs, Rejects, from_items, gather, open_batches, read_list
from dedup.records import Batch, Pair, Pairs
from dedup.settings import Settings
from dedup.shelf import MemoryShelf
from dedup.verify import in_batches, resemble_pairs

#: Pairs per batch of the verifying threads; speed only.
BATCH_PAIRS = 4096


def find_pairs(
    articles: object,
    *,
    jaccard: float = 0.7,
    recall: float = 0.999,
    k: int = 5,
    num_perm: int = 128,
    threads: int | None = None,
) -> Pairs:
    """Find the pairs of articles whose sets of shingles resemble each other.

    Args:
        articles: As `scan` takes them.
        jaccard: Resemblance from which pairs are wanted, above 0 to 1; it is exact.
        recall: Share of the pairs at `jaccard` that must become candidates, 0-0.999999; of those
            above it more do. How bands are cut follows from it.
        k: Words of a shingle, 1-32.
        num_perm: Slots of a signature, a power of two, 16-1024.
        threads: As many as there are cores when not given; changes speed only.

    Returns:
        All pairs found, older article first. Articles with the same words are paired with the
        oldest of them only, and only that one with others.

    Raises:
        InputError: `articles` is none of what `scan` takes.
        SettingsError: A value is out of range.
    """
    settings = _settings(jaccard, recall, k, num_perm)
    rejects = Rejects()
    return _find(gather(from_items(articles, rejects)), rejects, settings, threads)


def find_pairs_paths(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    jaccard: float = 0.7,
    recall: float = 0.999,
    k: int = 5,
    num_perm: int = 128,
    threads: int | None = None,
    fields: Fields | None = None,
    extractor: str = "precise",
    stdin: BinaryIO | None = None,
    files_from: str | os.PathLike[str] | None = None,
) -> Pairs:
    """Find such pairs among the articles of files and folders.

    Args:
        paths: As `scan_paths` takes them, and so are `fields`, `stdin` and `files_from`.
        jaccard: See `find_pairs`, as for `recall`, `k`, `num_perm` and `threads`.
        recall: See `jaccard`.
        k: See `jaccard`.
        num_perm: See `jaccard`.
        threads: See `jaccard`.
        fields: Names of the fields of JSON objects and of columns.
        extractor: How the main text of pages is found: precise or fast.
        stdin: What "-" stands for.
        files_from: A file that lists further paths.

    Raises:
        InputError: Nothing at all could be read.
        SettingsError: A value is out of range.
    """
    settings = _settings(jaccard, recall, k, num_perm).changed(extractor=extractor)
    rejects = Rejects()
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if files_from is not None:
        paths += read_list(files_from, stdin)
    workers = threads or cores()
    inputs = Inputs(digests=False, is_watched=False)
    batches = open_batches(
        paths, fields or Fields(), rejects, stdin, settings.extractor, workers, inputs
    )
    found = _find(batches, rejects, settings, threads)
    if not found.articles:
        first = f" {rejects.entries[0].file}: {rejects.entries[0].reason}." if len(rejects) else ""
        raise InputError(f"nothing could be read.{first}")
    return found


def _settings(jaccard: float, recall: float, k: int, num_perm: int) -> Settings:
    if not 0 < jaccard <= 1:
        raise SettingsError(f"jaccard must be above 0 and at most 1, but is {jaccard}.")
    return Settings(band_threshold=jaccard, band_recall=recall, k=k, num_perm=num_perm)


def _find(
    batches: Iterable[Batch], rejects: Rejects, settings: Settings, threads: int | None
) -> Pairs:
    workers = threads or cores()
    shelf = MemoryShelf(corpus_columns(settings.num_perm, with_lines=False))
    corpus = Corpus(shelf, with_lines=False)
    with ThreadPoolExecutor(workers) as pool:
        read_corpus(batches, corpus, settings, pool, 2 * workers, Silence(), fingerprints=False)
        corpus.put_in_order()
        sketches, order, texts = corpus.sketches, corpus.order, corpus.texts
        oldest = collapse_identical(sketches.digests, sketches.tokens, order)
        alone = order[(oldest[order] == order) & (sketches.tokens[order] > 0)]
        candidates = find_candidates(sketches, alone, settings)
        copies = np.flatnonzero(oldest != np.arange(len(oldest))).astype(np.uint32)
        a = np.concatenate([oldest[copies].astype(np.uint32), candidates.older])
        b = np.concatenate([copies, candidates.newer])
        parts = in_batches(a, b, BATCH_PAIRS)
        measured = list(
            pool.map(lambda part: resemble_pairs(texts, a[part], b[part], settings), parts)
        )
    names, ranks = corpus.ids.take(np.arange(len(corpus))), corpus.ranks
    places = np.concatenate([*parts, np.zeros(0, np.int64)])
    columns = [np.concatenate([*column, np.zeros(0)]) for column in zip(*measured, strict=True)]
    columns = columns or [np.zeros(0)] * 3
    wanted = np.flatnonzero(columns[0] >= settings.band_threshold)
    older, newer = a[places[wanted]], b[places[wanted]]
    wanted = wanted[np.lexsort((ranks[newer], ranks[older]))]
    older, newer = a[places[wanted]].tolist(), b[places[wanted]].tolist()
    values = [column[wanted].tolist() for column in columns]
    return Pairs(
        pairs=[
            Pair(names[x], names[y], *measures)
            for x, y, *measures in zip(older, newer, *values, strict=True)
        ],
        groups=_groups(names, ranks, oldest.tolist(), zip(older, newer, values[0], strict=True)),
        articles=len(corpus),
        rejects=list(rejects.entries),
        renamed=corpus.renamed,
        candidates=len(candidates.older),
        common_keys=candidates.common_keys,
        crowded_articles=candidates.crowded_articles,
    )


def _groups(
    names: Sequence[str],
    ranks: I64,
    oldest: Sequence[int],
    edges: Iterable[tuple[int, int, float]],
) -> list[tuple[str, ...]]:
    """Stars: the oldest article first, then by age those that are paired with it, and copies.

    `oldest` gives of each article the first one with the same words; those are one node.
    """
    near, copies = [], dict[int, list[int]]()
    for x, y, resemblance in edges:
        if oldest[y] == x:
            copies.setdefault(x, []).append(y)
        else:
            near.append((x, y, resemblance))
    neighbours = neighbours_of(near)
    nodes = sorted(neighbours.keys() | copies.keys(), key=ranks.__getitem__)
    members: dict[int, list[int]] = {}
    for node, centre in find_stars(neighbours, nodes).items():
        members.setdefault(centre, []).extend((node, *copies.get(node, ())))
    return [
        (
            names[centre],
            *(names[n] for n in sorted(members[centre], key=ranks.__getitem__) if n != centre),
        )
        for centre in sorted(members, key=ranks.__getitem__)
        if len(members[centre]) > 1
    ]
