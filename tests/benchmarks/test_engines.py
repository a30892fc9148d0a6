"""Engines: one task, one signature, and a wrong answer gives no time."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import homes, records, scale, shift, speed
from benchmarks.answers import Score, is_right, score_answer
from benchmarks.engines import ENGINES, Engine, choose
from benchmarks.engines.task import (
    Laps,
    Settings,
    pairs_in_bands,
    pairs_of_answers,
    pairs_of_groups,
    resemblance,
    shingle_set,
    verified_texts,
)
from benchmarks.estimates import make_pair
from benchmarks.stored_feed import StoredFeed, TruePair, stored_feed

BRUTE_FORCE = next(engine for engine in ENGINES if engine.name == "brute-force")


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> StoredFeed:
    return stored_feed(250, seed=3, root=tmp_path_factory.mktemp("feeds"), processes=1)


def settings(tmp_path: Path, variant: str = "") -> Settings:
    return Settings(variant, 1, "", str(tmp_path))


def answer_of(engine: Engine, texts: list[str], tmp_path: Path) -> set[tuple[int, int]]:
    module = importlib.import_module(f"benchmarks.engines.{engine.module}")
    found: set[tuple[int, int]] = module.find_pairs(
        texts, Laps(), settings(tmp_path, engine.variant)
    )
    return found


# The task


def test_shingles_are_runs_of_five_lower_cased_words() -> None:
    assert shingle_set("A b C d e F") == {"a b c d e", "b c d e f"}
    assert shingle_set("One two") == {"one two"}


def test_resemblance_is_common_over_joint() -> None:
    assert resemblance({1, 2, 3}, {2, 3, 4}) == 0.5
    assert resemblance(set(), set()) == 0.0


def test_answers_and_groups_become_pairs_with_the_smaller_first() -> None:
    assert pairs_of_answers([[0, 2], [1], [0, 2]]) == {(0, 2)}
    assert pairs_of_groups([(3, 1), (3, 5)]) == {(1, 3), (3, 5), (1, 5)}


def test_rows_that_are_equal_in_one_band_are_a_pair() -> None:
    same = [9, 8, 7, 6]
    rows = [[*same, *range(124)], [*range(200, 324), *same], [*same, *range(400, 524)]]
    assert pairs_in_bands(rows) == {(0, 2)}


def test_candidates_below_the_threshold_are_no_answer() -> None:
    texts = ["a b c d e f g h i j k", "a b c d e f g h i j l", "a b c d e x y z u v w"]
    assert verified_texts({(0, 1), (0, 2)}, texts) == {(0, 1)}


# Answers


TRUTH = [TruePair(0, 1, 0.9), TruePair(2, 3, 0.7), TruePair(4, 5, 0.6)]
ORIGINS = {1: {0, 1}, 3: {2, 3}, 5: {4, 5}}


def test_an_answer_is_counted_by_its_truth() -> None:
    score = score_answer([(1, 0), (4, 5), (0, 2), (0, 1)], TRUTH, ORIGINS)
    assert score == Score(wanted=2, found=1, reported=3, related=1, wrong=1)
    assert score.recall == 0.5
    assert score.precision == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("found", "wrong", "right"), [(100, 0, True), (95, 0, True), (94, 0, False), (100, 2, False)]
)
def test_an_answer_with_little_recall_or_wrong_pairs_is_refused(
    found: int, wrong: int, right: bool
) -> None:
    assert is_right(Score(100, found, 100 + wrong, 0, wrong)) is right


def told(seconds: list[float], equal: bool = True) -> dict[str, Any]:
    return {
        "version": "1", "python": "3", "equal_answers": equal, "memory_before_bytes": 1,
        "memory_peak_bytes": 2, "memory_children_bytes": 0,
        "runs": [
            {"seconds": s, "cpu_seconds": s, "stages": {"all": s}} for s in seconds
        ],
    }  # fmt: skip


@pytest.mark.parametrize("missed", [0.0, 0.5])
def test_a_wrong_answer_gets_no_time(
    feed: StoredFeed, monkeypatch: pytest.MonkeyPatch, missed: float
) -> None:
    pairs = [(pair.a, pair.b) for pair in feed.pairs(0.7)]
    given = pairs[int(missed * len(pairs)) :]
    monkeypatch.setattr(speed, "run_engine", lambda *_, **__: (told([3.0, 1.0, 2.0]), given))
    row = speed.measure_engine(BRUTE_FORCE, feed, runs=3, budget_seconds=1)
    assert row["counted"] is (missed == 0)
    assert ("seconds" in row, "mb_per_second" in row) == (missed == 0, missed == 0)
    if not missed:
        assert row["seconds"] == 2.0


def test_an_engine_that_answers_differently_each_time_gets_no_time(
    feed: StoredFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [(pair.a, pair.b) for pair in feed.pairs(0.7)]
    monkeypatch.setattr(speed, "run_engine", lambda *_, **__: (told([1.0], equal=False), pairs))
    row = speed.measure_engine(BRUTE_FORCE, feed, runs=1, budget_seconds=1)
    assert "seconds" not in row


def test_an_engine_that_cannot_be_had_stays_in_the_table_with_the_reason(
    feed: StoredFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise homes.Absent("cannot be installed: no wheel")

    monkeypatch.setattr(speed, "run_engine", refuse)
    row = speed.measure_engine(BRUTE_FORCE, feed, runs=1, budget_seconds=1)
    assert row["absent"] == "cannot be installed: no wheel"


def test_an_engine_is_not_given_more_than_it_can_take(feed: StoredFeed) -> None:
    small = BRUTE_FORCE._replace(most_articles=10)
    row = speed.measure_engine(small, feed, runs=1, budget_seconds=1)
    assert "not given more than 10" in row["absent"]


# Engines


def test_every_engine_is_one_file_that_loads_without_its_packages() -> None:
    for engine in ENGINES:
        module = importlib.import_module(f"benchmarks.engines.{engine.module}")
        assert callable(module.find_pairs), engine.name
    files = {p.stem for p in (Path(homes.ROOT) / "benchmarks/engines").glob("*.py")}
    assert files - {"__init__", "task", "worker"} == {engine.module for engine in ENGINES}


def test_a_name_takes_its_variants_with_it_and_unknown_ones_are_refused() -> None:
    assert [e.name for e in choose("rensa")] == ["rensa", "rensa-rho", "rensa-rho-sets"]
    assert [e.name for e in choose("ours-2,ours-2")] == ["ours-2"]
    with pytest.raises(SystemExit, match="there is no engine 'foo'"):
        choose("foo")


@pytest.mark.parametrize("name", ["brute-force", "ours", "ours-pairs"])
def test_our_engines_find_every_pair_of_the_truth(
    feed: StoredFeed, tmp_path: Path, name: str
) -> None:
    (engine,) = [engine for engine in ENGINES if engine.name == name]
    found = answer_of(engine, feed.texts(), tmp_path)
    score = score_answer(found, feed.pairs(0.7), feed.origins())
    assert score.wanted >= 15
    assert (score.recall, score.wrong) == (1.0, 0)


def test_brute_force_finds_exactly_the_stored_truth(feed: StoredFeed, tmp_path: Path) -> None:
    found = answer_of(BRUTE_FORCE, feed.texts(), tmp_path)
    assert found == {(pair.a, pair.b) for pair in feed.pairs(0.7)}


def test_the_worker_runs_an_engine_in_a_process_of_its_own(feed: StoredFeed) -> None:
    told, pairs = speed.run_engine(BRUTE_FORCE, feed.articles_path, runs=3)
    assert len(told["runs"]) == 3
    assert told["equal_answers"]
    assert told["memory_peak_bytes"] >= told["memory_before_bytes"] > 1 << 20
    assert {"shingles", "candidates", "verify"} == set(told["runs"][0]["stages"])
    assert set(pairs) == {(pair.a, pair.b) for pair in feed.pairs(0.7)}


def test_an_engine_that_fails_is_absent_with_its_last_word(feed: StoredFeed) -> None:
    with pytest.raises(homes.Absent, match=r"fails: .*no_such_engine"):
        speed.run_engine(BRUTE_FORCE._replace(module="no_such_engine"), feed.articles_path, runs=1)


def test_without_an_earlier_release_there_is_no_row_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(homes, "_git", lambda *_: "")
    (previous,) = choose("ours-previous")
    with pytest.raises(homes.Absent, match="--previous"):
        homes.python_of(previous)


def test_the_peak_of_a_worker_is_its_own_and_not_that_of_who_started_it(feed: StoredFeed) -> None:
    ballast = bytearray(b"x") * (150 << 20)
    told, _ = speed.run_engine(BRUTE_FORCE, feed.articles_path, runs=1)
    assert told["memory_before_bytes"] < len(ballast)


def test_a_scan_of_a_feed_is_watched_from_a_small_process(feed: StoredFeed) -> None:
    ballast = bytearray(b"x") * (300 << 20)
    row = scale.scan_row(feed, threads=1, runs=1)
    assert row["counted"]
    assert row["read"] == 250
    assert row["memory_peak_bytes"] < len(ballast)


# Conditions


def test_a_pure_build_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-c",
         "from benchmarks.records import refuse_bad_conditions as r; r()"],
        cwd=homes.ROOT, env={"DEDUP_BACKEND": "pure"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "pure kernels are not timed" in done.stderr


def test_kernels_with_sanitizers_are_refused(tmp_path: Path) -> None:
    module = tmp_path / "module.so"
    module.write_bytes(b"\x7fELF __asan_init ")
    with pytest.raises(SystemExit, match="sanitizers"):
        records.refuse_bad_conditions(module)


def test_kernels_that_were_not_optimized_are_refused(tmp_path: Path) -> None:
    source, module = tmp_path / "slow.cpp", tmp_path / "slow.so"
    source.write_text(
        "#include <vector>\n#include <cstdint>\n"
        'extern "C" std::uint32_t get(const std::vector<std::uint32_t>& v) { return v[0]; }\n'
    )
    for level, refused in (("-O0", True), ("-O2", False)):
        subprocess.run(
            ["g++", level, "-shared", "-fPIC", str(source), "-o", str(module)], check=True
        )
        copy = module.rename(tmp_path / f"slow{level}.so")
        if refused:
            with pytest.raises(SystemExit, match="without optimization"):
                records.refuse_bad_conditions(copy)
        else:
            records.refuse_bad_conditions(copy)


# Shifts and estimates


def test_a_shift_changes_what_it_says_and_keeps_its_pairs_near() -> None:
    text = " ".join(f"w{i}" for i in range(200))
    corpus, wanted = shift.make_shifts([text])
    assert len(corpus) == 5
    assert list(wanted) == list(shift.SHIFTS)
    assert [len(copy.split()) for copy in corpus] == [200, 201, 203, 180, 200]
    for (pair,) in wanted.values():
        assert resemblance(*(shingle_set(corpus[i]) for i in pair)) >= 0.7


def test_a_copy_that_is_no_copy_any_more_is_not_wanted() -> None:
    short = " ".join(f"w{i}" for i in range(30))
    _, wanted = shift.make_shifts([short])
    assert wanted["the last 20 words cut"] == []


def test_recall_by_shift_counts_the_wanted_pairs_only() -> None:
    wanted = {"one": [(0, 1), (2, 3)], "other": [(0, 4)]}
    assert shift.recall_by_shift([(0, 1), (8, 9)], wanted) == {"one": 0.5, "other": 0.0}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_the_resemblance_of_a_made_pair_is_exact(share: float) -> None:
    import random

    (a, b), exact = make_pair(random.Random(1), 480, share)
    assert resemblance(set(a), set(b)) == exact == round(480 * share) / 480


def test_our_estimates_are_as_good_as_those_of_independent_slots() -> None:
    from benchmarks.engines import ours
    from benchmarks.estimates import measure_estimates

    for row in measure_estimates(ours, "", pairs=60):
        # 420 pairs: the error is known to a thirtieth of itself.
        assert row["rmse"] <= 1.12 * row["theory"], row
        assert abs(row["bias"]) <= 0.006, row


def test_the_order_of_a_worker_is_plain_json() -> None:
    from benchmarks.engines.worker import Order

    order = Order(
        module="ours", variant="", package="", threads=1, articles="", out="", runs=1,
        budget_seconds=1.0, root="",
    )  # fmt: skip
    assert json.loads(json.dumps(order)) == order
