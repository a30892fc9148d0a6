"""The records that flow: what they promise beyond holding their fields."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from dedup import Article, Group, Member, Passage, Relation
from dedup import records as module
from dedup.errors import DedupError, LostArticle
from dedup.records import Counts

RELATION = Relation(
    "excerpt", "x", "y", "a_in_b", 1 / 3, 2 / 3, 1 / 7, 0.1234567, 0.5, 0.25, 12.5, 9,
    (Passage(1, 80, 0, 79, 12.5, 2 / 3),),
)  # fmt: skip


def test_counts_that_balance_pass() -> None:
    Counts(read=6, kept=3, removed=2, rejected=1).check()


@pytest.mark.parametrize("counts", [Counts(1), Counts(3, 2, 2, 1), Counts(kept=1)])
def test_a_lost_or_doubled_article_is_an_error_that_says_the_numbers(counts: Counts) -> None:
    with pytest.raises(LostArticle, match=f"{counts.kept} kept .* not {counts.read} read"):
        counts.check()
    assert issubclass(LostArticle, DedupError)


def test_a_relation_as_a_dict_has_its_fields_with_the_ids_first() -> None:
    values = RELATION.as_dict()
    assert sorted(values) == sorted(field.name for field in dataclasses.fields(Relation))
    assert list(values)[:4] == ["a", "b", "kind", "direction"]


def test_shares_are_written_to_six_places_and_lengths_as_they_are() -> None:
    values = RELATION.as_dict()
    assert values["resemblance"] == 0.333333
    assert values["containment_a_in_b"] == 0.666667
    assert values["jaccard"] == 0.123457
    assert values["longest_passage"] == 12.5
    assert values["passages"] == [
        {"a_begin": 1, "a_end": 80, "b_begin": 0, "b_end": 79, "words": 12.5, "identity": 0.666667}
    ]


def test_the_weakest_resemblance_of_a_group_is_that_of_its_weakest_member() -> None:
    members = (Member("b", "identical", 1.0, 1.0, 1.0), Member("c", "near-duplicate", 0.7, 1, 0.7))
    assert Group("a", members).weakest_resemblance == 0.7
    assert Group("a").weakest_resemblance == 1.0


def test_records_cannot_be_altered() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Article("a", "text").text = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        RELATION.kind = "none"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        RELATION.passages[0].a_begin = 3  # type: ignore[misc]


def test_every_record_is_a_dataclass_a_named_tuple_or_a_protocol() -> None:
    source = Path(module.__file__).read_text("utf-8")
    for name in re.findall(r"^class (\w+)", source, re.MULTILINE):
        record = getattr(module, name)
        assert dataclasses.is_dataclass(record) or hasattr(record, "_fields") or name == "Progress"
        assert record.__doc__
