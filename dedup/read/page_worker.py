"""The process in which pages are read: one task after the other, until standard input ends.

In: standard input, one frame a task (the fields of the response as JSON, then the body). Out:
standard output, one frame of JSON a task, and one before the first that says whether the
libraries are there. The kernel ends this process when a page takes more processor time, or more
memory, than it may; noticing that and starting another one is left to `workers`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
from typing import IO, Any

from dedup.errors import InputError
from dedup.read.extract import extract_text
from dedup.read.html import Refused, read_page

#: Bytes of the number in front of a frame.
PREFIX = 4
#: A page on which both extractors load all they need.
_FIRST = "<html><body><p>A first page.</p></body></html>"


def serve(extractor: str, cpu_seconds: int, memory_bytes: int) -> None:
    """Answer tasks until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    tasks, answers = _take_streams()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, memory_bytes)
    try:
        extract_text(_FIRST, extractor)
        import cchardet  # type: ignore[import-untyped,import-not-found,unused-ignore] # noqa: F401
    except ImportError as error:
        send(answers, json.dumps({"missing": str(error)}).encode())
        return
    send(answers, json.dumps({"ready": True}).encode())
    while (head := receive(tasks)) is not None:
        body = receive(tasks)
        if body is None:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        # In whole seconds of processor time, whatever else the machine does: SIGXCPU ends us.
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds)
        send(answers, json.dumps(_answer(body, json.loads(head), extractor)).encode())


def _answer(body: bytes, fields: dict[str, str], extractor: str) -> dict[str, Any]:
    try:
        found = read_page(body, fields, extractor)
    except InputError as error:
        return {"missing": str(error)}
    except Exception as error:  # whatever the libraries raise, it is this page's fault
        return {"refused": Refused("crashed-page", f"{type(error).__name__}: {error}"[:200])}
    return {"refused" if isinstance(found, Refused) else "found": found}


def send(stream: IO[bytes], data: bytes) -> None:
    """Write one frame."""
    stream.write(len(data).to_bytes(PREFIX, "little"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one frame; None when the stream ends before its end."""
    prefix = stream.read(PREFIX)
    size = int.from_bytes(prefix, "little")
    data = stream.read(size) if len(prefix) == PREFIX else b""
    return data if len(prefix) == PREFIX and len(data) == size else None


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for ourselves: what a library prints there goes nowhere."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return tasks, answers


def _limit(kind: int, value: int) -> None:
    """Set the soft limit, as far as the hard one allows."""
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
