"""What was wanted is held against what a record says, and against nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.kernels import RESEMBLANCE, SET_SIZE, make_hashes
from benchmarks.wanted import figures


def engine(name: str, seconds: float, **stages: float) -> dict[str, Any]:
    return {"engine": name, "seconds": seconds, "stages": stages}


SPEED = {
    "feed": {"articles": 200_000, "text_bytes": 1_000_000_000},
    "limits": {"orjson.loads": 5e8, "memory read": 2e10},
    "levels": [
        {"level": "avx2", "stage": "sign", "threads": 1, "bytes_per_second": 1e9},
        {"level": "avx2", "stage": "sketch", "threads": 1, "bytes_per_second": 8e8},
        {"level": "avx2", "stage": "sketch", "threads": 2, "bytes_per_second": 1.2e9},
    ],
    "engines": [
        engine("ours-file", 2.5, pairs=2.0, verify=0.5),
        engine("gaoya", 45.0, signatures=20.0, verify=5.0),
        engine("datasketch", 100.0, shingles=60.0, signatures=20.0),
        {"engine": "rensa", "absent": "no wheel"},
    ],
}


def reached(record: dict[str, Any]) -> dict[str, Any]:
    return {one.figure: (one.reached, one.is_reached) for one in figures(record)}


def test_ratios_are_those_of_one_record() -> None:
    found = reached({"speed": [SPEED]})
    # A gigabyte in a second, against twenty seconds of gaoya's insert and eighty of datasketch.
    assert found["text to signature, 200,000 articles, times gaoya"] == (pytest.approx(20), False)
    assert found["text to signature, 200,000 articles, times datasketch"] == (
        pytest.approx(80), True,
    )  # fmt: skip
    assert found["text to signature, avx2, times orjson.loads"] == (pytest.approx(2), True)
    assert found["text to signature and fingerprints, % of memory read"] == (
        pytest.approx(4), True,
    )  # fmt: skip
    assert found["the same on two threads, times one"] == (pytest.approx(1.5), False)
    way = "file to groups by resemblance, 200,000 articles, times"
    assert found[f"{way} gaoya"] == (pytest.approx(20), True)
    assert found[f"{way} datasketch"] == (pytest.approx(50), True)


def test_what_a_record_does_not_have_is_not_reached() -> None:
    found = reached({"speed": [SPEED]})
    way = "file to groups by resemblance, 200,000 articles, times"
    assert found[f"{way} rensa"] == (None, False)
    assert found["text to signature, avx512, times orjson.loads"] == (None, False)
    assert found["recall of resemblance 0.7 and more"] == (None, False)


def test_less_is_better_where_it_is_time_or_memory() -> None:
    rows = [
        {"way": "ours", "nanoseconds_per_shingle": 1.0},
        {"way": "rensa", "nanoseconds_per_shingle": 3.0},
    ]
    bands = [
        {"way": "ours", "articles": 200_000, "seconds": 0.1},
        {"way": "datasketch", "articles": 200_000, "seconds": 12.0},
        {
            "way": "ours",
            "articles": 10_000_000,
            "seconds": 6.0,
            "memory_beside_signatures_bytes": 1.5e9,
        },
    ]
    scale = [
        {"articles": 200_000, "threads": 1, "counted": True, "memory_per_article": 5000.0,
         "text_per_article": 3000.0, "seconds": 10.0}
    ]  # fmt: skip
    found = reached({"speed": [SPEED], "kernels": rows, "groupings": bands, "scale": scale})
    assert found["signature of given hashes, share of rensa's time"] == (pytest.approx(1 / 3), True)
    assert found["bands of signatures to pairs, times datasketch"] == (pytest.approx(120), True)
    assert found["bands of 10,000,000 signatures, seconds"] == (6.0, False)
    assert found["bands of 10,000,000 signatures, GB beside them"] == (1.5, True)
    assert found["memory of a scan, 200,000 articles, kB an article"] == (pytest.approx(5), False)
    assert found["dedup scan, 1 thread, 200,000 articles, times gaoya"] == (pytest.approx(4), False)


def test_sets_of_the_kernels_resemble_each_other_as_is_said() -> None:
    flat = make_hashes(6)
    sets = [set(flat[i * SET_SIZE : (i + 1) * SET_SIZE]) for i in range(6)]
    for a, b in zip(sets[::2], sets[1::2], strict=True):
        assert len(a & b) / len(a | b) == pytest.approx(RESEMBLANCE)
    assert not sets[1] & sets[2]
