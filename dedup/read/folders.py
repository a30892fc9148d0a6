"""Find the files of a corpus folder, and the kind and the name of a path.

In: a folder and the suffixes that are wanted. Out: paths, sorted. Opening them is left to the
readers.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from dedup.read.fields import escape_surrogates
from dedup.read.rejects import Rejects

#: What may follow any suffix.
COMPRESSED = (".gz", ".zst", ".bz2", ".xz")


def find_files(
    folder: str | os.PathLike[str], suffixes: tuple[str, ...], rejects: Rejects
) -> Iterator[tuple[str, str]]:
    """Find the files with one of these suffixes, at any depth, sorted by path.

    Symbolic links to files are followed, to folders they are not, so a loop of them ends.
    A folder that cannot be listed and a wanted file that is a pipe or device are rejects.

    Yields:
        The path to open, and the path inside the folder with "/" between its parts.
    """

    def refuse(error: OSError) -> None:
        path = error.filename if isinstance(error.filename, str) else os.fspath(folder)
        rejects.add(name_path(path), 0, "unreadable", str(error))

    found = []
    for parent, _, names in os.walk(folder, onerror=refuse):
        for name in names:
            if has_suffix(name, suffixes):
                file = Path(parent, name)
                found.append((file.relative_to(folder).as_posix(), str(file)))
    for inner, path in sorted(found):
        if _is_special(path):
            rejects.add(name_path(path), 0, "unreadable", "expected a file; found a pipe or device")
        else:
            yield path, escape_surrogates(inner)


def has_suffix(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a name ends in one of the suffixes, compressed or not, in any case."""
    return _strip_compressed(name).lower().endswith(suffixes)


def strip_suffixes(name: str, suffixes: tuple[str, ...]) -> str:
    """The name without suffix and compression; all of it if nothing else would be left."""
    short = _strip_compressed(name)
    for suffix in suffixes:
        if short.lower().endswith(suffix):
            short = short[: len(short) - len(suffix)]
            break
    return name if short == "" or short.endswith("/") else short


def name_path(path: str | os.PathLike[str]) -> str:
    """The path as given, with bytes that are not UTF-8 escaped."""
    return escape_surrogates(os.fspath(path))


def _strip_compressed(name: str) -> str:
    for suffix in COMPRESSED:
        if name.lower().endswith(suffix):
            return name[: len(name) - len(suffix)]
    return name


def _is_special(path: str) -> bool:
    """Whether opening could wait for ever; a missing file is found out by opening it."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
