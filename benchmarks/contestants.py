"""Both sides of a comparison, with the same checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.rounds import Contestant

BATCH_SIZES = (8, 32, 128)
DEFAULT_BATCH_SIZE = 32


def runtime(model: str | Path, *, dtype: str, device: str, **settings: Any) -> Any:
    """Return a Runtime without plugins, with its models loaded.

    Raises:
        ParameterError: this version of metier, or this device, has no such dtype.
    """
    from metier import Runtime

    rt = Runtime(model, dtype=dtype, device=device, plugins=[], progress=False, **settings)
    _ = rt.embedder
    return rt


def int8_runtime(model: str | Path, *, device: str) -> Any | None:
    """Return a Runtime in 8-bit integers; None if they are not supported."""
    from metier.errors import ParameterError

    try:
        return runtime(model, dtype="int8", device=device)
    except ParameterError:
        return None


def peer_embedder(model: Path, *, device: str, dtype: str | None = None) -> Any:
    """Return a sentence-transformers model; without `dtype`, in its default number format."""
    import torch
    from sentence_transformers import SentenceTransformer

    settings = None if dtype is None else {"dtype": getattr(torch, dtype)}
    return SentenceTransformer(str(model), device=device, model_kwargs=settings)


def by_batch_size(run: Callable[[list[str], int], object]) -> Mapping[str, Contestant]:
    """Return the peer with each batch size, by name."""

    def at(size: int) -> Contestant:
        return lambda texts: run(texts, size)

    return {peer_at(size): at(size) for size in BATCH_SIZES}


def peer_at(size: int) -> str:
    """Name of the peer at a batch size."""
    return f"peer at {size}"


def check_same_vectors(ours: Any, theirs: Any) -> None:
    """Raise an error unless both sides compute the same vectors, up to bfloat16 rounding."""
    import numpy as np

    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    lowest = float((ours * theirs).sum(axis=1).min())
    if lowest < 0.99:
        raise AssertionError(f"the sides disagree: cosine {lowest:.4f}")
