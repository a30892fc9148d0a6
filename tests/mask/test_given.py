"""What the user says about boilerplate wins: texts given, texts allowed, runs vetoed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dedup import Given
from tests.mask.making import (
    Page,
    kinds,
    learned,
    look,
    make_article,
    make_page,
    make_site,
    make_text,
    make_words,
    plain,
    related,
    shuffled,
    with_inside,
)

ROOT = Path(__file__).parents[2]
SITE, OTHER = "daily.example", "weekly.example"
CONSENT, SECOND = make_words("consent", 36), make_words("second", 30)


def make_strangers(count: int = 4) -> list[Page]:
    """One page each of sites nobody knows, on one day, with the consent inside."""
    return [
        make_page(
            f"stranger{n}", f"{n}.example", 0, *with_inside(make_article(("by", n)), CONSENT, n)
        )
        for n in range(count)
    ]


def make_two_sites() -> list[Page]:
    """Two sites with furniture of their own, on too few days to hold for all sites."""
    return make_site(SITE, 5, 4, CONSENT) + make_site(OTHER, 6, 5, SECOND)


# -- given texts ---------------------------------------------------------------------------------


def test_a_given_text_is_masked_on_sites_nobody_knows() -> None:
    assert kinds(look(make_strangers())) == {"quote": 6}
    assert kinds(look(make_strangers(), Given(texts=[make_text(CONSENT)]))) == {}


def test_a_given_text_is_masked_without_sites_dates_and_learning() -> None:
    pages = [{"id": page["id"], "text": page["text"]} for page in make_strangers()]
    assert kinds(look(pages, Given(texts=[make_text(CONSENT)]), learn=False)) == {}


def test_a_given_text_is_masked_whatever_its_case_and_marks() -> None:
    shouted = " - ".join(CONSENT).upper()
    assert kinds(look(make_strangers(), Given(texts=[shouted]))) == {}


def test_words_around_a_given_text_do_no_harm() -> None:
    around = make_text(make_words("before", 20), CONSENT, make_words("after", 20))
    assert kinds(look(make_strangers(), Given(texts=["", around, "too short"]))) == {}


def test_a_given_text_hides_no_other_shared_words() -> None:
    passage = make_words("passage", 40)
    pages = [
        make_page(f"p{n}", f"{n}.example", 0, CONSENT, make_article(("g", n)), passage)
        for n in range(3)
    ]
    result = look(pages, Given(texts=[make_text(CONSENT)]))
    assert kinds(result) == {"quote": 3}
    texts = {page["id"]: page["text"] for page in pages}
    for quote in result.quotes:
        (found,) = quote.passages
        assert plain(texts[quote.a][found.a_begin : found.a_end]) == plain(passage)


def test_a_given_text_that_is_most_of_an_article_is_masked_there_too() -> None:
    pages = [make_page(f"p{n}", "", None, CONSENT, make_words(("own", n), 14)) for n in range(3)]
    assert kinds(look(pages)) == {"overlap": 3}
    assert kinds(look(pages, Given(texts=[make_text(CONSENT)]))) == {}


# -- allowed texts -------------------------------------------------------------------------------


def test_an_allowed_text_wins_over_what_is_learned() -> None:
    pages = make_site(SITE, 6, 6, CONSENT)
    assert kinds(look(pages)) == {}
    assert kinds(look(pages, Given(allowed=[make_text(CONSENT)]))) == {"quote": 15}


def test_an_allowed_text_wins_over_a_given_one() -> None:
    given = Given(texts=[make_text(CONSENT)], allowed=[make_text(CONSENT)])
    assert kinds(look(make_strangers(), given)) == {"quote": 6}


def test_an_allowed_text_wins_over_what_is_learned_for_all_sites() -> None:
    pages = [
        page
        for n in range(12)
        for page in make_site(f"s{n}.example", 1, 1, CONSENT, first_day=2 * n)
    ]
    assert kinds(look(pages)) == {}
    assert kinds(look(pages, Given(allowed=[make_text(CONSENT)]))) == {"quote": 66}


def test_an_allowed_text_leaves_other_furniture_masked() -> None:
    result = look(make_two_sites(), Given(allowed=[make_text(CONSENT)]))
    assert kinds(result) == {"quote": 10}
    assert all(pair[0].startswith(SITE) for pair in related(result))


# -- vetoes --------------------------------------------------------------------------------------


def test_a_vetoed_run_is_listed_and_not_masked() -> None:
    pages = make_two_sites()
    before = look(pages)
    assert kinds(before) == {}
    ids = {run.site: run.id for run in before.boilerplate}
    after = look(pages, Given(keep=frozenset({ids[SITE]})))
    assert [run.id for run in after.boilerplate] == [run.id for run in before.boilerplate]
    assert {run.site: run.masked for run in after.boilerplate} == {SITE: False, OTHER: True}
    assert {run.site: run.articles for run in after.boilerplate} == {SITE: 0, OTHER: 6}
    assert kinds(after) == {"quote": 10}
    assert all(pair[0].startswith(SITE) for pair in related(after))


def test_vetoing_all_runs_is_like_learning_nothing() -> None:
    pages = make_two_sites()
    ids = frozenset(run.id for run in look(pages).boilerplate)
    assert related(look(pages, Given(keep=ids))) == related(look(pages, learn=False))


def test_a_veto_of_an_unknown_id_changes_nothing() -> None:
    pages = make_two_sites()
    assert look(pages, Given(keep=frozenset({"0" * 12}))).boilerplate == look(pages).boilerplate


@pytest.mark.parametrize("seed", range(4))
def test_ids_are_the_same_in_every_order_of_the_input(seed: int) -> None:
    pages = make_two_sites()
    assert look(shuffled(pages, seed)).boilerplate == look(pages).boilerplate


def test_an_id_stays_when_pages_are_added() -> None:
    pages = make_site(SITE, 5, 5, CONSENT)
    more = [*make_site(SITE, 9, 9, CONSENT), *make_site(OTHER, 9, 9, SECOND)]
    (run,) = look(pages).boilerplate
    assert run.id in {run.id for run in look(more).boilerplate}


def test_one_text_on_two_sites_has_two_ids() -> None:
    pages = make_site(SITE, 4, 4, CONSENT) + make_site(OTHER, 4, 4, CONSENT)
    runs = look(pages).boilerplate
    assert {run.site for run in runs} == {SITE, OTHER}
    assert len({run.id for run in runs}) == 2
    assert all(len(run.id) == 12 and int(run.id, 16) >= 0 for run in runs)


def test_learning_can_be_turned_off() -> None:
    result = look(make_two_sites(), learn=False)
    assert result.boilerplate == []
    assert kinds(result) == {"quote": 25}


# -- command line --------------------------------------------------------------------------------


def run_cli(pages: list[Page], folder: Path, *options: str) -> dict[str, list[dict[str, Any]]]:
    """`python -m dedup scan` in a process of its own; the objects of each .jsonl it wrote."""
    source, out = folder / "pages.jsonl", folder / "out"
    source.write_text("".join(json.dumps(page) + "\n" for page in pages), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "dedup", "scan", str(source), "-o", str(out), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {
        name: [json.loads(line) for line in (out / f"{name}.jsonl").read_text("utf-8").splitlines()]
        for name in ("relations", "quotes", "boilerplate")
    }


def write_text(path: Path, *lines: str) -> str:
    """A file of such lines, for an option."""
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_the_command_writes_what_a_scan_learns(tmp_path: Path) -> None:
    pages = make_two_sites()
    written = run_cli(pages, tmp_path)
    assert written["boilerplate"] == [run._asdict() for run in look(pages).boilerplate]
    assert {plain(run["text"]) for run in written["boilerplate"]} == {plain(CONSENT), plain(SECOND)}
    assert written["relations"] == written["quotes"] == []


def test_the_command_masks_a_file_of_texts(tmp_path: Path) -> None:
    file = write_text(tmp_path / "texts", "", " ".join(SECOND), " ".join(CONSENT))
    assert run_cli(make_strangers(), tmp_path, "--boilerplate", file)["quotes"] == []


def test_the_command_allows_a_file_of_texts(tmp_path: Path) -> None:
    file = write_text(tmp_path / "texts", " ".join(CONSENT), "", " ".join(SECOND))
    assert len(run_cli(make_two_sites(), tmp_path, "--allow", file)["quotes"]) == 25


def test_the_command_lets_allowed_texts_win(tmp_path: Path) -> None:
    file = write_text(tmp_path / "texts", " ".join(CONSENT))
    both = ("--boilerplate", file, "--allow", file)
    assert len(run_cli(make_strangers(), tmp_path, *both)["quotes"]) == 6


def test_the_command_keeps_what_is_vetoed(tmp_path: Path) -> None:
    pages = make_two_sites()
    ids = [run.id for run in look(pages).boilerplate]
    one, both = tmp_path / "one", tmp_path / "both"
    one.mkdir()
    both.mkdir()
    written = run_cli(pages, one, "--keep-boilerplate", ids[0])
    assert [(run["id"], run["masked"]) for run in written["boilerplate"]] == [
        (ids[0], False),
        (ids[1], True),
    ]
    options = [option for id_ in ids for option in ("--keep-boilerplate", id_)]
    assert len(run_cli(pages, both, *options)["quotes"]) == 25


def test_the_command_learns_nothing_when_told_so(tmp_path: Path) -> None:
    written = run_cli(make_two_sites(), tmp_path, "--no-learn")
    assert written["boilerplate"] == []
    assert len(written["quotes"]) == 25


def test_a_vetoed_run_is_no_part_of_what_is_learned() -> None:
    pages = make_site(SITE, 4, 4, CONSENT)
    (run,) = look(pages).boilerplate
    assert learned(look(pages, Given(keep=frozenset({run.id})))) == set()
