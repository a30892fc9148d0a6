"""Boilerplate and candidates of a corpus: the same for every budget, in memory or in files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dedup import Settings
from dedup.core import I64, Sketches, file_of
from dedup.index import find_candidates
from dedup.mask import Masks, find_masks
from dedup.records import Given
from dedup.sketch import sketch_texts
from tests.core.test_joining import in_file
from tests.mask.making import make_noisy, make_page, make_site, make_words, with_inside

SETTINGS = Settings()


@cache
def corpus() -> tuple[Sketches, list[bytes], I64, list[str], Any]:
    """Furniture of two sites and of all, copies of an article, and an order by day."""
    pages = [
        page
        for site in ("a.example", "b.example")
        for page in make_site(site, 14, 7, make_words((site, "furniture"), 40), seed=site)
    ]
    story, footer = make_words("story", 150), make_words("footer", 30)
    for n in range(14):
        words = make_noisy(story, 0.03, n)
        pages.append(make_page(f"c{n:02}", f"c{n % 4}.example", n, words))
        words = make_words(("other", n), 220)
        pages.append(make_page(f"d{n:02}", f"d{n}.example", n, *with_inside(words, footer, n)))
    texts = [page["text"].encode() for page in pages]
    days = np.array([int(np.datetime64(page["date"]).astype(int)) for page in pages], np.int32)
    order = np.lexsort((np.arange(len(pages)), days)).astype(np.int64)
    return sketch_texts(texts, SETTINGS), texts, order, [page["site"] for page in pages], days


def said(masks: Masks) -> tuple[Any, ...]:
    columns = masks.flags.hashes, masks.flags.offsets, masks.lists, masks.fingerprints
    return *(column.tolist() for column in columns), masks.runs


@pytest.mark.parametrize("budget", [None, 1, 20_000, 10_000_000])
@pytest.mark.parametrize("mapped", [False, True])
def test_neither_a_budget_nor_files_change_an_answer(
    budget: int | None, mapped: bool, tmp_path: Path
) -> None:
    sketches, texts, order, sites, days = corpus()
    expected = find_masks(sketches, texts, order, sites, days, SETTINGS, Given())
    assert {run.site for run in expected.runs} == {"", "a.example", "b.example"}
    plain = find_candidates(sketches, order, SETTINGS, expected.fingerprints)
    if mapped:
        sketches = Sketches(
            *(in_file(column, tmp_path, f"{n}.npy") for n, column in enumerate(sketches))
        )
    (tmp_path / "scratch").mkdir()
    means: Any = {"budget_bytes": budget, "scratch": str(tmp_path / "scratch")}
    masks = find_masks(sketches, texts, order, sites, days, SETTINGS, Given(), **means)
    assert said(masks) == said(expected)
    for held in (None, masks.held):
        found = find_candidates(sketches, order, SETTINGS, masks.fingerprints, held, **means)
        assert found.older.tolist() == plain.older.tolist()
        assert found.newer.tolist() == plain.newer.tolist()
        assert found.first.tolist() == plain.first.tolist()
        assert found[3:] == plain[3:]
        assert (file_of(found.older) is not None) == (budget is not None)


def test_few_texts_at_a_time_give_the_same_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    sketches, texts, order, sites, days = corpus()
    arguments = sketches, texts, order, sites, days, SETTINGS, Given()
    expected = said(find_masks(*arguments))
    monkeypatch.setattr("dedup.mask.learning.WIDEN_TEXTS", 1)
    monkeypatch.setattr("dedup.mask.flagged.BLOCK", 100)
    assert said(find_masks(*arguments)) == expected
