"""Vectors that know what they were made with."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from metier.registry.provenance import Provenance, require_comparable


class Vectors(np.ndarray[Any, np.dtype[np.float32]]):
    """A numpy array of vectors with their provenance.

    `queries @ documents.T` is refused where the two differ in model, dim or an instruction that
    stands before documents. A selection of whole vectors, a copy and a pickle keep the provenance;
    anything computed from vectors is a plain array. `numpy.asarray` drops it.

    Attributes:
        provenance: model, dim and instruction; None where they are not known any more.
    """

    provenance: Provenance | None = None

    @classmethod
    def of(cls, vectors: npt.NDArray[np.float32], provenance: Provenance) -> Vectors:
        """A view of an array, with a provenance.

        Args:
            vectors: (n, provenance.dim).
            provenance: what they were made with.
        """
        view = vectors.view(cls)
        view.provenance = provenance
        return view

    @property
    def mark(self) -> Provenance | None:
        """Deprecated: use `provenance`."""
        warnings.warn("Vectors.mark is now Vectors.provenance", DeprecationWarning, stacklevel=2)
        return self.provenance

    def __array_finalize__(self, source: Any) -> None:
        provenance = getattr(source, "provenance", None)
        if provenance is None or self.dtype.kind != "f":
            return
        # fewer columns, a sum or an order of rows do not lie in the space of the provenance;
        # the dimensions of a vector are adjacent in memory, also in a transposed array
        axes = zip(self.shape, self.strides, strict=True)
        if any(size == provenance.dim and step == self.itemsize for size, step in axes):
            self.provenance = provenance

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: Any, *inputs: Any, out: Any = (), **options: Any
    ) -> Any:
        if ufunc is np.matmul and len(inputs) == 2:
            require_same_space(*inputs)
        if out:
            options["out"] = tuple(_plain(array) for array in out)
        return getattr(ufunc, method)(*(_plain(array) for array in inputs), **options)

    def __reduce__(self) -> tuple[Any, ...]:
        reduced = super().__reduce__()
        assert isinstance(reduced, tuple)  # of numpy: rebuild, its arguments, the state
        rebuild, arguments, state = reduced
        return rebuild, arguments, (state, self.provenance)

    def __setstate__(self, state: Any) -> None:
        array, self.provenance = state
        super().__setstate__(array)


def require_same_space(
    first: Any, second: Any, *, names: tuple[str, str] = ("the first", "the second")
) -> None:
    """Refuse two arrays of different provenance; an array without one is accepted.

    Raises:
        UsageError: as `require_comparable`.
    """
    provenances = [array.provenance for array in (first, second) if isinstance(array, Vectors)]
    known = [provenance for provenance in provenances if provenance is not None]
    if len(known) == 2:
        require_comparable(*known, names=names)


def _plain(array: Any) -> Any:
    return array.view(np.ndarray) if isinstance(array, Vectors) else array
