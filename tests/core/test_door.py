"""Choosing a backend, and what the door itself checks."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from dedup import core
from dedup.core import _native


def run(code: str, argv: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *argv.split()],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_compiled_backend_is_the_default() -> None:
    found = run("from dedup import core; print(core.backend(), core.cpu_level())")
    assert found.stdout.split() == ["native", _native.LEVELS[-1]]


def test_an_instruction_set_can_be_chosen() -> None:
    for level in _native.LEVELS:
        found = run("from dedup import core; print(core.cpu_level())", DEDUP_CPU=level)
        assert found.stdout.split() == [level]
        found = run("from dedup.cli import main; main()", DEDUP_CPU=level, argv="--version")
        assert f"(native, {level})" in found.stdout


def test_an_instruction_set_the_machine_lacks_is_an_error_that_names_what_it_has() -> None:
    found = run("from dedup import core; core.sketch(['a'], 5, 16, 6, 7)", DEDUP_CPU="mmx")
    assert "DEDUP_CPU is 'mmx', but this machine and build can run: scalar" in found.stderr
    with pytest.raises(ValueError, match="no instruction set mmx"):
        _native.sketch(["a"], 5, 16, 6, 7, "mmx")


def test_the_plain_level_is_always_there() -> None:
    assert _native.LEVELS[0] == "scalar"


def test_the_pure_backend_comes_only_on_request() -> None:
    code = "from dedup import core; print(core.backend(), core.cpu_level())"
    assert run(code, DEDUP_BACKEND="pure").stdout.split() == ["pure", "none"]


def test_an_unknown_backend_is_refused() -> None:
    found = run("from dedup import core; core.backend()", DEDUP_BACKEND="fast")
    assert "DEDUP_BACKEND must be native or pure, but is 'fast'" in found.stderr


def test_a_missing_compiled_core_is_an_error_that_names_the_cure() -> None:
    code = (
        "import sys; sys.modules['dedup.core._native'] = None\n"
        "import dedup\n"
        "try: dedup.compare('a', 'b')\n"
        "except dedup.NativeMissing as error: print(error)"
    )
    found = run(code)
    assert "pip install ." in found.stdout
    assert "DEDUP_BACKEND=pure" in found.stdout


@pytest.mark.parametrize("num_perm", [0, 1, 3, 100, 1 << 17])
def test_signatures_need_a_power_of_two(num_perm: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        core.sign(np.zeros(0, np.uint64), np.zeros(1, np.int64), num_perm)
    with pytest.raises(ValueError, match="power of two"):
        core.sketch(["a"], 5, num_perm, 6, 7)


def test_no_texts_give_empty_columns() -> None:
    assert [len(column) for column in core.tokenize([])] == [1, 0, 0, 0, 0, 0, 1]
    sketches = core.sketch([], 5, 128, 6, 7)
    assert sketches.signatures.shape == (0, 128)
    assert sketches.digests.shape == (0, 2)


def test_kernels_run_on_several_threads_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [" ".join(f"wort{(n * s) % 97}" for n in range(400)) for s in range(1, 60)]
    alone = core.sketch(texts, 5, 128, 6, 7)
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(lambda _: core.sketch(texts, 5, 128, 6, 7), range(16)):
            for a, b in zip(alone, together, strict=True):
                assert np.array_equal(np.asarray(a), np.asarray(b))
