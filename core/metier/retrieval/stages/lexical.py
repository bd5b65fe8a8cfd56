"""The lexical stage: BM25 over the terms of the texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval_settings import RetrievalSettings


class LexicalStage(SearchStage):
    """BM25 as a share of the highest possible score of the query, see `metier.retrieval.bm25`."""

    name = "lexical"
    summary = "BM25 over the terms of the texts, such as a part number"
    weight = 0.5
    tried = (0.0, 0.25, 0.5)

    def details(self, settings: RetrievalSettings) -> str:
        """What terms are, and their language."""
        return f"{settings.terms}, {settings.language}"

    def applies(self, context: SearchContext) -> bool:
        """Whether the query has terms."""
        return context.lexical is not None

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Shares, 0 to 1."""
        assert context.lexical is not None
        return context.lexical[list(positions)]
