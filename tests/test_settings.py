"""Settings: their ranges, the condition between two of them, and the digest."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Settings, SettingsError
from dedup.settings import _RANGES, KEEP_POLICIES, REMOVE_POLICIES

NAMES = [field.name for field in dataclasses.fields(Settings)]
DEFAULTS = Settings().as_dict()
#: A second value for each setting that is in its range and agrees with the other defaults.
OTHERS: dict[str, Any] = {
    "k": 3, "num_perm": 64, "band_threshold": 0.5, "band_recall": 0.9, "fingerprint_k": 5,
    "window": 9, "read_cap": 32, "max_candidates": 100, "family": 4, "seed_words": 5, "max_gap": 20,
    "x_drop": 4, "fuzzy_letters": 0, "min_passage": 20, "min_density": 0.4, "near_duplicate": 0.6,
    "excerpt": 0.9, "quote_max": 60, "quote_share": 0.3, "keep": "longest", "remove": "none",
    "learn": False, "site_contexts": 5, "site_days": 3, "frequent_share": 0.2,
    "site_heavy_contexts": 7,
    "site_heavy_days": 4, "site_undated_contexts": 7, "between_contexts": 3,
    "between_words": 10, "global_contexts": 8, "global_days": 5,
    "global_sites": 3, "global_heavy_contexts": 18, "global_heavy_days": 8, "own_min": 8,
    "own_share": 0.2, "light_share": 0.3, "light_stability": 0.7, "heavy_stability": 0.8,
    "most_lost": 0.5, "extractor": "fast",
}  # fmt: skip


def make(**values: Any) -> Settings:
    """Settings with some values of whatever type."""
    return Settings(**values)


def test_every_setting_has_a_range_or_a_list_of_values() -> None:
    ranged = [name for name, _, _ in _RANGES]
    assert sorted([*ranged, "keep", "remove", "learn", "extractor"]) == sorted(NAMES)
    assert sorted(OTHERS) == sorted(NAMES)


@pytest.mark.parametrize(("name", "low", "high"), _RANGES, ids=[row[0] for row in _RANGES])
def test_a_value_outside_its_range_is_refused_and_the_message_says_the_range(
    name: str, low: float, high: float
) -> None:
    for value in (low - 1, high + 1, float("nan")):
        with pytest.raises(SettingsError, match=re.escape(f"{name} must be from {low} to {high}")):
            make(**{name: value})


@pytest.mark.parametrize(("name", "low", "high"), _RANGES, ids=[row[0] for row in _RANGES])
def test_the_ends_of_a_range_belong_to_it(name: str, low: float, high: float) -> None:
    # The two that depend on each other are given room.
    room = {"near_duplicate": {"excerpt": 1}, "excerpt": {"near_duplicate": 0}}.get(name, {})
    for value in (low, high):
        assert getattr(make(**room, **{name: value}), name) == value


@pytest.mark.parametrize("value", [17, 96, 1000])
def test_slots_that_are_no_power_of_two_are_refused(value: int) -> None:
    with pytest.raises(SettingsError, match="power of two"):
        Settings(num_perm=value)


@given(near=st.floats(0, 1), excerpt=st.floats(0, 1))
def test_two_articles_can_never_be_excerpts_of_each_other(near: float, excerpt: float) -> None:
    if near <= excerpt / (2 - excerpt):
        settings = Settings(near_duplicate=near, excerpt=excerpt)
        assert (settings.near_duplicate, settings.excerpt) == (near, excerpt)
    else:
        with pytest.raises(SettingsError, match=r"at most excerpt/\(2-excerpt\)"):
            Settings(near_duplicate=near, excerpt=excerpt)


@pytest.mark.parametrize("name", ["keep", "remove"])
def test_an_unknown_policy_is_refused_and_the_message_lists_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make(**{name: "all"})
    for policy in KEEP_POLICIES if name == "keep" else REMOVE_POLICIES:
        assert policy in str(caught.value)


def test_each_level_of_removal_includes_the_ones_before_it() -> None:
    kinds = ("identical", "near-duplicate", "excerpt")
    removed = {
        level: [kind for kind in kinds if Settings(remove=level).removes(kind)]
        for level in REMOVE_POLICIES
    }
    assert removed == {
        "none": [],
        "identical": ["identical"],
        "near-duplicate": ["identical", "near-duplicate"],
        "excerpt": ["identical", "near-duplicate", "excerpt"],
    }


def test_the_digest_of_the_defaults_is_the_one_of_the_first_release() -> None:
    # Changes only when a default, a setting, TEXT_VERSION or the Unicode version does:
    # results made before and after cannot be compared then, and the changelog must say so.
    assert Settings().digest() == "da6240226f4cd2308ed7864979ea0f09"


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_changes_with_every_setting(name: str) -> None:
    assert OTHERS[name] != DEFAULTS[name]
    assert make(**{name: OTHERS[name]}).digest() != Settings().digest()


@pytest.mark.parametrize("name", ["TEXT_VERSION", "UNICODE_VERSION"])
def test_the_digest_changes_with_the_versions_of_the_tokenizer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Settings().digest()
    monkeypatch.setattr(f"dedup.settings.{name}", "another")
    assert Settings().digest() != before


def test_a_changed_copy_is_checked_again_and_leaves_the_original_alone() -> None:
    before = Settings()
    assert before.changed(min_passage=20) == Settings(min_passage=20)
    assert before == Settings()
    with pytest.raises(SettingsError, match="min_passage"):
        before.changed(min_passage=0)


def test_a_change_of_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"no setting min_passages, zeal\."):
        Settings().changed(zeal=1, min_passages=2)


def test_settings_cannot_be_altered() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().k = 3  # type: ignore[misc]
