"""Make what stands around the text of an article: all that is not news on a page.

In: an outlet, its language and a seed. Out: `Outfit`: header, footer, consent text,
"read also" lists by day, sign-offs and the like, as `Block`s with their kind.
What stands where on which page is left to `pages`.

Kinds: header, footer, consent, read-also, sign-off, slot, publisher, agency-note, figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from numpy.random import PCG64, Generator

from benchmarks.language import Topic, make_topic, write_paragraphs
from benchmarks.syndication import Outlet
from benchmarks.tokens import close_up
from benchmarks.vocabulary import make_language

KINDS: Final = (
    "header", "footer", "consent", "read-also", "sign-off", "slot", "publisher", "agency-note",
    "figure",
)  # fmt: skip
READ_ALSO_SHOWN: Final = 5
READ_ALSO_NEW_A_DAY: Final = 3
# Words of a language without blanks are short in word-equivalents: two stand for one.
_HAN_WORDS: Final = 2


class Block(NamedTuple):
    """A piece of furniture."""

    kind: str
    text: str


class Pen:
    """Writes furniture in one language; all its words come from one seed."""

    def __init__(self, language: str, seed: list[int]) -> None:
        """Begin at the seed."""
        self.rng = Generator(PCG64(seed))
        self.code = language
        self._topic: Topic = make_topic(make_language(language), self.rng)

    def between(self, low: int, high: int) -> int:
        """Draw a number from `low` to `high`, both included."""
        return low + int(self.rng.integers(0, high - low + 1))

    def words(self, low: int, high: int) -> str:
        """Write a text of `low` to `high` words, with stops."""
        size = self.between(low, high)
        return close_up(" ".join(write_paragraphs(self._topic, self.rng, size)), self.code)

    def slot(self, low: int, high: int) -> str:
        """Write the same without stops and figures, to go into a sentence."""
        return self.words(low, high).rstrip(".?!。").replace("\n", " ")


@dataclass(frozen=True)
class Outfit:
    """The furniture of one site.

    Attributes:
        header, footer: On every page, 10 to 60 words.
        consent: 30 to 80 words, or None; `consent_at` is "top", "middle" or "bottom".
        read_also: Per day a pool of 12 to 20 items of 12 to 20 words.
        sign_offs: Ends of sign-offs, 15 to 30 words; a few varying words go in front.
        slots: Three fixed parts of a sentence or two; topics and names go between.
    """

    header: str
    footer: str
    consent: str | None
    consent_at: str
    read_also: tuple[tuple[str, ...], ...]
    sign_offs: tuple[str, ...]
    slots: tuple[str, str, str] | None


def _read_also(pen: Pen, days: int) -> tuple[tuple[str, ...], ...]:
    """Make the pool of each day: a few items of the day before give way to new ones."""
    pool = [pen.words(12, 20) for _ in range(pen.between(12, 20))]
    pools = [tuple(pool)]
    for _ in range(days - 1):
        pool = pool[READ_ALSO_NEW_A_DAY:] + [pen.words(12, 20) for _ in range(READ_ALSO_NEW_A_DAY)]
        pools.append(tuple(pool))
    return tuple(pools)


def make_outfit(outlet: Outlet, seed: int, days: int) -> Outfit:
    """Furnish a site; half of all sites ask for consent, four of five have lists."""
    pen = Pen(outlet.language, [seed, 6, outlet.number])
    return Outfit(
        header=pen.words(10, 60),
        footer=pen.words(10, 60),
        consent=pen.words(30, 80) if outlet.number % 2 == 0 else None,
        consent_at=("middle", "top", "bottom")[outlet.number // 2 % 3],
        read_also=_read_also(pen, days) if outlet.number % 5 else (),
        sign_offs=tuple(pen.words(15, 30) for _ in range(2)),
        slots=(pen.slot(2, 3), pen.slot(7, 12), pen.words(14, 22))
        if outlet.number % 3 != 1
        else None,
    )


@dataclass
class Furnisher:
    """Hands out furniture page by page; also what several sites have in common."""

    outlets: list[Outlet]
    seed: int
    days: int
    outfits: list[Outfit] = field(init=False)
    pens: dict[str, Pen] = field(init=False)
    notes: dict[str, tuple[str, ...]] = field(init=False)
    figures: dict[str, tuple[str, str]] = field(init=False)
    publisher: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the furniture of all sites."""
        self.outfits = [make_outfit(outlet, self.seed, self.days) for outlet in self.outlets]
        codes = sorted({outlet.language for outlet in self.outlets})
        self.pens = {code: Pen(code, [self.seed, 7, i]) for i, code in enumerate(codes)}
        self.notes = {
            code: (pen.words(15, 30), pen.words(15, 30)) for code, pen in self.pens.items()
        }
        self.figures = {c: (pen.slot(22, 30), pen.words(6, 10)) for c, pen in self.pens.items()}
        self.publisher = next(iter(self.pens.values())).words(30, 50)
        for outlet in self.outlets:
            if outlet.publisher:
                self.publisher = self.pens[outlet.language].words(30, 50)
                break

    def before(self, outlet: Outlet) -> list[Block]:
        """Give what stands above the headline."""
        fit = self.outfits[outlet.number]
        blocks = [Block("header", fit.header)]
        if fit.consent and fit.consent_at == "top":
            blocks.append(Block("consent", fit.consent))
        return blocks

    def inside(self, outlet: Outlet, pen: Pen, day: int) -> list[Block]:
        """Give what stands between the paragraphs of this page."""
        fit = self.outfits[outlet.number]
        blocks = []
        if fit.slots and pen.rng.random() < 0.12:
            gap = "" if pen.code == "ja" else " "
            parts = [fit.slots[0], pen.slot(1, 3), fit.slots[1], pen.slot(1, 2), fit.slots[2]]
            blocks.append(Block("slot", gap.join(parts)))
        if fit.consent and fit.consent_at == "middle":
            blocks.append(Block("consent", fit.consent))
        if pen.rng.random() < 0.06:
            gap = "" if pen.code == "ja" else " "
            start, end = self.figures[outlet.language]
            # The figure of the day: the same on all sites.
            number = 20 + (day * 37) % 180
            blocks.append(Block("figure", gap.join([start, f"{number},{day % 10}", end])))
        return blocks

    def behind(self, outlet: Outlet, pen: Pen, day: int, agency: int | None) -> list[Block]:
        """Give what stands below the text; `agency` is the number of the agency, if known."""
        fit = self.outfits[outlet.number]
        gap = "" if pen.code == "ja" else " "
        blocks = []
        lot = float(pen.rng.random())
        if agency is not None or lot < 0.12:
            which = agency if agency is not None else int(lot * 1000)
            notes = self.notes[outlet.language]
            blocks.append(Block("agency-note", notes[which % len(notes)]))
        elif lot < 0.30:
            sign_off = fit.sign_offs[int(lot * 1000) % len(fit.sign_offs)]
            blocks.append(Block("sign-off", gap.join([pen.slot(2, 4), sign_off])))
        if fit.consent and fit.consent_at == "bottom":
            blocks.append(Block("consent", fit.consent))
        if fit.read_also:
            pool = list(fit.read_also[day])
            for _ in range(READ_ALSO_SHOWN):
                blocks.append(Block("read-also", pool.pop(int(pen.rng.integers(0, len(pool))))))
        if outlet.publisher:
            blocks.append(Block("publisher", self.publisher))
        blocks.append(Block("footer", fit.footer))
        return blocks
