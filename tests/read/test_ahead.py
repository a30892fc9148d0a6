"""Reading ahead: the same bytes, the same error at the same byte, and no thread left behind."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read import CutFile, Fields, Rejects, open_corpus, open_stream, streams
from dedup.read.ahead import read_ahead
from tests.read.making import Pack, gz, gz_members, zst, zst_frames

LINES = b"".join(b'{"text": "article number %d"}\n' % n for n in range(120_000))


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "read-ahead"]


@pytest.fixture
def always_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_LONG", 0)


def give(sizes: list[int], error: Exception | None = None) -> Iterator[bytes]:
    for n, size in enumerate(sizes):
        yield bytes([n]) * size
    if error:
        raise error


@given(st.lists(st.integers(1, 700_000), max_size=12), st.booleans())
def test_all_bytes_come_before_the_error(sizes: list[int], is_broken: bool) -> None:
    error = ValueError("broken") if is_broken else None
    found: list[bytes] = []
    with pytest.raises(ValueError, match="broken") if is_broken else nullcontext():
        found.extend(block for block in read_ahead(give(sizes, error)) if isinstance(block, bytes))
    assert b"".join(found) == b"".join(give(sizes))
    assert all(len(block) >= 1 << 20 for block in found[:-1])
    assert not threads()


def test_no_more_blocks_are_made_than_may_wait() -> None:
    made = []

    def count() -> Iterator[bytes]:
        for n in range(1000):
            made.append(n)
            yield b"x" * (1 << 20)

    blocks = read_ahead(count())
    next(blocks)
    blocks.close()
    assert len(made) <= 7
    assert not threads()


@pytest.mark.parametrize("pack", [gz, gz_members, zst, zst_frames])
def test_a_cut_file_gives_the_same_articles_with_and_without_a_thread(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pack(LINES[:60_000])
    for size in (len(packed), len(packed) - 1, len(packed) // 2, 40):
        file = tmp_path / "a.jsonl"
        file.write_bytes(packed[:size])
        found = []
        for long in (0, 1 << 40):
            monkeypatch.setattr(streams, "_LONG", long)
            rejects = Rejects()
            records = list(open_corpus(file, Fields(), rejects))
            found.append((records, rejects.entries))
        assert found[0] == found[1]
        assert not threads()


def test_a_long_file_is_read_ahead_and_closing_it_half_way_ends_the_thread(tmp_path: Path) -> None:
    noise = random.Random(7).randbytes(8 << 20)
    (tmp_path / "a").write_bytes(gz(noise))
    with open_stream(tmp_path / "a") as stream:
        assert noise.startswith(stream.read(1 << 20))
        assert threads()
    assert not threads()


@pytest.mark.usefixtures("always_ahead")
def test_a_cut_is_told_again_at_each_read_of_a_thread_too(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gz(LINES)[:-9])
    with open_stream(tmp_path / "a") as stream:
        assert stream.read(1 << 30)
        for _ in range(2):
            with pytest.raises(CutFile):
                stream.readall()
    assert not threads()
