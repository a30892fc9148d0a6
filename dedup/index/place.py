"""Where an index may lie, and who works on its segments.

Takes a folder; says whether its file system can be trusted with locks, and hands out the one lock
for flushes and merges. Locks of articles are SQLite's.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xxhash

from dedup.errors import IndexPlace

#: File systems of other hosts, as Linux names them; what FUSE mounts is named behind "fuse.".
NETWORK = {
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph",
    "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "9p", "sshfs", "davfs", "s3fs",
    "rclone", "gcsfuse", "goofys", "juicefs",
}  # fmt: skip


def check_place(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Refuse file systems of other hosts; where mounts are not listed, nothing is refused.

    Raises:
        IndexPlace: The folder lies on such a one.
    """
    kind = _file_system(folder, mounts)
    if kind.removeprefix("fuse.").partition("-")[0] in NETWORK:
        raise IndexPlace(
            f"{folder} lies on a network file system ({kind}). Locks cannot be trusted there, "
            "and an index needs them. Put it on a disk of this host."
        )


def _file_system(folder: Path, mounts: Path) -> str:
    """The type of the file system a folder lies on, or would; "" where it is not known."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    inside = os.path.realpath(folder) + "/"
    best, kind = "", ""
    for line in lines:
        _, point, type_, *_ = line.split(" ")
        # Blanks and backslashes are written in octal.
        point = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), point).rstrip("/") + "/"
        if inside.startswith(point) and len(point) >= len(best):
            best, kind = point, type_
    return kind


@contextmanager
def work_lock(folder: Path, *, wait: bool) -> Iterator[bool]:
    """The lock of whoever makes or removes segments; it ends with the process that has it.

    Gives whether it was had; always true with `wait`.
    """
    handle = os.open(folder / "work.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def note_changes(catalogue: Path, changes: int) -> None:
    """Note beside a catalogue how many transactions were committed, for `noted_changes`.

    What a cut or damaged log of SQLite has lost does not show in the catalogue itself. The note
    is not synced, and not needed.
    """
    data = changes.to_bytes(8, "little")
    try:
        handle = os.open(f"{catalogue}-count", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return
    try:
        os.pwrite(handle, data + xxhash.xxh3_64_digest(data), 0)
    except OSError:
        pass
    finally:
        os.close(handle)


def noted_changes(catalogue: Path) -> int:
    """How many transactions were committed, as far as is known; 0 when it is not."""
    try:
        data = Path(f"{catalogue}-count").read_bytes()
    except OSError:
        return 0
    whole = len(data) == 16 and xxhash.xxh3_64_digest(data[:8]) == data[8:]
    return int.from_bytes(data[:8], "little") if whole else 0
