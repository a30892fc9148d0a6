"""Read a list of paths: what `--files-from` names.

In: a file, or standard input for "-". Out: the paths in it, in their order. Opening them is left
to `open_corpus`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from dedup.errors import InputError

#: Bytes of the longest list: some millions of paths.
_LONGEST = 1 << 30


def read_list(file: str | os.PathLike[str], stdin: BinaryIO | None = None) -> list[str]:
    """Read the paths of a list.

    Args:
        file: paths apart by NULs if there is a NUL in it, else by line ends; "-" for standard
            input. Blank lines are no paths, and "-" in the list is a file of that name.
        stdin: what "-" stands for; sys.stdin.buffer if None.

    Raises:
        InputError: the list cannot be read.
    """
    try:
        if os.fspath(file) != "-":
            with Path(file).open("rb") as opened:
                data = opened.read(_LONGEST + 1)
        elif stdin is None and sys.stdin is None:
            raise InputError("standard input is closed, but '-' asks for it.")
        else:
            data = (stdin or sys.stdin.buffer).read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"the list {os.fspath(file)} cannot be read: {error}") from error
    if len(data) > _LONGEST:
        raise InputError(f"the list {os.fspath(file)} is longer than {_LONGEST} bytes.")
    has_nuls = b"\0" in data
    names = data.split(b"\0") if has_nuls else data.replace(b"\r\n", b"\n").split(b"\n")
    paths = [os.fsdecode(name) for name in names if name and (has_nuls or not name.isspace())]
    return ["./-" if path == "-" else path for path in paths]
