"""Memory while a long stream of documents goes through."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.checkpoint import random_embedder
from benchmarks.options import Options
from benchmarks.process import output
from benchmarks.rows import Row
from benchmarks.targets import at_most

CASE = "memory"
_GB = 1e9
_LAYERS = 2  # of the 0.6B shape: what grows with the number of texts does not grow with layers


def memory_case(options: Options) -> list[Row]:
    """20,000 short documents in a process of their own: above the weights at most 1 GB."""
    from metier.models.model_lookup import embedded_folder

    layers = min(options.layers, _LAYERS)
    models = {
        "embedded": ("embedded", embedded_folder(), "auto"),
        f"0.6B shape, {layers} layers": (
            str(random_embedder(layers)),
            random_embedder(layers),
            options.dtype,
        ),
    }
    return [_measured(name, *model, options) for name, model in models.items()]


def _measured(name: str, model: str, folder: Path, dtype: str, options: Options) -> Row:
    count = options.scaled(20_000)
    sys.stderr.write(f"{CASE}: streaming {count} documents through {name}\n")
    argv = [sys.executable, "-m", "benchmarks.streaming", model, str(count), "--dtype", dtype]
    argv += ["--device", options.device, "--threads", str(options.threads)]
    result = json.loads(output(argv))
    if result["rows"] != count:
        raise AssertionError(f"{result['rows']} of {count} documents were embedded")
    weights = (folder / "model.safetensors").stat().st_size
    above = (result["peak"] - weights) / _GB
    detail = (
        f"peak {result['peak'] / _GB:.2f} GB, after loading {result['loaded'] / _GB:.2f} GB, "
        f"weights {weights / _GB:.2f} GB"
    )
    what = f"GB above the weights, {name}, {count} documents"
    target = at_most(1.0) if options.device == "cpu" else None
    return Row(CASE, what, above, target=target, detail=detail)
