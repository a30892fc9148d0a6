"""`dedup scan`: what is read, from where, and with which exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.cli.running import folder_bytes, run
from tests.read.crawls import http, info, page, warc, wet

TEXT = "the ferry drifted for nine hours on tuesday with many people aboard after a fire"


def line(id_: str, text: str = TEXT) -> bytes:
    return json.dumps({"id": id_, "text": text}).encode() + b"\n"


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three files with one article each, all the same."""
    for name in ("a", "b", "c d"):
        (tmp_path / f"{name}.jsonl").write_bytes(line(name))
    return tmp_path


def kept_of(out: str) -> tuple[int, int]:
    counts = json.loads(out)["counts"]
    return counts["read"], counts["kept"]


@pytest.mark.parametrize("separator", [b"\n", b"\r\n", b"\0"])
def test_paths_come_from_a_list(three: Path, separator: bytes) -> None:
    (three / "list").write_bytes(separator.join([b"a.jsonl", b"c d.jsonl", b""]))
    ran = run("scan", "--files-from", "list", "-f", "json", cwd=three)
    assert (ran.code, kept_of(ran.out)) == (0, (2, 1))
    assert json.loads(ran.out)["counts"]["read"] == 2


def test_paths_of_a_list_come_behind_those_of_the_command(three: Path) -> None:
    ran = run(
        "scan",
        "b.jsonl",
        "--files-from",
        "-",
        "-o",
        "out",
        "-q",
        stdin=b"a.jsonl\nb.jsonl",
        cwd=three,
    )
    assert ran.code == 0
    written = json.loads((three / "out" / "run.json").read_bytes())
    assert written["inputs"] == ["b.jsonl", "a.jsonl", "b.jsonl"]


def test_a_path_of_a_list_that_is_missing_is_a_reject(three: Path) -> None:
    ran = run("scan", "--files-from", "-", "-f", "none", stdin=b"a.jsonl\nmissing\n", cwd=three)
    assert ran.code == 0
    assert "rejected: missing, byte 0: no-such-path" in ran.err


def test_no_path_at_all_and_standard_input_twice_are_wrong_usage(three: Path) -> None:
    assert run("scan", cwd=three).code == 2
    ran = run("scan", "-", "--files-from", "-", cwd=three)
    assert (ran.code, ran.out) == (2, "")
    assert "standard input" in ran.err
    assert run("scan", "--files-from", "missing", cwd=three).code == 2
    assert run("scan", "--files-from", "-", cwd=three).code == 2


def test_strict_is_3_when_anything_was_rejected_and_the_result_is_written(three: Path) -> None:
    (three / "bad.jsonl").write_bytes(b"[]\n")
    for out, options in (("lax", ()), ("strict", ("--strict", "--exit-code"))):
        ran = run("scan", ".", *options, "-o", three.parent / out, "-q", cwd=three)
        assert ran.code == (3 if options else 0)
    lax, strict = (folder_bytes(three.parent / name) for name in ("lax", "strict"))
    assert lax == strict
    assert lax["rejects.jsonl"].count(b"\n") == 1


def test_strict_without_rejects_changes_nothing(three: Path) -> None:
    assert run("scan", "a.jsonl", "--strict", cwd=three).code == 0
    assert run("scan", ".", "--strict", "--exit-code", cwd=three).code == 1


def test_strict_with_nothing_readable_is_still_2(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"[]\n")
    assert run("scan", "bad.jsonl", "--strict", cwd=tmp_path).code == 2


def test_standard_input_is_what_its_first_bytes_say() -> None:
    assert kept_of(run("scan", "-", "-f", "json", stdin=info() + wet(1) + wet(2)).out)[0] == 2
    assert kept_of(run("scan", "-", "-f", "json", stdin=line("a")).out) == (1, 1)
    html = page(1).encode()
    assert kept_of(run("scan", "-", "-f", "json", stdin=html).out) == (1, 1)


def test_the_threads_and_the_extractor_in_a_scan_of_pages(tmp_path: Path) -> None:
    captures = [warc(http(page(n % 5).encode()), url=f"https://d.example/{n}") for n in range(8)]
    (tmp_path / "a.warc").write_bytes(b"".join(captures))
    for out, options in {
        "one": ("--threads", "1"), "two": ("--threads", "2"),
        "fast": ("--extractor", "fast"),
    }.items():  # fmt: skip
        assert run("scan", "a.warc", "-o", out, *options, cwd=tmp_path).code == 0
    one, two, fast = (folder_bytes(tmp_path / name) for name in ("one", "two", "fast"))
    assert one == two
    assert one["kept.jsonl"].count(b"\n") == 5
    assert fast["kept.jsonl"].count(b"\n") == 5
    assert json.loads(fast["run.json"])["settings"]["extractor"] == "fast"
    # What is kept can be scanned again, and gives the same articles.
    again = run("scan", "one/kept.jsonl", "-o", "again", cwd=tmp_path)
    assert again.code == 0
    assert folder_bytes(tmp_path / "again")["kept.jsonl"] == one["kept.jsonl"]


def test_every_field_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "nr;words;when;head;outlet;address\n"
        f"1;{TEXT};2024-03-05;A;one.example;\n2;{TEXT};2024-03-04;B;;https://two.example/\n"
    )
    table = {"nr": ["3"], "words": ["something else"], "when": ["x"], "head": ["C"], "outlet": [""]}
    parquet.write_table(pa.table(table), tmp_path / "b.parquet")
    names = {"text": "words", "id": "nr", "date": "when", "title": "head", "site": "outlet"}
    options = [word for key, name in names.items() for word in (f"--{key}-field", name)]
    ran = run(
        "scan", ".", *options, "--url-field", "address", "-o", tmp_path.parent / "named",
        cwd=tmp_path,
    )  # fmt: skip
    assert ran.code == 0
    written = folder_bytes(tmp_path.parent / "named")
    assert [json.loads(one)["id"] for one in written["kept.jsonl"].splitlines()] == ["2", "3"]
    counts = json.loads(written["run.json"])["counts"]
    assert (counts["undated"], counts["without_site"]) == (1, 1)
