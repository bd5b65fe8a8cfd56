"""A Runtime in LlamaIndex: an embedding model and a node postprocessor.

from metier.adapters import LlamaIndexEmbedding

Settings.embed_model = LlamaIndexEmbedding("embedded")
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, PrivateAttr

from metier.adapters.document_ranker import DocumentRanker
from metier.adapters.runtime_source import RuntimeSource, data_of, runtime_of
from metier.adapters.vectorizer import Vectorizer
from metier.errors import MissingExtraError, ParameterError

try:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle
except ImportError as error:
    raise MissingExtraError(
        "An adapter for LlamaIndex", "llama-index", "llama-index-core"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXTS_OF_A_CALL = 512
"""Texts that LlamaIndex hands over at once; batches are made of them by tokens."""

RuntimeField = Annotated[Any, BeforeValidator(runtime_of), PlainSerializer(data_of)]
"""A Runtime that `to_dict` writes as its configuration."""


class LlamaIndexEmbedding(BaseEmbedding):  # type: ignore[misc]
    """Embeds for indexes of LlamaIndex: queries under the instruction, documents bare.

    Args:
        rt: a Runtime, or the model of a new one.
        instruction: id or task in words; None for the model's own prompts.
        dim: vector size; None for the instruction's default.
        fields: of LlamaIndex, such as `embed_batch_size`.
    """

    rt: RuntimeField = None
    instruction: str | None = None
    dim: int | None = None
    _vectorizer: Vectorizer = PrivateAttr()

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | None = None,
        dim: int | None = None,
        **fields: Any,
    ) -> None:
        vectorizer = Vectorizer(rt, instruction, dim)
        fields.setdefault("embed_batch_size", _TEXTS_OF_A_CALL)
        fields.setdefault("model_name", str(vectorizer.rt.engine.models.facts()["model"]))
        super().__init__(rt=vectorizer.rt, instruction=instruction, dim=dim, **fields)
        self._vectorizer = vectorizer

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex saves it."""
        return "LlamaIndexEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        (vector,) = self._vectorizer.queries([query]).tolist()
        return list(vector)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    def _get_text_embedding(self, text: str) -> list[float]:
        (vector,) = self._get_text_embeddings([text])
        return vector

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._vectorizer.documents(texts).tolist()
        return vectors

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)


class LlamaIndexReranker(BaseNodePostprocessor):  # type: ignore[misc]
    """Orders nodes with the reranker of a Runtime, and keeps the best.

    The score of a node becomes the reranker's probability.

    Args:
        rt: a Runtime with a reranker.
        instruction: id or task in words; None for the model's default task.
        top_n: how many to keep; None for all.
        fields: of LlamaIndex, such as `callback_manager`.
    """

    rt: RuntimeField = None
    instruction: str | None = None
    top_n: int | None = Field(default=3, ge=1)
    _ranker: DocumentRanker = PrivateAttr()

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | None = None,
        top_n: int | None = 3,
        **fields: Any,
    ) -> None:
        ranker = DocumentRanker(rt, instruction)
        super().__init__(rt=ranker.rt, instruction=instruction, top_n=top_n, **fields)
        self._ranker = ranker

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex saves it."""
        return "LlamaIndexReranker"

    def _postprocess_nodes(
        self, nodes: Sequence[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise ParameterError(
                "There is no query to rerank by.",
                fix="Give query_str or query_bundle.",
                parameter="query_bundle",
            )
        texts = [node.node.get_content(metadata_mode=MetadataMode.EMBED) for node in nodes]
        ranked = self._ranker.rank(query_bundle.query_str, texts, top_k=self.top_n)
        return [NodeWithScore(node=nodes[entry.index].node, score=entry.score) for entry in ranked]
