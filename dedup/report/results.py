"""A result → the files of the output folder, as docs/formats/results.md specifies them.

Takes what the other rooms found and the articles as they were read; writes JSON Lines. The
article lines themselves pass through byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dedup.errors import OutputError
from dedup.records import Counts, InputFile, Removal, Result
from dedup.report.folder import OutputFolder
from dedup.report.lines import dump, group_as_dict, relation_line, removed_line
from dedup.report.spool import Spool
from dedup.settings import VERSION

FORMAT = 1


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
    sources = _sources(result, spool, ids)
    try:
        for name, relations in (("relations", result.relations), ("quotes", result.quotes)):
            with folder.open(f"{name}.jsonl") as file:
                file.writelines(relation_line(relation) + b"\n" for relation in relations)
        _write_lines(folder, "groups.jsonl", (group_as_dict(g, sources) for g in result.groups))
        _write_lines(folder, "rejects.jsonl", (r._asdict() for r in result.rejects))
        _write_lines(folder, "boilerplate.jsonl", (b._asdict() for b in result.boilerplate))
        _write_lines(folder, "inputs.jsonl", (i._asdict() for i in inputs))
        if annotate:
            with folder.open("annotated.jsonl") as file:
                for id_, line in zip(ids, spool.lines(ids), strict=True):
                    file.write(annotate(line, id_) + b"\n")
        position = kept = removed = 0
        with folder.open("kept.jsonl") as keep, folder.open("removed.jsonl") as drop:
            for place in sorted(removals):
                spool.copy(position, place, ids, keep)
                kept += place - position
                line = spool.line(place, ids[place])
                drop.write(removed_line(removals[place], spool.origin(place), line))
                removed += 1
                position = place + 1
            spool.copy(position, len(spool), ids, keep)
            kept += len(spool) - position
        written = Counts(result.counts.read, kept, removed, len(result.rejects))
        written.check()
        with folder.open("run.json") as file:
            file.write(dump(run, indent=1) + b"\n")
        folder.commit()
    except OSError as error:
        raise OutputError(
            f"{folder.partial} cannot be written: {error.strerror or error}. Nothing was replaced."
        ) from error


def _sources(result: Result, spool: Spool, ids: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """Site and date by id, of the articles that are in a group."""
    grouped = {group.keeper for group in result.groups}
    for group in result.groups:
        grouped.update(member.id for member in group.members)
        grouped.update(excerpt.id for excerpt in group.excerpts)
    return {id_: spool.source(n) for n, id_ in enumerate(ids) if id_ in grouped}


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
