"""A pair side by side: only differing words are marked, and no control character gets through."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dedup import Passage, Relation, compare
from dedup.report.side_by_side import _MARKED, _marked, pair_table, passage_table
from tests.report.making import EDITED, SLICE, TEXT, WORDS
from tests.strategies import make_words, messy_texts


def shown(*tables: Table, width: int = 100, color: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, color_system="standard" if color else None,
        highlight=False, legacy_windows=False,
    )  # fmt: skip
    for table in tables:
        console.print(table)
    return file.getvalue()


def marked_words(text: Text) -> list[str]:
    return [text.plain[span.start : span.end] for span in text.spans]


def whole(text_a: str, text_b: str) -> Passage:
    return Passage(0, len(text_a), 0, len(text_b), 10.0, 0.9)


def test_only_the_words_that_differ_are_marked() -> None:
    sides = _marked([TEXT, EDITED], full=True)
    assert [marked_words(side) for side in sides] == [WORDS[40:42], ["eins", "zwei"]]
    assert [str(span.style) for span in sides[0].spans] == ["bold red"] * 2
    assert [str(span.style) for span in sides[1].spans] == ["bold green"] * 2


def test_case_accents_and_punctuation_are_no_difference() -> None:
    sides = _marked(["Übrigens: „ganz GUT“, sagte er.", "ubrigens ganz gut - sagte er"], full=True)
    assert [side.spans for side in sides] == [[], []]


def test_words_that_only_one_side_has_are_marked_there() -> None:
    sides = _marked(["eins zwei drei vier", "eins drei vier fünf"], full=True)
    assert [marked_words(side) for side in sides] == [["zwei"], ["fünf"]]


def test_the_text_is_shown_as_published() -> None:
    text = "Übrigens: „ganz gut“,\nsagte er."
    assert [side.plain for side in _marked([text, text], full=True)] == [text, text]


@settings(deadline=None)
@given(messy_texts(), messy_texts())
def test_no_control_character_reaches_the_terminal(a: str, b: str) -> None:
    passage = Passage(0, len(a), 0, len(b), 1.0, 1.0)
    out = shown(passage_table(passage, a, b, full=True))
    assert all(char.isprintable() or char == "\n" for char in out)


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\x9b31m", "\x00", "\u202e", "\r", "\x7f"])
def test_an_escape_sequence_in_a_text_is_shown_without_its_control_character(evil: str) -> None:
    text = f"vor {evil} nach"
    out = shown(passage_table(whole(text, text), text, text, full=True))
    assert not set(evil) & {"\x1b", "\x07", "\x9b", "\x00", "\u202e", "\r", "\x7f"} & set(out)
    assert "vor" in out
    assert "nach" in out


def test_marks_stay_in_place_where_a_control_character_was_replaced() -> None:
    sides = _marked(["\x1b eins \x07zwei drei", "eins \x1bzwo drei"], full=True)
    assert [marked_words(side) for side in sides] == [["zwei"], ["zwo"]]


def test_console_markup_in_a_text_is_only_text() -> None:
    text = "[bold]fett[/bold] und [link=http://x]Verweis[/link]"
    out = shown(passage_table(whole(text, text), text, text, full=True), width=200)
    assert out.count(text) == 2


def test_a_long_passage_is_shown_by_its_ends_unless_it_is_wanted_whole() -> None:
    words = [f"wort{n}" for n in range(500)]
    text = " ".join(words)
    short = _marked([text, text], full=False)[0].plain
    assert short == f"{' '.join(words[:60])} [... 380 words ...] {' '.join(words[-60:])}"
    assert _marked([text, text], full=True)[0].plain == text
    hundred = " ".join(words[:120])
    assert _marked([hundred, hundred], full=False)[0].plain == hundred


def test_a_mark_at_either_end_of_a_shortened_passage_is_kept() -> None:
    words = [f"wort{n}" for n in range(500)]
    other = ["anders", *words[1:-1], "auch"]
    sides = _marked([" ".join(words), " ".join(other)], full=False)
    assert marked_words(sides[1])[0] == "anders"
    assert marked_words(sides[1])[-1] == "auch"
    assert len([word for word in marked_words(sides[1]) if word in ("anders", "auch")]) == 2


def test_a_passage_that_is_too_long_to_compare_is_shown_without_marks() -> None:
    a, b = make_words(1, _MARKED + 1), make_words(2, 50)
    assert not any(side.spans for side in _marked([" ".join(a), " ".join(b)], full=True))


def test_columns_are_headed_by_the_spans_and_the_title_by_words_and_identity() -> None:
    relation = compare(TEXT, SLICE)
    (passage,) = relation.passages
    out = shown(passage_table(passage, TEXT, SLICE, full=True))
    assert f"A[{passage.a_begin}:{passage.a_end}]" in out
    assert f"B[0:{passage.b_end}]" in out
    assert "30 words, identity 1.00" in out


@pytest.mark.parametrize(
    ("direction", "words"), [("a_in_b", "A is an excerpt of B"), ("b_in_a", "B is an excerpt of A")]
)
def test_the_direction_of_an_excerpt_is_said_in_words(direction: str, words: str) -> None:
    relation = Relation("excerpt", "a", "b", direction, 0.3, 0.9, 0.2, 0.1, 0.1, 0.1, 12.5, 9)
    out = shown(pair_table(relation))
    assert f"excerpt ({words})" in out
    assert "12.5 words" in out


def test_a_pair_table_has_a_row_for_every_number_of_the_relation() -> None:
    relation = Relation("overlap", "a", "b", None, 0.11, 0.22, 0.33, 0.44, 0.55, 0.66, 77, 88)
    rows = shown(pair_table(relation)).splitlines()
    assert [row.split()[0] for row in rows] == [
        "kind", "resemblance", "A", "B", "jaccard", "shingles", "shingles", "longest", "longest",
    ]  # fmt: skip
    for number in ("0.1100", "0.2200", "0.3300", "0.4400", "0.5500", "0.6600", "77", "88"):
        assert any(number in row for row in rows)
