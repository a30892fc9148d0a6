"""Pages: what is called furniture is furniture, what is called related shares news."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import pytest
from numpy.random import PCG64, Generator

from benchmarks import tokens as words
from benchmarks.alignment import kinds_of, number_words, share
from benchmarks.corpora import corpus_digest
from benchmarks.furniture import KINDS, Furnisher
from benchmarks.language import Newsroom, write_article
from benchmarks.pages import PageCorpus, main, pages
from benchmarks.reuse import write_world
from benchmarks.syndication import make_outlets
from benchmarks.truth import exact_kind, exact_pairs, fold_words, ordered
from benchmarks.vocabulary import make_language

NUM = 400
SEED = 4


@pytest.fixture(scope="module")
def furnished() -> PageCorpus:
    return pages(NUM, SEED)


@pytest.fixture(scope="module")
def plain() -> PageCorpus:
    return pages(NUM, SEED, furnished=False)


def texts_of(corpus: PageCorpus) -> dict[str, str]:
    return {article["id"]: article["text"] for article in corpus.articles}


def made_only_by(corpus: PageCorpus, pair: tuple[str, str], shapes: set[str]) -> bool:
    """Tell whether no page on the way between two was made in another way."""
    roots = {root for name in pair for root in corpus.origins[name]}
    return {corpus.pages[name].story.shape for name in roots} <= shapes


def rng(seed: int = 1) -> Generator:
    return Generator(PCG64(seed))


def an_article(seed: int = 1) -> words.Tokens:
    text = write_article(Newsroom(seed).topic(0), rng(seed), 300)
    return words.Origins().tokenise(text)


# Making


def test_the_same_seed_makes_the_same_pages(furnished: PageCorpus) -> None:
    again = pages(NUM, SEED)
    assert corpus_digest(again) == corpus_digest(furnished)
    assert again.pairs == furnished.pairs
    assert corpus_digest(pages(NUM, SEED + 1)) != corpus_digest(furnished)


def test_pages_have_dates_sites_and_all_languages(furnished: PageCorpus) -> None:
    assert len(furnished.articles) == NUM
    assert len({article["site"] for article in furnished.articles}) == 20
    dates = [article["date"] for article in furnished.articles]
    assert dates == sorted(dates)
    assert (dates[0], dates[-1]) == ("2024-01-01", "2024-01-30")
    codes = [page.story.topic.language.code for page in furnished.pages.values()]
    assert set(codes) == {"de", "en", "fr", "ru", "ja"}
    assert codes.count("de") + codes.count("en") > 0.7 * NUM


def test_every_way_of_reuse_occurs() -> None:
    shapes = {story.shape.split()[0] for story in write_world(1500, SEED, 20, 30).stories}
    wanted = (
        "own brief exact unicode agency rewrite reordered excerpt embedded quote mash-up truncated"
    )
    assert {*wanted.split(), "transliterated", "scan", "ticker", "same"} <= shapes


def test_a_copy_is_never_older_than_its_source(furnished: PageCorpus) -> None:
    day = {article["id"]: article["date"] for article in furnished.articles}
    assert all(day[planted.b] <= day[planted.a] for planted in furnished.truth)


def test_a_mix_nobody_prints_is_refused() -> None:
    with pytest.raises(ValueError, match="no outlet"):
        pages(10, SEED, sites=1, mix={"ru": 1.0})


# Furniture


def test_furniture_stands_where_the_truth_says(furnished: PageCorpus) -> None:
    furnisher = Furnisher(make_outlets(20), SEED, 30)
    texts = texts_of(furnished)
    seen = set()
    for name, page in furnished.pages.items():
        fit = furnisher.outfits[page.story.outlet]
        known = {
            "header": (fit.header,),
            "footer": (fit.footer,),
            "consent": (fit.consent,),
            "publisher": (furnisher.publisher,),
            "read-also": [item for pool in fit.read_also for item in pool],
            "agency-note": [note for notes in furnisher.notes.values() for note in notes],
        }
        for one in page.furniture:
            seen.add(one.kind)
            text = texts[name][one.begin : one.end]
            assert text
            if page.story.form is None and one.kind in known:
                assert text in known[one.kind], (name, one)
    assert seen == set(KINDS)


def test_content_and_furniture_do_not_overlap_and_are_all_there_is(furnished: PageCorpus) -> None:
    texts = texts_of(furnished)
    for name, page in furnished.pages.items():
        spans = sorted([*page.content(), *((f.begin, f.end) for f in page.furniture)])
        done = 0
        for begin, end in spans:
            assert done <= begin < end <= len(texts[name])
            assert not fold_words(texts[name][done:begin])
            done = end
        assert not fold_words(texts[name][done:])


def test_words_stand_where_the_truth_says(furnished: PageCorpus, plain: PageCorpus) -> None:
    for corpus in (furnished, plain):
        texts = texts_of(corpus)
        for name, page in corpus.pages.items():
            found = [
                texts[name][begin:end]
                for begin, end in zip(page.begins.tolist(), page.ends.tolist(), strict=True)
            ]
            assert found == [token.word for token in page.story.tokens]


def test_the_furniture_has_the_lengths_of_real_pages() -> None:
    furnisher = Furnisher(make_outlets(20), SEED, 30)
    num = len(fold_words(furnisher.publisher))
    assert 28 <= num <= 60
    for outlet, fit in zip(furnisher.outlets, furnisher.outfits, strict=True):
        if outlet.language == "ja":
            continue
        for text in (fit.header, fit.footer):
            assert 9 <= len(fold_words(text)) <= 70
        if fit.consent:
            assert 28 <= len(fold_words(fit.consent)) <= 95
        if fit.read_also:
            assert 12 <= len(fit.read_also[0]) <= 20
            assert len(set(fit.read_also[0]) & set(fit.read_also[1])) == len(fit.read_also[0]) - 3
            assert not set(fit.read_also[0]) & set(fit.read_also[29])
    assert 4 <= sum(outlet.publisher for outlet in furnisher.outlets) <= 6


def test_another_copy_of_a_page_is_the_whole_page(furnished: PageCorpus) -> None:
    texts = texts_of(furnished)
    num = 0
    for name, page in furnished.pages.items():
        if page.story.page_of is not None:
            home = texts[f"p{page.story.page_of:06d}"]
            assert fold_words(texts[name]) == fold_words(home)
            num += 1
    assert num >= 5


# Truth


def test_only_related_pairs_share_twelve_words_of_content(plain: PageCorpus) -> None:
    assert exact_pairs(plain.articles) <= {
        pair for pair, one in plain.pairs.items() if one.label == 1
    }


def test_no_unrelated_pair_has_a_common_run_of_characters_either(plain: PageCorpus) -> None:
    # 12 word-equivalents of the script without blanks are 24 characters or more.
    holders: dict[str, set[str]] = defaultdict(set)
    for name, page in plain.pages.items():
        if page.story.topic.language.code == "ja":
            text = "".join(token.word for token in page.story.tokens)
            for i in range(len(text) - 23):
                holders[text[i : i + 24]].add(name)
    met = {ordered(*pair) for held in holders.values() for pair in combinations(held, 2)}
    assert met
    assert met <= set(plain.pairs)


def test_unplanted_related_pairs_share_twelve_words_in_a_run(plain: PageCorpus) -> None:
    planted = {ordered(p.a, p.b) for p in plain.truth}
    shared = exact_pairs(plain.articles)
    agency = {name for name, page in plain.pages.items() if page.story.shape == "agency"}
    for pair, one in plain.pairs.items():
        japanese = plain.pages[pair[0]].story.topic.language.code == "ja"
        if one.label == 1 and pair not in planted and not japanese and not agency >= set(pair):
            assert pair in shared, pair


def test_true_passages_hold_the_same_words(furnished: PageCorpus) -> None:
    texts = texts_of(furnished)
    num = 0
    for (a, b), one in furnished.pairs.items():
        unedited = {"own", "excerpt", "embedded", "quote", "exact", "same page"}
        if one.label == 1 and made_only_by(furnished, (a, b), unedited):
            for a_first, a_last, b_first, b_last in one.passages:
                stories = furnished.pages[a].story.tokens, furnished.pages[b].story.tokens
                assert [t.word for t in stories[0][a_first:a_last]] == [
                    t.word for t in stories[1][b_first:b_last]
                ]
                begin, end = furnished.pages[a].chars(a_first, a_last)
                assert texts[a][begin:end].startswith(stories[0][a_first].word)
                num += 1
    assert num >= 20


def test_pairs_are_the_same_with_and_without_furniture_but_for_identical_ones(
    furnished: PageCorpus, plain: PageCorpus
) -> None:
    assert furnished.pairs.keys() == plain.pairs.keys()
    for pair, one in plain.pairs.items():
        other = furnished.pairs[pair]
        assert other.passages == one.passages
        assert other.kinds == one.kinds or one.kinds == {"identical"}


def test_kinds_of_unedited_pairs_are_those_of_the_definitions(plain: PageCorpus) -> None:
    texts = texts_of(plain)
    clean = {"own", "exact", "excerpt", "embedded", "same page", "truncated", "quote"}
    num = 0
    for (a, b), one in plain.pairs.items():
        japanese = plain.pages[a].story.topic.language.code == "ja"
        if one.label == 1 and made_only_by(plain, (a, b), clean) and not japanese:
            assert exact_kind(texts[a], texts[b]) in one.kinds, (a, b)
            num += 1
    assert num >= 30


def test_near_a_threshold_a_pair_may_be_called_by_two_kinds() -> None:
    assert kinds_of(1.0, 1.0, 300) == {"near-duplicate"}
    assert kinds_of(0.82, 0.82, 300) == {"near-duplicate", "excerpt", "overlap"}
    assert kinds_of(1.0, 0.2, 60) == {"excerpt"}
    assert kinds_of(0.1, 0.1, 40) == {"quote"}
    assert kinds_of(0.1, 0.1, 160) == {"quote", "overlap"}
    assert kinds_of(0.22, 0.1, 40) == {"quote", "overlap"}
    assert kinds_of(0.5, 0.3, 200) == {"overlap"}
    assert kinds_of(0.0, 0.0, 0) == frozenset()


# Edits that keep the origin of words


def test_an_unedited_copy_shares_everything_and_a_stranger_nothing() -> None:
    source = an_article()
    stranger = [token._replace(origin=token.origin + 10_000) for token in source]
    copy, other, original = number_words([source, stranger, source])
    whole = share(original, copy, planted=True)
    assert whole is not None
    assert whole.equal
    assert whole.passages == ((0, len(source), 0, len(source)),)
    assert share(original, other, planted=False) is None


def test_a_reordered_article_has_all_its_words() -> None:
    source = an_article()
    new = words.reorder(source, rng())
    assert sorted(t.origin for t in new) == [t.origin for t in source]
    assert [t.origin for t in new] != [t.origin for t in source]


def test_a_rewrite_keeps_as_many_words_as_declared() -> None:
    source = an_article()
    origins = words.Origins()
    for _ in range(10_000):
        origins.take()
    new = words.rewrite(source, 0.3, make_language("de"), origins, rng())
    kept = len({t.origin for t in new} & {t.origin for t in source}) / len(source)
    assert 0.72 < kept < 0.86


@pytest.mark.parametrize("form", ["nfd", "quotes", "crlf", "soft-hyphens", "nbsp", "upper"])
def test_another_form_has_the_same_words(form: str) -> None:
    source = an_article()
    new = words.in_form(source, form)  # type: ignore[arg-type]
    assert fold_words(words.render(new)) == fold_words(words.render(source))
    assert words.render(new) != words.render(source) or form in ("nfd", "quotes")


def test_characters_of_scripts_without_blanks_are_words() -> None:
    tokens = words.Origins().tokenise("漢字は12人。")
    assert [t.word for t in tokens] == ["漢", "字", "は", "12", "人"]
    assert words.weight(tokens) == (2 + 2 + 1 + 4 + 2) / 4
    assert words.render(tokens) == "漢字は12人。"


def test_the_command_writes_pages_truth_and_furniture(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    out, truth, spans = (folder / name for name in ("p.jsonl", "t.tsv", "f.tsv"))
    command = ["--n", "60", "-o", str(out), "--truth", str(truth), "--furniture", str(spans)]
    assert main(command) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 60
    assert all(len(row.split("\t")) == 8 for row in truth.read_text("utf-8").splitlines())
    assert all(len(row.split("\t")) == 4 for row in spans.read_text("utf-8").splitlines())
