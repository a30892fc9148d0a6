"""Pages and plots of a record, so that no number on a page was typed in.

In: a record of `records`. Out: a page of Markdown and plots beside it, and the parts of
benchmarks/README.md and docs/performance.md between the marks `<!-- records -->`. A test makes all
of them again and compares. Tables are left to `tables`, drawing to `plots`.

Example:  python -m benchmarks.publish            (the newest record of a whole benchmark)
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.plots import Bar, bars, lines
from benchmarks.records import RESULTS, ROOT, records
from benchmarks.tables import (
    Record,
    feed_line,
    limits_table,
    machine,
    rate,
    reading_table,
    scale_table,
    sections,
    stages_table,
)

#: What stands between the marks as long as nothing has been measured.
NO_RECORD: Final = "There is no record yet; `make bench` makes one.\n"
_MARKED: Final = re.compile(r"(<!-- records -->\n).*?(<!-- /records -->)", re.DOTALL)


def page(path: Path) -> str:
    """The page of a record."""
    record = json.loads(path.read_text("utf-8"))
    parts = [f"# {path.stem}", f"Made from `{path.name}` by `python -m benchmarks.publish`.",
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
        return f"{rate(row['mb_per_second'])}, recall {row['answer']['recall']:.3f}"
    if "answer" in row:
        return f"no time: recall {row['answer']['recall']:.3f}"
    return f"absent: {row['absent']}"[:40]


def readme_part(record: Record, name: str) -> str:
    """What stands in benchmarks/README.md: engines, shifts, estimates, recall, scale, bands."""
    wanted = ("Engines", "Copies", "Error", "What", "Time and", "Bands", "The signature")
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
        f"From `benchmarks/results/{name}`: {machine(record)}. {feed_line(speed['feed'])}.",
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
        prog="python -m benchmarks.publish", description="Tables and plots of a record."
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
