"""A Runtime and its indexes in LangChain: embeddings, a retriever and a document compressor.

from metier.adapters import LangChainEmbeddings

store = InMemoryVectorStore(LangChainEmbeddings("embedded"))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr

from metier.adapters.document_ranker import DocumentRanker
from metier.adapters.runtime_source import RuntimeSource, runtime_of
from metier.adapters.vectorizer import Vectorizer
from metier.errors import MissingExtraError

try:
    from langchain_core.documents import BaseDocumentCompressor, Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.retrievers import BaseRetriever
except ImportError as error:
    raise MissingExtraError("An adapter for LangChain", "langchain", "langchain-core") from error

if TYPE_CHECKING:
    from metier.indexing.search_results import Hit
    from metier.registry.instruction import Instruction


class LangChainEmbeddings(Embeddings):  # type: ignore[misc]
    """Embeds for vector stores of LangChain: queries under the instruction, documents bare.

    The methods `aembed_query` and `aembed_documents` run in a thread.

    Args:
        rt: a Runtime, or the model of a new one.
        instruction: id or task in words; None for the model's own prompts.
        dim: vector size; None for the instruction's default.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
    ) -> None:
        self._vectorizer = Vectorizer(rt, instruction, dim)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of documents."""
        vectors: list[list[float]] = self._vectorizer.documents(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a query."""
        (vector,) = self._vectorizer.queries([text]).tolist()
        return list(vector)


class LangChainRetriever(BaseRetriever):  # type: ignore[misc]
    """Searches an `Index` with all its stages.

    A document has the text of a hit, its id, and as metadata the fields of the document and
    `document_id`, `source`, `location`, `start`, `end`, `rank`, `score` and the `scores` of the
    stages, which replace fields of the same name.

    Args:
        index: as `Runtime.index` makes it.
        search_kwargs: options of its `search`, such as `top_k`, `where` and `rerank`.
    """

    index: Any
    search_kwargs: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [_document(hit) for hit in self.index.search(query, **self.search_kwargs)]

    async def _aget_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [_document(hit) for hit in await self.index.asearch(query, **self.search_kwargs)]


class LangChainCompressor(BaseDocumentCompressor):  # type: ignore[misc]
    """Orders documents with the reranker of a Runtime, and keeps the best.

    Their metadata get `relevance_score`, a probability.

    Args:
        rt: a Runtime with a reranker.
        instruction: id or task in words; None for the model's default task.
        top_n: how many to keep; None for all.
    """

    rt: Annotated[Any, BeforeValidator(runtime_of)]
    instruction: str | None = None
    top_n: int | None = Field(default=3, ge=1)
    _ranker: DocumentRanker = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Refuse a Runtime without a reranker, and an unknown instruction."""
        self._ranker = DocumentRanker(self.rt, self.instruction)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Any = None
    ) -> list[Document]:
        """The best documents, best first."""
        texts = [document.page_content for document in documents]
        ranked = self._ranker.rank(query, texts, top_k=self.top_n)
        return [
            documents[entry.index].model_copy(
                update={
                    "metadata": {
                        **documents[entry.index].metadata,
                        "relevance_score": entry.score,
                    }
                }
            )
            for entry in ranked
        ]


def _document(hit: Hit) -> Document:
    facts = {
        name: getattr(hit, name)
        for name in ("document_id", "source", "location", "start", "end", "rank", "score")
    }
    metadata = {**hit.fields, **facts, "scores": dict(hit.scores)}
    return Document(hit.text, id=hit.id, metadata=metadata)
