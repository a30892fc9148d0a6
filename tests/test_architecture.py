"""The rules of ARCHITECTURE.md, read off the source with `ast`: nobody has to remember them."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dedup
from dedup import settings
from dedup.cli import COMMANDS
from dedup.core import unicode_tables
from tests.cli.running import ROOT

VOCABULARY = {"dedup.records", "dedup.settings", "dedup.errors"}
ROOMS = {"read", "text", "sketch", "index", "mask", "verify", "cluster", "report"}
DOORS = {f"dedup.{room}" for room in ROOMS}
#: The corridors, and which other files of theirs each may import.
CORRIDOR = {
    "dedup.pipeline": {
        "dedup.corpus",
        "dedup.memory",
        "dedup.outcome",
        "dedup.rounds",
        "dedup.shelf",
        "dedup.steps",
        "dedup.work",
    },
    "dedup.stages": {
        "dedup.corpus",
        "dedup.memory",
        "dedup.pipeline",
        "dedup.rounds",
        "dedup.steps",
        "dedup.work",
    },
    "dedup.steps": {
        "dedup.corpus",
        "dedup.outcome",
        "dedup.rounds",
        "dedup.shelf",
        "dedup.work",
    },
    "dedup.outcome": {"dedup.corpus", "dedup.rounds"},
    "dedup.rounds": {"dedup.corpus", "dedup.shelf"},
    "dedup.corpus": {"dedup.packed", "dedup.shelf"},
    "dedup.packed": {"dedup.shelf"},
    "dedup.work": {"dedup.shelf"},
    "dedup.shelf": set[str](),
    "dedup.memory": set[str](),
    "dedup.measure": {"dedup.corpus", "dedup.memory", "dedup.pipeline"},
    "dedup.filtering": {"dedup.memory"},
    "dedup.applying": set[str](),
    "dedup.resembling": {"dedup.corpus", "dedup.memory", "dedup.shelf"},
    "dedup.lookup": set[str](),
    "dedup.masking": {"dedup.lookup"},
    "dedup.grouping": set[str](),
    "dedup.relating": {"dedup.grouping", "dedup.lookup", "dedup.masking"},
    "dedup.answers": {"dedup.lookup"},
    "dedup.history": {"dedup.answers", "dedup.grouping", "dedup.lookup", "dedup.relating"},
    "dedup.learning": {"dedup.grouping", "dedup.lookup", "dedup.masking", "dedup.relating"},
    "dedup.opening": {"dedup.grouping", "dedup.lookup", "dedup.masking", "dedup.relating"},
    "dedup.upkeep": {"dedup.grouping", "dedup.learning", "dedup.lookup"},
    "dedup.filling": {"dedup.answers", "dedup.seen"},
    "dedup.awaiting": {"dedup.answers", "dedup.history", "dedup.seen"},
    "dedup.scrapy": {"dedup.answers", "dedup.handle", "dedup.seen"},
    "dedup.handle": {"dedup.lookup", "dedup.masking", "dedup.opening", "dedup.upkeep"},
    "dedup.viewing": {
        "dedup.grouping",
        "dedup.handle",
        "dedup.history",
        "dedup.lookup",
        "dedup.relating",
    },
    "dedup.storing": {
        "dedup.answers",
        "dedup.grouping",
        "dedup.lookup",
        "dedup.masking",
        "dedup.relating",
        "dedup.upkeep",
    },
    "dedup.seen": {
        "dedup.answers",
        "dedup.grouping",
        "dedup.handle",
        "dedup.learning",
        "dedup.lookup",
        "dedup.masking",
        "dedup.opening",
        "dedup.storing",
        "dedup.upkeep",
        "dedup.viewing",
    },
}
#: Those that the doors of the package may open.
ENTRANCES = {
    "dedup.pipeline",
    "dedup.stages",
    "dedup.filtering",
    "dedup.applying",
    "dedup.resembling",
    "dedup.seen",
    "dedup.filling",
}
#: Libraries with one home, beside numpy and xxhash: module → who may import it.
HOMES = {
    "click": {"dedup.cli"},
    "scrapy": {"dedup.scrapy"},
    "itemadapter": {"dedup.scrapy"},
    "twisted": {"dedup.scrapy"},
    "rich": {"dedup.cli", "dedup.report.side_by_side"},
    "pyarrow": {"dedup.read.tables", "dedup.read.columnar", "dedup.report.tables"},
    "trafilatura": {"dedup.read.extract"},
    "resiliparse": {"dedup.read.extract"},
    "cchardet": {"dedup.read.charset", "dedup.read.page_worker"},
    "brotli": {"dedup.read.http"},
    "backports": {"dedup.index.packing", "dedup.read.unzstd", "dedup.report.rewriting"},
    "compression": {"dedup.index.packing", "dedup.read.unzstd", "dedup.report.rewriting"},
    "datasketch": {"dedup.interop.datasketch"},
}
#: Parts of the standard library with one home.
HOMES |= {
    "sqlite3": {"dedup.index.connection"},
    "mmap": {"dedup.core.paging", "dedup.index.segments", "dedup.shelf"},
    "fcntl": {"dedup.index.place", "dedup.report.folder", "dedup.report.rewriting", "dedup.work"},
    "struct": {"dedup.index.format"},
}
#: What a single module may import beyond its level.
FURTHER = {
    "dedup.cli": {"dedup.core"},  # the version line
    "dedup.cli.bench": {"dedup.measure"},
    "dedup.cli.compare": {"dedup.report.side_by_side"},
    "dedup.__main__": {"dedup.cli"},
}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted((ROOT / "dedup").rglob("*.py"))}
TREES = {name: ast.parse(file.read_text("utf-8")) for name, file in FILES.items()}
COMPILED = "dedup.core._native"


def imports(name: str) -> Iterator[tuple[str, int]]:
    """Every module a module names in an import, at any depth, with its line.

    `from package import module` names the module, `from module import thing` its module.
    """
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: relative imports hide who is meant"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                known = inner in FILES or inner == COMPILED
                yield (inner if known else node.module or ""), node.lineno


def is_inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def may_import(who: str, what: str) -> bool:
    """The table of ARCHITECTURE.md."""
    top = what.partition(".")[0]
    if top in HOMES:
        return any(is_inside(who, home) for home in HOMES[top])
    if top in ("numpy", "xxhash"):
        return not is_inside(who, "dedup.cli")
    if top != "dedup":
        return top in sys.stdlib_module_names
    if what in FURTHER.get(who, ()) or what in VOCABULARY:
        return True
    room = who.split(".")[1] if "." in who else ""
    if who in VOCABULARY:
        return False
    if is_inside(who, "dedup.core"):
        return is_inside(what, "dedup.core")
    if room in ROOMS:
        return is_inside(what, f"dedup.{room}") or what == "dedup.core"
    if room == "interop":
        return is_inside(what, "dedup.interop") or what in ("dedup.core", "dedup.text")
    if who in CORRIDOR:
        return what in DOORS or what == "dedup.core" or what in CORRIDOR[who]
    if who == "dedup" or is_inside(who, "dedup.cli"):
        own = who != "dedup" and is_inside(what, "dedup.cli")
        doors = {"dedup.index", "dedup.report", "dedup.read"}
        if who == "dedup":
            doors |= {"dedup.answers", "dedup.awaiting", "dedup.history"}
        return own or what in ENTRANCES | doors
    return False


@pytest.mark.parametrize("name", FILES)
def test_a_module_imports_only_what_its_level_may(name: str) -> None:
    wrong = [f"line {line}: {what}" for what, line in imports(name) if not may_import(name, what)]
    assert not wrong


def test_the_rule_refuses_what_it_should() -> None:
    refused = [
        ("dedup.cluster.stars", "dedup.verify"),
        ("dedup.cluster.stars", "dedup.core.pure"),
        ("dedup.records", "dedup.core"),
        ("dedup.core.pure", "dedup.read"),
        ("dedup.pipeline", "dedup.read.fields"),
        ("dedup.pipeline", "dedup.filtering"),
        ("dedup.filtering", "dedup.index.stream"),
        ("dedup.pipeline", "dedup.core.pure"),
        ("dedup.corpus", "dedup.pipeline"),
        ("dedup.corpus", "dedup.sketch.minhash"),
        ("dedup.rounds", "dedup.cluster.stars"),
        ("dedup.cli.scan", "dedup.corpus"),
        ("dedup.cli.check", "dedup.lookup"),
        ("dedup.lookup", "dedup.seen"),
        ("dedup.seen", "dedup.index.store"),
        ("dedup.index.store", "dedup.verify"),
        ("dedup.pipeline", "dedup.seen"),
        ("dedup.verify", "dedup.corpus"),
        ("dedup.cli.scan", "dedup.verify"),
        ("dedup.cli.scan", "dedup.core"),
        ("dedup.verify", "click"),
        ("dedup.report.results", "rich"),
        ("dedup.read", "requests"),
        ("dedup.read", "dedup.pipeline"),
        ("dedup.cli.scan", "numpy"),
        ("dedup.interop.datasketch", "dedup.pipeline"),
        ("dedup.interop.datasketch", "dedup.sketch"),
        ("dedup.interop.values", "dedup.core.pure"),
        ("dedup.interop.values", "datasketch"),
        ("dedup.sketch", "dedup.interop.values"),
        ("dedup", "dedup.interop"),
        ("dedup.pipeline", "dedup.interop.datasketch"),
        ("dedup.cli.scan", "dedup.measure"),
        ("dedup.pipeline", "dedup.measure"),
    ]
    assert [pair for pair in refused if may_import(*pair)] == []


def test_the_front_door_takes_only_the_field_names_from_read() -> None:
    for name in FILES:
        if name == "dedup" or is_inside(name, "dedup.cli"):
            for node in ast.walk(TREES[name]):
                if isinstance(node, ast.ImportFrom) and node.module == "dedup.read":
                    assert [alias.name for alias in node.names] == ["Fields"]


def test_only_the_door_of_the_core_imports_the_compiled_module() -> None:
    users = {name for name in FILES for what, _ in imports(name) if what == COMPILED}
    assert users == {"dedup.core"}


def test_only_cli_and_the_generator_of_tables_print() -> None:
    printing = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("print", "breakpoint", "input")
    }
    assert {name for name in printing if not is_inside(name, "dedup.cli")} <= {
        "dedup.core.make_tables"
    }


def test_only_cli_and_programs_exit() -> None:
    exiting = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("exit", "_exit", "abort")
    }
    assert {name for name in exiting if not is_inside(name, "dedup.cli")} <= {
        "dedup.core.make_tables"
    }


def test_the_environment_is_read_in_one_place() -> None:
    reading = {
        (name, node.lineno)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb")
    }
    assert [name for name, _ in reading] == ["dedup.core"]


def test_nothing_is_random_and_no_clock_but_the_stop_watch_is_read() -> None:
    for name in FILES:
        named = {what for what, _ in imports(name)}
        assert not named & {"random", "secrets", "uuid", "socket", "urllib", "http"}, name
        if "time" in named:
            assert name in ("dedup.pipeline", "dedup.measure")


def test_only_the_permutations_of_datasketch_are_drawn_and_from_their_seed() -> None:
    drawing = {
        name: {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for name, tree in TREES.items()
    }
    assert {name for name, attributes in drawing.items() if "random" in attributes} == {
        "dedup.interop.values"
    }
    assert "default_rng" not in drawing["dedup.interop.values"]


def test_no_function_rebinds_a_name_of_its_module() -> None:
    names = {n for n, tree in TREES.items() for x in ast.walk(tree) if isinstance(x, ast.Global)}
    assert names == set()


def test_every_module_says_what_it_is() -> None:
    for name, tree in TREES.items():
        first = (ast.get_docstring(tree) or "").partition("\n")[0]
        assert first.endswith((".", ":")), name


@pytest.mark.parametrize("name", [name for name in FILES if name != "dedup.core.make_tables"])
def test_every_public_class_and_function_has_a_docstring(name: str) -> None:
    def public(parent: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
        for node in ast.iter_child_nodes(parent):
            is_named = isinstance(node, ast.FunctionDef | ast.ClassDef)
            if is_named and not node.name.startswith("_"):  # type: ignore[attr-defined]
                yield node  # type: ignore[misc]
                if isinstance(node, ast.ClassDef):
                    yield from public(node)

    missing = [node.name for node in public(TREES[name]) if not ast.get_docstring(node)]
    assert not missing


def test_every_name_of_the_api_resolves_and_is_documented() -> None:
    assert len(set(dedup.__all__)) == len(dedup.__all__)
    for name in dedup.__all__:
        value = getattr(dedup, name)
        assert name == "__version__" or inspect.getdoc(value)
    assert dir(dedup) == sorted(dedup.__all__)


def test_an_unknown_name_of_the_api_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scna'"):
        dedup.scna  # noqa: B018


def test_the_names_for_type_checkers_are_those_of_the_api() -> None:
    typed = {
        alias.asname
        for node in ast.walk(TREES["dedup"])
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dedup.")
        for alias in node.names
    }
    assert typed == set(dedup.__all__)


@pytest.mark.parametrize("room", sorted(ROOMS | {"core", "interop.datasketch"}))
def test_every_name_in_the_list_of_a_door_resolves(room: str) -> None:
    door = importlib.import_module(f"dedup.{room}")
    for name in getattr(door, "__all__", ()):
        assert hasattr(door, name), name


def test_every_error_is_drawn_in_the_tree_of_errors() -> None:
    from dedup import errors

    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    defined = [node.name for node in TREES["dedup.errors"].body if isinstance(node, ast.ClassDef)]
    assert ["DedupError", *drawn] == defined
    assert all(issubclass(getattr(errors, name), errors.DedupError) for name in defined)


def test_the_unicode_version_of_the_settings_is_that_of_the_tables() -> None:
    assert settings.UNICODE_VERSION == unicode_tables.VERSION
    header = (ROOT / "dedup/core/native/unicode_tables.h").read_text("utf-8")
    assert settings.UNICODE_VERSION in header[:2000]


def loaded_by(code: str) -> set[str]:
    """The modules a fresh process has loaded after running `code`."""
    show = "import json, sys; sys.stdout.flush(); json.dump(sorted(sys.modules), sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, check=True, cwd=ROOT
    )
    return set(json.loads(done.stderr))


HEAVY = {
    "numpy", "rich", "pyarrow", "datasketch", "scipy", "dedup.core", *CORRIDOR,
    "trafilatura", "resiliparse", "lxml", "cchardet", "brotli",
}  # fmt: skip


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import dedup") & (HEAVY | {"click"})


def test_a_bridge_loads_its_library_only_to_make_objects() -> None:
    code = "from dedup.interop.datasketch import signatures; signatures(['eins zwei'])"
    assert not loaded_by(code) & {"datasketch", "scipy", "dedup.pipeline"}


def test_the_help_loads_nothing_heavy() -> None:
    for args in ([], *([name] for name in COMMANDS)):
        code = (
            f"import sys; sys.argv = ['dedup', *{args!r}, '--help']\n"
            "from dedup.cli import main\n"
            "try: main()\nexcept SystemExit as end: assert not end.code"
        )
        assert not loaded_by(code) & HEAVY


def test_a_scan_without_a_terminal_loads_no_table_library_and_no_rich() -> None:
    code = "import dedup; assert dedup.scan(['eins', 'zwei']).kept"
    used = {"numpy", "dedup.core", "dedup.pipeline"}
    used |= CORRIDOR["dedup.pipeline"] | CORRIDOR["dedup.corpus"]
    assert not loaded_by(code) & (HEAVY - used | {"click"})
