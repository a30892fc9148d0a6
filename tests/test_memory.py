"""How much memory there is and how much is needed: limits of groups count, sizes are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import SettingsError
from dedup.memory import available_bytes, check_cap, needed_bytes, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("2G", 2 << 30), ("512M", 512 << 20), ("1.5 GiB", 3 << 29), ("64kb", 64 << 10), ("77", 77)],
)
def test_a_size_is_a_number_with_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2X", "G", "-1G", "0", "1,5G"])
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingsError, match="like 2G"):
        parse_size(text)


def make_root(root: Path, cgroup: str, **files: str) -> Path:
    """A file system with a /proc and a /sys; names have "__" for "/"."""
    for name, text in {"proc__meminfo": "MemAvailable:    4096 kB\n", "proc__self__cgroup": cgroup,
                       **files}.items():  # fmt: skip
        file = root.joinpath(*name.split("__"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_without_groups_the_machine_decides(tmp_path: Path) -> None:
    assert available_bytes(make_root(tmp_path, "0::/\n")) == 4 << 20


def test_the_tightest_group_around_decides_and_its_page_cache_is_free(tmp_path: Path) -> None:
    root = make_root(tmp_path, "0::/jobs/mine\n")
    jobs = root / "sys/fs/cgroup/jobs"
    (jobs / "mine").mkdir(parents=True)
    (jobs / "memory.max").write_text("1000000\n")
    (jobs / "memory.current").write_text("600000\n")
    (jobs / "memory.stat").write_text("anon 100\ninactive_file 200000\n")
    (jobs / "mine" / "memory.max").write_text("max\n")
    assert available_bytes(root) == 600_000


def test_groups_of_the_first_kind_count_too(tmp_path: Path) -> None:
    root = make_root(tmp_path, "5:cpu:/x\n4:memory:/x\n")
    group = root / "sys/fs/cgroup/memory/x"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text("500000\n")
    (group / "memory.usage_in_bytes").write_text("100000\n")
    assert available_bytes(root) == 400_000


@given(st.integers(1, 10**9), st.integers(1, 64))
def test_the_cap_that_an_error_names_is_enough(articles: int, threads: int) -> None:
    with pytest.raises(SettingsError, match="are needed") as error:
        check_cap(needed_bytes(articles, threads), articles, threads)
    named = str(error.value).partition("--memory ")[2].split(" ")[0]
    assert check_cap(parse_size(named), articles, threads) > 0
