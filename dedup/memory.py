"""How much memory and how many cores there are, and how much a corpus needs whatever the cap.

In: what the system says. Out: bytes. Nothing is measured while a scan is under way: what is needed
follows from the number of articles.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from dedup.errors import SettingsError

#: Bytes of the process with its libraries, buffers and batches under way, on one thread, and for
#: each further thread.
BASE_BYTES, THREAD_BYTES = 160 << 20, 48 << 20
#: Bytes of an article that are in memory whatever the cap: measured 380 of columns, and while
#: candidates are found 430 of mapped signatures and marks.
ARTICLE_BYTES = 840
#: Share of what is there that is taken when no cap is given.
_SHARE = 4
#: Joins have that part of what is needed at least: in many small runs they are slow, but they go.
_LEAST = 8
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_size(text: str) -> int:
    """Bytes of "2G", "512M", "1.5 GiB" or a plain number; units are powers of 1,024.

    Raises:
        SettingsError: It is no size.
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if not size:
        raise SettingsError(f"memory must be a size like 2G or 512M, but is {text!r}.")
    return size


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_bytes(root: Path = Path("/")) -> int:
    """Memory this process may still take: of the machine and of its control groups.

    Args:
        root: Where /proc and /sys are.
    """
    found = [_meminfo(root)]
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, kinds, path = line.split(":", 2)
        if number == "0":
            base, most, now = root / "sys/fs/cgroup", "memory.max", "memory.current"
        elif "memory" in kinds.split(","):
            base = root / "sys/fs/cgroup/memory"
            most, now = "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        parts = [part for part in path.split("/") if part and part != ".."]
        # The limits of all groups around hold too.
        for depth in range(len(parts) + 1):
            group = base.joinpath(*parts[:depth])
            limit, used = _read(group / most).strip(), _read(group / now).strip()
            if limit.isdecimal():
                cache = re.search(
                    r"^(?:total_)?inactive_file (\d+)$", _read(group / "memory.stat"), re.M
                )
                taken = int(used or 0) - (int(cache[1]) if cache else 0)
                found.append(max(int(limit) - max(taken, 0), 0))
    return min(found)


def needed_bytes(articles: int, threads: int) -> int:
    """Bytes that a corpus needs whatever the cap."""
    return BASE_BYTES + (threads - 1) * THREAD_BYTES + articles * ARTICLE_BYTES


def parse_cap(memory: int | str | None) -> int | None:
    """Bytes of a cap as it was given; None where none was.

    Raises:
        SettingsError: It is no size.
    """
    return parse_size(memory) if isinstance(memory, str) else memory or None


def check_cap(cap: int | None, articles: int, threads: int) -> int:
    """What a cap leaves for joins, in bytes.

    Without one it is a quarter of what is available, or what is needed where that is more.

    Raises:
        SettingsError: The corpus does not go into it; the message says how much is needed.
    """
    needed = needed_bytes(articles, threads)
    least = needed // _LEAST
    if cap is None:
        available = available_bytes()
        cap = max(available // _SHARE, min(needed + least, available))
    left = cap - needed
    if left < least:
        raise SettingsError(
            f"{articles:,} articles do not go into {cap / (1 << 20):,.0f} MiB of memory: "
            f"{(needed + least) / (1 << 20):,.0f} MiB are needed. Give --memory "
            f"{(needed + least) // (1 << 20) + 1}M or more; what is done so far stays, so go on "
            "with --resume."
        )
    return left


def _meminfo(root: Path) -> int:
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", _read(root / "proc/meminfo"), re.M)
    return int(found[1]) << 10 if found else 4 << 30


def _read(path: Path) -> str:
    """A file of the system; "" where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
