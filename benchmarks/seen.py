"""Measure the index that lasts: write rate, latency, bytes, memory; datasketch beside it.

In: a feed of `stored_feed`, one of more than 200,000 articles of `blocks`; each size is a
beginning of it. Out: a record in `results/` and its
table on standard output. Each step is a process of its own: `fill` stores articles in
transactions of 200, answers included; `ask` opens that index, asks for the 2,000 articles that
come next, and stores each in a transaction of its own; `lsh` does the same with a `MinHashLSH` of
datasketch in memory, and `pickled` with one that is read from a file. Wall and CPU time; median
and 99th percentile.

Answers are compared with what was planted before a time counts: when more than 1 of 100 of any kind
among the 2,000 is missed, or `check` and `check_and_add` differ, nothing is said of the
index. What datasketch misses stands in the table.

Does not measure: several writers at once, a cold page cache, power failures. Words of another
article are not what an LSH for resemblance is made to find.

    python -m benchmarks.seen --n 10000,100000
    python -m benchmarks.seen --n 10000,100000,1000000 --peers 100000
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import records
from benchmarks.blocks import blocked_feed
from benchmarks.engines.task import peak_memory_bytes, shingle_set
from dedup import Answer, Index, Match, open_index

#: Articles that are asked one at a time after all others, and the first of them, which only warm.
LAST: Final = 2000
WARM: Final = 200
#: Slots and least resemblance of the LSH.
SLOTS: Final = 128
THRESHOLD: Final = 0.5


class Planted(NamedTuple):
    """Articles that are asked, and what is known of them."""

    articles: list[dict[str, Any]]
    #: Source and kind of the planted ones.
    truth: dict[str, tuple[str, str]]
    #: Of every copy in the feed the first article it goes back to: a copy of a copy may be told
    #: as one of either.
    origins: dict[str, str]


def beginning(feed: Path, n: int) -> Iterator[dict[str, Any]]:
    """The first articles of a stored feed."""
    with (feed / "articles.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, islice(file, n))


def asked(feed: Path, n: int) -> Planted:
    """The articles behind the first n, and which of them were planted."""
    with (feed / "articles.jsonl").open(encoding="utf-8") as file:
        articles = [json.loads(line) for line in islice(file, n, n + LAST)]
    if len(articles) < LAST:
        raise SystemExit(f"{feed} has fewer than {n + LAST} articles")
    truth, origins = {}, dict[str, str]()
    with (feed / "planted.jsonl").open(encoding="utf-8") as file:
        for copy, source, kind in map(json.loads, file):
            if n <= copy < n + LAST:
                truth[_name(copy)] = _name(source), kind
            if kind in ("identical", "near-duplicate"):
                origins[_name(copy)] = origins.get(_name(source), _name(source))
    return Planted(articles, truth, origins)


def _name(number: int) -> str:
    return f"f{number:07d}"


def fill(feed: Path, n: int, folder: Path) -> dict[str, Any]:
    """Store the first articles; gives the rate."""
    begin, cpu = time.perf_counter(), time.process_time()
    with open_index(folder, create=True) as index:
        for _ in index.add(beginning(feed, n), threads=2):
            pass
    added, used = time.perf_counter() - begin, time.process_time() - cpu
    return {
        "add_per_second": round(n / added),
        "add_cpu_ms": round(1000 * used / n, 3),
        "add_memory_bytes": peak_memory_bytes(),
    }


def ask(feed: Path, n: int, folder: Path) -> dict[str, Any]:
    """Ask an index for the articles that come next, and store each."""
    planted = asked(feed, n)
    before = _resident_bytes()
    begin = time.perf_counter()
    with open_index(folder, create=False) as index:
        opened = time.perf_counter() - begin
        index.check("a first question")
        first = time.perf_counter() - begin
        check, _ = _timed(
            planted, lambda one: index.check(one["text"], date=one["date"], site=one["site"])
        )
        reader = _resident_bytes() - before
        sizes = _sizes(folder, index.stats()["articles"])
        held = _note_locks(index)
        store, found = [], {}
        for one in planted.articles:
            said = {"date": one["date"], "site": one["site"]}
            answer = index.check(one["text"], **said)
            begin, cpu = time.perf_counter(), time.process_time()
            stored = index.check_and_add(one["id"], one["text"], **said)
            store.append((time.perf_counter() - begin, time.process_time() - cpu))
            if (answer.verdict, _apart(answer)) != (stored.verdict, _apart(stored)):
                raise SystemExit(f"{one['id']}: check and check_and_add differ")
            found[one["id"]] = {match.id for match in answer.matches}
        segments = index.stats()["segments"]
        locked = sorted(held[WARM:])
    return {
        **_spread("check", check),
        **_spread("check_and_add", store[WARM:]),
        **_recall(planted, found, least=0.99),
        "locked_median_ms": round(1000 * locked[len(locked) // 2], 3),
        "open_ms": round(1000 * opened, 1),
        "open_and_ask_ms": round(1000 * first, 1),
        "reader_memory_bytes": reader,
        "segments": segments,
        **sizes,
    }


def _apart(answer: Answer) -> list[Match]:
    """The matches; who is kept of their groups may be another one once the article is stored."""
    return [replace(match, keeper="") for match in answer.matches]


def _note_locks(index: Index) -> list[float]:
    """A list to which seconds are added each time the index lets go of the lock of writers."""
    held: list[float] = []
    catalogue = index._open().catalogue
    transaction = catalogue._transaction

    @contextmanager
    def timed(begin: str) -> Iterator[None]:
        with transaction(begin):
            since = time.perf_counter()
            yield
        if begin == "BEGIN IMMEDIATE":
            held.append(time.perf_counter() - since)

    catalogue._transaction = timed  # type: ignore[method-assign]
    return held


def lsh(feed: Path, n: int, file: Path) -> dict[str, Any]:
    """Insert the first articles into datasketch's index, ask the next ones, pickle it."""
    datasketch = importlib.import_module("datasketch")
    begin, cpu = time.perf_counter(), time.process_time()
    index = datasketch.MinHashLSH(threshold=THRESHOLD, num_perm=SLOTS)
    for one in beginning(feed, n):
        index.insert(one["id"], _minhash(datasketch, one["text"]))
    added, used = time.perf_counter() - begin, time.process_time() - cpu
    memory = peak_memory_bytes()
    with file.open("wb") as out:
        pickle.dump(index, out, pickle.HIGHEST_PROTOCOL)
    return {
        "add_per_second": round(n / added),
        "add_cpu_ms": round(1000 * used / n, 3),
        "add_memory_bytes": memory,
        "pickle_bytes": file.stat().st_size // n,
        **_ask_lsh(datasketch, index, asked(feed, n)),
    }


