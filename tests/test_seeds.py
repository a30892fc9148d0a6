"""The seed corpus, pair by pair, and the five originals the method was measured on."""

from __future__ import annotations

import functools
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import dedup
from tests.cli.running import ROOT, run

SEEDS = ROOT / "seeds"
TRUTH: list[dict[str, Any]] = json.loads((SEEDS / "truth.json").read_text("utf-8"))["pairs"]
RELATED = [pair for pair in TRUTH if pair["kind"] != "none"]
ORIGINALS = ROOT.parent / "shared" / "seeds"

needs_originals = pytest.mark.skipif(
    len(list(ORIGINALS.glob("00[0-4]_*.txt"))) != 5,
    reason=f"the five original articles are not at {ORIGINALS}",
)

Spans = list[tuple[int, int, int, int]]


@functools.cache
def seed(name: str) -> str:
    return (SEEDS / f"{name}.txt").read_bytes().decode()


def true_spans(pair: dict[str, Any]) -> Spans:
    return [(p["a_begin"], p["a_end"], p["b_begin"], p["b_end"]) for p in pair["passages"]]


def spans(relation: dedup.Relation) -> Spans:
    return [(p.a_begin, p.a_end, p.b_begin, p.b_end) for p in relation.passages]


def test_truth_names_every_pair_of_the_thirty_articles_once() -> None:
    names = sorted(file.stem for file in SEEDS.glob("*.txt"))
    assert len(names) == 30
    assert [(pair["a"], pair["b"]) for pair in TRUTH] == list(combinations(names, 2))
    assert len(RELATED) == 17


@pytest.mark.parametrize("pair", RELATED, ids=lambda pair: f"{pair['a'][:2]}-{pair['b'][:2]}")
def test_a_related_pair_has_its_kind_direction_and_spans(pair: dict[str, Any]) -> None:
    relation = dedup.compare(seed(pair["a"]), seed(pair["b"]))
    assert (relation.kind, relation.direction) == (pair["kind"], pair["direction"])
    assert spans(relation) == true_spans(pair)


def test_the_418_other_pairs_are_unrelated() -> None:
    others = [(pair["a"], pair["b"]) for pair in TRUTH if pair["kind"] == "none"]
    found = {names: dedup.compare(*map(seed, names)) for names in others}
    assert {names: r.kind for names, r in found.items() if r.kind != "none"} == {}
    assert {names: r.passages for names, r in found.items() if r.passages} == {}
    assert len(others) == 418


@pytest.mark.parametrize("pair", RELATED, ids=lambda pair: f"{pair['b'][:2]}-{pair['a'][:2]}")
def test_a_pair_turned_round_is_the_same_relation_turned_round(pair: dict[str, Any]) -> None:
    relation = dedup.compare(seed(pair["b"]), seed(pair["a"]))
    turned = {"a_in_b": "b_in_a", "b_in_a": "a_in_b", None: None}
    assert (relation.kind, relation.direction) == (pair["kind"], turned[pair["direction"]])
    assert [(c, d, a, b) for a, b, c, d in spans(relation)] == true_spans(pair)


def test_a_scan_of_the_seeds_finds_exactly_the_related_pairs() -> None:
    result = dedup.scan_paths([SEEDS])
    found = {
        (relation.a, relation.b): (relation.kind, relation.direction, spans(relation))
        for relation in result.relations + result.quotes
    }
    expected = {
        (pair["a"], pair["b"]): (pair["kind"], pair["direction"], true_spans(pair))
        for pair in RELATED
    }
    assert found == expected
    assert len(result.relations) + len(result.quotes) == len(found)
    assert (result.counts.read, result.counts.kept, result.counts.removed) == (30, 25, 5)


def test_a_scan_and_a_comparison_give_equal_numbers() -> None:
    result = dedup.scan_paths([SEEDS])
    for relation in result.relations + result.quotes:
        alone = dedup.compare(seed(relation.a), seed(relation.b)).as_dict()
        assert relation.as_dict() == {**alone, "a": relation.a, "b": relation.b}


def test_every_span_ends_with_a_word_and_begins_with_one() -> None:
    for pair in RELATED:
        for text, key in ((seed(pair["a"]), "a"), (seed(pair["b"]), "b")):
            for passage in pair["passages"]:
                span = text[passage[f"{key}_begin"] : passage[f"{key}_end"]]
                assert span == span.strip(" \r\n\t.,;:!?«»„“\"'()")


# -- the five originals ------------------------------------------------------------------------


@functools.cache
def original(number: str) -> str:
    (file,) = ORIGINALS.glob(f"{number}_*.txt")
    return file.read_bytes().decode()


def check_the_excerpt(found: dict[str, Any]) -> None:
    """What docs/method.md says about 000 and 002."""
    assert (found["kind"], found["direction"]) == ("excerpt", "b_in_a")
    (passage,) = found["passages"]
    assert [passage[key] for key in ("a_begin", "a_end", "b_begin", "b_end")] == [
        5727, 8288, 17, 2352,
    ]  # fmt: skip
    assert round(found["containment_b_in_a"], 3) == 0.988
    assert round(found["resemblance"], 3) == 0.229
    assert round(found["jaccard"], 3) == 0.223
    assert found["longest_run"] == 209


@needs_originals
def test_the_original_002_is_an_excerpt_of_000() -> None:
    check_the_excerpt(dedup.compare(original("000"), original("002")).as_dict())


@needs_originals
def test_the_nine_other_original_pairs_share_only_chance_passages() -> None:
    pairs = list(combinations(["000", "001", "002", "003", "004"], 2))
    pairs.remove(("000", "002"))
    found = {pair: dedup.compare(*map(original, pair)) for pair in pairs}
    assert {relation.kind for relation in found.values()} == {"none"}
    assert max(relation.longest_passage for relation in found.values()) <= 8
    assert len(found) == 9


@needs_originals
def test_a_scan_of_the_originals_finds_the_excerpt_and_nothing_else() -> None:
    result = dedup.scan_paths([ORIGINALS])
    assert not result.quotes
    (relation,) = result.relations
    assert (relation.a[:3], relation.b[:3]) == ("000", "002")
    check_the_excerpt(relation.as_dict())


@needs_originals
def test_the_pure_backend_finds_the_same_in_the_originals(tmp_path: Path) -> None:
    files = sorted(ORIGINALS.glob("00[02]_*.txt"))
    pure = run("compare", *files, "-f", "json", DEDUP_BACKEND="pure")
    native = run("compare", *files, "-f", "json", DEDUP_BACKEND="native")
    assert (pure.code, pure.err) == (0, "")
    assert pure.out == native.out
    check_the_excerpt(json.loads(pure.out))
    scans = [
        run("scan", ORIGINALS, "-f", "jsonl", "--quotes", "-q", DEDUP_BACKEND=backend).out
        for backend in ("pure", "native")
    ]
    assert scans[0] == scans[1]
    assert len(scans[0].splitlines()) == 1
