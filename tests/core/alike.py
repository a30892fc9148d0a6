"""What both backends give for the same arguments; they must not differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dedup.core import _native, pure

DTYPES: dict[str, Sequence[Any]] = {
    "tokenize": (np.int64, np.uint64, np.uint32, np.uint32, np.uint8, np.uint8, np.int64),
    "shingles": (np.int64, np.uint64),
    "sign": (np.uint16,),
    "sketch": (
        np.uint16, np.uint64, np.uint32, np.uint32, np.int64, np.uint64, np.uint32,
    ),
    "note_keys": (),
    "pick_keys": (np.uint64, np.uint32),
    "holders": (np.uint64, np.int64, np.uint32),
    "groups": (np.uint32, np.uint32, np.uint32, None),
    "group_holders": (np.uint32, np.uint32, np.uint32, None),
    "pairs": (np.uint32, np.uint32, np.uint8, None),
    "band_groups": (np.uint32, np.uint32, np.uint32, None),
    "band_keys": (np.uint64, np.uint8),
    "mark": (np.uint8, np.uint8, np.uint32),
    "leave_marked": (np.uint64, np.int64, np.uint32),
    "learn": (np.uint64, np.int32, np.int64, np.uint32, np.uint32),
    "widen": (np.uint32,),
    "verify": (np.uint32, np.int64, np.uint32),
    "resemble": (np.uint32,),
}  # fmt: skip

#: Kernels that take the name of an instruction set behind all else.
LEVELLED = ("sketch", "sign", "verify", "resemble")


def outcome(module: Any, kernel: str, *args: Any) -> Any:
    """All values a kernel gives, or the error it raises."""
    try:
        values = getattr(module, kernel)(*args)
    except ValueError as error:
        return str(error)
    return [as_list(*pair) for pair in zip(values, DTYPES[kernel], strict=True)]


def as_list(value: Any, dtype: Any) -> Any:
    if dtype is None:
        return value
    return np.frombuffer(value, dtype).tolist() if len(memoryview(value)) else []


def assert_alike(kernel: str, *args: Any) -> Any:
    """What both backends give; with every instruction set where there are several."""
    expected = outcome(pure, kernel, *args)
    levels = [(level,) for level in _native.LEVELS] if kernel in LEVELLED else [()]
    for level in levels:
        assert outcome(_native, kernel, *args, *level) == expected, level
    return expected
