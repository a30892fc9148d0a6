"""Hold an answer against the truth before its time counts.

In: pairs of places an engine has found, and the truth about the feed. Out: a `Score`. Whether it
is good enough for a time is decided by `is_right`.

The truth of a pair is its exact resemblance. A pair of less than 0.7 with text in common is
related: no mistake of an engine that looks for excerpts or works by estimates, but not what was
asked for. A pair of articles without a common origin shares nothing and is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from benchmarks.engines.task import THRESHOLD
from benchmarks.stored_feed import TruePair

#: No time is given for less recall than this, or for a larger share of wrong pairs.
LEAST_RECALL: Final = 0.95
MOST_WRONG: Final = 0.01


class Score(NamedTuple):
    """An answer by its truth."""

    #: Pairs of resemblance 0.7 and more, and how many of them were reported.
    wanted: int
    found: int
    #: Reported pairs: all, those below 0.7 with a common origin, those without.
    reported: int
    related: int
    wrong: int

    @property
    def recall(self) -> float:
        """Share of the wanted pairs that were reported; 1 where none is wanted."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of the reported pairs that are wanted; 1 where none is reported."""
        return self.found / self.reported if self.reported else 1.0

    @property
    def wrong_share(self) -> float:
        """Share of the reported pairs that share nothing."""
        return self.wrong / self.reported if self.reported else 0.0

    def as_dict(self) -> dict[str, float]:
        """Counts and shares."""
        return {
            **self._asdict(),
            "recall": self.recall,
            "precision": self.precision,
            "wrong_share": self.wrong_share,
        }


def score_answer(
    reported: Iterable[tuple[int, int]],
    truth: Iterable[TruePair],
    origins: Mapping[int, set[int]],
) -> Score:
    """Count reported pairs by their truth.

    Args:
        reported: Pairs of places, in either order; a pair counts once.
        truth: Pairs of resemblance 0.7 and more are wanted, all others are not.
        origins: Of articles with foreign text the articles it may come from, itself included.
    """
    wanted = {
        (min(pair.a, pair.b), max(pair.a, pair.b))
        for pair in truth
        if pair.resemblance >= THRESHOLD
    }
    pairs = {(min(pair), max(pair)) for pair in reported}
    found = pairs & wanted
    wrong = sum(origins.get(a, {a}).isdisjoint(origins.get(b, {b})) for a, b in pairs - wanted)
    return Score(len(wanted), len(found), len(pairs), len(pairs) - len(found) - wrong, wrong)


def is_right(score: Score, least_recall: float = LEAST_RECALL) -> bool:
    """Whether the time of an answer counts."""
    return score.recall >= least_recall and score.wrong_share <= MOST_WRONG
