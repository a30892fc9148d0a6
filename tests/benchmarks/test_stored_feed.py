"""Feeds on disk: the same for a seed, in bounded blocks, with a truth that leaves nothing out."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks import stored_feed as module
from benchmarks.engines.task import resemblance, shingle_set
from benchmarks.feed import feed
from benchmarks.stored_feed import StoredFeed, feed_name, stored_feed


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "BLOCK", 60)
    return 60


def make(tmp_path: Path, n: int, processes: int = 1) -> StoredFeed:
    return stored_feed(n, seed=5, root=tmp_path / f"of-{processes}", processes=processes)


def test_a_feed_of_one_block_is_the_feed_of_the_maker(tmp_path: Path) -> None:
    made = make(tmp_path, 40)
    assert made.texts() == [article["text"] for article in feed(40, 5).articles]


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_processes(
    tmp_path: Path, blocks: int
) -> None:
    one, other = make(tmp_path, 150, 1), make(tmp_path, 150, 2)
    assert one.about == other.about
    for name in ("articles.jsonl", "pairs.tsv", "planted.jsonl", "origins.jsonl"):
        assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes(), name


def test_a_longer_feed_begins_with_the_blocks_of_a_shorter_one(tmp_path: Path, blocks: int) -> None:
    short, long = make(tmp_path, 60), make(tmp_path, 150)
    assert long.texts()[:60] == short.texts()
    assert len(set(long.texts())) > 100


def test_ids_are_unique_and_days_go_on_over_blocks(tmp_path: Path, blocks: int) -> None:
    made = make(tmp_path, 150)
    rows = [json.loads(line) for line in made.articles_path.read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == 150
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)


def test_the_truth_is_that_of_all_pairs(tmp_path: Path, blocks: int) -> None:
    made = make(tmp_path, 150)
    sets = [shingle_set(text) for text in made.texts()]
    exact = {
        (a, b): resemblance(sets[a], sets[b])
        for a, b in combinations(range(len(sets)), 2)
        if resemblance(sets[a], sets[b]) >= 0.5
    }
    stored = {(pair.a, pair.b): pair.resemblance for pair in made.pairs(0.5)}
    assert stored == pytest.approx(exact, abs=1e-6)
    assert len(stored) >= 10


def test_what_was_planted_has_a_common_origin(tmp_path: Path, blocks: int) -> None:
    made = make(tmp_path, 150)
    origins = made.origins()
    planted = made.planted()
    assert len(planted) == made.about["planted"] >= 20
    for a, b, _ in planted:
        assert not origins.get(a, {a}).isdisjoint(origins.get(b, {b}))


def test_a_feed_is_made_once_and_never_left_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path, 20)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(module, "_make", fail)
    assert make(tmp_path, 20) == made
    with pytest.raises(OSError, match="no space"):
        make(tmp_path, 21)
    assert [path.name for path in made.folder.parent.iterdir()] == [feed_name(20, 5)]
