"""Applying a result: the corpus again without what was removed, or nothing at all."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, InputError, OutputError, Settings, scan_paths
from dedup.applying import apply_plan, plan_removal
from dedup.read import open_stream
from dedup.report import open_packed
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line
from tests.strategies import as_lines, corpora, junk_lines

ROWS = [
    line(TEXT, id="a"), b"{broken", line(TEXT.upper(), id="b"), b"", line(OTHER, id="c"),
    line(EDITED, id="d"), b'{"no":"text"}', line(SLICE, id="e"),
]  # fmt: skip


def tree(folder: Path) -> dict[str, bytes]:
    """Plain bytes of every file, by path."""
    out = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with open_stream(path) as stream:
                out[path.relative_to(folder).as_posix()] = b"".join(
                    iter(lambda: stream.read(1 << 20), b"")
                )
    return out


def apply(tmp_path: Path, *paths: Path, **options: object) -> dict[str, bytes]:
    scan_paths(paths, tmp_path / "result", **options)  # type: ignore[arg-type]
    apply_plan(plan_removal(tmp_path / "result"), tmp_path / "clean")
    return tree(tmp_path / "clean")


@pytest.mark.parametrize("compression", ["", "gzip", "zstd", "bzip2", "xz"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_are_left_out_and_the_others_stay_byte_for_byte(
    tmp_path: Path, compression: str, end: bytes
) -> None:
    (tmp_path / "in").mkdir()
    feed = tmp_path / "in" / "feed.jsonl"
    with open_packed(feed, compression) as file:
        file.write(b"\xef\xbb\xbf" + end.join(ROWS))
    (tmp_path / "in" / "other.jsonl").write_bytes(line("etwas ganz anderes"))
    found = apply(tmp_path, tmp_path / "in")
    kept = b"\xef\xbb\xbf" + end.join(ROWS[n] for n in (0, 1, 3, 4, 6, 7))
    assert found == {"feed.jsonl": kept, "other.jsonl": line("etwas ganz anderes")}
    magic = {
        "": b"\xef\xbb", "gzip": b"\x1f\x8b", "zstd": b"\x28\xb5", "bzip2": b"BZ", "xz": b"\xfd7",
    }[compression]  # fmt: skip
    assert (tmp_path / "clean" / "feed.jsonl").read_bytes().startswith(magic)


def test_of_pages_whole_files_are_left_out(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    (tmp_path / "in").mkdir()
    rows = "".join(f"<p>{row}</p>" for row in TEXT.splitlines())
    for name in ("x.html", "y.html"):
        (tmp_path / "in" / name).write_text(f"<html><body><article>{rows}</article></body></html>")
    assert list(apply(tmp_path, tmp_path / "in")) == ["x.html"]


def test_of_plain_text_whole_files_are_left_out(tmp_path: Path) -> None:
    for name, text in (("a/x.txt", TEXT), ("b/x.txt", TEXT.lower()), ("b/y.txt", OTHER)):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text)
    assert list(apply(tmp_path, tmp_path / "in")) == ["a/x.txt", "b/y.txt"]


def test_paths_are_kept_below_what_the_inputs_have_in_common(tmp_path: Path) -> None:
    for folder, text in (("a", TEXT), ("b", OTHER)):
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "deep" / "feed.jsonl").write_bytes(line(text))
    found = apply(tmp_path, tmp_path / "a" / "deep" / "feed.jsonl", tmp_path / "b")
    assert list(found) == ["a/deep/feed.jsonl", "b/deep/feed.jsonl"]


def test_a_file_of_which_nothing_goes_is_copied_as_it_is(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl.gz"
    feed.write_bytes(gzip.compress(line(TEXT) + b"\n", 1) + gzip.compress(line(OTHER), 9))
    os.utime(feed, (1_000_000_000, 1_000_000_000))
    scan_paths([feed], tmp_path / "result")
    done = apply_plan(plan_removal(tmp_path / "result"), tmp_path / "clean")
    assert (done.copied, done.rewritten, done.left_out) == (1, 0, 0)
    copy = tmp_path / "clean" / "feed.jsonl.gz"
    assert copy.read_bytes() == feed.read_bytes()
    assert copy.stat().st_mtime == 1_000_000_000


@given(corpora(max_derived=6), st.lists(junk_lines(), max_size=4), st.randoms())
@settings(deadline=None, max_examples=25)
def test_a_second_scan_of_what_was_written_finds_nothing_to_remove(
    tmp_path_factory: pytest.TempPathFactory,
    corpus: list[Article],
    junk: list[bytes],
    random: object,
) -> None:
    tmp_path = tmp_path_factory.mktemp("apply")
    rows = [*as_lines(corpus), *junk]
    random.shuffle(rows)  # type: ignore[attr-defined]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(rows))
    found = apply(tmp_path, tmp_path / "feed.jsonl", settings=Settings(learn=False))
    (tmp_path / "again.jsonl").write_bytes(found["feed.jsonl"])
    first = scan_paths(tmp_path / "feed.jsonl", settings=Settings(learn=False))
    again = scan_paths(tmp_path / "again.jsonl", settings=Settings(learn=False))
    assert again.kept == first.kept
    assert again.counts.removed == 0
    assert again.counts.rejected == first.counts.rejected


# -- what is refused -----------------------------------------------------------------------------


@pytest.fixture
def result(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "feed.jsonl").write_bytes(b"\n".join(ROWS))
    scan_paths(tmp_path / "in", tmp_path / "result")
    return tmp_path / "result"


def test_input_of_another_size_is_refused_with_both_values(tmp_path: Path, result: Path) -> None:
    size = (tmp_path / "in" / "feed.jsonl").stat().st_size
    with (tmp_path / "in" / "feed.jsonl").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(InputError, match=rf"feed.jsonl: {size} bytes when scanned, {size + 1} now"):
        plan_removal(result)


def test_input_of_another_content_is_refused_with_both_digests(
    tmp_path: Path, result: Path
) -> None:
    feed = tmp_path / "in" / "feed.jsonl"
    feed.write_bytes(feed.read_bytes().swapcase())
    with pytest.raises(InputError, match=r"digest \w{32} when scanned, \w{32} now"):
        plan_removal(result)


def test_input_that_is_gone_is_refused(tmp_path: Path, result: Path) -> None:
    (tmp_path / "in" / "feed.jsonl").unlink()
    with pytest.raises(InputError, match="No such file"):
        plan_removal(result)


def test_a_touched_file_is_still_the_same(tmp_path: Path, result: Path) -> None:
    os.utime(tmp_path / "in" / "feed.jsonl", (1, 1))
    assert plan_removal(result).removed_kinds == {"identical": 1, "near-duplicate": 1}


def test_a_change_between_check_and_writing_leaves_nothing(tmp_path: Path, result: Path) -> None:
    plan = plan_removal(result)
    feed = tmp_path / "in" / "feed.jsonl"
    feed.write_bytes(b"\n".join([ROWS[2], *ROWS]))
    with pytest.raises(InputError, match="not the one that was scanned"):
        apply_plan(plan, tmp_path / "clean")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("clean")]


def test_a_file_scanned_twice_and_standard_input_are_refused(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"\n".join(ROWS))
    scan_paths([feed, feed], tmp_path / "twice")
    with pytest.raises(InputError, match="scanned twice"):
        plan_removal(tmp_path / "twice")
    with feed.open("rb") as stdin:
        scan_paths("-", tmp_path / "piped", stdin=stdin)
    with pytest.raises(InputError, match=r"kept\.jsonl holds"):
        plan_removal(tmp_path / "piped")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("run.json", b"{", "damaged"),
        ("run.json", b"[]", "damaged"),
        ("run.json", b'{"format":99}', "format 99"),
        ("removed.jsonl", b"nonsense\n", "line 1 is damaged"),
        ("removed.jsonl", b'{"id":"x","record":{}}\n', "has no 'reason'"),
        ("inputs.jsonl", None, "must be made again"),
        ("run.json", None, "no result of dedup"),
    ],
)
def test_a_damaged_result_is_an_input_error(
    result: Path, name: str, content: bytes | None, message: str
) -> None:
    (result / name).unlink()
    if content is not None:
        (result / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        plan_removal(result)


def test_an_output_inside_of_the_input_is_refused(tmp_path: Path, result: Path) -> None:
    for out in (tmp_path / "in" / "clean", result / "clean"):
        with pytest.raises(OutputError, match="lies inside"):
            apply_plan(plan_removal(result), out)


def test_a_file_the_scan_could_not_use_is_named(tmp_path: Path) -> None:
    good, odd = tmp_path / "feed.jsonl", tmp_path / "odd.bin"
    good.write_bytes(ROWS[0])
    odd.write_bytes(b"\x00\x01")
    scan_paths([good, odd], tmp_path / "result")
    assert plan_removal(tmp_path / "result").unused == {str(odd): "unknown-format"}


def test_a_cut_file_is_written_up_to_the_cut_and_named(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl.gz"
    whole = gzip.compress(
        b"\n".join([*ROWS, json.dumps({"text": os.urandom(9000).hex()}).encode()])
    )
    feed.write_bytes(whole[:-3000])
    scan_paths([feed], tmp_path / "result")
    done = apply_plan(plan_removal(tmp_path / "result"), tmp_path / "clean")
    assert list(done.cut) == [str(feed)]
    (found,) = tree(tmp_path / "clean").values()
    assert ROWS[0] in found
    assert ROWS[2] not in found
