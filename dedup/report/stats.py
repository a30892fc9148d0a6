"""A result folder → numbers about its copies: kinds, sizes of groups, who has what from whom.

Takes a folder that was read back; gives counts as JSON can hold them, and as text. The texts of
the articles are not read. Meanings: docs/formats/results.md, "stats".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from dedup.report.reading import ResultFolder
from dedup.report.summary import plain

_KINDS = ("identical", "near-duplicate", "excerpt")
#: Steps of the resemblance of near-duplicates, in hundredths.
_STEP = 5
#: What stands for a site that is not known.
UNKNOWN = "(unknown)"


def result_stats(folder: ResultFolder, top: int = 20) -> dict[str, Any]:
    """Numbers of a result; `top` is the longest a list may be.

    An article that is a copy in one group and an excerpt in another one counts as the copy.
    Within a group copies come from its oldest article, by date; of equal or no dates from the
    keeper. An excerpt and its source count as from the older to the newer one.
    """
    kinds: dict[str, str] = {}
    sizes: Counter[int] = Counter()
    steps: Counter[int] = Counter()
    flows: dict[tuple[str, str], Counter[str]] = {}
    largest: list[tuple[int, str]] = []
    for group in folder.objects("groups.jsonl"):
        members = group["members"]
        if members:
            sizes[group["size"]] += 1
            largest = sorted([*largest, (-group["size"], group["keeper"])])[:top]
        kind_of = {member["id"]: member["kind"] for member in members}
        kinds |= kind_of
        steps.update(
            int(100 * member["resemblance"] + 1e-6) // _STEP * _STEP
            for member in members
            if member["kind"] == "near-duplicate"
        )
        keeper = {**group, "id": group["keeper"]}
        first, *others = sorted([keeper, *members], key=_age)
        for other in others:
            # The keeper has no kind of its own: it is to the first what the first is to it.
            kind = kind_of.get(other["id"]) or kind_of[first["id"]]
            _flow(flows, first, other)[kind] += 1
        there = {article["id"]: article for article in (keeper, *members)}
        for excerpt in group["excerpts"]:
            kinds.setdefault(excerpt["id"], "excerpt")
            older, newer = sorted([there[excerpt["of"]], excerpt], key=_age)
            _flow(flows, older, newer)["excerpt"] += 1
    counts = folder.run["counts"]
    articles = counts["kept"] + counts["removed"]
    tally = Counter(kinds.values())
    return {
        "articles": articles,
        "kept": counts["kept"],
        "removed": counts["removed"],
        "rejected": counts["rejected"],
        "rejected_by_reason": counts["rejected_by_reason"],
        "charsets": dict(sorted(_charsets(folder).items())),
        "kinds": {
            kind: {"articles": tally[kind], "share": _share(tally[kind], articles)}
            for kind in _KINDS
        },
        "groups": sum(sizes.values()),
        "group_sizes": {str(size): sizes[size] for size in sorted(sizes)},
        "largest_groups": [{"keeper": keeper, "size": -size} for size, keeper in largest],
        "near_duplicates_by_resemblance": {
            f"{step / 100:.2f}": steps[step] for step in sorted(steps)
        },
        "sites": [
            {"from": source, "to": target, "articles": found.total()}
            | {kind: found[kind] for kind in _KINDS}
            for (source, target), found in sorted(
                flows.items(), key=lambda flow: (-flow[1].total(), flow[0])
            )[:top]
        ],
    }


def _charsets(folder: ResultFolder) -> Counter[str]:
    """Articles that are not in UTF-8, by charset."""
    found: Counter[str] = Counter()
    for file in folder.inputs():
        found.update(file.charsets)
    return found


def stats_lines(stats: dict[str, Any]) -> Iterator[str]:
    """The same in words."""
    yield f"articles  {stats['articles']:>10,}"
    for kind, found in stats["kinds"].items():
        yield f"  {kind:<15} {found['articles']:>10,}  {found['share']:6.1%}"
    for charset, count in stats["charsets"].items():
        yield f"  in {plain(charset):<12} {count:>10,}"
    if stats["rejected"]:
        yield f"rejected  {stats['rejected']:>10,}"
    for reason, count in stats["rejected_by_reason"].items():
        yield f"  {plain(reason):<15} {count:>10,}"
    yield ""
    yield f"groups with copies  {stats['groups']:>10,}"
    for label, count in size_rows(stats):
        yield f"  of {label:<9} {count:>10,}"
    if stats["largest_groups"]:
        yield ""
        yield "largest groups"
        for group in stats["largest_groups"]:
            yield f"  {group['size']:>6,}  {plain(group['keeper'])}"
    if stats["sites"]:
        yield ""
        yield "copies from one site on another (or the same), articles"
        for flow in stats["sites"]:
            kinds = ", ".join(f"{flow[kind]:,} {kind}" for kind in _KINDS if flow[kind])
            names = f"{plain(flow['from'])} > {plain(flow['to'])}"
            yield f"  {flow['articles']:>6,}  {names}  ({kinds})"


def size_rows(stats: dict[str, Any]) -> list[tuple[str, int]]:
    """Groups by size: 2, 3, 4, then 5-9, 10-19, 20-49, ..."""
    largest = max(map(int, stats["group_sizes"]), default=0)
    bounds, steps = [2, 3, 4, 5], 10
    while bounds[-1] <= largest:
        bounds += [steps, 2 * steps, 5 * steps]
        steps *= 10
    rows = []
    for low, high in pairwise(bounds):
        count = sum(n for size, n in stats["group_sizes"].items() if low <= int(size) < high)
        if count:
            rows.append((str(low) if high == low + 1 else f"{low}-{high - 1}", count))
    return rows


def _age(article: dict[str, Any]) -> tuple[bool, int]:
    return article["date"] is None, article["date"] or 0


def _flow(
    flows: dict[tuple[str, str], Counter[str]], source: dict[str, Any], target: dict[str, Any]
) -> Counter[str]:
    names = source["site"] or UNKNOWN, target["site"] or UNKNOWN
    return flows.setdefault(names, Counter())


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
