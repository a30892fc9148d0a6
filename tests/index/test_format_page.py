"""docs/formats/index.md says what the code does, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dedup import open_index
from dedup.index.connection import APPLICATION_ID
from dedup.index.format import BLOCK, FORMAT, HEADER_BYTES, KEY_BITS, MAGIC, key_stamp
from dedup.index.merge import FAN_IN, FLUSH_ARTICLES
from dedup.index.segments import write_segment
from dedup.settings import Settings
from tests.cli.running import ROOT

PAGE = (ROOT / "docs/formats/index.md").read_text("utf-8")


def test_the_example_is_what_is_written(tmp_path: Path) -> None:
    keys = np.array([0x0123456789AB, 0x0123456789AB, 0x0123456789CD], np.uint64)
    part = keys, np.array([1, 3, 2], np.uint32)
    write_segment(tmp_path / "segment", [part], key_stamp(Settings()))
    (block,) = re.findall(r"^```hex\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    expected = b""
    for line in block.splitlines():
        place, shown = line.split("  ")
        assert int(place, 16) == len(expected)
        expected += bytes.fromhex(shown)
    assert (tmp_path / "segment").read_bytes() == expected


@pytest.mark.parametrize(
    "said",
    [
        f"`{MAGIC.decode()}`", f"header    {HEADER_BYTES} bytes", f"{KEY_BITS} highest bits",
        f"{BLOCK} postings", f"0x{APPLICATION_ID:08x}", f"# Index, format {FORMAT}",
        f"{FLUSH_ARTICLES:,} pending articles",
    ],
)  # fmt: skip
def test_the_constants_of_the_page_are_those_of_the_code(said: str) -> None:
    assert said in PAGE
    assert FAN_IN == 8


def test_the_page_names_every_column_and_every_count(tmp_path: Path) -> None:
    with open_index(tmp_path / "i") as index:
        database = index._open().catalogue._db
        tables = [
            n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        columns = {
            name
            for table in tables
            for (_, name, *_) in database.execute(f"PRAGMA table_info({table})")
            if not table.startswith("sqlite_")
        }
        counts = index.stats()
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert [name for name in sorted(columns) if name not in named] == []
    assert [name for name in counts if name not in named] == []
    assert [
        name for name in tables if not name.startswith("sqlite_") and f"**{name}**" not in PAGE
    ] == []
