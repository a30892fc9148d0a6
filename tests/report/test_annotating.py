"""Annotated lines: four members more, and every other byte as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dedup.report.annotating import Annotation, annotate
from tests.cli.running import run, write_lines
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line, read_lines, scan_lines

NAMES = Annotation._fields
SOME = Annotation("a", "a", "near-duplicate", 0.9123456789)
VALUES = {**SOME._asdict(), "dup_resemblance": 0.912346}


def test_the_members_stand_before_the_closing_brace_and_the_rest_is_untouched() -> None:
    odd = b'{ "id" : "odd",\t"x":1.50 , "text":"\xc3\xa4 } \\"" }  '
    assert annotate(odd, SOME) == (
        b'{ "id" : "odd",\t"x":1.50 , "text":"\xc3\xa4 } \\"" ,"dup_group":"a","dup_of":"a",'
        b'"dup_kind":"near-duplicate","dup_resemblance":0.912346}  '
    )


def test_earlier_annotations_are_replaced() -> None:
    once = annotate(b'{"id":1,"text":"x"}', Annotation("old", None, None, None))
    assert annotate(once, SOME) == annotate(b'{"id":1,"text":"x"}', SOME)


def test_a_name_in_escapes_and_in_the_middle_is_replaced_too() -> None:
    row = b'{"dup_\\u006ff":3, "id":1 ,"dup_kind":{"a":[1,"}"]},"text":"x"}'
    assert annotate(row, SOME) == annotate(b'{ "id":1 ,"text":"x"}', SOME)


def test_a_member_of_that_name_inside_of_another_one_is_none_of_ours() -> None:
    row = b'{"text":"dup_of","meta":{"dup_of":7}}'
    assert annotate(row, SOME).startswith(row[:-1] + b',"dup_group"')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(st.text(max_size=4) | st.sampled_from(NAMES), json_values, min_size=1),
    st.sampled_from([None, 1]),
    st.booleans(),
)
def test_what_is_read_back_is_what_was_there_and_the_annotation(
    value: dict[str, Any], indent: int | None, ascii_: bool
) -> None:
    row = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    try:
        row.decode()
    except UnicodeDecodeError:
        return
    found = json.loads(annotate(row, SOME), object_pairs_hook=list)
    others = [[name, json.loads(json.dumps(v))] for name, v in value.items() if name not in NAMES]
    assert [name for name, _ in found] == [*(name for name, _ in others), *NAMES]
    assert json.loads(annotate(row, SOME)) == {**dict(others), **VALUES}


ROWS = [
    line(TEXT, id="a", date="2020-01-01"), line(TEXT.upper(), id="b", date="2020-01-02"),
    line(EDITED, id="c", date="2020-01-03"), line(SLICE, id="d", date="2020-01-04"),
    line(OTHER, id="e"),
]  # fmt: skip


def test_every_article_is_there_with_what_it_is_a_copy_of(tmp_path: Path) -> None:
    result, out = scan_lines(tmp_path, ROWS, annotate=True)
    found = read_lines(out, "annotated")
    excerpt = next(r for r in result.relations if r.kind == "excerpt" and r.a == "a")
    assert [tuple(row[name] for name in ("id", *NAMES)) for row in found] == [
        ("a", "a", None, None, None),
        ("b", "a", "a", "identical", 1.0),
        ("c", "a", "a", "near-duplicate", round(78 / 82, 6)),
        ("d", "a", "a", "excerpt", round(excerpt.resemblance, 6)),
        ("e", None, None, None, None),
    ]
    rows = (out / "annotated.jsonl").read_bytes().splitlines()
    assert all(row.startswith(was[:-1]) for row, was in zip(rows, ROWS, strict=True))


def test_a_second_article_with_an_id_has_its_own_annotation(tmp_path: Path) -> None:
    _, out = scan_lines(tmp_path, [line(OTHER, id="x"), line(TEXT, id="x"), line(TEXT, id="y")],
                        annotate=True)  # fmt: skip
    kinds = [row["dup_kind"] for row in read_lines(out, "annotated")]
    assert sorted(map(str, kinds)) == ["None", "None", "identical"]
    assert kinds[0] is None


def test_it_is_written_only_when_asked_for_and_replaced_with_force(tmp_path: Path) -> None:
    feed = write_lines(tmp_path / "feed.jsonl", ROWS)
    assert run("scan", feed, "-o", tmp_path / "out", "--annotate").code == 0
    assert (tmp_path / "out" / "annotated.jsonl").exists()
    assert run("scan", feed, "-o", tmp_path / "out", "--force").code == 0
    assert not (tmp_path / "out" / "annotated.jsonl").exists()
    ran = run("scan", feed, "--annotate")
    assert ran.code == 2
    assert "-o FOLDER" in ran.err
