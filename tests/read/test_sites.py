"""Sites: the registered domain of a host, as the public suffix list of 2019 has it."""

from __future__ import annotations

import publicsuffix2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import InputError
from dedup.read import sites
from dedup.read.sites import registered_domain

#: The library's own reading of its list, with rules in ASCII and as they are written.
ASCII, WRITTEN = (publicsuffix2.PublicSuffixList(idna=idna) for idna in (True, False))
RULES = sorted({rule.lstrip("!*.") for rule in sites._load_rules()})


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("daily.example", "daily.example"),
        ("m.sport.daily.de", "daily.de"),
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("one.blogspot.com", "one.blogspot.com"),
        ("a.one.github.io", "one.github.io"),
        ("github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("a.b.kawasaki.jp", "a.b.kawasaki.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("x.www.ck", "www.ck"),
        ("a.b.unheard-of", "b.unheard-of"),
        ("localhost", "localhost"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("www.食狮.公司.cn", "食狮.公司.cn"),
        ("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("", ""),
        ("a..b", ".b"),
    ],
)
def test_the_site_is_what_somebody_registered(host: str, site: str) -> None:
    assert registered_domain(host) == site


@given(st.lists(st.sampled_from(["www", "a", "b1"]), max_size=3), st.sampled_from(RULES))
def test_every_rule_is_read_as_the_library_reads_it(labels: list[str], suffix: str) -> None:
    host = ".".join([*labels, suffix])
    if "." in host:
        oracle = ASCII if host.isascii() else WRITTEN
        assert registered_domain(host) == oracle.get_sld(host)


def test_a_missing_list_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "_LIST", "none/such.dat")
    sites._load_rules.cache_clear()
    registered_domain.cache_clear()
    try:
        with pytest.raises(InputError, match="pip install publicsuffix2"):
            registered_domain("a.b.example")
    finally:
        sites._load_rules.cache_clear()
