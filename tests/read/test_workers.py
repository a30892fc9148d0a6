"""Processes that read pages: killed when they take too long, replaced, and never in disorder."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dedup.errors import InputError
from dedup.read import workers as workers_module
from dedup.read.html import Found, Refused
from dedup.read.workers import Task, Workers
from tests.read.crawls import page, sentences

#: trafilatura takes 40 s for this one: its time grows with the square of the spans.
SLOW = ("<html><body><article><p>" + "<span>word</span> " * 20_000 + "</p>").encode()


@contextmanager
def started(count: int, **limits: int) -> Iterator[Workers]:
    workers = Workers("precise", count, **limits)
    try:
        yield workers
    finally:
        workers.close()


def task(seed: int) -> Task:
    return Task(page(seed).encode(), {})


def is_read(answer: Found | Refused, seed: int) -> bool:
    return isinstance(answer, Found) and sentences(seed)[0] in answer.text


def test_a_page_that_takes_too_long_is_stopped_and_the_rest_goes_on() -> None:
    with started(2, cpu_seconds=1) as workers:
        tasks = [task(0), Task(SLOW, {}), task(1), task(2)]
        for one in tasks:
            workers.submit(one)
        answers = [workers.wait_for(one) for one in tasks]
    reasons = [one.reason if isinstance(one, Refused) else "" for one in answers]
    assert reasons == ["", "slow-page", "", ""]
    assert is_read(answers[3], 2)


def test_a_process_that_is_killed_from_outside_costs_no_page() -> None:
    with started(1) as workers:
        first, second = task(1), task(2)
        workers.submit(first)
        workers.wait_for(first)
        workers.submit(second)
        os.kill(workers._workers[0]._process.pid, signal.SIGKILL)
        third = task(3)
        workers.submit(third)
        assert is_read(workers.wait_for(second), 2)
        assert is_read(workers.wait_for(third), 3)


def test_a_page_that_kills_two_processes_is_named_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trafilatura.py").write_text(
        "import os, signal\n"
        "def extract(page, **_):\n"
        "    if 'deadly' in page:\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    return page\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with started(2) as workers:
        tasks = [Task(body, {}) for body in (b"one", b"deadly", b"two", b"deadly too", b"three")]
        for one in tasks:
            workers.submit(one)
        answers = [workers.wait_for(one) for one in tasks]
    dead = Refused("crashed-page", "the extractor ended with SIGSEGV")
    assert [answers[1], answers[3]] == [dead, dead]
    assert all(isinstance(answers[n], Found) for n in (0, 2, 4))


def test_a_page_that_needs_too_much_memory_is_named_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trafilatura.py").write_text(
        "def extract(page, **_):\n    return page * (1 << 28 if page == 'big!' else 1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with started(1, memory_bytes=1 << 30) as workers:
        tasks = [Task(b"big!", {}), Task(b"small", {})]
        for one in tasks:
            workers.submit(one)
        big, small = [workers.wait_for(one) for one in tasks]
    assert isinstance(big, Refused)
    assert (big.reason, big.detail) == ("crashed-page", "MemoryError: ")
    assert isinstance(small, Found)


def test_a_process_that_does_not_move_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with started(1) as workers:
        first = task(1)
        workers.submit(first)
        workers.wait_for(first)
        os.kill(workers._workers[0]._process.pid, signal.SIGSTOP)
        stuck, after = task(2), task(3)
        workers.submit(stuck)
        workers.submit(after)
        monkeypatch.setattr(workers_module, "_PATIENCE", 200)
        answer = workers.wait_for(stuck)
        assert isinstance(answer, Refused)
        assert answer.reason == "slow-page"
        monkeypatch.setattr(workers_module, "_PATIENCE", 60_000)
        assert is_read(workers.wait_for(after), 3)


def test_no_process_is_started_before_there_is_a_page_and_no_more_than_pages() -> None:
    with started(4) as workers:
        assert workers._workers == []
        only = task(1)
        workers.submit(only)
        workers.wait_for(only)
        assert len(workers._workers) == 1


def test_closing_ends_every_process_and_every_pipe() -> None:
    with started(2) as workers:
        for seed in range(4):
            workers.submit(task(seed))
        processes = [worker._process for worker in workers._workers]
        assert len(processes) == 2
    assert all(process.returncode is not None for process in processes)
    gc.collect()  # a pipe left open would warn, and warnings are errors


def test_a_missing_library_is_an_error_that_names_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trafilatura.py").write_text("raise ImportError('No module named x')")
    monkeypatch.syspath_prepend(tmp_path)
    with started(1) as workers:
        one = task(1)
        workers.submit(one)
        with pytest.raises(InputError, match=r"pip install 'dedup\[html\]'.*No module named x"):
            workers.wait_for(one)


def test_a_missing_brotli_is_an_error_that_names_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brotli.py").write_text("raise ImportError('No module named brotli')")
    monkeypatch.syspath_prepend(tmp_path)
    with started(1) as workers:
        one = Task(b"\x0b\x02\x80abc\x03", {"content-encoding": "br"})
        workers.submit(one)
        with pytest.raises(InputError, match=r"pip install 'dedup\[warc\]'"):
            workers.wait_for(one)


def test_what_a_library_prints_does_not_spoil_the_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trafilatura.py").write_text(
        "def extract(page, **_):\n    print('noise' * 9999)\n    return page[:5]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with started(1) as workers:
        one = Task(b"12345678", {})
        workers.submit(one)
        answer = workers.wait_for(one)
    assert isinstance(answer, Found)
    assert answer.text == "12345"


def test_whatever_a_library_raises_is_the_fault_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trafilatura.py").write_text(
        "def extract(page, **_):\n    return page if 'first' in page else page.nothing\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with started(1) as workers:
        one = Task(b"page", {})
        workers.submit(one)
        answer = workers.wait_for(one)
    assert isinstance(answer, Refused)
    assert answer.reason == "crashed-page"
    assert "AttributeError" in answer.detail


def test_a_script_without_a_main_guard_can_read_pages(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(1))
    script = tmp_path / "script.py"
    script.write_text(
        f"import dedup\nprint(dedup.scan_paths({str(tmp_path / 'page.html')!r}, threads=2).kept)\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("['page']\n", "")
