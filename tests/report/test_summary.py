"""The summary block and the text listing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dedup import Passage, Relation, scan
from dedup.records import Counts
from dedup.report.summary import relation_text, summary_lines, text_lines
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line, scan_lines

ARTICLES = [("a", TEXT), ("b", TEXT.upper()), ("c", EDITED), ("d", SLICE), ("e", OTHER)]
QUOTING = OTHER.upper() + " " + " ".join(TEXT.split()[10:25])


def fields(lines: list[str]) -> dict[str, str]:
    return {row.split()[0]: " ".join(row.split()[1:]) for row in lines}


def test_the_summary_balances_the_books_and_counts_every_kind() -> None:
    rows = fields(summary_lines(scan(ARTICLES)))
    assert rows["read"] == "5"
    assert rows["kept"] == "3"
    assert rows["removed"] == "2 (1 identical, 1 near-duplicate)"
    assert rows["rejected"] == "0"
    assert rows["relations"] == "4 (1 identical, 1 near-duplicate, 2 excerpt)"
    assert rows["groups"] == "1"
    assert re.fullmatch(r"(\w+ \d+\.\d\d s(, )?)+", rows["time"])


def test_the_summary_names_the_reasons_of_rejects(tmp_path: Path) -> None:
    result, _ = scan_lines(tmp_path, [line(TEXT), b"{", b"{", b"[]"])
    assert fields(summary_lines(result))["rejected"] == "3 (2 bad-json, 1 not-an-object)"


def test_the_summary_says_when_ids_were_changed_and_when_articles_hold_no_word() -> None:
    text = "\n".join(summary_lines(scan([("x", TEXT), ("x", OTHER), ("y", "\U0001f600 !")])))
    assert "1 ids occurred before" in text
    assert "1 articles hold no word; they are kept" in text
    quiet = "\n".join(summary_lines(scan(ARTICLES)))
    assert "occurred" not in quiet
    assert "no word" not in quiet


def test_the_summary_of_nothing_says_none() -> None:
    assert fields(summary_lines(scan([OTHER])))["relations"] == "0 (none)"


def test_every_number_of_the_books_is_one_of_the_counts() -> None:
    assert {"read", "kept", "removed", "rejected"} <= set(Counts.__dataclass_fields__)


def test_the_listing_shows_groups_first_and_then_pair_by_pair() -> None:
    assert list(text_lines(scan(ARTICLES))) == [
        "a  (kept of 3)",
        "  = b  identical, resemblance 1.00",
        f"  ~ c  near-duplicate, resemblance {78 / 82:.2f}",
        "",
        "d < a  excerpt, 100% of it, 30 words in 1 passage",
        "d < c  excerpt, 93% of it, 28 words in 1 passage",
    ]


def test_quotes_are_listed_only_when_asked_for() -> None:
    result = scan([("a", TEXT), ("b", QUOTING)])
    assert list(text_lines(result)) == []
    (row,) = text_lines(result, quotes=True)
    assert row.startswith('a " b  quote, resemblance 0.')
    assert row.endswith(", 15 words in 1 passage")


@pytest.mark.parametrize(
    ("kind", "direction", "begin"),
    [
        ("identical", None, "x = y  identical, "),
        ("near-duplicate", None, "x ~ y  near-duplicate, "),
        ("excerpt", "a_in_b", "x < y  excerpt, 91% of it, "),
        ("excerpt", "b_in_a", "y < x  excerpt, 91% of it, "),
        ("overlap", None, "x & y  overlap, resemblance 0.30, "),
        ("quote", None, 'x " y  quote, '),
        ("none", None, "x / y  none, "),
    ],
)
def test_each_kind_has_a_sign_and_an_excerpt_points_at_its_source(
    kind: str, direction: str | None, begin: str
) -> None:
    passage = Passage(0, 9, 0, 9, 12.5, 1.0)
    relation = Relation(
        kind, "x", "y", direction, 0.3, 0.91, 0.2, 0.1, 0.1, 0.1, 12.5, 9, (passage, passage)
    )
    assert relation_text(relation).startswith(begin)
    assert relation_text(relation).endswith("25 words in 2 passages")


def test_no_control_character_of_an_id_reaches_the_terminal() -> None:
    rows = list(text_lines(scan([("\x1b[2Jred", TEXT), ("two\nlines", TEXT), ("bell\x07", SLICE)])))
    assert all(row.isprintable() for row in rows)
    assert rows[1].strip() == "= two lines  identical, resemblance 1.00"
