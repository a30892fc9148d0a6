"""Find the site of a url: the domain somebody registered, whatever hosts it has.

In: the host of a url. Out: its registered domain, by the public suffix list of 2019-12-21, which
publicsuffix2 brings: `sport.daily.co.uk` is `daily.co.uk`, `one.blogspot.com` itself. The list has
one version, so that a corpus has the same sites on every machine (docs/choices/0026).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from dedup.errors import InputError

_LIST = "publicsuffix2/public_suffix_list.dat"
_ADDRESS = re.compile(r"[\d.]+|\[.*")


@functools.lru_cache(maxsize=1 << 14)
def registered_domain(host: str) -> str:
    """The registered domain of a host: its public suffix and one label more.

    Args:
        host: In lower case, without a dot at its end.

    Returns:
        The host itself if it is an address, has no dot or is a public suffix.

    Raises:
        InputError: The list is missing; the message names the cure.
    """
    if "." not in host or _ADDRESS.fullmatch(host):
        return host
    rules = _load_rules()
    labels = host.split(".")
    for n in range(len(labels)):
        # From the longest tail on: the first rule that is met is the longest one.
        tail = ".".join(labels[n:])
        if f"!{tail}" in rules:
            return tail
        above = ".".join(labels[n + 1 :])
        if tail in rules or (above and f"*.{above}" in rules):
            return ".".join(labels[max(n - 1, 0) :])
    return ".".join(labels[-2:])


@functools.cache
def _load_rules() -> frozenset[str]:
    """All rules, those of other scripts as they are written and in ASCII."""
    from importlib.metadata import PackageNotFoundError, distribution  # slow to load

    try:
        path = Path(str(distribution("publicsuffix2").locate_file(_LIST)))
        text = path.read_text("utf-8")
    except (PackageNotFoundError, OSError) as error:
        raise InputError(
            "finding sites needs the public suffix list: pip install publicsuffix2==2.20191221"
        ) from error
    return frozenset(_rules(text))


def _rules(text: str) -> Iterator[str]:
    for line in text.splitlines():
        rule = line.strip()
        if rule and not rule.startswith("//"):
            yield rule
            if not rule.isascii():
                yield rule.encode("idna").decode()
