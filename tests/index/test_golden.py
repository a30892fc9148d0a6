"""Indexes of the current version answer as they did; those of earlier ones say what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dedup import IndexMismatch, open_index
from dedup.index import FORMAT
from tests.index.golden.make import FOLDER, GIVEN, LAST, NAMES, make, seed

VERSIONS = sorted(FOLDER.parent.glob("v*"))


def test_the_current_version_has_its_folder() -> None:
    assert FOLDER in VERSIONS


@pytest.mark.parametrize("folder", sorted({*VERSIONS} - {FOLDER}), ids=lambda folder: folder.name)
def test_an_index_of_an_earlier_version_is_refused_with_what_to_do(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "i")
    with pytest.raises(IndexMismatch) as told:
        open_index(tmp_path / "i", given=GIVEN, create=False)
    assert f"format {folder.name[1:]}, and this version of dedup has format {FORMAT}" in str(
        told.value
    )
    assert "dedup index dump" in str(told.value)


def test_an_index_of_the_current_version_answers_as_it_did(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "i")
    with open_index(tmp_path / "i", given=GIVEN, create=False) as index:
        assert index.verify() == []
        answers = {name: index.check(seed(name)) for name in (*NAMES, LAST)}
        verdicts = {name: answer.verdict for name, answer in answers.items()}
        assert verdicts == {
            "06-deich-lokal": "identical",
            "07-deich-abdruck": "identical",
            "16-ferry-report": "identical",
            "17-ferry-brief": "identical",
            "25-tofu-bassui": "new",
        }
        (match,) = answers["07-deich-abdruck"].matches
        assert (match.id, match.site, match.date) == ("06-deich-lokal", "site.example", 1772323200)
        assert [(r.kind, r.a, r.b) for r in index.relations()] == [
            ("identical", "06-deich-lokal", "07-deich-abdruck"),
            ("excerpt", "16-ferry-report", "17-ferry-brief"),
        ]
        assert index.stats()["format"] == FORMAT
        assert [
            (group.keeper, [m.id for m in group.members], [e.id for e in group.excerpts])
            for group in index.groups()
        ] == [
            ("06-deich-lokal", ["07-deich-abdruck"], []),
            ("16-ferry-report", [], ["17-ferry-brief"]),
        ]
        index.learn()
        assert index.check_and_add(NAMES[3], seed(NAMES[3])).verdict == "new"


def test_the_same_articles_give_the_same_bytes_of_segments(tmp_path: Path) -> None:
    make(tmp_path / "i")
    mine = {file.name: file.read_bytes() for file in (tmp_path / "i").glob("segment-*")}
    golden = {file.name: file.read_bytes() for file in FOLDER.glob("segment-*")}
    assert mine == golden
