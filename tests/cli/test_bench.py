"""`dedup bench` in a process of its own: stages, numbers that fit together, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dedup.errors import InputError
from dedup.measure import measure_limits, measure_paths
from dedup.read import Fields, Rejects, open_corpus
from tests.cli.running import ROOT, run, write_lines

SEEDS = ROOT / "seeds"


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    ran = run("bench", SEEDS, "-f", "json", "--runs", "1", "--threads", "2")
    assert ran.code == 0, ran.err
    measured: dict[str, Any] = json.loads(ran.out)
    return measured


def test_all_stages_are_measured_on_one_thread_and_on_all(told: dict[str, Any]) -> None:
    stages = {(lap["stage"], lap["threads"]) for lap in told["laps"]}
    assert {("read bytes", 1), ("read records", 1)} <= stages
    for stage in ("sketch", "scan", "scan: reading", "scan: candidates", "scan: verifying"):
        assert {(stage, 1), (stage, 2)} <= stages


def test_sizes_are_those_of_the_files(told: dict[str, Any]) -> None:
    files = sorted(SEEDS.glob("*.txt"))
    assert told["articles"] == len(files)
    records = list(open_corpus([SEEDS], Fields(), Rejects()))
    assert told["text_bytes"] == sum(len(record.text) for record in records)
    assert told["file_bytes"] == told["plain_bytes"]
    assert told["words"] > 5000


def test_rates_and_shares_follow_from_the_seconds(told: dict[str, Any]) -> None:
    for lap in told["laps"]:
        assert lap["least"] <= lap["seconds"] <= lap["most"]
        assert lap["bytes_per_second"] == pytest.approx(lap["size_bytes"] / lap["seconds"])
        assert lap["share_of_memory_read"] == pytest.approx(
            lap["bytes_per_second"] / told["limits"]["memory read"]
        )


def test_the_stages_of_a_scan_take_no_longer_than_the_scan(told: dict[str, Any]) -> None:
    for threads in (1, 2):
        laps = {lap["stage"]: lap for lap in told["laps"] if lap["threads"] == threads}
        inside = sum(lap["seconds"] for name, lap in laps.items() if name.startswith("scan: "))
        assert inside <= laps["scan"]["seconds"]


def test_a_compressed_file_counts_unpacked(tmp_path: Path) -> None:
    import gzip

    line = json.dumps({"text": "one two three four five six seven eight " * 20}).encode()
    plain = write_lines(tmp_path / "a.jsonl", [line] * 50)
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    measured = measure_paths([packed], runs=1, threads=1)
    assert measured.plain_bytes == plain.stat().st_size
    assert measured.file_bytes == packed.stat().st_size < measured.plain_bytes
    assert (measured.articles, measured.rejected) == (50, 0)


def test_the_table_for_people_names_every_stage_and_writes_nothing(tmp_path: Path) -> None:
    ran = run("bench", SEEDS, "--runs", "1", "--threads", "1", cwd=tmp_path)
    assert ran.code == 0, ran.err
    for stage in ("read bytes", "read records", "sketch", "scan: verifying", "scan"):
        assert re.search(rf"^{stage} +1 +\d", ran.out, re.MULTILINE), stage
    assert "memory read" in ran.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-"], "standard input can be read only once"),
        (["no-such-file"], "nothing could be read"),
        ([str(SEEDS), "--runs", "2"], "needs an odd number"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_status_2(words: list[str], message: str) -> None:
    ran = run("bench", *words)
    assert ran.code == 2
    assert message in ran.err
    assert ran.out == ""


def test_nothing_to_measure_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file holds an article"):
        measure_paths([tmp_path], runs=1)


def test_limits_are_rates_of_all_three() -> None:
    limits = measure_limits(runs=1, size_bytes=1 << 20)
    assert set(limits) == {"memory read", "xxh3", "inflate"}
    # Whatever the machine, each is between a megabyte and ten terabytes per second.
    assert all(1e6 < rate < 1e13 for rate in limits.values())
