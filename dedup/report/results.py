"""A result → the files of the output folder, as docs/formats/results.md specifies them.

Takes what the other rooms found and the articles as they were read; writes JSON Lines, some
thousand at a time. The article lines themselves pass through byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup.errors import OutputError
from dedup.records import (
    Boilerplate,
    Counts,
    GroupColumns,
    InputFile,
    Reject,
    RelationColumns,
    RemovalColumns,
    Result,
)
from dedup.report.folder import OutputFolder
from dedup.report.lines import Name, dump, group_lines, relation_lines, removed_lines
from dedup.report.spool import Spool
from dedup.settings import VERSION

FORMAT = 1
#: Lines that are made at a time.
LINES = 4096


class Findings(NamedTuple):
    """What is written; relations in their order, part by part."""

    relations: Iterable[RelationColumns]
    quotes: Iterable[RelationColumns]
    groups: GroupColumns
    removals: RemovalColumns
    #: Ids of positions.
    name: Name
    rejects: Sequence[Reject]
    boilerplate: Sequence[Boilerplate]
    inputs: Sequence[InputFile]
    #: Articles and rejects.
    read: int


def write_results(
    folder: OutputFolder,
    findings: Findings,
    spool: Spool,
    run: dict[str, Any],
    annotate: Callable[[bytes, str], bytes] | None = None,
) -> None:
    """Write every file of a result and put the folder in place.

    With `annotate` there is one file more, of all articles: their lines, changed by it.

    Raises:
        LostArticle: The lines written do not add up to what was read.
        OutputError: The disk is full or the folder cannot be written.
    """
    groups, name = findings.groups, findings.name
    try:
        for file_name, parts in (("relations", findings.relations), ("quotes", findings.quotes)):
            with folder.open(f"{file_name}.jsonl") as file:
                for part in parts:
                    file.writelines(relation_lines(part))
        with folder.open("groups.jsonl") as file:
            for begin in range(0, len(groups.keepers), LINES):
                end = min(begin + LINES, len(groups.keepers))
                file.writelines(group_lines(groups, begin, end, name, spool.source))
        for file_name in ("rejects", "boilerplate", "inputs"):
            with folder.open(f"{file_name}.jsonl") as file:
                for row in getattr(findings, file_name):
                    file.write(dump(row._asdict()) + b"\n")
        if annotate:
            with folder.open("annotated.jsonl") as file:
                for begin in range(0, len(spool), LINES):
                    rows = np.arange(begin, min(begin + LINES, len(spool)))
                    for n, id_ in zip(rows.tolist(), name(rows), strict=True):
                        file.write(annotate(spool.line(n), id_) + b"\n")
        kept, removed = _write_articles(folder, findings.removals, spool, name)
        Counts(findings.read, kept, removed, len(findings.rejects)).check()
        with folder.open("run.json") as file:
            file.write(dump(run, indent=1) + b"\n")
        folder.commit()
    except OSError as error:
        raise OutputError(
            f"{folder.partial} cannot be written: {error.strerror or error}. Nothing was replaced."
        ) from error


def _write_articles(
    folder: OutputFolder, removals: RemovalColumns, spool: Spool, name: Name
) -> tuple[int, int]:
    """Write kept.jsonl and removed.jsonl; gives the number of lines of each."""
    position = kept = removed = 0
    with folder.open("kept.jsonl") as keep, folder.open("removed.jsonl") as drop:
        for begin in range(0, len(removals.articles), LINES):
            rows = slice(begin, begin + LINES)
            places = removals.articles[rows].tolist()
            heads = removed_lines(removals, rows, name, [spool.origin(n) for n in places])
            for place, head in zip(places, heads, strict=True):
                spool.copy(position, place, keep)
                kept += place - position
                drop.write(head + spool.line(place) + b"}\n")
                removed += 1
                position = place + 1
        spool.copy(position, len(spool), keep)
        kept += len(spool) - position
    return kept, removed


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
