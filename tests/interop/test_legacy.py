"""The scheme "legacy" with whichever datasketch is on the path; `.ci/run` puts the oldest there."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import datasketch
import numpy as np
import pytest
import xxhash

from dedup import SettingsError
from dedup.interop.datasketch import (
    bulk,
    from_datasketch,
    lean_minhashes,
    minhashes,
    shingles,
    signatures,
)
from tests.strategies import make_text, make_words

HAS_SCHEMES = "scheme" in inspect.signature(datasketch.MinHash).parameters
LEGACY: dict[str, Any] = {"scheme": "legacy"} if HAS_SCHEMES else {}
TEXTS = [make_text(make_words(seed, length)) for seed, length in enumerate((0, 5, 60, 300))]


@pytest.mark.parametrize("num_perm", [1, 100, 128])
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sha1_hash32", datasketch.hashfunc.sha1_hash32),
        ("xxh32", xxhash.xxh32_intdigest),
        ("xxh64", xxhash.xxh64_intdigest),
    ],
)
def test_values_are_those_of_the_installed_datasketch(
    num_perm: int, name: str, function: Any
) -> None:
    theirs = []
    for own in shingles(TEXTS):
        minhash = datasketch.MinHash(num_perm, seed=5, hashfunc=function, **LEGACY)
        if own:
            minhash.update_batch(own)
        theirs.append(minhash)
    ours = minhashes(TEXTS, num_perm, 5, 5, "legacy", name)
    assert ours == theirs
    assert bulk(shingles(TEXTS), num_perm, 5, "legacy", name) == theirs
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one.permutations, other.permutations)
        assert one.hashvalues.dtype == other.hashvalues.dtype
        one.update(b"new")
        other.update(b"new")
    assert ours == theirs
    rows = signatures(TEXTS, num_perm, 5, 5, "legacy", name)
    found = from_datasketch(minhashes(TEXTS, num_perm, 5, 5, "legacy", name),
                            num_perm, 5, "legacy", name)  # fmt: skip
    assert np.array_equal(found, rows)


def test_lean_objects_pickles_and_indexes_work_with_the_installed_datasketch() -> None:
    ours = minhashes(TEXTS, scheme="legacy")
    lean = lean_minhashes(TEXTS, scheme="legacy")
    assert pickle.loads(pickle.dumps(ours)) == ours
    assert [m.hashvalues.tolist() for m in pickle.loads(pickle.dumps(lean))] == [
        m.hashvalues.tolist() for m in ours
    ]
    assert from_datasketch(lean, scheme="legacy").tolist() == signatures(
        TEXTS, scheme="legacy"
    ).tolist()  # fmt: skip
    index = datasketch.MinHashLSH(threshold=0.7, num_perm=128)
    for name, minhash in enumerate(ours):
        index.insert(name, minhash)
    assert [index.query(minhash) for minhash in lean] == [[0], [1], [2], [3]]


@pytest.mark.skipif(HAS_SCHEMES, reason="this datasketch has schemes")
def test_other_schemes_name_the_cure() -> None:
    for function in (minhashes, lean_minhashes):
        with pytest.raises(SettingsError, match=r"needs datasketch 2\.0.*scheme='legacy'"):
            function(TEXTS)
    assert signatures(TEXTS).shape == (4, 128)
