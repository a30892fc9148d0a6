"""Several processes, threads, forks, kills and a full disk: nothing acknowledged is lost."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import dedup
from dedup import Index, Settings, open_index
from dedup.index import check_place
from tests.cli.running import ROOT
from tests.index.workers import body, go, kill_while_adding, start_adding


def relations(index: Index) -> set[tuple[str, str, str]]:
    return {(r.a, r.b, r.kind) for r in index.relations()}


def of_a_scan(names: list[str]) -> set[tuple[str, str, str]]:
    articles = [(name, body(name)) for name in names]
    result = dedup.scan(articles, settings=Settings(learn=False))
    return {(r.a, r.b, r.kind) for r in [*result.relations, *result.quotes]}


def test_of_two_processes_with_the_same_articles_exactly_one_is_first(tmp_path: Path) -> None:
    numbers = range(120)
    running = [
        start_adding(tmp_path / "i", [f"{n}@{who}" for n in numbers], flush=16) for who in "xyz"
    ]
    for process in running:
        go(process)
    told = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    verdicts = Counter(
        (number, verdict == "identical")
        for out, _ in told
        for number, verdict, _ in map(str.split, out.decode().splitlines())
    )
    assert all(verdicts[str(n), False] == 1 and verdicts[str(n), True] == 2 for n in numbers)
    with open_index(tmp_path / "i") as index:
        assert len(index) == 360
        assert index.verify() == []
        assert relations(index) == of_a_scan([f"{n}@{who}" for n in numbers for who in "xyz"])


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for kill in range(6):
        names = [f"{n}@x" for n in range(1000 * kill, 1000 * kill + 400)]
        acknowledged += kill_while_adding(tmp_path / "i", names, seed=kill)
    assert len(acknowledged) > 20
    with open_index(tmp_path / "i") as index:
        assert index.verify() == []
        assert [name for name in acknowledged if f"{name}@x" not in index] == []
        stored = [f"{n}@x" for n in range(6000) if f"{n}@x" in index]
        # At most one article a kill was stored and not acknowledged.
        assert len(acknowledged) <= len(stored) <= len(acknowledged) + 6
        assert relations(index) == of_a_scan(stored)
        index.merge()
        assert relations(index) == of_a_scan(stored)
        assert index.verify() == []


def test_threads_share_an_index(tmp_path: Path) -> None:
    with open_index(tmp_path / "i") as index, ThreadPoolExecutor(4) as pool:
        names = [f"{n}@{who}" for n in range(60) for who in "xy"]
        answers = list(pool.map(lambda name: index.check_and_add(name, body(name)), names))
        assert sum(answer.verdict == "identical" for answer in answers) == 60
        assert relations(index) == of_a_scan(names)
        assert index.verify() == []


def _add_in_child(index: Index, pipe: Connection) -> None:
    answers = [index.check_and_add(f"{n}@child", body(f"{n}@child")) for n in range(20, 60)]
    pipe.send([answer.verdict for answer in answers])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_an_index_goes_on_in_both_processes_after_a_fork(tmp_path: Path) -> None:
    forking = multiprocessing.get_context("fork")
    stop = threading.Event()
    with open_index(tmp_path / "i") as index:
        for n in range(20):
            index.check_and_add(f"{n}@parent", body(f"{n}@parent"))

        def ask() -> None:
            while not stop.is_set():
                assert index.check(body("3@x")).verdict == "identical"

        asking = threading.Thread(target=ask)
        asking.start()
        here, there = forking.Pipe()
        child = forking.Process(target=_add_in_child, args=(index, there))
        child.start()
        mine = [index.check_and_add(f"{n}@parent", body(f"{n}@parent")) for n in range(20, 60)]
        assert here.poll(60)
        theirs = here.recv()
        child.join(60)
        stop.set()
        asking.join()
        assert child.exitcode == 0
        both = [
            (a.verdict == "identical") + (b == "identical")
            for a, b in zip(mine, theirs, strict=True)
        ]
        assert both == [1] * 40
        assert index.verify() == []


FULL = """
import resource, signal, sys
from dedup import OutputError, open_index
from tests.index.workers import body
index = open_index(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
for n in range(5000):
    try:
        index.check_and_add(f"{n}@x", body(f"{n}@x"))
    except OutputError as error:
        print(n, flush=True)
        break
"""


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "i")],
        cwd=ROOT, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    stored = int(done.stdout)
    assert stored > 5
    with open_index(tmp_path / "i") as index:
        assert len(index) == stored
        assert all(f"{n}@x" in index for n in range(stored))
        assert index.verify() == []
        assert index.check_and_add("more", "one more article").verdict == "new"


def test_an_index_that_is_locked_for_too_long_says_so(tmp_path: Path) -> None:
    with open_index(tmp_path / "i", wait=0.05) as index, open_index(tmp_path / "i") as other:
        with other._open().catalogue.writing():
            assert index.check("reading goes on").verdict == "new"
            with pytest.raises(dedup.IndexLocked, match="locked by another process"):
                index.check_and_add("a", "writing does not")
        assert index.check_and_add("a", "writing does not").verdict == "new"


def test_readers_see_one_state_while_others_write(tmp_path: Path) -> None:
    with open_index(tmp_path / "i") as writer, open_index(tmp_path / "i") as reader:
        writer.check_and_add("1@x", body("1@x"))
        store = reader._open()
        with store.catalogue.reading():
            store.refresh()
            writer.check_and_add("2@x", body("2@x"))
            writer.merge()
            assert store.catalogue.count() == 1
        assert reader.check(body("2@x")).verdict == "identical"


@pytest.mark.parametrize(
    ("kind", "is_refused"),
    [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("fuse.glusterfs", True),
     ("ext4", False), ("tmpfs", False), ("fuse.mergerfs", False), ("overlay", False)],
)  # fmt: skip
def test_network_file_systems_are_refused_by_name(
    tmp_path: Path, kind: str, is_refused: bool
) -> None:
    place = Path(os.path.realpath(tmp_path)) / "far away"
    mounts = tmp_path / "mounts"
    point = str(place).replace(" ", r"\040")
    mounts.write_text(f"/dev/x / ext4 rw 0 0\nhost:/x {point} {kind} rw 0 0\n")
    check_place(tmp_path, mounts)
    if is_refused:
        with pytest.raises(dedup.IndexPlace, match=kind):
            check_place(place / "index", mounts)
    else:
        check_place(place / "index", mounts)
