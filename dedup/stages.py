"""A scan in stages, each of which many processes may share: for clusters without an engine.

    sketch 1/3, 2/3, 3/3 → match 1/3, ... → group 1/3, ... → write

Each process does its share of a stage and leaves it on shelves of one work folder, which all of
them must see. The steps are those of `pipeline`, so the answer is that of `scan_paths`, byte by
byte. A share that was killed is simply started again. docs/formats/work.md lists the shelves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dedup.corpus import Corpus, Silence, corpus_columns, nothing_read
from dedup.errors import InputError, OutputError
from dedup.memory import check_cap, cores, parse_cap
from dedup.pipeline import read_part, write_outcome
from dedup.read import Fields, Rejects, read_list
from dedup.records import Given, InputFile, Progress, Reject, Result
from dedup.report import OutputFolder
from dedup.rounds import FIRST, MATCH_COLUMNS, REST, Found
from dedup.settings import Settings
from dedup.steps import EdgeList, Steps
from dedup.work import BOOK_COLUMNS, Asked, WorkFolder, read_books, write_books

#: Bytes, and matches, that are copied at a time.
_BLOCK, _ROWS = 8 << 20, 1 << 16


def sketch_share(
    folder: str | os.PathLike[str],
    paths: Sequence[str | os.PathLike[str]],
    share: tuple[int, int] = (0, 1),
    *,
    settings: Settings | None = None,
    fields: Fields | None = None,
    given: Given | None = None,
    files_from: str | os.PathLike[str] | None = None,
    annotate: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Read and sketch one share of the files; gives the number of its articles.

    Args:
        folder: The work folder; made by whoever comes first.
        paths: All of them, for every share, as for `scan_paths`; no standard input.
        share: Which share, from 0, and how many there are.
        settings: As for `scan_paths`, the same for every share; so are `fields`, `given` and
            `annotate`.
        fields: See `settings`.
        given: See `settings`.
        files_from: A file that lists further paths.
        annotate: See `settings`.
        threads: As many as there are cores when not given.
        progress: Told how far it is.

    Raises:
        InputError: Standard input was given.
        SettingsError: Another share was begun with something else.
        OutputError: The folder cannot be written.
    """
    names = [os.fspath(path) for path in paths]
    if files_from is not None and files_from != "-":
        names += read_list(files_from)
    if "-" in names or files_from == "-":
        raise InputError("standard input cannot be read in shares.")
    work, workers = WorkFolder(Path(folder)), threads or cores()
    asked = Asked(
        names, settings or Settings(), fields or Fields(), given or Given(), annotate, share[1]
    )
    work.begin(asked)
    columns = corpus_columns(asked.settings.num_perm, with_lines=True)
    corpus = Corpus(work.open(_name("articles", share), columns), with_lines=True)
    books = work.open(_name("books", share), BOOK_COLUMNS)
    with ThreadPoolExecutor(workers) as pool:
        read_part(corpus, books, asked, pool, workers, progress or Silence(), share=share)
    return len(corpus)


def match_share(
    folder: str | os.PathLike[str],
    share: tuple[int, int] = (0, 1),
    *,
    threads: int | None = None,
    memory: int | str | None = None,
    progress: Progress | None = None,
) -> int:
    """Find candidates and verify one share of the first ones; gives the number of matches.

    Raises:
        OutputError: A share of the stage before is missing.
        SettingsError: `memory` is too little for the corpus.
    """
    with _steps(folder, threads, memory, progress) as (steps, work, _):
        found = Found(work.open(_name("match", share), MATCH_COLUMNS))
        rounds = steps.copies(found, share)
        masks = steps.boilerplate()
        rounds.verify_first(steps.candidates(masks), masks)
        return found.shelf.count("a")


def group_share(
    folder: str | os.PathLike[str],
    share: tuple[int, int] = (0, 1),
    *,
    threads: int | None = None,
    memory: int | str | None = None,
    progress: Progress | None = None,
) -> int:
    """Verify one share of what large families leave over; gives the number of matches.

    Raises:
        OutputError: A share of the stage before is missing.
        SettingsError: `memory` is too little for the corpus.
    """
    with _steps(folder, threads, memory, progress) as (steps, work, _):
        matched = _matched(work)
        rounds = steps.copies(matched, share)
        masks = steps.boilerplate()
        candidates = steps.candidates(masks)
        mine = Found(work.open(_name("group", share), MATCH_COLUMNS))
        if len(mine.ends) < REST:
            mine.ends = [0] * REST
        rounds.found = mine
        rounds.verify_rest(candidates, masks, EdgeList(steps.settings).of(matched))
        return mine.shelf.count("a")


def write_share(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    force: bool = False,
    threads: int | None = None,
    memory: int | str | None = None,
    progress: Progress | None = None,
) -> Result:
    """Make groups of all that was found, and write the result to `out`.

    Raises:
        OutputError: A share of a stage before is missing; `out` exists or cannot be written.
        SettingsError: `memory` is too little for the corpus.
    """
    with (
        OutputFolder(out, force=force) as target,
        _steps(folder, threads, memory, progress) as (steps, work, asked),
    ):
        found = _all_found(work)
        edges = EdgeList(steps.settings)
        rounds = steps.copies(found)
        masks = steps.boilerplate()
        candidates = steps.candidates(masks)
        rounds.verify_keepers(masks, steps.articles, edges.of(found))
        rejects, inputs = _books(work)
        outcome = steps.groups(
            found, edges.of(found), masks, candidates, rejects.entries, rejects.counts, {}
        )
        return write_outcome(target, outcome, asked, inputs, steps.progress)


