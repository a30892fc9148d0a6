"""Let other detectors look at the same pages.

In: corpora of `pages`. Out: for each detector and corpus recall, precision and F1 of
its pairs, and its time. They run in a virtual environment of their own, build/peers, made
at the first call; their side is `peers_worker`. All get the same lower-cased words.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.detector import CONTENT_KINDS, load_detector
from benchmarks.page_scores import score_pairs
from benchmarks.pages import PageCorpus
from benchmarks.scoring import expand, identical_sets
from benchmarks.tokens import TOKEN
from benchmarks.truth import Pair, ordered

HOME: Final = Path(__file__).parent.parent / "build" / "peers"
WORKER: Final = Path(__file__).parent / "peers_worker.py"
PACKAGES: Final = ("datasketch", "rensa")
PEERS: Final = ("datasketch-lsh-0.5", "datasketch-lsh-0.7", "datasketch-ensemble-0.8", "rensa-0.5",
                "rensa-0.7")  # fmt: skip
COLUMNS: Final = (
    "found near-duplicate", "found excerpt", "found overlap", "recall", "precision", "f1",
)  # fmt: skip


def make_home() -> Path:
    """Make the environment of the peers if there is none; return its Python."""
    python = HOME / "bin" / "python"
    ready = HOME / ".ready"
    if not ready.exists():
        print(f"installing {', '.join(PACKAGES)} in {HOME}", file=sys.stderr)
        venv.create(HOME, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(pip, check=True)
        ready.touch()
    return python


def _lines(corpus: PageCorpus) -> Iterator[str]:
    for article in corpus.articles:
        words = TOKEN.findall(article["text"].lower())
        yield json.dumps({"id": article["id"], "words": words}, ensure_ascii=False) + "\n"


def ask_peer(python: Path, peer: str, corpus: PageCorpus) -> tuple[set[Pair], dict[str, Any]]:
    """Run one peer on a corpus; return its pairs, and what it says about itself."""
    done = subprocess.run(
        [str(python), "-I", str(WORKER), peer],
        input="".join(_lines(corpus)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{peer} failed: {done.stderr.strip()[-2000:]}")
    *pairs, about = [json.loads(line) for line in done.stdout.splitlines()]
    return {ordered(a, b) for a, b in pairs}, about


def _ask_ourselves(corpus: PageCorpus, threads: int) -> tuple[set[Pair], dict[str, Any]]:
    begin = time.perf_counter()
    result = load_detector().scan(corpus.articles, threads=threads)
    seconds = time.perf_counter() - begin
    texts = {article["id"]: article["text"] for article in corpus.articles}
    found = expand(result.relations, identical_sets(result.relations), texts)
    pairs = {pair for pair, hit in found.items() if hit.kind in CONTENT_KINDS}
    return pairs, {"seconds": seconds, "version": ""}


def measure_peers(corpora: Mapping[str, PageCorpus], threads: int) -> list[dict[str, Any]]:
    """Measure this package and all peers on all corpora, with the same truth."""
    python = make_home()
    rows = []
    for section, corpus in corpora.items():
        for peer in ("dedup", *PEERS):
            if peer == "dedup":
                pairs, about = _ask_ourselves(corpus, threads)
            else:
                pairs, about = ask_peer(python, peer, corpus)
            scores = score_pairs(pairs, corpus)
            rows.append(
                {"section": section, "peer": peer, "pairs": len(pairs), **about, "scores": scores}
            )
    return rows


def print_peers(rows: list[dict[str, Any]]) -> None:
    """Print the table; seconds of this package hold reading and verifying, too."""
    heads = "".join(f"{column.removeprefix('found '):>15}" for column in COLUMNS)
    print(f"{'section':<11}{'detector':<26}{'version':<9}{'pairs':>9}{heads}{'seconds':>9}")
    for row in rows:
        print(
            f"{row['section']:<11}{row['peer']:<26}{row['version']:<9}{row['pairs']:>9}"
            + "".join(f"{row['scores'][c]:>15.4f}" for c in COLUMNS)
            + f"{row['seconds']:>9.2f}"
        )
