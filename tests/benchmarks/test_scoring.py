"""Scores on answers small enough to be counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from benchmarks import detector
from benchmarks.scoring import (
    expand,
    identical_sets,
    interval_iou,
    score_precision,
    score_recall,
    score_spans,
)
from benchmarks.truth import Corpus, Planted


@dataclass
class Passage:
    a_begin: int
    a_end: int
    b_begin: int
    b_end: int


@dataclass
class Relation:
    a: str
    b: str
    kind: str
    passages: Sequence[detector.Passage] = ()
    direction: str | None = None


TEXTS = dict.fromkeys("abcdef", "x" * 100) | {"c": "X" * 100}


@pytest.mark.parametrize(
    ("found", "iou"),
    [
        ([(10, 20)], 1.0),
        ([], 0.0),
        ([(20, 30)], 0.0),
        ([(10, 15)], 0.5),
        ([(10, 15), (15, 20)], 1.0),
        ([(10, 15), (12, 20)], 1.0),
        ([(0, 20)], 0.5),
        ([(5, 15)], 1 / 3),
    ],
)
def test_iou_of_intervals_with_ten_to_twenty(found: list[tuple[int, int]], iou: float) -> None:
    assert interval_iou(found, (10, 20)) == pytest.approx(iou)


def test_a_star_of_identical_articles_becomes_all_its_pairs() -> None:
    star = [Relation("a", "b", "identical"), Relation("a", "c", "identical")]
    sets = identical_sets(star)
    assert sorted(sets["b"]) == ["a", "b", "c"]
    assert set(expand(star, sets, TEXTS)) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_relation_of_one_member_counts_for_all_but_spans_only_for_equal_texts() -> None:
    found = [
        Relation("a", "b", "identical"),
        Relation("a", "c", "identical"),
        Relation("a", "d", "overlap", (Passage(1, 9, 2, 10),)),
    ]
    pairs = expand(found, identical_sets(found), TEXTS)
    assert pairs["b", "d"].kind == "overlap"
    assert pairs["b", "d"].spans_for("b") == ((1, 9, 2, 10),)
    assert pairs["b", "d"].spans_for("d") == ((2, 10, 1, 9),)
    assert pairs["c", "d"].spans is None


def test_recall_and_spans_are_counted_by_planted_kind() -> None:
    truth = [
        Planted("overlap", "b", "a", 0, 10, 20, 30),
        Planted("overlap", "d", "c", 0, 10, 20, 30),
        Planted("quote", "f", "e"),
    ]
    corpus = Corpus([], truth)
    relations = [
        Relation("a", "b", "overlap", (Passage(20, 30, 0, 5),)),
        Relation("e", "f", "overlap"),
    ]
    found = expand(relations, {}, TEXTS)
    recall = score_recall(found, corpus)
    assert recall["overlap"] == {"wanted": 2, "found": 1, "right_kind": 1}
    assert recall["quote"] == {"wanted": 1, "found": 1, "right_kind": 0}
    assert score_spans(found, corpus) == {"overlap": 0.75}


def test_a_pair_linked_by_a_chain_only_counts_neither_way() -> None:
    origins = {"a": ("a",), "b": ("b", "a"), "c": ("c", "b", "a"), "d": ("d",), "e": ("e",)}
    corpus = Corpus([], [Planted("near-duplicate", "b", "a")], origins)
    reported = [("a", "b"), ("a", "c"), ("b", "c"), ("a", "d"), ("d", "e")]
    score = score_precision(reported, corpus, shared={("b", "c")})
    assert score == {"reported": 5, "true": 2, "false": 2, "unjudged": 1, "precision": 0.5}


def test_precision_of_nothing_is_unknown() -> None:
    assert score_precision([], Corpus([], []), set())["precision"] is None
