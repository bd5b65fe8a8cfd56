"""A Runtime where other frameworks expect an embedding model or a reranker.

from metier.adapters import SentenceTransformerAdapter

Every name imports its framework when it is first used, and needs the extra of that framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.adapters.bertopic import BERTopicBackend
    from metier.adapters.cross_encoder import CrossEncoderAdapter
    from metier.adapters.detailed_instruct import get_detailed_instruct
    from metier.adapters.encode_options import EncodeOptions
    from metier.adapters.haystack import (
        HaystackDocumentEmbedder,
        HaystackRanker,
        HaystackTextEmbedder,
    )
    from metier.adapters.langchain import (
        LangChainCompressor,
        LangChainEmbeddings,
        LangChainRetriever,
    )
    from metier.adapters.llama_index import LlamaIndexEmbedding, LlamaIndexReranker
    from metier.adapters.sentence_transformer import SentenceTransformerAdapter

_HOMES = {
    "BERTopicBackend": "metier.adapters.bertopic",
    "CrossEncoderAdapter": "metier.adapters.cross_encoder",
    "EncodeOptions": "metier.adapters.encode_options",
    "HaystackDocumentEmbedder": "metier.adapters.haystack",
    "HaystackRanker": "metier.adapters.haystack",
    "HaystackTextEmbedder": "metier.adapters.haystack",
    "LangChainCompressor": "metier.adapters.langchain",
    "LangChainEmbeddings": "metier.adapters.langchain",
    "LangChainRetriever": "metier.adapters.langchain",
    "LlamaIndexEmbedding": "metier.adapters.llama_index",
    "LlamaIndexReranker": "metier.adapters.llama_index",
    "SentenceTransformerAdapter": "metier.adapters.sentence_transformer",
    "get_detailed_instruct": "metier.adapters.detailed_instruct",
}

__getattr__, __dir__ = lazy_names(__name__, _HOMES)

__all__ = [
    "BERTopicBackend",
    "CrossEncoderAdapter",
    "EncodeOptions",
    "HaystackDocumentEmbedder",
    "HaystackRanker",
    "HaystackTextEmbedder",
    "LangChainCompressor",
    "LangChainEmbeddings",
    "LangChainRetriever",
    "LlamaIndexEmbedding",
    "LlamaIndexReranker",
    "SentenceTransformerAdapter",
    "get_detailed_instruct",
]
