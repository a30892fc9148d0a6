"""Every error the package raises on purpose.

    DedupError
    ├── SettingsError        a setting is out of its range, or two contradict each other
    ├── InputError           nothing usable could be read (exit status 2)
    ├── OutputError          the results could not be written (exit status 2)
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


class NativeMissing(DedupError, ImportError):
    """The compiled core is missing or cannot be loaded."""


class LostArticle(DedupError, AssertionError):
    """The books do not balance: kept + removed + rejected differs from read."""
