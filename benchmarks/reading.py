"""How fast JSON Lines are read: ours, as batches and as records, beside the libraries there are.

In: a file of one JSON object a line with `id`, `text`, `date` and `site`. Out: MB/s of CPU time,
best and median of nine rounds in which all take turns, so that the ratios hold on a busy machine.
A reader whose articles or bytes of text differ is not timed but refused. Libraries that are not
installed (orjson, msgspec, pyarrow) are left out. It does not measure: retaining the texts,
broken lines, other sites than named ones. Run it: python -m benchmarks.reading FILE
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from dedup.read import Fields, Rejects, open_batches, open_corpus

ROUNDS = 9
#: Articles, and bytes of their texts.
Answer = tuple[int, int]


def _batches(file: Path) -> Answer:
    found = [(len(b.ids), len(b.texts[0])) for b in open_batches(file, Fields(), Rejects())]
    return sum(n for n, _ in found), sum(size for _, size in found)


def _records(file: Path) -> Answer:
    return _count(record.text for record in open_corpus(file, Fields(), Rejects()))


def _count(texts: Iterable[bytes]) -> Answer:
    articles = size = 0
    for text in texts:
        articles, size = articles + 1, size + len(text)
    return articles, size


def _by_line(parse: Callable[[bytes], dict[str, Any]]) -> Callable[[Path], Answer]:
    def text_of(line: bytes) -> bytes:
        found = parse(line)
        _ = found.get("id"), found.get("date"), found.get("site")
        return str(found["text"]).encode()

    def read(file: Path) -> Answer:
        with file.open("rb") as lines:
            return _count(text_of(line) for line in lines)

    return read


def _arrow(pyarrow: Any, reader: Any) -> Callable[[Path], Answer]:
    names = ("id", "text", "date", "site")
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    options = {
        "read_options": reader.ReadOptions(use_threads=False, block_size=1 << 20),
        "parse_options": reader.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="ignore"
        ),
    }

    def read(file: Path) -> Answer:
        texts = [batch.column("text") for batch in reader.open_json(file, **options)]
        buffers = [text.buffers()[1] for text in texts]
        ends = [memoryview(b).cast("i")[len(t)] for b, t in zip(buffers, texts, strict=True)]
        return sum(map(len, texts)), sum(ends)

    return read


def readers() -> dict[str, Callable[[Path], Answer]]:
    """Every reader that can run here, the standard library first."""
    found: dict[str, Callable[[Path], Answer]] = {"json by line": _by_line(json.loads)}
    with suppress(ImportError):
        found["orjson by line"] = _by_line(importlib.import_module("orjson").loads)
    with suppress(ImportError):
        msgspec = importlib.import_module("msgspec")
        wanted = msgspec.defstruct("Wanted", [(n, str) for n in ("id", "text", "date", "site")])
        decode = msgspec.json.Decoder(wanted).decode
        found["msgspec by line"] = _by_line(lambda line: msgspec.structs.asdict(decode(line)))
    with suppress(ImportError):
        arrow = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.json")
        found["pyarrow.json"] = _arrow(*arrow)
    return {**found, "dedup, records": _records, "dedup, batches": _batches}


def main(file: Path) -> int:
    """Measure and print; 1 when readers disagree."""
    seconds: dict[str, list[float]] = {}
    answers = set()
    for _ in range(ROUNDS):
        for name, read in readers().items():
            begin = time.process_time()
            answers.add(read(file))
            seconds.setdefault(name, []).append(time.process_time() - begin)
    if len(answers) > 1:
        print(f"the readers disagree: {sorted(answers)}", file=sys.stderr)
        return 1
    size = file.stat().st_size / 1e6
    first = min(seconds["json by line"])
    for name, taken in seconds.items():
        best, middle = size / min(taken), size / statistics.median(taken)
        print(f"{name:16} {best:6.0f} MB/s best {middle:6.0f} median  x{first / min(taken):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
