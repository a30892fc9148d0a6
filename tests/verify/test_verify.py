"""One pair: symmetry, spans, the guarantee, and what repeats and lengths do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.records import Passage, Relation
from dedup.settings import Settings
from dedup.text import tokenize
from dedup.verify import verify_texts
from tests import oracles

DEFAULT = Settings()


def verify(a: str, b: str, chosen: Settings = DEFAULT) -> Relation:
    return verify_texts(a, b, chosen)


@st.composite
def related_texts(draw: st.DrawFn, vocabulary: int = 300) -> tuple[list[str], list[str]]:
    """Two word lists made of common and own pieces in any order, with repeats."""
    words = st.integers(0, vocabulary - 1).map(lambda n: f"word{n}")
    pieces = draw(st.lists(st.lists(words, min_size=1, max_size=40), min_size=1, max_size=4))
    sides = []
    for _ in range(2):
        side: list[str] = []
        for n in draw(st.lists(st.integers(0, len(pieces) - 1), max_size=4)):
            side += draw(st.lists(words, max_size=12)) + pieces[n]
        sides.append(side)
    return sides[0], sides[1]


def mirrored(relation: Relation) -> Relation:
    swap = {"a_in_b": "b_in_a", "b_in_a": "a_in_b", None: None}
    passages = [
        Passage(p.b_begin, p.b_end, p.a_begin, p.a_end, p.words, p.identity)
        for p in relation.passages
    ]
    return replace(
        relation,
        direction=swap[relation.direction],
        containment_a_in_b=relation.containment_b_in_a,
        containment_b_in_a=relation.containment_a_in_b,
        shingles_a_in_b=relation.shingles_b_in_a,
        shingles_b_in_a=relation.shingles_a_in_b,
        passages=tuple(sorted(passages)),
    )


@given(related_texts())
def test_the_order_of_the_two_texts_does_not_matter(pair: tuple[list[str], list[str]]) -> None:
    a, b = map(" ".join, pair)
    there, back = verify(a, b), mirrored(verify(b, a))
    assert replace(there, passages=()) == replace(back, passages=())
    assert sorted(there.passages) == list(back.passages)


@given(related_texts(), st.sampled_from([3, 20, 300]))
@settings(max_examples=200)
def test_a_shared_run_of_twelve_words_is_always_reported(
    pair: tuple[list[str], list[str]], vocabulary: int
) -> None:
    sides = [[f"w{int(word[4:]) % vocabulary}" for word in side] for side in pair]
    a, b = sides
    relation = verify(" ".join(a), " ".join(b))
    if oracles.shares_run(a, b, 12):
        assert relation.kind != "none"
        assert relation.passages


@pytest.mark.parametrize("word_count", [60, 400, 3000])
def test_a_run_inside_endless_repetition_is_reported(word_count: int) -> None:
    # Every run of four words is so frequent that only r-th meets r-th.
    a = ["ja", "nein"] * word_count
    run = ["ja", "ja", "nein", "nein"] * 3
    b = ["nein", "nein", "nein", "ja", "ja", "ja"] * word_count
    relation = verify(" ".join([*a, "x", *run, "y", *a]), " ".join([*b, "p", *run, "q", *b]))
    assert relation.passages


@given(related_texts())
def test_measures_are_shares_and_agree_with_each_other(pair: tuple[list[str], list[str]]) -> None:
    a, b = pair
    relation = verify(" ".join(a), " ".join(b))
    shares = (
        relation.resemblance, relation.containment_a_in_b, relation.containment_b_in_a,
        relation.jaccard, relation.shingles_a_in_b, relation.shingles_b_in_a,
    )  # fmt: skip
    assert all(0 <= share <= 1 for share in shares)
    n_a, n_b = (len(tokenize(" ".join(side))) for side in pair)
    if n_a and n_b:
        dice = relation.containment_a_in_b * n_a + relation.containment_b_in_a * n_b
        dice /= n_a + n_b
        assert relation.resemblance == pytest.approx(dice / (2 - dice))
    if min(relation.containment_a_in_b, relation.containment_b_in_a) >= DEFAULT.excerpt:
        assert relation.kind in ("identical", "near-duplicate")
    assert (relation.direction is not None) == (relation.kind == "excerpt")
    assert (relation.kind == "none") == (not relation.passages)


@given(related_texts())
def test_shingle_measures_equal_the_plain_sets(pair: tuple[list[str], list[str]]) -> None:
    a, b = pair
    relation = verify(" ".join(a), " ".join(b))
    assert relation.jaccard == pytest.approx(oracles.resemblance(a, b, DEFAULT.k))
    assert relation.shingles_a_in_b == pytest.approx(oracles.containment(a, b, DEFAULT.k))
    assert relation.shingles_b_in_a == pytest.approx(oracles.containment(b, a, DEFAULT.k))


@given(related_texts())
def test_every_passage_begins_and_ends_with_words_of_both_texts(
    pair: tuple[list[str], list[str]],
) -> None:
    a, b = map(" ".join, pair)
    relation = verify(a, b)
    for passage in relation.passages:
        for text, begin, end in (
            (a, passage.a_begin, passage.a_end),
            (b, passage.b_begin, passage.b_end),
        ):
            words = tokenize(text)
            inside = [word for word in words if begin <= word.begin and word.end <= end]
            assert (inside[0].begin, inside[-1].end) == (begin, end)
            found = [word.letters for word in tokenize(text[begin:end])]
            assert found == [word.letters for word in inside]
            assert passage.words <= len(inside)
        assert passage.words >= DEFAULT.min_passage or relation.kind == "identical"
        assert DEFAULT.min_density <= passage.identity <= 1


@given(related_texts(), st.integers(13, 200))
def test_appending_foreign_words_to_b_keeps_the_containment_of_a(
    pair: tuple[list[str], list[str]], count: int
) -> None:
    a, b = pair
    foreign = [f"zz{n}" for n in range(count)]
    before = verify(" ".join(a), " ".join(b))
    after = verify(" ".join(a), " ".join([*b, *foreign]))
    if before.kind != "identical":
        assert after.containment_a_in_b == before.containment_a_in_b
        assert after.resemblance <= before.resemblance


@given(st.lists(st.integers(0, 30).map(lambda n: f"w{n}"), min_size=1, max_size=60))
def test_a_text_is_identical_to_itself_however_it_is_set(words: list[str]) -> None:
    relation = verify(" ".join(words), " -- ".join(words).upper())
    assert relation.kind == "identical"
    assert relation.resemblance == relation.containment_a_in_b == 1.0
    assert relation.longest_run == len(words)
    assert len(relation.passages) == 1


@pytest.mark.parametrize(("a", "b"), [("", ""), ("...", "!"), ("", "ein Wort"), ("a", "b")])
def test_texts_with_nothing_in_common_have_kind_none(a: str, b: str) -> None:
    relation = verify(a, b)
    assert relation.kind == "none"
    assert relation.resemblance == 0


def words(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n:04}q" for n in range(count)]


def own(name: str, count: int) -> list[str]:
    """Words that no other call makes, too unlike each other for fuzzy equality."""
    return [f"{name * 3}{n}" for n in range(count)]


def test_shuffled_paragraphs_are_near_duplicates() -> None:
    parts = [own(letter, 60) for letter in "bcdf"]
    a = [w for part in parts for w in part]
    b = [w for part in (parts[2], parts[0], parts[3], parts[1]) for w in part]
    relation = verify(" ".join(a), " ".join(b))
    assert relation.kind == "near-duplicate"
    assert len(relation.passages) == 4


@pytest.mark.parametrize(("inserted", "passages"), [(1, 1), (40, 1), (41, 2), (90, 2)])
def test_a_gap_of_more_than_forty_words_splits_a_passage(inserted: int, passages: int) -> None:
    first, second = own("b", 60), own("c", 60)
    a = [*first, *own("z", inserted), *second]
    relation = verify(" ".join(a), " ".join([*first, *second]))
    assert len(relation.passages) == passages
    assert relation.containment_b_in_a == 1.0


def test_typos_do_not_break_a_passage_but_numbers_must_be_equal() -> None:
    source = (
        "Der Gemeinderat beschloss gestern Abend einstimmig den Neubau der alten Brücke und "
        "bewilligte dafür 4711 Taler aus der Rücklage des vergangenen Haushalts"
    )
    typos = source.replace("Gemeinderat", "Gemelnderat").replace("Rücklage", "Rückiage")
    relation = verify(source, typos)
    assert relation.resemblance == 1.0
    assert relation.kind == "near-duplicate"
    assert verify(source, source.replace("4711", "4712")).containment_a_in_b < 1.0


def test_an_excerpt_says_which_side_is_inside() -> None:
    whole = own("b", 200)
    inside = whole[70:110]
    assert verify(" ".join(inside), " ".join(whole)).direction == "a_in_b"
    assert verify(" ".join(whole), " ".join(inside)).direction == "b_in_a"


@pytest.mark.parametrize(
    ("shared", "own_words", "kind"),
    [(11, 200, "none"), (12, 200, "quote"), (160, 600, "quote"), (161, 600, "overlap"),
     (30, 60, "overlap"), (90, 10, "near-duplicate")],
)  # fmt: skip
def test_kinds_follow_length_and_share(shared: int, own_words: int, kind: str) -> None:
    run = own("b", shared)
    a, b = [*run, *own("c", own_words)], [*own("d", own_words), *run]
    assert verify(" ".join(a), " ".join(b)).kind == kind


def test_a_pull_quote_counts_once_where_it_is_matched() -> None:
    quote = own("b", 16)
    a = [*own("c", 100), *quote, *own("d", 50), *quote, *own("f", 60)]
    b = [*own("g", 80), *quote, *own("h", 80)]
    relation = verify(" ".join(a), " ".join(b))
    assert relation.kind == "quote"
    assert relation.containment_b_in_a == pytest.approx(16 / 176)
    assert relation.containment_a_in_b in (pytest.approx(16 / 242), pytest.approx(32 / 242))


def test_very_long_and_very_repetitive_texts_are_aligned() -> None:
    long = " ".join(f"w{n * 7919 % 90001}" for n in range(200_000))
    excerpt = " ".join(f"w{n * 7919 % 90001}" for n in range(120_000, 120_400))
    assert verify(excerpt, long).direction == "a_in_b"
    sentence = "Das ist ein Test. "
    assert verify(sentence * 20_000, sentence * 500).direction == "b_in_a"
    assert verify("ja " * 5000, "ja " * 4000).kind == "near-duplicate"
    assert verify("x" * 1_000_000, "y" * 1_000_000).kind == "none"


@pytest.mark.parametrize(("overlap", "foreign"), [(4, 34), (1, 30), (11, 38), (6, 12)])
def test_a_run_whose_words_another_run_took_is_reported_whole(overlap: int, foreign: int) -> None:
    # Both hold a run of twelve; its first words also end another run, which stands further off.
    head, tail = own("b", 11), own("c", 12 - overlap)
    a = [*head, *tail]
    b = [*head, *own("z", foreign), *head[-overlap:], *tail]
    assert oracles.shares_run(a, b, 12)
    relation = verify(" ".join(a), " ".join(b))
    assert relation.longest_passage >= 12
    assert relation.kind != "none"
