"""One pair for the terminal: its numbers, and each passage with both texts next to each other.

Takes a relation and its two texts; gives rich tables. Words that have no equal counterpart in
the other column are marked.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

from rich.table import Table
from rich.text import Text

from dedup import core
from dedup.records import Passage, Relation

#: Words shown from either end of a long passage.
_SHOWN = 60
#: Longer passages are shown without marks: comparing all words would take too long.
_MARKED = 4000


def pair_table(relation: Relation) -> Table:
    """Kind and numbers of a pair."""
    table = Table(show_header=False, box=None, pad_edge=False)
    direction = {"a_in_b": "A is an excerpt of B", "b_in_a": "B is an excerpt of A"}
    kind = Text(relation.kind, style="bold")
    if relation.direction:
        kind.append(f" ({direction[relation.direction]})", style="not bold")
    rows = (
        ("kind", kind),
        ("resemblance", f"{relation.resemblance:.4f}  (aligned words)"),
        ("A in B", f"{relation.containment_a_in_b:.4f}"),
        ("B in A", f"{relation.containment_b_in_a:.4f}"),
        ("jaccard", f"{relation.jaccard:.4f}  (exact, word shingles)"),
        ("shingles A in B", f"{relation.shingles_a_in_b:.4f}"),
        ("shingles B in A", f"{relation.shingles_b_in_a:.4f}"),
        ("longest passage", f"{relation.longest_passage:g} words"),
        ("longest exact run", f"{relation.longest_run} tokens"),
    )
    for name, value in rows:
        table.add_row(name, value)
    return table


def passage_table(passage: Passage, text_a: str, text_b: str, *, full: bool) -> Table:
    """The two sides of a passage."""
    title = f"{passage.words:g} words, identity {passage.identity:.2f}"
    table = Table(title=title, title_justify="left", expand=True)
    spans = (passage.a_begin, passage.a_end), (passage.b_begin, passage.b_end)
    for name, (begin, end) in zip("AB", spans, strict=True):
        table.add_column(f"{name}[{begin}:{end}]", ratio=1, overflow="fold")
    sides = [text[b:e] for text, (b, e) in zip((text_a, text_b), spans, strict=True)]
    table.add_row(*_marked(sides, full=full))
    return table


def _marked(sides: list[str], *, full: bool) -> list[Text]:
    tokens = core.tokenize(sides)
    words = [tokens.hashes[b:e].tolist() for b, e in pairwise(tokens.offsets.tolist())]
    spans = list(zip(tokens.begins.tolist(), tokens.ends.tolist(), strict=True))
    out = [Text(_plain(side)) for side in sides]
    if max(map(len, words)) <= _MARKED:
        matcher = SequenceMatcher(None, words[0], words[1], autojunk=False)
        for tag, *ranges in matcher.get_opcodes():
            if tag == "equal":
                continue
            for side, (begin, end) in enumerate((ranges[:2], ranges[2:])):
                first = int(tokens.offsets[side])
                for n in range(first + begin, first + end):
                    out[side].stylize("bold red" if side == 0 else "bold green", *spans[n])
    if full:
        return out
    return [
        _shortened(text, spans[int(tokens.offsets[side]) : int(tokens.offsets[side + 1])])
        for side, text in enumerate(out)
    ]


def _plain(text: str) -> str:
    """The text with control characters shown as a space, so that none reaches the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _shortened(text: Text, spans: list[tuple[int, int]]) -> Text:
    if len(spans) <= 2 * _SHOWN:
        return text
    head, tail = spans[_SHOWN - 1][1], spans[-_SHOWN][0]
    gap = Text(f" [... {len(spans) - 2 * _SHOWN} words ...] ", style="dim")
    return text[:head] + gap + text[tail:]
