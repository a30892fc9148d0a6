"""The pipeline for Scrapy, in a crawl of a site that is served on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dedup import open_index
from tests.cli.running import ROOT
from tests.strategies import make_text, make_words

pytest.importorskip("scrapy")
from itemadapter import ItemAdapter

NAMES = ("06-deich-lokal", "07-deich-abdruck", "16-ferry-report", "17-ferry-brief")
CRAWL = """
import json, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Site(scrapy.Spider):
    name = "site"
    start_urls = [sys.argv[1]]

    def parse(self, response):
        for link in response.css("a::attr(href)").getall():
            yield response.follow(link, self.article)
        yield {"url": response.url, "title": "an item without a text"}

    def article(self, response):
        yield {"url": response.url, "text": response.css("body").xpath("string()").get()}

settings = {
    "ITEM_PIPELINES": {"dedup.scrapy.DuplicatesPipeline": 300},
    "FEEDS": {sys.argv[3]: {"format": "jsonlines"}},
    "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "CONCURRENT_REQUESTS": 1,
    **json.loads(sys.argv[2]),
}
process = CrawlerProcess(settings)
crawler = process.create_crawler(Site)
process.crawl(crawler)
process.start()
counts = crawler.stats.get_stats()
print(json.dumps({k: v for k, v in counts.items() if k.startswith("dedup/")}))
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    links = "".join(f'<p><a href="{name}.html">{name}</a>' for name in NAMES)
    (folder / "index.html").write_text(f"<meta charset=utf-8>{links}", "utf-8")
    for name in NAMES:
        text = (ROOT / "seeds" / f"{name}.txt").read_text("utf-8")
        (folder / f"{name}.html").write_text(f"<meta charset=utf-8><body>{text}", "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


def crawl(site: str, tmp_path: Path, **settings: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Items by the name of their page, and the counts of the pipeline."""
    out = tmp_path / "items.jsonl"
    out.unlink(missing_ok=True)
    program = tmp_path / "crawl.py"  # Scrapy reads the source of a spider
    program.write_text(CRAWL, "utf-8")
    done = subprocess.run(
        [sys.executable, str(program), site, json.dumps(settings), str(out)],
        cwd=tmp_path, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    items = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return {Path(item["url"]).stem: item for item in items}, json.loads(done.stdout)


def test_duplicates_are_dropped_and_in_a_second_crawl_all(site: str, tmp_path: Path) -> None:
    index = str(tmp_path / "seen.dedup")
    items, counts = crawl(site, tmp_path, DEDUP_INDEX=index)
    deich = items.keys() & {"06-deich-lokal", "07-deich-abdruck"}
    assert (len(deich), len(items), counts["dedup/dropped"]) == (1, 4, 1)
    assert {"16-ferry-report", "17-ferry-brief", "index"} <= items.keys()
    again, counts = crawl(site, tmp_path, DEDUP_INDEX=index)
    assert again.keys() == {"index"}
    assert counts == {"dedup/identical": 4, "dedup/dropped": 4, "dedup/dropped/identical": 4}
    with open_index(index) as opened:
        assert len(opened) == 4
        assert opened.verify() == []


def test_items_can_be_tagged_instead(site: str, tmp_path: Path) -> None:
    index = str(tmp_path / "seen.dedup")
    items, counts = crawl(site, tmp_path, DEDUP_INDEX=index, DEDUP_POLICY="tag")
    assert items.keys() == {*NAMES, "index"}
    verdicts = {items[name]["dedup"]["verdict"] for name in NAMES}
    assert {"new", "identical"} < verdicts
    assert "dedup" not in items["index"]
    assert "dedup/dropped" not in counts


def test_without_an_index_the_pipeline_is_left_out(site: str, tmp_path: Path) -> None:
    items, counts = crawl(site, tmp_path)
    assert (len(items), counts) == (5, {})


class Counted(dict[str, int]):
    """Counts, as Scrapy keeps them."""

    def inc_value(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


class Crawler:
    """What a pipeline asks of a crawler."""

    def __init__(self, **settings: str) -> None:
        self.settings, self.stats = settings, Counted()


@pytest.mark.parametrize(
    ("settings", "dropped"),
    [
        ({}, ["identical"]),
        ({"DEDUP_NEAR_DUPLICATES": "drop"}, ["identical", "near-duplicate"]),
        ({"DEDUP_EXCERPTS": "drop"}, ["identical", "excerpt"]),
        ({"DEDUP_POLICY": "tag", "DEDUP_EXCERPTS": "drop"}, []),
    ],
)
def test_when_in_doubt_both_are_kept_unless_a_setting_says_otherwise(
    tmp_path: Path, settings: dict[str, str], dropped: list[str]
) -> None:
    from scrapy.exceptions import DropItem

    from dedup.scrapy import DuplicatesPipeline

    words = make_text(make_words(1, 300)).split()
    items = {
        "new": " ".join(words),
        "identical": " ".join(words).upper(),
        "near-duplicate": " ".join([*words[:280], "something", "else"]),
        "excerpt": " ".join(words[100:160]),
        "overlap": " ".join([*words[170:290], *make_words(2, 200)]),
    }
    crawler = Crawler(DEDUP_INDEX=str(tmp_path / "i"), **settings)
    pipeline = DuplicatesPipeline.from_crawler(crawler)
    gone, tagged = [], {}
    pipeline.open_spider()
    for name, text in items.items():
        answer = pipeline._ask(ItemAdapter({"id": name}), text)
        item = {"id": name, "text": text}
        try:
            tagged[name] = pipeline._decide(ItemAdapter(item), item, answer).get("dedup")
        except DropItem as reason:
            gone.append(str(reason))
    pipeline.close_spider()
    assert gone == [f"{name}: new" for name in dropped]
    assert crawler.stats.get("dedup/dropped", 0) == len(dropped)
    is_tagged = settings.get("DEDUP_POLICY") == "tag"
    assert all((tag is not None) == is_tagged for tag in tagged.values())
    if is_tagged:
        assert {name: tag["verdict"] for name, tag in tagged.items()} == {n: n for n in items}


@pytest.mark.parametrize(
    "wrong", [{"DEDUP_POLICY": "delete"}, {"DEDUP_EXCERPTS": "tag"}, {"DEDUP_NEAR_DUPLICATES": ""}]
)
def test_a_setting_that_is_wrong_ends_the_crawl_and_is_named(wrong: dict[str, str]) -> None:
    from dedup.scrapy import DuplicatesPipeline

    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        DuplicatesPipeline.from_crawler(Crawler(DEDUP_INDEX="i", **wrong))
