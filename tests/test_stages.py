"""A scan in stages and shares gives the bytes of a scan at once; shares that lack are named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dedup import InputError, OutputError, Settings, SettingsError, scan_paths
from dedup.read import Fields, Rejects, open_batches
from dedup.stages import group_share, match_share, sketch_share, write_share
from tests.cli.running import folder_bytes, run
from tests.killing import make_feed
from tests.read.crawls import page


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that each share has something to do."""
    monkeypatch.setattr("dedup.rounds.BATCH_PAIRS", 8)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A folder of several files, among them an empty and a broken one."""
    folder = tmp_path / "dump"
    folder.mkdir()
    for n, articles in enumerate((50, 80, 10, 60)):
        make_feed(folder / f"{n}.jsonl", articles, seed=n + 1)
    make_feed(folder / "twice.jsonl", 60, seed=4)
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "broken.jsonl").write_bytes(b"{\n")
    (folder / "page.html").write_text(page(3))
    return folder


@pytest.mark.parametrize("settings", [Settings(), Settings(keep="longest", family=1)])
@pytest.mark.parametrize(("sketch", "match", "group"), [(1, 1, 1), (3, 3, 3), (2, 3, 1), (9, 1, 4)])
def test_stages_in_any_shares_give_the_bytes_of_a_scan(
    tmp_path: Path, dump: Path, settings: Settings, sketch: int, match: int, group: int
) -> None:
    work = tmp_path / "work"
    # The order of the shares does not matter.
    for n in reversed(range(sketch)):
        sketch_share(work, [dump, "missing"], (n, sketch), settings=settings, annotate=True)
    for n in reversed(range(match)):
        match_share(work, (n, match), threads=1)
    for n in range(group):
        group_share(work, (n, group))
    write_share(work, tmp_path / "staged")
    scan_paths([dump, "missing"], tmp_path / "whole", settings=settings, annotate=True)
    assert folder_bytes(tmp_path / "staged") == folder_bytes(tmp_path / "whole")
    assert folder_bytes(tmp_path / "whole")["removed.jsonl"]


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 20])
def test_the_shares_of_the_files_are_all_files_in_their_order(dump: Path, parts: int) -> None:
    def read(share: tuple[int, int]) -> tuple[list[str], list[str]]:
        rejects = Rejects()
        paths = [str(dump / "0.jsonl"), "missing", str(dump)]
        batches = list(open_batches(paths, Fields(), rejects, share=share))
        ids = [id_ for batch in batches for id_ in batch.ids]
        return ids, [entry.reason for entry in rejects.entries]

    whole = read((0, 1))
    pieces = [read((n, parts)) for n in range(parts)]
    assert [id_ for ids, _ in pieces for id_ in ids] == whole[0]
    assert [reason for _, reasons in pieces for reason in reasons] == whole[1]
    if 1 < parts < 4:
        assert all(ids for ids, _ in pieces)


def test_a_share_that_is_missing_is_named_with_its_command(tmp_path: Path, dump: Path) -> None:
    work = tmp_path / "work"
    with pytest.raises(OutputError, match="no work"):
        match_share(work)
    sketch_share(work, [dump], (0, 2))
    with pytest.raises(OutputError, match=r"share 2 of 2 of the stage sketch .* --shard 2/2"):
        match_share(work)
    sketch_share(work, [dump], (1, 2))
    match_share(work, (1, 2))
    with pytest.raises(OutputError, match="share 1 of 2 of the stage match"):
        group_share(work)
    match_share(work, (0, 3))
    with pytest.raises(OutputError, match="2 and 3 shares"):
        group_share(work)
    shutil.rmtree(work / "match-1-of-3")
    match_share(work, (0, 2))
    with pytest.raises(OutputError, match="stage group"):
        write_share(work, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_shares_with_other_settings_or_of_another_number_are_refused(
    tmp_path: Path, dump: Path
) -> None:
    sketch_share(tmp_path / "work", [dump], (0, 2))
    with pytest.raises(SettingsError, match=r"min_passage = 12.* min_passage = 15"):
        sketch_share(tmp_path / "work", [dump], (1, 2), settings=Settings(min_passage=15))
    with pytest.raises(SettingsError, match=r"parts = 2.* parts = 3"):
        sketch_share(tmp_path / "work", [dump], (1, 3))


def test_standard_input_has_no_shares(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard input"):
        sketch_share(tmp_path / "work", ["-"])


def test_a_corpus_without_articles_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_bytes(b"{\n")
    sketch_share(tmp_path / "work", [tmp_path / "feed.jsonl"], (0, 1))
    with pytest.raises(InputError, match="bad-json"):
        match_share(tmp_path / "work")


def test_the_commands_do_what_the_functions_do(tmp_path: Path) -> None:
    feeds = [make_feed(tmp_path / f"{n}.jsonl", 60, seed=n) for n in (1, 2)]
    work, out = tmp_path / "work", tmp_path / "out"
    for n in (1, 2):
        ran = run("stage", "sketch", "--shard", f"{n}/2", work, *feeds, "--keep", "longest")
        assert (ran.code, ran.out) == (0, ""), ran.err
    assert run("stage", "match", work, "--memory", "1G").code == 0
    assert run("stage", "write", work, "-o", out).code == 2
    assert run("stage", "group", work).code == 0
    assert run("stage", "write", "--shard", "1/2", work, "-o", out).code == 2
    ran = run("stage", "write", work, "-o", out)
    assert (ran.code, "written" in ran.err) == (0, True)
    scan_paths(feeds, tmp_path / "whole", settings=Settings(keep="longest"))
    assert folder_bytes(out) == folder_bytes(tmp_path / "whole")


@pytest.mark.parametrize("share", ["0/3", "4/3", "1", "a/b", "1/0"])
def test_what_is_no_share_is_refused(tmp_path: Path, share: str) -> None:
    ran = run("stage", "match", "--shard", share, tmp_path)
    assert (ran.code, "give one like 2/3" in ran.err) == (2, True)
