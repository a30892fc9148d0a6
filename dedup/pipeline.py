"""The corridor: the only file that knows the order of the rooms.

    read → sketch → mask → index → verify → cluster → report

Articles are sketched on threads while the next ones are read; candidate pairs are verified on
threads too. Neither the number of threads nor the order of the input changes an answer: articles
count as older or newer by (date, id), never by arrival. Method: docs/method.md.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import numpy as np

from dedup.cluster import Articles, Found, find_groups, pairs_with_keepers, without_family
from dedup.core import I32, I64, U32
from dedup.errors import InputError
from dedup.index import Candidates, collapse_identical, find_candidates
from dedup.mask import Masks, learn_boilerplate
from dedup.read import Fields, Inputs, Rejects, from_items, open_corpus, read_text_file
from dedup.records import Counts, Given, Progress, Record, Relation, Removal, Result
from dedup.report import OutputFolder, Spool, annotator, run_as_dict, write_results
from dedup.settings import Settings
from dedup.sketch import Sketches, join_sketches, sketch_texts
from dedup.verify import KINDS, verify_pairs, verify_texts

#: Articles per batch and bytes per batch of the sketching threads; speed only.
BATCH_ARTICLES, BATCH_BYTES = 2000, 4 << 20
#: Pairs per batch of the verifying threads; speed only.
BATCH_PAIRS = 4096
#: Articles after which a watcher is told how far the reading is.
BATCH_WATCHED = 256


class Silence:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """Nothing to tell."""

    def advance(self, amount: int) -> None:
        """Nothing to tell."""

    def reach(self, done: int, total: int, note: str) -> None:
        """Nothing to tell."""


@dataclass
class Corpus:
    """The articles of a scan, one entry each, in input order."""

    ids: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    dates: list[int | None] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    #: By (date, id, words); undated ones last. And the same turned round: articles by rank.
    ranks: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    #: New id → id in the input, where that had been used already.
    renamed: dict[str, str] = field(default_factory=dict)

    def days(self) -> I32:
        """Days since some day long ago, -1 where there is no date."""
        return np.array([-1 if d is None else d // 86400 + 800_000 for d in self.dates], np.int32)

    def put_in_order(self, sketches: Sketches) -> None:
        """Rank the articles and make ids unique: the second "x" by rank becomes "x#2"."""
        digests = sketches.digests.tolist()
        keys = [
            (date is None, date or 0, id_, digest, text)
            for date, id_, digest, text in zip(
                self.dates, self.ids, digests, self.texts, strict=True
            )
        ]
        self.order = sorted(range(len(keys)), key=keys.__getitem__)
        self.ranks = [0] * len(keys)
        taken: set[str] = set(self.ids) if len(set(self.ids)) < len(self.ids) else set()
        seen: dict[str, int] = {}
        for rank, n in enumerate(self.order):
            self.ranks[n] = rank
            id_ = self.ids[n]
            seen[id_] = seen.get(id_, 0) + 1
            if seen[id_] > 1:
                count = seen[id_]
                while f"{id_}#{count}" in taken:
                    count += 1
                seen[id_] = count
                taken.add(f"{id_}#{count}")
                self.ids[n] = f"{id_}#{count}"
                self.renamed[self.ids[n]] = id_


def scan(
    articles: object,
    *,
    settings: Settings | None = None,
    given: Given | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Find copies, excerpts and overlaps among articles that are in memory.

    Args:
        articles: An iterable of str, (id, text), mappings (`text`, `id`, `date`, `url`, ...) or
            `Article`; or a table that speaks the Arrow C interface (needs `dedup[arrow]`).
        settings: `Settings()` when not given.
        given: Boilerplate that is known, and what is none.
        threads: As many as there are cores when not given; changes speed only.
        progress: Told how far the scan is.

    Returns:
        Everything found; nothing is changed or written.

    Raises:
        InputError: `articles` is none of the above.
    """
    rejects = Rejects()
    records = from_items(articles, rejects)
    settings, progress = settings or Settings(), progress or Silence()
    return _scan(records, rejects, settings, threads, progress, given or Given())[0]


