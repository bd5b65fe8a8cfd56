"""What matrix products reach here: the ceiling that a model's speed is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.options import Options
from benchmarks.rounds import repeated
from benchmarks.rows import Row, not_measured, spread

CASE = "gemm"

_INNER, _OUTER = 1024, 3072  # the feed-forward product of the 0.6B shape
_TOKENS = {"cpu": 2048, "cuda": 32768}  # rows: a large batch of either device


def gemm_peak(dtype: str, device: str) -> float:
    """TFLOP/s of a product of the model's own shape, the best of seven."""
    import torch

    kind = getattr(torch, dtype)
    left = torch.randn(_rows(device), _INNER, device=device).to(kind)
    right = torch.randn(_OUTER, _INNER, device=device).to(kind)
    return _best(lambda: torch.nn.functional.linear(left, right), device)


def int8_peak() -> float | None:
    """TOP/s of the same product in 8-bit integers on a CPU; None where torch has no such kernel."""
    import torch

    if not torch.backends.mkldnn.is_available() or not hasattr(
        torch.ops.onednn, "qlinear_pointwise"
    ):
        return None
    # Unsigned activations: with signed ones oneDNN falls back to a loop a thousand times slower.
    left = torch.randint(0, 255, (_rows("cpu"), _INNER), dtype=torch.uint8)
    right = torch.randint(-127, 127, (_OUTER, _INNER), dtype=torch.int8)
    packed = torch.ops.onednn.qlinear_prepack(right, list(left.shape))
    scales, zeros = torch.full((_OUTER,), 0.01), torch.zeros(_OUTER, dtype=torch.int32)

    def product() -> Any:
        return torch.ops.onednn.qlinear_pointwise(
            left, 0.01, 0, packed, scales, zeros, None, 1.0, 0, torch.bfloat16, "none", [], ""
        )

    return _best(product, "cpu")


def gemm_case(options: Options) -> list[Row]:
    """The peaks and nothing else."""
    read: dict[str, Callable[[], float]] = {
        f"TFLOP/s, {dtype}": partial(gemm_peak, dtype, options.device)
        for dtype in ("float32", "bfloat16")
    }
    figures = repeated(read, options.rounds, case=CASE)
    rows = [spread(CASE, name, values) for name, values in figures.items()]
    int8 = int8_peak() if options.device == "cpu" else None
    if int8 is None:
        return [*rows, not_measured(CASE, "TOP/s, int8", "torch has no kernel for it here")]
    return [*rows, Row(CASE, "TOP/s, int8", int8)]


def _rows(device: str) -> int:
    return _TOKENS[device.partition(":")[0]]


def _best(product: Callable[[], object], device: str) -> float:
    import torch

    def seconds() -> float:
        start = time.perf_counter()
        product()
        if device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    with torch.inference_mode():
        seconds()  # warms up
        best = min(seconds() for _ in range(7))
    return 2 * _rows(device) * _INNER * _OUTER / best / 1e12
