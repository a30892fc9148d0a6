"""Options that several commands share, and what their values become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedup.errors import InputError
from dedup.settings import EXTRACTORS, KEEP_POLICIES, REMOVE_POLICIES, Settings

if TYPE_CHECKING:
    from dedup.read import Fields

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULTS = Settings()

_THRESHOLDS = (
    ("--near-duplicate", "R", "Near-duplicates have this aligned resemblance or more, 0-1."),
    ("--excerpt", "C", "Excerpts are contained to this share or more, 0-1."),
    ("--min-passage", "WORDS", "Shortest passage that counts, in words."),
    ("--quote-max", "WORDS", "Longest passage that is a quote and not overlap, in words."),
)


def thresholds(function: F) -> F:
    """Add the options that decide kinds."""
    for name, metavar, help_ in reversed(_THRESHOLDS):
        default = getattr(_DEFAULTS, name.strip("-").replace("-", "_"))
        function = click.option(
            name,
            type=type(default),
            metavar=metavar,
            default=default,
            show_default=True,
            help=help_,
        )(function)
    return function


def policies(function: F) -> F:
    """Add the options that decide what is kept."""
    keep = click.option(
        "--keep",
        type=click.Choice(KEEP_POLICIES),
        default=_DEFAULTS.keep,
        show_default=True,
        help="Which article of a group is kept.",
    )
    remove = click.option(
        "--remove",
        type=click.Choice(REMOVE_POLICIES),
        default=_DEFAULTS.remove,
        show_default=True,
        help="What is removed; each kind includes the ones before it.",
    )
    nothing = click.option(
        "--lose-nothing",
        is_flag=True,
        help="Remove only what the kept article holds whole, furniture and typos aside.",
    )
    return keep(remove(nothing(function)))


def masking(function: F) -> F:
    """Add the options that say what boilerplate is."""
    options = (
        click.option(
            "--boilerplate",
            type=click.Path(exists=True, dir_okay=False),
            metavar="FILE",
            help="Texts that are boilerplate on every site, one a line.",
        ),
        click.option(
            "--allow",
            type=click.Path(exists=True, dir_okay=False),
            metavar="FILE",
            help="Texts that are never boilerplate, one a line.",
        ),
        click.option(
            "--keep-boilerplate",
            multiple=True,
            metavar="ID",
            help="Do not mask this learned text (ids are in boilerplate.jsonl). May be repeated.",
        ),
        click.option("--learn/--no-learn", default=True, help="Learn boilerplate from the corpus."),
    )
    for option in reversed(options):
        function = option(function)
    return function


#: Fields that can be named: key of `Fields`, what it is, the names that are tried.
FIELDS = (
    ("text", "the text", "text, content, ..."),
    ("id", "the id", "id, url, digest"),
    ("date", "the date", "date, ..."),
    ("title", "the headline, for kept.jsonl", "title, headline"),
    ("site", "the site", "site, ..., else the domain of the url"),
    ("url", "the url", "url, link"),
)


def inputs(function: F) -> F:
    """Add the options that say what is read and how, and what becomes of rejects."""
    strict = click.option(
        "--strict", is_flag=True, help="Exit 3 when any input was rejected; results are written."
    )
    return reading(strict(function))


def reading(function: F) -> F:
    """Add the options that say what is read and how."""
    extractor = click.option(
        "--extractor",
        type=click.Choice(EXTRACTORS),
        default=_DEFAULTS.extractor,
        show_default=True,
        help="How the main text of pages is found (trafilatura; resiliparse).",
    )
    files = click.option(
        "--files-from",
        metavar="FILE",
        help="Read the paths listed in FILE too, apart by line ends or NULs; - is standard input.",
    )
    return files(naming(extractor(function)))


def naming(function: F, keys: Sequence[str] | None = None) -> F:
    """Add the options that name fields and a charset."""
    for key, what, names in reversed(FIELDS):
        if keys is None or key in keys:
            function = click.option(
                f"--{key}-field",
                metavar="NAME",
                help=f"Field or column of {what}.  [default: {names}]",
            )(function)
    return click.option(
        "--charset",
        metavar="NAME",
        help="Charset of text, CSV and JSON Lines that are not UTF-8.  [default: detected]",
    )(function)


def named_fields(**names: str | None) -> Fields:
    """The fields that are looked for, some of them by the names that were given."""
    from dedup.read import Fields

    return replace(Fields(), **{key: (name,) for key, name in names.items() if name})


def take_fields(options: dict[str, Any]) -> Fields:
    """The fields that `naming` asked for, which are taken out of the options."""
    names = {key: options.pop(f"{key}_field", None) for key, *_ in FIELDS}
    return named_fields(**names, charset=options.pop("charset"))


memory = click.option(
    "--memory",
    metavar="SIZE",
    help="Memory to take at most, as 2G or 512M.  [default: a quarter of what is there, or what "
    "is needed]",
)
threads = click.option(
    "--threads", type=click.IntRange(1, 1024), metavar="N", help="[default: all cores]"
)


def read_lines(path: str | None) -> tuple[str, ...]:
    """The lines of a text file that are not blank; none without a path.

    Raises:
        InputError: It is not UTF-8.
    """
    if path is None:
        return ()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}.") from error
    return tuple(line for line in text.splitlines() if line.strip())
