"""The index of a stream: the candidates of the join of a corpus, however the stream is cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.index import StreamIndex, find_candidates
from dedup.settings import Settings
from dedup.sketch import sketch_texts

DEFAULT = Settings()
#: Words of which articles of the test are made, so that they share runs.
PIECES = [[f"p{piece}w{n}" for n in range(15)] for piece in range(6)]


def met(texts: Sequence[str], cuts: Sequence[int], chosen: Settings, remember: int | None = None):  # type: ignore[no-untyped-def]
    """Candidates of a stream cut into batches at these places, as lists in their order."""
    index = StreamIndex(chosen, remember)
    found: list[tuple[int, int]] = []
    for begin, end in zip([0, *cuts], [*cuts, len(texts)], strict=True):
        pairs = index.meet(sketch_texts(list(texts[begin:end]), chosen))
        found += zip(pairs.older.tolist(), pairs.newer.tolist(), strict=True)
    return found, index


def joined(texts: list[str], chosen: Settings) -> set[tuple[int, int]]:
    """Candidates of the join of a corpus."""
    order = np.arange(len(texts), dtype=np.int64)
    found = find_candidates(sketch_texts(texts, chosen), order, chosen)
    return set(zip(found.older.tolist(), found.newer.tolist(), strict=True))


texts = st.lists(
    st.lists(st.integers(0, len(PIECES) - 1), min_size=0, max_size=4), min_size=1, max_size=14
).map(
    # A word of its own for each article: the join wants no identical ones.
    lambda rows: [
        " ".join([*(word for piece in row for word in PIECES[piece]), f"own{n}"])
        for n, row in enumerate(rows)
    ]
)


@given(texts, st.lists(st.integers(0, 14), max_size=3), st.sampled_from([1, 2, 3, 64]))
@settings(deadline=None)
def test_the_candidates_of_a_stream_are_those_of_the_join(
    texts: list[str], cuts: list[int], read_cap: int
) -> None:
    chosen = DEFAULT.changed(read_cap=read_cap)
    found, _ = met(texts, sorted(min(cut, len(texts)) for cut in cuts), chosen)
    assert set(found) == joined(texts, chosen)
    assert len(found) == len(set(found))


@given(
    st.lists(st.sampled_from([" ".join(p) for p in PIECES] + ["kurz", "..."]), max_size=16),
    st.lists(st.integers(0, 16), max_size=4),
    st.sampled_from([None, 1, 3, 8]),
)
@settings(deadline=None)
def test_the_answer_does_not_depend_on_the_batches(
    texts: list[str], cuts: list[int], remember: int | None
) -> None:
    chosen = DEFAULT.changed(read_cap=2, max_candidates=3, family=1)
    cut, _ = met(texts, sorted(min(place, len(texts)) for place in cuts), chosen, remember)
    one_by_one, _ = met(texts, list(range(1, len(texts))), chosen, remember)
    assert cut == one_by_one
    assert all(older < newer for older, newer in cut)
    if remember is not None:
        assert all(newer - older <= remember for older, newer in cut)


def test_an_identical_article_meets_the_first_one_and_leaves_no_keys() -> None:
    text = " ".join(PIECES[0])
    once = met([text], [], DEFAULT)[1].num_postings
    found, index = met([text, text.upper(), text], [1], DEFAULT)
    assert found == [(0, 1), (0, 2)]
    assert index.num_postings == once


def test_where_only_identical_ones_are_wanted_an_article_leaves_one_key() -> None:
    index = StreamIndex(DEFAULT, identical_only=True)
    rows = [" ".join(PIECES[0]), " ".join([*PIECES[0], "x"]), " ".join(PIECES[0]).upper()]
    pairs = index.meet(sketch_texts(rows, DEFAULT))
    assert list(zip(pairs.older.tolist(), pairs.newer.tolist(), strict=True)) == [(0, 2)]
    assert index.num_postings == 2


def test_an_article_too_short_for_fingerprints_meets_its_copy() -> None:
    assert met(["Nur drei Worte", "nur drei worte!"], [], DEFAULT)[0] == [(0, 1)]


def test_articles_without_words_meet_nobody() -> None:
    found, index = met(["...", "!!!", "..."], [1], DEFAULT)
    assert (found, index.num_postings) == ([], 0)


def test_the_best_candidate_comes_first() -> None:
    texts = [" ".join(PIECES[0] + ["x"]), " ".join(PIECES[0] + PIECES[1] + ["y"])]
    found, _ = met([*texts, " ".join(PIECES[0] + PIECES[1] + ["z"])], [], DEFAULT)
    assert [older for older, newer in found if newer == 2] == [1, 0]


def test_of_a_crowd_the_oldest_and_the_best_are_met() -> None:
    banner = " ".join(PIECES[0])
    texts = [f"{banner} own{n}" for n in range(40)]
    found, _ = met(texts, [17], DEFAULT.changed(max_candidates=5, family=2))
    mine = [older for older, newer in found if newer == 39]
    assert len(mine) == 5
    assert {0, 1} <= set(mine)


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_what_is_out_of_reach_takes_no_room(batch: int) -> None:
    texts = [" ".join(f"a{n}w{k}" for k in range(60)) for n in range(300)]
    _, few = met(texts, list(range(batch, 300, batch)), DEFAULT, remember=20)
    _, all_ = met(texts, list(range(batch, 300, batch)), DEFAULT)
    # It is forgotten each quarter of the reach; a batch may come on top. 1.1: articles differ.
    assert few.num_postings <= 1.1 * all_.num_postings * (20 + 5 + batch) / 300


def test_no_articles_have_no_candidates() -> None:
    assert met([], [], DEFAULT)[0] == []