def pickled(feed: Path, n: int, file: Path) -> dict[str, Any]:
    """Ask an index of datasketch that is read from its file first."""
    datasketch = importlib.import_module("datasketch")
    planted = asked(feed, n)
    before = _resident_bytes()
    begin = time.perf_counter()
    with file.open("rb") as data:
        index = pickle.load(data)
    opened = time.perf_counter() - begin
    out = _ask_lsh(datasketch, index, planted)
    return {**out, "open_ms": round(1000 * opened, 1),
            "reader_memory_bytes": _resident_bytes() - before}  # fmt: skip


def _ask_lsh(datasketch: Any, index: Any, planted: Planted) -> dict[str, Any]:
    def check_and_add(one: dict[str, Any]) -> set[str]:
        made = _minhash(datasketch, one["text"])
        found = set(index.query(made))
        index.insert(one["id"], made)
        return found

    check, _ = _timed(planted, lambda one: index.query(_minhash(datasketch, one["text"])))
    store, stored = _timed(planted, check_and_add)
    found = {one["id"]: answer for one, answer in stored}
    return {
        **_spread("check", check), **_spread("check_and_add", store), **_recall(planted, found)
    }  # fmt: skip


def _minhash(datasketch: Any, text: str) -> Any:
    made = datasketch.MinHash(num_perm=SLOTS)
    made.update_batch([shingle.encode() for shingle in shingle_set(text)])
    return made


def _timed(
    planted: Planted, ask_one: Callable[[dict[str, Any]], Any]
) -> tuple[list[tuple[float, float]], list[tuple[dict[str, Any], Any]]]:
    """Wall and CPU seconds of each question but the first ones; and all answers."""
    seconds, answers = [], []
    for one in planted.articles:
        begin, cpu = time.perf_counter(), time.process_time()
        answers.append((one, ask_one(one)))
        seconds.append((time.perf_counter() - begin, time.process_time() - cpu))
    return seconds[WARM:], answers


def _recall(planted: Planted, found: dict[str, set[str]], least: float = 0.0) -> dict[str, Any]:
    """Which planted copies and excerpts were found, by kind; stops when too few were."""
    out, origins = {}, planted.origins
    for kind in ("identical", "near-duplicate", "overlap", "quote"):
        those = [(id_, source) for id_, (source, k) in planted.truth.items() if k == kind]
        hits = sum(
            origins.get(source, source) in {origins.get(one, one) for one in found[id_]}
            for id_, source in those
        )
        out[f"found_{kind}"], out[f"planted_{kind}"] = hits, len(those)
        if hits < least * len(those):
            raise SystemExit(f"{hits} of {len(those)} planted articles of kind {kind} were found")
    return out


def _sizes(folder: Path, articles: int) -> dict[str, int]:
    """Bytes an article: texts, the rest of the catalogue, segments."""
    database = importlib.import_module("sqlite3").connect(folder / "catalogue.db")
    (texts,) = database.execute("SELECT total(length(packed)) FROM body").fetchone()
    database.close()
    catalogue = sum(file.stat().st_size for file in folder.glob("catalogue.db*"))
    segments = sum(file.stat().st_size for file in folder.glob("segment-*"))
    return {
        "text_bytes": round(texts / articles),
        "catalogue_bytes": round((catalogue - texts) / articles),
        "segment_bytes": round(segments / articles),
    }


