"""The machine of a measurement: processor, threads, versions and speed of matrix products."""

from __future__ import annotations

import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.gemm import gemm_peak, int8_peak

_LIBRARIES = ("metier", "torch", "transformers", "sentence-transformers", "numpy")
_PEER_HAS = ("float32", "bfloat16", "float16")


def describe(device: str) -> dict[str, object]:
    """Return the facts to print above a table."""
    import torch

    peaks = {dtype: gemm_peak(dtype, device) for dtype in ("float32", "bfloat16")}
    int8 = int8_peak() if device == "cpu" else None
    return {
        "processor": _processor(),
        "gpu": None if device == "cpu" else torch.cuda.get_device_name(device),
        "threads": torch.get_num_threads(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in _LIBRARIES},
        "gemm_tflops": {dtype: round(peak, 4) for dtype, peak in peaks.items()},
        "gemm_int8_tops": None if int8 is None else round(int8, 4),
    }


def chosen_dtype(name: str, device: str) -> str:
    """Return the number format; `auto` is the one that metier chooses for Qwen3 on this machine."""
    if name != "auto":
        return name
    from metier import Runtime
    from metier.testing.checkpoints import write_qwen3_embedder

    with tempfile.TemporaryDirectory() as folder:
        tiny = write_qwen3_embedder(Path(folder) / "tiny")
        rt = Runtime(tiny, device=device, dtype="auto", plugins=[], progress=False)
        chosen = rt.embedder.dtype
    return chosen if chosen in _PEER_HAS else "bfloat16"


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
