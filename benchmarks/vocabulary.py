"""Make the words of a pseudo-German, a pseudo-English and three smaller languages.

In: a language code and a seed. Out: a `Language`: 25,000 invented words in the
order of their frequency, and a table that turns a random number into a word.
Beside "de" and "en" there are "fr" (many accents), "ru" (Cyrillic letters) and "ja"
(words of Han characters with kana endings, which `tokens` writes without blanks).
Sentences, topics and articles are left to `language`.

The words are put together from onsets, vowels and codas with weights roughly
like those of the real languages; none is looked up anywhere. The same seed
gives the same words on every machine: only sums, products and correctly rounded
square roots are used, never `pow` or `exp`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import sqrt
from typing import Final

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

NUM_WORDS: Final = 25_000
NUM_FUNCTION_WORDS: Final = 300
# 2**20 slots give the rarest of 25,000 words two or three of them.
NUM_SLOTS: Final = 1 << 20
_SHIFT: Final = 2.7
_NOUN_SHARE_DE: Final = 0.45


@dataclass(frozen=True)
class Spelling:
    """The building blocks of words; a block is as likely as it is often listed."""

    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    codas: tuple[str, ...]
    inner_codas: tuple[str, ...]
    short: tuple[str, ...]
    noun_endings: tuple[str, ...]
    other_endings: tuple[str, ...]
    capital_nouns: bool
    compounds: bool


def _blocks(text: str) -> tuple[str, ...]:
    """Split a line of blocks; `-` stands for the empty one, `x*3` for three times x."""
    out: list[str] = []
    for item in text.split():
        block, _, times = item.partition("*")
        out.extend(["" if block == "-" else block] * int(times or 1))
    return tuple(out)


GERMAN: Final = Spelling(
    onsets=_blocks(
        "b*4 d*4 f*3 g*4 h*4 j k*4 l*4 m*4 n*4 p*2 r*4 s*4 t*3 v*2 w*4 z*2 sch*3 st*4 sp*2 "
        "tr*2 dr br*2 gr*2 kr fr*2 bl fl gl kl pf pl schl schw zw -*3"
    ),
    vowels=_blocks("a*8 e*12 i*7 o*4 u*5 ä*2 ö ü*2 au*2 ei*4 ie*3 eu"),
    codas=_blocks(
        "-*3 n*6 r*5 l*3 s*3 t*4 ch*3 m*2 nd*2 rt ng*2 st*2 cht ß f g*2 k tz ck nn ll rd"
    ),
    inner_codas=_blocks("-*8 n*4 r*4 l*2 s*2 m t ch nd st rt"),
    short=_blocks("-*3 n*5 r*5 s*4 m*2 t*2 ch*2 l st nd"),
    noun_endings=_blocks("-*6 ung*5 heit keit*2 schaft er*4 e*4 en*4 nis tum ling ion*2 ei"),
    other_endings=_blocks("en*8 e*4 te*3 t*3 er*3 es*2 lich*2 ig*2 isch*2 eln bar ten*2 -*2 ieren"),
    capital_nouns=True,
    compounds=True,
)

ENGLISH: Final = Spelling(
    onsets=_blocks(
        "b*4 c*5 d*4 f*3 g*3 h*4 j k*2 l*4 m*4 n*3 p*4 r*4 s*5 t*5 v*2 w*4 y th*3 sh*2 ch*2 st*3 "
        "tr*2 pr*3 br*2 cr gr*2 pl*2 cl*2 fl sl sp*2 str qu wh -*4"
    ),
    vowels=_blocks("a*8 e*11 i*7 o*7 u*3 ea*3 oo ai*2 ou*2 ee*2 y oa ow"),
    codas=_blocks(
        "-*3 n*5 r*5 l*3 s*3 t*5 d*3 m*2 ck ll*2 ss nt*2 st*2 rd nd*2 th ng sh ght p*2 ve"
    ),
    inner_codas=_blocks("-*8 n*4 r*4 l*2 s*2 m t c d st nt p"),
    short=_blocks("-*4 n*4 r*3 s*3 t*4 d*2 m l th"),
    noun_endings=_blocks("-*9 s*5 er*3 ion*3 ness ment*2 ty*2 ance or age"),
    other_endings=_blocks("-*7 ed*4 ing*4 ly*2 al*2 s*2 ous able ive en ic"),
    capital_nouns=False,
    compounds=False,
)

FRENCH: Final = Spelling(
    onsets=_blocks(
        "b*3 c*4 ch*2 d*5 f*3 g*2 j*2 l*5 m*4 n*3 p*5 qu*2 r*4 s*5 t*4 v*3 pr tr gr -*4"
    ),
    vowels=_blocks("a*6 e*6 é*5 è*2 ê i*5 o*4 u*3 ou*3 ai*2 au*2 eau eu*2 on*3 an*3 in*2 oi*2 â"),
    codas=_blocks("-*8 r*4 s*3 t*3 l*2 n*2 c*2 x nt*2 che rd"),
    inner_codas=_blocks("-*9 r*3 s*2 l n m"),
    short=_blocks("-*5 s*3 r*2 t*2 n l"),
    noun_endings=_blocks("-*4 tion*5 ment*3 té*4 eur*3 ence age*2 ère ée*2 e*3 es*3"),
    other_endings=_blocks("er*4 é*4 ée*2 ait*3 ent*3 ant*2 ique*2 eux elle if ir*2 -*2"),
    capital_nouns=False,
    compounds=False,
)

CYRILLIC: Final = Spelling(
    onsets=_blocks("б*2 в*5 г*2 д*4 ж з*2 к*5 л*4 м*4 н*5 п*5 р*4 с*5 т*4 х ч ш ст*2 пр*3 тр -*2"),
    vowels=_blocks("а*7 е*6 и*6 о*9 у*3 ы*2 я*3 ю э"),
    codas=_blocks("-*7 н*4 т*3 р*3 л*3 с*2 в*3 м*2 к*2 й*2 ст д ть"),
    inner_codas=_blocks("-*9 р*2 н*2 с*2 л з"),
    short=_blocks("-*4 н*2 т*2 м*2 л х г"),
    noun_endings=_blocks("-*4 ость*3 ение*4 ство*2 ция*2 ник*2 а*4 ов*3 ам ами"),
    other_endings=_blocks("ый*3 ая*2 ого*3 ых*2 ать*3 ил*3 ла*2 ет*3 но*2 -*2"),
    capital_nouns=False,
    compounds=False,
)

# Every 29th and 31st character of the main block: some 600, without regard to their meaning.
_HAN: Final = tuple(map(chr, (*range(0x4E00, 0x9FA0, 31), *range(0x4E05, 0x7000, 29))))

HAN_KANA: Final = Spelling(
    onsets=_HAN,
    vowels=(*_HAN[::6], *[""] * 400),
    codas=("",),
    inner_codas=("",),
    short=_blocks("の*5 は*4 を*4 に*4 が*4 と*3 で*3 も*2 から より まで へ"),
    noun_endings=("", "", *_HAN[::40]),
    other_endings=_blocks("する*3 した*4 して*3 い*3 な*3 く られる*2 です ます った*2"),
    capital_nouns=False,
    compounds=False,
)

_SPELLINGS: Final = {
    "de": GERMAN, "en": ENGLISH, "fr": FRENCH, "ja": HAN_KANA, "ru": CYRILLIC,
}  # fmt: skip
_FOLD: Final = str.maketrans(
    {"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "ê": "e", "â": "a", "й": "и"}
)


@dataclass(frozen=True, eq=False)
class Language:
    """The words of one language, by falling frequency.

    Attributes:
        code: A key of the building blocks, for example "de".
        words: The words as written inside a sentence; the first
            `NUM_FUNCTION_WORDS` are short and make up half of any text.
        slots: int32, shape (NUM_SLOTS,); a word per slot, so that a uniform
            slot number is a word drawn by frequency.
        bytes_per_word: Mean UTF-8 bytes of a word of running text with the
            blank or stop that follows it.
    """

    code: str
    words: tuple[str, ...]
    slots: NDArray[np.int32]
    bytes_per_word: float

    def draw_words(self, rng: Generator, num_words: int) -> NDArray[np.int32]:
        """Draw word numbers by frequency, each on its own."""
        return self.slots[rng.integers(0, NUM_SLOTS, num_words)]


class Draws:
    """Choices from a generator, taken in blocks because one call per choice is slow."""

    def __init__(self, rng: Generator, block: int = 4096) -> None:
        """Take `block` numbers at a time from `rng`."""
        self._numbers = self._stream(rng, block)

    @staticmethod
    def _stream(rng: Generator, block: int) -> Iterator[int]:
        while True:
            yield from rng.integers(0, 1 << 30, block).tolist()

    def below(self, limit: int) -> int:
        """Draw an integer in [0, limit)."""
        return next(self._numbers) % limit

    def pick(self, items: Sequence[str]) -> str:
        """Draw one of the items."""
        return items[next(self._numbers) % len(items)]

    def chance(self, share: float) -> bool:
        """Draw True in `share` of the cases."""
        return next(self._numbers) < share * (1 << 30)


@cache
def zipf_slots(num_words: int, num_slots: int) -> NDArray[np.int32]:
    """Lay out Zipf-Mandelbrot frequencies as a table of slots.

    Word r gets a share of slots near (r + 2.7) ** -1.046875. The exponent is
    1 + 1/32 + 1/64, so that square roots are enough: they are rounded the same
    on every machine, `pow` is not.

    Returns:
        int32, shape (num_slots,), every word at least once, rising; not to be written to,
        since all callers get the same array.
    """
    weights = []
    for rank in range(1, num_words + 1):
        x = rank + _SHIFT
        root32 = sqrt(sqrt(sqrt(sqrt(sqrt(x)))))
        weights.append(1.0 / (x * root32 * sqrt(root32)))
    total = 0.0
    for weight in weights:
        total += weight
    ends: list[int] = []
    so_far = 0.0
    for rank, weight in enumerate(weights):
        so_far += weight
        spare = num_slots - num_words
        ends.append(int(so_far / total * spare) + rank + 1)
    ends[-1] = num_slots
    counts = np.array([end - begin for begin, end in pairwise([0, *ends])])
    slots = np.repeat(np.arange(num_words, dtype=np.int32), counts)
    slots.flags.writeable = False
    return slots


def make_name(draws: Draws, spelling: Spelling) -> str:
    """Invent a capitalised name of two or three syllables."""
    syllables = [
        draws.pick(spelling.onsets) + draws.pick(spelling.vowels) for _ in range(2 + draws.below(2))
    ]
    name = draws.pick(spelling.inner_codas).join(syllables) + draws.pick(spelling.codas)
    return name[0].upper() + name[1:]


def spelling_of(code: str) -> Spelling:
    """Return the building blocks of a language."""
    return _SPELLINGS[code]


def _stem(draws: Draws, spelling: Spelling, num_syllables: int) -> str:
    parts = []
    for i in range(num_syllables):
        last = i == num_syllables - 1
        codas = spelling.codas if last else spelling.inner_codas
        parts.append(draws.pick(spelling.onsets) + draws.pick(spelling.vowels) + draws.pick(codas))
    return "".join(parts)


def _content_word(draws: Draws, spelling: Spelling, rank: int) -> str:
    """Invent a content word; frequent ones are shorter, as in real languages."""
    noun = draws.chance(_NOUN_SHARE_DE)
    word = _stem(draws, spelling, 1 + draws.chance(0.25 if rank < 3000 else 0.55))
    word += draws.pick(spelling.noun_endings if noun else spelling.other_endings)
    if noun and spelling.compounds and rank > 1500 and draws.chance(0.45):
        joint = draws.pick(("", "s", "n", "er", ""))
        word = _stem(draws, spelling, 1) + joint + word
    if noun and spelling.capital_nouns:
        word = word[0].upper() + word[1:]
    return word


def _words(draws: Draws, spelling: Spelling) -> Iterator[str]:
    """Invent words until none is missing; two that fold to the same are one."""
    seen: set[str] = set()
    while len(seen) < NUM_WORDS:
        rank = len(seen)
        if rank < NUM_FUNCTION_WORDS:
            word = draws.pick(spelling.onsets) + draws.pick(spelling.vowels)
            word += draws.pick(spelling.short)
        else:
            word = _content_word(draws, spelling, rank)
        key = word.lower().translate(_FOLD)
        if key not in seen and 2 <= len(word) <= (5 if rank < NUM_FUNCTION_WORDS else 28):
            seen.add(key)
            yield word


@cache
def make_language(code: str, seed: int = 1) -> Language:
    """Make a language ("de", "en", "fr", "ja" or "ru"); the same for the same seed.

    Raises:
        KeyError: There are no building blocks for this code.
    """
    spelling = spelling_of(code)
    rng = Generator(PCG64([seed, sorted(_SPELLINGS).index(code)]))
    words = tuple(_words(Draws(rng), spelling))
    slots = zipf_slots(len(words), NUM_SLOTS)
    sizes = np.array([len(word.encode()) for word in words], dtype=np.int64)
    # The blank, and about one mark per eight words.
    bytes_per_word = int(sizes[slots].sum()) / NUM_SLOTS + 1.14
    return Language(code, words, slots, bytes_per_word)
