"""A Runtime as the embedding model of BERTopic.

from metier.adapters import BERTopicBackend

topics = BERTopic(embedding_model=BERTopicBackend("embedded", "core/text-grouping"))
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from metier.adapters.runtime_source import RuntimeSource
from metier.adapters.vectorizer import Vectorizer
from metier.errors import MissingExtraError
from metier.texts.checks import is_blank

try:
    with warnings.catch_warnings():
        # its import silences all warnings of the program for good, and warns of what it lacks
        warnings.simplefilter("ignore")
        from bertopic.backend import BaseEmbedder
except ImportError as error:
    raise MissingExtraError("An adapter for BERTopic", "bertopic", "bertopic") from error

if TYPE_CHECKING:
    from metier.adapters.vectorizer import Floats
    from metier.registry.instruction import Instruction


class BERTopicBackend(BaseEmbedder):  # type: ignore[misc]
    """Embeds documents and words for BERTopic, both in the same way, since it compares them.

    A model that was saved with it loads the same model again where it is needed.

    Args:
        rt: a Runtime, or the model of a new one.
        instruction: id, such as `core/text-grouping`, or a task in words, which is read before
            every text; None for none.
        dim: vector size; None for the instruction's default.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
    ) -> None:
        super().__init__()
        self._vectorizer = Vectorizer(rt, instruction, dim)

    def embed(self, documents: list[str], verbose: bool = False) -> Floats:
        """(n, dim) unit rows, zeros for an empty text; `verbose` shows a bar.

        BERTopic fills short lists of words with empty ones.
        """
        instructed = self._vectorizer.instruction is not None
        embed = self._vectorizer.queries if instructed else self._vectorizer.documents
        rows = [row for row, text in enumerate(documents) if not is_blank(text)]
        vectors = np.zeros((len(documents), self._vectorizer.size), dtype=np.float32)
        if rows:
            texts = [documents[row] for row in rows]
            vectors[rows] = embed(texts, progress=True if verbose else None)
        return vectors
