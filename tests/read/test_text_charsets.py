"""Charsets of plain text, CSV and JSON Lines: UTF-8, then what is named or detected."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from dedup import InputError, scan_paths
from dedup.applying import apply_plan, plan_removal
from dedup.read import Fields, Inputs, Rejects, open_corpus
from dedup.read.charset import decode_text
from tests.read.test_charset import GERMAN, TEXTS
from tests.report.making import OTHER, TEXT

#: Charsets with ASCII inside, which lines can be in.
NARROW = [codec for codec in TEXTS if codec not in ("utf-8", "utf-16-le", "iso2022_jp")]
WIDE = ["utf-16", "utf-32", "utf-16-be", "iso2022_jp"]


def as_csv(rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([["id", "text"], *([n, row] for n, row in enumerate(rows))])
    return out.getvalue()


def as_lines(rows: list[str]) -> str:
    lines = [json.dumps({"id": str(n), "text": r}, ensure_ascii=False) for n, r in enumerate(rows)]
    return "\n".join(lines) + "\n"


def read(
    path: Path, charset: tuple[str, ...] = ()
) -> tuple[list[str], list[dict[str, int]], list[str]]:
    """Texts, what inputs.jsonl says of charsets, reasons."""
    inputs, rejects = Inputs(), Rejects()
    found = open_corpus(path, Fields(charset=charset), rejects, inputs=inputs)
    texts = [record.text.decode() for record in found]
    return texts, [one.charsets for one in inputs.files], [r.reason for r in rejects.entries]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
@pytest.mark.parametrize("codec", NARROW)
def test_the_charset_is_detected_and_counted(tmp_path: Path, codec: str, name: str) -> None:
    texts = [TEXTS[codec] * 6, "plain letters", TEXTS[codec] * 5]
    if name == "a.txt":
        texts = texts[:1]
    whole = {"a.txt": texts[0], "a.csv": as_csv(texts), "a.jsonl": as_lines(texts)}[name]
    (tmp_path / name).write_bytes(whole.encode(codec))
    found, charsets, rejects = read(tmp_path / name)
    assert (found, rejects) == (texts, [])
    assert [sum(counts.values()) for counts in charsets] == [1 if name == "a.txt" else 2]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
@pytest.mark.parametrize("codec", WIDE)
def test_files_in_wide_charsets_are_read_by_their_mark_or_their_name(
    tmp_path: Path, codec: str, name: str
) -> None:
    text = TEXTS["iso2022_jp"] if codec == "iso2022_jp" else GERMAN
    texts = [text] if name == "a.txt" else [text, "plain letters"]
    whole = {"a.txt": texts[0], "a.csv": as_csv(texts), "a.jsonl": as_lines(texts)}[name]
    (tmp_path / name).write_bytes(whole.encode(codec))
    has_mark = codec in ("utf-16", "utf-32")
    found, charsets, rejects = read(tmp_path / name, () if has_mark else (codec,))
    mark = "\ufeff" if has_mark and name == "a.txt" else ""
    assert ([*found], rejects) == ([mark + texts[0], *texts[1:]], [])
    assert [sum(counts.values()) for counts in charsets] == [len(texts)]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_short_lines_are_read_in_the_charset_of_their_file(tmp_path: Path, name: str) -> None:
    words = [word for word in GERMAN.split() if not word.isascii()]
    texts = [f"{word} {n}" for n, word in enumerate(words * 20)] + ["– „so“ –"]
    whole = as_csv(texts) if name == "a.csv" else as_lines(texts)
    (tmp_path / name).write_bytes(whole.encode("cp1252"))
    found, charsets, rejects = read(tmp_path / name)
    assert (found, rejects) == (texts, [])
    assert charsets == [{"cp1252": len(texts)}]


def test_the_charset_that_is_named_is_the_only_one_tried(tmp_path: Path) -> None:
    data = as_lines([GERMAN, GERMAN]).encode("cp1252")
    (tmp_path / "a.jsonl").write_bytes(data)
    assert read(tmp_path / "a.jsonl", ("utf-8",))[2] == ["not-utf8", "not-utf8"]
    assert read(tmp_path / "a.jsonl", ("koi8-r",))[0][0] != GERMAN
    found, charsets, _ = read(tmp_path / "a.jsonl", ("latin1",))
    assert (found, charsets) == ([GERMAN, GERMAN], [{"cp1252": 2}])
    with pytest.raises(InputError, match="klingon is no charset"):
        Fields(charset=("klingon",))


@pytest.mark.parametrize(
    "data",
    [
        GERMAN.encode() * 3 + b"\xc3",
        GERMAN.encode() * 3 + b"\xed\xa0\x80 and more",
        b"one\x00two\xff\xfe" * 30,
        bytes(range(256)) * 4,
        b"too few bytes \xe9",
    ],
)
def test_broken_utf_8_and_bytes_of_no_charset_are_not_guessed(data: bytes) -> None:
    assert decode_text(data, ()) is None


def test_without_the_library_the_reject_names_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cchardet", None)
    (tmp_path / "a.txt").write_bytes(GERMAN.encode("cp1252"))
    rejects = Rejects()
    assert not list(open_corpus(tmp_path, Fields(), rejects))
    assert rejects.entries[0].reason == "not-utf8"
    assert "pip install 'dedup[charset]'" in rejects.entries[0].detail


@pytest.mark.parametrize("codec", ["cp1252", "utf-16", "utf-32-be"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_file_that_is_written_again_keeps_its_charset(
    tmp_path: Path, codec: str, name: str
) -> None:
    texts = [
        TEXT,
        OTHER + " müßte, größere Züge über die Brücke",
        TEXT.upper(),
        "Straßenfest in Köln",
    ]
    make = as_lines if name == "a.jsonl" else as_csv
    data = make(texts).replace("\u2026", "...")
    rows = data.splitlines(keepends=True) if name == "a.jsonl" else []
    (tmp_path / name).write_bytes(data.encode(codec, "replace"))
    fields = Fields(charset=(codec,))
    scan_paths([tmp_path / name], tmp_path / "result", fields=fields)
    apply_plan(plan_removal(tmp_path / "result"), tmp_path / "clean")
    got = (tmp_path / "clean" / name).read_bytes()
    if rows:
        assert got == "".join([*rows[:2], rows[3]]).encode(codec, "replace")
    else:
        names = [row["id"] for row in csv.DictReader(io.StringIO(got.decode(codec), newline=""))]
        assert names == ["0", "1", "3"]
