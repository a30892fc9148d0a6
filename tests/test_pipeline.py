"""The whole way: what must not matter does not, nothing is lost, and output is whole or absent."""

from __future__ import annotations

import errno
import io
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, InputError, OutputError, Relation, Result, Settings, scan, scan_paths
from dedup.report import OutputFolder
from dedup.report.folder import FILES
from dedup.settings import KEEP_POLICIES, REMOVE_POLICIES
from tests.cli.running import ROOT, folder_bytes, run, start, write_lines
from tests.strategies import as_lines, corpora, junk_lines, make_text, make_words

WORDS = make_words(51, 200)
TEXT = make_text(WORDS)
OTHER = make_text(make_words(52, 200))


def findings(result: Result) -> dict[str, Any]:
    """Everything that must not depend on order, threads or process."""
    return {
        "relations": result.relations,
        "quotes": result.quotes,
        "groups": result.groups,
        "removals": result.removals,
        "kept": sorted(result.kept),
        "renamed": result.renamed,
        "counts": result.counts,
    }


@contextmanager
def tiny_batches() -> Iterator[None]:
    """Batches so small that a few articles need several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.read.batches.BATCH_ARTICLES", 2)
        patch.setattr("dedup.rounds.BATCH_PAIRS", 3)
        yield


# -- what must not matter ------------------------------------------------------------------------


@st.composite
def shuffled_corpora(draw: st.DrawFn) -> tuple[list[Article], list[Article]]:
    corpus = draw(corpora())
    return corpus, draw(st.permutations(corpus))


@settings(deadline=None, max_examples=60)
@given(shuffled_corpora(), st.sampled_from(KEEP_POLICIES[:3]), st.sampled_from(REMOVE_POLICIES))
def test_the_order_of_the_input_does_not_matter(
    corpora_: tuple[list[Article], list[Article]], keep: str, remove: str
) -> None:
    wanted = Settings(keep=keep, remove=remove)
    one, two = (findings(scan(corpus, settings=wanted)) for corpus in corpora_)
    assert one == two


@settings(deadline=None, max_examples=30)
@given(shuffled_corpora())
def test_the_order_of_articles_with_equal_ids_does_not_matter_either(
    corpora_: tuple[list[Article], list[Article]],
) -> None:
    one, two = (
        findings(scan([replace(article, id=f"n{int(article.id[1:]) % 3}") for article in corpus]))
        for corpus in corpora_
    )
    assert one == two


@settings(deadline=None, max_examples=40)
@given(corpora())
def test_the_number_of_threads_and_the_size_of_batches_do_not_matter(corpus: list[Article]) -> None:
    one = findings(scan(corpus, threads=1))
    with tiny_batches():
        assert findings(scan(corpus, threads=3)) == one


@settings(deadline=None, max_examples=30)
@given(corpora())
def test_kept_articles_stand_in_input_order(corpus: list[Article]) -> None:
    kept = scan(corpus).kept
    assert kept == [article.id for article in corpus if article.id in kept]


@settings(deadline=None, max_examples=20)
@given(corpora(), st.lists(junk_lines(), max_size=4))
def test_scanning_twice_gives_the_same_bytes(corpus: list[Article], junk: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        feed = write_lines(Path(folder, "feed.jsonl"), [*as_lines(corpus), *junk])
        outs = [Path(folder, name) for name in ("one", "two")]
        for out, threads in zip(outs, (1, 3), strict=True):
            scan_paths([feed], out, threads=threads)
        one, two = map(folder_bytes, outs)
    assert sorted(one) == sorted(FILES)
    assert one == two


def test_a_fresh_process_with_another_hash_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for seed in ("0", "4711"):
        done = run("scan", "seeds", "-o", tmp_path / seed, cwd=ROOT, PYTHONHASHSEED=seed)
        assert done.code == 0
    scan_paths([ROOT / "seeds"], tmp_path / "here")
    one, two = folder_bytes(tmp_path / "0"), folder_bytes(tmp_path / "4711")
    assert one == two
    # Paths are written as they were given.
    given = {name: data.replace(f"{ROOT}/seeds".encode(), b"seeds")
             for name, data in folder_bytes(tmp_path / "here").items()}  # fmt: skip
    assert given == one


@settings(deadline=None, max_examples=40)
@given(corpora(), st.integers(0, 20))
def test_adding_an_article_again_adds_one_identical_relation(
    corpus: list[Article], which: int
) -> None:
    twin = corpus[which % len(corpus)]
    before = scan(corpus)
    after = scan([*corpus, Article("~again", twin.text)])
    assert [r for r in after.relations if "~again" not in (r.a, r.b)] == before.relations
    assert after.quotes == before.quotes
    (new,) = (relation for relation in after.relations if "~again" in (relation.a, relation.b))
    assert new.kind == "identical"
    assert sorted(after.kept) == sorted(before.kept)
    assert after.counts.candidates == before.counts.candidates


@settings(deadline=None, max_examples=30)
@given(corpora())
def test_what_is_kept_holds_no_more_copies(corpus: list[Article]) -> None:
    kept = set(scan(corpus).kept)
    again = scan([article for article in corpus if article.id in kept])
    assert again.removals == []
    assert set(again.kept) == kept


# -- nothing is lost -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(corpora(), st.lists(st.tuples(st.integers(0, 20), junk_lines()), max_size=12))
def test_kept_removed_and_rejected_are_what_was_read_with_any_junk_between(
    corpus: list[Article], junk: list[tuple[int, bytes]]
) -> None:
    good = as_lines(corpus)
    lines = list(good)
    for place, line in junk:
        lines.insert(1 + place % len(lines), line)
    with TemporaryDirectory() as folder:
        feed = write_lines(Path(folder, "feed.jsonl"), lines)
        result = scan_paths([feed], Path(folder, "out"))
        files = folder_bytes(Path(folder, "out"))
    counts = result.counts
    assert counts.read == sum(1 for line in lines if line.strip())
    assert counts.kept + counts.removed + counts.rejected == counts.read
    kept, removed, rejects = (
        files[f"{name}.jsonl"].splitlines() for name in ("kept", "removed", "rejects")
    )
    assert (len(kept), len(removed), len(rejects)) == (
        counts.kept, counts.removed, counts.rejected,
    )  # fmt: skip
    for line in good:
        assert (line in kept) != any(row.endswith(b',"record":' + line + b"}") for row in removed)


@settings(deadline=None, max_examples=60)
@given(corpora(), st.sampled_from(KEEP_POLICIES), st.sampled_from(REMOVE_POLICIES))
def test_one_copy_of_everything_survives(corpus: list[Article], keep: str, remove: str) -> None:
    result = scan(corpus, settings=Settings(keep=keep, remove=remove))
    kept = set(result.kept)
    assert all(removal.keeper in kept for removal in result.removals)
    assert all(removal.id not in kept for removal in result.removals)
    assert len(kept) + len(result.removals) == len(corpus)


@settings(deadline=None, max_examples=40)
@given(corpora())
def test_identical_articles_are_related_to_the_oldest_and_other_kinds_link_oldest_ones(
    corpus: list[Article],
) -> None:
    result = scan(corpus)
    by_words: dict[str, list[Article]] = {}
    for article in corpus:
        words = " ".join(article.text.replace(",", " ").replace(".", " ").split()).casefold()
        by_words.setdefault(words, []).append(article)

    def age(article: Article) -> tuple[bool, int, str]:
        assert article.date is None or isinstance(article.date, int)
        return article.date is None, article.date or 0, article.id

    expected = set()
    oldest = set()
    for same in by_words.values():
        first, *rest = sorted(same, key=age)
        oldest.add(first.id)
        expected |= {(first.id, copy.id) for copy in rest}
    identical = {(r.a, r.b) for r in result.relations if r.kind == "identical"}
    assert identical == expected
    others = [r for r in result.relations + result.quotes if r.kind != "identical"]
    assert all({r.a, r.b} <= oldest for r in others)


def test_ids_used_twice_become_id_2_in_the_order_of_age() -> None:
    articles = [
        Article("x", OTHER, "2020-01-02"),
        Article("x", TEXT, "2020-01-01"),
        Article("x", TEXT, "2020-01-03"),
        Article("x#2", OTHER.upper(), "2020-01-04"),
    ]
    result = scan(articles, settings=Settings(remove="none"))
    assert result.kept == ["x#3", "x", "x#4", "x#2"]
    assert result.renamed == {"x#3": "x", "x#4": "x"}
    assert result.counts.duplicate_ids == 2
    assert {(r.a, r.b) for r in result.relations} == {("x", "x#4"), ("x#3", "x#2")}


def test_the_earliest_of_three_copies_is_kept_wherever_it_stands() -> None:
    dated = [("b", "2020-03-01"), ("c", "2020-02-01"), ("a", None)]
    for turn in range(3):
        order = dated[turn:] + dated[:turn]
        result = scan([Article(name, TEXT, date) for name, date in order])
        assert result.kept == ["c"]
        assert result.counts.undated == 1
        assert {(r.a, r.b) for r in result.relations} == {("c", "b"), ("c", "a")}


def test_articles_without_a_word_are_kept_and_related_to_nothing() -> None:
    result = scan(["\U0001f600\U0001f600", "\U0001f600\U0001f600", "... !", "\u200d", TEXT])
    assert result.kept == ["0", "1", "2", "3", "4"]
    assert (result.relations, result.quotes, result.groups) == ([], [], [])
    assert result.counts.without_words == 4


def test_short_equal_texts_are_identical_and_short_different_ones_nothing() -> None:
    result = scan([("a", "Wetter"), ("b", "WETTER!"), ("c", "Das Wetter"), ("d", "Sport")])
    assert [(r.kind, r.a, r.b) for r in result.relations] == [("identical", "a", "b")]
    assert result.kept == ["a", "c", "d"]


def test_no_articles_at_all_are_an_empty_result_in_memory() -> None:
    result = scan([])
    assert (result.kept, result.relations, result.counts.read) == ([], [], 0)


# -- articles that could take for ever -----------------------------------------------------------


def test_an_article_of_200_000_words_and_its_half_are_related() -> None:
    words = make_words(61, 200_000, [f"wort{n}" for n in range(5000)])
    whole, half = " ".join(words), " ".join(words[50_000:150_000])
    result = scan([("whole", whole), ("half", half)])
    (relation,) = result.relations
    assert (relation.kind, relation.direction) == ("excerpt", "a_in_b")
    assert relation.containment_a_in_b == 1.0
    assert relation.longest_run == 100_000


def test_one_word_five_thousand_times_comes_to_an_end() -> None:
    result = scan([("a", "ja " * 5000), ("b", "ja " * 4990), ("c", "nein ja " * 2500), ("d", TEXT)])
    kinds = {(r.a, r.b): r.kind for r in result.relations}
    assert kinds[("a", "b")] == "near-duplicate"
    assert not any("d" in pair for pair in kinds)
    assert result.counts.candidates <= 6


def test_two_thousand_copies_are_one_group_and_no_candidates() -> None:
    result = scan([(f"{n:04}", TEXT) for n in range(2000)])
    assert result.counts.candidates == 0
    assert result.counts.relations == {"identical": 1999}
    assert result.kept == ["0000"]
    assert {(r.a, r.kind) for r in result.relations} == {("0000", "identical")}


def near_copies(number: int) -> list[tuple[str, str]]:
    articles = []
    for n in range(number):
        words = list(WORDS)
        for edit in range(6):
            words[(n * 7 + edit * 31) % len(words)] = f"edit{n}x{edit}"
        articles.append((f"{n:03}", " ".join(words)))
    return articles


def test_three_hundred_near_copies_are_one_group() -> None:
    result = scan(near_copies(300))
    assert result.kept == ["000"]
    assert [(group.keeper, len(group.members)) for group in result.groups] == [("000", 299)]
    assert result.counts.aligned <= result.counts.candidates <= 300 * Settings().max_candidates


@pytest.mark.parametrize("family", [1, 8])
def test_the_alignments_of_near_copies_grow_with_their_number(family: int) -> None:
    wanted = Settings(family=family)
    counts = [scan(near_copies(n), settings=wanted).counts for n in (100, 200, 400)]
    # The oldest and the best `family` of each; no pair twice.
    assert all(2 * family * count.read >= count.aligned for count in counts)
    assert all(count.relations == {"near-duplicate": count.aligned} for count in counts)
    assert all(count.kept == 1 for count in counts)


@settings(deadline=None, max_examples=30)
@given(corpora(max_derived=12), st.integers(1, 3))
def test_a_small_family_finds_no_relation_that_a_large_one_does_not(
    corpus: list[Article], family: int
) -> None:
    few, all_ = (scan(corpus, settings=Settings(family=n)) for n in (family, 1000))
    assert all_.counts.aligned == all_.counts.candidates == few.counts.candidates
    assert all(relation in all_.relations for relation in few.relations)
    # What is missing lies inside sets of versions; nobody loses the relations to strangers.
    missing = [relation for relation in all_.relations if relation not in few.relations]
    near = {frozenset((r.a, r.b)) for r in few.relations if r.kind == "near-duplicate"}
    for relation in missing:
        assert sum(relation.b in pair for pair in near) >= family


@settings(deadline=None, max_examples=30)
@given(corpora(max_derived=12), st.randoms(use_true_random=False))
def test_order_and_threads_do_not_matter_where_every_bound_is_reached(
    corpus: list[Article], random: Random
) -> None:
    tight = Settings(read_cap=2, max_candidates=3, family=1)
    one = findings(scan(corpus, settings=tight, threads=1))
    random.shuffle(corpus)
    with tiny_batches():
        assert findings(scan(corpus, settings=tight, threads=3)) == one
    assert len(corpus) == one["counts"].kept + one["counts"].removed


def test_the_work_for_near_copies_grows_with_their_number_and_not_with_its_square() -> None:
    wanted = Settings(max_candidates=10)
    some, twice = (scan(near_copies(n), settings=wanted).counts for n in (150, 300))
    assert some.candidates <= 150 * 10
    assert twice.candidates <= 300 * 10
    assert twice.crowded_articles > some.crowded_articles > 0
    assert sum(twice.relations.values()) <= twice.candidates


def test_the_candidates_of_an_article_are_bounded_by_its_keys_and_the_read_cap() -> None:
    wanted = Settings(read_cap=2)
    result = scan(near_copies(100), settings=wanted)
    # 200 words have at most 200 fingerprints, and 128 slots at most 128 bands.
    assert result.counts.candidates <= 100 * (200 + 128) * wanted.read_cap
    assert result.counts.common_keys > 0
    assert sum(result.counts.relations.values()) > 0


# -- the output folder ---------------------------------------------------------------------------


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    lines = as_lines([Article("a", TEXT), Article("b", TEXT), Article("c", OTHER)])
    return write_lines(tmp_path / "feed.jsonl", lines)


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def test_an_existing_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        scan_paths([tmp_path / "missing"], tmp_path / "out")


def test_force_replaces_the_whole_result(tmp_path: Path, feed: Path) -> None:
    scan_paths([feed], tmp_path / "out")
    before = folder_bytes(tmp_path / "out")
    write_lines(feed, as_lines([Article("z", OTHER)]))
    scan_paths([feed], tmp_path / "out", force=True)
    after = folder_bytes(tmp_path / "out")
    assert sorted(after) == sorted(before)
    assert after["removed.jsonl"] == b""
    assert after["kept.jsonl"] == feed.read_bytes()
    assert names(tmp_path) == ["feed.jsonl", "out"]


def test_force_never_replaces_a_folder_with_other_files(tmp_path: Path, feed: Path) -> None:
    scan_paths([feed], tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    before = folder_bytes(tmp_path / "out")
    with pytest.raises(OutputError, match=r"holds notes\.txt"):
        scan_paths([feed], tmp_path / "out", force=True)
    assert folder_bytes(tmp_path / "out") == before


@pytest.mark.parametrize("inner", ["out", "deep/out", "../in/out"])
def test_a_folder_inside_the_input_is_refused(tmp_path: Path, inner: str) -> None:
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "feed.jsonl", as_lines([Article("a", TEXT)]))
    with pytest.raises(InputError, match="inside the input folder"):
        scan_paths([tmp_path / "in"], tmp_path / "in" / inner)
    assert names(tmp_path / "in") == ["feed.jsonl"]


def test_a_folder_inside_the_input_is_seen_through_links(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to("in")
    write_lines(tmp_path / "in" / "feed.jsonl", as_lines([Article("a", TEXT)]))
    with pytest.raises(InputError, match="inside the input folder"):
        scan_paths([tmp_path / "in"], tmp_path / "link" / "out")
    with pytest.raises(InputError, match="inside the input folder"):
        scan_paths([tmp_path / "link"], tmp_path / "in" / "out")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"{broken\n[]\n", b'{"text":" "}\n'])
def test_where_nothing_can_be_read_there_is_an_error_and_no_folder(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "feed.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=r"nothing could be read|holds no article"):
        scan_paths([tmp_path / "feed.jsonl"], tmp_path / "out")
    assert names(tmp_path) == ["feed.jsonl"]


def test_the_error_for_an_unreadable_input_names_file_offset_and_reason(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_bytes(b"{broken\n[]\n")
    with pytest.raises(InputError, match=r"feed\.jsonl, byte 0: bad-json .* and 1 more like it"):
        scan_paths([tmp_path / "feed.jsonl"])


def test_an_unreadable_input_leaves_an_earlier_result_alone(tmp_path: Path, feed: Path) -> None:
    scan_paths([feed], tmp_path / "out")
    before = folder_bytes(tmp_path / "out")
    with pytest.raises(InputError):
        scan_paths([tmp_path / "missing"], tmp_path / "out", force=True)
    assert folder_bytes(tmp_path / "out") == before


@pytest.mark.parametrize("full", FILES)
def test_a_full_disk_leaves_an_earlier_result_alone(
    tmp_path: Path, feed: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    scan_paths([feed], tmp_path / "out")
    before = folder_bytes(tmp_path / "out")
    open_file = OutputFolder.open

    def open_until_full(self: OutputFolder, name: str) -> IO[bytes]:
        if name == full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return open_file(self, name)

    monkeypatch.setattr(OutputFolder, "open", open_until_full)
    with pytest.raises(OutputError, match="No space left on device"):
        scan_paths([feed], tmp_path / "out", force=True)
    assert folder_bytes(tmp_path / "out") == before
    monkeypatch.undo()
    scan_paths(out=tmp_path / "out", resume=True, force=True)
    assert folder_bytes(tmp_path / "out") == before
    assert names(tmp_path) == ["feed.jsonl", "out"]


def test_standard_input_is_whatever_the_program_says(tmp_path: Path) -> None:
    data = b"".join(line + b"\n" for line in as_lines([Article("a", TEXT), Article("b", TEXT)]))
    result = scan_paths(["-"], stdin=io.BytesIO(data))
    assert result.kept == ["a"]


def test_several_inputs_are_one_corpus_in_the_order_given(tmp_path: Path, feed: Path) -> None:
    second = write_lines(tmp_path / "more.jsonl", as_lines([Article("d", TEXT)]))
    result = scan_paths([second, feed], settings=Settings(keep="first"))
    assert result.kept == ["d", "c"]


def test_the_seconds_of_each_stage_are_told(feed: Path, tmp_path: Path) -> None:
    result = scan_paths([feed], tmp_path / "out")
    assert list(result.seconds) == [
        "reading", "copies", "boilerplate", "candidates", "verifying", "grouping", "writing",
    ]  # fmt: skip
    assert all(seconds >= 0 for seconds in result.seconds.values())


def test_progress_is_told_every_stage_and_every_article() -> None:
    told: list[tuple[str, int | None]] = []
    done: dict[str, int] = {}

    class Watch:
        def stage(self, name: str, total: int | None, unit: str) -> None:
            told.append((name, total))
            assert unit in ("articles", "pairs")

        def advance(self, amount: int) -> None:
            done[told[-1][0]] = done.get(told[-1][0], 0) + amount

        def reach(self, done: int, total: int, note: str) -> None:
            raise AssertionError("what is in memory has no bytes to go")

    with tiny_batches():
        result = scan([*near_copies(7), ("copy", near_copies(1)[0][1])], progress=Watch())
    stages = [name for name, _ in told]
    assert stages[:5] == ["reading", "copies", "boilerplate", "candidates", "verifying"]
    assert stages[-1] == "grouping"
    assert done["reading"] == 8
    assert done["copies"] == dict(told)["copies"] == 1
    verifying = [name for name in stages if name.startswith("verifying")]
    assert all(done.get(name, 0) == dict(told)[name] for name in verifying)
    assert sum(done.get(name, 0) for name in verifying) == result.counts.aligned
    assert result.counts.aligned <= result.counts.candidates


# -- runs that are killed or meet each other -----------------------------------------------------


def wait_for(path: Path, process: Popen[bytes]) -> None:
    """Until `path` is there; the process must live meanwhile."""
    deadline = time.monotonic() + 30
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def held_open(out: Path, *options: str) -> Iterator[Popen[bytes]]:
    """A scan that is in the middle of reading, and ended afterwards whatever happens."""
    process = start("scan", "-", "-o", out, *options)
    try:
        assert process.stdin is not None
        process.stdin.write(as_lines([Article("a", TEXT)])[0] + b"\n")
        process.stdin.flush()
        wait_for(out.with_name(out.name + ".partial") / ".lock", process)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_killed_run_leaves_no_result_and_the_next_one_cleans_up(
    tmp_path: Path, feed: Path
) -> None:
    out = tmp_path / "out"
    with held_open(out) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    assert not out.exists()
    assert names(tmp_path) == ["feed.jsonl", "out.partial"]
    scan_paths([feed], out)
    assert names(tmp_path) == ["feed.jsonl", "out"]
    assert names(out) == sorted(FILES)


def test_a_killed_run_leaves_the_earlier_result_as_it_was(tmp_path: Path, feed: Path) -> None:
    out = tmp_path / "out"
    scan_paths([feed], out)
    before = folder_bytes(out)
    with held_open(out, "--force") as process:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert folder_bytes(out) == before


def test_a_second_run_on_the_same_folder_is_refused_and_the_first_finishes(
    tmp_path: Path, feed: Path
) -> None:
    out = tmp_path / "out"
    with held_open(out) as process:
        with pytest.raises(OutputError, match="another scan is writing"):
            scan_paths([feed], out)
        _, err = process.communicate(as_lines([Article("b", TEXT)])[0], timeout=30)
        assert (process.returncode, b"kept               1" in err) == (0, True)
    assert names(tmp_path) == ["feed.jsonl", "out"]


def test_an_interrupted_run_exits_130_and_leaves_nothing(tmp_path: Path) -> None:
    with held_open(tmp_path / "out") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert out == b""
        assert err.strip() == b"interrupted; no result was written"
    assert names(tmp_path) == []


def test_an_interrupt_after_something_was_done_says_how_to_go_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with held_open(out) as process:
        assert process.stdin is not None
        text = "lange wort folge " * 60_000
        for n in range(80):  # after 32 MiB what was read is committed; batches wait until then
            process.stdin.write(as_lines([Article(f"a{n}", f"{n} {text}")])[0] + b"\n")
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
    assert f"go on with: dedup scan --resume -o {out}\n".encode() in err
    assert names(tmp_path) == ["out.partial"]


def test_relations_of_a_scan_are_records_of_the_api() -> None:
    (relation,) = scan([TEXT, TEXT]).relations
    assert isinstance(relation, Relation)
    assert (relation.a, relation.b, relation.kind) == ("0", "1", "identical")
