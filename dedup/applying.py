"""The corridor of a result that is carried out: a corpus without what was removed, or annotated.

    report (what goes) → read (the files as they are) → report (the files as they shall be)

Every file is compared with what the scan read, and every line that goes with what it was.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dedup.errors import InputError, OutputError
from dedup.read import (
    ByteStream,
    CutFile,
    as_utf8,
    describe_file,
    find_row_ends,
    find_spans,
    list_members,
    open_stream,
    read_member,
    read_stored,
)
from dedup.records import InputFile, Progress, Removal
from dedup.report import (
    Annotation,
    CorpusFolder,
    ResultFolder,
    annotate_lines,
    annotate_rows,
    annotate_table,
    encode_blocks,
    open_packed,
    without_lines,
    without_spans,
    write_member,
    write_table,
)

_BLOCK = 1 << 20
#: Changed files that are named.
_NAMED = 5
#: Formats of crawl files: of these a record that stays is not packed again.
_CRAWLS = ("WARC", "ARC")
_TABLES, _LINES = "Parquet and Arrow", "JSON Lines"
#: Formats of which an article has fields.
_ANNOTATED = (_TABLES, _LINES, "CSV")
#: Number of an article that is a whole file.
_WHOLE = -1


@dataclass
class Plan:
    """What is to be done, file by file."""

    result: ResultFolder
    files: list[InputFile]
    #: Path of each file below the folder that all inputs have in common.
    inner: dict[str, str]
    #: What goes from each file: the number in its origin (a line, a row, or the byte of a record;
    #: -1 for the whole file) → XXH3-64 of its line in the result.
    gone: dict[str, dict[int, int]]
    #: Files the scan could not use, with the reason; they are not written.
    unused: dict[str, str]
    removed_kinds: Counter[str] = field(default_factory=Counter)
    #: What is said of articles, by the same numbers; None: nothing is said, and some go.
    notes: dict[str, dict[int, Annotation]] | None = None
    #: Time of each file's last change, before it was compared.
    changed: dict[str, int] = field(default_factory=dict)

    def place_of(self, origin: str) -> tuple[str, int]:
        """The file and the number of an origin.

        Raises:
            InputError: It names no file that was read.
        """
        names = self.inner
        file, _, number = origin.rpartition(":")
        if origin in names:
            return origin, _WHOLE
        if file in names and number.isdecimal():
            return file, int(number)
        raise InputError(f"{self.result.path}/inputs.jsonl does not name {origin}. Scan again.")

    def is_left_out(self, file: str) -> bool:
        """Whether the whole file goes."""
        return _WHOLE in self.gone.get(file, ())


@dataclass
class Applied:
    """What was done."""

    copied: int = 0
    rewritten: int = 0
    left_out: int = 0
    #: Stored bytes of all files before and after.
    bytes_before: int = 0
    bytes_after: int = 0
    #: Files that were cut, each with the plain bytes before the cut: the rest is lost already.
    cut: dict[str, int] = field(default_factory=dict)
    #: Files of formats that have no place for an annotation.
    unmarked: list[str] = field(default_factory=list)


def plan_removal(result: str | os.PathLike[str], progress: Progress | None = None) -> Plan:
    """Read a result and compare its inputs with the files as they are now.

    Raises:
        InputError: It is no result; a file is not what it was; or it cannot be written again.
    """
    plan = _open_plan(result)
    for placed in plan.result.removals():
        plan.removed_kinds[placed.removal.reason] += 1
        file, number = plan.place_of(placed.origin)
        plan.gone[file][number] = placed.line_hash
    _check_unchanged(plan, progress)
    return plan


def plan_annotation(result: str | os.PathLike[str], progress: Progress | None = None) -> Plan:
    """The same with nothing that goes, and all articles of groups annotated.

    Raises:
        InputError: As of `plan_removal`.
    """
    plan = _open_plan(result)
    plan.notes = defaultdict(dict)
    for origin, annotation in plan.result.annotations():
        file, number = plan.place_of(origin)
        plan.notes[file][number] = annotation
    _check_unchanged(plan, progress)
    return plan


def _open_plan(result: str | os.PathLike[str]) -> Plan:
    """A plan of nothing."""
    folder = ResultFolder(result)
    files = folder.inputs()
    names = {file.file for file in files}
    if len(names) < len(files):
        (name, _), *_ = Counter(file.file for file in files).most_common(1)
        raise InputError(f"{name} was scanned twice. Scan it once, then apply.")
    plan = Plan(folder, files, _inner_paths(folder, files), defaultdict(dict), {})
    for row in folder.objects("rejects.jsonl"):
        if row["file"] not in names:
            plan.unused.setdefault(row["file"], row["reason"])
    return plan


def list_removals(plan: Plan) -> Iterator[tuple[Removal, str]]:
    """What goes, with the place it goes from, in the order of the input."""
    return ((placed.removal, placed.origin) for placed in plan.result.removals())


def apply_plan(
    plan: Plan, out: str | os.PathLike[str], progress: Progress | None = None
) -> Applied:
    """Write every file of the plan again without what goes, or annotated, to the folder `out`.

    A file of which nothing goes, or that has no place for annotations, is copied as it is. The
    folder is whole or not there.

    Raises:
        InputError: A file changed meanwhile.
        OutputError: `out` exists already, lies in a wrong place or cannot be written.
    """
    _check_apart(plan, Path(os.path.abspath(out)))
    done = Applied()
    with CorpusFolder(out) as folder:
        try:
            if progress:
                progress.stage("writing", len(plan.files), "files")
            for file in plan.files:
                _write(plan, file, folder, done)
                if progress:
                    progress.advance(1)
            folder.commit()
        except OSError as error:
            raise OutputError(
                f"{folder.partial} cannot be written: {error.strerror or error}. Nothing is left."
            ) from error
    return done


def _write(plan: Plan, file: InputFile, folder: CorpusFolder, done: Applied) -> None:
    done.bytes_before += file.bytes or 0
    gone = plan.gone.get(file.file, {})
    if plan.is_left_out(file.file):
        done.left_out += 1
        return
    target = folder.place(plan.inner[file.file])
    is_changed = bool(gone)
    if plan.notes is not None:
        is_changed = file.format in _ANNOTATED
        if not is_changed:
            done.unmarked.append(file.file)
    if not is_changed:
        shutil.copy2(file.file, target)
        done.copied += 1
    else:
        try:
            if plan.notes is None:
                _rewrite(file, gone, target, done)
            else:
                _annotate(file, plan.notes.get(file.file, {}), target, done)
        except InputError as error:
            raise InputError(f"{file.file}: {str(error).rstrip('.')}. Scan again.") from None
        if os.stat(file.file).st_mtime_ns != plan.changed[file.file]:
            raise InputError(f"{file.file} was written to meanwhile. Scan again.")
        shutil.copymode(file.file, target)
        done.rewritten += 1
    done.bytes_after += target.stat().st_size


def _rewrite(file: InputFile, gone: dict[int, int], target: Path, done: Applied) -> None:
    """Write a file again without some of its articles."""
    if file.format == _TABLES:
        write_table(Path(file.file), target, gone)
        return
    charsets = () if file.format in _CRAWLS else tuple(file.charsets)
    spans: list[tuple[int, int]] = []
    if file.format != _LINES:
        spans = list(find_spans(file.file, file.format, gone, charsets))
    if file.format in _CRAWLS and file.compression == "gzip":
        _write_members(file, spans, target, done)
        return
    with open_stream(file.file) as stream:
        plain, codec = (stream, "") if file.format in _CRAWLS else as_utf8(stream, charsets)
        blocks = _blocks(plain, file, done)
        stays = without_spans(blocks, spans) if spans else without_lines(blocks, gone)
        _write_blocks(encode_blocks(stays, codec) if codec else stays, target, file.compression)


def _annotate(file: InputFile, notes: dict[int, Annotation], target: Path, done: Applied) -> None:
    """Write a file again with what is said of its articles."""
    if file.format == _TABLES:
        annotate_table(Path(file.file), target, notes)
        return
    charsets = tuple(file.charsets)
    with open_stream(file.file) as stream:
        plain, codec = as_utf8(stream, charsets)
        blocks = _blocks(plain, file, done)
        if file.format == _LINES:
            said = annotate_lines(blocks, notes)
        else:
            # What is no UTF-8 as a whole is in one charset, row by row.
            cells = "utf-8" if codec or not charsets else charsets[0]
            said = annotate_rows(
                blocks, find_row_ends(file.file, Annotation._fields, charsets), notes, cells
            )
        _write_blocks(encode_blocks(said, codec) if codec else said, target, file.compression)


def _write_blocks(blocks: Iterable[bytes], target: Path, compression: str) -> None:
    with open_packed(target, compression) as packed:
        for block in blocks:
            packed.write(block)


def _write_members(
    file: InputFile, spans: list[tuple[int, int]], target: Path, done: Applied
) -> None:
    """Copy the members of a gzip file of which nothing goes; of others pack again what stays."""
    begin = number = 0
    with target.open("wb") as out:
        for member in list_members(file.file):
            end = begin + member.size
            while number < len(spans) and spans[number][1] <= begin:
                number += 1
            last = number
            while last < len(spans) and spans[last][0] < end:
                last += 1
            inside = spans[number:last]
            going = sum(min(end, stop) - max(begin, start) for start, stop in inside)
            if not going:
                out.writelines(read_stored(file.file, member))
            elif going < member.size:
                if not member.is_whole:
                    done.cut[file.file] = end
                write_member(without_spans(read_member(file.file, member), inside, begin), out)
            begin = end


def _blocks(stream: ByteStream, file: InputFile, done: Applied) -> Iterator[bytes]:
    """The plain bytes of a file, up to a cut; of a crawl file also those behind a damage."""
    while True:
        try:
            while block := stream.read(_BLOCK):
                yield block
        except CutFile as error:
            done.cut[file.file] = error.delivered
            if file.format in _CRAWLS and stream.resume():
                continue
        return


def _inner_paths(folder: ResultFolder, files: list[InputFile]) -> dict[str, str]:
    """Where each file goes: its path below what all inputs have in common."""
    if any(file.file == "-" for file in files):
        raise InputError(
            "standard input cannot be written again. "
            f"{folder.path}/kept.jsonl holds the articles that were kept."
        )
    inputs = [os.path.abspath(path) for path in folder.run["inputs"]]
    parents = [path if os.path.isdir(path) else os.path.dirname(path) for path in inputs]
    paths = [os.path.abspath(file.file) for file in files]
    common = os.path.commonpath([*parents, *map(os.path.dirname, paths)]) if paths else ""
    return {
        file.file: os.path.relpath(path, common) for file, path in zip(files, paths, strict=True)
    }


def _check_unchanged(plan: Plan, progress: Progress | None) -> None:
    """Compare size and digest of every file with those of the scan."""
    if progress:
        progress.stage("comparing", len(plan.files), "files")
    changed: list[str] = []
    for file in plan.files:
        if file.bytes is not None and os.path.exists(file.file):
            plan.changed[file.file] = os.stat(file.file).st_mtime_ns
        if found := _difference(file):
            changed.append(f"{file.file}: {found}")
        if progress:
            progress.advance(1)
    if changed:
        more = f"; and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        raise InputError(
            f"the input is not what was scanned; scan it again. {'; '.join(changed[:_NAMED])}{more}"
        )


def _difference(file: InputFile) -> str:
    """What is different from the file that was scanned, with both values; "" for nothing."""
    if file.bytes is None:
        return "no plain file, or written to while it was scanned"
    try:
        size, digest, _ = describe_file(file.file)
    except OSError as error:
        return f"{error.strerror} (paths are those of the scan, from the folder where it ran)"
    if size != file.bytes:
        return f"{file.bytes} bytes when scanned, {size} now"
    if digest != file.digest:
        return f"digest {file.digest} when scanned, {digest} now"
    return ""


def _check_apart(plan: Plan, out: Path) -> None:
    """Refuse an output folder inside of what was read: the next scan would read it too."""
    inside = [os.path.abspath(path) for path in plan.result.run["inputs"]]
    for folder in (*inside, os.path.abspath(plan.result.path)):
        if os.path.isdir(folder) and out.is_relative_to(folder):
            raise OutputError(f"{out} lies inside {folder}. Choose another folder with -o.")
