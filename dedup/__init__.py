"""Find copies, near-copies, excerpts and overlaps in news corpora, and prove them with spans.

    >>> import dedup
    >>> result = dedup.scan([("a", text_a), ("b", text_b)])
    >>> for relation in result.relations:
    ...     print(relation.kind, relation.a, relation.b, relation.passages)
    >>> dedup.compare(text_a, text_b).kind

`scan` takes what is in memory, `scan_paths` files and folders, `compare` two texts, `GrowingScan`
a corpus that grows; `find_pairs` and `find_pairs_paths` find pairs by resemblance alone.
`open_index` gives an `Index` that lasts, to be asked before an article is stored: an `Answer` has
each `Match`; a `History` tells with each `Seen` how a text has spread. All else is records: what
goes in (`Article`, `Settings`, `Fields`, `Given`) and what comes out (`Result`, `Relation`,
`Passage`, `Group`, `Member`, `Excerpt`, `Removal`, `Reject`, `Boilerplate`, `Pairs`, `Pair`).
Names are loaded when they are first used, so that `import dedup` is cheap. All of them on one
page: docs/api.md.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from dedup.settings import VERSION as __version__

if TYPE_CHECKING:
    from dedup.answers import Answer as Answer
    from dedup.answers import Match as Match
    from dedup.awaiting import AsyncIndex as AsyncIndex
    from dedup.errors import DedupError as DedupError
    from dedup.errors import IdTaken as IdTaken
    from dedup.errors import IndexDamaged as IndexDamaged
    from dedup.errors import IndexLocked as IndexLocked
    from dedup.errors import IndexMismatch as IndexMismatch
    from dedup.errors import IndexPlace as IndexPlace
    from dedup.errors import InputError as InputError
    from dedup.errors import NativeMissing as NativeMissing
    from dedup.errors import OutputError as OutputError
    from dedup.errors import SettingsError as SettingsError
    from dedup.history import History as History
    from dedup.history import Seen as Seen
    from dedup.pipeline import GrowingScan as GrowingScan
    from dedup.pipeline import compare as compare
    from dedup.pipeline import scan as scan
    from dedup.pipeline import scan_paths as scan_paths
    from dedup.read import Fields as Fields
    from dedup.records import Article as Article
    from dedup.records import Boilerplate as Boilerplate
    from dedup.records import Excerpt as Excerpt
    from dedup.records import Given as Given
    from dedup.records import Group as Group
    from dedup.records import Member as Member
    from dedup.records import Pair as Pair
    from dedup.records import Pairs as Pairs
    from dedup.records import Passage as Passage
    from dedup.records import Reject as Reject
    from dedup.records import Relation as Relation
    from dedup.records import Removal as Removal
    from dedup.records import Result as Result
    from dedup.resembling import find_pairs as find_pairs
    from dedup.resembling import find_pairs_paths as find_pairs_paths
    from dedup.seen import Index as Index
    from dedup.seen import open_index as open_index
    from dedup.settings import Settings as Settings

_HOMES = {
    "dedup.answers": ("Answer", "Match"),
    "dedup.awaiting": ("AsyncIndex",),
    "dedup.errors": (
        "DedupError", "IdTaken", "IndexDamaged", "IndexLocked", "IndexMismatch", "IndexPlace",
        "InputError", "NativeMissing", "OutputError", "SettingsError",
    ),
    "dedup.history": ("History", "Seen"),
    "dedup.pipeline": ("GrowingScan", "compare", "scan", "scan_paths"),
    "dedup.read": ("Fields",),
    "dedup.records": (
        "Article", "Boilerplate", "Excerpt", "Given", "Group", "Member", "Pair", "Pairs",
        "Passage", "Reject",
        "Relation", "Removal", "Result",
    ),
    "dedup.resembling": ("find_pairs", "find_pairs_paths"),
    "dedup.seen": ("Index", "open_index"),
    "dedup.settings": ("Settings",),
}  # fmt: skip

__all__ = ["__version__", *(name for names in _HOMES.values() for name in names)]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'dedup' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
