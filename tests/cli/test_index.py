"""`dedup index` and `dedup check`: what goes where, and what the exit status says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import ROOT, Ran, run, write_lines
from tests.mask.making import make_site, make_words
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [
        line(TEXT, id="first", date="2020-01-01", url="https://a.example/first"),
        line(TEXT.upper(), id="copy", date="2020-01-02"),
        line(EDITED, id="first", date="2020-01-03"),
        b"{broken",
        line(OTHER, id="other", date="2020-01-05"),
    ]
    return write_lines(tmp_path_factory.mktemp("feed") / "feed.jsonl", lines)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, feed: Path) -> Path:
    folder = tmp_path_factory.mktemp("index") / "seen.dedup"
    ran = run("index", "build", folder, feed, "-f", "jsonl")
    assert ran.code == 0, ran.err
    assert "rejected: " in ran.err
    assert "4 articles, 4 added, 2 duplicates, 1 rejected" in ran.err
    answers = [json.loads(one) for one in ran.out.splitlines()]
    assert [answer["verdict"] for answer in answers] == [
        "new", "identical", "near-duplicate", "new",
    ]  # fmt: skip
    assert answers[1]["matches"][0]["url"] == "https://a.example/first"
    return folder


def articles(folder: Path, *options: str) -> list[dict[str, object]]:
    ran = run("index", "dump", folder, *options)
    assert ran.code == 0, ran.err
    return [json.loads(one) for one in ran.out.splitlines()]


def asked(index: Path, text: str, tmp_path: Path, *options: str) -> Ran:
    (tmp_path / "article.txt").write_text(text, "utf-8")
    return run("check", tmp_path / "article.txt", "--index", index, *options)


def test_check_says_by_its_exit_status_whether_an_article_is_new(
    index: Path, tmp_path: Path
) -> None:
    known = asked(index, TEXT, tmp_path)
    assert (known.code, known.err) == (1, "")
    assert known.out.endswith("identical to first, 100% of it, 0% new\n")
    new = asked(index, " ".join(f"foreign{n}" for n in range(50)), tmp_path)
    assert (new.code, new.err) == (0, "")
    assert new.out.endswith("  new\n")
    part = asked(index, SLICE, tmp_path, "-f", "json")
    assert (part.code, json.loads(part.out)["verdict"]) == (0, "excerpt")


@pytest.mark.parametrize(
    "args",
    [
        ("check", "no-such-file", "--index", "{index}"),
        ("check", "{feed}", "--index", "no-such-index"),
        ("index", "add", "no-such-index", "{feed}"),
        ("index", "add", "{index}", "no-such-file"),
        ("index", "build", "{index}", "{feed}"),
        ("index", "stats", "no-such-index"),
        ("index", "dump", "{index}", "--segment", "none"),
        ("index", "expire", "{index}", "--before", "soon"),
    ],
)
def test_what_cannot_be_done_is_exit_status_two_and_one_line(
    args: tuple[str, ...], index: Path, feed: Path
) -> None:
    ran = run(*(arg.format(index=index, feed=feed) for arg in args))
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert ran.err.startswith(("dedup: ", "rejected: "))


def test_a_taken_id_is_numbered_and_adding_again_changes_nothing(index: Path, feed: Path) -> None:
    assert [one["id"] for one in articles(index)] == ["first", "copy", "first#2", "other"]
    again = run("index", "add", index, feed, "-q", "-f", "none")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert len(articles(index)) == 4
    assert run("index", "check", index, feed).code == 1


def test_a_dump_with_texts_builds_the_same_index(index: Path, tmp_path: Path) -> None:
    dumped = tmp_path / "articles.jsonl"
    dumped.write_text(run("index", "dump", index, "--texts").out, "utf-8")
    assert run("index", "build", tmp_path / "i", dumped, "-q", "-f", "none").code == 0
    assert articles(tmp_path / "i", "--texts") == articles(index, "--texts")
    assert articles(tmp_path / "i", "--relations") == articles(index, "--relations")
    assert articles(index, "--relations")[0]["kind"] == "identical"


def test_the_life_of_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "seen.dedup"
    build = run("index", "build", folder, ROOT / "seeds", "-q")
    assert build.code == 0
    assert len(build.out.splitlines()) == 14
    assert run("index", "merge", folder).code == 0
    stats = json.loads(run("index", "stats", folder).out)
    assert (stats["articles"], stats["segments"], stats["unflushed"]) == (30, 1, 0)
    assert run("index", "verify", folder) == (0, "", "all is well\n")
    (segment,) = folder.glob("segment-*")
    header, first, *_ = articles(folder, "--segment", segment.name)
    assert header["postings"] == stats["postings"]
    assert set(first) == {"key", "article"}
    segment.write_bytes(segment.read_bytes()[:-1])
    broken = run("index", "verify", folder)
    assert (broken.code, segment.name in broken.out) == (1, True)
    assert run("index", "verify", folder, "--repair").code == 1
    assert run("index", "verify", folder).code == 0
    removed = run("index", "remove", folder, "01-gipfel-bericht", "nobody", "--forget")
    assert (removed.code, removed.err) == (0, "1 of 2 removed\n")
    assert run("index", "expire", folder, "--before", "2030-01-01").err == "0 removed\n"
    assert run("index", "verify", folder).code == 0


def test_what_is_learned_is_listed_and_masked_for_the_site_it_is_of(tmp_path: Path) -> None:
    consent = make_words("consent", 36)
    pages = make_site("daily.example", 6, 6, consent)
    feed = write_lines(tmp_path / "pages.jsonl", [json.dumps(page).encode() for page in pages])
    folder = tmp_path / "i"
    assert run("index", "build", folder, feed, "--no-learn", "-q").code == 0
    assert run("index", "dump", folder, "--relations").out.count("quote") == 15
    (tmp_path / "article.txt").write_text(" ".join([*make_words(9, 80), *consent]), "utf-8")
    asked = ("check", tmp_path / "article.txt", "--index", folder, "-f", "json")
    learned = run("index", "learn", folder, "-f", "jsonl")
    assert (learned.code, learned.err) == (0, "1 texts of boilerplate\n")
    run_ = json.loads(learned.out)
    assert (run_["site"], run_["articles"]) == ("daily.example", 6)
    assert run("index", "dump", folder, "--relations").out == ""
    for place in (("--site", "daily.example"), ("--url", "https://daily.example/x")):
        assert json.loads(run(*asked, *place).out)["novel_share"] == 1.0
    vetoed = run("index", "learn", folder, "--veto", run_["id"])
    assert "not masked" in vetoed.out
    assert json.loads(run(*asked, "--site", "daily.example").out)["verdict"] == "overlap"
    assert run("index", "learn", tmp_path / "none").code == 2


def test_groups_are_the_lines_of_a_scan(index: Path, feed: Path, tmp_path: Path) -> None:
    assert run("scan", feed, "-o", tmp_path / "out").code == 0
    lines = (tmp_path / "out/groups.jsonl").read_text("utf-8").splitlines()
    wanted = [json.loads(one) for one in lines]
    for group in wanted:  # an index knows no files
        for article in (group, *group["members"], *group["excerpts"]):
            del article["origin"]
    found = run("index", "groups", index, "-f", "jsonl")
    assert found.code == 0, found.err
    assert [json.loads(line) for line in found.out.splitlines()] == wanted
    assert len(wanted) == 1
    shown = run("index", "groups", index).out.splitlines()
    assert shown[0] == "first"
    assert shown[1].startswith("  identical  copy  100%")


def test_a_history_is_told_in_lines_and_as_json(index: Path) -> None:
    told = run("index", "history", index, "copy")
    assert told.code == 0, told.err
    assert told.out.splitlines()[:3] == [
        "copies",
        "  2020-01-01  a.example  first (kept): first",
        "  2020-01-02  copy: identical, copied from first",
    ]
    history = json.loads(run("index", "history", index, "copy", "-f", "json").out)
    assert (history["keeper"], len(history["copies"])) == ("first", 3)
    nobody = run("index", "history", index, "nobody")
    assert (nobody.code, "no article 'nobody'" in nobody.err) == (2, True)


def test_a_new_version_replaces_the_old_one_when_asked(tmp_path: Path) -> None:
    first = write_lines(tmp_path / "1.jsonl", [line(TEXT, id="a")])
    both = write_lines(tmp_path / "2.jsonl", [line(EDITED, id="a"), line(OTHER, id="a")])
    folder = tmp_path / "i"
    assert run("index", "build", folder, first, "-q").code == 0
    assert run("index", "add", folder, both, "--replace", "-q").code == 0
    assert [(row["id"], row["text"]) for row in articles(folder, "--texts")] == [("a", OTHER)]


def test_charset_and_fields_of_site_and_url_can_be_named(tmp_path: Path) -> None:
    # In CP866 the letter that is "ä" in CP1252 is a Cyrillic one.
    text = "Привет " + TEXT.encode("ascii", "ignore").decode()
    row = {"id": "a", "words": text, "outlet": "Daily.example", "where": "https://x.example/1"}
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(json.dumps(row, ensure_ascii=False).encode("cp866") + b"\n")
    named = ["--text-field", "words", "--site-field", "outlet", "--url-field", "where"]
    folder = tmp_path / "seen.dedup"
    assert run("index", "build", folder, feed, *named, "--charset", "cp866").code == 0
    (stored,) = [json.loads(one) for one in run("index", "dump", folder).out.splitlines()]
    assert (stored["site"], stored["url"]) == ("daily.example", "https://x.example/1")
    checked = run("index", "check", folder, feed, *named, "--charset", "cp866", "-f", "jsonl")
    assert json.loads(checked.out)["verdict"] == "identical"
    assert run("index", "add", folder, feed, *named, "--charset", "cp1251").code == 0
    assert len(run("index", "dump", folder).out.splitlines()) == 2
