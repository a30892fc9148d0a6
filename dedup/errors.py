"""Every error the package raises on purpose.

    DedupError
    ├── SettingsError        a setting is out of its range, or two contradict each other
    ├── InputError           nothing usable could be read (exit status 2)
    ├── OutputError          the results could not be written (exit status 2)
    ├── IndexDamaged         a file of an index has changed, is cut or is missing
    ├── IndexMismatch        an index of another format, other settings or another text version
    ├── IndexLocked          another process kept an index locked for longer than was waited
    ├── IndexPlace           an index that is not there, or lies where locks cannot be trusted
    ├── IdTaken              an article has this id already, with other words
    ├── NativeMissing        the compiled core cannot be loaded; the message names the cure
    └── LostArticle          kept + removed + rejected is not read: a bug, never to be silenced

Messages say where, what was expected, what was found and what to do.
"""

from __future__ import annotations


class DedupError(Exception):
    """Base of every error raised on purpose by this package."""


class SettingsError(DedupError, ValueError):
    """A setting is out of its range, or contradicts another one."""


class InputError(DedupError):
    """Nothing usable could be read."""


class OutputError(DedupError):
    """The results could not be written where they were asked for."""


class IndexDamaged(DedupError):
    """A file of an index has changed, is cut or is missing; the message names it."""


class IndexMismatch(DedupError, ValueError):
    """An index of another format, other settings or another text version."""


class IndexLocked(DedupError):
    """Another process kept an index locked for longer than was waited."""


class IndexPlace(DedupError):
    """There is no index, there is one already, or the place is no good for one."""


class IdTaken(DedupError, ValueError):
    """An article has this id already, with other words."""


class NativeMissing(DedupError, ImportError):
    """The compiled core is missing or cannot be loaded."""


class LostArticle(DedupError, AssertionError):
    """The books do not balance: kept + removed + rejected differs from read."""
