"""Give every engine an environment of its own under build/peers.

In: a row of `ENGINES`. Out: the Python of its environment, or the reason why there is none.
The environment this runs in is never touched. An environment is made at the first call and
whenever the list of its packages changes; a failure is remembered for the run only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.engines import Engine

ROOT: Final = Path(__file__).parent.parent
HOMES: Final = ROOT / "build" / "peers"
_INSTALL_SECONDS: Final = 600


class Absent(Exception):
    """An engine cannot be had here; says why in one line."""


def python_of(engine: Engine, previous: str = "") -> Path:
    """Give the Python that runs an engine.

    Args:
        engine: What is to be run.
        previous: For "ours-previous": a tag or commit of this repository, or anything pip
            installs (a wheel, a folder, a requirement).

    Raises:
        Absent: It cannot be installed.
    """
    if engine.module == "ours_previous":
        return _home("previous", (_previous_package(previous),), ())
    if not engine.packages:
        return Path(sys.executable)
    return _home(engine.packages[0].partition("[")[0].lower(), engine.packages, engine.bare)


@cache
def _home(name: str, packages: tuple[str, ...], bare: tuple[str, ...]) -> Path:
    key = hashlib.sha256(repr((packages, bare, sys.version)).encode()).hexdigest()[:8]
    home = HOMES / f"{name}-{key}"
    python = home / "bin" / "python"
    ready = home / ".ready"
    if not ready.exists():
        print(f"installing {', '.join(packages)} in {home}", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        rest = [package for package in packages if package not in bare]
        if bare:
            _pip(python, ["--no-deps", *bare])
        if rest:
            _pip(python, rest)
        ready.touch()
    return python


def _pip(python: Path, words: list[str]) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", *words]
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise Absent(f"installing took longer than {_INSTALL_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        raise Absent(f"cannot be installed: {last_line(error.stderr)}") from error


def last_line(text: str) -> str:
    """The line of a program's complaints that says most: the last one with "rror" in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line] or lines or ["no reason given"]
    return telling[-1][:200]


def _previous_package(given: str) -> str:
    """What pip is to install for the earlier version."""
    if not given:
        tags = _git("tag", "--list", "v*", "--sort=-v:refname", "--no-contains", "HEAD").split()
        if not tags:
            raise Absent("there is no earlier release; name one with --previous")
        given = tags[0]
    commit = _git("rev-parse", "--verify", "--quiet", f"{given}^{{commit}}").strip()
    if not commit:
        return os.path.abspath(given) if Path(given).exists() else given
    folder = HOMES / "sources" / commit[:12]
    if not folder.exists():
        folder.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "archive", commit], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return str(folder)


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
