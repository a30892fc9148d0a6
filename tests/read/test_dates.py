"""Dates: the same answer on every Python."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.dates import parse_date

NOON = int(datetime(2024, 1, 31, 12, 30, 15, tzinfo=UTC).timestamp())
DAY = int(datetime(2024, 1, 31, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31T12:30:15Z",
        "2024-01-31t12:30:15z",
        "2024-01-31 12:30:15",
        "2024-01-31 12:30:15 UTC",
        "2024-01-31T12:30:15.987654321Z",
        "2024-01-31T12:30:15,5+00:00",
        "2024-01-31T13:30:15+01:00",
        "2024-01-31T13:30:15+0100",
        "2024-01-31 13:30:15+01",
        "2024-01-31T07:00:15-05:30",
        "20240131123015",
        "  2024-01-31T12:30:15Z\n",
        "Wed, 31 Jan 2024 12:30:15 GMT",
        "Wed, 31 Jan 2024 12:30:15 +0000",
        "Wed, 31 Jan 2024 13:30:15 +0100 (CET)",
        "31 Jan 2024 07:30:15 EST",
        "31 January 24 12:30:15",
        str(NOON),
        str(NOON * 1000 + 999),
    ],
)
def test_a_moment_may_be_written_in_many_ways(text: str) -> None:
    assert parse_date(text) == NOON


@pytest.mark.parametrize("value", ["2024-01-31", "20240131", "2024-01-31T00:00", 20240131])
def test_a_day_is_its_first_second(value: object) -> None:
    assert parse_date(value) == DAY


@pytest.mark.parametrize(
    "value",
    [NOON, NOON + 0.75, NOON * 1000 + 1, NOON * 1000.0, 20240131123015],
)
def test_numbers_are_taken_like_their_digits(value: object) -> None:
    assert parse_date(value) == NOON


def test_objects_are_understood() -> None:
    zone = timezone(timedelta(hours=-5))
    assert parse_date(datetime(2024, 1, 31, 12, 30, 15, 999)) == NOON
    assert parse_date(datetime(2024, 1, 31, 7, 30, 15, tzinfo=zone)) == NOON
    assert parse_date(date(2024, 1, 31)) == DAY
    assert parse_date(datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))) is None


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "soon", "2024", "2024-1-31", "2024-13-01", "2023-02-29", "2024-01-31T25:00"),
        *("2024-01-31T12", "2024-01-31T24:00:00", "2024-01-31T12:30:61", "2024-W05-3"),
        *("2024-01-31T12:30+24:00", "2024-01-31Z", "20241301", "0999-12-31", "99991231235959x"),
        *("31/01/2024", "Jan 31, 2024", "31 Foo 2024 10:00", "32 Jan 2024 10:00", "1" * 12),
        *("٢٠٢٤-٠١-٣١", "२०२४०१३१", "1e9", "170670421.5", "-1706704215", "1" * 200_000),
        *(None, True, False, 0, 5, -NOON, 10**11, 10**400, 1e300, [], {}, b"2024-01-31"),
        *(float("nan"), float("inf"), "9999-12-31T23:59:59-00:01", "1000-01-01T00:00+00:01"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_anything_else_is_not_understood(value: object) -> None:
    assert parse_date(value) is None


def test_the_range_is_from_the_year_1000_to_9999() -> None:
    assert parse_date("1000-01-01") == -30_610_224_000
    assert parse_date("9999-12-31T23:59:59") == 253_402_300_799


def test_a_leap_second_counts_as_the_one_before() -> None:
    assert parse_date("2016-12-31T23:59:60Z") == parse_date("2016-12-31T23:59:59Z")


offsets = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
moments = st.datetimes(datetime(1000, 1, 3), datetime(9999, 12, 29), timezones=offsets)


@given(moments)
def test_iso_dates_agree_with_the_standard_library(moment: datetime) -> None:
    exact = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert parse_date(moment.isoformat()) == exact
    assert parse_date(moment.isoformat(" ")) == exact
    assert parse_date(moment) == exact


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.dates(), st.datetimes()))
def test_no_value_is_an_error(value: object) -> None:
    found = parse_date(value)
    assert found is None or isinstance(found, int)
