"""The files of a result: fields, orders, and articles that pass through byte for byte."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Result, Settings, scan, scan_paths
from dedup.records import Counts, GroupColumns, Passage, Relation, RelationColumns
from dedup.report.folder import FILES
from dedup.report.lines import dump, group_lines, relation_line, relation_lines, rounded
from dedup.report.results import run_as_dict
from dedup.settings import VERSION
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line, read_lines, scan_lines

RELATION_FIELDS = [
    "a", "b", "kind", "direction", "resemblance", "containment_a_in_b", "containment_b_in_a",
    "jaccard", "shingles_a_in_b", "shingles_b_in_a", "longest_passage", "longest_run", "passages",
]  # fmt: skip
PASSAGE_FIELDS = ["a_begin", "a_end", "b_begin", "b_end", "words", "identity"]
FEED = [
    line(OTHER, id="other", date="2020-01-05"),
    line(EDITED, id="edited", date="2020-01-03"),
    line(TEXT, id="first", date="2020-01-01"),
    line(TEXT.upper(), id="copy", date="2020-01-02"),
    line(SLICE, id="slice", date="2020-01-04"),
]


def test_a_result_is_exactly_its_files(tmp_path: Path) -> None:
    _, out = scan_lines(tmp_path, FEED)
    assert sorted(file.name for file in out.iterdir()) == sorted(FILES)


def test_relations_have_their_fields_in_order_and_stand_by_date_and_id(tmp_path: Path) -> None:
    result, out = scan_lines(tmp_path, FEED)
    rows = read_lines(out, "relations")
    assert all(list(row) == RELATION_FIELDS for row in rows)
    assert all(list(passage) == PASSAGE_FIELDS for row in rows for passage in row["passages"])
    assert [(row["a"], row["b"], row["kind"]) for row in rows] == [
        ("first", "copy", "identical"),
        ("first", "edited", "near-duplicate"),
        ("first", "slice", "excerpt"),
        ("edited", "slice", "excerpt"),
    ]
    assert rows == [relation.as_dict() for relation in result.relations]


def test_spans_of_a_written_relation_are_code_points_of_the_text(tmp_path: Path) -> None:
    _, out = scan_lines(tmp_path, FEED)
    excerpt = read_lines(out, "relations")[2]
    assert excerpt["direction"] == "b_in_a"
    (passage,) = excerpt["passages"]
    assert passage["b_begin"] == 0
    spans = TEXT[passage["a_begin"] : passage["a_end"]], SLICE[: passage["b_end"]]
    assert [span.replace(",", "").replace(".", "").split() for span in spans] == 2 * [
        SLICE.replace(",", "").replace(".", "").split()
    ]


def test_quotes_stand_apart_and_look_like_relations(tmp_path: Path) -> None:
    quoting = OTHER + "\n\n" + " ".join(TEXT.split()[10:25])
    result, out = scan_lines(tmp_path, [line(TEXT, id="a"), line(quoting, id="b")])
    assert read_lines(out, "relations") == []
    (row,) = read_lines(out, "quotes")
    assert list(row) == RELATION_FIELDS
    assert (row["kind"], row["a"], row["b"]) == ("quote", "a", "b")
    assert len(result.quotes) == 1


def test_groups_have_their_fields_and_stand_in_the_order_of_their_keepers(tmp_path: Path) -> None:
    pair = [line("vorab " + OTHER, id="other2", date="2019-01-01")]
    _, out = scan_lines(tmp_path, FEED + pair)
    groups = read_lines(out, "groups")
    assert [group["keeper"] for group in groups] == ["other2", "first"]
    group = groups[1]
    assert list(group) == [
        "keeper", "site", "date", "origin", "size", "weakest_resemblance", "members", "excerpts",
    ]  # fmt: skip
    assert group["size"] == 3
    assert [list(member) for member in group["members"]] == 2 * [
        [
            "id",
            "kind",
            "resemblance",
            "containment_in_keeper",
            "containment_of_keeper",
            "site",
            "date",
            "origin",
        ]
    ]
    assert [member["id"] for member in group["members"]] == ["copy", "edited"]
    assert group["weakest_resemblance"] == group["members"][1]["resemblance"] < 1
    assert [list(excerpt) for excerpt in group["excerpts"]] == [
        ["id", "of", "containment", "site", "date", "origin"]
    ]


def test_shares_of_groups_are_rounded_to_six_places() -> None:
    sources = [("k.example", 1, "k.jsonl:1"), ("", None, "m.txt")]
    groups = GroupColumns(
        np.array([0]), np.array([0, 1]), np.array([1]), np.array([True]), np.array([2 / 3]),
        np.array([1 / 3]), np.array([1 / 7]), np.array([0, 0]), *(np.zeros(0, np.int64),) * 3,
    )  # fmt: skip
    names = ["k", "\ud83d"]
    (row,) = group_lines(
        groups, 0, 1, lambda rows: [names[n] for n in rows.tolist()], sources.__getitem__
    )
    group = json.loads(row)
    assert row.isascii()  # for the sake of the lone surrogate
    assert (group["site"], group["date"]) == ("k.example", 1)
    assert (group["members"][0]["site"], group["members"][0]["date"]) == ("", None)
    assert (group["origin"], group["members"][0]["origin"]) == ("k.jsonl:1", "m.txt")
    assert group["weakest_resemblance"] == 0.666667
    assert group["members"][0]["containment_in_keeper"] == 0.333333


ODD_LINES = [
    b'  {"text" : "' + TEXT.replace("\n", "\\n").encode() + b'" ,\t"id":"spaced"}  \t',
    json.dumps({"text": TEXT, "id": "escaped \u00e9\u4e2d\U0001f600"}).encode(),
    b'{"id":"numbers","n":1.0e+2,"big":123456789012345678901234567890,"nan":NaN,"text":"'
    + b'kurz"}',
    b'{"text":"zwei Texte","text":"der zweite gilt","id":"doubled key"}',
    b'{"text":"ein halbes \\ud83d Zeichen und noch mehr","id":"surrogate"}',
    '{"text":"ein \u2028 Zeilentrenner, roh","id":"U+2028"}'.encode(),
    b'{"text":"ein\\u0000Nullzeichen","id":"nul"}',
    b'{"text":"tail after the object is blank","id":"cr"}\r',
]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_kept_lines_are_those_of_the_input_byte_for_byte(tmp_path: Path, end: bytes) -> None:
    feed, out = tmp_path / "feed.jsonl", tmp_path / "out"
    feed.write_bytes(end.join(ODD_LINES))
    result = scan_paths([feed], out, settings=Settings(remove="none"))
    assert result.counts.kept == len(ODD_LINES)
    expected = [row.removesuffix(b"\r") if end == b"\n" else row for row in ODD_LINES]
    assert (out / "kept.jsonl").read_bytes() == b"".join(row + b"\n" for row in expected[:-1]) + (
        ODD_LINES[-1].removesuffix(b"\r") + b"\n"
    )


def test_kept_lines_stand_in_input_order_whatever_their_dates(tmp_path: Path) -> None:
    result, out = scan_lines(tmp_path, FEED)
    assert result.kept == ["other", "first", "slice"]
    assert (out / "kept.jsonl").read_bytes() == b"".join(FEED[n] + b"\n" for n in (0, 2, 4))


def test_a_byte_order_mark_belongs_to_the_file_and_not_to_its_first_line(tmp_path: Path) -> None:
    rows = [line(OTHER), line(TEXT)]
    _, out = scan_lines(tmp_path, [b"\xef\xbb\xbf" + rows[0], rows[1]])
    assert (out / "kept.jsonl").read_bytes() == b"\n".join(rows) + b"\n"


def test_removed_lines_hold_the_reason_and_the_record_verbatim(tmp_path: Path) -> None:
    odd = b'{ "id" : "odd",\t"text":"' + TEXT.replace("\n", "\\n").encode() + b'" , "x":1.50 }'
    result, out = scan_lines(tmp_path, [odd, line(TEXT, id="first", date="2020-01-01")])
    (row,) = (out / "removed.jsonl").read_bytes().splitlines()
    assert row.endswith(b',"record":' + odd + b"}")
    value = json.loads(row)
    assert list(value) == [
        "id", "reason", "keeper", "resemblance", "containment_in_keeper", "lost_share",
        "origin", "record",
    ]  # fmt: skip
    assert value["record"] == json.loads(odd)
    assert value["origin"] == f"{tmp_path / 'feed.jsonl'}:1"
    assert (value["id"], value["reason"], value["keeper"]) == ("odd", "identical", "first")
    assert [removal.id for removal in result.removals] == ["odd"]


def test_removed_lines_stand_in_input_order_too(tmp_path: Path) -> None:
    _, out = scan_lines(tmp_path, FEED)
    assert [row["id"] for row in read_lines(out, "removed")] == ["edited", "copy"]


def test_an_article_from_a_text_file_becomes_a_line_of_id_and_text(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    text = "\ufeffZeile eins\r\nZeile zwei \U0001f600\t\u2028Ende"
    (tmp_path / "in" / "deep" / "artikel.txt").write_bytes(text.encode())
    scan_paths([tmp_path / "in"], tmp_path / "out")
    assert read_lines(tmp_path / "out", "kept") == [{"id": "deep/artikel", "text": text}]


def test_rejects_are_named_with_file_offset_reason_and_detail(tmp_path: Path) -> None:
    good = line(TEXT)
    result, out = scan_lines(tmp_path, [good, b"{broken", good, b"[]", b'{"text":7}'])
    rows = read_lines(out, "rejects")
    feed = str(tmp_path / "feed.jsonl")
    assert [list(row) for row in rows] == 3 * [["file", "offset", "reason", "detail"]]
    begin = len(good) + 1
    offsets = [begin, begin + 8 + len(good) + 1, begin + 8 + len(good) + 1 + 3]
    assert [(row["file"], row["offset"], row["reason"]) for row in rows] == [
        (feed, offsets[0], "bad-json"),
        (feed, offsets[1], "not-an-object"),
        (feed, offsets[2], "no-text"),
    ]
    assert rows == [reject._asdict() for reject in result.rejects]


def test_run_json_says_what_was_asked_and_what_came_out(tmp_path: Path) -> None:
    settings = Settings(min_passage=15)
    result, out = scan_lines(tmp_path, [*FEED, b"broken", FEED[0]], settings=settings)
    run = json.loads((out / "run.json").read_bytes())
    removed = read_lines(out, "removed")
    assert list(run) == [
        "format", "dedup", "settings_digest", "settings", "inputs", "counts", "rejects", "renamed",
    ]  # fmt: skip
    assert (run["format"], run["dedup"]) == (1, VERSION)
    assert run["settings"] == settings.as_dict()
    assert run["settings_digest"] == settings.digest()
    assert run["inputs"] == [str(tmp_path / "feed.jsonl")]
    assert run["counts"] == {
        "read": 7,
        "kept": 3,
        "removed": 3,
        "bytes": sum(len(json.loads(row)["text"].encode()) for row in [*FEED, FEED[0]]),
        "removed_bytes": sum(len(row["record"]["text"].encode()) for row in removed),
        "rejected": 1,
        "removed_by_kind": {"identical": 2, "near-duplicate": 1},
        "rejected_by_reason": {"bad-json": 1},
        "relations": {"identical": 2, "near-duplicate": 1, "excerpt": 2},
        "groups": 2,
        "without_words": 0,
        "undated": 0,
        "duplicate_ids": 1,
        "candidates": result.counts.candidates,
        "aligned": result.counts.aligned,
        "boilerplate": 0,
        "boilerplate_only": 0,
        "without_site": 6,
        "common_keys": 0,
        "crowded_articles": 0,
    }
    assert run["renamed"] == {"other#2": "other"}
    assert [reject["reason"] for reject in run["rejects"]] == ["bad-json"]


def test_every_count_of_a_scan_stands_in_run_json() -> None:
    result = scan([TEXT])
    # The two dicts by kind are named more fully there.
    names = {field.name for field in dataclasses.fields(Counts)} - {"reasons", "removed_kinds"}
    named = {*names, "removed_by_kind", "rejected_by_reason"}
    assert set(run_as_dict(result, [])["counts"]) == named


def test_run_json_names_the_first_hundred_rejects_and_rejects_jsonl_all(tmp_path: Path) -> None:
    _, out = scan_lines(tmp_path, [line(TEXT), *[b"{"] * 150])
    run = json.loads((out / "run.json").read_bytes())
    assert len(run["rejects"]) == 100
    assert len(read_lines(out, "rejects")) == run["counts"]["rejected"] == 150


def test_no_file_of_a_result_holds_a_time_that_was_measured(tmp_path: Path) -> None:
    result, out = scan_lines(tmp_path, FEED)
    assert result.seconds
    assert not any(b"seconds" in file.read_bytes() for file in out.iterdir())


def test_ids_that_no_utf8_can_hold_are_written_and_read_back(tmp_path: Path) -> None:
    rows = [b'{"id":"half \\ud83d","text":"%s"}' % TEXT.replace("\n", " ").encode()] * 2
    _, out = scan_lines(tmp_path, rows)
    (relation,) = read_lines(out, "relations")
    assert (relation["a"], relation["b"]) == ("half \\ud83d", "half \\ud83d#2")


@given(st.recursive(st.text() | st.integers(), lambda x: st.lists(x, max_size=4)))
def test_dumped_values_are_one_line_of_utf8_and_come_back(value: object) -> None:
    data = dump(value)
    assert b"\n" not in data
    assert json.loads(data) == value
    assert json.loads(data.decode("utf-8")) == value


def test_a_lone_surrogate_stays_escaped() -> None:
    assert dump({"x": "\ud83d ä"}) == b'{"x":"\\ud83d \\u00e4"}'
    assert dump({"x": "ä"}) == '{"x":"ä"}'.encode()


def test_a_relation_line_is_the_line_of_the_file(tmp_path: Path) -> None:
    result, out = scan_lines(tmp_path, FEED)
    rows = (out / "relations.jsonl").read_bytes().splitlines()
    assert [relation_line(relation) for relation in result.relations] == rows


def columns_of(relations: list[Relation]) -> RelationColumns:
    """Relations as columns."""
    passages = [passage for relation in relations for passage in relation.passages]
    counts = [len(relation.passages) for relation in relations]
    shares = ("resemblance", "containment_a_in_b", "containment_b_in_a", "jaccard",
              "shingles_a_in_b", "shingles_b_in_a")  # fmt: skip
    return RelationColumns(
        [r.kind for r in relations], [r.a for r in relations], [r.b for r in relations],
        [r.direction for r in relations],
        tuple(np.array([getattr(r, name) for r in relations]) for name in shares),
        np.array([r.longest_passage for r in relations]),
        np.array([r.longest_run for r in relations]),
        np.cumsum([0, *counts]),
        tuple(np.array([passage[n] for passage in passages]) for n in range(6)),
    )  # fmt: skip


@given(
    st.text(), st.sampled_from([None, "a_in_b", "b_in_a"]),
    st.lists(st.floats(0, 1) | st.floats(0, 1e-4), min_size=8, max_size=8),
)  # fmt: skip
def test_a_relation_line_is_the_relation_as_json(
    id_: str, direction: str | None, shares: list[float]
) -> None:
    passages = (Passage(1, 2, 3, 4, 12.5, shares[6]), Passage(5, 6, 7, 8, 12.0, shares[7]))
    relation = Relation(
        "overlap", id_, "b", direction, shares[0], shares[1], shares[2], shares[3], shares[4],
        shares[5], 12.25, 3, passages,
    )  # fmt: skip
    bare = dataclasses.replace(relation, passages=(), a="\ud83d")
    columns = columns_of([relation, bare])
    assert columns.relations() == [relation, bare]
    assert relation_lines(columns) == [dump(r.as_dict()) + b"\n" for r in (relation, bare)]


@given(st.lists(st.floats(0, 1)))
def test_shares_are_rounded_as_python_rounds(shares: list[float]) -> None:
    assert rounded(np.array(shares)) == [round(share, 6) for share in shares]


def test_shares_whose_seventh_digit_is_a_five_are_rounded_as_python_rounds() -> None:
    # 1/640 is 0.0015625: as a float it lies above or below that, its product with 10^6 on it.
    shares = [n / 640 for n in range(640)] + [n / 128 for n in range(128)]
    assert rounded(np.array(shares)) == [round(share, 6) for share in shares]


def test_a_result_is_equal_in_memory_and_on_disk(tmp_path: Path) -> None:
    result, out = scan_lines(tmp_path, FEED)

    def ids(rows: list[dict[str, str]]) -> list[str]:
        return [row["id"] for row in rows]

    assert isinstance(result, Result)
    assert ids(read_lines(out, "kept")) == result.kept
    assert sorted(ids(read_lines(out, "removed"))) == sorted(r.id for r in result.removals)
