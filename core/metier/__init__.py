"""metier gives one embedding model many trades.

Everything public is importable from here and loaded when first touched, so `import metier` stays
cheap: no torch, no transformers, no plugin code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.caching.vector_cache import CachedModel, CacheInfo, VectorCache
    from metier.chunking.chunk import Chunk
    from metier.chunking.chunking import chunk, chunk_each
    from metier.engine.engine import RerankedDocument
    from metier.errors import MetierError, MetierWarning
    from metier.indexing.conditions import Condition, field
    from metier.indexing.index import Index
    from metier.indexing.search_options import SearchOptions
    from metier.indexing.search_results import Hit, SearchExplanation
    from metier.models.embedder import Embedder, Embeddings, ModelProfile, Prompt
    from metier.models.family import ModelFamily, ModelSource
    from metier.models.reranker import Reranker, RerankScores
    from metier.plugins.hookspecs import hookimpl
    from metier.registry.domain import Domain
    from metier.registry.instruction import Instruction
    from metier.registry.lint import Finding, lint
    from metier.registry.pack import load_pack
    from metier.registry.provenance import Provenance, require_comparable
    from metier.registry.registry import Registry
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.retrieval.snippet import Snippet
    from metier.retrieval.vectors import Vectors
    from metier.runtime.config import RuntimeConfig
    from metier.runtime.explanation import Explanation
    from metier.runtime.runtime import Runtime
    from metier.texts.files import read_texts, stream_texts
    from metier.texts.reader import Fault, Reader
    from metier.texts.rows import Item
    from metier.texts.splitter import Section, Splitter, undivided
    from metier.texts.stream import TextStream
    from metier.texts.texts import Documents, Texts
    from metier.workflows.comparison import (
        Difference,
        input_differences,
        model_differences,
        parameter_differences,
        run_differences,
        surroundings_differences,
    )
    from metier.workflows.contract import Workflow, workflow
    from metier.workflows.record import RunRecord
    from metier.workflows.result import Result
    from metier.workflows.table import Table

__version__ = "0.1.0"

_HOMES = {
    "CacheInfo": "metier.caching.vector_cache",
    "CachedModel": "metier.caching.vector_cache",
    "Chunk": "metier.chunking.chunk",
    "Condition": "metier.indexing.conditions",
    "Difference": "metier.workflows.comparison",
    "Documents": "metier.texts.texts",
    "Domain": "metier.registry.domain",
    "Embedder": "metier.models.embedder",
    "Embeddings": "metier.models.embedder",
    "Explanation": "metier.runtime.explanation",
    "Fault": "metier.texts.reader",
    "Finding": "metier.registry.lint",
    "Hit": "metier.indexing.search_results",
    "Index": "metier.indexing.index",
    "Instruction": "metier.registry.instruction",
    "Item": "metier.texts.rows",
    "MetierError": "metier.errors",
    "MetierWarning": "metier.errors",
    "ModelFamily": "metier.models.family",
    "ModelProfile": "metier.models.embedder",
    "ModelSource": "metier.models.family",
    "Prompt": "metier.models.embedder",
    "Provenance": "metier.registry.provenance",
    "Reader": "metier.texts.reader",
    "Registry": "metier.registry.registry",
    "RerankScores": "metier.models.reranker",
    "RerankedDocument": "metier.engine.engine",
    "Reranker": "metier.models.reranker",
    "Result": "metier.workflows.result",
    "RetrievalSettings": "metier.registry.retrieval_settings",
    "RunRecord": "metier.workflows.record",
    "Runtime": "metier.runtime.runtime",
    "RuntimeConfig": "metier.runtime.config",
    "SearchExplanation": "metier.indexing.search_results",
    "SearchOptions": "metier.indexing.search_options",
    "Section": "metier.texts.splitter",
    "Snippet": "metier.retrieval.snippet",
    "Splitter": "metier.texts.splitter",
    "Table": "metier.workflows.table",
    "TextStream": "metier.texts.stream",
    "Texts": "metier.texts.texts",
    "VectorCache": "metier.caching.vector_cache",
    "Vectors": "metier.retrieval.vectors",
    "Workflow": "metier.workflows.contract",
    "chunk": "metier.chunking.chunking",
    "chunk_each": "metier.chunking.chunking",
    "field": "metier.indexing.conditions",
    "hookimpl": "metier.plugins.hookspecs",
    "input_differences": "metier.workflows.comparison",
    "lint": "metier.registry.lint",
    "load_pack": "metier.registry.pack",
    "model_differences": "metier.workflows.comparison",
    "parameter_differences": "metier.workflows.comparison",
    "read_texts": "metier.texts.files",
    "require_comparable": "metier.registry.provenance",
    "run_differences": "metier.workflows.comparison",
    "stream_texts": "metier.texts.files",
    "surroundings_differences": "metier.workflows.comparison",
    "undivided": "metier.texts.splitter",
    "workflow": "metier.workflows.contract",
}

__all__ = [
    "CacheInfo",
    "CachedModel",
    "Chunk",
    "Condition",
    "Difference",
    "Documents",
    "Domain",
    "Embedder",
    "Embeddings",
    "Explanation",
    "Fault",
    "Finding",
    "Hit",
    "Index",
    "Instruction",
    "Item",
    "MetierError",
    "MetierWarning",
    "ModelFamily",
    "ModelProfile",
    "ModelSource",
    "Prompt",
    "Provenance",
    "Reader",
    "Registry",
    "RerankScores",
    "RerankedDocument",
    "Reranker",
    "Result",
    "RetrievalSettings",
    "RunRecord",
    "Runtime",
    "RuntimeConfig",
    "SearchExplanation",
    "SearchOptions",
    "Section",
    "Snippet",
    "Splitter",
    "Table",
    "TextStream",
    "Texts",
    "VectorCache",
    "Vectors",
    "Workflow",
    "__version__",
    "chunk",
    "chunk_each",
    "field",
    "hookimpl",
    "input_differences",
    "lint",
    "load_pack",
    "model_differences",
    "parameter_differences",
    "read_texts",
    "require_comparable",
    "run_differences",
    "stream_texts",
    "surroundings_differences",
    "undivided",
    "workflow",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