def scan_paths(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    fields: Fields | None = None,
    given: Given | None = None,
    threads: int | None = None,
    force: bool = False,
    annotate: bool = False,
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
) -> Result:
    """Scan files and folders, and write the result to the folder `out` when one is given.

    Args:
        paths: One path or many: folders of .txt and .jsonl, such files, each also .gz or .zst;
            "-" is standard input.
        out: Where the result goes (docs/formats/results.md); whole or not at all.
        settings: `Settings()` when not given.
        fields: Names of the fields of JSON objects.
        given: Boilerplate that is known, and what is none.
        threads: As many as there are cores when not given; changes speed only.
        force: Replace an earlier result at `out`.
        annotate: Write `annotated.jsonl` too: every article, with what it is a copy of.
        progress: Told how far the scan is.
        stdin: What "-" stands for; the process's standard input when not given.

    Raises:
        InputError: Nothing at all could be read; no result is written then.
        OutputError: `out` exists already, or cannot be written.
    """
    inputs = Inputs(digests=out is not None, is_watched=progress is not None)
    settings, progress = settings or Settings(), progress or Silence()
    rejects, given = Rejects(), given or Given()
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    records = open_corpus(paths, fields or Fields(), rejects, stdin, inputs)
    records = _watched(records, inputs, progress)
    if out is None:
        return _scan(records, rejects, settings, threads, progress, given, must_read=True)[0]
    _check_apart(paths, Path(out))
    with OutputFolder(out, force=force) as folder, folder.open_scratch() as file:
        spool = Spool(file)
        result, ids, removals = _scan(
            _spooled(records, spool), rejects, settings, threads, progress, given, must_read=True
        )
        progress.stage("writing", None, "articles")
        begin = perf_counter()
        run = run_as_dict(result, list(map(str, paths)))
        more = annotator(result) if annotate else None
        write_results(folder, result, spool, ids, removals, run, inputs.files, more)
        result.seconds["writing"] = perf_counter() - begin
    return result


def compare(text_a: str, text_b: str, *, settings: Settings | None = None) -> Relation:
    """Compare two texts: kind, numbers and the passages they share; the kind may be none."""
    return verify_texts(text_a, text_b, settings or Settings())


def compare_paths(
    path_a: str, path_b: str, *, settings: Settings | None = None
) -> tuple[str, str, Relation]:
    """Compare the texts of two files; gives both texts and their relation.

    Raises:
        InputError: A file cannot be read, is not UTF-8 or is empty.
    """
    texts = []
    for path in (path_a, path_b):
        rejects = Rejects()
        record = next(read_text_file(path, rejects), None)
        if record is None:
            raise InputError(_nothing_read(rejects))
        texts.append(record.text.decode("utf-8", "surrogatepass"))
    text_a, text_b = texts
    relation = verify_texts(text_a, text_b, settings or Settings(), path_a, path_b)
    return text_a, text_b, relation


def _check_apart(paths: Iterable[str | os.PathLike[str]], out: Path) -> None:
    for path in paths:
        folder = Path(path).resolve()
        if folder.is_dir() and out.resolve().is_relative_to(folder):
            raise InputError(
                f"the output folder {out} lies inside the input folder {path}, so the next run "
                "would read its own results. Choose another folder with -o."
            )
        if os.fspath(path) != "-" and folder.is_relative_to(out.resolve()):
            raise InputError(
                f"the input {path} lies inside the output folder {out}, which would be replaced. "
                "Choose another folder with -o."
            )


def _spooled(records: Iterable[Record], spool: Spool) -> Iterator[Record]:
    for record in records:
        spool.add(record)
        yield record


def _watched(records: Iterable[Record], inputs: Inputs, progress: Progress) -> Iterator[Record]:
    for n, record in enumerate(records):
        if n % BATCH_WATCHED == 0:
            progress.reach(*inputs.place())
        yield record


