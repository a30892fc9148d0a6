"""Relations → groups and removals, at every level of removal."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Excerpt, Member, Removal
from dedup.settings import KEEP_POLICIES, REMOVE_POLICIES
from tests.cluster.making import Corpus

LETTERS = "abcdefgh"


@st.composite
def clusters(draw: st.DrawFn) -> Corpus:
    """Up to eight articles in any order with relations of every kind between oldest copies."""
    names = "".join(draw(st.permutations(LETTERS[: draw(st.integers(1, 8))])))
    corpus = Corpus(names, {name: draw(st.integers(1, 6)) * 100 for name in names})
    oldest = sorted(names)
    for copy in sorted(names)[1:]:
        if draw(st.integers(0, 3)) == 0:
            first = draw(st.sampled_from([name for name in oldest if name < copy]))
            corpus.identical(first, copy)
            corpus.weights[names.index(copy)] = corpus.weights[names.index(first)]
            oldest.remove(copy)
    pairs = [(a, b) for a in oldest for b in oldest if a < b]
    for a, b in draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []:
        match draw(st.sampled_from(["near", "excerpt", "overlap"])):
            case "near":
                r = draw(st.sampled_from([0.7, 0.8, 0.9]))
                corpus.near(a, b, r, draw(st.sampled_from([0.8, 0.95])), 0.9)
            case "excerpt":
                inner, outer = sorted((a, b), key=lambda n: corpus.weights[names.index(n)])
                corpus.excerpt(inner, outer, draw(st.sampled_from([0.85, 0.9, 1.0])))
            case _:
                corpus.overlap(a, b)
    return corpus


policies = st.sampled_from(KEEP_POLICIES)
levels = st.sampled_from(REMOVE_POLICIES)


@given(clusters(), policies, levels)
def test_what_an_article_is_removed_for_is_kept(corpus: Corpus, keep: str, level: str) -> None:
    removed = corpus.removed(keep=keep, remove=level)
    assert all(keeper not in removed and keeper != name for name, (_, keeper) in removed.items())


@given(clusters(), policies, levels)
def test_every_removal_was_verified_against_its_keeper_or_a_copy_of_it(
    corpus: Corpus, keep: str, level: str
) -> None:
    def same(name: str) -> str:
        return corpus.names[corpus.oldest[corpus.names.index(name)]]

    kinds = {frozenset((r.a, r.b)): r.kind for _, _, r in corpus.found if r.kind != "identical"}
    for name, (reason, keeper) in corpus.removed(keep=keep, remove=level).items():
        if same(name) == same(keeper):
            assert reason == "identical"
        else:
            assert kinds[frozenset((same(name), same(keeper)))] == reason


@given(clusters(), policies, levels, st.randoms(use_true_random=False))
def test_the_order_in_which_relations_are_found_does_not_matter(
    corpus: Corpus, keep: str, level: str, random: Random
) -> None:
    shuffled = list(corpus.found)
    random.shuffle(shuffled)
    assert corpus.groups(shuffled, keep=keep, remove=level) == corpus.groups(
        keep=keep, remove=level
    )


@given(clusters(), policies)
def test_an_article_is_a_keeper_or_a_member_of_one_group_at_most(corpus: Corpus, keep: str) -> None:
    groups, _ = corpus.groups(keep=keep)
    keepers = [group.keeper for group in groups]
    members = [member.id for group in groups for member in group.members]
    assert len(set(members)) == len(members)
    assert len(set(keepers)) == len(keepers)
    assert not set(members) & set(keepers)


@given(clusters(), policies)
def test_groups_and_their_members_stand_in_the_order_of_rank(corpus: Corpus, keep: str) -> None:
    groups, _ = corpus.groups(keep=keep)
    assert [group.keeper for group in groups] == sorted(group.keeper for group in groups)
    for group in groups:
        assert [m.id for m in group.members] == sorted(m.id for m in group.members)
        assert [e.id for e in group.excerpts] == sorted(e.id for e in group.excerpts)


@given(clusters(), policies)
def test_each_level_removes_what_the_one_before_it_removes(corpus: Corpus, keep: str) -> None:
    removed = [set(corpus.removed(keep=keep, remove=level)) for level in REMOVE_POLICIES]
    assert removed[0] == set()
    assert removed[0] <= removed[1] <= removed[2] <= removed[3]


@given(clusters(), policies)
def test_at_the_level_near_duplicate_exactly_the_members_are_removed(
    corpus: Corpus, keep: str
) -> None:
    groups, removals = corpus.groups(keep=keep, remove="near-duplicate")
    members = {(m.id, m.kind, g.keeper) for g in groups for m in g.members}
    assert {(r.id, r.reason, r.keeper) for r in removals.values()} == members


@given(clusters(), policies)
def test_groups_do_not_depend_on_what_is_removed(corpus: Corpus, keep: str) -> None:
    groups = [corpus.groups(keep=keep, remove=level)[0] for level in REMOVE_POLICIES]
    assert all(some == groups[0] for some in groups)


def test_a_group_holds_the_numbers_that_put_each_member_there() -> None:
    corpus = Corpus("abcd", {"d": 100}).identical("a", "b").near("a", "c", 0.75, 0.8, 0.95)
    groups, removals = corpus.excerpt("d", "a", 0.9).groups()
    (group,) = groups
    assert group.members == (
        Member("b", "identical", 1.0, 1.0, 1.0),
        # 0.8 of a lies in c, 0.95 of c lies in a.
        Member("c", "near-duplicate", 0.75, 0.95, 0.8),
    )
    assert group.excerpts == (Excerpt("d", "a", 0.9),)
    assert removals[2] == Removal("c", "near-duplicate", "a", 0.75, 0.95)


def test_nothing_is_grouped_without_relations_or_for_overlap_alone() -> None:
    assert Corpus("ab").groups() == ([], {})
    assert Corpus("ab").overlap("a", "b").groups() == ([], {})
    assert Corpus("").groups() == ([], {})


def test_a_copy_of_a_member_is_a_member_of_the_same_group() -> None:
    corpus = Corpus("abc").identical("b", "c").near("a", "b")
    assert corpus.shape() == {"a": "bc"}
    assert corpus.removed() == {"b": ("near-duplicate", "a"), "c": ("near-duplicate", "a")}


def test_at_the_level_identical_a_copy_of_a_member_goes_and_the_member_stays() -> None:
    corpus = Corpus("abc").identical("b", "c").near("a", "b")
    assert corpus.removed(remove="identical") == {"c": ("identical", "b")}
    # Of the two the first of the input stays, where that is the policy.
    corpus = Corpus("acb").identical("b", "c").near("a", "b")
    assert corpus.removed(remove="identical", keep="first") == {"b": ("identical", "c")}


@pytest.mark.parametrize(
    ("level", "removed"),
    [
        ("none", {}),
        ("identical", {"b": ("identical", "a")}),
        ("near-duplicate", {"b": ("identical", "a"), "c": ("near-duplicate", "a")}),
        (
            "excerpt",
            {"b": ("identical", "a"), "c": ("near-duplicate", "a"), "d": ("excerpt", "a")},
        ),
    ],
)
def test_what_goes_at_each_level(level: str, removed: dict[str, tuple[str, str]]) -> None:
    corpus = Corpus("abcde", {"d": 100}).identical("a", "b").near("a", "c").excerpt("d", "a")
    assert corpus.overlap("a", "e").removed(remove=level) == removed