def _name(stage: str, share: tuple[int, int]) -> str:
    part, parts = share
    whole = parts == 1 and stage in ("articles", "books")
    return stage if whole else f"{stage}-{part + 1}-of-{parts}"


@contextmanager
def _steps(
    folder: str | os.PathLike[str],
    threads: int | None,
    memory: int | str | None,
    progress: Progress | None,
) -> Iterator[tuple[Steps, WorkFolder, Asked]]:
    """The steps over a corpus that was sketched."""
    work, workers = WorkFolder(Path(folder)), threads or cores()
    asked = work.go_on()
    cap = parse_cap(memory)
    corpus = _join_parts(work, asked)
    rejects, _ = _books(work)
    if not len(corpus):
        raise InputError(nothing_read(rejects))
    corpus.put_in_order()
    budget = check_cap(cap, len(corpus), workers)
    with ThreadPoolExecutor(workers) as pool:
        yield Steps(
            corpus, work, asked.settings, asked.given, pool, workers, progress or Silence(),
            budget=budget, scratch=str(work.path),
        ), work, asked  # fmt: skip


def _join_parts(work: WorkFolder, asked: Asked) -> Corpus:
    """The corpus; its parts are put behind each other by whoever comes first."""
    columns = corpus_columns(asked.settings.num_perm, with_lines=True)
    with work.locked("articles"):
        corpus = Corpus(work.open("articles", columns), with_lines=True)
        if corpus.shelf.note.get("whole"):
            return corpus
        parts = []
        for part in range(asked.parts):
            name = _name("articles", (part, asked.parts))
            shelf = work.open(name, columns) if work.holds(name) and name != "articles" else None
            if shelf is None or not shelf.note.get("whole"):
                raise _missing("sketch", part, asked.parts)
            parts.append(Corpus(shelf, with_lines=True))
        rejects, inputs = list[Reject](), list[InputFile]()
        for part, other in enumerate(parts):
            corpus.append(other, _BLOCK)
            more = read_books(work.open(_name("books", (part, asked.parts)), BOOK_COLUMNS))
            rejects += more[0]
            inputs += more[1]
        books = work.open("books", BOOK_COLUMNS)
        if not books.note:
            write_books(books, rejects, inputs)
        corpus.commit(is_whole=True)
    return corpus


def _books(work: WorkFolder) -> tuple[Rejects, list[InputFile]]:
    rejects = Rejects()
    rejects.entries, inputs = read_books(work.open("books", BOOK_COLUMNS))
    return rejects, inputs


def _matched(work: WorkFolder) -> Found:
    """What was found before families were looked at, of all shares."""
    with work.locked("matched"):
        whole = Found(work.open("matched", MATCH_COLUMNS))
        if not whole.ends:
            shares = _shares(work, "match", FIRST)
            _copy(shares[0], whole, *shares[0].rows_of(0))
            whole.ends.append(whole.shelf.count("a"))
            for share in shares:
                _copy(share, whole, *share.rows_of(FIRST))
            _add_up(whole, shares)
    return whole


def _all_found(work: WorkFolder) -> Found:
    """What was found by all shares of both stages."""
    matched = _matched(work)
    whole = Found(work.open("matches", MATCH_COLUMNS))
    if not whole.ends:
        shares = _shares(work, "group", REST)
        _copy(matched, whole, 0, matched.shelf.count("a"))
        whole.ends = list(matched.ends)
        for share in shares:
            _copy(share, whole, *share.rows_of(REST))
        _add_up(whole, [matched, *shares])
    return whole


def _shares(work: WorkFolder, stage: str, round_: int) -> list[Found]:
    """The shelves of all shares of a stage."""
    names = [re.fullmatch(rf"{stage}-(\d+)-of-(\d+)", path.name) for path in work.path.iterdir()]
    counts = {int(name[2]) for name in names if name}
    if len(counts) > 1:
        some = " and ".join(map(str, sorted(counts)))
        raise OutputError(
            f"{work.path} holds shares of {stage} of {some} shares. Remove the folders "
            f"{stage}-*-of-N of one of them."
        )
    if not counts:
        raise _missing(stage, 0, 1)
    parts = counts.pop()
    found = []
    for part in range(parts):
        name = _name(stage, (part, parts))
        share = Found(work.open(name, MATCH_COLUMNS)) if work.holds(name) else None
        if share is None or len(share.ends) <= round_:
            raise _missing(stage, part, parts)
        found.append(share)
    return found


def _copy(source: Found, target: Found, begin: int, end: int) -> None:
    for first in range(begin, end, _ROWS):
        target.add(source.matches(first, min(first + _ROWS, end)))
    source.shelf.release()


def _add_up(whole: Found, shares: list[Found]) -> None:
    whole.aligned = sum(share.aligned for share in shares)
    whole.boilerplate_only = sum(share.boilerplate_only for share in shares)
    whole.commit(is_whole=True)


def _missing(stage: str, part: int, parts: int) -> OutputError:
    return OutputError(
        f"share {part + 1} of {parts} of the stage {stage} is not done yet: "
        f"dedup stage {stage} --shard {part + 1}/{parts}"
    )
