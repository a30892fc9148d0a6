"""Say where and with what a measurement was made, and keep it.

In: numbers. Out: a JSON file in `results/`: date, commit, machine, compiler, versions, backend, and
the numbers. Conditions that would make numbers useless are refused before anything is measured.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import json
import platform
import re
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.detector import describe_run, refuse_slow_backend

RESULTS: Final = Path(__file__).parent / "results"
ROOT: Final = Path(__file__).parent.parent
#: Raised when fields change their meaning; tables are made from records of this version.
VERSION: Final = 1
# vector::operator[] as g++ and clang name it. It has a symbol of its own only where nothing is
# inlined, that is where nothing was optimized.
_ACCESSORS: Final = tuple(
    f"_ZN{const}St6vectorI{item}SaI{item}EEixEm" for const in ("", "K") for item in "hjmi"
)


def refuse_bad_conditions(module: Path | None = None) -> None:
    """Stop before timing what no user runs.

    Args:
        module: The compiled module; the one in use when not given.

    Raises:
        SystemExit: The kernels are pure, or were built for debugging or with sanitizers, or the
            Python is a debug build.
    """
    refuse_slow_backend()
    if sysconfig.get_config_var("Py_DEBUG"):
        raise SystemExit("A debug build of Python is not timed. Use a release build.")
    module = module or compiled_module()
    code = module.read_bytes()
    if b"__asan_" in code or b"__ubsan_" in code:
        raise SystemExit("Kernels with sanitizers are not timed. Build them again: make build")
    library = ctypes.CDLL(str(module))
    if any(hasattr(library, accessor) for accessor in _ACCESSORS):
        raise SystemExit(
            "The kernels were compiled without optimization (an accessor is not inlined). "
            "Unset CFLAGS and build them again: touch setup.py && make build"
        )


def compiled_module() -> Path:
    """The file of the compiled core.

    Raises:
        SystemExit: There is none.
    """
    try:
        return Path(str(importlib.import_module("dedup.core._native").__file__))
    except ImportError as error:
        raise SystemExit("The core is not compiled. Build it: make build") from error


def compiler() -> str:
    """The compiler of the core, as it signs its work; "unknown" where it does not."""
    found = re.search(rb"(GCC: [^\0]*|clang version [^\0]*)\0", compiled_module().read_bytes())
    return found[1].decode("ascii", "replace") if found else "unknown"


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _memory_bytes() -> int:
    """Memory of the machine; 0 where it is not known."""
    info = Path("/proc/meminfo")
    if not info.exists():
        return 0
    found = re.search(r"^MemTotal:\s+(\d+) kB", info.read_text("ascii"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def describe() -> dict[str, Any]:
    """Everything about where and with what; changes that are not committed show as "+"."""
    core = importlib.import_module("dedup.core")
    commit = _git("rev-parse", "HEAD") or "unknown"
    changed = _git("status", "--porcelain", "--", "dedup", "setup.py", "benchmarks/engines")
    return {
        "version": VERSION,
        **describe_run(),
        "commit": commit + ("+" if changed else ""),
        "machine": f"{platform.system()} {platform.machine()} {' '.join(platform.libc_ver())}",
        "memory_bytes": _memory_bytes(),
        "compiler": compiler(),
        "cpu_level": str(core.cpu_level()),
        "xxhash": importlib.metadata.version("xxhash"),
    }


def machine_name(about: Mapping[str, Any]) -> str:
    """A name for files: processor and number of cores, never the name of the host."""
    words = re.sub(r"\((R|TM)\)|CPU|Processor|@.*", " ", str(about["cpu"]))
    return "-".join([*re.findall(r"[\w.]+", words), f"{about['num_cpus']}c"])


def write_record(
    about: Mapping[str, Any], measured: Mapping[str, Any], name: str = "", folder: Path = RESULTS
) -> Path:
    """Write DATE-MACHINE.json, or DATE-MACHINE-NAME.json; one of the same day is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [time.strftime("%Y-%m-%d"), machine_name(about), *([name] if name else [])]
    path = folder / ("-".join(parts) + ".json")
    record = {**about, **measured}
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def records(folder: Path = RESULTS, name: str = "") -> list[Path]:
    """The records of a name, oldest first; without a name those of whole benchmarks."""
    found = []
    for path in sorted(folder.glob("*.json")):
        rest = re.fullmatch(r"\d{4}-\d\d-\d\d-(?:.*?-)?\d+c(?:-([a-z]+))?\.json", path.name)
        if rest and (rest[1] or "") == name:
            found.append(path)
    return found
