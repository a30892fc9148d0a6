"""A result → the files of the output folder, as docs/formats/results.md specifies them.

Takes what the other rooms found and the records as they were read; writes JSON Lines. The
article lines themselves pass through byte for byte.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any

from dedup.errors import OutputError
from dedup.records import (
    Counts,
    Excerpt,
    Group,
    InputFile,
    Member,
    Record,
    Relation,
    Removal,
    Result,
)
from dedup.report.folder import OutputFolder
from dedup.settings import VERSION

FORMAT = 1


def dump(value: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8, compact without `indent`; lone surrogates stay escaped."""
    separators = (",", ":") if indent is None else None
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, separators=separators).encode()


def group_as_dict(group: Group, sources: Mapping[str, tuple[str, int | None]]) -> dict[str, Any]:
    """A group as groups.jsonl has it; `sources` gives site and date of each article by id."""

    def row(article: Member | Excerpt) -> dict[str, Any]:
        site, date = sources[article.id]
        return {**_rounded(article._asdict()), "site": site, "date": date}

    site, date = sources[group.keeper]
    return {
        "keeper": group.keeper,
        "site": site,
        "date": date,
        "size": len(group.members) + 1,
        "weakest_resemblance": round(group.weakest_resemblance, 6),
        "members": [row(member) for member in group.members],
        "excerpts": [row(excerpt) for excerpt in group.excerpts],
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}


class Spool:
    """Article lines on disk while the scan is under way, in input order.

    Articles from sources without lines wait as text; their line is made of id and text.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sizes = array("q")
        self._origins = array("q")
        #: Site and date of each article.
        self.sources: list[tuple[str, int | None]] = []

    def add(self, record: Record) -> None:
        """Append the line of one article."""
        try:
            self._file.write(record.line or record.text)
            origin = record.origin.encode()
            self._file.write(origin)
        except OSError as error:
            raise OutputError(f"the articles cannot be put aside: {error.strerror}.") from error
        self._sizes.append(len(record.line) or -len(record.text))
        self._origins.append(len(origin))
        self.sources.append((record.site, record.date))

    def lines(self, ids: Sequence[str]) -> Iterable[tuple[bytes, str]]:
        """All lines, without line ends, and origins, in the order they were added."""
        self._file.seek(0)
        for id_, size, origin in zip(ids, self._sizes, self._origins, strict=True):
            data = self._file.read(abs(size))
            text = "" if size > 0 else data.decode("utf-8", "surrogatepass")
            line = data if size > 0 else dump({"id": id_, "text": text})
            yield line, self._file.read(origin).decode()


def write_results(
    folder: OutputFolder,
    result: Result,
    spool: Spool,
    ids: Sequence[str],
    removals: dict[int, Removal],
    run: dict[str, Any],
    inputs: Sequence[InputFile] = (),
    annotate: Callable[[bytes, str], bytes] | None = None,
) -> None:
    """Write every file of a result and put the folder in place.

    With `annotate` there is one file more, of all articles: their lines, changed by it.

    Raises:
        LostArticle: The lines written do not add up to what was read.
        OutputError: The disk is full or the folder cannot be written.
    """
    sources = dict(zip(ids, spool.sources, strict=True))
    try:
        _write_lines(folder, "relations.jsonl", (r.as_dict() for r in result.relations))
        _write_lines(folder, "quotes.jsonl", (r.as_dict() for r in result.quotes))
        _write_lines(folder, "groups.jsonl", (group_as_dict(g, sources) for g in result.groups))
        _write_lines(folder, "rejects.jsonl", (r._asdict() for r in result.rejects))
        _write_lines(folder, "boilerplate.jsonl", (b._asdict() for b in result.boilerplate))
        _write_lines(folder, "inputs.jsonl", (i._asdict() for i in inputs))
        if annotate:
            with folder.open("annotated.jsonl") as file:
                for id_, (line, _) in zip(ids, spool.lines(ids), strict=True):
                    file.write(annotate(line, id_) + b"\n")
        kept = removed = 0
        with folder.open("kept.jsonl") as keep, folder.open("removed.jsonl") as drop:
            for position, (line, origin) in enumerate(spool.lines(ids)):
                removal = removals.get(position)
                if removal is None:
                    keep.write(line + b"\n")
                    kept += 1
                else:
                    drop.write(removed_line(removal, origin, line))
                    removed += 1
        written = Counts(result.counts.read, kept, removed, len(result.rejects))
        written.check()
        with folder.open("run.json") as file:
            file.write(dump(run, indent=1) + b"\n")
        folder.commit()
    except OSError as error:
        raise OutputError(
            f"{folder.partial} cannot be written: {error.strerror or error}. Nothing was replaced."
        ) from error


def removed_line(removal: Removal, origin: str, line: bytes) -> bytes:
    """A removal as removed.jsonl has it, with the article's own line inside, byte for byte."""
    more = {"lost_share": removal.lost_share, "origin": origin}
    head = dump(_rounded({**removal._asdict(), **more}))
    return head[:-1] + b',"record":' + line + b"}\n"


def _write_lines(folder: OutputFolder, name: str, values: Iterable[dict[str, Any]]) -> None:
    with folder.open(name) as file:
        for value in values:
            file.write(dump(value) + b"\n")


def run_as_dict(result: Result, inputs: Sequence[str]) -> dict[str, Any]:
    """run.json: what was asked and what came out; equal for equal input and settings."""
    counts = result.counts
    return {
        "format": FORMAT,
        "dedup": VERSION,
        "settings_digest": result.settings.digest(),
        "settings": result.settings.as_dict(),
        "inputs": list(inputs),
        "counts": {
            "read": counts.read,
            "kept": counts.kept,
            "removed": counts.removed,
            "rejected": counts.rejected,
            "bytes": counts.bytes,
            "removed_bytes": counts.removed_bytes,
            "removed_by_kind": counts.removed_kinds,
            "rejected_by_reason": counts.reasons,
            "relations": counts.relations,
            "groups": counts.groups,
            "without_words": counts.without_words,
            "undated": counts.undated,
            "duplicate_ids": counts.duplicate_ids,
            "candidates": counts.candidates,
            "aligned": counts.aligned,
            "boilerplate": counts.boilerplate,
            "boilerplate_only": counts.boilerplate_only,
            "without_site": counts.without_site,
            "common_keys": counts.common_keys,
            "crowded_articles": counts.crowded_articles,
        },
        "rejects": [reject._asdict() for reject in result.rejects[:100]],
        "renamed": result.renamed,
    }


def relation_line(relation: Relation) -> bytes:
    """One relation as relations.jsonl has it."""
    return dump(relation.as_dict())
