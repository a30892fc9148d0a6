"""Tables and plots from records, never from memory.

In: a record of `records`. Out: a page of Markdown and plots beside the record, and the parts of
benchmarks/README.md and docs/performance.md between the marks `<!-- records -->`. A test makes
them again and compares, so a number on these pages is always one of the newest record.

Example:  python -m benchmarks.tables            (the newest record of a whole benchmark)
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.plots import Bar, bars, lines
from benchmarks.records import RESULTS, ROOT, records

Record = dict[str, Any]
#: What stands between the marks as long as nothing has been measured.
NO_RECORD: Final = "There is no record yet; `make bench` makes one.\n"
_MARKED: Final = re.compile(r"(<!-- records -->\n).*?(<!-- /records -->)", re.DOTALL)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    line = "| " + " | ".join(heads) + " |\n|" + "---|" * len(heads) + "\n"
    return line + "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _number(value: float | None, form: str = ",.2f") -> str:
    return "-" if value is None else format(value, form)


def _rate(value: float) -> str:
    return format(value, ",.0f" if value >= 100 else ",.1f")


def _spread(row: Record) -> str:
    runs = row["seconds_all"]
    return f"{min(runs):.2f} to {max(runs):.2f} ({len(runs)})" if len(runs) > 1 else "one run"


def machine(record: Record) -> str:
    """One line on where and with what."""
    return (
        f"{record['date'][:10]}, commit `{record['commit'][:12]}`, {record['cpu']}, "
        f"{record['num_cpus']} cores, {record['memory_bytes'] / 2**30:.0f} GiB, "
        f"{record['compiler']}, Python {record['python']}, NumPy {record['numpy']}, "
        f"kernels {record['backend']} ({record['cpu_level']}), settings `{record['settings'][:12]}`"
    )


def engines_table(rows: Sequence[Record]) -> str:
    """Engines on one feed, fastest first; those without a time at the end with the reason."""
    timed = sorted((row for row in rows if "seconds" in row), key=lambda row: row["seconds"])
    rest = [row for row in rows if "seconds" not in row]
    best = next((r["seconds"] for r in timed if r["engine"] == "ours-signatures"), None)
    cells = [
        [
            _engine(row),
            str(row["threads"]),
            f"{row['seconds']:.2f}",
            _spread(row),
            f"{row['cpu_seconds']:.2f}",
            _rate(row["mb_per_second"]),
            _rate(row["articles_per_second"]),
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
        "times ours-signatures", "recall", "found", "also related", "wrong", "peak MB",
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
            _rate((lap["bytes_per_second"] or 0) / 1e6),
            _rate(lap["articles_per_second"] or 0),
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
            _rate(value / 1e6),
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
             _rate(r["mb_per_second"])]
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
    """Time and memory of a scan from a file, by size."""
    body = [
        [
            f"{row['articles']:,}", str(row["threads"]), f"{row['seconds']:.2f}", _spread(row),
            _rate(row["articles_per_second"]), _rate(row["mb_per_second"]),
            f"{row['memory_peak_bytes'] / 1e6:,.0f}", f"{row['memory_per_article']:,.0f}",
            f"{row['text_per_article']:,.0f}",
        ]
        if row["counted"]
        else [f"{row['articles']:,}", str(row["threads"]), "-", "the answer is wrong", *["-"] * 5]
        for row in rows
    ]  # fmt: skip
    heads = ("articles", "threads", "seconds", "spread (runs)", "articles/s", "MB/s", "peak MB",
             "bytes an article", "of it text")  # fmt: skip
    return table(heads, body)


def groupings_table(rows: Sequence[Record]) -> str:
    """Bands alone."""
    body = [
        [row["way"], f"{row['articles']:,}", f"{row['seconds']:.3f}", f"{row['recall']:.4f}",
         f"{row['memory_peak_bytes'] / 1e6:,.0f}"]
        if "seconds" in row
        else [row["way"], f"{row['articles']:,}", row["absent"], "-", "-"]
        for row in rows
    ]  # fmt: skip
    return table(("bands of", "articles", "seconds", "recall", "peak MB"), body)


def _feed_line(about: Record) -> str:
    return (
        f"{about['articles']:,} articles, {about['text_bytes'] / 1e6:,.1f} MB of text, "
        f"{about['words'] / about['articles']:,.0f} words each, {about['pairs_07']:,} pairs of "
        f"resemblance 0.7 and more, digest `{about['digest']}`"
    )


def sections(record: Record) -> list[tuple[str, str]]:
    """Title and table of everything a record holds."""
    found: list[tuple[str, str]] = []
    for speed in record.get("speed", ()):
        size = f"{speed['feed']['articles']:,} articles"
        feed = _feed_line(speed["feed"])
        found += [
            (f"Engines, {size}", f"{feed}.\n\n{engines_table(speed['engines'])}"),
            (f"Where their time goes, {size}", engine_stages_table(speed["engines"])),
        ]
        if "stages" in speed:
            found += [
                (f"Our stages, {size}", stages_table(speed["stages"])),
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
    if "scale" in record:
        found.append(("Time and memory as the corpus grows", scale_table(record["scale"])))
    if "groupings" in record:
        found.append(("Bands alone: signatures to pairs", groupings_table(record["groupings"])))
    return found


def page(path: Path) -> str:
    """The page of a record."""
    record = json.loads(path.read_text("utf-8"))
    parts = [f"# {path.stem}", f"Made from `{path.name}` by `python -m benchmarks.tables`.",
             machine(record) + "."]  # fmt: skip
    parts += [f"![{name}]({path.stem}-{name}.svg)" for name in plots(record)]
    parts += [f"## {title}\n\n{body}".rstrip() for title, body in sections(record)]
    return "\n\n".join(parts) + "\n"


def plots(record: Record) -> dict[str, str]:
    """Name and text of the plots of a record."""
    found = {}
    for speed in record.get("speed", ()):
        size = speed["feed"]["articles"]
        rows = sorted(speed["engines"], key=lambda row: -row.get("mb_per_second", 0))
        found[f"engines-{size}"] = bars(
            f"MB of text per second, {size:,} articles (logarithmic)",
            [
                Bar(row["engine"], row.get("mb_per_second"), _note(row),
                    row["engine"].startswith("ours"))
                for row in rows
            ],
        )  # fmt: skip
    scaled = [row for row in record.get("scale", ()) if row["counted"]]
    if scaled:
        threads = sorted({row["threads"] for row in scaled})
        found["scale"] = lines(
            "A scan from a file as the corpus grows", "articles", "seconds",
            {
                f"{n} thread{'s' * (n > 1)}": [
                    (row["articles"], row["seconds"]) for row in scaled if row["threads"] == n
                ]
                for n in threads
            },
        )  # fmt: skip
    return found


def _note(row: Record) -> str:
    if "mb_per_second" in row:
        return f"{_rate(row['mb_per_second'])}, recall {row['answer']['recall']:.3f}"
    if "answer" in row:
        return f"no time: recall {row['answer']['recall']:.3f}"
    return f"absent: {row['absent']}"[:40]


def readme_part(record: Record, name: str) -> str:
    """What stands in benchmarks/README.md: engines, shifts, estimates, recall, scale, bands."""
    wanted = ("Engines", "Copies", "Error", "What", "Time and", "Bands")
    parts = [f"Of `results/{name}`: {machine(record)}."]
    parts += [
        f"### {title}\n\n{body}".rstrip()
        for title, body in sections(record)
        if title.startswith(wanted)
    ]
    return "\n\n".join(parts) + "\n"


def user_part(record: Record, name: str) -> str:
    """What stands in docs/performance.md: our own stages and growth."""
    speed = [one for one in record["speed"] if "stages" in one][-1]
    parts = [
        f"From `benchmarks/results/{name}`: {machine(record)}. {_feed_line(speed['feed'])}.",
        f"### Stages\n\n{stages_table(speed['stages'])}".rstrip(),
        f"### Reading\n\n{reading_table(speed['reading'])}".rstrip(),
        f"### Limits of the machine\n\n{limits_table(speed)}".rstrip(),
        f"### Growth\n\n{scale_table(record['scale'])}".rstrip(),
    ]
    return "\n\n".join(parts) + "\n"


PAGES: Final[dict[str, Callable[[Record, str], str]]] = {
    "benchmarks/README.md": readme_part,
    "docs/performance.md": user_part,
}


def with_part(text: str, part: str) -> str:
    """A page with what stands between its marks replaced.

    Raises:
        ValueError: The page has no marks.
    """
    if not _MARKED.search(text):
        raise ValueError("the page has no marks <!-- records --> and <!-- /records -->")
    return _MARKED.sub(lambda found: f"{found[1]}\n{part}\n{found[2]}", text)


def part_of(name: str, path: Path | None) -> str:
    """What is to stand between the marks of a page, from a record or from none."""
    if path is None:
        return NO_RECORD
    return PAGES[name](json.loads(path.read_text("utf-8")), path.name)


def write_pages(path: Path, root: Path = ROOT) -> None:
    """Write the page and plots of a record beside it, and the parts of the other pages."""
    record = json.loads(path.read_text("utf-8"))
    path.with_suffix(".md").write_text(page(path), "utf-8")
    for old in path.parent.glob(f"{path.stem}-*.svg"):
        old.unlink()
    for name, text in plots(record).items():
        path.with_name(f"{path.stem}-{name}.svg").write_text(text, "utf-8")
    for name in PAGES:
        file = root / name
        file.write_text(with_part(file.read_text("utf-8"), part_of(name, path)), "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all pages of a record again."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tables", description="Tables and plots of a record."
    )
    parser.add_argument("record", nargs="?", type=Path, help="default: the newest of a whole run")
    options = parser.parse_args(arguments)
    known = records(RESULTS)
    if options.record is None and not known:
        print("there is no record; make one: make bench", file=sys.stderr)
        return 2
    write_pages(options.record or known[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
