"""text-dedup: its MinHash program from file to folder; it gives groups and verifies nothing."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

from benchmarks.engines import task


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Run the program on the file of articles; its groups as pairs."""
    out = Path(settings.scratch) / "out"
    command = [
        sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--split", "train",
        "--data_files", settings.articles, "--cache_dir", f"{settings.scratch}/cache",
        "--output", str(out), "--column", "text", "--ngram", str(task.SHINGLE_WORDS),
        "--num_perm", str(task.SLOTS), "--b", str(task.BANDS), "--r", str(task.ROWS),
        "--threshold", str(task.THRESHOLD), "--hash_func", "xxh3", "--min_length", "1",
        "--num_proc", str(settings.threads), "--debug", "--batch_size", "10000",
    ]  # fmt: skip
    environment = {
        **os.environ, "HF_HOME": f"{settings.scratch}/home", "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1", "PYTHONPATH": "",
    }  # fmt: skip
    with laps("program"):
        subprocess.run(command, check=True, env=environment, capture_output=True)
    # What is unpickled was written a moment ago by the program above.
    with (out / "uf.pkl").open("rb") as file:
        groups = pickle.load(file)
    parents = dict(groups.parent if hasattr(groups, "parent") else groups)
    return task.pairs_of_groups((int(i), int(j)) for i, j in parents.items() if i != j)
