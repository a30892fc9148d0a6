"""The corridor: the only file that knows the order of the rooms.

    read → sketch → mask → index → verify → cluster → report

Articles are sketched on threads while the next ones are read; candidate pairs are verified on
threads too. Neither the number of threads nor the order of the input changes an answer: articles
count as older or newer by (date, id), never by arrival. Method: docs/method.md.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import numpy as np

from dedup.cluster import Articles, find_groups
from dedup.corpus import Corpus, nothing_read, read_corpus
from dedup.errors import InputError
from dedup.index import collapse_identical, find_candidates
from dedup.mask import Learner, find_masks
from dedup.read import (
    Fields,
    Inputs,
    Rejects,
    from_items,
    gather,
    open_batches,
    read_list,
    read_text_file,
)
from dedup.records import Batch, Counts, Given, Progress, Relation, Removal, Result
from dedup.report import OutputFolder, Spool, annotator, check_apart, run_as_dict, write_results
from dedup.rounds import Rounds, Verified
from dedup.settings import Settings
from dedup.sketch import Sketches, join_sketches
from dedup.verify import KINDS, verify_texts


class Silence:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """Nothing to tell."""

    def advance(self, amount: int) -> None:
        """Nothing to tell."""

    def reach(self, done: int, total: int, note: str) -> None:
        """Nothing to tell."""


class GrowingScan:
    """A scan of a corpus that grows, at the cost of what is new.

    After each `add` the result is that of `scan` over all articles so far. Texts that were read
    before are not sketched again, and pairs are verified again only where boilerplate has been
    learned (or forgotten) since: so what was reported before may be taken back, and be called
    by another kind. All texts stay in memory.

        >>> feed = GrowingScan()
        >>> feed.add(monday).relations
        >>> feed.add(tuesday).relations  # of both days
    """

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        given: Given | None = None,
        threads: int | None = None,
    ) -> None:
        """Begin with no articles; the arguments are those of `scan`."""
        self._settings = settings or Settings()
        self._given = given or Given()
        self._threads = threads
        self._rejects = Rejects()
        self._memory = _Memory(self._settings, Verified())

    def add(self, articles: object, *, progress: Progress | None = None) -> Result:
        """Add articles, as `scan` takes them; gives the result over all of them.

        The id of an article without one is its position among all that were added.

        Raises:
            InputError: `articles` is none of what `scan` takes.
        """
        first = len(self._memory.corpus.names) + len(self._rejects)
        records = from_items(articles, self._rejects, first=first)
        return _scan(
            gather(records), self._rejects, self._settings, self._threads, progress or Silence(),
            self._given, memory=self._memory,
        )[0]  # fmt: skip


class _Memory:
    """What a scan leaves behind for the next one over more articles."""

    def __init__(self, settings: Settings, verified: Verified | None = None) -> None:
        self.corpus = Corpus()
        self.sketches: list[Sketches] = []
        self.learner = Learner(settings)
        self.verified = verified


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
    return _scan(gather(records), rejects, settings, threads, progress, given or Given())[0]


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
    files_from: str | os.PathLike[str] | None = None,
) -> Result:
    """Scan files and folders, and write the result to the folder `out` when one is given.

    Args:
        paths: One path or many: files of a kind that `dedup.read.FORMATS` lists, folders of them;
            "-" is standard input.
        out: Where the result goes (docs/formats/results.md); whole or not at all.
        settings: `Settings()` when not given.
        fields: Names of the fields of JSON objects and of columns.
        given: Boilerplate that is known, and what is none.
        threads: As many as there are cores when not given; changes speed only.
        force: Replace an earlier result at `out`.
        annotate: Write `annotated.jsonl` too: every article, with what it is a copy of.
        progress: Told how far the scan is.
        stdin: What "-" stands for; the process's standard input when not given.
        files_from: A file that lists further paths, apart by line ends or NULs; "-" is standard
            input.

    Raises:
        InputError: Nothing at all could be read; no result is written then.
        OutputError: `out` exists already, or cannot be written.
    """
    inputs = Inputs(digests=out is not None, is_watched=progress is not None)
    settings, progress = settings or Settings(), progress or Silence()
    rejects, given = Rejects(), given or Given()
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if files_from is not None:
        paths += read_list(files_from, stdin)
    batches: Iterator[Batch] = open_batches(
        paths, fields or Fields(), rejects, stdin, settings.extractor, threads or _cores(), inputs
    )
    batches = _watched(batches, inputs, progress)
    if out is None:
        return _scan(batches, rejects, settings, threads, progress, given, must_read=True)[0]
    check_apart(paths, Path(out))
    with OutputFolder(out, force=force) as folder, folder.open_scratch() as file:
        spool = Spool(file)
        result, ids, removals = _scan(
            _spooled(batches, spool), rejects, settings, threads, progress, given, must_read=True
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
            raise InputError(nothing_read(rejects))
        texts.append(record.text.decode("utf-8", "surrogatepass"))
    text_a, text_b = texts
    relation = verify_texts(text_a, text_b, settings or Settings(), path_a, path_b)
    return text_a, text_b, relation


def _spooled(batches: Iterable[Batch], spool: Spool) -> Iterator[Batch]:
    for batch in batches:
        spool.add(batch)
        yield batch


def _watched(batches: Iterable[Batch], inputs: Inputs, progress: Progress) -> Iterator[Batch]:
    for batch in batches:
        progress.reach(*inputs.place())
        yield batch


def _scan(
    batches: Iterable[Batch],
    rejects: Rejects,
    settings: Settings,
    threads: int | None,
    progress: Progress,
    given: Given,
    *,
    must_read: bool = False,
    memory: _Memory | None = None,
) -> tuple[Result, list[str], dict[int, Removal]]:
    """The whole way but the report: the result, all ids in input order, removals by position."""
    seconds: dict[str, float] = {}
    memory = memory or _Memory(settings)
    corpus = memory.corpus
    workers = threads or _cores()
    with ThreadPoolExecutor(workers) as pool:
        clock = perf_counter()
        new = read_corpus(batches, corpus, settings, pool, 2 * workers, progress)
        if must_read and not corpus.names:
            raise InputError(nothing_read(rejects))
        sketches = join_sketches([*memory.sketches, *new], settings.num_perm)
        memory.sketches = [sketches]
        corpus.put_in_order(sketches)
        order = np.array(corpus.order, np.int64)
        seconds["reading"], clock = _lap(clock)

        oldest = collapse_identical(sketches.digests, sketches.tokens, order)
        rounds = Rounds(corpus, settings, pool, progress, memory.verified)
        rounds.verify_copies(oldest)
        seconds["copies"], clock = _lap(clock)

        progress.stage("boilerplate", None, "articles")
        alone = order[(oldest[order] == order) & (sketches.tokens[order] > 0)]
        masks = find_masks(
            sketches, corpus.texts, alone, corpus.sites, corpus.days(), settings, given,
            memory.learner,
        )  # fmt: skip
        seconds["boilerplate"], clock = _lap(clock)

        progress.stage("candidates", None, "articles")
        candidates = find_candidates(sketches, alone, settings, masks.fingerprints, masks.held)
        seconds["candidates"], clock = _lap(clock)

        weights = sketches.weights.tolist()
        articles = Articles(corpus.ids, corpus.ranks, weights, oldest.tolist())
        rounds.verify_candidates(candidates, masks, articles)
        found = rounds.in_order()
        if memory.verified:
            memory.verified.forget()
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
        aligned=rounds.aligned,
        boilerplate=len(masks.runs),
        boilerplate_only=rounds.boilerplate_only,
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
    found = Counter(names)
    return {kind: found[kind] for kind in reversed(KINDS) if kind in found}
