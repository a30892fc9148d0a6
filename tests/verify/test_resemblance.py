"""Exact resemblance of sets of shingles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.settings import Settings
from dedup.verify import resemble_pairs, verify_texts
from tests.strategies import make_words

ZERO, ONE = np.array([0], np.uint32), np.array([1], np.uint32)


@given(st.integers(0, 50), st.integers(0, 120), st.integers(0, 120), st.integers(1, 8))
def test_the_resemblance_is_that_of_the_sets(seed: int, begin: int, end: int, k: int) -> None:
    words = make_words(seed, 120)
    other = words[begin:] + words[:end]
    found = resemble_pairs([" ".join(words), " ".join(other)], ZERO, ONE, Settings(k=k))
    a, b = ({tuple(one[i : i + k]) for i in range(len(one) - k + 1)} for one in (words, other))
    if words == other:
        assert found.jaccard.tolist() == [1.0]
        return
    assert found.jaccard.tolist() == pytest.approx([len(a & b) / len(a | b) if a | b else 0])
    assert found.shingles_a.tolist() == pytest.approx([len(a & b) / len(a) if a else 0])
    assert found.shingles_b.tolist() == pytest.approx([len(a & b) / len(b) if b else 0])


@given(st.integers(0, 50), st.integers(0, 120))
def test_it_is_what_a_scan_reports_beside_its_passages(seed: int, begin: int) -> None:
    words = make_words(seed, 120)
    texts = " ".join(words), " ".join(words[begin:] + make_words(seed + 100, 30))
    found = resemble_pairs(list(texts), ZERO, ONE, Settings())
    relation = verify_texts(*texts, Settings())
    assert found.jaccard[0] == relation.jaccard
    assert found.shingles_a[0] == relation.shingles_a_in_b
    assert found.shingles_b[0] == relation.shingles_b_in_a


def test_the_same_few_words_resemble_each_other_wholly() -> None:
    found = resemble_pairs(["Breaking news", "breaking -- NEWS"], ZERO, ONE, Settings())
    assert [column.tolist() for column in found] == [[1.0]] * 3


def test_no_pairs_have_no_resemblance() -> None:
    none = np.zeros(0, np.uint32)
    assert [len(column) for column in resemble_pairs([], none, none, Settings())] == [0, 0, 0]
