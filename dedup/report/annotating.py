"""Groups → four members at the end of each article's line: what it is a copy of.

Takes a result and lines of JSON; gives the lines with `dup_group`, `dup_of`, `dup_kind` and
`dup_resemblance`, all other bytes as they were. Nothing is removed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from dedup.records import Result
from dedup.report.lines import dump

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


class Annotation(NamedTuple):
    """What an article is a copy of; None throughout for one that is related to nothing."""

    #: Keeper of the group the article is in.
    dup_group: str | None = None
    #: The article it was compared with: its keeper, or what it is an excerpt of.
    dup_of: str | None = None
    #: identical, near-duplicate or excerpt; None for a keeper.
    dup_kind: str | None = None
    dup_resemblance: float | None = None


def find_annotations(result: Result) -> dict[str, Annotation]:
    """Annotations by id of the articles that are in a group.

    A member is a copy of its keeper. An article that is no member and lies inside another one is
    an excerpt of that one; of several it is the one that contains most of it.
    """
    resemblance = {
        (r.a, r.b) if r.direction == "a_in_b" else (r.b, r.a): r.resemblance
        for r in result.relations
        if r.kind == "excerpt"
    }
    best: dict[str, tuple[float, str, str]] = {}
    for group in result.groups:
        for excerpt in group.excerpts:
            one = (excerpt.containment, excerpt.of, group.keeper)
            best[excerpt.id] = max(best.get(excerpt.id, one), one)
    found: dict[str, Annotation] = {}
    for id_, (_, source, keeper) in best.items():
        found[id_] = Annotation(keeper, source, "excerpt", resemblance.get((id_, source)))
    for group in result.groups:
        if group.members or group.keeper not in found:
            was = found.get(group.keeper, Annotation())
            found[group.keeper] = was._replace(dup_group=group.keeper)
        for member in group.members:
            found[member.id] = Annotation(
                group.keeper, group.keeper, member.kind, member.resemblance
            )
    return found


def annotator(result: Result) -> Callable[[bytes, str], bytes]:
    """A function that annotates the line of the article with this id."""
    found, nothing = find_annotations(result), Annotation()
    return lambda line, id_: annotate(line, found.get(id_, nothing))


def annotate(line: bytes, annotation: Annotation) -> bytes:
    """A line with the four members at its end; earlier ones of these names are cut out.

    Args:
        line: A JSON object in UTF-8, without line end, with at least one member.
        annotation: The values.
    """
    values = annotation._asdict()
    if b"dup_" in line or b"\\u" in line:  # a name may be written in escapes
        line = without_members(line, values)
    end = line.rindex(b"}")
    if annotation.dup_resemblance is not None:
        values["dup_resemblance"] = round(annotation.dup_resemblance, 6)
    comma = b"" if line[:end].rstrip().endswith(b"{") else b","
    return line[:end] + comma + dump(values)[1:-1] + line[end:]


def without_members(line: bytes, names: Mapping[str, Any]) -> bytes:
    """A JSON object without its members of these names, each with one comma; the rest as it is."""
    text = line.decode("utf-8")
    gone = [span for name, span in _members(text) if name in names]
    if not gone:
        return line
    stays = [span for name, span in _members(text) if name not in names]
    head = text[: text.index("{") + 1]
    tail = text[text.rindex("}") :]
    return (head + ",".join(text[begin:end] for begin, end in stays) + tail).encode()


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
