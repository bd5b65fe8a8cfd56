"""What a measurement was made on: processor, threads, versions and what matrix products reach."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.pairs import seconds

_LIBRARIES = ("metier", "torch", "transformers", "sentence-transformers", "numpy")


def describe() -> dict[str, object]:
    """Facts to print above every table."""
    import torch

    return {
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in _LIBRARIES},
        "gemm_gflops": {dtype: round(gemm_peak(dtype), 1) for dtype in ("float32", "bfloat16")},
    }


def chosen_dtype(name: str) -> str:
    """For `auto` what metier itself would run Qwen3 in here: emulated numbers measure nothing."""
    import torch

    from metier.models.device import automatic_dtype

    if name != "auto":
        return name
    return str(automatic_dtype(torch.device("cpu"), half_on_cpu=True)).removeprefix("torch.")


def gemm_peak(dtype: str) -> float:
    """GFLOP/s of a (2048, 1024) x (1024, 3072) product, the best of seven."""
    import torch

    kind = getattr(torch, dtype)
    left, right = torch.randn(2048, 1024).to(kind), torch.randn(3072, 1024).to(kind)

    def product() -> object:
        return torch.nn.functional.linear(left, right)

    with torch.inference_mode():
        product()
        best = min(seconds(product) for _ in range(7))
    return 2 * 2048 * 1024 * 3072 / best / 1e9


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
