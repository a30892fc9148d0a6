"""What an index answers: whether a text, or part of it, is already there.

Takes verified relations; gives an `Answer` from the view of the text that was asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dedup.index import Row
from dedup.lookup import Found, How, Relations
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
    #: Whether the text is in the index now under the id that was given.
    added: bool = False
    #: Ids of stored articles that may share something, but whose text could not be had.
    unverified: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as JSON can hold them."""
        return {
            "verdict": self.verdict,
            "is_duplicate": self.is_duplicate,
            "novel_share": round(self.novel_share, 6),
            "added": self.added,
            "matches": [match.as_dict() for match in self.matches],
            "unverified": list(self.unverified),
        }


def answer_of(
    text: bytes,
    words: int,
    how: How,
    root: tuple[Row, Relation | None] | None,
    found: Found | None,
    relations: Relations,
    *,
    added: bool,
) -> Answer:
    """Put an answer together.

    Args:
        text: That was asked about.
        words: How many it has.
        how: Settings and boilerplate.
        root: The stored article with its words, with the relation to it.
        found: Candidates, where there is none.
        relations: What became of them.
        added: Whether the text was stored.
    """
    settings = how.settings
    if root is not None:
        row, relation = root
        match = _match_unread(row) if relation is None else _match(row, relation)
        return Answer("identical", (match,), 0.0, is_duplicate=True, added=added)
    assert found is not None
    kept = {a: r for a, r in relations.items() if r is None or r.kind in VERDICTS}
    matches = {a: _match(found.rows[a], r) for a, r in kept.items() if r is not None}
    order = sorted(
        (a for a in matches if matches[a].kind != "boilerplate-only"),
        key=lambda a: (VERDICTS.index(matches[a].kind), -matches[a].containment_in_match, a),
    )
    listed = tuple(matches[a] for a in order)
    shared = [(found.texts[a], matches[a].passages) for a in order if a in found.texts]
    novel, own, masked = float(words > 0), 0.0, 0.0
    if shared or how.flags is not None:
        novel, own, masked = novel_share(text, shared, how.flags)
    verdict = listed[0].kind if listed else "new"
    if not listed and masked and own < settings.min_passage:
        verdict = "boilerplate-only"
    return Answer(
        verdict,
        listed,
        novel,
        is_duplicate=any(_goes(match, settings) for match in listed),
        added=added,
        unverified=tuple(found.rows[a].id for a, r in sorted(kept.items()) if r is None),
    )


def _goes(match: Match, settings: Settings) -> bool:
    """Whether a scan would remove the text for this match."""
    if match.kind not in ("near-duplicate", "excerpt") or not settings.removes(match.kind):
        return False
    return 1.0 - match.containment_in_match <= settings.most_lost


def _match(row: Row, relation: Relation) -> Match:
    """The older article of a relation, as the newer one sees it."""
    kind = relation.kind
    if kind == "excerpt" and relation.direction == "a_in_b":
        kind = "contains"
    passages = sorted(
        Passage(p.b_begin, p.b_end, p.a_begin, p.a_end, p.words, p.identity)
        for p in relation.passages
    )
    return Match(
        row.id, kind, row.date, row.site, row.url, relation.resemblance,
        relation.containment_b_in_a, relation.containment_a_in_b, tuple(passages),
    )  # fmt: skip


def _match_unread(row: Row) -> Match:
    """An article with the same words whose text cannot be had: its digest says it all."""
    return Match(row.id, "identical", row.date, row.site, row.url, 1.0, 1.0, 1.0, ())
