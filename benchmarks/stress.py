"""The sets that break grouping: chains, templates, round-ups, live blogs, mass copies.

In: a command line. Out: for each set the time of a scan and its largest wrong group: the
articles that are in one group though by construction they do not belong together.
Groups of copies come from the scan; what belongs together is known from the making.

Example:  python -m benchmarks.stress --n 10000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any, Final

from numpy.random import PCG64, Generator

from benchmarks import edits
from benchmarks.detector import Detector, load_detector, refuse_slow_backend
from benchmarks.language import Newsroom, write_article, write_headline, write_paragraphs
from benchmarks.truth import ArticleDict

VERSIONS: Final = 20
DRIFT: Final = 0.12
UPDATES: Final = 40
WIRES: Final = 6
# After so many steps 0.88, 0.77, 0.68, 0.60 of the words are unedited; misread ones still match.
_DRIFT_TOGETHER: Final = 4
TEMPLATES: Final = 10_000
# A long consent text over items of a few lines.
HEAVY_WORDS: Final = 300
HEAVY_OWN: Final = 30
MASS: Final = 10_000


@dataclass(frozen=True)
class StressSet:
    """Articles and what belongs together.

    Attributes:
        name: For the table.
        articles: All of them.
        together: Tells for two ids whether one may be a member of the other's group.
        wanted: Ids that should be members of some group, in all.
    """

    name: str
    articles: list[ArticleDict]
    together: Callable[[str, str], bool]
    wanted: int


def _rng(seed: int, number: int) -> Generator:
    return Generator(PCG64([seed, 10, number]))


def _article(number: int, text: str, day: int = 0, site: int = 0) -> ArticleDict:
    return {
        "id": f"s{number:06d}",
        "text": text,
        "date": f"2024-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}",
        "site": f"outlet-{site:02d}.example",
    }


def _number(name: str) -> int:
    return int(name.removeprefix("s"))


def drift(seed: int) -> StressSet:
    """Twenty versions, each with 12 % of the words of the one before edited."""
    rng, topic = _rng(seed, 0), Newsroom(seed).topic(0)
    text = write_article(topic, rng, 400)
    articles = []
    for version in range(VERSIONS):
        articles.append(_article(version, text, day=version))
        text = edits.edit_words(text, DRIFT, topic.language, rng).text
    return StressSet(
        "drift chain",
        articles,
        lambda a, b: abs(_number(a) - _number(b)) <= _DRIFT_TOGETHER,
        VERSIONS // 2,
    )


def template(seed: int, n: int = TEMPLATES, words: int = 90, own: int = 60) -> StressSet:
    """Different articles on one site's template, half of it above and half below.

    Args:
        seed: Everything follows from it.
        n: Number of articles.
        words: Of the template. Far more than `own`, and pages look like near-duplicates.
        own: Words of the shortest article; the longest has 100 more, or as many again.
    """
    rng, room = _rng(seed, 1), Newsroom(seed)
    frame = write_paragraphs(room.topic(0), rng, words)
    half = (len(frame) + 1) // 2
    top, bottom = "\n\n".join(frame[:half]), "\n\n".join(frame[half:])
    articles = []
    for i in range(n):
        size = own + int(rng.integers(0, 1 + min(100, own)))
        text = write_article(room.topic(1 + i // 20), rng, size)
        articles.append(_article(i, f"{top}\n\n{text}\n\n{bottom}", day=i * 30 // n))
    name = "one template" if words < 2 * own else "heavy template"
    return StressSet(name, articles, lambda a, b: a == b, 0)


def round_up(seed: int) -> StressSet:
    """Six wires, and a round-up that holds all of them whole."""
    rng, room = _rng(seed, 2), Newsroom(seed)
    wires = [write_article(room.topic(i), rng, 120 + 40 * i) for i in range(WIRES)]
    articles = [_article(i, text, site=i) for i, text in enumerate(wires)]
    headline = write_headline(room.topic(0), rng)
    articles.append(_article(WIRES, "\n\n".join([headline, *wires]), day=1, site=9))
    return StressSet("round-up of six", articles, lambda a, b: a == b, 0)


def live_blog(seed: int) -> StressSet:
    """A live blog, updated forty times by an entry of 30 to 60 words on top."""
    rng, topic = _rng(seed, 3), Newsroom(seed).topic(0)
    headline, body = write_headline(topic, rng), ""
    articles = []
    for update in range(UPDATES):
        entry = " ".join(write_paragraphs(topic, rng, 30 + int(rng.integers(0, 31))))
        body = f"\n\n{entry}{body}"
        articles.append(_article(update, headline + body, day=update // 10))

    def together(a: str, b: str) -> bool:
        # Entries before over entries after is the resemblance; 0.7 with some slack.
        low, high = sorted((_number(a) + 1, _number(b) + 1))
        return low / high >= 0.6

    return StressSet("live blog", articles, together, UPDATES // 2)


def mass(seed: int, n: int) -> StressSet:
    """One article copied `n` times, each copy with up to 4 % of its words edited."""
    rng, topic = _rng(seed, 4), Newsroom(seed).topic(0)
    text = write_article(topic, rng, 200)
    articles = [_article(0, text)]
    for i in range(1, n):
        copy = edits.edit_words(text, 0.04 * float(rng.random()), topic.language, rng).text
        articles.append(_article(i, copy, day=i * 30 // n, site=i % 24))
    return StressSet(f"{n} copies", articles, lambda a, b: True, n - 1)


def groups_of(removals: Sequence[Any]) -> dict[str, list[str]]:
    """Turn removals into groups: keeper and members."""
    groups: dict[str, list[str]] = {}
    for removal in removals:
        groups.setdefault(removal.keeper, []).append(removal.id)
    return groups


def largest_wrong(groups: Mapping[str, Sequence[str]], together: Callable[[str, str], bool]) -> int:
    """Count the members of a group that do not belong to its keeper; give the highest count."""
    return max(
        (sum(not together(keeper, one) for one in members) for keeper, members in groups.items()),
        default=0,
    )


def measure(detector: Detector, made: StressSet, threads: int) -> dict[str, Any]:
    """Scan a set once."""
    begin = time.perf_counter()
    result = detector.scan(made.articles, threads=threads)
    seconds = time.perf_counter() - begin
    groups = groups_of(result.removals)
    return {
        "set": made.name,
        "articles": len(made.articles),
        "seconds": seconds,
        "kinds": dict(sorted(Counter(one.kind for one in result.relations).items())),
        "groups": len(groups),
        "largest": max((1 + len(members) for members in groups.values()), default=0),
        "members": sum(map(len, groups.values())),
        "wanted": made.wanted,
        "wrong": largest_wrong(groups, made.together),
    }


def fitted_exponent(points: Sequence[tuple[int, float]]) -> float:
    """Fit time = c * n**x by least squares of the logarithms; return x."""
    xs, ys = [log(n) for n, _ in points], [log(max(t, 1e-9)) for _, t in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    top = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return top / sum((x - mean_x) ** 2 for x in xs)


def print_row(row: Mapping[str, Any]) -> None:
    """Print one set."""
    kinds = ", ".join(f"{kind} {num}" for kind, num in row["kinds"].items())
    print(
        f"{row['set']:<17}{row['articles']:>9}{row['seconds']:>9.2f}{row['groups']:>8}"
        f"{row['largest']:>9}{row['members']:>9}{row['wanted']:>10}{row['wrong']:>13}  {kinds}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all sets; exit status 1 if a group holds what does not belong together."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stress", description=__doc__)
    parser.add_argument(
        "--n", type=int, default=MASS, help=f"copies, also 2n and 4n; default: {MASS}"
    )
    parser.add_argument(
        "--templates", type=int, default=TEMPLATES, help=f"articles; default: {TEMPLATES}"
    )
    parser.add_argument("--seed", type=int, default=13, help="default: 13")
    parser.add_argument("--threads", type=int, default=2, help="default: 2")
    options = parser.parse_args(arguments)
    refuse_slow_backend()
    detector = load_detector()
    print(f"{'set':<17}{'articles':>9}{'seconds':>9}{'groups':>8}{'largest':>9}{'members':>9}"
          f"{'at least':>10}{'wrong group':>13}  relations")  # fmt: skip
    rows = []
    small = (drift(options.seed), round_up(options.seed), live_blog(options.seed))
    heavy = template(options.seed, max(1, options.templates // 5), HEAVY_WORDS, HEAVY_OWN)
    for made in (*small, template(options.seed, options.templates), heavy):
        rows.append(measure(detector, made, options.threads))
        print_row(rows[-1])
    points = []
    for n in (options.n, 2 * options.n, 4 * options.n):
        rows.append(measure(detector, mass(options.seed, n), options.threads))
        print_row(rows[-1])
        points.append((n, rows[-1]["seconds"]))
    steps = [f"{fitted_exponent(step):.2f}" for step in pairwise(points)]
    print(
        f"time of the copies grows as n^{fitted_exponent(points):.2f} (steps: {', '.join(steps)})"
    )
    worst = max(row["wrong"] for row in rows)
    print(f"largest wrong group: {worst} members that do not belong to their keeper (wanted: 0)")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
