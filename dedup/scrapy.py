"""Item pipeline for Scrapy: articles that are there already are dropped, or tagged.

Takes items with a text; asks and stores in the index of the setting DEDUP_INDEX. What a verdict
means stands in `answers`. In the settings of a project:

    ITEM_PIPELINES = {"dedup.scrapy.DuplicatesPipeline": 300}
    DEDUP_INDEX = "seen.dedup"
    DEDUP_POLICY = "drop"            # or "tag": every item passes with a field "dedup"
    DEDUP_NEAR_DUPLICATES = "keep"   # or "drop"
    DEDUP_EXCERPTS = "keep"          # or "drop"

When in doubt both are kept: with "drop" alone only an article with the very same words goes.
"""

from __future__ import annotations

from typing import Any

import xxhash
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.threads import deferToThread

from dedup.answers import Answer
from dedup.handle import text_record
from dedup.read import Fields
from dedup.seen import Index, open_index

POLICIES = ("drop", "tag")
#: What becomes of kinds that are not identical: setting by kind; keep or drop.
DOUBTFUL = {"near-duplicate": "DEDUP_NEAR_DUPLICATES", "excerpt": "DEDUP_EXCERPTS"}
#: Field that tells what was found, with the policy "tag".
TAG = "dedup"


class DuplicatesPipeline:
    """Asks before an item is stored.

    Text, id, date, site and url are looked for under the names of `dedup.Fields`, where a url
    is an id too; an item without any is stored under a hash of its text, one without a text
    passes. An id that has other words already becomes "id#2". What is dropped was stored before,
    so that its copies are known by it; DropItem names verdict and match. With "tag" each item
    gets a field `dedup`: verdict, novel share, keeper, and id and kind of each match. Statistics:
    `dedup/VERDICT`, `dedup/dropped` and `dedup/dropped/VERDICT`.
    """

    def __init__(self, path: str, policy: str, dropped: frozenset[str], stats: Any) -> None:
        """Take the folder of the index, the policy, the verdicts that drop, and who counts."""
        self._path, self._policy, self._dropped, self._stats = path, policy, dropped, stats
        self._index: Index | None = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> DuplicatesPipeline:
        """Read the settings; without DEDUP_INDEX the pipeline is left out."""
        settings = crawler.settings
        path = settings.get("DEDUP_INDEX")
        if not path:
            raise NotConfigured("DEDUP_INDEX must name the folder of an index.")
        policy = _choice(settings, "DEDUP_POLICY", POLICIES)
        dropped = {"identical"}
        for kind, name in DOUBTFUL.items():
            if _choice(settings, name, ("keep", "drop")) == "drop":
                dropped.add(kind)
        return cls(str(path), policy, frozenset(dropped), crawler.stats)

    def open_spider(self, spider: Any = None) -> None:
        """Open the index, or make it."""
        self._index = open_index(self._path)

    def close_spider(self, spider: Any = None) -> None:
        """Let go of it."""
        if self._index is not None:
            self._index.close()

    async def process_item(self, item: Any, spider: Any = None) -> Any:
        """Ask and store, then pass the item on or drop it."""
        adapter = ItemAdapter(item)
        text = _first(adapter, Fields().text)
        if not isinstance(text, str) or not text.strip():
            return item
        answer = await maybe_deferred_to_future(deferToThread(self._ask, adapter, text))
        return self._decide(adapter, item, answer)

    def _decide(self, adapter: ItemAdapter, item: Any, answer: Answer) -> Any:
        """Count, then tag, pass on or drop."""
        self._stats.inc_value(f"dedup/{answer.verdict}")
        if self._policy == "tag":
            adapter[TAG] = {
                "verdict": answer.verdict,
                "novel_share": answer.novel_share,
                "keeper": answer.keeper,
                "matches": [{"id": match.id, "kind": match.kind} for match in answer.matches],
            }
        elif answer.verdict in self._dropped:
            self._stats.inc_value("dedup/dropped")
            self._stats.inc_value(f"dedup/dropped/{answer.verdict}")
            raise DropItem(f"{answer.verdict}: {answer.matches[0].id}")
        return item

    def _ask(self, adapter: ItemAdapter, text: str) -> Answer:
        """Ask and store; on a thread, so that the crawl goes on."""
        assert self._index is not None
        fields = Fields()
        id_, url, date, site = (
            _first(adapter, names) for names in (fields.id, fields.url, fields.date, fields.site)
        )
        name = str(id_ or f"text-{xxhash.xxh3_64_hexdigest(text.encode('utf-8', 'surrogatepass'))}")
        record = text_record(name, text, url, date, site)
        (answer,) = self._index.add_records([record], [str(url or "")], rename=True)
        return answer


def _choice(settings: Any, name: str, allowed: tuple[str, ...]) -> str:
    """A setting, the first of what it may be when it is not there."""
    value = str(settings.get(name, allowed[0]))
    if value not in allowed:
        raise ValueError(f"{name} must be {' or '.join(allowed)}, but is {value!r}.")
    return value


def _first(adapter: ItemAdapter, names: tuple[str, ...]) -> Any:
    """The first of some fields that holds something."""
    return next((adapter[name] for name in names if adapter.get(name)), None)
