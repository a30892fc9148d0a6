"""The corridor: the only file that knows the order of the rooms.

    read → sketch → mask → index → verify → cluster → report

Articles are sketched on threads while the next ones are read; candidate pairs are verified on
threads too. Neither the number of threads nor the cap on memory nor the order of the input
changes an answer: articles count as older or newer by (date, id), never by arrival. Method:
docs/method.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from dedup.corpus import Corpus, Silence, corpus_columns, nothing_read, read_corpus, without_first
from dedup.errors import InputError
from dedup.mask import Learner
from dedup.memory import check_cap, cores, parse_cap
from dedup.outcome import Outcome
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
from dedup.records import Batch, Given, InputFile, Progress, Reject, Relation, Result
from dedup.report import OutputFolder, annotator, check_apart, run_as_dict, write_results
from dedup.rounds import MATCH_COLUMNS, Found, Known
from dedup.settings import Settings
from dedup.shelf import MemoryShelf, Shelf
from dedup.steps import EdgeList, Steps
from dedup.verify import verify_texts
from dedup.work import (
    BOOK_COLUMNS,
    Asked,
    MemoryShelves,
    WorkFolder,
    check_same,
    read_books,
    write_books,
)


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
        self._memory = _Memory(self._settings, Known())

    def add(self, articles: object, *, progress: Progress | None = None) -> Result:
        """Add articles, as `scan` takes them; gives the result over all of them.

        The id of an article without one is its position among all that were added.

        Raises:
            InputError: `articles` is none of what `scan` takes.
        """
        first = len(self._memory.corpus) + len(self._rejects)
        records = from_items(articles, self._rejects, first=first)
        return _scan_in_memory(
            gather(records), self._rejects, self._settings, self._threads, progress or Silence(),
            self._given, self._memory,
        )  # fmt: skip


class _Memory:
    """What a scan leaves behind for the next one over more articles."""

    def __init__(self, settings: Settings, known: Known | None = None) -> None:
        shelf = MemoryShelf(corpus_columns(settings.num_perm, with_lines=False))
        self.corpus = Corpus(shelf, with_lines=False)
        self.learner = Learner(settings)
        self.known = known


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
    memory = _Memory(settings)
    return _scan_in_memory(
        gather(records), rejects, settings, threads, progress, given or Given(), memory
    )


def scan_paths(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    out: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    fields: Fields | None = None,
    given: Given | None = None,
    threads: int | None = None,
    memory: int | str | None = None,
    force: bool = False,
    resume: bool = False,
    annotate: bool = False,
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
    files_from: str | os.PathLike[str] | None = None,
) -> Result:
    """Scan files and folders, and write the result to the folder `out` when one is given.

    With `out` texts and sketches lie on disk while the scan is under way, in `out`.partial/work
    (docs/formats/work.md), and memory is bounded; without it all of them are in memory.

    Args:
        paths: One path or many: files of a kind that `dedup.read.FORMATS` lists, folders of them;
            "-" is standard input.
        out: Where the result goes (docs/formats/results.md); whole or not at all. The lists of
            the result are then made when they are looked at.
        settings: `Settings()` when not given.
        fields: Names of the fields of JSON objects and of columns.
        given: Boilerplate that is known, and what is none.
        threads: As many as there are cores when not given; changes speed only.
        memory: Bytes this process may take, with `out`, also as "2G" or "512M"; a quarter of what
            is available when not given, or as much as is needed. Changes speed only.
        force: Replace an earlier result at `out`.
        resume: Go on with a scan that did not end. What is not given is as it was; what is
            given must be the same.
        annotate: Write `annotated.jsonl` too: every article, with what it is a copy of.
        progress: Told how far the scan is.
        stdin: What "-" stands for; the process's standard input when not given.
        files_from: A file that lists further paths, apart by line ends or NULs; "-" is standard
            input.

    Raises:
        InputError: Nothing at all could be read; no result is written then.
        OutputError: `out` exists already, or cannot be written; or there is nothing to resume.
        SettingsError: `memory` is too little for the corpus; or a scan that is resumed was begun
            with something else.
    """
    progress = progress or Silence()
    names = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if files_from is not None:
        names += read_list(files_from, stdin)
    if out is None:
        settings, workers = settings or Settings(), threads or cores()
        rejects, inputs = Rejects(), Inputs(digests=False, is_watched=True)
        batches = open_batches(
            names, fields or Fields(), rejects, stdin, settings.extractor, workers, inputs
        )
        return _scan_in_memory(
            _watched(batches, inputs, progress), rejects, settings, threads, progress,
            given or Given(), _Memory(settings), must_read=True,
        )  # fmt: skip
    check_apart(names, Path(out))
    cap = parse_cap(memory)
    with OutputFolder(out, force=force, resume=resume) as folder:
        work = WorkFolder(folder.work)
        known = work.go_on() if resume else Asked([])
        asked = Asked(
            [os.fspath(name) for name in names] or known.paths, settings or known.settings,
            fields or known.fields, given or known.given, annotate or known.annotate,
        )  # fmt: skip
        if resume:
            check_same(known, asked)
        work.begin(asked)
        return _scan_to(folder, work, asked, threads or cores(), cap, progress, stdin)


def begun_scan(out: str | os.PathLike[str]) -> Asked | None:
    """What a scan to `out` that did not end was asked for; None when its result is there.

    Raises:
        OutputError: There is no such scan.
    """
    folder = OutputFolder(out, force=True)
    work = WorkFolder(folder.work)
    if not work.has_begun() and (folder.path / "run.json").exists():
        return None
    return work.go_on()


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


def _watched(batches: Iterable[Batch], inputs: Inputs, progress: Progress) -> Iterator[Batch]:
    for batch in batches:
        progress.reach(*inputs.place())
        yield batch


def _scan_in_memory(
    batches: Iterable[Batch],
    rejects: Rejects,
    settings: Settings,
    threads: int | None,
    progress: Progress,
    given: Given,
    memory: _Memory,
    *,
    must_read: bool = False,
) -> Result:
    """The whole way but the report, with everything in memory."""
    workers, clock = threads or cores(), perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        read_corpus(batches, memory.corpus, settings, pool, 2 * workers, progress)
        if must_read and not len(memory.corpus):
            raise InputError(nothing_read(rejects))
        memory.corpus.put_in_order()
        steps = Steps(
            memory.corpus, MemoryShelves(), settings, given, pool, workers, progress,
            memory.learner, memory.known,
        )  # fmt: skip
        seconds = {"reading": perf_counter() - clock}
        outcome = _scan(steps, rejects.entries, rejects.counts, seconds)
    if memory.known is not None:
        memory.known.forget()
    return outcome.result(lazy=False)


def _scan_to(
    folder: OutputFolder,
    work: WorkFolder,
    asked: Asked,
    workers: int,
    cap: int | None,
    progress: Progress,
    stdin: BinaryIO | None,
) -> Result:
    """The whole way, with texts and sketches on disk."""
    clock = perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        shelf = work.open("articles", corpus_columns(asked.settings.num_perm, with_lines=True))
        corpus = Corpus(shelf, with_lines=True)
        try:
            books = work.open("books", BOOK_COLUMNS)
            rejects, inputs = read_part(corpus, books, asked, pool, workers, progress, stdin)
        finally:
            # Is there anything to go on with?
            folder.keep |= bool(shelf.note.get("articles"))
        if not len(corpus):
            raise InputError(nothing_read(rejects))
        corpus.put_in_order()
        budget = check_cap(cap, len(corpus), workers)
        steps = Steps(
            corpus,
            work,
            asked.settings,
            asked.given,
            pool,
            workers,
            progress,
            budget=budget,
            scratch=str(work.path),
        )
        seconds = {"reading": perf_counter() - clock}
        outcome = _scan(steps, rejects.entries, rejects.counts, seconds)
    return write_outcome(folder, outcome, asked, inputs, progress)


def write_outcome(
    folder: OutputFolder,
    outcome: Outcome,
    asked: Asked,
    inputs: list[InputFile],
    progress: Progress,
) -> Result:
    """Write the result folder."""
    clock = perf_counter()
    progress.stage("writing", None, "articles")
    result = outcome.result(lazy=True)
    more = annotator(result) if asked.annotate else None
    run = run_as_dict(result, asked.paths)
    write_results(folder, outcome.findings(inputs), outcome.corpus.spool(), run, more)
    result.seconds["writing"] = perf_counter() - clock
    return result


def read_part(
    corpus: Corpus,
    books: Shelf,
    asked: Asked,
    pool: ThreadPoolExecutor,
    workers: int,
    progress: Progress,
    stdin: BinaryIO | None = None,
    share: tuple[int, int] = (0, 1),
) -> tuple[Rejects, list[InputFile]]:
    """Read and sketch what is not on the shelf yet; gives rejects and the files."""
    rejects = Rejects()
    if corpus.shelf.note.get("whole"):
        rejects.entries, files = read_books(books)
        return rejects, files
    inputs = Inputs(digests=True, is_watched=not isinstance(progress, Silence))
    batches = open_batches(
        asked.paths, asked.fields, rejects, stdin, asked.settings.extractor, workers, inputs, share
    )
    batches = without_first(_watched(batches, inputs, progress), corpus)
    read_corpus(batches, corpus, asked.settings, pool, 2 * workers, progress)
    if not books.note:
        write_books(books, rejects.entries, inputs.files)
    corpus.commit(is_whole=True)
    return rejects, inputs.files


def _scan(
    steps: Steps, rejects: list[Reject], reasons: dict[str, int], seconds: dict[str, float]
) -> Outcome:
    """All steps behind the reading, in their order."""
    clock = perf_counter()
    found = Found(steps.shelves.open("matches", MATCH_COLUMNS))
    edges = EdgeList(steps.settings)
    rounds = steps.copies(found)
    seconds["copies"], clock = _lap(clock)
    masks = steps.boilerplate()
    seconds["boilerplate"], clock = _lap(clock)
    candidates = steps.candidates(masks)
    seconds["candidates"], clock = _lap(clock)
    rounds.verify_first(candidates, masks)
    rounds.verify_rest(candidates, masks, edges.of(found))
    rounds.verify_keepers(masks, steps.articles, edges.of(found))
    seconds["verifying"], clock = _lap(clock)
    outcome = steps.groups(found, edges.of(found), masks, candidates, rejects, reasons, seconds)
    seconds["grouping"], clock = _lap(clock)
    return outcome


def _lap(clock: float) -> tuple[float, float]:
    now = perf_counter()
    return now - clock, now
