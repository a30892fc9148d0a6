"""The books of the files: what was read, as it was then, and how far the reading is."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
import xxhash

from dedup.read import Fields, Inputs, Rejects, describe_file, open_corpus
from dedup.records import InputFile
from tests.report.making import OTHER, TEXT, line


def read(*paths: Path, inputs: Inputs) -> int:
    return sum(1 for _ in open_corpus(paths, Fields(), Rejects(), inputs=inputs))


def test_every_file_is_there_with_format_size_and_digest(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    packed = gzip.compress(line(TEXT))
    for name, data in (("b.jsonl.gz", packed), ("a.txt", OTHER.encode()), ("c.md", b"no")):
        (tmp_path / "in" / name).write_bytes(data)
    (tmp_path / "empty.jsonl").touch()
    inputs = Inputs()
    read(tmp_path / "empty.jsonl", tmp_path / "in", inputs=inputs)

    def expected(name: str, format_: str, compression: str, data: bytes) -> InputFile:
        digest = xxhash.xxh3_128_hexdigest(data)
        return InputFile(str(tmp_path / name), format_, compression, len(data), digest, {})

    assert inputs.files == [
        expected("empty.jsonl", "JSON Lines", "", b""),
        expected("in/a.txt", "plain text", "", OTHER.encode()),
        expected("in/b.jsonl.gz", "JSON Lines", "gzip", packed),
    ]


def test_a_file_that_is_written_to_while_it_is_read_has_no_digest(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(line(TEXT) + b"\n" + line(OTHER) + b"\n")
    inputs = Inputs()
    for number, _ in enumerate(open_corpus(feed, Fields(), Rejects(), inputs=inputs)):
        if number == 0:
            with feed.open("ab") as file:
                file.write(b"\n")
    assert [(one.bytes, one.digest) for one in inputs.files] == [(None, None)]


def test_standard_input_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_bytes(line(TEXT))
    inputs = Inputs()
    with (tmp_path / "feed.jsonl").open("rb") as stdin:
        assert len(list(open_corpus("-", Fields(), Rejects(), stdin, inputs=inputs))) == 1
    assert inputs.files == [InputFile("-", "JSON Lines", "", None, None, {})]


@pytest.mark.parametrize("digests", [True, False])
def test_the_place_goes_from_nothing_to_all(tmp_path: Path, digests: bool) -> None:
    for name in ("a", "b"):
        rows = b"".join(line(TEXT, id=str(n)) + b"\n" for n in range(4000))
        (tmp_path / f"{name}.jsonl").write_bytes(rows)
    inputs = Inputs(digests=digests)
    records = open_corpus([tmp_path / "a.jsonl", tmp_path], Fields(), Rejects(), inputs=inputs)
    places = [inputs.place() for _ in records]
    done = [place[0] for place in places]
    assert done == sorted(done)
    assert len(set(done)) > 3
    assert inputs.place()[0] == inputs.place()[1] == 3 * len(rows)
    assert inputs.place()[2].startswith("3 of 3 files, ")
    assert bool(inputs.files) == digests


def test_a_digest_is_that_of_the_bytes_as_stored(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x28\xb5\x2f\xfd" + b"x" * 3_000_000)
    size, digest, compression = describe_file(tmp_path / "x")
    assert (size, compression) == (3_000_004, "zstd")
    assert digest == xxhash.xxh3_128_hexdigest((tmp_path / "x").read_bytes())


def test_looking_ahead_does_not_change_the_order_of_rejects(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"broken")
    os.mkfifo(tmp_path / "b.jsonl")
    (tmp_path / "c.jsonl").write_bytes(b"broken")
    found = []
    for is_watched in (True, False):
        rejects = Rejects()
        inputs = Inputs(is_watched=is_watched)
        assert list(open_corpus(tmp_path, Fields(), rejects, inputs=inputs)) == []
        found.append([reject.reason for reject in rejects.entries])
    assert found == 2 * [["bad-json", "unreadable", "bad-json"]]
