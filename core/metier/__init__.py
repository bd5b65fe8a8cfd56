"""metier gives one embedding model many trades.

Everything public is importable from here and loaded when first touched, so `import metier` stays
cheap: no torch, no transformers, no plugin code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.caching.vector_cache import CachedModel, CacheInfo, VectorCache
    from metier.engine.engine import RerankedDocument
    from metier.errors import MetierError, MetierWarning
    from metier.indexing.conditions import Condition, field
    from metier.indexing.index import Index
    from metier.indexing.search_results import Hit
    from metier.models.embedder import Embedder, Embeddings, ModelProfile, Prompt
    from metier.models.family import ModelFamily, ModelSource
    from metier.models.reranker import Reranker, RerankScores
    from metier.plugins.hookspecs import hookimpl
    from metier.registry.domain import Domain
    from metier.registry.instruction import Instruction
    from metier.runtime.explanation import Explanation
    from metier.runtime.runtime import Runtime
    from metier.texts.reader import Reader
    from metier.texts.rows import Item
    from metier.texts.texts import Documents, Texts
    from metier.workflows.contract import Workflow, workflow
    from metier.workflows.record import RunRecord
    from metier.workflows.result import Result
    from metier.workflows.table import Table

__version__ = "0.1.0"

_HOMES = {
    "CacheInfo": "metier.caching.vector_cache",
    "CachedModel": "metier.caching.vector_cache",
    "Condition": "metier.indexing.conditions",
    "Documents": "metier.texts.texts",
    "Domain": "metier.registry.domain",
    "Embedder": "metier.models.embedder",
    "Embeddings": "metier.models.embedder",
    "Explanation": "metier.runtime.explanation",
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
    "RerankedDocument": "metier.engine.engine",
    "Reader": "metier.texts.reader",
    "Reranker": "metier.models.reranker",
    "Result": "metier.workflows.result",
    "RunRecord": "metier.workflows.record",
    "Runtime": "metier.runtime.runtime",
    "RerankScores": "metier.models.reranker",
    "Table": "metier.workflows.table",
    "Texts": "metier.texts.texts",
    "VectorCache": "metier.caching.vector_cache",
    "Workflow": "metier.workflows.contract",
    "field": "metier.indexing.conditions",
    "hookimpl": "metier.plugins.hookspecs",
    "workflow": "metier.workflows.contract",
}

__all__ = [
    "CacheInfo",
    "CachedModel",
    "Condition",
    "Documents",
    "Domain",
    "Embedder",
    "Embeddings",
    "Explanation",
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
    "Reader",
    "RerankScores",
    "RerankedDocument",
    "Reranker",
    "Result",
    "RunRecord",
    "Runtime",
    "Table",
    "Texts",
    "VectorCache",
    "Workflow",
    "__version__",
    "field",
    "hookimpl",
    "workflow",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
