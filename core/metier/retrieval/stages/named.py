"""The named stage: documents are compared with the values of fields that the query names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.query_subject import read_query
from metier.retrieval.stages.stage import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval_settings import RetrievalSettings


class NamedStage(SearchStage):
    """Whether a document has the values that the query names: `read a file in Go`."""

    name = "named"
    summary = "documents with a value that the query names are better, such as a language"

    def details(self, settings: RetrievalSettings) -> str:
        """Which fields."""
        return ", ".join(named.field for named in settings.named_fields)

    def applies(self, context: SearchContext) -> bool:
        """Whether the query names a value."""
        return bool(read_query(context.query, context.settings).values)

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Shares of the named fields that have the value, 0 to 1."""
        import numpy as np

        values = read_query(context.query, context.settings).values
        shares = [
            sum(
                str(context.candidates[position].fields.get(field)).casefold() in accepted
                for field, accepted in values.items()
            )
            / len(values)
            for position in positions
        ]
        return np.array(shares, dtype=np.float32)
