"""What an index has learned, as look-ups and verification take it.

Takes the rows of a catalogue; gives a `How` with its lists of boilerplate, and says which pairs
share a key that it does not hide. Keys are stored whole, whatever is learned: so what was learned
can be forgotten, and segments stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dedup.core import U64, Flags
from dedup.index import Known, Row
from dedup.lookup import Found, How, Relations, keys_of, text_of
from dedup.sketch import sketch_texts

#: Kinds that say that two articles share nothing that counts.
NOTHING = ("none", "boilerplate-only")
#: Where `meta` holds the ids of learned texts that are not masked.
VETOED = "vetoed"


def knowing(how: How, known: Known) -> How:
    """The same with what was learned: list 2 and on are those of sites."""
    given = np.zeros(0, np.uint64)
    if how.flags is not None:
        given = how.flags.hashes[how.flags.offsets[1] : how.flags.offsets[2]]
    sites = {site: n for n, site in enumerate((s for s in known.masks if s), 2)}
    columns: list[U64] = [known.masks.get("", given[:0]), given, *(known.masks[s] for s in sites)]
    flags = None
    if any(map(len, columns)):
        offsets = np.cumsum([0, *map(len, columns)]).astype(np.int64)
        flags = Flags(np.concatenate(columns), offsets, how.settings.fingerprint_k)
    return how._replace(
        flags=flags, sites=sites, standing=known.standing, number=known.number, last=known.last
    )


def without_hidden(found: Found, relations: Relations, keys: U64, how: How) -> Relations:
    """Relations of a text but those that rest on keys which boilerplate hides.

    A scan does not look at such pairs. Stored keys are whole, so they are met here, and mostly
    share nothing that counts; what little may be left is dropped.

    Args:
        found: Of `find`, with the texts of what was met.
        relations: Of one text, by article.
        keys: Of the text, rising, without hidden ones.
        how: With what was learned.
    """
    if not how.has_learned:
        return relations
    asked = [n for n, r in relations.items() if r is not None and r.kind not in NOTHING]
    own = visible_keys({n: found.rows[n] for n in asked}, found.texts, how)
    hidden = {n for n in own if not share_key(own[n], keys)}
    return {n: relation for n, relation in relations.items() if n not in hidden}


def visible_keys(rows: Mapping[int, Row], texts: Mapping[int, bytes], how: How) -> dict[int, U64]:
    """Keys of stored articles, without those that boilerplate hides."""
    chosen = [n for n in rows if n in texts]
    sketches = sketch_texts([texts[n] for n in chosen], how.settings)
    lists = how.lists(how.site_of(rows[n]) for n in chosen)
    return dict(zip(chosen, keys_of(sketches, how, lists), strict=True))


def known_texts(rows: Sequence[Row], kept: Mapping[int, bytes], how: How) -> dict[int, bytes]:
    """Texts of stored articles, as far as they can be had."""
    found = {row.ordinal: text_of(row, kept.get(row.ordinal), how) for row in rows}
    return {n: text for n, text in found.items() if text is not None}


def share_key(a: U64, b: U64) -> bool:
    """Whether two rising columns of keys have one in common."""
    places = np.searchsorted(b, a)
    inside = places < len(b)
    return bool((b[places[inside]] == a[inside]).any())
