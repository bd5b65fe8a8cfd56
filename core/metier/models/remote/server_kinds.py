"""What is known of each kind of server, and of models that servers name, as data.

Sources: the documentation of Alibaba Model Studio, PAI-EAS and OpenAI, and the sources of vLLM,
text-embeddings-inference and Ollama.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from metier.models.embedder import MRL_MIN_DIM
from metier.models.remote.embedding_requests import (
    DashScopeShape,
    EmbeddingShape,
    OllamaShape,
    OpenAIShape,
    TeiShape,
)

if TYPE_CHECKING:
    from metier.datafiles.remote import Remote


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What all servers of a kind have in common.

    Attributes:
        name: of the kind.
        embedding: its requests for vectors.
        rerank: key of its requests in `RERANK_SHAPES`; None where it cannot rerank.
        auth: how it takes a key.
        max_rows: texts of one request.
        max_request_tokens: tokens of all texts of one request.
        max_documents: documents of one rerank request.
        max_tokens: of a text where the profile names no other number; None for no limit of its
            own. Ollama reserves memory for as many as it is asked to read.
        key_env: where the key of its public service usually is. PAI-EAS has a token for each
            deployment, and the hosts of all customers have one ending.
        takes_base64: whether vectors may be asked for in base64.
    """

    name: str
    embedding: EmbeddingShape
    rerank: str | None
    auth: str = "bearer"
    max_rows: int = 256
    max_request_tokens: int = 200_000
    max_documents: int = 500
    max_tokens: int | None = None
    key_env: str | None = None
    takes_base64: bool = True


KINDS: Mapping[str, KindFacts] = MappingProxyType(
    {
        facts.name: facts
        for facts in (
            KindFacts(
                "openai",
                OpenAIShape(),
                "cohere",
                max_rows=2048,
                max_request_tokens=300_000,
                key_env="OPENAI_API_KEY",
            ),
            KindFacts(
                "dashscope",
                OpenAIShape(),
                "dashscope",
                max_rows=10,
                max_request_tokens=80_000,
                key_env="DASHSCOPE_API_KEY",
                takes_base64=False,
            ),
            KindFacts("pai-eas", OpenAIShape(), "cohere", auth="raw"),
            KindFacts("vllm", OpenAIShape(), "cohere"),
            KindFacts("tei", TeiShape(), "tei", max_rows=32, max_request_tokens=16_384),
            KindFacts("ollama", OllamaShape(), None, max_rows=128, max_tokens=8192),
            KindFacts(
                "metier",
                OpenAIShape(parameters={"task": "instruction", "side": "input_type"}),
                "metier",
            ),
        )
    }
)

_OWN_HOSTS = (
    (re.compile(r"(^|\.)pai-eas\.aliyuncs\.com$"), "pai-eas"),
    (re.compile(r"(^|\.)(dashscope[a-z-]*|maas)\.aliyuncs\.com$"), "dashscope"),
    (re.compile(r"^api\.openai\.com$"), "openai"),
)


def kind_of_host(url: str) -> str | None:
    """The kind of a public service by its host name; None of any other host."""
    host = urlsplit(url).hostname or ""
    return next((kind for pattern, kind in _OWN_HOSTS if pattern.search(host)), None)


def embedding_shape(kind: KindFacts, url: str) -> EmbeddingShape:
    """The requests for vectors at an address: Model Studio has its own beside OpenAI's."""
    if kind.name == "dashscope" and "/compatible-mode" not in url:
        return DashScopeShape()
    return kind.embedding


def rerank_shape_name(kind: KindFacts, remote: Remote) -> str | None:
    """The key in `RERANK_SHAPES` of the requests that a server takes; None where it has none."""
    if remote.rerank_shape is not None:
        return remote.rerank_shape
    if kind.name == "dashscope" and "/compatible-" in (remote.rerank_url or remote.url):
        return "dashscope-compatible"
    return kind.rerank


_VERSION = re.compile(r"/v\d+$")
_REQUEST = re.compile(
    r"(?<=/v\d)/(?:embeddings|rerank|models)$|/api/(?:embed|embeddings|tags|show)$"
)
_LONE = ("/embed", "/rerank", "/info")
_OF_MODEL_STUDIO = re.compile(r"/compatible-(?:mode|api)\b|/api/v1\b")


def request_url(base: str, path: str) -> str:
    """The address of a request, whether or not the base names a part of the path already.

    Args:
        base: as people write it: with or without the version, or the whole address of a request.
        path: of the request, as the shapes have it.
    """
    base = _REQUEST.sub("", base.rstrip("/"))
    if urlsplit(base).path in _LONE:  # of text-embeddings-inference; else the name of a service
        base = base.rpartition("/")[0]
    if path.startswith(("/compatible-api", "/api/v1/services")):
        return _OF_MODEL_STUDIO.split(base)[0] + path
    if path.startswith("/v1/"):
        return base + path[len("/v1") :] if _VERSION.search(base) else base + path
    base = _VERSION.sub("", base)
    return base.removesuffix("/api") + path if path.startswith("/api/") else base + path


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model by the name that a server gives it.

    Attributes:
        dims: vector sizes it can be asked for, the largest first; empty where any size is possible
            or nothing is known.
        min_dim: shortest prefix of a vector that stands alone; None without Matryoshka training.
        max_tokens: of a text.
        max_rows: texts of one request.
        max_request_tokens: of all texts of one request; the query counts with each document.
        follows_instructions: whether it was trained with instructions.
        reads_apart: whether a reranker's `max_tokens` is for query and document each.
    """

    dims: tuple[int, ...] = ()
    min_dim: int | None = None
    max_tokens: int | None = None
    max_rows: int | None = None
    max_request_tokens: int | None = None
    follows_instructions: bool = False
    reads_apart: bool = False


_V4 = (2048, 1536, 1024, 768, 512, 256, 128, 64)
_V37 = (2560, 2048, 1536, 1024, 768, 512, 256)
_MODELS: tuple[tuple[str, ModelFacts], ...] = (
    (r"^text-embedding-v4$", ModelFacts(_V4, 64, 8192, 10, follows_instructions=True)),
    (r"^text-embedding-v3$", ModelFacts((1024, 768, 512), 512, 8192, 10)),
    (r"^text-embedding-v[12]$", ModelFacts((1536,), None, 2048, 25)),
    (r"^qwen3\.7-text-embedding", ModelFacts(_V37, 256, 128_000, 20, follows_instructions=True)),
    (r"^text-embedding-3-small$", ModelFacts((1536,), 256, 8191, 2048)),
    (r"^text-embedding-3-large$", ModelFacts((3072,), 256, 8191, 2048)),
    (r"^qwen3-rerank$", ModelFacts((), None, 4000, 500, 120_000, reads_apart=True)),
    (r"^gte-rerank", ModelFacts((), None, 4000, 500, 30_000, reads_apart=True)),
    (r"qwen3[-_.]?embedding", ModelFacts(min_dim=MRL_MIN_DIM, follows_instructions=True)),
)


def model_facts(name: str) -> ModelFacts:
    """What is known of a model by its name, in any spelling of case and separators."""
    for pattern, facts in _MODELS:
        if re.search(pattern, name, re.IGNORECASE):
            return facts
    return ModelFacts()
