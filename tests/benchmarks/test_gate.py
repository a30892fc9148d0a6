"""The gate on answers small enough to be counted by hand, and the sets of the stress test."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import stress
from benchmarks.floors import below_floors, floors_of, read_floors, set_floors
from benchmarks.page_scores import count_wrong, score_kinds, score_pairs, score_spans
from benchmarks.pages import PageCorpus, pages
from benchmarks.scoring import Found
from benchmarks.truth import Pair, longest_common_run


@pytest.fixture(scope="module")
def corpus() -> PageCorpus:
    return pages(300, 5)


def perfect(corpus: PageCorpus) -> dict[Pair, Found]:
    """Answer with the truth."""
    out = {}
    for (a, b), one in corpus.pairs.items():
        if one.label == 1:
            spans = tuple(
                (*corpus.pages[a].chars(p[0], p[1]), *corpus.pages[b].chars(p[2], p[3]))
                for p in one.passages
            )
            out[a, b] = Found(a, b, min(one.kinds), spans, one.direction)
    return out


def without_quotes(found: dict[Pair, Found]) -> dict[Pair, Found]:
    return {pair: hit for pair, hit in found.items() if hit.kind != "quote"}


def stranger(corpus: PageCorpus) -> Pair:
    """Find two pages of one site that have nothing but furniture in common."""
    names = sorted(corpus.pages)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            same = corpus.pages[a].story.outlet == corpus.pages[b].story.outlet
            if same and (a, b) not in corpus.pairs:
                return a, b
    raise AssertionError("there are no strangers")


def test_the_truth_itself_is_faultless(corpus: PageCorpus) -> None:
    found = perfect(corpus)
    content = without_quotes(found)
    assert set(score_kinds(found, corpus).values()) == {1.0}
    assert set(score_pairs(content, corpus).values()) == {1.0}
    assert set(score_spans(content, corpus).values()) == {1.0}
    assert set(count_wrong(content, {}, content, corpus).values()) == {0}


def test_a_pair_that_shares_a_header_is_wrong_through_furniture(corpus: PageCorpus) -> None:
    a, b = stranger(corpus)
    header = [corpus.pages[name].furniture[0] for name in (a, b)]
    spans = ((header[0].begin, header[0].end, header[1].begin, header[1].end),)
    hit = {(a, b): Found(a, b, "overlap", spans)}
    found = without_quotes(perfect(corpus)) | hit
    scores = score_pairs(found, corpus)
    assert scores["recall"] == 1.0
    assert scores["precision"] < 1.0
    assert score_kinds(found, corpus)["precision overlap"] < 1.0
    assert score_spans(found, corpus)["span precision"] < 1.0
    assert count_wrong(hit, {}, [(b, a)], corpus) == {
        "furniture relations": 1,
        "other false relations": 0,
        "false quotes": 0,
        "wrong removals": 1,
    }


def test_missing_pairs_lower_recall_only(corpus: PageCorpus) -> None:
    found = without_quotes(perfect(corpus))
    half = dict(list(found.items())[::2])
    scores = score_pairs(half, corpus)
    assert 0.3 < scores["recall"] < 0.7
    assert scores["precision"] == 1.0
    assert score_spans(half, corpus)["span precision"] == 1.0


def test_an_excerpt_that_points_the_wrong_way_is_not_recalled(corpus: PageCorpus) -> None:
    found = perfect(corpus)
    turned = {"a_in_b": "b_in_a", "b_in_a": "a_in_b", None: None}
    for pair, hit in found.items():
        found[pair] = Found(hit.a, hit.b, hit.kind, hit.spans, turned[hit.direction])
    assert score_kinds(found, corpus)["recall excerpt"] == 0.0


def test_floors_are_kept_and_missed(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    good = {
        "plain": {"scores": {"f1": 0.9, "recall identical": 1.0}, "wrong": {"false": 10, "lost": 0}}
    }
    set_floors(good, path)
    floors = read_floors(path)
    assert floors["plain"] == floors_of(good["plain"])
    assert below_floors(good, floors) == []
    assert below_floors({"other": good["plain"]}, floors) == []
    bad = {
        "plain": {
            "scores": {"f1": 0.89, "recall identical": 0.999},
            "wrong": {"false": 14, "lost": 1},
        }
    }
    assert len(below_floors(bad, floors)) == 4


def test_the_committed_floors_cover_all_sections() -> None:
    assert set(read_floors()) == {"plain", "furnished", "variants", "feed"}


# Stress sets


def test_the_drift_chain_drifts() -> None:
    made = stress.drift(1)
    texts = [article["text"] for article in made.articles]
    assert len(texts) == 20
    assert longest_common_run(texts[0], texts[1]) >= 20
    assert longest_common_run(texts[0], texts[19]) < 12
    assert made.together("s000000", "s000002")
    assert not made.together("s000000", "s000010")


def test_a_round_up_holds_its_wires_and_a_live_blog_what_came_before() -> None:
    *wires, last = (article["text"] for article in stress.round_up(1).articles)
    assert len(wires) == 6
    assert all(wire in last for wire in wires)
    blog = [article["text"] for article in stress.live_blog(1).articles]
    body = [text.partition("\n\n")[2] for text in blog]
    assert len(body) == 40
    assert all(newer.endswith(older) for older, newer in pairwise(body))


def test_articles_in_a_template_share_it_and_nothing_else() -> None:
    one, other = (article["text"] for article in stress.template(1, 2).articles)
    assert longest_common_run(one, other) >= 12
    assert len({article["text"] for article in stress.template(1, 30).articles}) == 30


def test_the_largest_wrong_group_counts_strangers_of_the_keeper() -> None:
    groups = {"a": ["b", "c"], "d": ["e"]}
    assert stress.largest_wrong(groups, lambda a, b: b != "c") == 1
    assert stress.largest_wrong(groups, lambda a, b: False) == 2
    assert stress.largest_wrong({}, lambda a, b: False) == 0


def test_the_exponent_of_a_power_is_found() -> None:
    points = [(n, 3e-6 * n**1.5) for n in (1000, 2000, 4000)]
    assert stress.fitted_exponent(points) == pytest.approx(1.5)
