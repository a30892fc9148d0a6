"""Groups → four values for each article: what it is a copy of.

Takes groups and lines of JSON or CSV; gives the lines with `dup_group`, `dup_of`, `dup_kind` and
`dup_resemblance` at their ends, all other bytes as they were. Nothing is removed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dedup.errors import InputError
from dedup.records import Group, Result
from dedup.report.lines import dump

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"
_BOM = b"\xef\xbb\xbf"


class Annotation(NamedTuple):
    """What an article is a copy of; None throughout for one that is related to nothing."""

    #: Keeper of the group the article is in.
    dup_group: str | None = None
    #: The article it was compared with: its keeper, or what it is an excerpt of.
    dup_of: str | None = None
    #: identical, near-duplicate or excerpt; None for a keeper.
    dup_kind: str | None = None
    dup_resemblance: float | None = None


NOTHING = Annotation()


def find_annotations(
    groups: Sequence[Group], resemblance: Mapping[tuple[str, str], float]
) -> dict[str, Annotation]:
    """Annotations by id of the articles that are in a group.

    A member is a copy of its keeper. An article that is no member and lies inside another one is
    an excerpt of that one; of several it is the one that contains most of it.

    Args:
        groups: All groups.
        resemblance: Of excerpts, by (excerpt, the article that contains it).
    """
    best: dict[str, tuple[float, str, str]] = {}
    for group in groups:
        for excerpt in group.excerpts:
            one = (excerpt.containment, excerpt.of, group.keeper)
            best[excerpt.id] = max(best.get(excerpt.id, one), one)
    found: dict[str, Annotation] = {}
    for id_, (_, source, keeper) in best.items():
        found[id_] = Annotation(keeper, source, "excerpt", resemblance.get((id_, source)))
    for group in groups:
        if group.members or group.keeper not in found:
            was = found.get(group.keeper, NOTHING)
            found[group.keeper] = was._replace(dup_group=group.keeper)
        for member in group.members:
            found[member.id] = Annotation(
                group.keeper, group.keeper, member.kind, member.resemblance
            )
    return found


def excerpt_sides(a: str, b: str, direction: str | None) -> tuple[str, str]:
    """Of a relation the excerpt, and the article that contains it."""
    return (a, b) if direction == "a_in_b" else (b, a)


def annotator(result: Result) -> Callable[[bytes, str], bytes]:
    """A function that annotates the line of the article with this id."""
    resemblance = {
        excerpt_sides(r.a, r.b, r.direction): r.resemblance
        for r in result.relations
        if r.kind == "excerpt"
    }
    found = find_annotations(result.groups, resemblance)
    return lambda line, id_: annotate(line, found.get(id_, NOTHING))


def annotate_lines(
    blocks: Iterable[bytes], annotations: Mapping[int, Annotation]
) -> Iterator[bytes]:
    """The bytes of some blocks, each line that is a JSON object annotated.

    Args:
        blocks: Plain bytes of a file of JSON Lines.
        annotations: By number of the line, from 1; objects on other lines get four nulls.
    """
    number, held = 1, b""
    for block in blocks:
        *whole, rest = block.split(b"\n")
        lines = []
        for line in whole:
            lines.append(_annotated(held + line, annotations.get(number, NOTHING)))
            number, held = number + 1, b""
        held += rest
        yield b"".join(line + b"\n" for line in lines)
    yield _annotated(held, annotations.get(number, NOTHING))


def _annotated(line: bytes, annotation: Annotation) -> bytes:
    """A line annotated, or as it is where it is no object."""
    mark = _BOM if line.startswith(_BOM) else b""
    body, codec = line[len(mark) :], "utf-8"
    if body.lstrip(b" \t")[:1] != b"{":
        return line
    try:
        text = body.decode(codec)
    except UnicodeDecodeError:
        codec = "latin-1"  # whichever it is: structure and escapes are ASCII in all of them
        text = body.decode(codec)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return line
    return mark + annotate(body, annotation, codec) if isinstance(value, dict) else line


def annotate_rows(
    blocks: Iterable[bytes],
    rows: Iterable[tuple[int, int, str]],
    annotations: Mapping[int, Annotation],
    charset: str,
) -> Iterator[bytes]:
    """The bytes of some blocks of CSV, with four cells more at the ends of rows.

    Args:
        blocks: Plain bytes.
        rows: Of each row the number of its line, the byte behind its last cell, and what stands
            between cells; the names come first, other rows behind them.
        annotations: By number of the line; other rows get four empty cells.
        charset: In which the cells are written.

    Raises:
        InputError: An id cannot be written in that charset.
    """
    begin, ends = 0, iter(rows)
    row = next(ends, None)
    is_first = True
    for block in blocks:
        place, stays = 0, []
        while row is not None and row[1] <= begin + len(block):
            number, end, delimiter = row
            values = Annotation._fields if is_first else annotations.get(number, NOTHING)
            stays += [block[place : end - begin], _cells(values, delimiter, charset)]
            place, is_first, row = end - begin, False, next(ends, None)
        yield b"".join([*stays, block[place:]])
        begin += len(block)


def _cells(values: Sequence[Any], delimiter: str, charset: str) -> bytes:
    cells = []
    for value in values:
        cell = "" if value is None else str(_short(value))
        if any(letter in cell for letter in (delimiter, '"', "\n", "\r")):
            cell = '"' + cell.replace('"', '""') + '"'
        cells.append(delimiter + cell)
    try:
        return "".join(cells).encode(charset)
    except UnicodeEncodeError as error:
        raise InputError(f"{error.object!r} cannot be written in {charset}") from None


def _short(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def annotate(line: bytes, annotation: Annotation, codec: str = "utf-8") -> bytes:
    """A line with the four members at its end; earlier ones of these names are cut out.

    Args:
        line: A JSON object, without line end.
        annotation: The values.
        codec: How the line is written; if not in UTF-8, what is added is in ASCII.
    """
    values = {name: _short(value) for name, value in annotation._asdict().items()}
    if b"dup_" in line or b"\\u" in line:  # a name may be written in escapes
        line = without_members(line, values, codec)
    end = line.rindex(b"}")
    comma = b"" if line[:end].rstrip().endswith(b"{") else b","
    added = (
        json.dumps(values, separators=(",", ":")).encode() if codec == "latin-1" else dump(values)
    )
    return line[:end] + comma + added[1:-1] + line[end:]


def without_members(line: bytes, names: Mapping[str, Any], codec: str = "utf-8") -> bytes:
    """A JSON object without its members of these names, each with one comma; the rest as it is."""
    text = line.decode(codec)
    gone = [span for name, span in _members(text) if name in names]
    if not gone:
        return line
    stays = [span for name, span in _members(text) if name not in names]
    head = text[: text.index("{") + 1]
    tail = text[text.rindex("}") :]
    return (head + ",".join(text[begin:end] for begin, end in stays) + tail).encode(codec)


def _members(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Names of an object's members, each with its span, commas not included."""
    place = text.index("{") + 1
    while True:
        begin = place
        place = _skip(text, place)
        if text[place] == "}":
            return
        name, place = _DECODER.raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)
        _, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        yield name, (begin, place)
        if text[place] == "}":
            return
        place += 1


def _skip(text: str, place: int) -> int:
    """The place behind white space."""
    while text[place] in _SPACE:
        place += 1
    return place
