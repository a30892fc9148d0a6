"""The compiled core; everything else about the package stands in pyproject.toml."""

import os
import sys

from setuptools import Extension, setup

# Floating point must give the same bits everywhere, so no fused multiply-add.
FLAGS = (
    ["/std:c++17", "/O2"]
    if sys.platform == "win32"
    else ["-std=c++17", "-O3", "-g0", "-ffp-contract=off"]
)
NATIVE = [f"dedup/core/native/{name}" for name in sorted(os.listdir("dedup/core/native"))]
LIMITED_API = "0x030B0000"  # Python 3.11: one wheel for it and every later version

setup(
    ext_modules=[
        Extension(
            "dedup.core._native",
            [name for name in NATIVE if name.endswith(".cpp")],
            depends=[name for name in NATIVE if name.endswith(".h")],
            define_macros=[("Py_LIMITED_API", LIMITED_API)],
            extra_compile_args=FLAGS,
            language="c++",
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
