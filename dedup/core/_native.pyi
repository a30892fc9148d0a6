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
def shared_keys(
    columns: list[tuple[Buffer, Buffer, Buffer]],
    read_cap: int,
    max_candidates: int,
    depth: int,
    most_records: int,
    /,
) -> tuple[Any, Any, Any, int, int]: ...
def holders(columns: Any, most_records: int, /) -> tuple[Any, Any, Any]: ...
def learn(
    texts: Any,
    hashes: Buffer,
    positions: Buffer,
    offsets: Buffer,
    tokens: Buffer,
    weights: Buffer,
    sites: Buffer,
    days: Buffer,
    keys: Buffer,
    ends: Buffer,
    holders: Buffer,
    known: Buffer,
    lists: Buffer,
    by_site: bool,
    /,
    *numbers: float,
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
