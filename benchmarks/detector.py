"""Take hold of the detector under test, and say which one it is.

In: the installed `dedup`. Out: its two calls behind one small protocol, and
a description of machine, versions and settings for the records.
Measuring is left to `quality`; the detector is loaded only when asked for, so that
the makers work without it.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np

CONTENT_KINDS: Final = ("identical", "near-duplicate", "excerpt", "overlap")


class Passage(Protocol):
    """A stretch two texts share; code points, half-open."""

    a_begin: int
    a_end: int
    b_begin: int
    b_end: int


class Relation(Protocol):
    """A verified pair; `direction` is "a_in_b", "b_in_a" or None."""

    kind: str
    a: str
    b: str
    direction: str | None
    passages: Sequence[Passage]


class Removal(Protocol):
    """An article that would not be kept, and the one kept in its place."""

    @property
    def id(self) -> str:
        """The article that goes."""

    @property
    def keeper(self) -> str:
        """The article that stays."""


class Result(Protocol):
    """What a scan found; identical articles are related to the first of them only."""

    relations: Sequence[Relation]
    quotes: Sequence[Relation]
    removals: Sequence[Removal]


class Detector(Protocol):
    """The two calls the benchmarks make."""

    def compare(self, text_a: str, text_b: str, /) -> Relation:
        """Compare two texts; passages are given for the first as a, the second as b."""

    def scan(self, articles: Iterable[Any], /, *, threads: int) -> Result:
        """Find all related pairs among articles with id, text, date and site."""


def load_detector() -> Detector:
    """Load the installed detector.

    Raises:
        SystemExit: It is not installed, or not built.
    """
    try:
        found = importlib.import_module("dedup")
    except ImportError as error:
        raise SystemExit(f"dedup cannot be loaded: {error}\nBuild it first: make build") from error
    missing = [name for name in ("compare", "scan", "Settings") if not hasattr(found, name)]
    if missing:
        raise SystemExit(f"dedup has no {', '.join(missing)}. Build it first: make build")
    return cast(Detector, found)


def backend() -> str:
    """Name the kernels in use: "native", "pure", or "unknown" if the core does not say."""
    try:
        core = importlib.import_module("dedup.core")
        return str(core.backend())
    except (ImportError, AttributeError):
        return "unknown"


def refuse_slow_backend() -> None:
    """Stop before timing kernels that are not the ones users get.

    Raises:
        SystemExit: The backend is "pure".
    """
    if backend() == "pure":
        raise SystemExit("The pure kernels are not timed. Unset DEDUP_BACKEND, or: make build")


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    """Read the commit that is checked out; changes not committed do not show."""
    git = Path(__file__).parent.parent / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        return (git / head.removeprefix("ref: ")).read_text(encoding="utf-8").strip()
    except OSError:
        return "unknown"


def describe_run() -> dict[str, str | int]:
    """Describe when, where and with what a measurement was made."""
    dedup = importlib.import_module("dedup")
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "commit": _commit(),
        "machine": platform.platform(),
        "cpu": _cpu(),
        "num_cpus": os.cpu_count() or 0,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "dedup": str(getattr(dedup, "__version__", "unknown")),
        "backend": backend(),
        "settings": str(dedup.Settings().digest()),
    }


def peak_memory_bytes() -> int:
    """Return the highest resident size of this process so far; 0 where it is not known."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak if sys.platform == "darwin" else peak * 1024
