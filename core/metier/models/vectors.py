"""Slicing and normalizing of vectors. No other module does it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metier.errors import DimError, ErrorPosition, ModelError


def slice_and_normalize(
    vectors: npt.ArrayLike, dim: int, *, rows: Sequence[int] | None = None
) -> npt.NDArray[np.float32]:
    """Turn pooled hidden states into unit vectors: slice to `dim`, then divide by the L2 norm.

    The order matters: a normalized vector that is sliced afterwards is no longer of unit length.
    It is the order of the Qwen3-Embedding model card and of Matryoshka training (Kusupati et al.,
    2022, section 3).

    Args:
        vectors: (n, full) pooled hidden states, any float dtype numpy knows.
        dim: dimensions to keep of each row, 1 to full.
        rows: the caller's index of each row, for errors; None for their own.

    Returns:
        (n, dim) float32, unit rows.

    Raises:
        DimError: `dim` is not in 1..full.
        ModelError: a row holds NaN or infinity, or only zeros, which have no direction.
    """
    full = np.asarray(vectors)
    check_dim(dim, full.shape[1])
    sliced = full[:, :dim].astype(np.float32)
    finite = np.isfinite(sliced).all(axis=1)
    if not finite.all():
        bad = int(np.flatnonzero(~finite)[0])
        raise not_finite("vector", bad if rows is None else rows[bad])
    # Squares of float32 numbers overflow and underflow in float32, and do not in float64.
    norms = np.sqrt(np.einsum("ij,ij->i", sliced, sliced, dtype=np.float64))
    if not norms.all():
        zero = int(np.flatnonzero(norms == 0.0)[0])
        raise ModelError(
            "The model gave a vector of length zero for $position: it has no direction.",
            position=ErrorPosition(index=int(zero if rows is None else rows[zero])),
            why="This happens when the weights of a model are damaged"
            + (f", or its first {dim} dimensions are empty." if dim < full.shape[1] else "."),
            fix="Download the model again, or use another one.",
        )
    unit: npt.NDArray[np.float32] = (sliced / norms[:, None]).astype(np.float32)
    return unit


def check_dim(dim: int, full: int) -> None:
    """Raise DimError unless a model of `full` dimensions can give `dim` of them."""
    if not 1 <= dim <= full:
        raise DimError(
            "$dim is not possible with this model.",
            why=f"Its vectors have {full} dimensions.",
            fix=f"Choose a size from 1 to {full}.",
            parameter="dim",
            parameters={"dim": dim},
        )


def not_finite(what: str, row: int) -> ModelError:
    """The error for a result that holds NaN or infinity."""
    return ModelError(
        f"The model gave no usable {what} for $position: it holds NaN or infinity.",
        position=ErrorPosition(index=int(row)),
        why="This happens when a model trained in bfloat16 runs in float16, or when its weights "
        "are damaged.",
        fix="Use dtype='float32' (or 'bfloat16' on a GPU that has it).",
    )
