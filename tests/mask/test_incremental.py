"""Learning in parts gives what learning at once gives, whatever comes when."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest

from dedup import Settings, core
from dedup.core import Sketches
from dedup.mask import Learner
from dedup.mask.runs import Run
from dedup.sketch import join_sketches, sketch_texts
from tests.mask.making import Page, make_article, make_page, make_site, make_words, with_inside

SETTINGS = Settings()
CONSENT, FOOTER, MANAGER = (make_words(name, 36) for name in ("consent", "footer", "manager"))


class Shown:
    """A corpus of which a part has been shown to a learner."""

    def __init__(self, pages: Sequence[Page], settings: Settings = SETTINGS) -> None:
        """Sketch all pages; the order of the list is that of the corpus."""
        self.pages, self.settings = pages, settings
        self.texts = [page["text"].encode() for page in pages]
        self.learner = Learner(settings)
        self.count = 0

    def runs(self, learner: Learner, shown: Sequence[int]) -> list[tuple[object, ...]]:
        """What a learner says of some pages; those after all shown so far are not there yet."""
        self.count = count = max(self.count, max(shown) + 1)
        sketches: Sketches = join_sketches(
            [sketch_texts(self.texts[:count], self.settings)], self.settings.num_perm
        )
        dates = [page.get("date", "") for page in self.pages[:count]]
        days = np.array([int(np.datetime64(d).astype(int)) if d else -1 for d in dates], np.int32)
        oldest_first = sorted(shown, key=lambda n: (dates[n] or "9", self.pages[n]["id"]))
        sites = [page.get("site", "") for page in self.pages[:count]]
        found = learner.learn(
            sketches, self.texts[:count], np.array(oldest_first, np.int64), sites, days
        )
        return [plain(run) for run in found]

    def check(self, shown: Sequence[int]) -> list[tuple[object, ...]]:
        """Show pages to the learner that remembers; a new one must say the same."""
        found = self.runs(self.learner, shown)
        assert found == self.runs(Learner(self.settings), shown)
        return found


def plain(run: Run) -> tuple[object, ...]:
    return run.id, run.site, run.text, run.contexts, run.days, run.sites, sorted(run.shingles)


def make_corpus(seed: int) -> list[Page]:
    """Furniture of two sites and of all, rotating lists, a growing text, pages without date."""
    random = Random(seed)
    items = [make_words(("item", seed, n), 15) for n in range(9)]
    pages = []
    for site in ("a.example", "b.example"):
        for n in range(14):
            head, part, rest = with_inside(make_article((seed, site, n)), CONSENT, (seed, n))
            chosen = random.sample(items, 3)
            pages.append(
                make_page(f"{site}/{n:02}", site, n if n % 5 else None,
                          head, part, rest, *chosen, FOOTER)
            )  # fmt: skip
    pages += [
        make_page(f"g{n}", f"g{n}.example", n, *with_inside(make_article((seed, n)), MANAGER, n))
        for n in range(8)
    ]
    story = make_words(("story", seed), 300)
    pages += [make_page(f"t{n}", "a.example", n, story[: 60 * (n + 1)], FOOTER) for n in range(4)]
    random.shuffle(pages)
    return pages


@pytest.mark.parametrize("seed", range(4))
def test_pages_shown_in_parts_teach_what_they_teach_at_once(seed: int) -> None:
    corpus, random = Shown(make_corpus(seed)), Random(seed)
    shown, learned = 0, []
    while shown < len(corpus.pages):
        shown = min(shown + random.randint(1, 9), len(corpus.pages))
        learned.append(corpus.check(range(shown)))
    assert len(learned[-1]) > 3
    assert learned[0] != learned[-1]


@pytest.mark.parametrize("seed", range(2))
def test_pages_that_go_are_forgotten(seed: int) -> None:
    corpus, random = Shown(make_corpus(seed)), Random(seed)
    shown = list(range(len(corpus.pages)))
    assert corpus.check(shown)
    while len(shown) > 6:
        for _ in range(min(random.randint(1, 8), len(shown) - 1)):
            shown.pop(random.randrange(len(shown)))
        corpus.check(shown)


def test_a_share_of_a_site_that_shrinks_or_grows_is_judged_again() -> None:
    frequent = [
        make_page(f"p{n}", "a.example", n % 4, CONSENT, make_words(("short", n), 60))
        for n in range(8)
    ]
    others = [
        make_page(f"q{n:02}", "a.example", n % 4, make_words(("other", n), 60)) for n in range(80)
    ]
    corpus = Shown([*frequent, *others])
    known = corpus.check(range(8))
    assert known
    assert corpus.check(range(80)) == known
    assert corpus.check(range(81)) == []
    assert corpus.check(range(60)) == known


def test_only_what_changed_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [
        page
        for n in range(6)
        for page in make_site(f"s{n}.example", 10, 10, make_words(("furniture", n), 36))
    ]
    corpus = Shown(pages)
    corpus.runs(corpus.learner, range(59))
    looked: list[int] = []
    learn = core.learn

    def count(*args: Any) -> core.Learned:
        looked.append(len(args[8].keys))
        return learn(*args)

    monkeypatch.setattr("dedup.core.learn", count)
    corpus.runs(Learner(SETTINGS), range(60))
    at_once, looked[:] = sum(looked), []
    corpus.runs(corpus.learner, range(60))
    assert 0 < sum(looked) < at_once / 4
