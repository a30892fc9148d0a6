"""Lists of paths: by line ends or NULs, from a file or standard input."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from dedup.errors import InputError
from dedup.read import read_list


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (b"", []),
        (b"a\nb c\n", ["a", "b c"]),
        (b"a\r\nb", ["a", "b"]),
        (b"\n a \n \n", [" a "]),
        (b"a\nb\0c\0", ["a\nb", "c"]),
        (b"a\0", ["a"]),
        (b"-\nx", ["./-", "x"]),
        (b"\xff\n", [os.fsdecode(b"\xff")]),
    ],
)
def test_a_list_is_split_at_nuls_if_there_are_any_else_at_line_ends(
    tmp_path: Path, data: bytes, paths: list[str]
) -> None:
    (tmp_path / "list").write_bytes(data)
    assert read_list(tmp_path / "list") == paths
    assert read_list("-", io.BytesIO(data)) == paths


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_list(tmp_path / "missing")
    with pytest.raises(InputError, match="cannot be read"):
        read_list(tmp_path)
