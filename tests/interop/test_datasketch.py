"""Objects made here against the installed datasketch: values, estimates, indexes, mismatches."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasketch
import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import InputError, SettingsError
from dedup.interop.datasketch import (
    bulk,
    from_datasketch,
    lean_minhashes,
    minhashes,
    shingles,
    signatures,
    to_datasketch,
)
from tests.strategies import make_text, make_words, messy_texts

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
SCHEMES = ("affine32", "affine64", "legacy")
#: Name here → the same function for datasketch, and its bits.
HASHES: dict[str, tuple[Callable[..., int], int]] = {
    "sha1_hash32": (datasketch.hashfunc.sha1_hash32, 32),
    "sha1_hash64": (datasketch.hashfunc.sha1_hash64, 64),
    "xxh32": (xxhash.xxh32_intdigest, 32),
    "xxh64": (xxhash.xxh64_intdigest, 64),
    "xxh3_64": (xxhash.xxh3_64_intdigest, 64),
}
PAIRS = [
    (scheme, name)
    for scheme in SCHEMES
    for name, (_, bits) in HASHES.items()
    if scheme != "affine32" or bits == 32
]
TEXTS = [make_text(make_words(seed, length)) for seed, length in enumerate((0, 4, 5, 6, 60, 300))]

seeds = st.integers(0, 2**32 - 1)
texts = st.lists(messy_texts() | st.sampled_from(TEXTS), max_size=5)


def oracle_shingles(words: list[str], k: int) -> list[bytes]:
    """Runs of k words, for words that fold to themselves and weigh 1."""
    return [" ".join(words[i : i + k]).encode() for i in range(len(words) - k + 1)]


def assert_same(ours: list[Any], theirs: list[Any]) -> None:
    assert ours == theirs
    for one, other in zip(ours, theirs, strict=True):
        assert one.hashvalues.dtype == other.hashvalues.dtype
        assert np.array_equal(one.permutations, other.permutations)
        assert one.permutations.dtype == other.permutations.dtype
        assert one.hashfunc == other.hashfunc
        assert one.num_perm == other.num_perm


@pytest.mark.parametrize(("scheme", "name"), PAIRS)
@pytest.mark.parametrize("num_perm", [1, 64, 128, 130])
def test_values_are_those_of_datasketch(scheme: str, name: str, num_perm: int) -> None:
    theirs = datasketch.MinHash.bulk(
        shingles(TEXTS), num_perm=num_perm, seed=3, scheme=scheme, hashfunc=HASHES[name][0]
    )
    assert_same(minhashes(TEXTS, num_perm, 5, 3, scheme, name), theirs)
    assert_same(minhashes(TEXTS, num_perm, 5, 3, scheme, HASHES[name][0]), theirs)
    assert_same(bulk(shingles(TEXTS), num_perm, 3, scheme, name), theirs)


@given(texts, st.integers(1, 8), seeds, st.integers(1, 80), st.sampled_from(PAIRS))
@settings(max_examples=100, deadline=None)
def test_values_are_those_of_datasketch_for_any_text_and_seed(
    several: list[str], k: int, seed: int, num_perm: int, pair: tuple[str, str]
) -> None:
    scheme, name = pair
    theirs = datasketch.MinHash.bulk(
        shingles(several, k), num_perm=num_perm, seed=seed, scheme=scheme, hashfunc=HASHES[name][0]
    )
    assert_same(minhashes(several, num_perm, k, seed, scheme, name), theirs)
    rows = signatures(several, num_perm, k, seed, scheme, name)
    assert rows.shape == (len(several), num_perm)
    assert rows.tolist() == [minhash.hashvalues.tolist() for minhash in theirs]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_defaults_are_those_of_datasketch(scheme: str) -> None:
    assert_same(
        minhashes(TEXTS, scheme=scheme), datasketch.MinHash.bulk(shingles(TEXTS), scheme=scheme)
    )


def test_without_arguments_the_values_are_those_of_a_plain_minhash() -> None:
    (ours,) = minhashes([TEXTS[-1]])
    theirs = datasketch.MinHash()
    for shingle in shingles([TEXTS[-1]])[0]:
        theirs.update(shingle)
    assert ours == theirs


@given(st.lists(st.sampled_from(["ja", "nein", "wort", "haus", "2025"]), max_size=20))
@settings(deadline=None)
def test_shingles_are_runs_of_words_joined_by_a_space(words: list[str]) -> None:
    for k in (1, 3, 5):
        assert shingles([" ".join(words)], k) == [oracle_shingles(words, k)]


def test_shingles_are_folded_and_know_scripts_without_spaces() -> None:
    assert shingles(["Größe: ÉTÉ 2025!"], 3) == [[b"grosse ete 2025"]]
    # Two Han characters weigh a word, four Thai ones too.
    assert shingles(["漢字東京"], 2) == [["漢 字 東 京".encode()]]
    assert shingles(["漢字東京"], 1) == [["漢 字".encode(), "字 東".encode(), "東 京".encode()]]


@pytest.mark.parametrize("case", VECTORS["values"], ids=lambda case: case["scheme"])
def test_known_texts_have_their_known_values(case: dict[str, Any]) -> None:
    (own,) = shingles([VECTORS["text"]])
    assert [shingle.decode() for shingle in own] == VECTORS["shingles"]
    found = signatures([VECTORS["text"]], 4, scheme=case["scheme"], hashfunc=case["hashfunc"])
    assert found.tolist() == [case["signature"]]


def test_order_and_number_of_texts_are_kept_across_batches() -> None:
    many = [f"a b c d {number}" for number in range(700)]
    rows = signatures(iter(many), 16)
    assert rows.shape == (700, 16)
    for number in (0, 255, 256, 511, 512, 699):
        assert rows[number].tolist() == signatures([many[number]], 16)[0].tolist()


def test_bytes_and_str_are_the_same_text() -> None:
    several = ["Größe und Maß der Dinge", "b c d e f g"]
    encoded: list[str | bytes] = [several[0].encode(), several[1]]
    assert signatures(several).tolist() == signatures(encoded).tolist()


# Functions of the user ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_function_of_the_user_is_called_for_each_shingle(scheme: str) -> None:
    theirs = datasketch.MinHash.bulk(shingles(TEXTS), scheme=scheme, hashfunc=zlib.crc32)
    assert_same(minhashes(TEXTS, scheme=scheme, hashfunc=zlib.crc32), theirs)


def test_with_a_function_of_the_user_sets_hold_what_it_takes() -> None:
    sets = [[1, 2, 3], [2**40, 5], []]
    keywords: dict[str, Any] = {"scheme": "affine64", "hashfunc": int}
    assert_same(bulk(sets, **keywords), datasketch.MinHash.bulk(sets, **keywords))


def test_a_hash_that_does_not_fit_the_scheme_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"'xxh64' gives 64 bits, but scheme 'affine32' takes"):
        signatures(TEXTS, hashfunc="xxh64")
    with pytest.raises(SettingsError, match=r"hashfunc gave 4294967296, but scheme 'affine32'"):
        signatures(TEXTS, hashfunc=lambda _: 2**32)
    with pytest.raises(SettingsError, match=r"hashfunc gave -1, but scheme 'legacy'"):
        signatures(TEXTS, scheme="legacy", hashfunc=lambda _: -1)


# Their methods on our objects -----------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "name"), PAIRS)
def test_update_merge_union_and_copy_go_on_as_on_theirs(scheme: str, name: str) -> None:
    keywords: dict[str, Any] = {"num_perm": 32, "scheme": scheme}
    ours = minhashes(TEXTS[-2:], hashfunc=name, **keywords)
    theirs = datasketch.MinHash.bulk(shingles(TEXTS[-2:]), hashfunc=HASHES[name][0], **keywords)
    assert datasketch.MinHash.union(*ours) == datasketch.MinHash.union(*theirs)
    assert datasketch.MinHash.union(ours[0], theirs[1]) == datasketch.MinHash.union(*theirs)
    untouched = ours[1].digest()
    for one, other in zip((ours, theirs), (theirs, ours), strict=True):
        one[0].update(b"new")
        one[0].update_batch([b"newer", b"newest"])
        one[0].merge(other[1])
    assert_same(ours, theirs)
    assert np.array_equal(ours[1].hashvalues, untouched)
    assert_same([ours[0].copy()], [theirs[0]])
    ours[0].clear()
    assert ours[0].is_empty()
    assert_same(ours[1:], theirs[1:])


@pytest.mark.parametrize(("scheme", "name"), PAIRS)
def test_objects_can_be_pickled(scheme: str, name: str) -> None:
    made = minhashes(TEXTS, 16, scheme=scheme, hashfunc=name)
    assert_same(pickle.loads(pickle.dumps(made)), made)
    lean = lean_minhashes(TEXTS, 16, scheme=scheme, hashfunc=name)
    assert pickle.loads(pickle.dumps(lean)) == lean


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lean_objects_and_their_bytes_are_those_of_datasketch(scheme: str) -> None:
    ours = lean_minhashes(TEXTS, scheme=scheme)
    theirs = [datasketch.LeanMinHash(m) for m in minhashes(TEXTS, scheme=scheme)]
    assert ours == theirs
    assert all(type(minhash) is datasketch.LeanMinHash for minhash in ours)
    for one, other in zip(ours, theirs, strict=True):
        buffers = bytearray(one.bytesize("<")), bytearray(other.bytesize("<"))
        one.serialize(buffers[0], "<")
        other.serialize(buffers[1], "<")
        assert buffers[0] == buffers[1]
        assert datasketch.LeanMinHash.deserialize(buffers[0], "<") == one


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_text_without_shingles_has_an_empty_minhash(scheme: str) -> None:
    ours = minhashes(["", "a b c d", "..."], scheme=scheme)
    assert all(minhash.is_empty() for minhash in ours)
    assert_same(ours, [datasketch.MinHash(scheme=scheme)] * 3)
    assert minhashes([], scheme=scheme) == []
    assert signatures([], scheme=scheme).shape == (0, 128)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_estimates_are_near_the_resemblance(scheme: str) -> None:
    words = make_words(1, 600)
    sides = [make_text(words[:450]), make_text(words[150:])]
    a, b = minhashes(sides, 512, scheme=scheme)
    x, y = (set(own) for own in shingles(sides))
    # Standard error 0.022; the values are fixed, so this passes always or never.
    assert abs(a.jaccard(b) - len(x & y) / len(x | y)) < 0.07
    rows = signatures(sides, 512, scheme=scheme)
    assert a.jaccard(b) == np.mean(rows[0] == rows[1])
    assert abs(a.count() / len(x) - 1) < 0.15


# Indexes --------------------------------------------------------------------------------------


def corpus() -> tuple[list[str], list[str]]:
    """Names and texts: ten originals, each with a near-duplicate and a head of 60 words."""
    names, made = [], []
    for n in range(10):
        words = make_words(100 + n, 200)
        copy = list(words)
        copy[100] = "anders"
        for name, version in (("whole", words), ("copy", copy), ("head", words[:60])):
            names.append(f"{name}{n}")
            made.append(make_text(version))
    return names, made


@pytest.mark.parametrize("scheme", SCHEMES)
def test_minhash_lsh_finds_the_near_duplicates(scheme: str) -> None:
    names, several = corpus()
    index = datasketch.MinHashLSH(threshold=0.7, num_perm=128)
    ours = minhashes(several, scheme=scheme)
    for name, minhash in zip(names, ours, strict=True):
        index.insert(name, minhash)
    theirs = datasketch.MinHash.bulk(shingles(several), scheme=scheme)
    for n in range(10):
        expected = {f"whole{n}", f"copy{n}"}
        assert set(index.query(ours[3 * n])) == set(index.query(theirs[3 * n])) == expected


@pytest.mark.parametrize("lean", [False, True])
def test_minhash_lsh_forest_finds_the_nearest(lean: bool) -> None:
    names, several = corpus()
    forest = datasketch.MinHashLSHForest(num_perm=128)
    ours = lean_minhashes(several) if lean else minhashes(several)
    for name, minhash in zip(names, ours, strict=True):
        forest.add(name, minhash)
    forest.index()
    for n in range(10):
        assert set(forest.query(ours[3 * n], 2)) == {f"whole{n}", f"copy{n}"}


def test_minhash_lsh_ensemble_finds_what_contains_a_head() -> None:
    names, several = corpus()
    sizes = [len(set(own)) for own in shingles(several)]
    ours = minhashes(several, 256)
    theirs = datasketch.MinHash.bulk(shingles(several), num_perm=256)
    answers = []
    for side in (ours, theirs):
        ensemble = datasketch.MinHashLSHEnsemble(threshold=0.8, num_perm=256, num_part=4)
        ensemble.index(list(zip(names, side, sizes, strict=True)))
        heads = range(2, len(names), 3)
        answers.append([set(ensemble.query(side[n], sizes[n])) for n in heads])
    assert answers[0] == answers[1]
    for n, found in enumerate(answers[0]):
        assert f"head{n}" in found <= {f"whole{n}", f"copy{n}", f"head{n}"}
    # The index is one of chance, its values are not: of 30 answers it may miss a few.
    assert sum(map(len, answers[0])) >= 27


# Theirs, read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "name"), PAIRS)
def test_what_datasketch_made_reads_as_our_signatures(scheme: str, name: str) -> None:
    keywords: dict[str, Any] = {"num_perm": 20, "seed": 9, "scheme": scheme}
    theirs = datasketch.MinHash.bulk(shingles(TEXTS), hashfunc=HASHES[name][0], **keywords)
    expected = signatures(TEXTS, hashfunc=name, **keywords)
    found = from_datasketch(theirs, hashfunc=name, **keywords)
    assert (found.dtype, found.tolist()) == (expected.dtype, expected.tolist())
    lean = [datasketch.LeanMinHash(minhash) for minhash in theirs]
    assert from_datasketch(lean, hashfunc=name, **keywords).tolist() == expected.tolist()
    assert_same(to_datasketch(found, 9, scheme, name), theirs)


def test_reading_nothing_gives_no_rows() -> None:
    assert from_datasketch([], 16).shape == (0, 16)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"scheme": "legacy"}, "scheme='legacy', but scheme='affine32' is asked for"),
        ({"num_perm": 64}, "num_perm=64, but num_perm=128 is asked for"),
        ({"seed": 2}, "seed=2, but seed=1 is asked for"),
        ({"hashfunc": "xxh32"}, "hashfunc='xxh32', but hashfunc='sha1_hash32' is asked for"),
        ({"hashfunc": zlib.crc32}, "hashfunc=<built-in function crc32>, but hashfunc='sha1"),
    ],
)
def test_what_was_made_differently_is_refused_with_both_values(
    made: dict[str, Any], message: str
) -> None:
    several = minhashes(TEXTS[:1]) + minhashes(TEXTS[:1], **made)
    with pytest.raises(SettingsError) as refused:
        from_datasketch(several)
    assert message in str(refused.value)
    assert str(refused.value).startswith("minhash 1 was made with ")
    assert "Ask for " in str(refused.value)
    assert from_datasketch(several[1:], **made).shape == (1, made.get("num_perm", 128))


def test_permutations_of_ones_own_are_refused() -> None:
    other = datasketch.MinHash(seed=2).permutations
    minhash = datasketch.MinHash(seed=1, permutations=other, scheme="affine32")
    with pytest.raises(SettingsError, match="permutations of its own"):
        from_datasketch([minhash])


def test_what_is_no_minhash_is_refused() -> None:
    with pytest.raises(InputError, match="minhash 0 is a HyperLogLog, not a"):
        from_datasketch([datasketch.HyperLogLog()])


def test_rows_that_cannot_be_values_are_refused() -> None:
    with pytest.raises(SettingsError, match="float64 of shape"):
        to_datasketch(np.zeros((2, 4)))
    with pytest.raises(SettingsError, match=r"int64 of shape \(4,\)"):
        to_datasketch(np.zeros(4, np.int64))
    for scheme in ("affine32", "legacy"):
        with pytest.raises(SettingsError, match=f"0 to 4294967295 in scheme '{scheme}'"):
            to_datasketch(np.array([[2**32]], np.uint64), scheme=scheme)
    with pytest.raises(SettingsError, match="but are -1 to 3"):
        to_datasketch(np.array([[-1, 3]]), scheme="affine64")


# Arguments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scheme": "affine16"}, "one of affine32, affine64, legacy, but is 'affine16'"),
        ({"num_perm": 0}, "num_perm must be 1 or more, but is 0"),
        ({"seed": -1}, r"seed must be 0 to 2\*\*32 - 1, but is -1"),
        ({"seed": 2**32}, "seed must be"),
        ({"k": 0}, "k must be 1 to 32, but is 0"),
        ({"k": 33}, "k must be 1 to 32, but is 33"),
        ({"hashfunc": "md5"}, "one of sha1_hash32, .*, but is 'md5'"),
        ({"hashfunc": 3}, "must be a function or one of .*, but is 3"),
    ],
)
def test_arguments_out_of_range_are_refused(given: dict[str, Any], message: str) -> None:
    for function in (signatures, minhashes, lean_minhashes):
        with pytest.raises(SettingsError, match=message):
            function(TEXTS, **given)


def test_texts_that_cannot_be_used_are_named() -> None:
    several: list[Any] = ["x"] * 300
    cases: list[tuple[Any, str]] = [
        (b"a\xff", "text 300 is not UTF-8 at byte 1"),
        (3, "text 300 must be str or bytes, but is int"),
    ]
    for broken, message in cases:
        with pytest.raises(InputError, match=message):
            signatures([*several, broken])
    with pytest.raises(InputError, match="Put it into a list"):
        signatures("one text")
    with pytest.raises(InputError, match=r"set 1 cannot be hashed .*encode strings"):
        bulk([[b"a"], ["b"]])


# The library itself ---------------------------------------------------------------------------


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_values_need_no_datasketch_and_objects_name_the_extra() -> None:
    code = (
        "import sys; sys.modules['datasketch'] = None\n"
        "from dedup import InputError\n"
        "from dedup.interop import datasketch as bridge\n"
        "print(bridge.signatures(['a b c d e'], 4).tolist())\n"
        "try: bridge.minhashes(['a b c d e'])\n"
        "except InputError as error: print(error)"
    )
    first, second = run(code).splitlines()
    assert first == str(signatures(["a b c d e"], 4).tolist())
    assert "pip install 'dedup[datasketch]'" in second


def test_a_datasketch_without_schemes_makes_legacy_objects_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OldMinHash(datasketch.MinHash):  # type: ignore[misc]
        """As before 2.0: no scheme among the arguments."""

        def __init__(self, seed: int, hashfunc: Any, hashvalues: Any, permutations: Any) -> None:
            super().__init__(
                seed=seed, hashfunc=hashfunc, hashvalues=hashvalues, permutations=permutations,
                scheme="legacy",
            )  # fmt: skip

    expected = minhashes(TEXTS, 8, scheme="legacy")
    monkeypatch.setattr(datasketch, "MinHash", OldMinHash)
    made = minhashes(TEXTS, 8, scheme="legacy")
    assert [m.hashvalues.tolist() for m in made] == [m.hashvalues.tolist() for m in expected]
    with pytest.raises(SettingsError, match=r"'affine32' needs datasketch 2\.0"):
        minhashes(TEXTS, 8)
