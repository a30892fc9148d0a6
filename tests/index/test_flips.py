"""No changed byte and no cut of an index goes unnoticed where it would change an answer.

A sample of tests/index/flips.py; what is noticed is an error of ours, or a warning.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dedup import IndexDamaged, open_index
from tests.index import flips


@pytest.mark.parametrize(("name", "step"), [("small", 2311), ("closed", 1201)])
def test_damage_is_told_or_changes_no_answer(tmp_path: Path, name: str, step: int) -> None:
    flips.make_closed(tmp_path)
    counts, wrong = flips.run(tmp_path / name, tmp_path / "run", step)
    assert wrong == []
    assert counts["turned told"] > 0


def test_commits_that_are_missing_are_counted(tmp_path: Path) -> None:
    flips.make_small(tmp_path)
    (tmp_path / "small" / "catalogue.db-wal").write_bytes(b"")
    with pytest.warns(RuntimeWarning, match="the last 2 transactions are missing"):
        open_index(tmp_path / "small").close()


def test_an_index_whose_catalogue_was_emptied_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    flips.make_closed(tmp_path)
    (tmp_path / "closed" / "catalogue.db").write_bytes(b"")
    with pytest.raises(IndexDamaged, match=r"catalogue\.db is empty, but segment-"):
        open_index(tmp_path / "closed")
