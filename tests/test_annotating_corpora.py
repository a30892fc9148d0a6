"""A corpus again with what each article is a copy of: nothing else changes, in any format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from dedup import InputError, scan_paths
from dedup.applying import apply_plan, plan_annotation
from dedup.read import Fields
from dedup.report import Annotation, annotate_rows, open_packed
from tests.cli.running import run
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line, read_lines, scan_lines

TEXTS = {"a": TEXT, "b": TEXT.upper(), "c": OTHER, "d": EDITED, "e": SLICE}
NAMES = list(Annotation._fields)
KINDS = {"a": None, "b": "identical", "c": None, "d": "near-duplicate", "e": "excerpt"}


def annotated(tmp_path: Path, name: str) -> Path:
    """The file annotated."""
    scan_paths([tmp_path / name], tmp_path / "result")
    apply_plan(plan_annotation(tmp_path / "result"), tmp_path / "marked")
    return tmp_path / "marked" / name


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_lines_are_those_that_a_scan_annotates(tmp_path: Path, compression: str) -> None:
    rows = [line(text, id=id_, note=1.50) for id_, text in TEXTS.items()]
    rows[1] = b'{"dup_of":"old","text":' + json.dumps(TEXT.upper()).encode() + b',"id":"b"}'
    with open_packed(tmp_path / "feed.jsonl", compression) as file:
        file.write(b"\n".join([rows[0], b"{broken", b"", b"[1]", *rows[1:]]))
    scan_paths([tmp_path / "feed.jsonl"], tmp_path / "result", annotate=True)
    apply_plan(plan_annotation(tmp_path / "result"), tmp_path / "marked")
    with (tmp_path / "marked" / "feed.jsonl").open("rb") as stored:
        assert stored.read(2) == {"": b'{"', "gzip": b"\x1f\x8b", "zstd": b"\x28\xb5"}[compression]
    again = scan_paths([tmp_path / "marked" / "feed.jsonl"], tmp_path / "r2")
    assert [row["detail"][:6] for row in read_lines(tmp_path / "r2", "rejects")] == [
        "line 2", "line 4",
    ]  # fmt: skip
    lines = (tmp_path / "result" / "annotated.jsonl").read_bytes().splitlines()
    assert [json.loads(one)["dup_kind"] for one in lines] == list(KINDS.values())
    assert again.counts.read == 7
    assert (tmp_path / "r2" / "kept.jsonl").read_bytes() == b"".join(
        one + b"\n" for one in lines if json.loads(one)["id"] in again.kept
    )


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from("abcde"), min_size=1), st.integers(1, 40), st.booleans())
def test_other_bytes_of_lines_stay(ids: set[str], size: int, ends: bool) -> None:
    from dedup.report import annotate_lines
    from dedup.report.annotating import annotate

    rows = [line(TEXTS[id_], id=id_) for id_ in sorted(ids)]
    data = b"\xef\xbb\xbf" + b"\r\n".join(rows) + b"\r\n" * ends
    notes = {1: Annotation("x", "y", "excerpt", 1 / 3)}
    blocks = [data[n : n + size] for n in range(0, len(data), size)]
    expected = [annotate(row, notes.get(n, Annotation())) for n, row in enumerate(rows, 1)]
    assert b"".join(annotate_lines(blocks, notes)) == (
        b"\xef\xbb\xbf" + b"\r\n".join(expected) + b"\r\n" * ends
    )


def test_lines_in_an_old_charset_stay_in_it(tmp_path: Path) -> None:
    umlauts = "Ähren für Öl, größer als übliche Maße. " + TEXT.encode("cp1252", "ignore").decode(
        "cp1252"
    )
    rows = [json.dumps({"id": n, "text": umlauts}, ensure_ascii=False) for n in ("ä", "b")]
    (tmp_path / "feed.jsonl").write_bytes("\n".join(rows).encode("cp1252"))
    fields = Fields(charset=("windows-1252",))
    scan_paths([tmp_path / "feed.jsonl"], tmp_path / "result", fields=fields)
    apply_plan(plan_annotation(tmp_path / "result"), tmp_path / "marked")
    data = (tmp_path / "marked" / "feed.jsonl").read_bytes()
    found = data.decode("cp1252").splitlines()
    assert [json.loads(row)["dup_of"] for row in found] in ([None, "ä"], ["b", None])
    assert [row.partition(',"dup_group')[0] + "}" for row in found] == rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_of_csv_get_four_cells(tmp_path: Path, delimiter: str, end: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(["id", "text", "note"])
    for id_, text in TEXTS.items():
        writer.writerow([f'{id_}{delimiter}"', text, "two\nlines"])
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode() + b"broken")
    path = annotated(tmp_path, "a.csv")
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    before = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter))
    assert rows[-1] == ["broken"]
    assert [row[:3] for row in rows[:-1]] == before
    assert rows[0][3:] == NAMES
    assert [row[5] or None for row in rows[1:-1]] == list(KINDS.values())
    assert rows[2][3:5] == [f'a{delimiter}"'] * 2
    assert text.count(end) == out.getvalue().count(end)


def test_a_column_of_that_name_in_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,text,dup_of\n1,{TEXT},\n", encoding="utf-8")
    scan_paths([tmp_path / "a.csv"], tmp_path / "result")
    with pytest.raises(InputError, match="there is a column dup_of already"):
        apply_plan(plan_annotation(tmp_path / "result"), tmp_path / "marked")
    assert not (tmp_path / "marked").exists()


def test_a_cell_that_the_charset_of_a_csv_lacks_is_refused() -> None:
    rows = [(1, 2, ","), (2, 5, ",")]
    notes = {2: Annotation("\u0416", None, None, None)}
    with pytest.raises(InputError, match="cannot be written in cp1252"):
        list(annotate_rows([b"id\n12\n"], rows, notes, "cp1252"))


@pytest.mark.parametrize("codec", ["NONE", "snappy", "zstd"])
def test_parquet_gets_four_columns(tmp_path: Path, codec: str) -> None:
    made = pa.table({
        "id": list(TEXTS), "dup_of": ["old"] * 5, "text": list(TEXTS.values()),
        "tags": [["x"], [], None, ["y", None], []],
    }).replace_schema_metadata({b"about": b"table"})  # fmt: skip
    parquet.write_table(made, tmp_path / "a.parquet", row_group_size=2, compression=codec)
    now = parquet.ParquetFile(annotated(tmp_path, "a.parquet"))
    found = now.read()
    assert found.column_names == ["id", "text", "tags", *NAMES]
    assert found.schema.metadata == made.schema.metadata
    assert found.select(["id", "text", "tags"]).equals(made.select(["id", "text", "tags"]))
    assert found["dup_kind"].to_pylist() == list(KINDS.values())
    assert found["dup_of"].to_pylist()[1] == "a"
    assert [now.metadata.row_group(n).num_rows for n in range(3)] == [2, 2, 1]
    packed = {now.metadata.row_group(0).column(n).compression for n in range(7)}
    assert packed == {codec.upper().replace("NONE", "UNCOMPRESSED")}


@pytest.mark.parametrize("is_stream", [False, True])
def test_arrow_gets_four_columns(tmp_path: Path, is_stream: bool) -> None:
    made = pa.table({
        "id": list(TEXTS), "text": list(TEXTS.values()),
        "kind": pa.array(["x", "y", "x", None, "x"]).dictionary_encode(),
    })  # fmt: skip
    start = ipc.new_stream if is_stream else ipc.new_file
    with start(tmp_path / "a.arrow", made.schema) as writer:
        writer.write_table(made, max_chunksize=2)
    path = annotated(tmp_path, "a.arrow")
    found = (ipc.open_stream(path) if is_stream else ipc.open_file(path)).read_all()
    assert found.select([0, 1, 2]).equals(made)
    assert found["dup_kind"].to_pylist() == list(KINDS.values())
    assert found["dup_resemblance"].to_pylist()[1] == 1.0


def test_files_without_a_place_are_copied_and_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for id_ in "ab":
        (tmp_path / "in" / f"{id_}.txt").write_text(TEXTS[id_], encoding="utf-8")
    assert run("scan", "in", "-o", "result", cwd=tmp_path).code == 0
    ran = run("apply", "result", "--annotate", "-o", "marked", cwd=tmp_path)
    assert ran.code == 0
    assert "annotated          1  (1 identical)" in ran.err
    assert "not annotated: in/b.txt (its format has no place for it)" in ran.err
    assert (tmp_path / "marked" / "b.txt").read_text(encoding="utf-8") == TEXTS["b"]


def test_annotating_goes_with_nothing_that_removes(tmp_path: Path) -> None:
    scan_lines(tmp_path, [line(TEXT, id="a")])
    for more in (["--dry-run"], ["-o", "x", "--list"]):
        ran = run("apply", "out", "--annotate", *more, cwd=tmp_path)
        assert ran.code == 2
        assert "--annotate removes nothing" in ran.err


def test_a_result_without_origins_must_be_made_again(tmp_path: Path) -> None:
    _, out = scan_lines(tmp_path, [line(TEXT, id="a"), line(TEXT, id="b")])
    rows = read_lines(out, "groups")
    del rows[0]["origin"]
    (out / "groups.jsonl").write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks 'origin'"):
        plan_annotation(out)
