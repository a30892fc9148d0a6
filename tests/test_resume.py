"""Scans that do not end: gone on with they give the same bytes, and nothing else is accepted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, InputError, OutputError, Settings, SettingsError, scan, scan_paths
from dedup.read import Fields
from dedup.records import Given
from dedup.rounds import MATCH_COLUMNS, Found
from dedup.settings import KEEP_POLICIES, REMOVE_POLICIES
from dedup.shelf import DiskShelf, MemoryShelf
from dedup.steps import EdgeList
from dedup.verify import KINDS, Matches
from tests.cli.running import folder_bytes, run, write_lines
from tests.killing import finish, make_feed, scan_until
from tests.strategies import as_lines, corpora
from tests.test_pipeline import findings


@contextmanager
def small_commits() -> Iterator[None]:
    """Commits after every few articles and pairs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.corpus.COMMIT_BYTES", 1)
        patch.setattr("dedup.read.lines.BLOCK", 600)
        patch.setattr("dedup.rounds.BATCH_PAIRS", 2)
        patch.setattr("dedup.rounds.BATCH_BYTES", 2000)
        patch.setattr("dedup.rounds.COMMIT_BATCHES", 1)
        patch.setattr("dedup.report.results.LINES", 2)
        patch.setattr("dedup.outcome._ROWS", 2)
        yield


@contextmanager
def stopped_after(commits: int) -> Iterator[list[int]]:
    """An interrupt at the commit after so many; gives how many there were."""
    made = [0]
    commit = DiskShelf.commit

    def count(self: DiskShelf, note: Any) -> None:
        if made[0] == commits:
            raise KeyboardInterrupt
        made[0] += 1
        commit(self, note)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DiskShelf, "commit", count)
        yield made


@settings(deadline=None, max_examples=25)
@given(corpora(), st.sampled_from(KEEP_POLICIES), st.sampled_from(REMOVE_POLICIES), st.data())
def test_a_scan_stopped_at_any_commit_ends_in_the_same_bytes(
    corpus: list[Article], keep: str, remove: str, data: st.DataObject
) -> None:
    wanted = Settings(keep=keep, remove=remove)
    with TemporaryDirectory() as name, small_commits():
        folder = Path(name)
        feed = write_lines(folder / "feed.jsonl", [*as_lines(corpus), b"{broken"])
        with stopped_after(10**6) as made:
            scan_paths([feed], folder / "whole", settings=wanted, threads=1)
        stop = data.draw(st.integers(0, made[0] - 1), "stop")
        with pytest.raises(KeyboardInterrupt), stopped_after(stop):
            scan_paths([feed], folder / "out", settings=wanted, threads=1)
        assert not (folder / "out").exists()
        # The first commits may be without any article; then nothing is left.
        assert (folder / "out.partial").exists() or stop < 2
        if (folder / "out.partial").exists():
            scan_paths(out=folder / "out", resume=True, threads=3)
            assert folder_bytes(folder / "out") == folder_bytes(folder / "whole")
            assert not (folder / "out.partial").exists()


@settings(deadline=None, max_examples=25)
@given(corpora(), st.sampled_from(KEEP_POLICIES), st.sampled_from(REMOVE_POLICIES))
def test_what_lies_on_disk_gives_what_lies_in_memory(
    corpus: list[Article], keep: str, remove: str
) -> None:
    wanted = Settings(keep=keep, remove=remove)
    with TemporaryDirectory() as name:
        feed = write_lines(Path(name, "feed.jsonl"), as_lines(corpus))
        in_memory = scan_paths([feed], settings=wanted)
        with small_commits():
            on_disk = scan_paths([feed], Path(name, "out"), settings=wanted)
        assert findings(on_disk) == findings(in_memory)
        # What is made when it is looked at is still there when the folder is not.
        assert on_disk.relations + on_disk.quotes == in_memory.relations + in_memory.quotes
        assert [*on_disk.relations[1:3]] == in_memory.relations[1:3]
        assert on_disk.groups[-1:] == in_memory.groups[-1:]


