"""Child processes that compute as on other processors: their last bits differ."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

PROJECT = Path(__file__).parents[2]
_NEEDED = {"SkylakeX": "AVX512_SKX", "Haswell": "AVX2", "Sandybridge": "AVX", "Nehalem": "SSE42"}
"""Feature of the processor that each kernel of OpenBLAS needs."""
_WITH_AVX512 = ("SkylakeX",)
_WITH_AVX2 = ("SkylakeX", "Haswell")


def list_kernels() -> list[str]:
    """Return the kernels that this processor can run, the newest first."""
    return [kernel for kernel, feature in _NEEDED.items() if __cpu_features__.get(feature, False)]


def run_on_kernel(kernel: str, module: str, *arguments: str | Path) -> Any:
    """Return what a module prints as JSON in a process that computes with a kernel."""
    disabled = [
        feature
        for feature in __cpu_dispatch__
        if kernel not in (_WITH_AVX512 if feature.startswith(("AVX512", "X86_V4")) else _WITH_AVX2)
    ]
    environment = os.environ | {
        "OPENBLAS_CORETYPE": kernel,
        "NPY_DISABLE_CPU_FEATURES": " ".join(disabled),
        "PYTHONPATH": str(PROJECT),
    }
    ended = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def find_kernel() -> str | None:
    """Return the kernel that this process computes with; None if its linear algebra is not OpenBLAS's."""
    for library in sorted(Path(np.__file__).parents[1].glob("numpy.libs/*openblas*")):
        loaded = ctypes.CDLL(str(library))
        name = "scipy_openblas_get_corename64_"
        if hasattr(loaded, name):
            get_name = getattr(loaded, name)
            get_name.restype = ctypes.c_char_p
            return str(get_name().decode())
    return None
