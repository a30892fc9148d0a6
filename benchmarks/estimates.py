"""How well signatures estimate resemblance: error and bias against the exact value.

In: the name of an engine module and its way, on the command line. Out: on standard output a
JSON list with a row per size of the joint set. Runs in the environment of the engine, so standard
library only. The sets are of random 8-byte tokens, the same for every engine; their resemblance
is exact by construction.

With 128 independent slots the error would be sqrt(J(1-J)/128) (Broder 1997).
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from math import sqrt
from typing import Any, Final

from benchmarks.engines.task import SLOTS

SIZES: Final = (40, 120, 480, 2000)
SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
PAIRS: Final = 300
SEED: Final = 11

Pair = tuple[list[bytes], list[bytes]]


def make_pair(rng: random.Random, size: int, share: float) -> tuple[Pair, float]:
    """Two sets with `size` tokens together, and their exact resemblance, near `share`."""
    common = round(size * share)
    tokens = [rng.getrandbits(64).to_bytes(8, "little") for _ in range(size)]
    middle = common + (size - common) // 2
    pair = (tokens[:middle], tokens[:common] + tokens[middle:])
    return pair, common / len(set(tokens))


def measure_estimates(module: Any, variant: str, pairs: int = PAIRS) -> list[dict[str, float]]:
    """Error and bias of an engine for each size, over all shares."""
    rows = []
    for size in SIZES:
        square = bias = theory = 0.0
        for share in SHARES:
            rng = random.Random(f"{SEED} {size} {share}")
            made = [make_pair(rng, size, share) for _ in range(pairs)]
            found = module.estimate_all([pair for pair, _ in made], variant)
            errors = [value - exact for value, (_, exact) in zip(found, made, strict=True)]
            square += sum(error * error for error in errors)
            bias += sum(errors)
            theory += sum(exact * (1 - exact) / SLOTS for _, exact in made)
        count = pairs * len(SHARES)
        rows.append(
            {
                "size": size,
                "pairs": count,
                "rmse": sqrt(square / count),
                "theory": sqrt(theory / count),
                "bias": bias / count,
            }
        )
    return rows


def main() -> int:
    """Measure one engine."""
    name, variant = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    module = importlib.import_module(f"benchmarks.engines.{name}")
    print(json.dumps(measure_estimates(module, variant)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
