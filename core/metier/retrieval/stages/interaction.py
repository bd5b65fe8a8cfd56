"""The late interaction stage: query and passage are compared token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchPhase, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval_settings import RetrievalSettings


class InteractionStage(SearchStage):
    """Weighted mean of the cosines of each query token with its most similar passage token.

    See `metier.retrieval.late_interaction`. With a model without token states its weight is
    added to that of the dense stage.
    """

    name = "interaction"
    summary = "query and passage are compared token by token"
    weight = 1.0
    phase = SearchPhase.CLOSE_LOOK
    needs_known_language = True

    def details(self, settings: RetrievalSettings) -> str:
        """Which tokens count more."""
        return settings.emphasis

    def applies(self, context: SearchContext) -> bool:
        """Whether the model has token states."""
        return context.tokens is not None

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Weighted means of cosines."""
        assert context.tokens is not None
        return context.tokens.scores(context.contents(positions))
