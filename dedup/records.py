"""What flows from room to room. All records are frozen; offsets are half-open.

Names of fields say their unit; `begin` and `end` are code points of the text as published.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, Protocol

from dedup.errors import LostArticle
from dedup.settings import Settings


class Record(NamedTuple):
    """One article as a reader found it."""

    #: As the input names it; where it has none, "file:line" or the file's path.
    id: str
    #: UTF-8; lone surrogates are passed through as three bytes each.
    text: bytes
    #: Seconds since 1970-01-01 UTC, or None: not given or not understood.
    date: int | None
    #: As the input names it, or the registered domain of its url, or "".
    site: str
    #: The input line, byte for byte, without its line end; where the input has none, the article
    #: as a JSON object with all that the reader found, or b"" when that is id and text only.
    line: bytes
    #: Where it came from, for people: "feed.jsonl:17".
    origin: str


class Batch(NamedTuple):
    """Articles as columns, in the order of the input; the fields of `Record`."""

    ids: list[str]
    #: All texts in one buffer, and int64 offsets, one longer than the articles: Arrow's layout.
    texts: tuple[Any, Any]
    dates: list[int | None]
    sites: list[str]
    #: Bytes that hold the lines, and int64, where each begins and ends; empty where there is none.
    lines: bytes
    line_begins: Any
    line_ends: Any
    origins: Sequence[str]

    @staticmethod
    def of(records: Iterable[Record]) -> Batch:
        """Columns of some records."""
        rows = list(records)
        ends = array("q", accumulate((len(row.line) for row in rows), initial=0))
        return Batch(
            ids=[row.id for row in rows],
            texts=(
                b"".join([row.text for row in rows]),
                array("q", accumulate((len(row.text) for row in rows), initial=0)),
            ),
            dates=[row.date for row in rows],
            sites=[row.site for row in rows],
            lines=b"".join([row.line for row in rows]),
            line_begins=ends[:-1],
            line_ends=ends[1:],
            origins=[row.origin for row in rows],
        )

    def records(self) -> Iterator[Record]:
        """The articles one by one."""
        texts, lines = memoryview(self.texts[0]), self.lines
        spans = zip(self.line_begins.tolist(), self.line_ends.tolist(), strict=True)
        columns = self.ids, pairwise(self.texts[1].tolist()), self.dates, self.sites, spans
        for row in zip(*columns, self.origins, strict=True):
            id_, text, date, site, line, *rest = row
            yield Record(id_, bytes(texts[slice(*text)]), date, site, lines[slice(*line)], *rest)


class Reject(NamedTuple):
    """One piece of input that could not be used."""

    #: Path as given by the user, "-" for standard input.
    file: str
    #: Byte offset in the decompressed file where the piece begins.
    offset: int
    #: A short fixed name, to be counted: "bad-json", "no-text", "empty-text", ...
    reason: str
    #: What was expected and found.
    detail: str


class InputFile(NamedTuple):
    """A file that was read, as it was then."""

    #: Path as given by the user, "-" for standard input.
    file: str
    #: Name of the format: "JSON Lines", "plain text", ...
    format: str
    #: "", "gzip", "zstd", "bzip2" or "xz".
    compression: str
    #: Size as stored, and XXH3-128 in hex; None where it is no plain file or was written to
    #: while it was read.
    bytes: int | None
    digest: str | None
    #: Articles that are not in UTF-8, by charset (a name of Python's codecs).
    charsets: dict[str, int]


@dataclass(frozen=True, slots=True)
class Article:
    """An article handed in by a program.

    `date` is ISO 8601 or seconds since 1970 (UTC); `site` the outlet's domain.
    """

    id: str
    text: str
    date: str | int | float | None = None
    site: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What a user says about boilerplate; what is allowed wins over all else."""

    #: Texts that are boilerplate on every site. A text shorter than a shingle of the
    #: fingerprints (6 words) says nothing.
    texts: Sequence[str] = ()
    #: Texts that are never boilerplate.
    allowed: Sequence[str] = ()
    #: Ids of learned texts that are not to be masked.
    keep: frozenset[str] = frozenset()


