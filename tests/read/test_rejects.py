"""Rejects: counted under fixed names, kept in order."""

from __future__ import annotations

import pytest

from dedup.read import REASONS, Rejects


def test_the_reasons_are_fixed_and_sorted() -> None:
    assert list(REASONS) == sorted(REASONS)
    with pytest.raises(ValueError, match="no-such-reason"):
        Rejects().add("f", 0, "no-such-reason", "")


def test_rejects_are_counted_by_reason_in_the_order_of_the_names() -> None:
    rejects = Rejects()
    assert not rejects
    for reason in ("no-text", "bad-json", "no-text"):
        rejects.add("f", 0, reason, "")
    assert list(rejects.counts.items()) == [("bad-json", 1), ("no-text", 2)]
    assert [entry.reason for entry in rejects.entries] == ["no-text", "bad-json", "no-text"]
    assert len(rejects) == 3
