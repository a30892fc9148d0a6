"""Types of the compiled kernels; each result speaks the buffer protocol."""

from typing import Any

from typing_extensions import Buffer

LEVELS: list[str]

def tokenize(texts: Any, /) -> tuple[Any, ...]: ...
def shingles(hashes: Buffer, weights: Buffer, offsets: Buffer, k: int, /) -> tuple[Any, ...]: ...
def sign(
    hashes: Buffer, offsets: Buffer, num_perm: int, level: str = ..., /
) -> tuple[Any, ...]: ...
def sketch(
    texts: Any, k: int, num_perm: int, fingerprint_k: int, window: int, level: str = ..., /
) -> tuple[Any, ...]: ...
def note_keys(block: Any, table: Buffer, hits: Buffer, /) -> tuple[()]: ...
def pick_keys(block: Any, table: Buffer, low: int, high: int, /) -> tuple[Any, Any]: ...
def holders(records: Any, /) -> tuple[Any, Any, Any]: ...
def groups(records: Any, size: int, read_cap: int, /) -> tuple[Any, Any, Any, int]: ...
def group_holders(
    offsets: Buffer, articles: Buffer, size: int, read_cap: int, /
) -> tuple[Any, Any, Any, int]: ...
def pairs(
    parts: Any, begin: int, end: int, max_candidates: int, depth: int, /
) -> tuple[Any, Any, Any, int]: ...
def band_keys(
    signatures: Buffer, slots: int, which: Buffer, first: int, bands: int, rows: int, /
) -> tuple[Any, Any]: ...
def mark(
    hashes: Buffer,
    positions: Buffer,
    offsets: Buffer,
    tokens: Buffer,
    lists: Buffer,
    flags: Buffer,
    bounds: Buffer,
    values: Buffer,
    words: int,
    window: int,
    /,
) -> tuple[Any, Any, Any]: ...
def leave_marked(
    keys: Buffer,
    offsets: Buffer,
    articles: Buffer,
    flags: Buffer,
    bounds: Buffer,
    lists: Buffer,
    spared: Buffer,
    /,
) -> tuple[Any, Any, Any]: ...
def learn(
    hashes: Buffer,
    positions: Buffer,
    begins: Buffer,
    ends: Buffer,
    tokens: Buffer,
    weights: Buffer,
    sites: Buffer,
    days: Buffer,
    keys: Buffer,
    bounds: Buffer,
    holders: Buffer,
    known: Buffer,
    lists: Buffer,
    by_site: bool,
    /,
    *numbers: float,
) -> tuple[Any, ...]: ...
def widen(
    texts: Any, offsets: Buffer, which: Buffer, positions: Buffer, k: int, /
) -> tuple[Any, ...]: ...
def verify(
    texts: Any,
    a: Buffer,
    b: Buffer,
    lists: Buffer,
    flag_hashes: Buffer,
    flag_offsets: Buffer,
    flag_words: int,
    k: int,
    seed_words: int,
    max_gap: int,
    x_drop: int,
    fuzzy_letters: int,
    min_passage: int,
    min_density: float,
    shelf_bytes: int,
    level: str = ...,
    /,
) -> tuple[Any, Any, Any]: ...
def resemble(
    texts: Any, a: Buffer, b: Buffer, k: int, shelf_bytes: int, level: str = ..., /
) -> tuple[Any, ...]: ...
def shingle_bytes(texts: Any, k: int, /) -> tuple[Any, ...]: ...
def hash_bytes(
    data: Buffer, begins: Buffer, ends: Buffer, kind: int, level: int, /
) -> tuple[Any, ...]: ...
def permute(
    hashes: Buffer, offsets: Buffer, a: Buffer, b: Buffer, scheme: int, level: int, /
) -> tuple[Any, ...]: ...
def find_fields(
    lines: Buffer, names: Any, columns: Buffer, accepted: Buffer, longest: int, /
) -> tuple[Any, ...]: ...
def read_dates(texts: Any, /) -> tuple[Any, ...]: ...
def pack_postings(keys: Buffer, articles: Buffer, block: int, /) -> tuple[Any, ...]: ...
def check_postings(segment: tuple[Any, ...], /) -> None: ...
def unpack_postings(segment: tuple[Any, ...], first: int, end: int, /) -> tuple[Any, Any, int]: ...
def look_up(
    segments: list[tuple[Any, ...]],
    parts: list[tuple[Buffer, Buffer]],
    keys: Buffer,
    most: int,
    newest: bool,
    gone: Buffer,
    /,
) -> tuple[Any, Any, Any, int, int]: ...
def best_holders(
    offsets: Buffer,
    articles: Buffer,
    totals: Buffer,
    allowed: Buffer,
    starts: Buffer,
    before: Buffer,
    read_cap: int,
    most: int,
    depth: int,
    /,
) -> tuple[Any, Any, Any]: ...
