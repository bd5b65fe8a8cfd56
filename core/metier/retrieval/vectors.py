"""Vectors that say what they were made with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from metier.registry.provenance import Provenance, require_comparable


class Vectors(np.ndarray[Any, np.dtype[np.float32]]):
    """A numpy array of vectors with the mark of their making.

    `queries @ documents.T` is refused where the two marks differ in model, dim or an instruction
    that stands before documents. What is picked out of it keeps the mark as long as it holds whole
    vectors; what is computed from it is a plain array without one. `numpy.asarray` takes it off.

    Attributes:
        mark: model, dim and instruction; None where they are not known any more.
    """

    mark: Provenance | None = None

    @classmethod
    def of(cls, vectors: npt.NDArray[np.float32], mark: Provenance) -> Vectors:
        """The same numbers, not copied, with a mark.

        Args:
            vectors: (n, mark.dim).
            mark: what they were made with.
        """
        marked = vectors.view(cls)
        marked.mark = mark
        return marked

    def __array_finalize__(self, source: Any) -> None:
        mark = getattr(source, "mark", None)
        if mark is None or self.dtype.kind != "f":
            return
        # fewer columns, a sum, or an order of places: none of them lies in the space of the mark;
        # the numbers of a vector lie next to each other, also in a transposed array
        axes = zip(self.shape, self.strides, strict=True)
        if any(size == mark.dim and step == self.itemsize for size, step in axes):
            self.mark = mark

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: Any, *inputs: Any, out: Any = (), **options: Any
    ) -> Any:
        if ufunc is np.matmul and len(inputs) == 2:
            require_same_space(*inputs)
        if out:
            options["out"] = tuple(_plain(one) for one in out)
        return getattr(ufunc, method)(*(_plain(one) for one in inputs), **options)


def require_same_space(
    one: Any, other: Any, *, names: tuple[str, str] = ("the first", "the second")
) -> None:
    """Refuse two arrays whose marks differ; one without a mark may be anything.

    Raises:
        UsageError: as `require_comparable`.
    """
    marks = [array.mark for array in (one, other) if isinstance(array, Vectors)]
    known = [mark for mark in marks if mark is not None]
    if len(known) == 2:
        require_comparable(*known, names=names)


def _plain(array: Any) -> Any:
    return array.view(np.ndarray) if isinstance(array, Vectors) else array
