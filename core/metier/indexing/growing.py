"""An array that rows are added to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class GrowingArray:
    """(n, dim) float32 that grows by doubling.

    What `view` gave stays as it was but for rows that are written again.

    Args:
        dim: numbers of a row.
    """

    def __init__(self, dim: int) -> None:
        self._array = np.empty((0, dim), dtype=np.float32)
        self._count = 0

    def view(self) -> npt.NDArray[np.float32]:
        """The rows that are there now, not copied."""
        return self._array[: self._count]

    def write(self, places: Sequence[int], rows: npt.NDArray[np.float32]) -> None:
        """Write rows at places, of which new ones follow the last without a gap."""
        count = max(self._count, max(places, default=-1) + 1)
        if count > len(self._array):
            size = (max(count, 2 * len(self._array)), self._array.shape[1])
            grown = np.empty(size, dtype=np.float32)
            grown[: self._count] = self.view()
            self._array = grown
        self._array[list(places)] = rows
        self._count = count

    def keep(self, places: Sequence[int]) -> None:
        """Keep the rows at these places, in their order, and drop the others."""
        self._array = self._array[list(places)]
        self._count = len(places)
