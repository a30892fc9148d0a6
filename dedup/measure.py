"""The corridor with a stop watch: how fast this machine goes through a corpus, stage by stage.

Takes files and folders, gives seconds, and beside them what the machine can do at most. Each
stage is done `runs` times after a first time that does not count; the median stands for it.
Nothing is written. How a stage works is left to the rooms, how it is shown to `cli`.

What is measured: reading and decompressing bytes; reading records from them; signing and
sketching texts that are in memory; a whole scan, with the stages `scan_paths` tells. Reading in a
scan holds sketching, which goes on behind it. What is not: writing the result, disks (files are in
the page cache after the first run), and data that does not fit into memory.
"""

from __future__ import annotations

import os
import statistics
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
import xxhash

from dedup import core
from dedup.core import Texts
from dedup.corpus import Silence
from dedup.errors import InputError
from dedup.memory import cores
from dedup.pipeline import scan_paths
from dedup.read import Fields, Rejects, open_batches, open_stream
from dedup.records import Progress
from dedup.settings import Settings
from dedup.sketch import sketch_texts

#: Bytes the limits are measured on: far more than a processor's cache.
_LIMIT_BYTES = 256 << 20
_BLOCK = 1 << 20


class Lap(NamedTuple):
    """What one stage took."""

    stage: str
    threads: int
    #: Median, shortest and longest wall time of a run.
    seconds: float
    least: float
    most: float
    #: Median of the processor time of all threads; None for stages inside a scan.
    cpu_seconds: float | None
    #: Bytes that went in: of the files, or of the texts in UTF-8.
    size_bytes: int
    articles: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A corpus, its laps, and the limits of the machine in bytes per second."""

    articles: int
    rejected: int
    file_bytes: int
    plain_bytes: int
    text_bytes: int
    words: int
    backend: str
    cpu_level: str
    cores: int
    runs: int
    laps: tuple[Lap, ...]
    #: memory read, xxh3, inflate; one thread each.
    limits: dict[str, float]


def measure_paths(
    paths: Iterable[str | os.PathLike[str]],
    *,
    settings: Settings | None = None,
    fields: Fields | None = None,
    threads: int | None = None,
    runs: int = 3,
    progress: Progress | None = None,
) -> Measured:
    """Measure all stages on files and folders, on one thread and on all.

    Args:
        paths: As for `scan_paths`, but not "-", which cannot be read twice.
        settings: `Settings()` when not given.
        fields: Names of the fields of JSON objects.
        threads: How many "all" are; as many as cores when not given.
        runs: How often each stage is done and counted, an odd number.
        progress: Told which stage begins.

    Raises:
        InputError: Nothing could be read; or standard input was given.
    """
    names = [os.fspath(path) for path in paths]
    if "-" in names:
        raise InputError("standard input can be read only once, but is measured several times.")
    settings, fields, progress = settings or Settings(), fields or Fields(), progress or Silence()
    most = threads or cores()
    each = sorted({1, most})

    progress.stage("reading", None, "articles")
    files = list(_files(names))
    rejects = Rejects()
    batches = [batch.texts for batch in open_batches(names, fields, rejects)]
    if not batches:
        raise InputError("nothing could be read: no file holds an article.")
    articles = sum(len(offsets) - 1 for _, offsets in batches)
    size = sum(len(texts) for texts, _ in batches)
    progress.stage("limits", None, "bytes")
    limits = measure_limits(runs)
    plain = _read_bytes(files)
    words = sum(int(sketch_texts(batch, settings).tokens.sum()) for batch in batches)

    def lap(stage: str, threads: int, size_bytes: int, work: Callable[[], object]) -> Lap:
        progress.stage(stage, None, "runs")
        return _lap(stage, threads, size_bytes, articles, runs, work)

    laps = [
        lap("read bytes", 1, plain, partial(_read_bytes, files)),
        lap("read records", 1, plain, partial(_read_records, names, fields)),
        *(lap("sign", n, size, partial(_sketch, batches, settings, n, False)) for n in each),
        *(lap("sketch", n, size, partial(_sketch, batches, settings, n, True)) for n in each),
    ]
    for n in each:
        told: list[dict[str, float]] = []
        whole = lap("scan", n, size, partial(_scan, names, settings, fields, n, told))
        laps += [_inside(told[1:], stage, whole) for stage in told[0]]
        laps.append(whole)
    return Measured(
        articles=articles,
        rejected=len(rejects),
        file_bytes=sum(os.stat(file).st_size for file in files),
        plain_bytes=plain,
        text_bytes=size,
        words=words,
        backend=core.backend(),
        cpu_level=core.cpu_level(),
        cores=cores(),
        runs=runs,
        laps=tuple(laps),
        limits=limits,
    )


def measure_limits(runs: int = 3, size_bytes: int = _LIMIT_BYTES) -> dict[str, float]:
    """What one thread of this machine can do at most, in bytes per second.

    Returns:
        memory read: adding up an array that no cache holds. xxh3: hashing it whole. inflate:
        taking apart what zlib has packed at level 6, in bytes that come out; the text is invented.
    """
    array = np.arange(size_bytes // 8, dtype=np.uint64)
    view = array.data.cast("B")
    sentence = " ".join(f"{n * 2654435761 % 99991:x}" for n in range(20_000)).encode()
    packed = zlib.compress(sentence * 20)
    works: dict[str, tuple[int, Callable[[], object]]] = {
        "memory read": (size_bytes, partial(np.bitwise_or.reduce, array)),
        "xxh3": (size_bytes, partial(xxhash.xxh3_64_intdigest, view)),
        "inflate": (len(sentence) * 20, partial(zlib.decompress, packed)),
    }
    return {
        name: size / _lap(name, 1, size, 0, runs, work).seconds
        for name, (size, work) in works.items()
    }


def _lap(
    stage: str, threads: int, size: int, articles: int, runs: int, work: Callable[[], object]
) -> Lap:
    """Do `work` once for nothing and then `runs` times."""
    work()
    wall, cpu = [], []
    for _ in range(runs):
        begin, begin_cpu = perf_counter(), process_time()
        work()
        wall.append(perf_counter() - begin)
        cpu.append(process_time() - begin_cpu)
    middle = statistics.median
    return Lap(stage, threads, middle(wall), min(wall), max(wall), middle(cpu), size, articles)


def _inside(told: list[dict[str, float]], stage: str, whole: Lap) -> Lap:
    """The lap of a stage from what the runs of the scan around it told."""
    wall = [run[stage] for run in told]
    return whole._replace(
        stage=f"scan: {stage}",
        seconds=statistics.median(wall),
        least=min(wall),
        most=max(wall),
        cpu_seconds=None,
    )


def _files(names: list[str]) -> Iterator[str]:
    """The files of all paths; of a folder all that are in it."""
    for name in names:
        if os.path.isdir(name):
            yield from sorted(str(path) for path in Path(name).rglob("*") if path.is_file())
        elif os.path.isfile(name):
            yield name


def _read_bytes(files: list[str]) -> int:
    """Read and decompress; gives the number of plain bytes. A cut file counts up to its cut."""
    size = 0
    for file in files:
        try:
            with open_stream(file) as stream:
                while block := stream.read(_BLOCK):
                    size += len(block)
        except OSError:
            continue
    return size


def _read_records(names: list[str], fields: Fields) -> int:
    return sum(len(batch.ids) for batch in open_batches(names, fields, Rejects()))


def _sketch(batches: Sequence[Texts], settings: Settings, threads: int, fingerprints: bool) -> int:
    """Sketch all texts, batch by batch, as a scan does, or sign them only."""
    work = partial(sketch_texts, settings=settings, fingerprints=fingerprints)
    with ThreadPoolExecutor(threads) as pool:
        return sum(1 for _ in pool.map(work, batches))


def _scan(
    names: list[str], settings: Settings, fields: Fields, threads: int,
    told: list[dict[str, float]],
) -> None:  # fmt: skip
    """Scan everything and keep the seconds of its stages; the first run does not count."""
    told.append(scan_paths(names, settings=settings, fields=fields, threads=threads).seconds)
