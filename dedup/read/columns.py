"""Read the fields of plain JSON lines in one go, as columns.

In: a block of whole lines. Out: a `Batch` of the lines that the core can read, and the numbers
of those that it leaves out; these are for `jsonl` to read one by one. Both ways give the same
values: what a name, a date or a site is stands in `fields` and `dates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from dedup import core
from dedup.read.dates import parse_date
from dedup.read.fields import Fields, find_domain, tidy_site
from dedup.records import Batch

_ACCEPTED = (
    core.STRING,
    core.STRING | core.INTEGER,
    core.STRING | core.INTEGER | core.NUMBER,
    core.STRING,
    core.STRING,
)
_KIND = core.STRING | core.INTEGER | core.NUMBER
#: Sites that are remembered; speed only.
_SITES = 1 << 14


class Origins(Sequence[str]):
    """Places of lines of one file ("file:line"), made when asked for."""

    def __init__(self, name: str, numbers: list[int]) -> None:
        self.name = name
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, n: Any) -> Any:
        if isinstance(n, slice):
            return Origins(self.name, self.numbers[n])
        return f"{self.name}:{self.numbers[n]}"


class Plain(NamedTuple):
    """The plain lines of a block."""

    batch: Batch
    #: Lines of the batch, and all others, counted from 0.
    taken: list[int]
    left: list[int]
    #: Where each line begins in the block, and where the last one ends.
    starts: list[int]
    #: Articles whose date or site was not in the first field of their kind.
    unsure: list[int]


class ColumnReader:
    """Reads blocks; remembers the sites it has met."""

    def __init__(self, fields: Fields) -> None:
        """Look for these fields."""
        names = fields.text, fields.id, fields.date, fields.site, fields.url
        self._names = [[n.encode("utf-8", "surrogatepass") for n in own] for own in names]
        self._sites: dict[str, str] = {}
        self._domains: dict[str, str] = {}

    def read(self, data: bytes, name: str, number: int, longest: int) -> Plain:
        """Read the plain lines of a block, the first of which has this number."""
        found = core.find_fields(data, self._names, _ACCEPTED, longest)
        text, id_, date, site, url = found.columns
        taken = found.taken.astype(np.int64)
        is_left = np.ones(len(found.starts) - 1, np.bool_)
        is_left[taken] = False
        begins, ends = _trim(data, found.starts[taken], found.starts[taken + 1])
        unsure: set[int] = set()
        origins = Origins(name, (taken + number).tolist())
        batch = Batch(
            ids=[i or origin for i, origin in zip(_strings(id_), origins, strict=True)]
            if (id_.kinds == 0).any()
            else _strings(id_),
            texts=(text.values, text.offsets),
            dates=_read_dates(date, unsure),
            sites=self._read_sites(site, url, unsure),
            lines=data,
            line_begins=begins,
            line_ends=ends,
            origins=origins,
        )
        left = np.flatnonzero(is_left).tolist()
        return Plain(batch, taken.tolist(), left, found.starts.tolist(), sorted(unsure))

    def _read_sites(self, site: core.Column, url: core.Column, unsure: set[int]) -> list[str]:
        sites = [
            known if (known := self._sites.get(value)) is not None else self._tidy(value)
            for value in _strings(site)
        ]
        missing = np.flatnonzero(site.kinds == 0).tolist()
        unsure.update(n for n in np.flatnonzero(site.kinds).tolist() if not sites[n])
        if missing:
            urls, kinds = _strings(url), url.kinds.tolist()
            for n in missing:
                sites[n] = self._find_domain(urls[n])
                if not sites[n] and kinds[n] & core.MORE:
                    unsure.add(n)
        return sites

    def _tidy(self, site: str) -> str:
        return _remember(self._sites, site, tidy_site(site))

    def _find_domain(self, url: str) -> str:
        # Up to the slash behind the host: the domain depends on nothing else.
        end = url.find("/", url.find("//") + 2) + 1
        key = url[:end] if end else url
        known = self._domains.get(key)
        return _remember(self._domains, key, find_domain(url) or "") if known is None else known


def _remember(known: dict[str, str], key: str, site: str) -> str:
    if len(known) >= _SITES:
        known.clear()
    known[key] = site
    return site


def _read_dates(column: core.Column, unsure: set[int]) -> list[int | None]:
    seconds = core.read_dates((column.values, column.offsets))
    dates: list[int | None] = seconds.tolist()
    kinds = column.kinds.tolist()
    for n in np.flatnonzero(seconds == core.NO_DATE).tolist():
        kind = kinds[n] & _KIND
        value = bytes(column.values[column.offsets[n] : column.offsets[n + 1]]).decode()
        if kind == core.INTEGER:
            dates[n] = parse_date(int(value))
        elif kind == core.NUMBER:
            dates[n] = parse_date(float(value))
        else:
            dates[n] = parse_date(value)
        if dates[n] is None and kinds[n] & core.MORE:
            unsure.add(n)
    return dates


def _strings(column: core.Column) -> list[str]:
    raw, offsets = column.values.tobytes(), column.offsets.tolist()
    if raw.isascii():
        whole = raw.decode()
        return [whole[begin:end] for begin, end in pairwise(offsets)]
    return [raw[begin:end].decode() for begin, end in pairwise(offsets)]


def _trim(data: bytes, begins: core.I64, ends: core.I64) -> tuple[core.I64, core.I64]:
    """Leave out line ends. A plain line has a brace before them."""
    chars = np.frombuffer(data, np.uint8)
    ends = ends - (chars[ends - 1] == ord("\n"))
    return begins, ends - (chars[ends - 1] == ord("\r"))
