"""Models at a server, and what tells their results from those of other models."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from metier.models.qwen3 import templates
from metier.models.remote.embedding_requests import EmbeddingShape
from metier.models.remote.rerank_requests import RerankShape


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """An embedding model at a server, and how it is asked.

    Attributes:
        name: at the server.
        url: of the requests.
        shape: of the requests.
        instructions: how instructions are sent: `text`, `parameter` or `none`.
        prefixes: text before queries and before documents that have no instruction.
        sizes: vector sizes that a request may name; empty for any.
        version: of the weights, where the server says it.
    """

    name: str
    url: str
    shape: EmbeddingShape
    instructions: str
    prefixes: tuple[str, str] = ("", "")
    sizes: tuple[int, ...] = ()
    version: str = ""

    @property
    def revision(self) -> str:
        """Its name at the server, and the version where the server says it."""
        return _revision(self.name, self.version)

    @property
    def fingerprint(self) -> str:
        """Hash of what tells its vectors from those of any other model."""
        facts = [self.url, self.name, self.version, self.instructions, self.prefixes]
        if self.instructions == "text":
            facts.append(templates.VERSION)
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RemoteRerankModel:
    """A reranking model at a server, and how it is asked.

    Attributes:
        name: at the server.
        url: of the requests.
        shape: of the requests.
        renders: whether the server renders the model's template; else the whole text that
            Qwen3-Reranker reads is divided between query and document.
        version: of the weights, where the server says it.
        reads_apart: whether the limit of tokens is for query and document each, not for the pair.
    """

    name: str
    url: str
    shape: RerankShape
    renders: bool = True
    version: str = ""
    reads_apart: bool = False

    @property
    def revision(self) -> str:
        """Its name at the server, and the version where the server says it."""
        return _revision(self.name, self.version)

    @property
    def fingerprint(self) -> str:
        """Hash of what tells its scores from those of any other model."""
        facts = [self.url, self.name, self.version, self.renders, templates.VERSION]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _revision(name: str, version: str) -> str:
    return f"{name}@{version[:12]}" if version else name
