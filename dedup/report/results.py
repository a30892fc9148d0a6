"""A result → the files of the output folder, as docs/formats/results.md specifies them.

Takes what the other rooms found and the records as they were read; writes JSON Lines. The
article lines themselves pass through byte for byte.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from typing import IO, Any

from dedup.errors import OutputError
from dedup.records import Counts, Group, Record, Relation, Removal, Result
from dedup.report.folder import OutputFolder
from dedup.settings import VERSION

FORMAT = 1
#: Bytes of article lines that are copied at a time.
COPIED = 1 << 20

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_quote = _COMPACT.encode


def dump(value: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8, compact without `indent`; lone surrogates stay escaped."""
    try:
        if indent is None:
            return _COMPACT.encode(value).encode()
        return json.dumps(value, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:
        separators = (",", ":") if indent is None else None
        return json.dumps(value, indent=indent, separators=separators).encode()


def group_as_dict(group: Group) -> dict[str, Any]:
    """A group as groups.jsonl has it."""
    return {
        "keeper": group.keeper,
        "size": len(group.members) + 1,
        "weakest_resemblance": round(group.weakest_resemblance, 6),
        "members": [_rounded(member._asdict()) for member in group.members],
        "excerpts": [_rounded(excerpt._asdict()) for excerpt in group.excerpts],
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}


class Spool:
    """Article lines on disk while the scan is under way, in input order.

    Articles from sources without lines wait as text; their line is made of id and text.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        #: Where each article begins, and where the last one ends; and whether it has a line.
        self._begins = array("q", [0])
        self._has_line = bytearray()

    def add(self, record: Record) -> None:
        """Append the line of one article."""
        try:
            size = self._file.write((record.line or record.text) + b"\n")
        except OSError as error:
            raise OutputError(f"the articles cannot be put aside: {error.strerror}.") from error
        self._begins.append(self._begins[-1] + size)
        self._has_line.append(bool(record.line))

    def __len__(self) -> int:
        """Articles that wait."""
        return len(self._has_line)

    def line(self, position: int, id_: str) -> bytes:
        """The line of one article, without its end."""
        begin, end = self._begins[position : position + 2]
        self._file.seek(begin)
        data = self._file.read(end - begin - 1)
        if self._has_line[position]:
            return data
        return dump({"id": id_, "text": data.decode("utf-8", "surrogatepass")})

    def copy(self, begin: int, end: int, ids: Sequence[str], out: IO[bytes]) -> None:
        """Write the lines of the articles begin..end with their ends; those in a row as one."""
        while begin < end:
            stop = self._has_line.find(0, begin, end)
            stop = end if stop < 0 else stop
            self._copy_bytes(self._begins[begin], self._begins[stop], out)
            if stop < end:
                out.write(self.line(stop, ids[stop]) + b"\n")
            begin = stop + 1

    def _copy_bytes(self, begin: int, end: int, out: IO[bytes]) -> None:
        self._file.seek(begin)
        while begin < end:
            data = self._file.read(min(COPIED, end - begin))
            if not data:
                raise OutputError("the articles that were put aside are gone.")
            out.write(data)
            begin += len(data)


def write_results(
    folder: OutputFolder,
    result: Result,
    spool: Spool,
    ids: Sequence[str],
    removals: dict[int, Removal],
    run: dict[str, Any],
) -> None:
    """Write every file of a result and put the folder in place.

    Raises:
        LostArticle: The lines written do not add up to what was read.
        OutputError: The disk is full or the folder cannot be written.
    """
    try:
        for name, relations in (("relations", result.relations), ("quotes", result.quotes)):
            with folder.open(f"{name}.jsonl") as file:
                file.writelines(relation_line(relation) + b"\n" for relation in relations)
        _write_lines(folder, "groups.jsonl", (group_as_dict(g) for g in result.groups))
        _write_lines(folder, "rejects.jsonl", (r._asdict() for r in result.rejects))
        _write_lines(folder, "boilerplate.jsonl", (b._asdict() for b in result.boilerplate))
        position = kept = removed = 0
        with folder.open("kept.jsonl") as keep, folder.open("removed.jsonl") as drop:
            for place in sorted(removals):
                spool.copy(position, place, ids, keep)
                kept += place - position
                head = _removal_head(removals[place])
                drop.write(head + spool.line(place, ids[place]) + b"}\n")
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
    """One relation as relations.jsonl has it: `as_dict` as JSON, without going through it."""
    r = relation
    passages = ",".join(
        f'{{"a_begin":{p[0]},"a_end":{p[1]},"b_begin":{p[2]},"b_end":{p[3]},"words":{p[4]!r},'
        f'"identity":{round(p[5], 6)!r}}}'
        for p in r.passages
    )
    line = (
        f'{{"a":{_quote(r.a)},"b":{_quote(r.b)},"kind":"{r.kind}",'
        f'"direction":{_quote(r.direction) if r.direction else "null"},'
        f'"resemblance":{round(r.resemblance, 6)!r},'
        f'"containment_a_in_b":{round(r.containment_a_in_b, 6)!r},'
        f'"containment_b_in_a":{round(r.containment_b_in_a, 6)!r},'
        f'"jaccard":{round(r.jaccard, 6)!r},'
        f'"shingles_a_in_b":{round(r.shingles_a_in_b, 6)!r},'
        f'"shingles_b_in_a":{round(r.shingles_b_in_a, 6)!r},'
        f'"longest_passage":{r.longest_passage!r},"longest_run":{r.longest_run},'
        f'"passages":[{passages}]}}'
    )
    try:
        return line.encode()
    except UnicodeEncodeError:
        return dump(r.as_dict())


def _removal_head(removal: Removal) -> bytes:
    """A line of removed.jsonl up to where the record stands."""
    r = removal
    values = {**r._asdict(), "lost_share": r.lost_share}
    return dump(_rounded(values))[:-1] + b',"record":'