def test_scans_killed_in_the_middle_of_a_write_end_in_the_same_bytes(tmp_path: Path) -> None:
    feed = make_feed(tmp_path / "feed.jsonl", 400)
    writes = scan_until(0, feed, tmp_path / "whole")
    wanted = folder_bytes(tmp_path / "whole")
    assert json.loads(wanted["run.json"])["counts"]["removed"] > 50
    assert writes > 200
    for part in range(1, 6):
        out = tmp_path / f"out{part}"
        scan_until(writes * part // 6, feed, out)
        assert not out.exists()
        finish(out)
        assert folder_bytes(out) == wanted
        assert not out.with_name(f"{out.name}.partial").exists()


# -- what is refused -----------------------------------------------------------------------------


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A scan that was stopped in the middle of reading; gives its feed."""
    feed = make_feed(tmp_path / "feed.jsonl", 30)
    with small_commits(), pytest.raises(KeyboardInterrupt), stopped_after(3):
        scan_paths([feed], tmp_path / "out", settings=Settings(min_passage=13))
    return feed


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"settings": Settings(min_passage=14)}, r"min_passage = 13, and now min_passage = 14"),
        ({"given": Given(texts=("x",))}, r'texts = \[\], and now texts = \["x"\]'),
        ({"fields": Fields(charset=("cp1252",))}, r'charset = \[\], and now .*\["cp1252"\]'),
        ({"paths": ["other.jsonl"]}, r'paths = .*feed\.jsonl"\], and now paths = \["other'),
    ],
)
def test_something_else_than_before_is_refused_and_both_are_named(
    stopped: Path, asked: dict[str, Any], named: str
) -> None:
    out = stopped.with_name("out")
    with pytest.raises(SettingsError, match=named):
        scan_paths(out=out, resume=True, **asked)
    # It can still be gone on with.
    scan_paths([stopped], out, resume=True, settings=Settings(min_passage=13))
    scan_paths([stopped], out.with_name("whole"), settings=Settings(min_passage=13))
    assert folder_bytes(out) == folder_bytes(out.with_name("whole"))


def test_an_input_that_changed_is_refused(stopped: Path) -> None:
    lines = stopped.read_bytes().splitlines(keepends=True)
    stopped.write_bytes(b"".join([lines[0].replace(b'"text": "', b'"text": "new '), *lines[1:]]))
    with pytest.raises(InputError, match="not what it was"):
        scan_paths(out=stopped.with_name("out"), resume=True)
    stopped.write_bytes(b"".join(lines[:2]))
    with pytest.raises(InputError, match="not what it was"):
        scan_paths(out=stopped.with_name("out"), resume=True)
    stopped.write_bytes(b"".join(lines))
    scan_paths(out=stopped.with_name("out"), resume=True)


def test_relative_paths_are_gone_on_with_where_they_were_given(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stopped.parent)
    with small_commits(), pytest.raises(KeyboardInterrupt), stopped_after(3):
        scan_paths(["feed.jsonl"], "other")
    monkeypatch.chdir("/")
    with pytest.raises(SettingsError, match="given in"):
        scan_paths(out=stopped.with_name("other"), resume=True)


def test_there_must_be_something_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no work"):
        scan_paths(out=tmp_path / "out", resume=True)


def test_a_scan_without_resume_begins_again(stopped: Path) -> None:
    out = stopped.with_name("out")
    scan_paths([stopped], out)
    scan_paths([stopped], out.with_name("whole"))
    assert folder_bytes(out) == folder_bytes(out.with_name("whole"))


def test_too_small_a_cap_says_how_much_is_needed_and_the_work_stays(tmp_path: Path) -> None:
    feed = make_feed(tmp_path / "feed.jsonl", 30)
    with pytest.raises(SettingsError, match=r"30 articles do not go into 1 MiB.*--resume"):
        scan_paths([feed], tmp_path / "out", memory="1M")
    scan_paths(out=tmp_path / "out", resume=True, memory="1G")
    scan_paths([feed], tmp_path / "whole", memory=4 << 30)
    assert folder_bytes(tmp_path / "out") == folder_bytes(tmp_path / "whole")


def test_the_command_goes_on_without_paths_and_says_when_there_is_nothing_to_do(
    stopped: Path,
) -> None:
    out = stopped.with_name("out")
    ran = run("scan", "--resume", "-o", out, "--min-passage", "14")
    assert ran.code == 2
    assert "min_passage = 13" in ran.err
    ran = run("scan", "--resume", "-o", out, "--min-passage", "13", "--memory", "1G")
    assert ran.code == 0, ran.err
    scan_paths([stopped], out.with_name("whole"), settings=Settings(min_passage=13))
    assert folder_bytes(out) == folder_bytes(out.with_name("whole"))
    ran = run("scan", "--resume", "-o", out)
    assert (ran.code, "nothing to go on with" in ran.err) == (0, True)
    assert run("scan", "--resume").code == 2


def test_work_that_a_kill_left_in_a_finished_result_is_no_part_of_it(tmp_path: Path) -> None:
    feed = make_feed(tmp_path / "feed.jsonl", 20)
    scan_paths([feed], tmp_path / "out")
    (tmp_path / "out" / "work").mkdir()
    (tmp_path / "out" / "work" / "work.json").write_text("{}")
    scan_paths([feed], tmp_path / "out", force=True)
    assert not (tmp_path / "out" / "work").exists()
    assert os.listdir(tmp_path / "out")


def test_many_articles_of_one_id_are_numbered_as_in_memory(tmp_path: Path) -> None:
    articles = [("x", f"text number {n % 5} of some words") for n in range(12)]
    articles += [("x#2", "taken"), ("x#", "taken too"), ("y", "text number 1 of some words")]
    lines = [json.dumps({"id": id_, "text": text}).encode() for id_, text in articles]
    result = scan_paths([write_lines(tmp_path / "feed.jsonl", lines)], tmp_path / "out")
    assert findings(result) == findings(scan(articles))
    assert len(result.renamed) == 11
    assert len({*result.kept, *(removal.id for removal in result.removals)}) == len(articles)


def test_a_round_that_was_broken_off_is_begun_with_the_edges_of_those_before() -> None:
    """Which pairs large families leave over must not depend on what was verified of them."""
    found, edges = Found(MemoryShelf(MATCH_COLUMNS)), EdgeList(Settings())
    near = Matches(
        np.array([0, 0], np.uint32), np.array([1, 2], np.uint32),
        np.full(2, KINDS.index("near-duplicate"), np.uint8), np.full((2, 11), 40, np.uint32),
        np.zeros(3, np.int64), np.zeros((0, 6), np.uint32),
    )  # fmt: skip
    found.add(near)
    found.commit(is_whole=True)
    assert len(edges.of(found).a) == 2
    found.add(near)
    found.commit(is_whole=False)
    assert len(EdgeList(Settings()).of(found).a) == len(edges.of(found).a) == 2
    found.commit(is_whole=True)
    assert len(edges.of(found).a) == 4
