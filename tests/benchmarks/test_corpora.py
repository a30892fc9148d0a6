"""The makers of corpora: seeds decide everything, and the planted truth is true."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from numpy.random import PCG64, Generator

from benchmarks import corpora, edits
from benchmarks.language import Newsroom, write_article
from benchmarks.truth import (
    TRUTH_HEADER,
    ArticleDict,
    chained_pairs,
    exact_kind,
    exact_pairs,
    fold_words,
    longest_common_run,
    number_grams,
    ordered,
)
from benchmarks.vocabulary import NUM_WORDS, make_language

HOSTS = 4


@pytest.fixture(scope="module")
def feed() -> corpora.Corpus:
    return corpora.feed(400, seed=3, mean_bytes=2500)


@pytest.fixture(scope="module")
def made() -> corpora.VariantSet:
    return corpora.variants(seed=3, hosts=HOSTS)


def rng(seed: int = 1) -> Generator:
    return Generator(PCG64(seed))


def an_article(seed: int = 1, num_words: int = 300) -> str:
    return write_article(Newsroom(seed).topic(0), rng(seed), num_words)


def naive_pairs(articles: list[ArticleDict], words: int) -> set[tuple[str, str]]:
    runs: dict[str, set[tuple[str, ...]]] = {}
    for article in articles:
        folded = fold_words(article["text"])
        runs[article["id"]] = {tuple(folded[i : i + words]) for i in range(len(folded) - words + 1)}
    return {ordered(a, b) for a, b in combinations(runs, 2) if runs[a] & runs[b]}


# Seeds


def test_the_same_seed_makes_the_same_feed(feed: corpora.Corpus) -> None:
    again = corpora.feed(400, seed=3, mean_bytes=2500)
    assert corpora.corpus_digest(again) == corpora.corpus_digest(feed)


def test_another_seed_makes_another_feed() -> None:
    digests = {corpora.corpus_digest(corpora.feed(30, seed=seed)) for seed in range(4)}
    assert len(digests) == 4


def test_a_feed_is_the_same_on_every_machine() -> None:
    assert corpora.corpus_digest(corpora.feed(50, seed=1)) == "c46df6af599eaa33"


def test_variants_are_the_same_on_every_machine() -> None:
    assert corpora.corpus_digest(corpora.variants(1, hosts=1).corpus()) == "a950d4f1207f3a0d"


def test_a_shorter_feed_is_the_beginning_of_a_longer_one(feed: corpora.Corpus) -> None:
    assert corpora.feed(120, seed=3, mean_bytes=2500).articles == feed.articles[:120]


# Language


@pytest.mark.parametrize("code", ["de", "en"])
def test_words_are_distinct_even_when_folded(code: str) -> None:
    folded = [" ".join(fold_words(word)) for word in make_language(code).words]
    assert len(set(folded)) == NUM_WORDS


def test_unrelated_articles_on_one_topic_share_no_run_of_eight_words() -> None:
    room = Newsroom(5)
    texts = [write_article(room.topic(0), rng(i), 500) for i in range(12)]
    assert max(longest_common_run(a, b) for a, b in combinations(texts, 2)) < 8


def test_articles_on_one_topic_share_more_words_than_others() -> None:
    room = Newsroom(5)
    german = [k for k in range(20) if room.topic(k).language.code == "de"][:2]
    first, second, other = (
        set(fold_words(write_article(room.topic(k), rng(i), 500)))
        for i, k in enumerate([german[0], german[0], german[1]])
    )
    assert len(first & second) > 1.3 * len(first & other)


# Feed


def test_a_feed_has_the_planted_shares(feed: corpora.Corpus) -> None:
    kinds = [planted.kind for planted in feed.truth]
    copies = sum(kind in ("identical", "near-duplicate") for kind in kinds)
    assert 0.14 * 400 <= copies <= 0.26 * 400
    assert 0.02 * 400 <= len(kinds) - copies <= 0.09 * 400


def test_every_planted_pair_shares_twelve_words(feed: corpora.Corpus) -> None:
    shared = exact_pairs(feed.articles)
    assert {ordered(planted.a, planted.b) for planted in feed.truth} <= shared


def test_only_articles_with_a_common_origin_share_twelve_words(feed: corpora.Corpus) -> None:
    assert exact_pairs(feed.articles) <= chained_pairs(feed)


def test_a_feed_has_chains_of_copies(feed: corpora.Corpus) -> None:
    copies = {planted.a for planted in feed.truth}
    assert any(planted.b in copies for planted in feed.truth)


def test_a_copy_is_never_older_than_its_source(feed: corpora.Corpus) -> None:
    day = {article["id"]: article["date"] for article in feed.articles}
    assert all(day[planted.b] <= day[planted.a] for planted in feed.truth)


def test_spans_of_the_feed_hold_the_same_words(feed: corpora.Corpus) -> None:
    text = {article["id"]: article["text"] for article in feed.articles}
    num_equal = num_spans = 0
    for p in feed.truth:
        if p.a_begin is None:
            continue
        a, b = text[p.a][p.a_begin : p.a_end], text[p.b][p.b_begin : p.b_end]
        assert longest_common_run(a, b) >= 12
        num_spans += 1
        num_equal += a == b
    assert num_spans >= 10
    # Half of the excerpts and all identical copies are unedited.
    assert num_equal >= num_spans // 3


# Exact search


@pytest.mark.parametrize("words", [1, 2, 3, 5, 8, 12, 13])
def test_exact_pairs_are_those_of_a_naive_search(feed: corpora.Corpus, words: int) -> None:
    articles = feed.articles[:60]
    assert exact_pairs(articles, words) == naive_pairs(articles, words)


def test_exact_pairs_of_nothing_and_of_empty_texts() -> None:
    assert exact_pairs([]) == set()
    empty: list[ArticleDict] = [
        {"id": name, "text": "", "date": "", "site": ""} for name in ("a", "b")
    ]
    assert exact_pairs(empty) == set()


def test_runs_have_equal_numbers_only_if_they_are_equal() -> None:
    words = rng().integers(0, 3, 2000)
    numbers = number_grams(words, 7)
    runs = [tuple(words[i : i + 7].tolist()) for i in range(len(words) - 6)]
    assert len(numbers) == len(runs)
    assert (
        len(set(runs))
        == len(set(numbers.tolist()))
        == len(set(zip(runs, numbers.tolist(), strict=True)))
    )


# Variants


def test_at_no_noise_the_spans_of_both_texts_are_equal(made: corpora.VariantSet) -> None:
    for v in made.variants:
        p = v.planted
        if v.noise == 0 and p.a_begin is not None and v.shape not in (*edits.FORMS, "shuffled"):
            assert v.text[p.a_begin : p.a_end] == made.hosts[p.b][p.b_begin : p.b_end], p.a


def test_at_no_noise_the_kind_is_the_one_of_the_definitions(made: corpora.VariantSet) -> None:
    clean = [v for v in made.variants if v.noise == 0]
    assert len(clean) >= HOSTS * 20
    for v in clean:
        assert exact_kind(made.hosts[v.planted.b], v.text) == v.planted.kind, v.planted.a


def test_unicode_variants_have_other_text_and_the_same_words(made: corpora.VariantSet) -> None:
    for v in made.variants:
        if v.shape in edits.FORMS:
            host = made.hosts[v.planted.b]
            assert fold_words(v.text) == fold_words(host), v.planted.a
            assert v.text != host or v.shape in ("nfd", "quotes"), v.planted.a


def test_excerpts_have_the_declared_length(made: corpora.VariantSet) -> None:
    for v in made.variants:
        if v.shape == "excerpt" and v.noise == 0:
            share = int(v.size.split()[0])
            num_words = len(edits.word_bounds(made.hosts[v.planted.b]))
            assert len(edits.word_bounds(v.text)) == max(25, num_words * share // 100)


def test_variants_share_no_run_with_other_hosts_of_the_topic(made: corpora.VariantSet) -> None:
    for v in made.variants[::7]:
        for host, text in made.hosts.items():
            if host != v.planted.b:
                assert longest_common_run(text, v.text) < 8


# Edits


def test_the_rate_of_edits_is_the_declared_one() -> None:
    text = an_article(num_words=3000)
    bounds = edits.word_bounds(text)
    new = edits.edit_words(text, 0.2, make_language("de"), rng()).text
    kept = len(set(fold_words(text)) & set(fold_words(new))) / len(set(fold_words(text)))
    assert 0.7 < kept < 0.95
    # As many words go as come.
    assert abs(len(edits.word_bounds(new)) - len(bounds)) < 0.02 * len(bounds)


def test_no_edits_leave_the_text_alone() -> None:
    text = an_article()
    assert edits.edit_words(text, 0.0, make_language("de"), rng()).text == text


@pytest.mark.parametrize("at", ["paragraph", "sentence"])
def test_an_embedded_piece_stands_where_its_span_says(at: str) -> None:
    article, piece = an_article(1), "a piece of text"
    for seed in range(20):
        new = edits.embed(piece, article, rng(seed), at, ("»", "«"))  # type: ignore[arg-type]
        (span,) = new.spans
        assert new.text[span.begin : span.end] == piece
        assert span.begin > article.index("\n\n")
        assert len(fold_words(new.text)) == len(fold_words(article)) + 4


@pytest.mark.parametrize("num_words", [0, 1, 25, 10_000])
def test_a_cut_has_the_words_asked_for_and_its_span(num_words: int) -> None:
    text = an_article()
    cut = edits.cut_words(text, num_words, rng())
    assert len(fold_words(cut.text)) == min(num_words, len(fold_words(text)))
    for span in cut.spans:
        assert text[span.source_begin : span.source_end] == cut.text


def test_shuffled_paragraphs_and_deletions_map_back() -> None:
    text = an_article()
    for new in (
        edits.shuffle_paragraphs(text, rng()),
        edits.delete_words(text, 30, rng()),
        edits.truncate(text, 0.5),
        edits.other_headline(text, "another headline"),
    ):
        assert new.text != text
        for span in new.spans:
            old = text[span.source_begin : span.source_end]
            assert new.text[span.begin : span.end] == old


def test_sampled_words_follow_the_frequencies() -> None:
    language = make_language("en")
    words = language.draw_words(rng(), 200_000)
    shares = np.bincount(words, minlength=NUM_WORDS) / len(words)
    assert shares[0] == pytest.approx(np.mean(language.slots == 0), rel=0.05)
    assert 0.4 < shares[:300].sum() < 0.65


# Files


def test_the_command_writes_articles_and_truth(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    out, truth = folder / "feed.jsonl", folder / "truth.tsv"
    command = ["feed", "--n", "60", "--seed", "3", "-o", str(out), "--truth", str(truth)]
    assert corpora.main(command) == 0
    ids = [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(ids) == 60
    header, *rows = truth.read_text(encoding="utf-8").splitlines()
    assert header == TRUTH_HEADER
    for row in rows:
        cells = row.split("\t")
        assert len(cells) == 8
        assert {cells[0], cells[1]} <= set(ids)
        assert cells[3] in ("1", "-1")
