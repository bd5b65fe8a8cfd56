"""What every kind of features does: learn from rows, turn rows into numbers, be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from metier.heads.inputs import Floats, HeadInputs

Matrix = Any
"""(n, d) features: a dense float64 array, or a sparse matrix of scipy in rows."""

Arrays = Mapping[str, npt.NDArray[Any]]
"""Arrays by name, as they are stored."""


class NoFeaturesError(Exception):
    """The rows have no features of a kind, or too few: members that need them are left out."""


class Features(Protocol):
    """Features that were fitted on rows."""

    @property
    def size(self) -> int:
        """Features of a row."""
        ...

    def transform(self, inputs: HeadInputs) -> Matrix:
        """Return the (n, size) features of n rows.

        Raises:
            UsageError: the inputs lack what these features are made of, or have it in another size.
        """
        ...

    def arrays(self) -> Arrays:
        """Return what `restore` needs, as arrays."""
        ...

    def settings(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON."""
        ...


def stack(matrices: list[Matrix]) -> Matrix:
    """Return features side by side; sparse if one of them is."""
    if len(matrices) == 1:
        return matrices[0]
    if all(isinstance(matrix, np.ndarray) for matrix in matrices):
        return np.hstack(matrices)
    import scipy.sparse

    return scipy.sparse.hstack(matrices, format="csr")


def dense(matrix: Matrix) -> Floats:
    """Return a matrix that may be sparse as an array."""
    return np.asarray(matrix if isinstance(matrix, np.ndarray) else matrix.toarray())
