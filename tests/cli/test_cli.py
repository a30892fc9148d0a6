"""The command line: what goes where, exit statuses, and no traceback whatever comes in."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dedup.cli import COMMANDS, cli, main
from dedup.report.folder import FILES
from dedup.settings import KEEP_POLICIES, REMOVE_POLICIES, VERSION
from tests.cli.running import ROOT, Ran, run, start, write_lines
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line

QUOTING = OTHER + " " + " ".join(TEXT.split()[10:25])
FEED = [
    line(TEXT, id="first", date="2020-01-01"),
    line(TEXT.upper(), id="copy", date="2020-01-02"),
    line(EDITED, id="edited", date="2020-01-03"),
    line(SLICE, id="slice", date="2020-01-04"),
    line(QUOTING, id="quoting", date="2020-01-05"),
]
LISTING = """\
first  (kept of 3)
  = copy  identical, resemblance 1.00
  ~ edited  near-duplicate, resemblance 0.95

slice < first  excerpt, 100% of it, 30 words in 1 passage
slice < edited  excerpt, 93% of it, 28 words in 1 passage
"""


@pytest.fixture
def feed(tmp_path: Path) -> str:
    return str(write_lines(tmp_path / "feed.jsonl", FEED))


@pytest.fixture
def plain(tmp_path: Path) -> str:
    """A feed in which nothing is related."""
    return str(write_lines(tmp_path / "plain.jsonl", [line(TEXT), line(OTHER)]))


def call(*args: str | Path) -> Result:
    """The command in this process; its errors are those of click."""
    return CliRunner().invoke(cli, [os.fspath(arg) for arg in args], prog_name="dedup")


def no_traceback(ran: Ran) -> Ran:
    assert "Traceback" not in ran.err, ran.err
    assert "Error:" not in ran.out
    return ran


# -- what goes where -----------------------------------------------------------------------------


def test_findings_go_to_standard_output_and_the_books_to_standard_error(feed: str) -> None:
    ran = run("scan", feed)
    assert (ran.code, ran.out) == (0, LISTING)
    assert ran.err.splitlines()[:4] == [
        "read               5",
        "kept               3",
        "removed            2  (1 identical, 1 near-duplicate)",
        "rejected           0",
    ]
    assert "\x1b" not in ran.err


def test_lines_are_the_relations_one_a_line(feed: str, tmp_path: Path) -> None:
    done = call("scan", feed, "-f", "jsonl", "-o", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout_bytes == (tmp_path / "out" / "relations.jsonl").read_bytes()


def test_json_is_the_run_with_its_relations(feed: str, tmp_path: Path) -> None:
    done = call("scan", feed, "-f", "json", "-o", tmp_path / "out")
    value = json.loads(done.stdout)
    relations = value.pop("relations")
    assert value == json.loads((tmp_path / "out" / "run.json").read_bytes())
    rows = (tmp_path / "out" / "relations.jsonl").read_bytes().splitlines()
    assert relations == [json.loads(row) for row in rows]


def test_none_and_an_output_folder_leave_standard_output_empty(feed: str, tmp_path: Path) -> None:
    assert call("scan", feed, "-f", "none").stdout == ""
    done = call("scan", feed, "-o", tmp_path / "out")
    assert done.stdout == ""
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(FILES)
    assert done.stderr.splitlines()[-1] == f"written   {tmp_path / 'out'}"


def test_text_is_shown_beside_an_output_folder_when_asked_for(feed: str, tmp_path: Path) -> None:
    assert call("scan", feed, "-o", tmp_path / "out", "-f", "text").stdout == LISTING


@pytest.mark.parametrize("format_", ["text", "jsonl", "json"])
def test_quotes_are_shown_when_asked_for(feed: str, format_: str) -> None:
    without = call("scan", feed, "-f", format_).stdout
    with_them = call("scan", feed, "-f", format_, "--quotes").stdout
    assert "quoting" not in without
    assert with_them.count("quoting") == 2  # in the first article and in the edited one


def test_quiet_leaves_standard_error_to_errors(tmp_path: Path) -> None:
    feed = write_lines(tmp_path / "feed.jsonl", [*FEED, b"broken"])
    done = call("scan", feed, "-q")
    assert (done.stdout, done.stderr) == (LISTING, "")
    ran = run("scan", tmp_path / "missing", "-q")
    assert (ran.code, ran.out) == (2, "")
    assert "no-such-path" in ran.err


def test_rejects_are_named_with_file_offset_and_reason(tmp_path: Path) -> None:
    feed = write_lines(tmp_path / "feed.jsonl", [b"{broken", *FEED, b"[]"])
    offset = 8 + sum(len(row) + 1 for row in FEED)
    done = call("scan", feed)
    assert done.stdout == LISTING
    rejected = [row for row in done.stderr.splitlines() if row.startswith("rejected: ")]
    assert rejected[0].startswith(f"rejected: {feed}, byte 0: bad-json (line 1: column 2: ")
    assert rejected[1].startswith(f"rejected: {feed}, byte {offset}: not-an-object (line 7: ")
    assert "rejected           2  (1 bad-json, 1 not-an-object)" in done.stderr.splitlines()


def test_of_many_rejects_twenty_are_named_and_the_way_to_the_others(tmp_path: Path) -> None:
    feed = write_lines(tmp_path / "feed.jsonl", [*FEED, *[b"{"] * 1500])
    done = call("scan", feed)
    assert done.stderr.count("rejected: ") == 21
    assert "rejected: 1,480 more; all: write them with -o" in done.stderr
    done = call("scan", feed, "-o", tmp_path / "out")
    assert f"rejected: 1,480 more; all: {tmp_path / 'out'}/rejects.jsonl" in done.stderr


def test_standard_input_is_read_for_a_dash_compressed_or_not(feed: str) -> None:
    data = Path(feed).read_bytes()
    for given in (data, gzip.compress(data)):
        ran = run("scan", "-", stdin=given)
        assert (ran.code, ran.out) == (0, LISTING)


def test_field_names_can_be_given(tmp_path: Path) -> None:
    rows = [
        {"text": "kurz", "id": 1, "inhalt": TEXT, "nr": "x", "tag": "2020-01-02"},
        {"text": "lang", "id": 2, "inhalt": TEXT, "nr": "y", "tag": "2020-01-01"},
    ]
    feed = write_lines(tmp_path / "feed.jsonl", [json.dumps(row).encode() for row in rows])
    named = call("scan", feed, "--text-field", "inhalt", "--id-field", "nr", "--date-field", "tag")
    assert named.stdout == "y  (kept of 2)\n  = x  identical, resemblance 1.00\n\n"
    assert call("scan", feed).stdout == ""


@pytest.mark.parametrize("keep", KEEP_POLICIES)
@pytest.mark.parametrize("remove", REMOVE_POLICIES)
def test_policies_reach_the_settings(feed: str, keep: str, remove: str) -> None:
    done = call("scan", feed, "--keep", keep, "--remove", remove, "-f", "json")
    settings = json.loads(done.stdout)["settings"]
    assert (settings["keep"], settings["remove"]) == (keep, remove)


def test_thresholds_reach_the_settings(feed: str) -> None:
    options = ("--near-duplicate", "0.6", "--excerpt", "0.8", "--min-passage", "20",
               "--quote-max", "50", "--threads", "2", "-f", "json")  # fmt: skip
    settings = json.loads(call("scan", feed, *options).stdout)["settings"]
    assert settings["near_duplicate"] == 0.6
    assert settings["excerpt"] == 0.8
    assert settings["min_passage"] == 20
    assert settings["quote_max"] == 50


# -- exit statuses -------------------------------------------------------------------------------


def test_findings_are_no_failure_unless_the_exit_code_is_asked_for(feed: str, plain: str) -> None:
    assert run("scan", feed).code == 0
    assert run("scan", feed, "--exit-code").code == 1
    assert run("scan", plain, "--exit-code").code == 0


def test_quotes_alone_do_not_count_for_the_exit_code(tmp_path: Path) -> None:
    feed = write_lines(tmp_path / "feed.jsonl", [line(TEXT), line(QUOTING)])
    assert run("scan", feed, "--exit-code", "--quotes").code == 0


def test_rejects_beside_articles_are_no_failure(tmp_path: Path) -> None:
    feed = write_lines(tmp_path / "feed.jsonl", [line(TEXT), b"broken"])
    assert run("scan", feed).code == 0


@pytest.mark.parametrize(
    "args",
    [
        ["scan"],
        ["scan", "x.jsonl", "--keep", "best"],
        ["scan", "x.jsonl", "--remove", "all"],
        ["scan", "x.jsonl", "-f", "xml"],
        ["scan", "x.jsonl", "--threads", "0"],
        ["scan", "x.jsonl", "--near-duplicate", "much"],
        ["scan", "x.jsonl", "--unknown"],
        ["compare", "x.txt"],
        ["compare", "x.txt", "y.txt", "z.txt"],
        ["bands", "--threshold", "2"],
        ["search"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_says_how_to_get_help(
    args: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["dedup", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert "--help' for help." in err


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--near-duplicate", "1.5", "near_duplicate must be from 0 to 1, but is 1.5"),
        ("--near-duplicate", "nan", "near_duplicate must be from 0 to 1, but is nan"),
        ("--near-duplicate", "0.8", "at most excerpt/(2-excerpt) = 0.7391"),
        ("--excerpt", "0.5", "near_duplicate may be at most"),
        ("--min-passage", "0", "min_passage must be from 1 to 10000, but is 0"),
        ("--quote-max", "-1", "quote_max must be from 0 to 1000000, but is -1"),
    ],
)
def test_settings_out_of_range_are_2_and_the_message_says_the_range(
    option: str, value: str, words: str, feed: str,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for args in (["scan", feed], ["compare", feed, feed]):
        monkeypatch.setattr("sys.argv", ["dedup", *args, option, value])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code, out) == (2, "")
        assert err.startswith("dedup: ")
        assert words in err


def test_an_interrupt_while_standard_input_is_held_open_is_130() -> None:
    # The other end of standard error is closed only when the process has ended, so the summary
    # cannot be waited for; a scan with -o is interrupted in tests/test_pipeline.py.
    process = start("compare", "-", ROOT / "seeds" / "01-gipfel-bericht.txt")
    try:
        assert process.stdin is not None
        # A pipe holds 64 KiB: when more went through, the command is reading.
        process.stdin.write(b"wort " * 40_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out) == (130, b"")
    assert err.strip() == b"interrupted; no result was written"


# -- bad input -----------------------------------------------------------------------------------


@pytest.fixture
def bad(tmp_path: Path) -> dict[str, Path]:
    """Inputs that cannot be used, by the reason they are rejected for."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.txt").write_bytes("Grüße".encode("latin-1"))
    (tmp_path / "blank.txt").write_bytes(b" \n\t")
    packed = gzip.compress(b"\n".join(FEED * 50))
    (tmp_path / "broken.jsonl.gz").write_bytes(packed[:10] + b"\xff" * 30)
    (tmp_path / "short.txt.gz").write_bytes(b"\x1f")
    (tmp_path / "page.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "rows.jsonl").write_bytes(b"[1]\n")
    (tmp_path / "fields.jsonl").write_bytes(b'{"headline":"x"}\n')
    return {
        "no-such-path": tmp_path / "missing.jsonl",
        "no-articles": tmp_path / "empty",
        "not-utf8": tmp_path / "latin.txt",
        "empty-text": tmp_path / "blank.txt",
        "cut-file": tmp_path / "broken.jsonl.gz",
        "unknown-format": tmp_path / "page.pdf",
        "not-an-object": tmp_path / "rows.jsonl",
        "no-text": tmp_path / "fields.jsonl",
        "cut-file ": tmp_path / "short.txt.gz",
    }


def test_bad_inputs_are_named_one_by_one_while_the_rest_goes_on(
    feed: str, bad: dict[str, Path]
) -> None:
    paths = list(bad.values())
    ran = no_traceback(run("scan", *paths[:4], feed, *paths[4:]))
    assert (ran.code, ran.out) == (0, LISTING)
    for reason, path in bad.items():
        assert f"rejected: {path}, byte 0: {reason.strip()} (" in ran.err
    assert ran.err.splitlines()[len(bad)] == f"read      {len(FEED) + len(bad):>10,}"


def test_bad_inputs_alone_are_2_and_named(
    bad: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for reason, path in bad.items():
        monkeypatch.setattr("sys.argv", ["dedup", "scan", str(path)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code, out) == (2, "")
        assert err.startswith(f"dedup: nothing could be read. {path}, byte 0: {reason.strip()} (")


def test_a_gz_that_is_cut_gives_its_articles_up_to_the_cut(tmp_path: Path) -> None:
    packed = gzip.compress(b"\n".join([*FEED, os.urandom(3000).hex().encode()]))
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[:-500])
    ran = no_traceback(run("scan", tmp_path / "cut.jsonl.gz"))
    assert (ran.code, ran.out) == (0, LISTING)
    assert "cut-file" in ran.err


def test_an_empty_standard_input_is_2(tmp_path: Path) -> None:
    ran = no_traceback(run("scan", "-"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "dedup: the input holds no article: it is empty.\n"


def test_an_existing_output_folder_is_2_and_left_alone(feed: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    ran = no_traceback(run("scan", feed, "-o", tmp_path / "out"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"dedup: {tmp_path / 'out'} exists already.")
    assert list((tmp_path / "out").iterdir()) == []


def test_force_replaces_and_says_where_the_result_is(feed: str, tmp_path: Path) -> None:
    assert call("scan", feed, "-o", tmp_path / "out").exit_code == 0
    before = (tmp_path / "out" / "run.json").read_bytes()
    done = call("scan", feed, "-o", tmp_path / "out", "--force")
    assert "written" in done.stderr
    assert (tmp_path / "out" / "run.json").read_bytes() == before


def test_an_output_folder_inside_the_input_is_2(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "feed.jsonl", FEED)
    ran = no_traceback(run("scan", tmp_path / "in", "-o", tmp_path / "in" / "out"))
    assert ran.code == 2
    assert "lies inside the input folder" in ran.err


# -- compare and bands ---------------------------------------------------------------------------


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt").write_bytes(SLICE.encode())
    return str(tmp_path / "a.txt"), str(tmp_path / "b.txt")


def test_compare_shows_numbers_and_both_sides(pair: tuple[str, str]) -> None:
    ran = run("compare", *pair, COLUMNS="120")
    assert (ran.code, ran.err) == (0, "")
    first = ran.out.splitlines()[0]
    assert " ".join(first.split()) == "kind excerpt (B is an excerpt of A)"
    assert "30 words, identity 1.00" in ran.out
    assert "\x1b" not in ran.out


def test_compare_as_json_is_one_relation_as_the_files_have_it(pair: tuple[str, str]) -> None:
    done = call("compare", *pair, "-f", "json")
    value = json.loads(done.stdout)
    assert (value["a"], value["b"]) == pair
    assert (value["kind"], value["direction"]) == ("excerpt", "b_in_a")
    (passage,) = value["passages"]
    span = TEXT[passage["a_begin"] : passage["a_end"]]
    assert [span[:5], passage["b_begin"]] == [SLICE[:5], 0]


def test_compare_reads_gz_and_standard_input(pair: tuple[str, str], tmp_path: Path) -> None:
    def found(out: str) -> dict[str, object]:
        value: dict[str, object] = json.loads(out)
        return {name: value[name] for name in value if name not in ("a", "b")}

    expected = found(call("compare", *pair, "-f", "json").stdout)
    packed = tmp_path / "a.txt.gz"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    assert found(call("compare", packed, pair[1], "-f", "json").stdout) == expected
    ran = run("compare", "-", pair[1], "-f", "json", stdin=TEXT.encode())
    assert found(ran.out) == expected
    ran = run("compare", pair[0], "-", "-f", "json", stdin=gzip.compress(SLICE.encode()))
    assert found(ran.out) == expected


def test_compare_shows_a_long_passage_whole_when_asked_to(tmp_path: Path) -> None:
    words = " ".join(f"wort{n}" for n in range(400))
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(words)
    args = ("compare", tmp_path / "a.txt", tmp_path / "b.txt")
    assert "280" in call(*args).stdout
    assert "wort200" not in call(*args).stdout
    assert "wort200" in call(*args, "--full").stdout


def test_compare_exits_1_when_anything_is_shared_and_that_was_asked_for(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "c.txt").write_bytes(OTHER.encode())
    assert run("compare", *pair, "--exit-code", "-f", "json").code == 1
    assert run("compare", *pair, "-f", "json").code == 0
    ran = run("compare", pair[0], tmp_path / "c.txt", "--exit-code", "-f", "json")
    assert (ran.code, json.loads(ran.out)["kind"]) == (0, "none")


def test_compare_with_a_file_that_cannot_be_read_is_2(
    pair: tuple[str, str], bad: dict[str, Path], tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    wrong = [bad["no-such-path"], bad["not-utf8"], bad["empty-text"], bad["cut-file "], tmp_path]
    for path in wrong:
        for args in ([str(path), pair[0]], [pair[0], str(path)]):
            monkeypatch.setattr("sys.argv", ["dedup", "compare", *args])
            with pytest.raises(SystemExit) as ended:
                main()
            out, err = capsys.readouterr()
            assert (ended.value.code, out) == (2, "")
            assert err.startswith(f"dedup: nothing could be read. {path}, byte 0: ")


def test_bands_shows_the_cut_and_its_curve() -> None:
    lines = call("bands", "--threshold", "0.6", "--recall", "0.98").stdout.splitlines()
    assert lines[0] == "32 bands of 4 rows (128 slots)"
    assert lines[1].startswith("at 0.6: 0.98")
    shares = [float(row.split()[1]) for row in lines[2:]]
    assert len(shares) == 19
    assert shares == sorted(shares)


def test_bands_says_when_the_recall_cannot_be_reached() -> None:
    done = call("bands", "--threshold", "0.01", "--num-perm", "16")
    assert "16 bands of 1 rows" in done.stdout
    assert "short of the wanted 0.98" in done.stdout


# -- the command itself --------------------------------------------------------------------------


def test_the_version_names_the_backend() -> None:
    for backend in ("native", "pure"):
        ran = run("--version", DEDUP_BACKEND=backend)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith(f"dedup {VERSION} ({backend}, ")


def test_an_unknown_backend_is_2_and_names_the_known_ones(feed: str) -> None:
    ran = no_traceback(run("scan", feed, DEDUP_BACKEND="fast"))
    assert (ran.code, ran.out) == (2, "")
    assert "must be native or pure, but is 'fast'" in ran.err


def test_the_list_of_commands_is_that_of_the_help() -> None:
    done = call("--help")
    for name, sentence in COMMANDS.items():
        assert f"  {name}" in done.stdout
        assert sentence in done.stdout
    with click.Context(cli) as context:
        assert cli.list_commands(context) == list(COMMANDS)


def test_short_help_is_help() -> None:
    for args in ([], ["scan"], ["compare"], ["bands"]):
        assert call(*args, "-h").stdout == call(*args, "--help").stdout != ""


def test_python_m_is_the_command(feed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dedup", "scan", feed], capture_output=True, check=True
    )
    assert done.stdout.decode() == LISTING


# -- bugs that were ------------------------------------------------------------------------------


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    rows = [line(TEXT, id=f"a{n}") for n in range(3000)]  # far more output than a pipe holds
    feed = write_lines(tmp_path / "feed.jsonl", rows)
    process = start("scan", feed, "-f", "jsonl", "-q")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.close()
    assert process.stdout.readline().startswith(b'{"a":"a0",')
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(30), err) == (0, b"")


@pytest.mark.parametrize("out", [".", "", "/"])
def test_an_output_folder_that_has_no_name_is_2(tmp_path: Path, feed: str, out: str) -> None:
    ran = no_traceback(run("scan", feed, "-o", out, cwd=tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("dedup: ")


def test_an_input_whose_name_is_not_utf8_is_written_about_all_the_same(
    tmp_path: Path, feed: str
) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jsonl")
    Path(feed).rename(name)
    assert no_traceback(run("scan", name, "-o", tmp_path / "out")).code == 0
    (given,) = json.loads((tmp_path / "out" / "run.json").read_bytes())["inputs"]
    assert given.endswith(".jsonl")
