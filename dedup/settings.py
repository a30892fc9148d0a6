"""Every number a user may set that can change a result, with its default and its range.

`Settings` is frozen; `digest()` goes into every output, so that two results can be told to
have been made alike. Numbers that change speed only (threads, batch sizes) are not here.
A few more are fixed and stand beside their use (scores of the alignment, how many holders of a
fingerprint are looked at); docs/method.md names them all, with reasons and measurements.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import xxhash

from dedup.errors import SettingsError

#: Version of the package.
VERSION = "0.1.0"
#: Version of the way from text to tokens and hashes. Any change of a bit moves it.
TEXT_VERSION = 1
#: The Unicode version the fold tables were generated from.
UNICODE_VERSION = "15.1.0"

#: Which article of a group survives (docs/method.md, "Groups").
KEEP_POLICIES = ("earliest", "longest", "most-complete", "first")
#: What `removed.jsonl` receives; each level includes the ones before it.
REMOVE_POLICIES = ("none", "identical", "near-duplicate", "excerpt")
#: How the main text of a page is found (docs/choices/0019-main-text.md), the default first.
EXTRACTORS = ("precise", "fast")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a scan or a comparison.

    Lengths are in word-equivalents (one word of a script with spaces; two Han characters;
    four kana, Thai, Lao, Khmer or Myanmar characters) unless the name says otherwise.

    Raises:
        SettingsError: a value is out of range, or `near_duplicate` is too high for `excerpt`.
    """

    #: Words per shingle of the signature and of the exact resemblance, 1-32.
    k: int = 5
    #: Slots of the MinHash signature; a power of two, 16-1024.
    num_perm: int = 128
    #: Resemblance (of shingle sets) from which a pair must become a candidate by its bands, 0-1.
    band_threshold: float = 0.6
    #: Wanted probability of that, 0-1; with the two above it decides bands x rows.
    band_recall: float = 0.98
    #: Words per fingerprint shingle, 1-32.
    fingerprint_k: int = 6
    #: Window of the winnowing; shared runs of `fingerprint_k + window - 1` words are found. 1-64.
    window: int = 7
    #: Articles read per fingerprint or band, oldest first, 1-65535.
    read_cap: int = 64
    #: Candidates verified per article against older ones, best first, 1-65535.
    max_candidates: int = 256
    #: Near-duplicates after which an article is not aligned with more of their group, 1-65535.
    family: int = 8
    #: Shortest exact match that starts an alignment, 1-32.
    seed_words: int = 4
    #: Widest gap inside a passage, 0-200.
    max_gap: int = 40
    #: How far an extension may fall below its best score, in tokens, 1-100.
    x_drop: int = 6
    #: Tokens are equal "fuzzily" up to one edit per so many letters; 0 turns it off. 0-100.
    fuzzy_letters: int = 4
    #: Shortest passage that counts, 1-10000.
    min_passage: int = 12
    #: Smallest share of a passage's span that must match, 0-1.
    min_density: float = 0.5
    #: Aligned resemblance from which two articles are near-duplicates, 0-1.
    near_duplicate: float = 0.70
    #: Aligned containment from which one article is an excerpt of the other, 0-1.
    excerpt: float = 0.85
    #: Longest passage of a quote, 0-1000000.
    quote_max: int = 160
    #: Containment below which short passages are quotes and not overlap, 0-1.
    quote_share: float = 0.22
    #: Learn boilerplate from the corpus and mask it.
    learn: bool = True
    #: Different articles of a site, and days, in which text must come back to be its boilerplate,
    #: where it is a small part of all of them, 2-8.
    site_contexts: int = 4
    site_days: int = 2
    #: The same where it is a larger part, 2-8.
    site_heavy_contexts: int = 8
    site_heavy_days: int = 5
    #: Different articles of a site where dates are not known, 2-8.
    site_undated_contexts: int = 8
    #: Share of a site's articles from which text is its boilerplate however large a part it is,
    #: with site_heavy_contexts and site_days, 0-1.
    frequent_share: float = 0.1
    #: Different articles of a site where other boilerplate stands around the text, 2-8, and at
    #: most so many words away, 0-1000.
    between_contexts: int = 2
    between_words: int = 20
    #: Different articles, days and sites for boilerplate of all sites, 2-20.
    global_contexts: int = 6
    global_days: int = 6
    global_sites: int = 2
    #: The same where it is a larger part of them, 2-20.
    global_heavy_contexts: int = 20
    global_heavy_days: int = 7
    #: Words of its own an article needs to be a different context, and their share of what is
    #: shared, 0-1000 and 0-1.
    own_min: int = 6
    own_share: float = 0.1
    #: Shared share of the shorter article below which it is a small part, 0-1.
    light_share: float = 0.25
    #: How much of the shared stretch must be the same for all pairs of contexts, 0-1; for what is
    #: a small part, and for what is more.
    light_stability: float = 0.5
    heavy_stability: float = 0.9
    #: Which article of a group is kept: earliest, longest, most-complete or first.
    keep: str = "earliest"
    #: What is removed: none, identical, near-duplicate (with identical) or excerpt (with both).
    remove: str = "near-duplicate"

    #: Largest share of its words that a removed article may have and its keeper lacks, 0-1.
    most_lost: float = 1.0
    #: How the main text of pages is found: precise or fast.
    extractor: str = EXTRACTORS[0]

    def __post_init__(self) -> None:
        """Check every range and the consistency conditions of docs/method.md."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} must be from {low} to {high}, but is {value}.")
        if self.num_perm & (self.num_perm - 1):
            raise SettingsError(f"num_perm must be a power of two, but is {self.num_perm}.")
        highest = self.excerpt / (2 - self.excerpt)
        if self.near_duplicate > highest:
            raise SettingsError(
                f"near_duplicate may be at most excerpt/(2-excerpt) = {highest:.4f} when excerpt "
                f"is {self.excerpt}, but is {self.near_duplicate}. Above it two articles could "
                "each be an excerpt of the other. Lower near_duplicate or raise excerpt."
            )
        for name, allowed in (
            ("keep", KEEP_POLICIES),
            ("remove", REMOVE_POLICIES),
            ("extractor", EXTRACTORS),
        ):
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"{name} must be one of {', '.join(allowed)}, but is {getattr(self, name)!r}."
                )

    def removes(self, kind: str) -> bool:
        """Whether articles of this kind are removed: each level of `remove` includes the last."""
        return REMOVE_POLICIES.index(kind) <= REMOVE_POLICIES.index(self.remove)

    def as_dict(self) -> dict[str, Any]:
        """All settings by name, in their order, as JSON can hold them."""
        return asdict(self)

    def digest(self) -> str:
        """32 hex digits that change with any setting and with the text and Unicode versions.

        XXH3-128 of the sorted JSON of `as_dict()` with both versions.
        """
        stamp = {**self.as_dict(), "text_version": TEXT_VERSION, "unicode": UNICODE_VERSION}
        data = json.dumps(stamp, sort_keys=True, separators=(",", ":"))
        return str(xxhash.xxh3_128_hexdigest(data.encode()))

    def changed(self, **changes: Any) -> Settings:
        """A copy with some settings changed and checked again."""
        unknown = sorted(set(changes) - {field.name for field in fields(self)})
        if unknown:
            raise SettingsError(f"there is no setting {', '.join(unknown)}.")
        return replace(self, **changes)


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("k", 1, 32),
    ("num_perm", 16, 1024),
    ("band_threshold", 0, 1),
    ("band_recall", 0, 0.999999),
    ("fingerprint_k", 1, 32),
    ("window", 1, 64),
    ("read_cap", 1, 65535),
    ("max_candidates", 1, 65535),
    ("family", 1, 65535),
    ("seed_words", 1, 32),
    ("max_gap", 0, 200),
    ("x_drop", 1, 100),
    ("fuzzy_letters", 0, 100),
    ("min_passage", 1, 10000),
    ("min_density", 0, 1),
    ("near_duplicate", 0, 1),
    ("excerpt", 0, 1),
    ("quote_max", 0, 1_000_000),
    ("quote_share", 0, 1),
    ("most_lost", 0, 1),
    ("site_contexts", 2, 8),
    ("site_days", 1, 8),
    ("site_heavy_contexts", 2, 8),
    ("site_heavy_days", 1, 8),
    ("site_undated_contexts", 2, 8),
    ("frequent_share", 0, 1),
    ("between_contexts", 2, 8),
    ("between_words", 0, 1000),
    ("global_contexts", 2, 20),
    ("global_days", 1, 20),
    ("global_sites", 1, 20),
    ("global_heavy_contexts", 2, 20),
    ("global_heavy_days", 1, 20),
    ("own_min", 0, 1000),
    ("own_share", 0, 1),
    ("light_share", 0, 1),
    ("light_stability", 0, 1),
    ("heavy_stability", 0, 1),
)