def _resident_bytes() -> int:
    """Memory this process holds now, mapped files included where they were read."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _spread(name: str, seconds: list[tuple[float, float]]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds, of wall and of CPU time; and the rate."""
    out = {}
    for kind, values in zip(("", "_cpu"), zip(*seconds, strict=True), strict=True):
        ordered = sorted(values)
        out[f"{name}{kind}_median_ms"] = round(1000 * ordered[len(ordered) // 2], 3)
        out[f"{name}{kind}_p99_ms"] = round(1000 * ordered[len(ordered) * 99 // 100], 3)
    out[f"{name}_per_second"] = round(len(seconds) / sum(wall for wall, _ in seconds))
    return out


ROWS: Final = (
    ("`check`, median / 99th percentile, ms", "check_median_ms", "check_p99_ms"),
    ("the same in CPU time, ms", "check_cpu_median_ms", "check_cpu_p99_ms"),
    ("`check`, articles/s", "check_per_second"),
    ("`check_and_add`, median / 99th percentile, ms", "check_and_add_median_ms",
     "check_and_add_p99_ms"),
    ("the same in CPU time, ms", "check_and_add_cpu_median_ms", "check_and_add_cpu_p99_ms"),
    ("`check_and_add`, articles/s", "check_and_add_per_second"),
    ("lock of writers held, median, ms", "locked_median_ms"),
    ("added in bulk, articles/s", "add_per_second"),
    ("the same, CPU ms an article", "add_cpu_ms"),
    ("opening / with a first question, ms", "open_ms", "open_and_ask_ms"),
    ("memory of a reader, MB", "reader_memory_bytes"),
    ("peak memory of the writer, MB", "add_memory_bytes"),
    ("bytes an article: texts", "text_bytes"),
    ("bytes an article: the rest of the catalogue", "catalogue_bytes"),
    ("bytes an article: segments", "segment_bytes"),
    ("bytes an article: pickle", "pickle_bytes"),
    ("segments", "segments"),
    ("identical copies found", "found_identical", "planted_identical"),
    ("near-duplicates found", "found_near-duplicate", "planted_near-duplicate"),
    ("with 60 to 300 words of another: found", "found_overlap", "planted_overlap"),
    ("with fewer words of another: found", "found_quote", "planted_quote"),
)  # fmt: skip


def table(measured: Sequence[dict[str, Any]]) -> str:
    """The record as a Markdown table, a column a run."""
    heads = [f"{one['engine']}, {one['n']:,}" for one in measured]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for label, *names in ROWS:
        cells = [
            " / ".join(_shown(name, one[name]) for name in names if name in one) or "-"
            for one in measured
        ]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    if name.endswith("memory_bytes"):
        return f"{value / 1e6:,.0f}"
    return f"{value:,.2f}" if name.endswith("_ms") else f"{value:,}"


STEPS: Final = {"fill": fill, "ask": ask, "lsh": lsh, "pickled": pickled}


def _step(step: str, feed: Path, n: int, place: Path) -> dict[str, Any]:
    """Run a step in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.seen", "--step", step, "--n", str(n)]
    done = subprocess.run(
        [*words, "--feed", str(feed), "--place", str(place)],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{step} of {n} articles failed")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(feed: Path, sizes: Sequence[int], peers: int) -> list[dict[str, Any]]:
    """All runs: the index at each size, datasketch at those up to `peers`."""
    out = []
    for n in sizes:
        with tempfile.TemporaryDirectory(dir=feed.parent) as folder:
            place = Path(folder) / "seen.dedup"
            one = {"engine": "dedup", "n": n, **_step("fill", feed, n, place)}
            out.append({**one, **_step("ask", feed, n, place)})
            if n <= peers:
                file = Path(folder) / "lsh.pickle"
                out.append({"engine": "MinHashLSH", "n": n, **_step("lsh", feed, n, file)})
                read = _step("pickled", feed, n, file)
                out.append({"engine": "MinHashLSH, pickled", "n": n, **read})
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seen")
    parser.add_argument("--n", default="10000,100000", help="sizes; default: 10000,100000")
    parser.add_argument("--feed", type=Path, help="a stored feed; default: one is made")
    parser.add_argument("--peers", type=int, default=100_000, help="largest size for datasketch")
    parser.add_argument("--out", type=Path, default=records.RESULTS, help="folder of the record")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    sizes = [int(n) for n in options.n.split(",")]
    if options.step:
        print(json.dumps(STEPS[options.step](options.feed, sizes[0], options.place)))
        return 0
    records.refuse_bad_conditions()
    feed = options.feed or blocked_feed(max(sizes) + LAST)
    about = records.describe()
    measured = measure(feed, sizes, options.peers)
    print(table(measured))
    path = records.write_record(about, {"feed": feed.name, "seen": measured}, "seen", options.out)
    print(path, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
