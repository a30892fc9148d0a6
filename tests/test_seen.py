"""The index that lasts: it answers what a scan would find, and keeps what it was told."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Given, Index, Relation, Settings, open_index
from dedup.index import find_keys, kept_keys
from dedup.index.format import pack_keys
from dedup.index.packing import pack_text
from dedup.sketch import sketch_texts
from tests import strategies as make
from tests.cli.running import ROOT

WITHOUT = Settings(learn=False)
QUICK = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def text(seed: int, length: int = 80) -> str:
    return make.make_text(make.make_words(seed, length))


def seeds() -> list[tuple[str, str]]:
    return [(f.stem, f.read_text("utf-8")) for f in sorted((ROOT / "seeds").glob("*.txt"))]


def scanned(articles: object) -> list[Relation]:
    result = dedup.scan(articles, settings=WITHOUT)
    return sorted(result.relations + result.quotes, key=lambda r: (r.a, r.b))


def kept(index: Index) -> list[Relation]:
    return sorted(index.relations(), key=lambda r: (r.a, r.b))


@contextmanager
def made(**options: object) -> Iterator[Index]:
    with TemporaryDirectory() as folder, open_index(f"{folder}/i", **options) as index:  # type: ignore[arg-type]
        yield index


# Same truth as a scan ------------------------------------------------------------------------


@QUICK
@given(make.corpora(max_derived=6), st.randoms(use_true_random=False))
def test_one_by_one_in_any_order_gives_the_relations_of_a_scan(
    corpus: list[Article], random: Random
) -> None:
    expected = scanned(corpus)
    random.shuffle(corpus)
    with made() as index:
        for article in corpus:
            index.check_and_add(article.id, article.text, date=article.date)
        assert kept(index) == expected
        index.merge()
        assert kept(index) == expected
        assert index.verify() == []


@QUICK
@given(make.corpora(max_derived=6), st.randoms(use_true_random=False))
def test_many_at_a_time_give_the_relations_of_a_scan(corpus: list[Article], random: Random) -> None:
    expected = scanned(corpus)
    random.shuffle(corpus)
    with made() as index, mock.patch("dedup.seen.BATCH", random.randint(1, 5)):
        assert len(list(index.add(corpus))) == len(corpus)
        assert kept(index) == expected


@QUICK
@given(make.corpora(max_derived=6), st.data())
def test_what_was_removed_was_never_there(corpus: list[Article], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from([article.id for article in corpus])))
    often = data.draw(st.sampled_from([1, 2, 4096]))
    with (
        made() as index,
        mock.patch("dedup.seen.FLUSH_ARTICLES", often),
        mock.patch("dedup.index.merge.flush_recent.__defaults__", (often,)),
    ):
        for article in corpus:
            index.check_and_add(article.id, article.text, date=article.date)
        assert index.remove(*gone, "nobody") == len(gone)
        assert kept(index) == scanned([a for a in corpus if a.id not in gone])
        assert index.verify() == []
        for article in corpus:
            index.check_and_add(article.id, article.text, date=article.date)
        assert kept(index) == scanned(corpus)


@pytest.mark.parametrize("flush", [1, 3, 4096])
def test_the_seeds_have_the_relations_of_a_scan_however_often_is_flushed(
    tmp_path: Path, flush: int
) -> None:
    with (
        mock.patch("dedup.seen.FLUSH_ARTICLES", flush),
        mock.patch("dedup.index.merge.flush_recent.__defaults__", (flush,)),
    ):
        with open_index(tmp_path / "i") as index:
            first = [index.check_and_add(*article) for article in seeds()]
        with open_index(tmp_path / "i") as index:
            assert kept(index) == scanned(seeds())
            again = [index.check_and_add(*article) for article in seeds()]
    assert [answer.added for answer in first] == [True] * 30
    assert [(answer.added, answer.verdict) for answer in again] == [(False, "identical")] * 30


# Answers ---------------------------------------------------------------------------------------


def test_the_verdicts() -> None:
    source, other, foreign = text(1, 300), text(2, 300), text(3, 300)
    words = source.split()
    with made() as index:
        assert index.check(source).verdict == "new"
        assert index.check_and_add("source", source).novel_share == 1.0
        index.check_and_add("part of other", " ".join(other.split()[50:120]))
        verdicts = {
            "identical": source.upper(),
            "near-duplicate": " ".join([*words[:150], *foreign.split()[:30], *words[150:]]),
            "excerpt": " ".join(words[100:160]),
            "contains": other,
            "overlap": " ".join(words[:200]) + " " + foreign,
            "quote": " ".join(words[40:60]) + " " + foreign,
            "new": foreign,
        }
        answers = {name: index.check(asked) for name, asked in verdicts.items()}
    assert {name: answer.verdict for name, answer in answers.items()} == {n: n for n in verdicts}
    assert {name for name, answer in answers.items() if answer.is_duplicate} == {
        "identical", "near-duplicate",
    }  # fmt: skip
    assert len(index_ids(answers["contains"])) == 1


def index_ids(answer: dedup.Answer) -> list[str]:
    return [match.id for match in answer.matches]


def test_spans_lead_to_the_shared_words_in_both_texts() -> None:
    source, foreign = text(1, 300), text(3, 200)
    quoted = " ".join(source.split()[40:60])
    asked = f"{foreign} {quoted}"
    with made() as index:
        index.check_and_add("source", source, date="2026-02-01", url="https://www.a.example/x")
        (match,) = index.check(asked).matches
    (passage,) = match.passages
    assert asked[passage.a_begin : passage.a_end] == quoted.rstrip(".,")
    assert source[passage.b_begin : passage.b_end].split() == quoted.rstrip(".,").split()
    assert (match.id, match.site, match.url) == ("source", "a.example", "https://www.a.example/x")
    assert match.date == 1769904000
    assert match.containment_in_match == pytest.approx(20 / 220)
    assert match.containment_of_match == pytest.approx(20 / 300)


def test_the_novel_share_is_what_no_stored_article_covers() -> None:
    first, second, own = (text(seed, 200).split() for seed in (1, 2, 3))
    asked = [*first[:100], *own[:50], *second[:100]]
    with made() as index:
        index.check_and_add("first", " ".join(first))
        assert index.check(" ".join(asked)).novel_share == pytest.approx(150 / 250, abs=0.01)
        index.check_and_add("second", " ".join(second))
        assert index.check(" ".join(asked)).novel_share == pytest.approx(50 / 250, abs=0.01)
        # A sentence put into the middle of an article stays new, though one passage spans it.
        longer = [*first[:100], *own[:20], *first[100:]]
        answer = index.check(" ".join(longer))
    assert len(answer.matches[0].passages) == 1
    assert answer.novel_share == pytest.approx(20 / 220, abs=0.01)


def test_a_text_without_words_is_new_and_like_no_other() -> None:
    with made() as index:
        assert index.check_and_add("a", "").verdict == "new"
        assert index.check_and_add("b", "...").verdict == "new"
        assert index.check_and_add("b", "!").added is False
        assert len(index) == 2
        assert index.relations() == []
        assert index.verify() == []


def test_an_id_with_other_words_is_refused_and_nothing_changes() -> None:
    with made() as index:
        index.check_and_add("a", text(1))
        with pytest.raises(dedup.IdTaken, match="'a' has other words already"):
            index.check_and_add("a", text(2))
        with pytest.raises(dedup.IdTaken):
            list(index.add([("b", text(3)), ("a", text(2))]))
        assert "b" not in index
        assert index.check(text(2)).verdict == "new"
        assert index.check_and_add("a", text(1).upper()).added is False


def test_given_boilerplate_is_masked_and_stays_with_the_index(tmp_path: Path) -> None:
    notice = text(9, 30)
    with open_index(tmp_path / "i", given=Given(texts=[notice])) as index:
        index.check_and_add("a", f"{text(1)} {notice}")
        assert index.check(f"{text(2)} {notice}").verdict == "new"
    with open_index(tmp_path / "i") as index:
        assert index.check(f"{text(3)} {notice}").verdict == "new"
        answer = index.check(notice)
        assert (answer.verdict, answer.novel_share) == ("boilerplate-only", 0.0)
        assert index.verify() == []
    with pytest.raises(dedup.IndexMismatch, match="boilerplate"):
        open_index(tmp_path / "i", given=Given(texts=["other"]))
    with made() as index:
        index.check_and_add("a", f"{text(1)} {notice}")
        assert index.check(f"{text(2)} {notice}").verdict == "overlap"


def test_articles_outside_the_window_do_not_meet() -> None:
    shared = text(5, 40)
    with made(window_days=30) as index:
        index.check_and_add("january", f"{text(1)} {shared}", date="2026-01-01")
        index.check_and_add("undated", f"{text(2)} {shared}")
        for date, ids in (
            ("2026-01-31", ["january", "undated"]),
            ("2026-02-01", ["undated"]),
            ("2025-12-02", ["january", "undated"]),
            ("2025-12-01", ["undated"]),
            (None, ["january", "undated"]),
        ):
            assert sorted(index_ids(index.check(f"{text(3)} {shared}", date=date))) == ids


def test_with_a_window_old_holders_of_a_common_key_do_not_hide_new_ones() -> None:
    shared = text(5, 40)
    with made(window_days=2, settings=Settings(read_cap=3)) as index:
        for day in range(1, 21):
            index.check_and_add(str(day), f"{text(day)} {shared}", date=f"2026-01-{day:02}")
        asked = f"{text(99)} {shared}"
        assert sorted(index_ids(index.check(asked, date="2026-01-20"))) == ["18", "19", "20"]
        index.merge()
        assert sorted(index_ids(index.check(asked, date="2026-01-20"))) == ["18", "19", "20"]


# Removing --------------------------------------------------------------------------------------


def test_the_oldest_copy_takes_the_place_of_what_was_removed() -> None:
    with made() as index:
        for name in ("first", "second", "third"):
            index.check_and_add(name, text(1))
        index.check_and_add("quoting", f"{text(2)} {' '.join(text(1).split()[:30])}")
        index.remove("first")
        assert index_ids(index.check(text(1))) == ["second"]
        assert index_ids(index.check(f"{text(3)} {' '.join(text(1).split()[20:50])}")) == ["second"]
        assert {(r.a, r.b) for r in index.relations()} == {
            ("second", "third"),
            ("quoting", "second"),
        }
        assert index.verify() == []


def test_expire_takes_out_what_is_dated_before() -> None:
    with made() as index:
        for day in (1, 2, 3):
            index.check_and_add(str(day), text(day), date=f"2026-01-0{day}T12:00")
        index.check_and_add("undated", text(9))
        index.merge()
        assert index.expire(before="2026-01-03") == 2
        assert [name in index for name in ("1", "2", "3", "undated")] == [False, False, True, True]
        assert index.check(text(1)).verdict == "new"
        assert index.verify() == []
        with pytest.raises(dedup.InputError, match="expected a date"):
            index.expire(before="soon")


def test_nothing_is_left_of_what_was_forgotten(tmp_path: Path) -> None:
    secret = "Unverwechselbares " + text(77, 400)
    with open_index(tmp_path / "i") as index, open_index(tmp_path / "i") as reader:
        for n in range(40):
            index.check_and_add(f"n{n}", text(n))
        index.check_and_add("the-secret-id", secret, url="https://secret.example/page")
        index.check_and_add("quoting", f"{text(50)} {' '.join(secret.split()[100:140])}")
        assert reader.check(secret).verdict == "identical"
        index.merge()
        traces = traces_of(tmp_path / "i", secret)
        assert any(traces.values())
        assert index.forget("the-secret-id") == 1
        assert index_ids(reader.check(secret)) == ["quoting"]
        assert traces_of(tmp_path / "i", secret) == dict.fromkeys(traces, False)
        assert index.verify() == []


def traces_of(folder: Path, secret: str) -> dict[str, bool]:
    """Whether bytes that only the secret article has are in some file of the folder."""
    sketches = sketch_texts([secret], Settings())
    (keys,) = kept_keys(find_keys(sketches, np.arange(1), Settings()))
    data = b"".join(file.read_bytes() for file in folder.iterdir())
    packed = pack_text(41, secret.encode())[8:]
    with open_index(folder) as index:
        (segment,) = (file.name for file in folder.glob("segment-*"))
        posted = {line.get("key") for line in index.dump(segment=segment)}
    return {
        "text": b"Unverwechselbares" in data,
        "packed text": any(packed[n : n + 24] in data for n in range(0, len(packed) - 24, 24)),
        "id": b"the-secret-id" in data,
        "url": b"secret.example" in data,
        "digest": sketches.digests[0].tobytes() in data,
        "own key": pack_keys(keys[-1:]) in data or f"{int(keys[-1]):012x}" in posted,
    }


# Without texts ---------------------------------------------------------------------------------


def test_without_texts_they_are_asked_for_and_checked(tmp_path: Path) -> None:
    elsewhere = {"a": text(1, 200), "b": text(2, 200)}
    copy = " ".join(text(1, 200).split()[:180])
    path = tmp_path / "i"
    with open_index(path, keep_text=False, find_text=elsewhere.get) as index:
        for name, body in elsewhere.items():
            index.check_and_add(name, body)
        assert index.check(copy).verdict == "near-duplicate"
        elsewhere["a"] = text(3)
        answer = index.check(copy)
        assert (answer.verdict, answer.unverified) == ("new", ("a",))
        index.merge()
        assert index.check(text(2, 200)).verdict == "identical"
        assert index.verify() == []
    assert b"zwei" not in b"".join(file.read_bytes() for file in path.iterdir())
    with open_index(path) as index:
        assert index.check(copy).unverified == ("a",)
        assert index.check(text(1, 200)).verdict == "identical"
        next(path.glob("segment-*")).unlink()
    with open_index(path) as index, pytest.warns(RuntimeWarning, match="made again"):
        found = index.check(copy)
    assert found.unverified == ("a",)


# Opening ---------------------------------------------------------------------------------------


def test_other_settings_are_refused_with_both_values_and_the_remedy(tmp_path: Path) -> None:
    open_index(tmp_path / "i", settings=Settings(window=9)).close()
    with pytest.raises(dedup.IndexMismatch) as told:
        open_index(tmp_path / "i", settings=Settings(window=7))
    assert "window = 9, but 7 is asked for" in str(told.value)
    assert "dedup index build" in str(told.value)
    with open_index(tmp_path / "i") as index:
        assert index.settings.window == 9
    with open_index(tmp_path / "i", settings=Settings(window=9, remove="excerpt")) as index:
        assert index.settings.remove == "excerpt"
    for wish in ({"keep_text": False}, {"window_days": 3}):
        with pytest.raises(dedup.IndexMismatch):
            open_index(tmp_path / "i", **wish)


@pytest.mark.parametrize("name", ["format", "text_version", "unicode"])
def test_other_versions_are_refused_with_both_values(tmp_path: Path, name: str) -> None:
    open_index(tmp_path / "i").close()
    db = sqlite3.connect(tmp_path / "i" / "catalogue.db")
    db.execute("UPDATE meta SET value = '99' WHERE name = ?", (name,))
    db.commit()
    db.close()
    with pytest.raises(dedup.IndexMismatch, match=f"{name} 99, and this version of dedup has"):
        open_index(tmp_path / "i")


def test_an_index_is_where_it_is_said_to_be_or_not(tmp_path: Path) -> None:
    with pytest.raises(dedup.IndexPlace, match="holds no index"):
        open_index(tmp_path / "i", create=False)
    open_index(tmp_path / "i", create=True).close()
    with pytest.raises(dedup.IndexPlace, match="holds an index already"):
        open_index(tmp_path / "i", create=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letters.txt").write_text("x")
    with pytest.raises(dedup.IndexPlace, match=r"letters\.txt"):
        open_index(tmp_path / "other")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "catalogue.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(dedup.IndexDamaged):
        open_index(tmp_path / "strange")


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = open_index(tmp_path / "i")
    index.close()
    with pytest.raises(dedup.IndexPlace, match="closed"):
        index.check("x")


# Damage ----------------------------------------------------------------------------------------


def test_damaged_segments_are_named_and_made_again(tmp_path: Path) -> None:
    with open_index(tmp_path / "i") as index:
        for article in seeds():
            index.check_and_add(*article)
        index.merge()
        expected = [index.check(body) for _, body in seeds()]
        whole = kept(index)
    (segment,) = (tmp_path / "i").glob("segment-*")
    data = segment.read_bytes()
    random = Random(7)
    for place in [0, 9, 30, 79, *random.sample(range(len(data)), 12), len(data) - 1]:
        (segment,) = (tmp_path / "i").glob("segment-*")
        data = segment.read_bytes()
        segment.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with open_index(tmp_path / "i") as index:
            assert any(segment.name in fault for fault in index.verify())
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                assert [index.check(body) for _, body in seeds()] == expected
            assert [segment.name in str(one.message) for one in told] in ([True], [])
            repaired = index.verify(repair_segments=True)
            assert len(repaired) + len(told) == 1
            assert index.verify() == []
            assert kept(index) == whole


def test_a_segment_that_is_gone_or_cut_is_made_again(tmp_path: Path) -> None:
    with open_index(tmp_path / "i") as index:
        for article in seeds():
            index.check_and_add(*article)
        index.merge()
    for harm in ("unlink", "cut"):
        (segment,) = (tmp_path / "i").glob("segment-*")
        if harm == "unlink":
            segment.unlink()
        else:
            segment.write_bytes(segment.read_bytes()[:-100])
        with open_index(tmp_path / "i") as index:
            with pytest.warns(RuntimeWarning, match="made again from the catalogue"):
                answer = index.check(text(1))
            assert answer.verdict == "new"
            assert index.verify() == []


def test_files_that_nobody_lists_are_deleted(tmp_path: Path) -> None:
    with open_index(tmp_path / "i") as index:
        index.check_and_add("a", text(1))
        for name in ("segment-00000099-000", "segment-00000099-001.tmp"):
            (tmp_path / "i" / name).write_bytes(b"left by a crash")
        index.merge()
    assert {file.name for file in (tmp_path / "i").iterdir()} <= {
        "catalogue.db", "catalogue.db-count", "work.lock",
        "segment-00000001-000", "segment-00000002-000",
    }  # fmt: skip


def test_a_segment_that_cannot_be_written_is_told_and_costs_no_article(tmp_path: Path) -> None:
    full = OSError(28, "No space left on device")
    with (
        open_index(tmp_path / "i") as index,
        mock.patch("dedup.seen.FLUSH_ARTICLES", 1),
        mock.patch("dedup.index.merge.flush_recent.__defaults__", (1,)),
    ):
        index.check_and_add("first", text(3))
        with (
            mock.patch("dedup.index.merge.write_segment", side_effect=full),
            pytest.warns(RuntimeWarning, match="No space left on device"),
        ):
            answer = index.check_and_add("a", text(1))
        assert answer.added
        assert index.stats()["segments"] == 0
        index.check_and_add("b", text(2))
        assert index.stats()["segments"] == 1
        assert index.check(text(1)).verdict == "identical"
        assert index.verify() == []


def test_an_index_may_be_asked_while_it_is_dumped() -> None:
    with made() as index:
        list(index.add([("a", text(1)), ("b", text(2))]))
        verdicts = [index.check(line["text"]).verdict for line in index.dump(texts=True)]
        assert verdicts == ["identical", "identical"]
