"""Fields: found under the names crawls use, tidied, never guessed."""

from __future__ import annotations

import io
import json

import pytest

from dedup.read import Fields, Rejects, read_jsonl
from dedup.records import Record


def read_one(**fields: object) -> Record:
    line = json.dumps({"text": "t"} | fields).encode()
    rejects = Rejects()
    (record,) = read_jsonl(io.BytesIO(line), "f.jsonl", Fields(), rejects)
    assert not rejects
    return record


def test_lone_surrogates_pass_through_the_text_and_are_written_out_in_ids() -> None:
    record = read_one(text="a\ud800b", id="x\udfff", site="\ud800.org")
    assert record.text.decode("utf-8", "surrogatepass") == "a\ud800b"
    assert record.id == "x\\udfff"
    assert record.site == "\\ud800.org"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("name", "name"),
        (17, "17"),
        (-1, "-1"),
        (0, "0"),
        (10**40, "1" + "0" * 40),
        (True, "f.jsonl:1"),
        (1.5, "f.jsonl:1"),
        ("", "f.jsonl:1"),
        (None, "f.jsonl:1"),
        ([1], "f.jsonl:1"),
    ],
)
def test_ids_are_strings_or_integers_or_the_place(value: object, expected: str) -> None:
    assert read_one(id=value).id == expected


def test_an_unusable_id_leaves_the_choice_to_the_next_name() -> None:
    assert read_one(id=None, url="http://a.org/1").id == "http://a.org/1"
    assert read_one(id=True, digest="d").id == "d"


def test_the_first_usable_field_wins() -> None:
    assert read_one(text=None, content="c", body="b").text == b"c"
    assert read_one(date="soon", date_publish="1970-01-02 00:00:00").date == 86400
    assert read_one(date=None).date is None


def test_fields_can_be_renamed() -> None:
    rejects = Rejects()
    stream = io.BytesIO(b'{"text": "wrong", "main": "right"}')
    (record,) = read_jsonl(stream, "f", Fields(text=("main",)), rejects)
    assert record.text == b"right"


@pytest.mark.parametrize(
    ("found", "site"),
    [
        ({"site": "WWW.Example.ORG"}, "example.org"),
        ({"site": " ", "source_domain": "b.de"}, "b.de"),
        ({"source": {"id": 1}, "url": "https://www.c.fr:8080/a?b#c"}, "c.fr"),
        ({"url": "//user:pw@d.com./x"}, "d.com"),
        ({"url": "http://[2001:db8::1]:80/"}, "[2001:db8::1]"),
        ({"url": "http://[broken/"}, "[broken"),
        ({"url": "no url at all"}, ""),
        ({"site": "sport.daily.org", "url": "http://a.org"}, "sport.daily.org"),
        ({"url": "https://m.sport.daily.co.uk./x"}, "daily.co.uk"),
        ({"url": "mailto:a@b.c", "link": "HTTP://E.com"}, "e.com"),
        ({"url": ""}, ""),
        ({}, ""),
    ],
)
def test_the_site_is_named_or_the_domain_of_the_url(found: dict[str, object], site: str) -> None:
    assert read_one(**found).site == site
