"""What an index was made with, checked against what is asked for.

Takes a folder and wishes; makes the index where there is none; gives `Opened`, or an error that
names both values and the remedy.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dedup.errors import IndexDamaged, IndexMismatch, IndexPlace, OutputError
from dedup.grouping import KEEP, group_anew
from dedup.index import (
    FORMAT,
    KEY_SETTINGS,
    RELATION_SETTINGS,
    Catalogue,
    Store,
    check_place,
    key_stamp,
)
from dedup.lookup import FindText, How
from dedup.mask import given_flags
from dedup.masking import VETOED, knowing
from dedup.records import Given
from dedup.settings import TEXT_VERSION, UNICODE_VERSION, Settings

_DAY = 86400
_REBUILD = (
    "Make a new index: `dedup index dump {0} --texts` with the version that wrote it, then "
    "`dedup index build`."
)


@dataclass(frozen=True)
class Opened:
    """An index that fits what was asked for."""

    folder: Path
    how: How
    keep_text: bool
    window_days: float | None

    def store(self, wait: float, durable: bool) -> Store:
        """A connection of this process."""
        catalogue = Catalogue(self.folder, wait=wait, durable=durable)
        window = None if self.window_days is None else round(self.window_days * _DAY)
        settings = self.how.settings
        stamp = key_stamp(settings)
        return Store(self.folder, catalogue, settings, stamp, window, keep_text=self.keep_text)


def open_folder(
    folder: Path,
    settings: Settings | None,
    given: Given | None,
    keep_text: bool | None,
    window_days: float | None,
    find_text: FindText | None,
    create: bool | None,
    wait: float,
) -> Opened:
    """Open or make an index; what each argument says stands in `dedup.open_index`."""
    check_place(folder)
    catalogue = _connect(folder, create, wait)
    try:
        if catalogue.is_new():
            _check_empty(folder)
            chosen = settings or Settings()
            catalogue.create(
                {
                    "format": FORMAT,
                    "text_version": TEXT_VERSION,
                    "unicode": UNICODE_VERSION,
                    "settings": chosen.as_dict(),
                    "keep_text": keep_text is not False,
                    "window_days": window_days,
                    "boilerplate": list(given.texts) if given else [],
                    "allowed": list(given.allowed) if given else [],
                    VETOED: sorted(given.keep) if given else [],
                    KEEP: chosen.keep,
                }
            )
        meta = catalogue.meta()
        stored = _check(folder, meta, settings, given, keep_text, window_days)
        catalogue.check_opened()
        lost = catalogue.num_lost()
        known = Given(meta["boilerplate"], meta["allowed"])
        flags = given_flags(known, stored) if known.texts else None
        how = How(stored, flags, find_text)
        if meta[KEEP] != stored.keep:
            with catalogue.writing():
                group_anew(catalogue, stored.keep)
        with catalogue.reading():
            how = knowing(how, catalogue.known())
    finally:
        catalogue.close()
    if lost:
        warnings.warn(
            f"{folder}: the last {lost} transactions are missing. The log of the catalogue was "
            "cut or damaged, by a power failure perhaps; what they stored must be stored again.",
            RuntimeWarning,
            stacklevel=4,
        )
    return Opened(folder, how, meta["keep_text"], meta["window_days"])


def _connect(folder: Path, create: bool | None, wait: float) -> Catalogue:
    """A connection to an index that is there, or to a file that is still empty."""
    file = folder / "catalogue.db"
    is_there = file.exists()
    if is_there and create is True:
        raise IndexPlace(f"{folder} holds an index already. Add to it, or choose another folder.")
    if not is_there and create is False:
        raise IndexPlace(f"{folder} holds no index. Make one: dedup index build {folder} CORPUS")
    if not is_there:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            others = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            raise OutputError(f"{folder} cannot be made: {error.strerror}.") from error
        # Another process may be making this very index.
        if any(not name.startswith("catalogue.db") for name in others):
            raise IndexPlace(
                f"{folder} holds other files ({others[0]}). Choose a folder that is empty."
            )
    return Catalogue(folder, wait=wait, durable=False)


def _check_empty(folder: Path) -> None:
    """A catalogue without a table is a new one only where nothing was ever stored.

    Raises:
        IndexDamaged: Other files of an index are there.
    """
    left = sorted(file.name for file in folder.glob("segment-*"))
    left += ["catalogue.db-count"] * (folder / "catalogue.db-count").exists()
    if left:
        raise IndexDamaged(
            f"{folder / 'catalogue.db'} is empty, but {left[0]} is there. The catalogue is the "
            "only truth: restore it from a copy."
        )


def _check(
    folder: Path,
    meta: Mapping[str, Any],
    settings: Settings | None,
    given: Given | None,
    keep_text: bool | None,
    window_days: float | None,
) -> Settings:
    """The settings of an index, if all that is asked for is what it was made with."""
    versions = {"format": FORMAT, "text_version": TEXT_VERSION, "unicode": UNICODE_VERSION}
    for name, ours in versions.items():
        if meta.get(name) != ours:
            raise IndexMismatch(
                f"{folder} was made with {name} {meta.get(name)}, and this version of dedup has "
                f"{name} {ours}. {_REBUILD.format(folder)}"
            )
    if not meta["is_whole"]:
        raise IndexDamaged(f"{folder / 'catalogue.db'}, table meta: it has changed.")
    names = {field.name for field in fields(Settings)}
    stored = Settings(**{n: v for n, v in meta["settings"].items() if n in names})
    stored = stored.changed(keep=meta.get(KEEP, stored.keep))
    wishes: dict[str, tuple[Any, Any]] = {}
    if settings is not None:
        for name in (*KEY_SETTINGS, *RELATION_SETTINGS):
            wishes[name] = getattr(stored, name), getattr(settings, name)
        # What decides neither keys nor relations is up to whoever opens it.
        free = {n: getattr(settings, n) for n in names - wishes.keys()}
        stored = stored.changed(**free)
    if given is not None:
        wishes["boilerplate"] = meta["boilerplate"], list(given.texts)
        wishes["allowed"] = meta["allowed"], list(given.allowed)
    if keep_text is not None:
        wishes["keep_text"] = meta["keep_text"], keep_text
    if window_days is not None:
        wishes["window_days"] = meta["window_days"], window_days
    for name, (there, wanted) in wishes.items():
        if there != wanted:
            raise IndexMismatch(
                f"{folder} was made with {name} = {_short(there)}, but {_short(wanted)} is asked "
                f"for. Open it without {name}, or make a new index: "
                f"`dedup index dump {folder} --texts`, then `dedup index build`."
            )
    return stored


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
