"""Real crawl files, some of them broken, where they lie beside the project."""

from __future__ import annotations

import pytest

from tests.cli.running import ROOT
from tests.read.crawls import read

FOLDER = ROOT.parent / "shared" / "data" / "warc"
#: Pages, and rejects by reason; a file of one record that is cut has none.
EXPECTED: dict[str, tuple[int, dict[str, int]]] = {
    "chatnoir-resiliparse__clipped.warc.gz": (0, {"cut-file": 1}),
    "chatnoir-resiliparse__warcfile.warc.gz": (16, {}),
    "dolma__sample-0000.warc.gz": (24, {}),
    "warcio__example-bad-non-chunked.warc.gz": (1, {"revisit": 1}),
    "warcio__example-bad.warc.gz.bad": (1, {"http-status": 1, "revisit": 1}),
    "warcio__example-trunc.warc": (0, {"bad-length": 1}),
    "warcio__example.arc.gz": (1, {}),
    "warcio__example.warc.gz": (1, {"revisit": 1}),
}

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="shared/data/warc is not beside the project"
)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_gives_its_pages_and_names_the_rest(name: str) -> None:
    records, rejects = read(FOLDER / name, workers=2)
    assert (len(records), rejects.counts) == EXPECTED[name]
    assert all(record.text.decode() and record.site and record.date for record in records)


def test_all_real_files_are_expected() -> None:
    assert {file.name for file in FOLDER.iterdir()} - {"README.md"} == set(EXPECTED)
