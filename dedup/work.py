"""The work folder: what a scan was asked for, and the shelves of what is done of it.

Takes a folder; gives shelves by name, and refuses to go on with anything but what the folder was
begun with. What is on the shelves, and in which order they are filled, is left to `steps` and
`stages`. Format: docs/formats/work.md.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dedup.errors import OutputError, SettingsError
from dedup.read import Fields
from dedup.records import Given, InputFile, Reject
from dedup.settings import TEXT_VERSION, VERSION, Settings
from dedup.shelf import Column, DiskShelf, MemoryShelf, Shelf

FORMAT = 1
_MANIFEST = "work.json"


class Shelves(Protocol):
    """Where shelves are."""

    def open(self, name: str, columns: Mapping[str, Column]) -> Shelf:
        """The shelf of this name."""

    def locked(self, name: str) -> AbstractContextManager[object]:
        """Nobody else fills the shelf meanwhile."""


class MemoryShelves:
    """Shelves of a process, each new."""

    def open(self, name: str, columns: Mapping[str, Column]) -> Shelf:
        """A new shelf."""
        return MemoryShelf(columns)

    def locked(self, name: str) -> AbstractContextManager[object]:
        """Nobody else is there."""
        return nullcontext()


@dataclass(frozen=True)
class Asked:
    """What decides a result, and so must not change before it is there."""

    paths: Sequence[str]
    settings: Settings = field(default_factory=Settings)
    fields: Fields = field(default_factory=Fields)
    given: Given = field(default_factory=Given)
    annotate: bool = False
    #: Parts in which the input is read and sketched.
    parts: int = 1

    def as_dict(self) -> dict[str, Any]:
        """As the manifest has it."""
        given = {
            "texts": list(self.given.texts),
            "allowed": list(self.given.allowed),
            "keep": sorted(self.given.keep),
        }
        return {
            "paths": list(self.paths),
            "settings": self.settings.as_dict(),
            "fields": {key: list(names) for key, names in asdict(self.fields).items()},
            "given": given,
            "annotate": self.annotate,
            "parts": self.parts,
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Asked:
        """What a manifest says."""
        given = values["given"]
        return Asked(
            paths=values["paths"],
            settings=Settings(**values["settings"]),
            fields=Fields(**{key: tuple(names) for key, names in values["fields"].items()}),
            given=Given(tuple(given["texts"]), tuple(given["allowed"]), frozenset(given["keep"])),
            annotate=values["annotate"],
            parts=values["parts"],
        )


class WorkFolder:
    """A folder of shelves, begun for one question.

    Raises:
        OutputError: It cannot be written, or is none of ours, or of another format.
    """

    def __init__(self, path: Path) -> None:
        """Look at a folder; `begin` or `go_on` comes next."""
        self.path = path

    def begin(self, asked: Asked) -> None:
        """Write down what is asked for, or compare it with what is there already."""
        values = {
            "format": FORMAT,
            "dedup": VERSION,
            "text_version": TEXT_VERSION,
            "settings_digest": asked.settings.digest(),
            "folder": os.getcwd(),
            **asked.as_dict(),
        }
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self.locked("begin"):
                if (self.path / _MANIFEST).exists():
                    self.go_on(asked)
                    return
                new = self.path / (_MANIFEST + ".new")
                new.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
                new.rename(self.path / _MANIFEST)
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}.") from error

    def go_on(self, asked: Asked | None = None) -> Asked:
        """What the folder was begun with; `asked` must be the same where it is given.

        Raises:
            SettingsError: Something else is asked for now; both values are named.
        """
        try:
            values = json.loads((self.path / _MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OutputError(
                f"{self.path} holds no work that could be gone on with. Begin without --resume."
            ) from error
        for name, mine in (
            ("format", FORMAT), ("dedup", VERSION), ("text_version", TEXT_VERSION),
        ):  # fmt: skip
            if values.get(name) != mine:
                raise OutputError(
                    f"{self.path} was begun with {name} {values.get(name)}, and this is {name} "
                    f"{mine}. Begin again without --resume."
                )
        known = Asked.from_dict(values)
        if asked is not None:
            check_same(known, asked)
        moved = values["folder"] != os.getcwd()
        if moved and any(not os.path.isabs(path) and path != "-" for path in known.paths):
            raise SettingsError(
                f"the paths were given in {values['folder']}, and this is {os.getcwd()}. Go on "
                "from there."
            )
        return known

    def has_begun(self) -> bool:
        """Whether there is anything to go on with."""
        return (self.path / _MANIFEST).is_file()

    def open(self, name: str, columns: Mapping[str, Column]) -> Shelf:
        """The shelf of this name, as it was committed last."""
        return DiskShelf(self.path / name, columns)

    def remove(self, name: str) -> None:
        """Remove a shelf."""
        shutil.rmtree(self.path / name, ignore_errors=True)

    def holds(self, name: str) -> bool:
        """Whether there is a shelf of this name."""
        return (self.path / name).is_dir()

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Wait until nobody else holds this lock."""
        with (self.path / f"{name}.lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def check_same(known: Asked, asked: Asked) -> None:
    """Raise SettingsError when two questions differ; the first difference is named."""
    was, now = known.as_dict(), asked.as_dict()
    for group in ("settings", "fields", "given"):
        was |= {f"{group}.{key}": value for key, value in was.pop(group).items()}
        now |= {f"{group}.{key}": value for key, value in now.pop(group).items()}
    for name, value in was.items():
        if now[name] != value:
            short = name.removeprefix("settings.").removeprefix("given.")
            raise SettingsError(
                f"this scan was begun with {short} = {_show(value)}, and now {short} = "
                f"{_show(now[name])} is asked for. Go on with what it was begun with, or begin "
                "again without --resume."
            )


def _show(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 200 else shown[:200] + "..."


#: What is kept of the reading beside the articles: lines of JSON.
BOOK_COLUMNS = {"rejects": Column("u1"), "inputs": Column("u1")}


def write_books(shelf: Shelf, rejects: Sequence[Reject], inputs: Sequence[InputFile]) -> None:
    """Keep what could not be used, and the files that were read."""
    for name, rows in (("rejects", rejects), ("inputs", inputs)):
        shelf.append(name, "".join(json.dumps(list(row)) + "\n" for row in rows).encode())
    shelf.commit({"whole": True})


def read_books(shelf: Shelf) -> tuple[list[Reject], list[InputFile]]:
    """What `write_books` kept."""
    rejects, inputs = (
        [json.loads(line) for line in shelf.read(name, 0, shelf.count(name)).splitlines()]
        for name in ("rejects", "inputs")
    )
    return [Reject(*row) for row in rejects], [InputFile(*row) for row in inputs]
