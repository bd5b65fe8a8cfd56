"""The aspect stage: chunks are compared with what the query asks of its subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval_settings import RetrievalSettings


class AspectStage(SearchStage):
    """Cosine of a chunk with what is asked, such as the price or the treatment.

    "How is asthma treated?" and "What causes asthma?" have nearly the same vector. Where the
    domain's `aspects` know the question, the name of what is asked is embedded by itself.
    """

    name = "aspect"
    summary = "chunks are compared with what is asked of the subject, where the domain knows it"
    needs_known_language = True

    def details(self, settings: RetrievalSettings) -> str:
        """How many aspects the domain knows."""
        return str(len(settings.aspects))

    def query_texts(self, query: str, settings: RetrievalSettings) -> Sequence[str]:
        """The name of what the query asks."""
        words = settings.aspect_of(query)
        return () if words is None else (words,)

    def applies(self, context: SearchContext) -> bool:
        """Whether the query asks for an aspect of the domain."""
        return context.settings.aspect_of(context.query) is not None

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Cosines, -1 to 1."""
        words = context.settings.aspect_of(context.query)
        assert words is not None
        return context.similarities(positions, context.query_vectors[words])
