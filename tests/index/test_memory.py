"""The texts of a stream: what was kept comes back, what is out of reach goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.index import Memory


@given(st.lists(st.tuples(st.text(), st.none() | st.binary(), st.integers(0, 2**32 - 1))))
def test_whatever_is_kept_comes_back_by_number(rows: list[tuple[str, bytes | None, int]]) -> None:
    memory = Memory(None)
    for row in rows:
        memory.add(*row)
    for number, (id_, text, weight) in enumerate(rows):
        assert memory.is_kept(number) == (text is not None)
        assert memory.weight(number) == weight
        if text is not None:
            assert memory.article(number) == (id_, text)
    assert len(memory) == sum(text is not None for _, text, _ in rows)


def test_an_id_may_hold_a_lone_surrogate_and_a_zero() -> None:
    memory = Memory(None)
    memory.add("\0\ud800", b"\0x", 1)
    assert memory.article(0) == ("\0\ud800", b"\0x")


@pytest.mark.parametrize("reach", [1, 4, 50])
def test_what_is_in_reach_is_there_and_little_more_is_held(reach: int) -> None:
    memory = Memory(reach)
    for number in range(200):
        memory.add(str(number), b"text", number)
        oldest = max(0, number + 1 - reach)
        assert [memory.article(n)[0] for n in range(oldest, number + 1)] == [
            str(n) for n in range(oldest, number + 1)
        ]
        assert len(memory) <= reach + reach // 4 + 1
