"""No row of findings can change unnoticed: what is read is what was written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dedup import Index, IndexDamaged, open_index
from tests.mask.making import make_page, make_site, make_words

CONSENT = make_words("consent", 36)
COLUMNS = {
    "relation": ("newer", "older", "kind", "data"),
    "node": ("ordinal", "oldest", "keeper"),
    "boilerplate": (
        "id", "site", "text", "contexts", "days", "sites", "articles", "masked",
    ),
    "mask": ("site", "shingles"),
    "standing": ("ordinal", "site"),
    "learned": ("number", "last"),
}  # fmt: skip
#: What is another value of the same type.
OTHERS = {"integer": "{0} + 1000", "text": "'x' || {0}", "blob": "zeroblob(length({0}))"}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that has learned, with copies whose oldest one came last, and near-duplicates."""
    folder = tmp_path_factory.mktemp("seals") / "i"
    story = make_words("story", 200)
    pages = make_site("daily.example", 12, 12, CONSENT)
    pages += [make_page(f"s{n}", "daily.example", n + 5, story[n:], CONSENT) for n in range(4)]
    with open_index(folder) as index:
        list(index.add(pages))
        list(index.add([make_page("z", "other.example", 1, story, CONSENT)]))
        list(index.add([make_page("y", "other.example", 1, story[3:], CONSENT)]))
        index.learn()
    return folder


def ask_everything(index: Index) -> None:
    index.relations()
    index.groups()
    index.boilerplate()


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, some in COLUMNS.items() for column in some]
)
def test_a_value_that_has_changed_is_told(
    living: Path, tmp_path: Path, table: str, column: str
) -> None:
    shutil.copytree(living, tmp_path / "i")
    with closing(sqlite3.connect(tmp_path / "i" / "catalogue.db")) as db, db:
        (kind,) = db.execute(f"SELECT typeof({column}) FROM {table}").fetchone()
        change = f"UPDATE {table} SET {column} = {OTHERS[kind].format(column)} WHERE "
        first = f"SELECT {column} FROM {table} ORDER BY {column} LIMIT 1"
        assert db.execute(f"{change} {column} = ({first})").rowcount >= 1
    with (
        pytest.raises(IndexDamaged, match=f"table {table}, .*: it has changed"),
        open_index(tmp_path / "i") as index,
    ):
        ask_everything(index)


def test_the_row_that_counts_learning_cannot_be_missing(living: Path, tmp_path: Path) -> None:
    shutil.copytree(living, tmp_path / "i")
    with closing(sqlite3.connect(tmp_path / "i" / "catalogue.db")) as db, db:
        db.execute("DELETE FROM learned")
    with pytest.raises(IndexDamaged, match="table learned: it has changed"):
        open_index(tmp_path / "i")


def test_what_was_written_is_read(living: Path, tmp_path: Path) -> None:
    shutil.copytree(living, tmp_path / "i")
    with closing(sqlite3.connect(tmp_path / "i" / "catalogue.db")) as db:
        found = {
            table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            for table in COLUMNS
        }
    assert found == {table: [*some, "seal"] for table, some in COLUMNS.items()}
    with open_index(tmp_path / "i") as index:
        ask_everything(index)
        assert index.verify() == []
