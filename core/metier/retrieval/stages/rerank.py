"""The rerank stage: a cross-encoder reads query and document together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchPhase, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class RerankStage(SearchStage):
    """The reranker's probability that a chunk answers the query. It has no weight: it decides."""

    name = "rerank"
    summary = "a reranker reads query and document together, if there is one"
    phase = SearchPhase.RERANK
    always = True

    def applies(self, context: SearchContext) -> bool:
        """Whether the search uses the reranker."""
        return context.rerank

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Probabilities, 0 to 1."""
        import numpy as np

        ranked = context.engine.rerank(
            context.query, context.contents(positions), instruction=context.instruction
        )
        scores = np.empty(len(positions), dtype=np.float32)
        scores[[document.index for document in ranked]] = [document.score for document in ranked]
        return scores
