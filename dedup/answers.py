"""What an index answers: whether a text, or part of it, is already there.

Takes verified relations; gives an `Answer` from the view of the text that was asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dedup.index import Row
from dedup.lookup import Asked, Found, How, Relations
from dedup.records import Passage, Relation
from dedup.settings import Settings
from dedup.verify import novel_share

#: Verdicts, strongest first; all but the last two are kinds of matches.
VERDICTS = (
    "identical", "near-duplicate", "excerpt", "contains", "overlap", "quote", "boilerplate-only",
    "new",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """A stored article that shares something with the text; verified on both texts."""

    id: str
    #: identical, near-duplicate, excerpt (the text is part of the match), contains (the match is
    #: part of the text), overlap or quote.
    kind: str
    #: Seconds since 1970-01-01 UTC, or None.
    date: int | None
    site: str
    url: str
    #: Aligned resemblance, 0-1.
    resemblance: float
    #: Share of the text's words that are matched in the match, 0-1, and the other way round.
    containment_in_match: float
    containment_of_match: float
    #: Shared stretches: `a` is the text, `b` the match. Empty where the match has no text.
    passages: tuple[Passage, ...]
    #: The article that is kept of the group the match is in: the match itself, or another one.
    keeper: str

    def as_dict(self) -> dict[str, Any]:
        """The fields in their order; those of passages as docs/formats/results.md has them."""
        names = ("resemblance", "containment_in_match", "containment_of_match")
        return {
            "id": self.id,
            "kind": self.kind,
            "date": self.date,
            "site": self.site,
            "url": self.url,
            **{name: round(getattr(self, name), 6) for name in names},
            "passages": [{**p._asdict(), "identity": round(p.identity, 6)} for p in self.passages],
            "keeper": self.keeper,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a text, or part of it, is already there."""

    #: The kind of the first match; without one "boilerplate-only" when known boilerplate is
    #: nearly all of the text, else "new".
    verdict: str
    #: Strongest first: by kind, then by the share of the text that is matched.
    matches: tuple[Match, ...]
    #: Share of the text's words that no stored article covers, 0-1.
    novel_share: float
    #: Whether it would be removed in a scan (setting `remove`; identical ones in any case).
    is_duplicate: bool
    #: Whether the text was stored, and not there already under the id that was given.
    added: bool = False
    #: Ids of stored articles that may share something, but whose text could not be had.
    unverified: tuple[str, ...] = ()
    #: The article that is kept of the group the text is in; where it was not stored, of the group
    #: of the first match when that is identical or a near-duplicate. None: it would stand alone.
    keeper: str | None = None
    #: Whether other words that were there under the id have been taken out for it.
    replaced: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as JSON can hold them."""
        return {
            "verdict": self.verdict,
            "is_duplicate": self.is_duplicate,
            "novel_share": round(self.novel_share, 6),
            "added": self.added,
            "matches": [match.as_dict() for match in self.matches],
            "unverified": list(self.unverified),
            "keeper": self.keeper,
            "replaced": self.replaced,
        }


class Stored(NamedTuple):
    """What became of a text that was to be stored."""

    added: bool
    replaced: bool
    keeper: str | None


class Looked(NamedTuple):
    """What was found out about a text."""

    #: The article that stands for its words, if there is one; without a relation when its text
    #: cannot be had.
    root: tuple[Row, Relation | None] | None
    #: Candidates, where there is none.
    found: Found | None
    #: What became of them.
    relations: Relations
    #: Ids of the articles that are kept for some of them, where those are others.
    keepers: Mapping[int, str]


def answer_of(
    asked: Asked, n: int, how: How, looked: Looked, *, stored: Stored | None = None
) -> Answer:
    """Put an answer together.

    Args:
        asked: Texts.
        n: Which of them it is about.
        how: Settings and boilerplate.
        looked: What was found.
        stored: What became of it, where it was to be stored.
    """
    added, replaced, keeper = stored or Stored(False, False, None)
    if looked.root is not None:
        row, relation = looked.root
        kept = looked.keepers.get(row.ordinal, row.id)
        match = _match_unread(row, kept) if relation is None else _match(row, relation, kept)
        return Answer(
            "identical", (match,), 0.0, is_duplicate=True, added=added,
            keeper=keeper or kept, replaced=replaced,
        )  # fmt: skip
    found, settings = looked.found, how.settings
    assert found is not None
    known = {a: r for a, r in looked.relations.items() if r is None or r.kind in VERDICTS}
    matches = {
        a: _match(found.rows[a], r, looked.keepers.get(a, found.rows[a].id))
        for a, r in known.items()
        if r is not None
    }
    order = sorted(
        (a for a in matches if matches[a].kind != "boilerplate-only"),
        key=lambda a: (VERDICTS.index(matches[a].kind), -matches[a].containment_in_match, a),
    )
    listed = tuple(matches[a] for a in order)
    shared = [(found.texts[a], matches[a].passages) for a in order if a in found.texts]
    novel, own, masked = float(asked.words[n] > 0), 0.0, 0.0
    if shared or how.flags is not None:
        chosen = int(asked.lists[n])
        novel, own, masked = novel_share(asked.texts[n], shared, how.flags, chosen)
    verdict = listed[0].kind if listed else "new"
    if not listed and masked and own < settings.min_passage:
        verdict = "boilerplate-only"
    if keeper is None and verdict == "near-duplicate":
        keeper = listed[0].keeper
    return Answer(
        verdict,
        listed,
        novel,
        is_duplicate=any(_goes(match, settings) for match in listed),
        added=added,
        unverified=tuple(found.rows[a].id for a, r in sorted(known.items()) if r is None),
        keeper=keeper,
        replaced=replaced,
    )


def _goes(match: Match, settings: Settings) -> bool:
    """Whether a scan would remove the text for this match."""
    if match.kind not in ("near-duplicate", "excerpt") or not settings.removes(match.kind):
        return False
    return 1.0 - match.containment_in_match <= settings.most_lost


def turned_round(relation: Relation) -> tuple[Passage, ...]:
    """The passages of a relation as its second article sees them, in its order."""
    return tuple(
        sorted(
            Passage(p.b_begin, p.b_end, p.a_begin, p.a_end, p.words, p.identity)
            for p in relation.passages
        )
    )


def _match(row: Row, relation: Relation, keeper: str) -> Match:
    """The older article of a relation, as the newer one sees it."""
    kind = relation.kind
    if kind == "excerpt" and relation.direction == "a_in_b":
        kind = "contains"
    return Match(
        row.id, kind, row.date, row.site, row.url, relation.resemblance,
        relation.containment_b_in_a, relation.containment_a_in_b, turned_round(relation), keeper,
    )  # fmt: skip


def _match_unread(row: Row, keeper: str) -> Match:
    """An article with the same words whose text cannot be had: its digest says it all."""
    return Match(row.id, "identical", row.date, row.site, row.url, 1.0, 1.0, 1.0, (), keeper)
