"""The output folder: written aside, then renamed, so that it is whole or not there.

Takes a path; gives a folder to write into and puts it in place at the end. It never replaces
anything but an earlier result of its own, and that only when told to.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

from dedup.errors import InputError, OutputError

#: Everything a result folder may hold; docs/formats/results.md describes each file.
FILES = (
    "relations.jsonl", "quotes.jsonl", "groups.jsonl", "kept.jsonl", "removed.jsonl",
    "rejects.jsonl", "boilerplate.jsonl", "inputs.jsonl", "run.json",
)  # fmt: skip
#: What it holds beside them when asked for.
OPTIONAL = ("annotated.jsonl",)
_LOCK = ".lock"
#: The folder of what a scan has done so far (docs/formats/work.md), the file that marks it, and
#: what is there before that file.
WORK, _WORK_MARK = "work", "work.json"
_BEFORE_MARK = {"begin.lock", "work.json.new"}
#: Bytes that wait in memory before they are written.
BUFFERED = 1 << 20


def check_apart(paths: Iterable[str | os.PathLike[str]], out: Path) -> None:
    """Raise InputError when the output folder lies in an input, or an input in it."""
    for path in paths:
        folder = Path(path).resolve()
        if folder.is_dir() and out.resolve().is_relative_to(folder):
            raise InputError(
                f"the output folder {out} lies inside the input folder {path}, so the next run "
                "would read its own results. Choose another folder with -o."
            )
        if os.fspath(path) != "-" and folder.is_relative_to(out.resolve()):
            raise InputError(
                f"the input {path} lies inside the output folder {out}, which would be replaced. "
                "Choose another folder with -o."
            )


class OutputFolder:
    """A result folder in the making; leaving the `with` block by an error removes it.

    With `resume`, or when `keep` is set meanwhile, the work in it stays for another try.

    Raises:
        OutputError: The folder exists (and `force` is off, or it is not one of ours), another
            scan is writing it, or it cannot be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, force: bool = False, resume: bool = False
    ) -> None:
        self.path = Path(os.path.abspath(path))
        self._force = force
        self._resume = resume
        #: Whether an error leaves the folder in the making as it is, to be gone on with.
        self.keep = resume
        if not self.path.name:
            raise OutputError(f"{self.path} cannot be a result. Choose a folder with -o.")
        self.partial = self.path.with_name(self.path.name + ".partial")
        self._lock: IO[bytes] | None = None
        try:
            self._check()
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}.") from error

    def _check(self) -> None:
        """Refuse a place where anything but an earlier result would be replaced."""
        if self.path.is_symlink() or self.path.exists():
            if not self._force:
                raise OutputError(
                    f"{self.path} exists already. Choose another folder with -o, or replace it "
                    "whole with --force."
                )
            names = _names_in(self.path)
            if names and "run.json" not in names:
                raise OutputError(
                    f"{self.path} cannot be replaced: it has no run.json, so it is not a result "
                    "of dedup. Choose another folder with -o."
                )
        for leftover in (self.partial, self._replaced):
            if leftover.is_symlink() or leftover.exists():
                _names_in(leftover)

    @property
    def work(self) -> Path:
        """Where what is done so far lies."""
        return self.partial / WORK

    @property
    def _replaced(self) -> Path:
        return self.path.with_name(self.path.name + ".replaced")

    def __enter__(self) -> OutputFolder:
        ours = False
        try:
            self.partial.mkdir(parents=True, exist_ok=True)
            self._lock = (self.partial / _LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
            for entry in self.partial.iterdir():  # what a killed run left behind
                if entry.name == WORK and entry.is_dir():
                    if not self._resume:
                        shutil.rmtree(entry)
                elif entry.name != _LOCK:
                    entry.unlink()
        except BlockingIOError:
            self._release()
            raise OutputError(f"another scan is writing {self.partial}. Wait for it.") from None
        except OSError as error:
            self._release()
            raise OutputError(f"{self.partial} cannot be written: {error.strerror}.") from error
        except BaseException:  # interrupted before there is anything to keep
            if ours and not self._resume:
                shutil.rmtree(self.partial, ignore_errors=True)
            self._release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None and not self.keep:
            shutil.rmtree(self.partial, ignore_errors=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def open(self, name: str) -> IO[bytes]:
        """A new file of the result."""
        return (self.partial / name).open("w+b", BUFFERED)

    def commit(self) -> None:
        """Put the folder in place; all of it is on disk before anything is replaced."""
        try:
            self._check()  # again: much may have happened meanwhile
        except OutputError as error:
            self._release()
            raise OutputError(f"{error} The result of this run stays in {self.partial}.") from None
        asked = [name for name in OPTIONAL if (self.partial / name).exists()]
        for name in (*FILES, *asked):
            with (self.partial / name).open("rb") as file:
                os.fsync(file.fileno())
        old = self._replaced
        shutil.rmtree(old, ignore_errors=True)
        if self.path.exists():
            self.path.rename(old)
        (self.partial / _LOCK).unlink()
        self.partial.rename(self.path)
        self._release()
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(self.path / WORK, ignore_errors=True)


def _names_in(folder: Path) -> set[str]:
    """Names in a folder that may be replaced: it holds nothing but files of a result."""
    if folder.is_symlink() or not folder.is_dir():
        raise OutputError(
            f"{folder} cannot be replaced: it is not a folder. Choose another one with -o."
        )
    entries = list(folder.iterdir())
    for entry in sorted(entries):
        if entry.name == WORK and _is_work(entry):
            continue
        if (
            entry.name not in (*FILES, *OPTIONAL, _LOCK)
            or not entry.is_file()
            or entry.is_symlink()
        ):
            raise OutputError(
                f"{folder} cannot be replaced: it holds {entry.name}, which is not part of a "
                "result. Move it away, or choose another folder with -o."
            )
    return {entry.name for entry in entries}


def _is_work(folder: Path) -> bool:
    """Whether a folder is what a scan has done so far, or the very beginning of it."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir()}
    return _WORK_MARK in names or names <= _BEFORE_MARK
