"""The heading stage: the query is compared with title and headings alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.stages.stage import SearchContext, SearchPhase, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class HeadingStage(SearchStage):
    """Cosine of the query with the headings of a chunk; a chunk without any counts as a whole.

    Headings are embedded when a search first meets them, and kept.
    """

    name = "heading"
    summary = "the query is compared with title and headings alone"
    phase = SearchPhase.CLOSE_LOOK
    needs_known_language = True
    needs_headings = True

    def applies(self, context: SearchContext) -> bool:
        """Whether any candidate has a heading."""
        return any(candidate.heading for candidate in context.candidates)

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Cosines, -1 to 1."""
        import numpy as np

        headings = [context.candidates[position].heading for position in positions]
        known = sorted({heading for heading in headings if heading})
        cosines: dict[str, float] = {}
        if known:
            products = context.embed_documents(known) @ context.vector
            cosines = dict(zip(known, products.tolist(), strict=True))
        whole = context.dense[list(positions)]
        return np.array(
            [cosines.get(heading, cosine) for heading, cosine in zip(headings, whole, strict=True)],
            dtype=np.float32,
        )
