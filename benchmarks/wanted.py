"""What we set out to reach, beside what a record holds: ratios of one run, none of them typed in.

In: a record of `records`. Out: rows of figure, wanted, reached, and whether that is enough; a
figure the record cannot answer says so. A ratio says how many times as fast we are as what stands
behind it, in the same run. Rates of text are those with AVX2 unless a row says otherwise, so that
machines compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

Record = dict[str, Any]


class Wanted(NamedTuple):
    """One figure."""

    figure: str
    wanted: float
    #: None where the record does not have it.
    reached: float | None
    #: How the numbers are shown; and whether less is better.
    form: str = ".1f"
    at_most: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether it is enough."""
        if self.reached is None:
            return False
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted


def figures(record: Record) -> list[Wanted]:
    """All figures a record can answer, in order."""
    found: list[Wanted] = []
    staged = [one for one in record.get("speed", ()) if "levels" in one]
    if staged:
        found += _of_text(staged[-1])
    if record.get("kernels"):
        found.append(_of_kernels(record["kernels"]))
    whole = [one for one in record.get("speed", ()) if "engines" in one]
    if whole:
        found += _of_engines(whole[-1], record.get("scale", ()))
    if record.get("groupings"):
        found += _of_bands(record["groupings"])
    found += _of_accuracy(record.get("accuracy", {}))
    found += _of_memory(record.get("scale", ()))
    return found


def _of_text(speed: Record) -> Iterator[Wanted]:
    """Text to signature, and to a whole sketch, beside peers and limits."""
    rates = {(row["level"], row["stage"], row["threads"]): row["bytes_per_second"]
             for row in speed["levels"]}  # fmt: skip
    size = speed["feed"]["text_bytes"]
    engines = {row["engine"]: row.get("stages", {}) for row in speed["engines"]}
    limits = speed["limits"]
    n = f"{speed['feed']['articles']:,}"
    sign = rates.get(("avx2", "sign", 1))
    for name, stages, wanted in (
        ("gaoya", ("signatures",), 25),
        ("datasketch", ("shingles", "signatures"), 80),
    ):
        took = sum(engines.get(name, {}).get(stage, 0.0) for stage in stages)
        reached = sign / (size / took) if sign and took else None
        yield Wanted(f"text to signature, {n} articles, times {name}", wanted, reached)
    orjson, memory = limits.get("orjson.loads"), limits.get("memory read")
    for level, wanted_ratio in (("avx2", 1.5), ("avx512", 2.3)):
        rate = rates.get((level, "sign", 1))
        yield Wanted(f"text to signature, {level}, times orjson.loads", wanted_ratio,
                     rate / orjson if rate and orjson else None)  # fmt: skip
    one, two = (rates.get(("avx2", "sketch", threads)) for threads in (1, 2))
    yield Wanted("text to signature and fingerprints, % of memory read", 3.5,
                 100 * one / memory if one and memory else None)  # fmt: skip
    yield Wanted("the same on two threads, times one", 1.8, two / one if one and two else None)


def _of_kernels(rows: list[Record]) -> Wanted:
    took = {row["way"]: row.get("nanoseconds_per_shingle") for row in rows}
    ours, rensa = took.get("ours"), took.get("rensa")
    return Wanted("signature of given hashes, share of rensa's time", 0.5,
                  ours / rensa if ours and rensa else None, ".2f", at_most=True)  # fmt: skip


def _of_engines(speed: Record, scale: Any) -> Iterator[Wanted]:
    """Whole ways from a file beside peers that have the text in memory.

    Peers are taken without the exact resemblance that the benchmark computes of their candidates.
    Ours is part of `dedup pairs` and counts; what does not is the question to the words of the
    task where those of ours are too close to tell, which only makes answers comparable.
    """
    seconds = {
        row["engine"]: row["seconds"] - row.get("stages", {}).get("verify", 0.0)
        for row in speed["engines"]
        if row.get("seconds")
    }
    articles = speed["feed"]["articles"]
    n = f"{articles:,}"
    ways = [("file to groups by resemblance", seconds.get("ours-file"), (12, 20, 25))]
    ways += [
        (
            f"dedup scan, {row['threads']} thread{'s' * (row['threads'] > 1)}",
            row.get("seconds"),
            (8, 12, 16),
        )
        for row in scale
        if row["articles"] == articles
    ]
    for what, ours, wanted in ways:
        for peer, ratio in zip(("gaoya", "rensa", "datasketch"), wanted, strict=True):
            theirs = seconds.get(peer)
            reached = theirs / ours if ours and theirs else None
            yield Wanted(f"{what}, {n} articles, times {peer}", ratio, reached)


def _of_bands(rows: list[Record]) -> Iterator[Wanted]:
    alike = {row["way"]: row for row in rows if row["articles"] <= 1_000_000}
    ours, theirs = (alike.get(way, {}).get("seconds") for way in ("ours", "datasketch"))
    yield Wanted("bands of signatures to pairs, times datasketch", 100,
                 theirs / ours if ours and theirs else None)  # fmt: skip
    large = next((row for row in rows if row["articles"] >= 10_000_000), None)
    if large:
        n = f"{large['articles']:,}"
        yield Wanted(f"bands of {n} signatures, seconds", 5, large.get("seconds"), at_most=True)
        beside = large.get("memory_beside_signatures_bytes")
        yield Wanted(f"bands of {n} signatures, GB beside them", 2,
                     beside / 1e9 if beside else None, ".2f", at_most=True)  # fmt: skip


def _of_accuracy(accuracy: Record) -> Iterator[Wanted]:
    recall = accuracy.get("recall", {})
    for key, what in (
        ("near", "recall of resemblance 0.7 and more"),
        ("excerpts", "recall of excerpts of 60 words and more"),
    ):
        row = recall.get(key)
        yield Wanted(what, 0.999, row["found"] / row["wanted"] if row else None, ".4f")
    for row in accuracy.get("estimates", ()):
        if row["engine"] == "ours" and "sizes" in row:
            worst = max(size["rmse"] / size["theory"] for size in row["sizes"])
            bias = max(abs(size["bias"]) for size in row["sizes"])
            yield Wanted("error of the estimate, share of that of 128 independent slots", 1, worst,
                         ".2f", at_most=True)  # fmt: skip
            yield Wanted("bias of the estimate", 0.002, bias, ".4f", at_most=True)


def _of_memory(scale: Any) -> Iterator[Wanted]:
    """The whole process; its texts lie on disk."""
    for row in scale:
        if row.get("counted") and row["articles"] >= 100_000 and row["threads"] == 1:
            yield Wanted(f"memory of a scan, {row['articles']:,} articles, kB an article",
                         1.5, row["memory_per_article"] / 1e3, ".2f", at_most=True)  # fmt: skip
