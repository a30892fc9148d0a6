"""Tables from records: numbers in, Markdown out.

In: a record of `records`. Out: title and table of everything it holds. What is on which page
is left to `publish`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.wanted import figures

Record = dict[str, Any]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    line = "| " + " | ".join(heads) + " |\n|" + "---|" * len(heads) + "\n"
    return line + "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _number(value: float | None, form: str = ",.2f") -> str:
    return "-" if value is None else format(value, form)


def rate(value: float) -> str:
    """A rate with a decimal place where it is small."""
    return format(value, ",.0f" if value >= 100 else ",.1f")


def _spread(row: Record) -> str:
    runs = row["seconds_all"]
    return f"{min(runs):.2f} to {max(runs):.2f} ({len(runs)})" if len(runs) > 1 else "one run"


def machine(record: Record) -> str:
    """One line on where and with what."""
    again = "".join(
        f"; {part} measured again {one['date'][:16]}, commit `{one['commit'][:12]}`, "
        f"{one['cpu_level']}"
        for part, one in record.get("again", {}).items()
    )
    return (
        f"{record['date'][:10]}, commit `{record['commit'][:12]}`, {record['cpu']}, "
        f"{record['num_cpus']} cores, {record['memory_bytes'] / 2**30:.0f} GiB, "
        f"{record['compiler']}, Python {record['python']}, NumPy {record['numpy']}, "
        f"kernels {record['backend']} ({record['cpu_level']}), settings `{record['settings'][:12]}`"
        f"{again}"
    )


def engines_table(rows: Sequence[Record]) -> str:
    """Engines on one feed, fastest first; those without a time at the end with the reason."""
    timed = sorted((row for row in rows if "seconds" in row), key=lambda row: row["seconds"])
    rest = [row for row in rows if "seconds" not in row]
    best = next((r["seconds"] for r in timed if r["engine"] == "ours-pairs"), None)
    cells = [
        [
            _engine(row),
            str(row["threads"]),
            f"{row['seconds']:.2f}",
            _spread(row),
            f"{row['cpu_seconds']:.2f}",
            rate(row["mb_per_second"]),
            rate(row["articles_per_second"]),
            _number(row["seconds"] / best if best else None, ",.1f"),
            *_answer(row),
            f"{row['memory_peak_bytes'] / 1e6:,.0f}",
        ]
        for row in timed
    ]
    for row in rest:
        answer = _answer(row) if "answer" in row else ["-"] * 4
        why = row.get("absent") or "no time: the answer is wrong"
        cells.append([_engine(row), str(row["threads"]), "-", why, *["-"] * 4, *answer, "-"])
    heads = (
        "engine", "threads", "seconds", "spread (runs)", "CPU s", "MB/s", "articles/s",
        "times ours-pairs", "recall", "found", "also related", "wrong", "peak MB",
    )  # fmt: skip
    return table(heads, cells)


def _engine(row: Record) -> str:
    return f"{row['engine']} {row.get('version', '')}".strip()


def _answer(row: Record) -> list[str]:
    answer = row["answer"]
    return [
        f"{answer['recall']:.4f}",
        f"{answer['found']:,} of {answer['wanted']:,}",
        f"{answer['related']:,}",
        f"{answer['wrong']:,}",
    ]


def engine_stages_table(rows: Sequence[Record]) -> str:
    """Where the time of each engine goes."""
    return table(
        ("engine", "stages, seconds"),
        (
            [row["engine"], ", ".join(f"{k} {v:.2f}" for k, v in row["stages"].items())]
            for row in rows
            if "stages" in row
        ),
    )


def stages_table(told: Record) -> str:
    """Our stages, by `dedup bench`."""
    rows = [
        [
            lap["stage"],
            str(lap["threads"]),
            f"{lap['seconds']:.3f}",
            f"{lap['least']:.3f} to {lap['most']:.3f}",
            rate((lap["bytes_per_second"] or 0) / 1e6),
            rate(lap["articles_per_second"] or 0),
            _number((lap["share_of_memory_read"] or 0) * 100, ".2f"),
        ]
        for lap in told["laps"]
    ]
    heads = ("stage", "threads", "seconds", "spread", "MB/s", "articles/s", "% of memory read")
    return table(heads, rows)


def limits_table(speed: Record) -> str:
    """What the machine does to the same bytes, and our sketch and scan as shares of it."""
    limits = speed["limits"]
    if "absent" in limits:
        return f"Limits are missing: {limits['absent']}\n"
    laps = {
        lap["stage"]: lap["bytes_per_second"]
        for lap in speed["stages"]["laps"]
        if lap["threads"] == 1
    }
    rows = [
        [
            name,
            rate(value / 1e6),
            *(f"{100 * laps[stage] / value:.2f} %" for stage in ("read records", "sketch", "scan")),
        ]
        for name, value in sorted(limits.items(), key=lambda item: -item[1])
    ]
    return table(("limit, one thread", "MB/s", "our reading", "our sketch", "our scan"), rows)


def reading_table(rows: Sequence[Record]) -> str:
    """Reading records from each compression."""
    return table(
        ("file", "MB on disk", "seconds", "MB/s unpacked"),
        (
            [r["file"], f"{r['file_bytes'] / 1e6:,.1f}", f"{r['seconds']:.2f}",
             rate(r["mb_per_second"])]
            for r in rows
        ),
    )  # fmt: skip


def shifts_table(rows: Sequence[Record]) -> str:
    """Recall by kind of shift."""
    kinds = next((list(row["recall"]) for row in rows if "recall" in row), [])
    return table(
        ("engine", *kinds),
        (
            [row["engine"], *(f"{row['recall'][kind]:.4f}" for kind in kinds)]
            if "recall" in row
            else [row["engine"], row["absent"], *["-"] * (len(kinds) - 1)]
            for row in rows
        ),
    )


def estimates_table(rows: Sequence[Record]) -> str:
    """Error and bias by size of the joint set."""
    first: list[Record] = next((row["sizes"] for row in rows if "sizes" in row), [])
    heads = ["engine", *(f"RMSE at {size['size']}" for size in first), "worst bias"]
    body = [
        [row["engine"], *(f"{size['rmse']:.4f}" for size in row["sizes"]),
         f"{max((size['bias'] for size in row['sizes']), key=abs):+.4f}"]
        if "sizes" in row
        else [row["engine"], row["absent"], *["-"] * len(first)]
        for row in rows
    ]  # fmt: skip
    if first:
        body.append(["128 independent slots", *(f"{size['theory']:.4f}" for size in first), "0"])
    return table(heads, body)


def recall_table(recall: Record) -> str:
    """What of the planted a whole scan finds, under any name."""
    rows = [
        ("resemblance 0.7 and more", recall["near"]),
        ("60 words and more of another", recall["excerpts"]),
        *recall["planted"].items(),
    ]
    body = [
        [kind, f"{row['wanted']:,}", f"{row['found']:,}", f"{row['found'] / row['wanted']:.4f}"]
        for kind, row in rows
    ]
    body.append(["reported without a common origin", "0", f"{recall['wrong']:,}", "-"])
    return table(("planted", "wanted", "found", "recall"), body)


def scale_table(rows: Sequence[Record]) -> str:
    """Time and memory of a scan from a file to a result folder, by size."""
    body = [
        [
            f"{row['articles']:,}", str(row["threads"]), f"{row['seconds']:.2f}", _spread(row),
            rate(row["articles_per_second"]), rate(row["mb_per_second"]),
            f"{row['memory_peak_bytes'] / 1e6:,.0f}", f"{row['memory_per_article']:,.0f}",
            f"{row['text_per_article']:,.0f}",
        ]
        if row["counted"]
        else [f"{row['articles']:,}", str(row["threads"]), "-", "the answer is wrong", *["-"] * 5]
        for row in rows
    ]  # fmt: skip
    heads = ("articles", "threads", "seconds", "spread (runs)", "articles/s", "MB/s", "peak MB",
             "bytes an article", "text, on disk")  # fmt: skip
    return table(heads, body)


def groupings_table(rows: Sequence[Record]) -> str:
    """Bands alone."""
    body = [
        [row["way"], f"{row['articles']:,}", f"{row['seconds']:.3f}", f"{row['recall']:.4f}",
         f"{row['memory_peak_bytes'] / 1e6:,.0f}",
         f"{row['memory_beside_signatures_bytes'] / 1e6:,.0f}"]
        if "seconds" in row
        else [row["way"], f"{row['articles']:,}", row["absent"], "-", "-", "-"]
        for row in rows
    ]  # fmt: skip
    heads = ("bands of", "articles", "seconds", "recall", "peak MB", "beside signatures")
    return table(heads, body)


def wanted_table(record: Record) -> str:
    """What we set out to reach, and what was reached."""
    body = [
        [
            one.figure,
            ("at most " if one.at_most else "at least ") + f"{one.wanted:g}",
            _number(one.reached, one.form),
            "yes" if one.is_reached else "not measured" if one.reached is None else "no",
        ]
        for one in figures(record)
    ]
    return table(("figure", "wanted", "reached", "enough"), body)


def kernels_table(rows: Sequence[Record]) -> str:
    """The kernel of the signature alone."""
    body = [
        [row["way"], f"{row['shingles']:,}", f"{row['nanoseconds_per_shingle']:.2f}",
         f"{row['bias']:+.4f}"]
        if "seconds" in row
        else [row["way"], row["absent"], "-", "-"]
        for row in rows
    ]  # fmt: skip
    return table(("kernel of", "shingles", "ns a shingle", "bias"), body)


def levels_table(rows: Sequence[Record]) -> str:
    """Signing and sketching by instruction set."""
    return table(
        ("instruction set", "stage", "threads", "MB/s"),
        (
            [row["level"], row["stage"], str(row["threads"]), rate(row["bytes_per_second"] / 1e6)]
            for row in rows
        ),
    )


def feed_line(about: Record) -> str:
    """A feed in a line."""
    return (
        f"{about['articles']:,} articles, {about['text_bytes'] / 1e6:,.1f} MB of text, "
        f"{about['words'] / about['articles']:,.0f} words each, {about['pairs_07']:,} pairs of "
        f"resemblance 0.7 and more, digest `{about['digest']}`"
    )


def sections(record: Record) -> list[tuple[str, str]]:
    """Title and table of everything a record holds."""
    found: list[tuple[str, str]] = []
    if {"speed", "scale"} <= record.keys():
        found.append(("What was wanted, and what was reached", wanted_table(record)))
    for speed in record.get("speed", ()):
        size = f"{speed['feed']['articles']:,} articles"
        feed = feed_line(speed["feed"])
        found += [
            (f"Engines, {size}", f"{feed}.\n\n{engines_table(speed['engines'])}"),
            (f"Where their time goes, {size}", engine_stages_table(speed["engines"])),
        ]
        if "stages" in speed:
            found += [
                (f"Our stages, {size}", stages_table(speed["stages"])),
                (f"Instruction sets, {size}", levels_table(speed.get("levels", ()))),
                (f"Reading, {size}", reading_table(speed["reading"])),
                (f"Limits of the machine, {size}", limits_table(speed)),
            ]
    makers: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        ("shifts", "Copies after a small shift: recall", shifts_table),
        ("estimates", "Error of the estimated resemblance", estimates_table),
        ("recall", "What a scan finds of what was planted", recall_table),
    )
    accuracy = record.get("accuracy", {})
    found += [(title, make(accuracy[key])) for key, title, make in makers if key in accuracy]
    if "kernels" in record:
        found.append(
            ("The signature alone: hashes to signatures", kernels_table(record["kernels"]))
        )
    if "scale" in record:
        found.append(("Time and memory as the corpus grows", scale_table(record["scale"])))
    if "groupings" in record:
        found.append(("Bands alone: signatures to pairs", groupings_table(record["groupings"])))
    return found
