"""Kill a scan again and again and go on each time: `python -m tests.kills 20 20000`.

The long form of a test in test_resume.py, over a feed of so many articles. Up to 20,000 there is a
commit every few kilobytes, above as everybody has them. Exit status 0: each time the same bytes as
without a kill.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.cli.running import folder_bytes
from tests.killing import kill_and_finish, make_feed, measure

#: Articles of the largest feed that is committed every few kilobytes.
SMALL = 20_000


def main(kills: int, articles: int) -> None:
    """Kill so often, at moments drawn from the whole time a scan takes."""
    random, small = Random(20), articles <= SMALL
    with tempfile.TemporaryDirectory() as folder:
        feed = make_feed(Path(folder, "feed.jsonl"), articles)
        seconds = measure(feed, Path(folder, "whole"), small=small)
        wanted = folder_bytes(Path(folder, "whole"))
        done = 0
        while done < kills:
            out = Path(folder, "out")
            delay = random.uniform(0.1, seconds)
            done += kill_and_finish(feed, out, delay, wanted, print, small=small)
            shutil.rmtree(out, ignore_errors=True)
    print(f"{kills} kills, the same bytes each time", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
