"""Change an index byte by byte, and cut it: `python -m tests.index.flips [STEP] [SMALL]`.

The long form of tests/index/test_flips.py. Every STEP-th byte of every file (1: each) is changed
in one bit, and every file is cut at every sixteenth of these places; each time the index is
opened and asked. Exit status 0: each time either something was said (an error of ours or a
warning) or all answers were right.
SMALL is the size of a catalogue up to which it is read whole on opening: 0 shows how much is
noticed without that.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from dedup import DedupError, Index, open_index
from dedup.index.connection import SMALL
from tests import strategies as make

TEXTS = {f"n{n}": make.make_text(make.make_words(n, 60)) for n in range(6)}
TEXTS |= {
    "copy": TEXTS["n1"],
    "part": make.make_text(make.make_words(2, 60)[10:45]),
    "short": "Vier Worte sind es.",
}
NEW = make.make_text(make.make_words(99, 60))


class Damage(NamedTuple):
    """What is done to a file: a bit of a byte is turned, or it is cut there."""

    file: str
    place: int
    is_cut: bool


def make_small(folder: Path) -> None:
    """An index with copies, an excerpt, a removed article, a segment and keys in none.

    It is copied while it is open, so that the last transactions are in its log only.
    """
    for some in (list(TEXTS)[:7], list(TEXTS)[7:]):
        index = open_index(folder / "open")
        for n, name in enumerate(some):
            site = f"https://site.example/{name}"
            index.check_and_add(name, TEXTS[name], date=f"2026-01-{n + 1:02}", url=site)
        if len(some) == 7:
            index.merge()
            index.remove("n3")
            index.close()
    with index:
        shutil.copytree(folder / "open", folder / "small")
    (folder / "small" / "catalogue.db-shm").unlink()


def make_closed(folder: Path) -> None:
    """The same, closed: the log is in the catalogue."""
    make_small(folder)
    shutil.copytree(folder / "small", folder / "closed")
    with open_index(folder / "closed") as index:
        index.check("")


def answers(folder: Path) -> list[Any]:
    """What an index says of all that can be asked, then of what is stored."""
    with open_index(folder, create=False) as index:
        return list(_answers(index))


def _answers(index: Index) -> Iterator[Any]:
    yield len(index)
    for name, text in TEXTS.items():
        yield name in index, index.check(text).as_dict()
    yield index.check(NEW).as_dict()
    yield index.relations()
    yield index.groups()
    yield index.boilerplate()
    yield list(index.dump(texts=True))
    yield index.check_and_add("new", f"{NEW} {TEXTS['n4']}").as_dict()
    yield index.check_and_add("copy", TEXTS["copy"]).as_dict()
    yield "new" in index, len(index), index.check(NEW).as_dict()


def damages(folder: Path, step: int) -> Iterator[Damage]:
    """Everything that is done to the files of an index."""
    for file in sorted(folder.iterdir()):
        for place in range(0, file.stat().st_size, step):
            yield Damage(file.name, place, False)
        for place in range(0, file.stat().st_size, 16 * step):
            yield Damage(file.name, place, True)


def what_happens(source: Path, scratch: Path, damage: Damage, right: list[Any]) -> str:
    """Damage a copy and ask it: "told", "right" or "wrong"; another error is "stray"."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(source, scratch)
    file = scratch / damage.file
    data = bytearray(file.read_bytes())
    if damage.is_cut:
        del data[damage.place :]
    else:
        data[damage.place] ^= 1 << damage.place % 8
    file.write_bytes(data)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            found = answers(scratch)
        except DedupError:
            return "told"
        except Exception as error:
            return f"stray {type(error).__name__}"
    return "told" if told else "right" if found == right else "wrong"


def run(source: Path, folder: Path, step: int) -> tuple[Counter[str], list[tuple[Damage, str]]]:
    """Do everything; gives how often what happened, and what should not have."""
    folder.mkdir()
    shutil.copytree(source, folder / "whole")
    right = answers(folder / "whole")
    counts: Counter[str] = Counter()
    wrong = []
    for damage in damages(source, step):
        happened = what_happens(source, folder / "damaged", damage, right)
        counts[f"{'cut' if damage.is_cut else 'turned'} {happened}"] += 1
        if happened not in ("told", "right"):
            wrong.append((damage, happened))
    return counts, wrong


def main(step: int, small: int) -> None:
    """Run on an index with its log, then on one that was closed."""
    is_wrong = False
    for name in ("small", "closed"):
        with tempfile.TemporaryDirectory() as folder:
            make_closed(Path(folder))
            with mock.patch("dedup.index.connection.SMALL", small):
                counts, wrong = run(Path(folder) / name, Path(folder) / "run", step)
        print(name, dict(counts), *wrong[:50], sep="\n  ", flush=True)
        is_wrong |= bool(wrong)
    sys.exit(is_wrong)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1,
        int(sys.argv[2]) if len(sys.argv) > 2 else SMALL,
    )
