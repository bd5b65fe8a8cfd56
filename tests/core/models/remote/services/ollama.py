"""Ollama: `/api/tags`, `/api/show` and `/api/embed`; it cannot rerank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model_server import Answer, Request, Response
from .openai_service import OpenAIService


class OllamaService(OpenAIService):
    """One pulled model. Texts over the context are cut unless `truncate` is false.

    Attributes:
        context: tokens that a request reads which names no `num_ctx`.
    """

    name = "modelscope.cn/Qwen/Qwen3-Embedding-0.6B-GGUF:latest"
    digest = "06507c7b42688469c4e7298b0a1e16deff06caf291cf0a5b278c308249c3e439"
    context = 64

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        return {
            ("GET", "/api/tags"): self.tags,
            ("POST", "/api/show"): self.show,
            ("POST", "/api/embed"): self.embed,
        }

    @property
    def posts(self) -> list[Request]:
        return [request for request in super().posts if request.path == "/api/embed"]

    def error(self, status: int, message: str, **headers: str) -> Response:
        return Response({"error": message}, status, headers)

    def tags(self, request: Request) -> Response:
        row = {"name": self.name, "model": self.name, "digest": self.digest, "size": 639_000_000}
        return Response({"models": [row]})

    def is_here(self, name: str) -> bool:
        return (name if ":" in name.rpartition("/")[2] else f"{name}:latest") == self.name

    def not_found(self, name: str) -> Response:
        return self.error(404, f'model "{name}" not found, try pulling it first')

    def show(self, request: Request) -> Response:
        if not self.is_here(request.body["model"]):
            return self.not_found(request.body["model"])
        facts = {
            "general.architecture": "qwen3",
            "qwen3.context_length": self.max_tokens,
            "qwen3.embedding_length": self.embedder.profile.dim,
        }
        return Response({"model_info": facts, "capabilities": ["embedding"]})

    def embed(self, request: Request) -> Response:
        body = request.body
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        refusal = self.refusal(texts, body)
        if refusal is not None:
            return refusal
        size = body.get("dimensions")
        full = self.embedder.profile.dim
        vectors = self.vectors(texts, size if size is not None and size < full else None)
        return Response(
            {
                "model": body["model"],
                "embeddings": vectors.tolist(),
                "total_duration": 14143917,
                "load_duration": 1019500,
                "prompt_eval_count": sum(self.count(texts)),
            }
        )

    def refusal(self, texts: Sequence[str], body: Mapping[str, Any]) -> Response | None:
        if not self.is_here(body["model"]):
            return self.not_found(body["model"])
        asked = body.get("options", {}).get("num_ctx", self.context)
        assert body.get("truncate") is False, "texts would be cut unnoticed"
        if max(self.count(texts)) > min(asked, self.max_tokens):
            return self.error(400, "the input length exceeds the context length")
        return None
