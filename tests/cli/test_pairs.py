"""`dedup pairs`: what it prints, and what it says of what it could not read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run, write_lines
from tests.strategies import make_text, make_words


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    words = make_words(5, 100)
    rows = [
        {"id": "one", "text": make_text(words), "date": "2026-01-01"},
        {"id": "two", "text": make_text([*words[:50], "neu", *words[50:]]), "date": "2026-01-02"},
        {"id": "other", "text": make_text(make_words(6, 100))},
    ]
    lines = [json.dumps(row).encode() for row in rows]
    return write_lines(tmp_path / "feed.jsonl", [*lines, b"no json"])


def test_pairs_go_to_standard_output_and_the_books_to_standard_error(feed: Path) -> None:
    done = run("pairs", feed)
    assert done.code == 0
    (line,) = done.out.splitlines()
    row = json.loads(line)
    # 96 shingles, of which one word put in breaks four and adds five.
    assert (row["a"], row["b"]) == ("one", "two")
    assert row["jaccard"] == pytest.approx(92 / 101, abs=1e-6)
    assert row["shingles_a_in_b"] == pytest.approx(92 / 96, abs=1e-6)
    assert row["shingles_b_in_a"] == pytest.approx(92 / 97, abs=1e-6)
    assert "feed.jsonl, byte" in done.err
    assert "read      4" in done.err
    assert "rejected  1" in done.err


def test_groups_have_the_oldest_first(feed: Path) -> None:
    done = run("pairs", feed, "--groups", "-q")
    assert (done.out, done.err) == ('["one", "two"]\n', "")


def test_a_higher_threshold_finds_less(feed: Path) -> None:
    assert run("pairs", feed, "--jaccard", "0.95", "-q").out == ""


def test_strict_says_that_something_was_rejected(feed: Path) -> None:
    assert run("pairs", feed, "--strict", "-q").code == 3


def test_wrong_usage_is_named(feed: Path) -> None:
    for words in ([], [feed, "--jaccard", "0"], [feed, "--num-perm", "100"], ["gone.jsonl"]):
        done = run("pairs", *words)
        assert done.code == 2
        assert done.err
