"""The dense stage: the vectors of query and chunks are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class DenseStage(SearchStage):
    """Cosine of the vectors of query and chunk, computed when the candidates were found.

    In a search by short vectors, what the terms alone found has the lowest cosine of the rest.
    """

    name = "dense"
    summary = "vectors of query and chunks are compared"
    weight = 1.0
    always = True
    needs_known_language = True

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Cosines, -1 to 1."""
        return context.dense[list(positions)]
