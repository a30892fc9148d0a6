"""A result folder → what was removed or is a copy, and from which files.

Takes a folder as `write_results` left it; gives removals and annotations with their places, and the
files that were read. Whether those files are still the same is left to the corridor.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import xxhash

from dedup.errors import InputError
from dedup.records import Excerpt, Group, InputFile, Member, Removal
from dedup.report.annotating import Annotation, excerpt_sides, find_annotations
from dedup.report.results import FORMAT

_RECORD = b',"record":'


class PlacedRemoval(NamedTuple):
    """A removal, where its article came from, and what its line was."""

    removal: Removal
    #: "file:number" (a line, a row, the byte of a record), or the file where that is one article.
    origin: str
    #: XXH3-64 of the article's own line.
    line_hash: int


class ResultFolder:
    """A result folder that is read back.

    Raises:
        InputError: It is no result, or one of a format that is not known here, or damaged.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a folder and read its run.json."""
        self.path = Path(path)
        try:
            self.run: dict[str, Any] = json.loads((self.path / "run.json").read_bytes())
            found = self.run["format"]
        except FileNotFoundError:
            raise InputError(
                f"{self.path} is no result of dedup: it has no run.json. Give the folder that "
                "dedup scan -o wrote."
            ) from None
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self.path}/run.json is damaged: {error}. Scan again.") from error
        if found != FORMAT:
            raise InputError(
                f"{self.path} has format {found}, but this version reads format {FORMAT}. "
                "Scan again."
            )

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file of the result, without their ends."""
        try:
            with (self.path / name).open("rb") as file:
                for line in file:
                    yield line.removesuffix(b"\n")
        except OSError as error:
            raise InputError(
                f"{self.path}/{name} cannot be read: {error.strerror}. A result made before this "
                "file was written must be made again: dedup scan."
            ) from error

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of the result."""
        for number, line in enumerate(self.lines(name), 1):
            yield self._parse(name, number, line)

    def inputs(self) -> list[InputFile]:
        """The files that were read."""
        return [InputFile(**{"charsets": {}, **row}) for row in self.objects("inputs.jsonl")]

    def removals(self) -> Iterator[PlacedRemoval]:
        """What was removed, in the order of the input; only a part of each line is parsed."""
        for number, line in enumerate(self.lines("removed.jsonl"), 1):
            # In the head quotation marks inside of strings are escaped, so this is the field.
            head, found, rest = line.partition(_RECORD)
            row = self._parse("removed.jsonl", number, head + b"}" if found else b"")
            try:
                removal = Removal(*(row[name] for name in Removal._fields))
                yield PlacedRemoval(removal, row["origin"], xxhash.xxh3_64_intdigest(rest[:-1]))
            except KeyError as error:
                raise InputError(
                    f"{self.path}/removed.jsonl, line {number} has no {error}. A result of an "
                    "earlier version must be made again: dedup scan."
                ) from None

    def annotations(self) -> Iterator[tuple[str, Annotation]]:
        """Where each article of a group came from, and what it is a copy of."""
        groups, origins = [], {}
        try:
            for row in self.objects("groups.jsonl"):
                members = tuple(Member(*(m[f] for f in Member._fields)) for m in row["members"])
                excerpts = tuple(Excerpt(*(e[f] for f in Excerpt._fields)) for e in row["excerpts"])
                groups.append(Group(row["keeper"], members, excerpts))
                origins[row["keeper"]] = row["origin"]
                origins.update((a["id"], a["origin"]) for a in [*row["members"], *row["excerpts"]])
            resemblance = {
                excerpt_sides(r["a"], r["b"], r["direction"]): r["resemblance"]
                for r in self.objects("relations.jsonl")
                if r["kind"] == "excerpt"
            }
        except KeyError as error:
            raise InputError(
                f"{self.path}: groups.jsonl or relations.jsonl lacks {error}. A result of an "
                "earlier version must be made again: dedup scan."
            ) from None
        for id_, annotation in find_annotations(groups, resemblance).items():
            yield origins[id_], annotation

    def _parse(self, name: str, number: int, line: bytes) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise InputError(
                f"{self.path}/{name}, line {number} is damaged: {error}. Scan again."
            ) from error
        return value
