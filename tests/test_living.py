"""An index that lives: what it learns, groups and tells is what a scan of its articles finds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Given, Group, Index, Relation, Result, Settings, open_index, scan
from dedup.settings import KEEP_POLICIES
from tests import strategies as make
from tests.mask.making import (
    Page,
    make_article,
    make_page,
    make_site,
    make_words,
    with_inside,
)

QUICK = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
SITE = "daily.example"
CONSENT, FOOTER = make_words("consent", 36), make_words("footer", 30)


def of_scan(result: Result) -> list[Relation]:
    return sorted(result.relations + result.quotes, key=lambda r: (r.a, r.b))


def of_index(index: Index) -> list[Relation]:
    return sorted(index.relations(), key=lambda r: (r.a, r.b))


def assert_same(index: Index, articles: Sequence[Any], **given_: Any) -> Result:
    """Relations, groups and boilerplate are those of a scan."""
    result = scan(list(articles), settings=index.settings, **given_)
    assert of_index(index) == of_scan(result)
    assert index.groups() == result.groups
    assert sorted(index.boilerplate()) == sorted(result.boilerplate)
    return result


# Groups ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", KEEP_POLICIES)
@QUICK
@given(make.corpora(max_derived=6), st.randoms(use_true_random=False), st.data())
def test_groups_are_those_of_a_scan_whatever_comes_and_goes(
    keep: str, corpus: list[Article], random: Random, data: st.DataObject
) -> None:
    random.shuffle(corpus)
    gone = data.draw(st.sets(st.sampled_from([article.id for article in corpus])))
    batch = data.draw(st.integers(1, 4))
    wanted = Settings(learn=False, keep=keep)
    with TemporaryDirectory() as folder, mock.patch("dedup.seen.BATCH", batch):
        with open_index(f"{folder}/i", settings=wanted) as index:
            list(index.add(corpus))
            assert_same(index, corpus)
            index.remove(*gone)
            left = [article for article in corpus if article.id not in gone]
            assert_same(index, left)
        with open_index(f"{folder}/i") as index:
            back = [article for article in corpus if article.id in gone]
            list(index.add(back))
            assert_same(index, [*left, *back])
            for one in back:
                assert one.id in ids_of(index.group_of(one.id)) | excerpt_ids(index, one.id)


def ids_of(group: Group) -> set[str]:
    return {group.keeper, *(member.id for member in group.members)}


def excerpt_ids(index: Index, id_: str) -> set[str]:
    return {id_} if not index.group_of(id_).members else set()


@QUICK
@given(make.corpora(max_derived=6), st.randoms(use_true_random=False))
def test_another_keep_policy_groups_anew(corpus: list[Article], random: Random) -> None:
    random.shuffle(corpus)
    with TemporaryDirectory() as folder:
        with open_index(f"{folder}/i", settings=Settings(learn=False)) as index:
            list(index.add(corpus))
        for keep in ("longest", "most-complete", "first", "earliest"):
            with open_index(f"{folder}/i", settings=Settings(learn=False, keep=keep)) as index:
                assert_same(index, corpus)
            with open_index(f"{folder}/i") as index:
                assert index.settings.keep == keep


# Boilerplate -----------------------------------------------------------------------------------


def furnished(seed: int) -> list[Page]:
    """Pages of three sites with furniture, copies of a story and quotes of furniture."""
    story = make_words("story", 200)
    pages = make_site(SITE, 12, 12, CONSENT, seed=seed) + make_site("b.example", 8, 8, FOOTER)
    pages += [make_page(f"s{n}", SITE, n, story[n:], CONSENT, FOOTER) for n in range(5)]
    pages += [make_page(f"t{n}", f"t{n}.example", n, story[n:], FOOTER) for n in range(3)]
    pages += [
        make_page(f"q{n}", "", n, *with_inside(make_article(("q", n)), CONSENT, n))
        for n in range(3)
    ]
    # The same words on two sites: the older one stands for them.
    twin = make_article("twin")
    pages += [
        make_page("x1", "b.example", 9, twin, CONSENT),
        make_page("x0", SITE, 3, twin, CONSENT),
    ]
    Random(seed).shuffle(pages)
    return pages


@pytest.mark.parametrize("seed", range(4))
def test_after_learning_everything_is_as_in_a_scan(seed: int, tmp_path: Path) -> None:
    random, pages = Random(seed), furnished(seed)
    with open_index(tmp_path / "i") as index:
        for begin in range(0, len(pages), 7):
            list(index.add(pages[begin : begin + 7]))
            if random.random() < 0.5:
                index.learn()
                assert_same(index, pages[: begin + 7])
            if random.random() < 0.3:
                index.merge()
        index.learn()
        assert assert_same(index, pages).boilerplate
        assert index.verify() == []
    with open_index(tmp_path / "i") as index:
        gone = {page["id"] for page in pages if random.random() < 0.6}
        index.remove(*gone)
        index.learn()
        assert_same(index, [page for page in pages if page["id"] not in gone])
        list(index.add([page for page in pages if page["id"] in gone]))
        index.learn()
        assert_same(index, pages)
        assert index.verify() == []


def test_checks_use_what_was_learned_in_every_process(tmp_path: Path) -> None:
    pages = make_site(SITE, 6, 6, CONSENT)
    asked, same = pages[-1]["text"], " ".join(CONSENT)
    with open_index(tmp_path / "i") as index, open_index(tmp_path / "i") as other:
        list(index.add(pages[:5]))
        assert other.check(asked, site=SITE).verdict == "quote"
        index.learn()
        for one in (index, other):
            assert one.check(asked, site=SITE).verdict == "new"
            assert one.check(asked, site=SITE).novel_share == 1.0
            assert one.check(same, site=SITE).verdict == "boilerplate-only"
            # On another site it is no furniture, but those pages are not about it either.
            assert one.check(asked, site="else.example").verdict == "new"
        assert other.check_and_add("late", asked, site=SITE).verdict == "new"
        assert index.relations() == []


def test_what_is_learned_is_forgotten_when_its_pages_go(tmp_path: Path) -> None:
    pages = make_site(SITE, 5, 5, CONSENT)
    with open_index(tmp_path / "i") as index:
        list(index.add(pages))
        index.learn()
        assert (len(index.boilerplate()), index.relations()) == (1, [])
        index.remove(*(page["id"] for page in pages[2:]))
        index.learn()
        assert index.boilerplate() == []
        assert [relation.kind for relation in index.relations()] == ["quote"]


def test_it_is_learned_without_being_asked_when_the_number_has_doubled(tmp_path: Path) -> None:
    pages = make_site(SITE, 12, 12, CONSENT)
    with (
        mock.patch("dedup.learning.LEARN_FIRST", 5),
        open_index(tmp_path / "i") as index,
    ):
        learned = []
        for page in pages:
            index.check_and_add(page["id"], page["text"], site=SITE, date=page["date"])
            learned.append(index._how.last)
        assert learned == [0] * 4 + [5] * 5 + [10] * 3
    quiet = Settings(learn=False)
    with (
        mock.patch("dedup.learning.LEARN_FIRST", 5),
        open_index(tmp_path / "j", settings=quiet) as index,
    ):
        list(index.add(pages))
        assert index.boilerplate() == []


def test_a_learned_text_can_be_vetoed_and_stays_so(tmp_path: Path) -> None:
    pages = make_site(SITE, 6, 6, CONSENT)
    with open_index(tmp_path / "i") as index:
        list(index.add(pages))
        index.learn()
        (run,) = index.boilerplate()
        index.learn(veto=[run.id])
        assert [one.masked for one in index.boilerplate()] == [False]
        assert len(index.relations()) == 15
    with open_index(tmp_path / "i") as index:
        index.learn()
        assert_same(index, pages, given=Given(keep=frozenset([run.id])))


def test_what_is_added_while_it_is_learned_is_put_right_too(tmp_path: Path) -> None:
    from dedup import learning

    pages = furnished(9)
    first, late = pages[:-6], pages[-6:]
    corrected = learning._corrected
    with open_index(tmp_path / "i") as index, open_index(tmp_path / "i") as other:
        list(index.add(first))

        def meanwhile(*args: Any) -> Any:
            found = corrected(*args)
            if len(other) == len(first):
                other.remove(first[0]["id"])
                list(other.add([*late, first[0]]))
            return found

        with mock.patch("dedup.learning._corrected", meanwhile):
            index.learn()
        # Nothing was learned from them yet, but they are masked with what was.
        learned = {run.id for run in index.boilerplate()}
        before = of_index(index)
        index.learn()
        result = assert_same(index, pages)
        assert {run.id for run in index.boilerplate()} == learned
        assert before == of_scan(result)


def test_pairs_that_share_only_hidden_keys_are_not_related_as_in_a_scan(tmp_path: Path) -> None:
    # Five runs of four words are enough for a passage, but not for a key of its own.
    shared = [word for n in range(5) for word in (*make_words(("run", n), 4), f"changed{n}")]
    other = [word.replace("changed", "other") for word in shared]
    pages = make_site(SITE, 6, 6, CONSENT)
    pages += [
        make_page("a", SITE, 7, make_article("a"), CONSENT, make_words("gap", 20), shared),
        make_page("b", "b.example", 8, make_article("b"), CONSENT, make_words("hole", 20), other),
    ]
    with open_index(tmp_path / "i") as index:
        list(index.add(pages[:-1]))
        index.learn()
        answer = index.check_and_add("b", pages[-1]["text"], site="b.example", date="2024-03-09")
        assert answer.verdict == "new"
        assert of_index(index) == of_scan(scan(pages)) == []
        assert [r.kind for r in of_scan(scan(pages, settings=Settings(learn=False)))].count(
            "quote"
        ) > 20


def test_nothing_of_a_forgotten_article_is_left_in_what_was_learned(tmp_path: Path) -> None:
    pages = make_site(SITE, 4, 4, CONSENT)
    with open_index(tmp_path / "i") as index:
        list(index.add(pages))
        index.learn()
        assert index.boilerplate()
        index.forget(*(page["id"] for page in pages))
    data = b"".join(file.read_bytes() for file in (tmp_path / "i").iterdir())
    assert " ".join(CONSENT[:3]).encode() not in data


# Answers, updates, histories ---------------------------------------------------------------------


def words_of(seed: int, length: int = 200) -> list[str]:
    return make_words(("living", seed), length)


def test_an_answer_names_the_article_that_is_kept(tmp_path: Path) -> None:
    story, foreign = words_of(1), words_of(2)
    with open_index(tmp_path / "i") as index:
        assert index.check(" ".join(story)).keeper is None
        assert index.check_and_add("new", " ".join(story), date="2026-02-02").keeper == "new"
        copy = index.check_and_add("copy", " ".join([*story, *foreign[:20]]), date="2026-02-03")
        assert (copy.keeper, copy.matches[0].keeper) == ("new", "new")
        # An older version comes late: from then on it is the one that is kept.
        late = index.check_and_add("old", " ".join(story[:190]), date="2026-02-01")
        assert (late.keeper, {match.keeper for match in late.matches}) == ("old", {"old"})
        assert index.check(" ".join(story)).keeper == "old"
        assert index.check(" ".join(story[20:80])).matches[0].keeper == "old"
        assert index.check(" ".join(story[20:80])).keeper is None
        assert index.group_of("copy") == index.group_of("old") == index.groups()[0]
        with pytest.raises(dedup.InputError, match="no article 'nobody'"):
            index.group_of("nobody")


def test_a_new_version_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    first, second = " ".join(words_of(1)), " ".join([*words_of(1)[:150], *words_of(2)])
    with open_index(tmp_path / "i") as index:
        assert index.update("a", first).added
        index.check_and_add("b", first, date="2026-01-01")
        answer = index.update("a", second, date="2026-01-02")
        assert (answer.added, answer.replaced) == (True, True)
        assert [match.id for match in answer.matches] == ["b"]
        same = index.update("a", second, date="2026-01-02")
        assert (same.added, same.replaced, len(index)) == (False, False, 2)
        # Another date alone is a new version too.
        assert index.update("a", second, date="2026-01-03").replaced
        assert_same(index, [Article("a", second, "2026-01-03"), Article("b", first, "2026-01-01")])
        assert index.verify() == []


@QUICK
@given(make.corpora(max_derived=6), st.randoms(use_true_random=False), st.integers(1, 5))
def test_updates_in_any_order_leave_what_a_scan_of_the_last_versions_finds(
    corpus: list[Article], random: Random, num_ids: int
) -> None:
    last: dict[str, Article] = {}
    quiet = Settings(learn=False)
    with TemporaryDirectory() as folder, open_index(f"{folder}/i", settings=quiet) as index:
        for article in random.sample(corpus, len(corpus)):
            one = Article(f"id{random.randrange(num_ids)}", article.text, article.date)
            index.update(one.id, one.text, date=one.date)
            last[one.id] = one
        assert_same(index, list(last.values()))
        assert index.verify() == []


def test_a_history_tells_who_was_first_who_copied_and_who_took_which_part(tmp_path: Path) -> None:
    story, foreign = words_of(1), words_of(2)
    part = story[40:100]
    rows = [
        ("reprint", " ".join(story), "2026-02-03", "b.example"),
        ("first", " ".join(story), "2026-02-01", "a.example"),
        ("edited", " ".join([*story[:180], *foreign[:10]]), "2026-02-02", "c.example"),
        ("undated", " ".join(story), None, "d.example"),
        ("part", " ".join(part), "2026-02-04", "e.example"),
        ("whole", " ".join([*story, *words_of(3, 500)]), "2026-01-31", "f.example"),
    ]
    with open_index(tmp_path / "i") as index:
        for id_, body, date, site in rows:
            index.check_and_add(id_, body, date=date, site=site)
        history = index.history("reprint")
        told = [(one.id, one.kind, one.claim, one.of) for one in history.copies]
        assert told == [
            ("first", "first", "", ""),
            ("edited", "near-duplicate", "copied from", "first"),
            ("reprint", "identical", "copied from", "first"),
            ("undated", "identical", "shares with", "first"),
        ]
        assert history.keeper == "first"
        assert [one.site for one in history.copies][:2] == ["a.example", "c.example"]
        taken = [one for one in history.excerpts if one.of == "first"]
        assert [(one.id, one.claim) for one in taken] == [("part", "copied from")]
        ((passage,),) = [one.passages for one in taken]
        assert rows[1][1][passage.b_begin : passage.b_end] == " ".join(part)
        assert (passage.a_begin, passage.a_end) == (0, len(" ".join(part)))
        around = {(one.id, one.claim, one.of) for one in history.containing}
        assert ("whole", "source of", "first") in around
        alone = index.history("whole")
        assert [one.id for one in alone.copies] == ["whole"]
        assert {one.of for one in alone.excerpts} == {"whole"}
        assert json.loads(json.dumps(history.as_dict()))["keeper"] == "first"
