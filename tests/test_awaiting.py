"""The index for event loops: the same answers, and the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import dedup
from dedup import AsyncIndex, open_index
from tests.index.workers import body


def test_many_at_a_time_are_answered_as_one_by_one(tmp_path: Path) -> None:
    names = [f"{n}@{who}" for n in range(40) for who in "xy"]

    async def add_all() -> list[dedup.Answer]:
        async with AsyncIndex(tmp_path / "i") as index:
            return await asyncio.gather(*(index.check_and_add(n, body(n)) for n in names))

    answers = asyncio.run(add_all())
    assert sum(answer.verdict == "identical" for answer in answers) == 40
    with open_index(tmp_path / "one") as one, open_index(tmp_path / "i") as index:
        list(one.add((name, body(name)) for name in names))
        kinds = [{(r.a, r.b, r.kind) for r in some.relations()} for some in (one, index)]
        assert kinds[0] == kinds[1]
        assert index.verify() == []


def test_the_loop_goes_on_while_the_index_is_locked(tmp_path: Path) -> None:
    async def wait_for_lock() -> list[str]:
        told = []
        async with AsyncIndex(tmp_path / "i") as index:
            with open_index(tmp_path / "i") as other:
                with other._open().catalogue.writing():
                    adding = asyncio.create_task(index.check_and_add("a", body("1")))
                    await asyncio.sleep(0.05)
                    told.append(f"added: {adding.done()}")
                    told.append((await index.check(body("2"))).verdict)
                told.append((await adding).verdict)
            told.append(str(await index.remove("a")))
            told.append(str(await index.expire(before="2026-01-01")))
            told.append(str(await index.forget("a")))
        return told

    assert asyncio.run(wait_for_lock()) == [
        "added: False", "new", "new",
        "1", "0", "0",
    ]  # fmt: skip


def test_an_index_that_is_not_open_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(AsyncIndex(tmp_path / "i").check("x"))
