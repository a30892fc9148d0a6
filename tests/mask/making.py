"""Make pages of sites: furniture around articles that have otherwise nothing in common.

Texts are random words, all different within a text, so that what two pages share is what the
test put into both. Equal seeds give equal words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from dedup import Given, Result, Settings, scan

Page = dict[str, str]
Words = list[str]

_LETTERS = "abcdefghiklmnoprstuvwz"
_FIRST_DAY = date(2024, 3, 1)


def make_words(seed: object, length: int) -> Words:
    """So many different words of 5 to 9 letters; the words of two seeds differ."""
    random = Random(str(seed))
    words: dict[str, None] = {}
    while len(words) < length:
        words["".join(random.choices(_LETTERS, k=random.randint(5, 9)))] = None
    return list(words)


def make_text(*parts: Sequence[str]) -> str:
    """A paragraph of each part, with a full stop after every eighth word."""
    return "\n\n".join(
        " ".join(word + "." * (n % 8 == 7) for n, word in enumerate(part)) for part in parts if part
    )


def make_page(id_: str, site: str, day: int | None, *parts: Sequence[str]) -> Page:
    """A page of a site ("" is none) on a day, counted from 0 (None is no date)."""
    page = {"id": id_, "text": make_text(*parts)}
    if site:
        page["site"] = site
    if day is not None:
        page["date"] = (_FIRST_DAY + timedelta(days=day)).isoformat()
    return page


def make_article(seed: object, shortest: int = 200, longest: int = 400) -> Words:
    """The words of an article that nobody else has."""
    return make_words(f"article {seed}", Random(f"length {seed}").randint(shortest, longest))


def with_inside(words: Words, part: Words, seed: object) -> tuple[Words, Words, Words]:
    """Words with a part somewhere inside, ten words from either end at least."""
    at = Random(f"place {seed}").randint(10, len(words) - 10)
    return words[:at], part, words[at:]


def make_noisy(words: Words, share: float, seed: object) -> Words:
    """Words of which a share is replaced, left out or doubled by a new one."""
    random, out = Random(f"noise {seed}"), Words()
    fresh = iter(make_words(f"fresh {seed}", len(words)))
    for word in words:
        how = random.choice(("other", "none", "more")) if random.random() < share else "same"
        if how in ("same", "more"):
            out.append(word)
        if how in ("other", "more"):
            out.append(next(fresh))
    return out


def make_site(
    site: str, pages: int, days: int, furniture: Words, *, seed: object = "", first_day: int = 0
) -> list[Page]:
    """Pages with different articles and the furniture inside, dealt out over so many days."""
    return [
        make_page(
            f"{site}/{n:03}",
            site,
            first_day + n % days,
            *with_inside(make_article((seed, site, n)), furniture, (seed, site, n)),
        )
        for n in range(pages)
    ]


def shuffled(pages: Iterable[Page], seed: int) -> list[Page]:
    """The pages in another order."""
    out = list(pages)
    Random(seed).shuffle(out)
    return out


def look(
    pages: Iterable[Page], given: Given | None = None, threads: int = 2, **settings: Any
) -> Result:
    """A scan of pages."""
    return scan(list(pages), settings=Settings(**settings), given=given, threads=threads)


def kinds(result: Result) -> Counter[str]:
    """How many relations of each kind, quotes among them."""
    return Counter(relation.kind for relation in result.relations + result.quotes)


def related(result: Result) -> dict[tuple[str, str], str]:
    """Kind by pair, ids in order of the alphabet."""
    pairs = result.relations + result.quotes
    return {(min(r.a, r.b), max(r.a, r.b)): r.kind for r in pairs}


def learned(result: Result) -> set[tuple[str, str]]:
    """Site and words of every run that is masked; full stops and paragraphs aside."""
    return {(run.site, plain(run.text)) for run in result.boilerplate if run.masked}


def plain(text: str | Sequence[str]) -> str:
    """Words with single blanks between them."""
    return " ".join((text if isinstance(text, str) else " ".join(text)).replace(".", "").split())


def masked_words(result: Result) -> set[str]:
    """Every word that stands in a masked run."""
    return {word for _, run in learned(result) for word in run.split()}
