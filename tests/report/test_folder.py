"""The output folder: whole or not there, and never in place of something that is not ours."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

import pytest

from dedup import OutputError
from dedup.report import OutputFolder
from dedup.report.folder import FILES
from tests.cli.running import folder_bytes


def write_all(folder: OutputFolder, content: bytes = b"new") -> None:
    for name in FILES:
        with folder.open(name) as file:
            file.write(content)


def make_result(path: Path, content: bytes = b"old") -> dict[str, bytes]:
    path.mkdir()
    for name in FILES:
        (path / name).write_bytes(content)
    return folder_bytes(path)


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def test_a_committed_folder_holds_the_files_and_nothing_else(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as folder:
        write_all(folder)
        assert names(tmp_path) == ["out.partial"]
        folder.commit()
    assert names(tmp_path) == ["out"]
    assert folder_bytes(tmp_path / "out") == dict.fromkeys(sorted(FILES), b"new")


def test_a_folder_in_a_folder_that_does_not_exist_yet_is_made(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "deep" / "er" / "out") as folder:
        write_all(folder)
        folder.commit()
    assert names(tmp_path / "deep" / "er") == ["out"]


def test_without_commit_nothing_is_left(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as folder:
        write_all(folder)
    assert names(tmp_path) == []


def test_an_error_inside_leaves_nothing_and_passes_through(tmp_path: Path) -> None:
    def fail() -> None:
        with OutputFolder(tmp_path / "out") as folder:
            write_all(folder)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(tmp_path) == []


def test_an_existing_folder_is_refused_and_the_message_names_the_ways_out(tmp_path: Path) -> None:
    before = make_result(tmp_path / "out")
    with pytest.raises(OutputError, match=r"out exists already\..*-o.*--force"):
        OutputFolder(tmp_path / "out")
    assert folder_bytes(tmp_path / "out") == before


def test_force_replaces_an_earlier_result_whole(tmp_path: Path) -> None:
    make_result(tmp_path / "out")
    with OutputFolder(tmp_path / "out", force=True) as folder:
        write_all(folder)
        assert (tmp_path / "out" / "run.json").read_bytes() == b"old"
        folder.commit()
    assert folder_bytes(tmp_path / "out") == dict.fromkeys(sorted(FILES), b"new")
    assert names(tmp_path) == ["out"]


def test_force_replaces_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with OutputFolder(tmp_path / "out", force=True) as folder:
        write_all(folder)
        folder.commit()
    assert names(tmp_path / "out") == sorted(FILES)


@pytest.mark.parametrize("foreign", ["notes.txt", "sub", ".hidden"])
def test_force_refuses_a_folder_that_holds_anything_else(tmp_path: Path, foreign: str) -> None:
    make_result(tmp_path / "out")
    (tmp_path / "out" / foreign).mkdir()
    with pytest.raises(OutputError, match=f"cannot be replaced: it holds {foreign}"):
        OutputFolder(tmp_path / "out", force=True)
    assert names(tmp_path / "out") == sorted([*FILES, foreign])


def test_force_refuses_a_folder_of_such_files_without_run_json(tmp_path: Path) -> None:
    make_result(tmp_path / "out")
    (tmp_path / "out" / "run.json").unlink()
    with pytest.raises(OutputError, match=r"no run\.json"):
        OutputFolder(tmp_path / "out", force=True)


def test_force_refuses_a_file_and_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    make_result(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("file", "link", "dangling"):
        with pytest.raises(OutputError, match="it is not a folder"):
            OutputFolder(tmp_path / name, force=True)
        with pytest.raises(OutputError, match="exists already"):
            OutputFolder(tmp_path / name)
    assert (tmp_path / "file").read_bytes() == b"precious"


def test_what_a_killed_run_left_behind_is_no_part_of_the_next_result(tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    for name in (".lock", "kept.jsonl", "groups.jsonl"):
        (tmp_path / "out.partial" / name).write_bytes(b"stale")
    with OutputFolder(tmp_path / "out") as folder:
        assert names(folder.partial) == [".lock"]
        write_all(folder)
        folder.commit()
    assert names(tmp_path) == ["out"]
    assert folder_bytes(tmp_path / "out") == dict.fromkeys(sorted(FILES), b"new")


def test_a_second_writer_is_refused_while_the_first_is_at_work(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as first:
        write_all(first)
        with (
            pytest.raises(OutputError, match="another scan is writing"),
            OutputFolder(tmp_path / "out"),
        ):
            pytest.fail("two writers in one folder")
        first.commit()
    assert folder_bytes(tmp_path / "out") == dict.fromkeys(sorted(FILES), b"new")


def test_a_folder_can_be_written_again_after_the_first_writer_gave_up(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out"):
        pass
    with OutputFolder(tmp_path / "out") as folder:
        write_all(folder)
        folder.commit()
    assert names(tmp_path) == ["out"]


def test_a_parent_that_is_a_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(OutputError, match="cannot be written: Not a directory"),
        OutputFolder(tmp_path / "file" / "out"),
    ):
        pass


def test_a_missing_file_stops_the_commit_before_anything_is_replaced(tmp_path: Path) -> None:
    before = make_result(tmp_path / "out")
    with OutputFolder(tmp_path / "out", force=True) as folder:
        write_all(folder)
        (folder.partial / "run.json").unlink()
        with pytest.raises(OSError, match=r"run\.json"):
            folder.commit()
    assert folder_bytes(tmp_path / "out") == before
    assert names(tmp_path) == ["out"]


def test_a_failing_sync_leaves_the_earlier_result_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_result(tmp_path / "out")

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with OutputFolder(tmp_path / "out", force=True) as folder:
        write_all(folder)
        with pytest.raises(OSError, match="No space"):
            folder.commit()
    assert folder_bytes(tmp_path / "out") == before
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("name", ["out.partial", "out.replaced"])
def test_a_folder_of_the_user_with_a_name_like_ours_is_never_emptied(
    tmp_path: Path, name: str
) -> None:
    make_result(tmp_path / "out")
    (tmp_path / name).mkdir()
    (tmp_path / name / "diary.txt").write_text("mine")
    with contextlib.suppress(OutputError), OutputFolder(tmp_path / "out", force=True) as folder:
        write_all(folder)
        folder.commit()
    assert (tmp_path / name / "diary.txt").read_text() == "mine"
    assert names(tmp_path / "out") == sorted(FILES)


@pytest.mark.parametrize("held", [[], ["begin.lock"], ["begin.lock", "work.json", "articles"]])
def test_work_that_a_kill_left_behind_is_ours_and_makes_room(
    tmp_path: Path, held: list[str]
) -> None:
    work = tmp_path / "out.partial" / "work"
    work.mkdir(parents=True)
    for name in held:
        (work / name).touch()
    with OutputFolder(tmp_path / "out") as folder:
        assert not work.exists()
        write_all(folder)
        folder.commit()
    assert names(tmp_path) == ["out"]


def test_a_folder_named_work_that_is_not_ours_is_never_removed(tmp_path: Path) -> None:
    work = tmp_path / "out.partial" / "work"
    work.mkdir(parents=True)
    (work / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds work"):
        OutputFolder(tmp_path / "out")
    assert (work / "thesis.txt").read_text() == "mine"
