"""Known answers of the hashes, and the xxhash package as oracle of the digest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dedup import core
from dedup.core import pure
from dedup.index.bands import Bands, band_keys

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["texts"], ids=lambda case: repr(case["text"][:12]))
def test_known_texts_have_their_known_hashes(case: dict[str, object]) -> None:
    text = str(case["text"])
    tokens = core.tokenize([text])
    assert [f"{h:016x}" for h in tokens.hashes.tolist()] == case["words"]
    _, shingles = core.shingles(tokens.hashes, tokens.weights, tokens.offsets, 5)
    assert [f"{h:016x}" for h in shingles.tolist()] == case["shingles_5"]
    sketch = core.sketch([text], 5, 16, 6, 7)
    assert [f"{h:016x}" for h in sketch.digests[0].tolist()] == case["digest"]
    assert sketch.signatures[0].tolist() == case["signature_16"]
    found = zip(sketch.fingerprints.tolist(), sketch.positions.tolist(), strict=True)
    assert [[f"{h:016x}", p] for h, p in found] == case["fingerprints_6_7"]
    keys = band_keys(sketch.signatures, Bands(4, 4))[0].tolist()
    assert [f"{key:016x}" for key in keys] == case["bands_4x4"]


WORDS = ["der", "die", "das", "Gipfel", "in", "Paris", "2025", "größte", "é"]


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_the_digest_is_xxh64_of_the_word_hashes(words: list[str]) -> None:
    text = " ".join(words)
    data = core.tokenize([text]).hashes.astype("<u8").tobytes()
    expected = [xxhash.xxh64_intdigest(data, seed) for seed in (0, 1)]
    assert core.sketch([text], 5, 16, 6, 7).digests[0].tolist() == expected


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_different_words_have_different_hashes(a: bytes, b: bytes) -> None:
    assert (pure.hash_word(a) == pure.hash_word(b)) == (a == b)


def test_word_hashes_are_spread_over_all_bits() -> None:
    hashes = np.array([pure.hash_word(f"w{n}".encode()) for n in range(4000)], np.uint64)
    for bit in range(64):
        ones = int(((hashes >> np.uint64(bit)) & np.uint64(1)).sum())
        assert abs(ones - 2000) < 200, bit  # six standard deviations