class Passage(NamedTuple):
    """A stretch that two articles share, edits allowed."""

    a_begin: int
    a_end: int
    b_begin: int
    b_end: int
    #: Matched words (word-equivalents, so 12.5 can occur in scripts without spaces).
    words: float
    #: Matched words over the longer of the two spans, 0-1.
    identity: float


@dataclass(frozen=True, slots=True)
class Relation:
    """One verified pair: recomputed from both texts, never read off a sketch."""

    #: identical, near-duplicate, excerpt, overlap, quote or none.
    kind: str
    #: Ids; in a scan `a` comes first by (date, id), in a comparison it is the first text.
    a: str
    b: str
    #: For excerpts "a_in_b" or "b_in_a"; None for the other kinds.
    direction: str | None
    #: Aligned resemblance R, 0-1 (docs/method.md, "Measures").
    resemblance: float
    #: Share of a's words that are matched in b, 0-1.
    containment_a_in_b: float
    #: Share of b's words that are matched in a, 0-1.
    containment_b_in_a: float
    #: Exact resemblance of the sets of k-word shingles, 0-1.
    jaccard: float
    #: Exact share of a's shingles that b has, 0-1; and of b's that a has.
    shingles_a_in_b: float
    shingles_b_in_a: float
    #: Words of the longest passage, edits allowed; below `min_passage` it is chance.
    longest_passage: float
    #: Tokens of the longest run without any edit inside a reported passage.
    longest_run: int
    passages: tuple[Passage, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as docs/formats/results.md has them."""
        return {
            "a": self.a,
            "b": self.b,
            "kind": self.kind,
            "direction": self.direction,
            "resemblance": round(self.resemblance, 6),
            "containment_a_in_b": round(self.containment_a_in_b, 6),
            "containment_b_in_a": round(self.containment_b_in_a, 6),
            "jaccard": round(self.jaccard, 6),
            "shingles_a_in_b": round(self.shingles_a_in_b, 6),
            "shingles_b_in_a": round(self.shingles_b_in_a, 6),
            "longest_passage": self.longest_passage,
            "longest_run": self.longest_run,
            "passages": [
                {
                    "a_begin": p.a_begin,
                    "a_end": p.a_end,
                    "b_begin": p.b_begin,
                    "b_end": p.b_end,
                    "words": p.words,
                    "identity": round(p.identity, 6),
                }
                for p in self.passages
            ],
        }


class RelationColumns(NamedTuple):
    """Relations as columns: the fields of `Relation`, numbers as arrays."""

    kinds: list[str]
    a: list[str]
    b: list[str]
    directions: list[str | None]
    #: resemblance, containment_a_in_b, containment_b_in_a, jaccard, shingles_a_in_b,
    #: shingles_b_in_a; float64 each.
    shares: tuple[Any, ...]
    longest_passages: Any
    longest_runs: Any
    #: int64: the passages of relation n are offsets[n]..offsets[n+1].
    offsets: Any
    #: a_begin, a_end, b_begin, b_end, words, identity.
    passages: tuple[Any, ...]

    def relations(self) -> list[Relation]:
        """The relations one by one."""
        passages = list(map(Passage, *(column.tolist() for column in self.passages)))
        return list(
            map(
                Relation, self.kinds, self.a, self.b, self.directions,
                *(column.tolist() for column in self.shares),
                self.longest_passages.tolist(), self.longest_runs.tolist(),
                (tuple(passages[begin:end]) for begin, end in pairwise(self.offsets.tolist())),
            )
        )  # fmt: skip


class Member(NamedTuple):
    """An article of a group, with the numbers that put it there."""

    id: str
    #: identical or near-duplicate, to the keeper.
    kind: str
    resemblance: float
    containment_in_keeper: float
    containment_of_keeper: float


class Excerpt(NamedTuple):
    """An article that is contained in an article of a group."""

    id: str
    #: The article of the group it was verified against.
    of: str
    #: Share of the excerpt's words that are matched there, 0-1.
    containment: float


@dataclass(frozen=True, slots=True)
class Group:
    """Copies of one article: a star, every member verified against the keeper."""

    keeper: str
    members: tuple[Member, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()

    @property
    def weakest_resemblance(self) -> float:
        """The lowest member-to-keeper resemblance; 1.0 without members."""
        return min((member.resemblance for member in self.members), default=1.0)


class Boilerplate(NamedTuple):
    """A text that was learned as boilerplate."""

    #: Twelve hex digits of its site and words; the same in every run.
    id: str
    #: Where it holds; "" is everywhere.
    site: str
    #: As it stands in the article it was learned from.
    text: str
    #: Different articles, days and sites it was seen in, as far as was looked.
    contexts: int
    days: int
    sites: int
    #: Articles in which it is masked, as far as their fingerprints tell.
    articles: int
    #: False when it was vetoed or allowed: then it is listed and not masked.
    masked: bool


class Removal(NamedTuple):
    """An article that is not kept, and why."""

    id: str
    #: identical, near-duplicate or excerpt.
    reason: str
    keeper: str
    resemblance: float
    containment_in_keeper: float

    @property
    def lost_share(self) -> float:
        """Share of the article's words that its keeper lacks, 0-1."""
        return 1.0 - self.containment_in_keeper


#: Why an article is removed; `RemovalColumns.reasons` are places in it.
REASONS = ("identical", "near-duplicate", "excerpt")


class GroupColumns(NamedTuple):
    """Groups as columns: the fields of `Group`, articles as positions in the corpus."""

    #: By rank.
    keepers: Any
    #: int64: the members of group n are member_offsets[n]..member_offsets[n+1], by rank.
    member_offsets: Any
    members: Any
    #: bool: near-duplicate to the keeper, or identical.
    is_near: Any
    resemblance: Any
    containment_in_keeper: Any
    containment_of_keeper: Any
    #: The same for excerpts, their sources and their share there.
    excerpt_offsets: Any
    excerpts: Any
    sources: Any
    containments: Any

    def groups(self, begin: int, end: int, name: Callable[[Any], list[str]]) -> list[Group]:
        """Some groups one by one; `name` gives the ids of positions."""
        columns = self.rows(begin, end, name)
        members = [
            Member(id_, REASONS[kind], *numbers)
            for id_, kind, *numbers in zip(*columns[1], strict=True)
        ]
        excerpts = list(map(Excerpt, *columns[2]))
        return [
            Group(keeper, tuple(members[slice(*ours)]), tuple(excerpts[slice(*theirs)]))
            for keeper, ours, theirs in zip(columns[0], columns[3], columns[4], strict=True)
        ]

    def rows(self, begin: int, end: int, name: Callable[[Any], list[str]]) -> tuple[Any, ...]:
        """Some groups: keepers, columns of members, of excerpts, and which of them each has."""
        of, inner = self.member_offsets[begin : end + 1], self.excerpt_offsets[begin : end + 1]
        ours, theirs = slice(of[0], of[-1]), slice(inner[0], inner[-1])
        numbers = self.resemblance, self.containment_in_keeper, self.containment_of_keeper
        return (
            name(self.keepers[begin:end]),
            (
                name(self.members[ours]),
                self.is_near[ours].tolist(),
                *(column[ours].tolist() for column in numbers),
            ),
            (
                name(self.excerpts[theirs]),
                name(self.sources[theirs]),
                self.containments[theirs].tolist(),
            ),
            pairwise((of - of[0]).tolist()),
            pairwise((inner - inner[0]).tolist()),
        )


class RemovalColumns(NamedTuple):
    """Removals as columns, in input order; articles as positions in the corpus."""

    articles: Any
    #: Places in `REASONS`.
    reasons: Any
    keepers: Any
    resemblance: Any
    containment_in_keeper: Any

    def removals(self, rows: Any, name: Callable[[Any], list[str]]) -> list[Removal]:
        """Some of them one by one; `name` gives the ids of positions."""
        return list(
            map(
                Removal, name(self.articles[rows]),
                (REASONS[reason] for reason in self.reasons[rows].tolist()),
                name(self.keepers[rows]), self.resemblance[rows].tolist(),
                self.containment_in_keeper[rows].tolist(),
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """The books of a scan: kept + removed + rejected = read, always."""

    read: int = 0
    kept: int = 0
    removed: int = 0
    rejected: int = 0
    #: Bytes of the texts that could be read, as UTF-8, and of those that are not kept.
    bytes: int = 0
    removed_bytes: int = 0
    #: Rejects by reason.
    reasons: dict[str, int] = field(default_factory=dict)
    #: Removed articles by kind.
    removed_kinds: dict[str, int] = field(default_factory=dict)
    #: Relations by kind, quotes included.
    relations: dict[str, int] = field(default_factory=dict)
    groups: int = 0
    #: Articles without a single word (only punctuation, say): kept, and related to nothing.
    without_words: int = 0
    undated: int = 0
    #: Articles whose id had been used already; see `Result.renamed`.
    duplicate_ids: int = 0
    candidates: int = 0
    #: Candidates that were aligned; the others belong to families (setting `family`).
    aligned: int = 0
    #: Texts that were learned or vetoed as boilerplate.
    boilerplate: int = 0
    #: Aligned pairs that share boilerplate only; they are counted and not listed.
    boilerplate_only: int = 0
    #: Articles of which no site is known: nothing can be learned about theirs.
    without_site: int = 0
    #: Fingerprints and bands held by more articles than are read (`read_cap`).
    common_keys: int = 0
    #: Articles with more candidates than are verified (`max_candidates`).
    crowded_articles: int = 0

    def check(self) -> None:
        """Raise LostArticle unless kept + removed + rejected is read."""
        if self.kept + self.removed + self.rejected != self.read:
            raise LostArticle(
                f"the books do not balance: {self.kept} kept + {self.removed} removed + "
                f"{self.rejected} rejected is not {self.read} read. Please report this."
            )


@dataclass(frozen=True, slots=True)
class Result:
    """What a scan found; ids as in the input, orders by (date, id) unless said otherwise."""

    #: identical, near-duplicate, excerpt and overlap.
    relations: list[Relation]
    #: Short shared passages; they form no groups.
    quotes: list[Relation]
    groups: list[Group]
    removals: list[Removal]
    #: Ids of the articles that are kept, in input order.
    kept: list[str]
    rejects: list[Reject]
    #: What was masked, by site and text.
    boilerplate: list[Boilerplate]
    #: New id → id in the input, where that had been used already.
    renamed: dict[str, str]
    counts: Counts
    settings: Settings
    #: Wall time of each stage in seconds; the only part that differs between equal runs.
    seconds: dict[str, float]


class Pair(NamedTuple):
    """Two articles whose sets of shingles resemble each other; all shares are exact."""

    #: Ids; `a` is the older one.
    a: str
    b: str
    #: Resemblance, and how much of each set is in the other, 0-1.
    jaccard: float
    shingles_a_in_b: float
    shingles_b_in_a: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """All such pairs of a corpus."""

    pairs: list[Pair]
    #: Ids of articles that go together, the oldest first. Each other one is paired with it, or has
    #: the same words as one that is.
    groups: list[tuple[str, ...]]
    #: Articles that were read.
    articles: int
    rejects: list[Reject]
    #: New id → id in the input, where that had been used already.
    renamed: dict[str, str]
    #: Pairs that shared a band.
    candidates: int
    #: Bands that more articles share than are looked at, and articles with more candidates than
    #: are verified.
    common_keys: int
    crowded_articles: int


class Progress(Protocol):
    """Who wants to know how far a scan is."""

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """A stage begins; `total` units of work lie ahead, None when that is not known."""

    def advance(self, amount: int) -> None:
        """So many more units are done."""

    def reach(self, done: int, total: int, note: str) -> None:
        """How far the stage is in other units, where its own total is not known; and in words."""
