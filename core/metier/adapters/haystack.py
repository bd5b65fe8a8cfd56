"""A Runtime in pipelines of Haystack: embedders of queries and documents, and a ranker.

from metier.adapters import HaystackDocumentEmbedder, HaystackTextEmbedder

pipeline.add_component("embedder", HaystackTextEmbedder("embedded"))
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from metier.adapters.document_ranker import DocumentRanker
from metier.adapters.runtime_source import RuntimeSource, data_of
from metier.adapters.vectorizer import Vectorizer
from metier.errors import MissingExtraError, ParameterError

try:
    from haystack import Document, component, default_from_dict, default_to_dict
except ImportError as error:
    raise MissingExtraError("An adapter for Haystack", "haystack", "haystack-ai") from error


@component
class HaystackTextEmbedder:
    """Embeds the query of a pipeline under an instruction.

    Args:
        rt: a Runtime, or the model of a new one.
        instruction: id or task in words; None for the model's own prompts.
        dim: vector size; None for the instruction's default.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | None = None,
        dim: int | None = None,
    ) -> None:
        self._vectorizer = Vectorizer(rt, instruction, dim)

    def warm_up(self) -> None:
        """Load the model."""
        _ = self._vectorizer.embedder

    def to_dict(self) -> dict[str, Any]:
        """The component as data, of which `from_dict` makes it again."""
        return dict(default_to_dict(self, **_parameters(self._vectorizer)))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HaystackTextEmbedder:
        """The component that `to_dict` wrote."""
        loaded: HaystackTextEmbedder = default_from_dict(cls, data)
        return loaded

    @component.output_types(embedding=list[float])  # type: ignore[untyped-decorator]
    def run(self, text: str) -> dict[str, Any]:
        """The unit vector of a query.

        Returns:
            `embedding`.
        """
        if not isinstance(text, str):
            raise ParameterError(
                f"text is of type {type(text).__name__}.",
                fix="Embed documents with HaystackDocumentEmbedder.",
                parameter="text",
            )
        (vector,) = self._vectorizer.queries([text]).tolist()
        return {"embedding": vector}

    @component.output_types(embedding=list[float])  # type: ignore[untyped-decorator]
    async def run_async(self, text: str) -> dict[str, Any]:
        """As `run`, in a thread."""
        return await asyncio.to_thread(self.run, text)


@component
class HaystackDocumentEmbedder:
    """Embeds documents for a document store, bare or under an instruction for both sides.

    Args:
        rt: a Runtime, or the model of a new one.
        instruction: id or task in words, as for the queries; None for the model's own prompts.
        dim: vector size; None for the instruction's default.
        meta_fields_to_embed: fields that are embedded before the content.
        embedding_separator: between them.
        progress_bar: True for a bar, False for none; None as the Runtime.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | None = None,
        dim: int | None = None,
        meta_fields_to_embed: Sequence[str] = (),
        embedding_separator: str = "\n",
        progress_bar: bool | None = None,
    ) -> None:
        self._vectorizer = Vectorizer(rt, instruction, dim)
        self._fields = list(meta_fields_to_embed)
        self._separator = embedding_separator
        self._bar = progress_bar

    def warm_up(self) -> None:
        """Load the model."""
        _ = self._vectorizer.embedder

    def to_dict(self) -> dict[str, Any]:
        """The component as data, of which `from_dict` makes it again."""
        own = {
            "meta_fields_to_embed": self._fields,
            "embedding_separator": self._separator,
            "progress_bar": self._bar,
        }
        return dict(default_to_dict(self, **_parameters(self._vectorizer), **own))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HaystackDocumentEmbedder:
        """The component that `to_dict` wrote."""
        loaded: HaystackDocumentEmbedder = default_from_dict(cls, data)
        return loaded

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    def run(self, documents: list[Document]) -> dict[str, Any]:
        """Documents with their unit vectors.

        Returns:
            `documents`.
        """
        texts = [_text(document, self._fields, self._separator) for document in documents]
        vectors = self._vectorizer.documents(texts, progress=self._bar).tolist()
        return {
            "documents": [
                replace(document, embedding=vector)
                for document, vector in zip(documents, vectors, strict=True)
            ]
        }

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    async def run_async(self, documents: list[Document]) -> dict[str, Any]:
        """As `run`, in a thread."""
        return await asyncio.to_thread(self.run, documents)


@component
class HaystackRanker:
    """Orders documents with the reranker of a Runtime, and keeps the best.

    Args:
        rt: a Runtime with a reranker.
        instruction: id or task in words; None for the model's default task.
        top_k: how many to keep; None for all.
        meta_fields_to_embed: fields that the reranker reads before the content.
        embedding_separator: between them.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | None = None,
        top_k: int | None = 10,
        meta_fields_to_embed: Sequence[str] = (),
        embedding_separator: str = "\n",
    ) -> None:
        self._ranker = DocumentRanker(rt, instruction)
        self._top_k = top_k
        self._fields = list(meta_fields_to_embed)
        self._separator = embedding_separator

    def warm_up(self) -> None:
        """Load the reranker."""
        _ = self._ranker.rt.reranker

    def to_dict(self) -> dict[str, Any]:
        """The component as data, of which `from_dict` makes it again."""
        return dict(
            default_to_dict(
                self,
                rt=data_of(self._ranker.rt),
                instruction=self._ranker.instruction,
                top_k=self._top_k,
                meta_fields_to_embed=self._fields,
                embedding_separator=self._separator,
            )
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HaystackRanker:
        """The component that `to_dict` wrote."""
        loaded: HaystackRanker = default_from_dict(cls, data)
        return loaded

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    def run(
        self, query: str, documents: list[Document], top_k: int | None = None
    ) -> dict[str, Any]:
        """The best documents, best first, with the reranker's probabilities as scores.

        Returns:
            `documents`.
        """
        texts = [_text(document, self._fields, self._separator) for document in documents]
        kept = self._top_k if top_k is None else top_k
        ranked = self._ranker.rank(query, texts, top_k=kept)
        best = [replace(documents[entry.index], score=entry.score) for entry in ranked]
        return {"documents": best}

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    async def run_async(
        self, query: str, documents: list[Document], top_k: int | None = None
    ) -> dict[str, Any]:
        """As `run`, in a thread."""
        return await asyncio.to_thread(self.run, query, documents, top_k)


def _parameters(vectorizer: Vectorizer) -> dict[str, Any]:
    return {
        "rt": data_of(vectorizer.rt),
        "instruction": vectorizer.instruction,
        "dim": vectorizer.dim,
    }


def _text(document: Document, fields: list[str], separator: str) -> str:
    values = [str(document.meta[name]) for name in fields if document.meta.get(name) is not None]
    return separator.join([*values, document.content or ""])
