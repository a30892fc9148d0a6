"""The documents say what the program does: commands, code, trees, fields, settings and links."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

import dedup
from dedup import Reject, Relation, Settings, scan
from dedup.read import REASONS
from dedup.records import Excerpt, InputFile, Member, Removal
from dedup.report import run_as_dict
from dedup.report.annotating import Annotation
from dedup.report.folder import FILES
from tests.cli.running import ROOT, environment
from tests.cli_document import commands, write_document

DOCUMENTS = sorted(
    file
    for file in ROOT.rglob("*.md")
    if not {".venv", "build", "dist", ".git", "node_modules"} & set(file.relative_to(ROOT).parts)
    and ".egg-info" not in str(file)
    and not any(part.startswith(".pytest") for part in file.parts)
)
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
#: Commands of the README that are run; others (make, pip) are for people.
RUN = ("dedup", "cat", "head", "tail", "ls", "wc", "grep", "zcat", "diff", "sort", "cut")


def document(path: str) -> str:
    file = ROOT / path
    if not file.exists():
        pytest.skip(f"{path} does not exist")
    return file.read_text("utf-8")


class Block(NamedTuple):
    """A fenced block."""

    language: str
    text: str


def blocks(text: str) -> Iterator[Block]:
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(match[1], match[2])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the repository's root and may be written to."""
    folder = tmp_path_factory.mktemp("root")
    for entry in ROOT.iterdir():
        if not entry.name.startswith(".") and entry.name not in ("demo-out", "build"):
            (folder / entry.name).symlink_to(entry)
    return folder