def _scan(
    records: Iterable[Record],
    rejects: Rejects,
    settings: Settings,
    threads: int | None,
    progress: Progress,
    given: Given,
    *,
    must_read: bool = False,
) -> tuple[Result, list[str], dict[int, Removal]]:
    """The whole way but the report: the result, all ids in input order, removals by position."""
    seconds: dict[str, float] = {}
    workers = threads or _cores()
    with ThreadPoolExecutor(workers) as pool:
        clock = perf_counter()
        corpus, sketches = _read(records, settings, pool, 2 * workers, progress)
        if must_read and not corpus.ids:
            raise InputError(_nothing_read(rejects))
        corpus.put_in_order(sketches)
        order = np.array(corpus.order, np.int64)
        seconds["reading"], clock = _lap(clock)

        oldest = collapse_identical(sketches.digests, sketches.tokens, order)
        found = _copies(oldest, corpus, settings, pool, progress)
        seconds["copies"], clock = _lap(clock)

        progress.stage("boilerplate", None, "articles")
        alone = order[(oldest[order] == order) & (sketches.tokens[order] > 0)]
        masks = learn_boilerplate(
            sketches, corpus.texts, alone, corpus.sites, corpus.days(), settings, given
        )
        seconds["boilerplate"], clock = _lap(clock)

        progress.stage("candidates", None, "articles")
        candidates = find_candidates(sketches, alone, settings, masks.fingerprints)
        seconds["candidates"], clock = _lap(clock)
        check = partial(_verify, corpus, masks, settings, pool, progress)

        weights = sketches.weights.tolist()
        articles = Articles(corpus.ids, corpus.ranks, weights, oldest.tolist())
        first, rest = _first_and_rest(candidates)
        found += check(*first, "verifying")
        rest = without_family(*rest, found, corpus.order, settings.family)
        found += check(*rest, "verifying the rest")
        more = pairs_with_keepers(articles, found, settings)
        found += check(*more, "verifying keepers")
        masked = sum(relation.kind == "boilerplate-only" for _, _, relation in found)
        found = [pair for pair in found if pair[2].kind != "boilerplate-only"]
        ranks = corpus.ranks
        found.sort(key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
        seconds["verifying"], clock = _lap(clock)

        progress.stage("grouping", None, "articles")
        groups, removals = find_groups(articles, found, settings)
        seconds["grouping"], clock = _lap(clock)
    relations = [relation for _, _, relation in found]
    counts = Counts(
        read=len(corpus.ids) + len(rejects),
        kept=len(corpus.ids) - len(removals),
        removed=len(removals),
        rejected=len(rejects),
        bytes=sum(map(len, corpus.texts)),
        removed_bytes=sum(len(corpus.texts[n]) for n in removals),
        reasons=dict(rejects.counts),
        removed_kinds=_tally(removal.reason for removal in removals.values()),
        relations=_tally(relation.kind for relation in relations),
        groups=len(groups),
        without_words=int((sketches.tokens == 0).sum()),
        undated=sum(date is None for date in corpus.dates),
        duplicate_ids=len(corpus.renamed),
        candidates=len(candidates.older),
        aligned=len(first[0]) + len(rest[0]) + len(more[0]),
        boilerplate=len(masks.runs),
        boilerplate_only=masked,
        without_site=corpus.sites.count(""),
        common_keys=candidates.common_keys,
        crowded_articles=candidates.crowded_articles,
    )
    counts.check()
    result = Result(
        relations=[relation for relation in relations if relation.kind != "quote"],
        quotes=[relation for relation in relations if relation.kind == "quote"],
        groups=groups,
        removals=[removals[n] for n in sorted(removals, key=corpus.ranks.__getitem__)],
        kept=[id_ for n, id_ in enumerate(corpus.ids) if n not in removals],
        rejects=list(rejects.entries),
        boilerplate=masks.runs,
        renamed=corpus.renamed,
        counts=counts,
        settings=settings,
        seconds=seconds,
    )
    return result, corpus.ids, removals


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lap(clock: float) -> tuple[float, float]:
    now = perf_counter()
    return now - clock, now


def _tally(names: Iterable[str]) -> dict[str, int]:
    found = list(names)
    return {kind: found.count(kind) for kind in reversed(KINDS) if kind in found}


def _nothing_read(rejects: Rejects) -> str:
    if not len(rejects):
        return "the input holds no article: it is empty."
    first = rejects.entries[0]
    more = f" and {len(rejects) - 1} more like it" if len(rejects) > 1 else ""
    return (
        f"nothing could be read. {first.file}, byte {first.offset}: {first.reason} "
        f"({first.detail}){more}."
    )


def _read(
    records: Iterable[Record],
    settings: Settings,
    pool: ThreadPoolExecutor,
    ahead: int,
    progress: Progress,
) -> tuple[Corpus, Sketches]:
    """Read everything; batches are sketched behind the reader's back, `ahead` at most."""
    progress.stage("reading", None, "articles")
    corpus, size = Corpus(), 0
    batch: list[bytes] = []
    waiting: deque[Future[Sketches]] = deque()
    done: list[Sketches] = []
    sketch = partial(sketch_texts, settings=settings)
    for record in records:
        corpus.ids.append(record.id)
        corpus.texts.append(record.text)
        corpus.dates.append(record.date)
        corpus.sites.append(record.site)
        batch.append(record.text)
        size += len(record.text)
        if len(batch) >= BATCH_ARTICLES or size >= BATCH_BYTES:
            waiting.append(pool.submit(sketch, batch))
            progress.advance(len(batch))
            batch, size = [], 0
            if len(waiting) > ahead:
                done.append(waiting.popleft().result())
    waiting.append(pool.submit(sketch, batch))
    progress.advance(len(batch))
    done.extend(future.result() for future in waiting)
    return corpus, join_sketches(done, settings.num_perm)


def _copies(
    oldest: I64, corpus: Corpus, settings: Settings, pool: ThreadPoolExecutor, progress: Progress
) -> list[Found]:
    """The identical ones, read again; in `oldest` a copy that is none after all stands alone."""
    copies = np.flatnonzero(oldest != np.arange(len(oldest))).astype(np.uint32)
    pairs = oldest[copies].astype(np.uint32), copies
    found = _verify(corpus, None, settings, pool, progress, *pairs, "copies")
    identical = [pair for pair in found if pair[2].kind == "identical"]
    oldest[copies] = copies
    for first, copy, _ in identical:
        oldest[copy] = first
    return identical


def _first_and_rest(candidates: Candidates) -> tuple[tuple[U32, U32], tuple[U32, U32]]:
    """The oldest and best candidates of each article, and the others."""
    first = candidates.first > 0
    pairs = candidates.older, candidates.newer
    return (pairs[0][first], pairs[1][first]), (pairs[0][~first], pairs[1][~first])


def _verify(
    corpus: Corpus,
    masks: Masks | None,
    settings: Settings,
    pool: ThreadPoolExecutor,
    progress: Progress,
    a: U32,
    b: U32,
    stage: str,
) -> list[Found]:
    """Relations of all pairs, in their order."""
    progress.stage(stage, len(a), "pairs")
    batches = [slice(n, n + BATCH_PAIRS) for n in range(0, len(a), BATCH_PAIRS)]
    found: list[Found] = []

    def run(batch: slice) -> list[Found]:
        known = (masks.flags, masks.lists) if masks else (None, None)
        return verify_pairs(
            corpus.texts, corpus.ids, a[batch], b[batch], settings, flags=known[0], lists=known[1]
        )

    for batch, some in zip(batches, pool.map(run, batches), strict=True):
        found += some
        progress.advance(len(a[batch]))
    return found
