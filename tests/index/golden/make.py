"""Make the index of the current format version, once: `python -m tests.index.golden.make`.

Five articles of seeds/, one of them a copy, one removed, one still without a segment. What is
there already is never written again: a new format version has a folder of its own.
"""

from __future__ import annotations

from pathlib import Path

from dedup import Given, open_index
from dedup.index import FORMAT
from tests.cli.running import ROOT

FOLDER = Path(__file__).parent / f"v{FORMAT}"
NAMES = ("06-deich-lokal", "07-deich-abdruck", "16-ferry-report", "25-tofu-bassui")
LAST = "17-ferry-brief"
GIVEN = Given(texts=["This page is free because readers pay what they can."])


def seed(name: str) -> str:
    """The text of an article of seeds/."""
    return (ROOT / "seeds" / f"{name}.txt").read_text("utf-8")


def make(folder: Path) -> None:
    """The index, in a folder that is not there."""
    with open_index(folder, given=GIVEN, window_days=3650, create=True) as index:
        for day, name in enumerate(NAMES, 1):
            index.check_and_add(
                name, seed(name), date=f"2026-03-0{day}", url=f"https://site.example/{name}"
            )
        index.merge()
        index.check_and_add(LAST, seed(LAST))
        index.remove(NAMES[3])


if __name__ == "__main__":
    make(FOLDER)
