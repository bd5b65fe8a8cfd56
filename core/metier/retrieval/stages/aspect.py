"""The aspect stage: chunks are compared with what the query asks of its subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval_settings import Aspect, RetrievalSettings

_WORDS_SHARE = 0.5
"""What the name of an aspect counts beside the mean of its answers."""


class AspectStage(SearchStage):
    """How much nearer a chunk is to what is asked than to anything else that could be asked.

    "How is asthma treated?" and "What causes asthma?" have nearly the same vector. Where the
    domain's `aspects` know the question, each aspect is a vector of its own, of its name and of
    sentences as its answers read. The cosine with the aspect that is asked counts, less the highest
    with another one: a chunk that names every aspect of a disease answers none of them best.
    """

    name = "aspect"
    summary = "chunks are compared with what is asked of the subject, where the domain knows it"
    needs_known_language = True

    def details(self, settings: RetrievalSettings) -> str:
        """How many aspects the domain knows."""
        return str(len(settings.aspects))

    def query_texts(self, query: str, settings: RetrievalSettings) -> Sequence[str]:
        """The names of all aspects, where the query asks for one of them."""
        if settings.aspect_of(query) is None:
            return ()
        return [aspect.words for aspect in settings.aspects]

    def applies(self, context: SearchContext) -> bool:
        """Whether the query asks for an aspect of the domain."""
        return context.settings.aspect_of(context.query) is not None

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Differences of cosines, -2 to 2, most of them near 0; cosines if there is one aspect."""
        import numpy as np

        asked = context.settings.aspect_of(context.query)
        similarities = {
            aspect.words: context.similarities(positions, _vector(aspect, context))
            for aspect in context.settings.aspects
        }
        nearest = similarities.pop(asked or "")
        if not similarities:
            return nearest
        others: npt.NDArray[np.float32] = np.max(list(similarities.values()), axis=0)
        return nearest - others


def _vector(aspect: Aspect, context: SearchContext) -> npt.NDArray[np.float32]:
    """(dim,) unit vector of an aspect."""
    import numpy as np

    words = context.query_vectors[aspect.words]
    if not aspect.answers:
        return words
    answers = context.embed_documents(list(aspect.answers)).mean(axis=0)
    vector: npt.NDArray[np.float32] = answers + _WORDS_SHARE * words
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
