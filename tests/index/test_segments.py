"""Segments: they answer like a dictionary, and no changed byte goes unnoticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.core import look_up
from dedup.errors import IndexDamaged, IndexMismatch
from dedup.index.format import BLOCK, HEADER_BYTES, key_stamp
from dedup.index.recent import Recent
from dedup.index.segments import Segment, write_segment
from dedup.settings import Settings

STAMP = key_stamp(Settings())
Postings = list[tuple[int, int]]


def write(path: Path, postings: Postings, size: int = 1000) -> Segment:
    keys = np.array([key for key, _ in postings], np.uint64)
    articles = np.array([article for _, article in postings], np.uint32)
    parts = [(keys[n : n + size], articles[n : n + size]) for n in range(0, len(keys), size)]
    write_segment(path, parts, STAMP)
    return Segment(path, STAMP)


NONE = np.zeros(0, np.uint32)


def answers(segment: Segment, keys: list[int], most: int, newest: bool) -> object:
    asked = np.array(keys, np.uint64)
    found = look_up([segment.packed], [], asked, most, NONE, newest=newest)
    assert found.segment == -1
    held = [part.tolist() for part in np.split(found.articles, found.offsets[1:-1])]
    return dict(zip(keys, held, strict=False)), dict(zip(keys, found.totals.tolist(), strict=True))


def expected(postings: Postings, keys: list[int], most: int, newest: bool) -> object:
    held = {key: sorted(a for k, a in postings if k == key) for key in keys}
    some = {key: (a[-most:] if newest else a[:most]) for key, a in held.items()}
    return some, {key: len(a) for key, a in held.items()}


#: Few different keys, so that some are held by many; and the ends of their range.
KEYS = st.sampled_from([0, 1, 5, 2**63, 2**64 - 2, 2**64 - 1]) | st.integers(0, 40)


@given(
    st.sets(st.tuples(KEYS, st.integers(1, 400)), min_size=1, max_size=60),
    st.sets(KEYS, max_size=10),
    st.integers(1, 5),
    st.booleans(),
    st.integers(1, 70),
)
@settings(deadline=None)
def test_a_segment_answers_like_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory,
    postings: set[tuple[int, int]], asked: set[int], most: int, newest: bool, part: int,
) -> None:  # fmt: skip
    path = tmp_path_factory.getbasetemp() / "segment"
    chosen, keys = sorted(postings), sorted(asked)
    segment = write(path, chosen, part)
    assert answers(segment, keys, most, newest) == expected(chosen, keys, most, newest)


def test_keys_that_fill_several_blocks_are_found_whole(tmp_path: Path) -> None:
    postings = [(key, a) for key in (3, 7, 9) for a in range(1, BLOCK * 2 + (key == 7))]
    segment = write(tmp_path / "segment", postings)
    keys = [1, 3, 5, 7, 8, 9, 11]
    for newest in (False, True):
        for most in (1, BLOCK, 10**6):
            found = answers(segment, keys, most, newest)
            assert found == expected(postings, keys, most, newest)


def test_all_postings_come_back_part_by_part(tmp_path: Path) -> None:
    postings = [(n * 2**54 + n % 3, a) for n in range(1000) for a in (1, 2)]
    segment = write(tmp_path / "segment", sorted(postings))
    edges = [0, 17, 2**60, 2**63 + 5]
    back: Postings = []
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        keys, articles = segment.between(low, high)
        back += zip(keys.tolist(), articles.tolist(), strict=True)
    assert back == sorted(postings)


@given(st.lists(st.sets(KEYS, max_size=8), max_size=20), st.booleans())
@settings(deadline=None)
def test_recent_postings_answer_like_a_segment(articles: list[set[int]], newest: bool) -> None:
    recent = Recent()
    for n, own in enumerate(articles):
        recent.add([(n, np.array(sorted(own), np.uint64))])
    postings = sorted((key, n) for n, own in enumerate(articles) for key in own)
    keys = sorted({key for key, _ in postings})
    found = look_up([], recent.parts, np.array(keys, np.uint64), 10**6, NONE, newest=newest)
    held = [part.tolist() for part in np.split(found.articles, found.offsets[1:-1])]
    assert dict(zip(keys, held, strict=False)) == {
        key: [n for k, n in postings if k == key] for key in keys
    }
    assert len(recent.parts) <= 4


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "segment"
    write(path, sorted((n * 2**53 + n, n % 7) for n in range(1, BLOCK + 40)))
    return path


def test_every_changed_byte_is_noticed_and_the_file_is_named(small: Path) -> None:
    data = small.read_bytes()
    changed = small.with_name("changed")
    unnoticed = []
    for place in range(len(data)):
        changed.write_bytes(
            data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]
        )
        told = ""
        try:
            Segment(changed, STAMP).check()
        except (IndexDamaged, IndexMismatch) as error:
            told = str(error)
        if str(changed) not in told:
            unnoticed.append(place)
    assert unnoticed == []


def test_every_truncation_is_noticed_and_so_is_more(small: Path) -> None:
    data = small.read_bytes()
    changed = small.with_name("cut")
    for size in [*range(0, 3 * HEADER_BYTES), *range(0, len(data), 97), len(data) - 1]:
        changed.write_bytes(data[:size])
        with pytest.raises(IndexDamaged):
            Segment(changed, STAMP)
    changed.write_bytes(data + b"\0")
    with pytest.raises(IndexDamaged, match=f"expected {len(data)} bytes, found {len(data) + 1}"):
        Segment(changed, STAMP)


def test_a_changed_block_is_noticed_by_whoever_reads_it(small: Path) -> None:
    data = bytearray(small.read_bytes())
    data[HEADER_BYTES + 8] ^= 1
    changed = small.with_name("block")
    changed.write_bytes(data)
    segment = Segment(changed, STAMP)
    in_last_block = np.array([(BLOCK + 39) * 2**53 + BLOCK + 39], np.uint64)
    assert len(look_up([segment.packed], [], in_last_block, 1, NONE).articles) == 1
    found = look_up([segment.packed], [], np.array([2**53 + 1], np.uint64), 1, NONE)
    assert (found.segment, found.block) == (0, 0)
    assert "block 0 has changed" in str(segment.damage(found.block))
    with pytest.raises(IndexDamaged, match="block 0 has changed"):
        segment.between(0, 2**60)


def test_other_settings_are_refused_with_both_stamps(small: Path) -> None:
    other = key_stamp(Settings(window=9))
    with pytest.raises(IndexMismatch) as told:
        Segment(small, other)
    assert other.hex() in str(told.value)
    assert STAMP.hex() in str(told.value)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def parts() -> object:
        yield np.array([1], np.uint64), np.array([1], np.uint32)
        yield np.array([2], np.uint64), np.array([2], np.uint32)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_segment(tmp_path / "segment", parts(), STAMP)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