def shell(command: str, cwd: Path) -> str:
    """Standard output of a command line; `dedup` is the one under test."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=environment(PATH=path, COLUMNS="100"),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_every_command_of_the_readme_prints_what_stands_there(root: Path) -> None:
    ran = 0
    for block in blocks(document("README.md")):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            if command.startswith(RUN):
                assert shell(command, root).rstrip("\n") == expected.rstrip("\n"), command
                ran += 1
    assert ran >= 3


def test_the_guarantee_of_equal_bytes_in_the_readme_can_be_tried(tmp_path: Path) -> None:
    commands = re.findall(r"`(dedup scan [^`]*; [^`]*diff [^`]*)`", document("README.md"))
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    for command in commands:
        assert shell(command, tmp_path) == ""


def test_the_python_of_the_documents_runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    runner = doctest.DocTestRunner(verbose=False)
    told: list[str] = []
    for file in DOCUMENTS:
        names: dict[str, object] = {}
        for number, block in enumerate(blocks(file.read_text("utf-8"))):
            if block.language != "python":
                continue
            if ">>>" in block.text:
                test = doctest.DocTestParser().get_doctest(
                    block.text, names, f"{file.name}, block {number}", str(file), 0
                )
                runner.run(test, out=told.append, clear_globs=False)
                names = test.globs
            elif file == README:
                exec(compile(block.text, f"{file.name}, block {number}", "exec"), names)
    assert not told, "".join(told)


def test_the_page_of_commands_is_the_one_the_help_gives() -> None:
    assert document("docs/cli.md") == write_document(), "run `make docs`"


def test_the_page_of_the_library_names_all_that_is_public_and_nothing_else() -> None:
    page = document("docs/api.md")
    cells = "".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))
    named = set(re.findall(r"`(\w+)[`(]", cells))
    exported = set(dedup.__all__) - {"__version__"}
    methods = {name for name in dir(dedup.Index) if not name.startswith("_")}
    assert "`__version__`" in page
    assert sorted(exported - named) == []
    assert sorted(methods - set(re.findall(r"`(\w+)[`(]", page))) == []
    assert sorted(named - exported - methods) == []
    (told,) = re.findall(r"`AsyncIndex` has (.*?)\. ", page, re.DOTALL)
    awaited = {name for name in dir(dedup.AsyncIndex) if not name.startswith("_")}
    assert set(re.findall(r"`(\w+)`", told)) == awaited


def test_the_page_of_the_library_says_what_a_function_takes() -> None:
    cells = "".join(re.findall(r"^\| (`.*?) \|", document("docs/api.md"), re.MULTILINE))
    for name, given in re.findall(r"`(\w+)\(([^`]*)\)`", cells):
        home = dedup if name in dedup.__all__ else dedup.Index
        known = getattr(home if hasattr(home, name) else dedup.GrowingScan, name)
        known_names = inspect.signature(known).parameters
        for one in filter(None, (part.strip(" *=") for part in given.split(","))):
            assert one in known_names, (name, one)


def test_every_command_has_a_help_with_an_example() -> None:
    names = []
    for name, command, context in commands():
        text = command.get_help(context)
        names.append(name)
        assert re.search(r"^  Example:  .*dedup ", text, re.MULTILINE), name
        options = [option for option in command.params if option.param_type_name == "option"]
        assert all(getattr(option, "help", None) for option in options), name
    of_stage = ["sketch", "match", "group", "write"]
    of_index = [
        "build", "add", "check", "remove", "expire", "merge", "verify", "dump", "stats", "learn",
        "groups", "history",
    ]  # fmt: skip
    assert names == [
        "dedup", "dedup scan", "dedup stage", *(f"dedup stage {name}" for name in of_stage),
        "dedup apply", "dedup stats", "dedup filter", "dedup pairs", "dedup compare",
        "dedup index", *(f"dedup index {name}" for name in of_index), "dedup check", "dedup bands",
        "dedup bench",
    ]  # fmt: skip


def test_every_command_says_its_exit_statuses() -> None:
    for name, command, context in commands():
        text = " ".join(command.get_help(context).split())
        assert re.search(r"Exit status: 0 .*; 2 ", text), name


def test_the_examples_of_the_help_name_options_that_exist() -> None:
    for name, command, context in commands():
        known = {option for parameter in command.params for option in parameter.opts}
        for example in re.findall(rf"^ +(?:Example:  )?(?:.*\| )?({name} .*)$",
                                  command.get_help(context), re.MULTILINE):  # fmt: skip
            used = {word for word in example.split() if re.fullmatch(r"--?[a-z][a-z-]*", word)}
            assert isinstance(command, click.Group) or used <= known, example


def test_the_tree_of_the_house_plan_is_the_one_on_disk() -> None:
    trees = [
        [line.split()[0] for line in block.text.splitlines() if line.strip()]
        for block in blocks(document("ARCHITECTURE.md"))
    ]
    (printed,) = (tree for tree in trees if tree and all(x.startswith("dedup/") for x in tree))
    source = {".py", ".pyi", ".h", ".cpp"}
    on_disk = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "dedup").rglob("*")
        if file.suffix in source
    }
    assert len(set(printed)) == len(printed)
    # The types of the compiled module may be told of in the text instead.
    assert on_disk - set(printed) <= {"dedup/core/_native.pyi"}
    assert set(printed) <= on_disk
    assert "_native.pyi" in document("ARCHITECTURE.md")


def test_every_line_of_the_tree_says_what_the_file_is() -> None:
    lines = re.findall(r"^(dedup/\S+)(.*)$", document("ARCHITECTURE.md"), re.MULTILINE)
    assert lines
    assert [path for path, text in lines if not text.startswith("  ") or not text.strip()] == []


def fields_of_the_files() -> dict[str, list[str]]:
    """The names a reader of each file meets, taken from the code."""
    result = scan(["x"])
    run = run_as_dict(result, [])
    relation = [field.name for field in dataclasses.fields(Relation)]
    passage = ["a_begin", "a_end", "b_begin", "b_end", "words", "identity"]
    return {
        "relations.jsonl": [*relation, *passage],
        "groups.jsonl": [
            "keeper", "site", "date", "size", "weakest_resemblance", "members", "excerpts",
            *Member._fields, *Excerpt._fields,
        ],
        "removed.jsonl": [*Removal._fields, "lost_share", "origin", "record"],
        "inputs.jsonl": [*InputFile._fields],
        "annotated.jsonl": [*Annotation._fields],
        "rejects.jsonl": [*Reject._fields],
        "run.json": [*run, *run["counts"]],
    }  # fmt: skip


def sections(text: str) -> dict[str, str]:
    """Text of each second-level section by its title."""
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("file", fields_of_the_files())
def test_the_page_of_results_names_every_field_of_the_file(file: str) -> None:
    section = sections(document("docs/formats/results.md"))[file]
    # `passages[].a_begin` and `counts.read` name a_begin and read.
    names = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", section))))
    assert [field for field in fields_of_the_files()[file] if field not in names] == []


def test_the_page_of_results_names_every_file_and_every_reason() -> None:
    text = document("docs/formats/results.md")
    assert set(FILES) <= set(sections(text))
    assert [reason for reason in REASONS if f"`{reason}`" not in text] == []


def test_the_readme_lists_every_file_of_a_result() -> None:
    text = document("README.md")
    assert [name for name in FILES if f"| `{name}` |" not in text] == []


def test_the_method_names_every_setting_with_its_default() -> None:
    text = document("docs/method.md")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for name, default in Settings().as_dict().items():
        assert re.search(rf"`{name}`", text), name
        shown = {str(default), f"{default:g}" if isinstance(default, float) else str(default)}
        if isinstance(default, float):
            shown.add(f"{default:.2f}")
        table = [row for row in rows if re.match(rf"\| *`{name}`", row)]
        assert any(
            re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.]\w)", row)
            for row in table
            for value in shown
        ), name


def anchors(file: Path) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", file.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def links(file: Path) -> Iterator[tuple[str, str]]:
    """Relative links: path and anchor."""
    text = re.sub(r"^```.*?^```", "", file.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield path, anchor


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(file: Path) -> None:
    broken = []
    for path, anchor in links(file):
        target = (file.parent / path).resolve() if path else file
        found = target.exists() and (
            not anchor or target.suffix != ".md" or anchor in anchors(target)
        )
        if not found:
            broken.append(f"{path}#{anchor}")
    assert not broken


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for file in DOCUMENTS:
        text = file.read_text("utf-8")
        # In code only: "make sure" is no target.
        named = re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", text, re.MULTILINE)
        assert {one or two for one, two in named} <= targets, file.name
