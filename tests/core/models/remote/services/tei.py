"""text-embeddings-inference: `/info`, `/embed` and `/rerank`, with its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model_server import Answer, Request, Response
from .openai_service import OpenAIService


class TeiService(OpenAIService):
    """An embedder, or a reranker where `reranks` is true.

    Attributes:
        too_large: status of an error for a request that is too large; 422 in its documentation.
        takes_dimensions: whether `/embed` knows `dimensions`, which older versions ignore.
    """

    name = "Qwen/Qwen3-Embedding-tiny"
    max_rows = 32
    max_tokens = 512
    max_batch_tokens = 16_384
    reranks = False
    takes_dimensions = True
    too_large = 413

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        routes: dict[tuple[str, str], Answer] = {("GET", "/info"): self.info}
        if self.reranks:
            return {**routes, ("POST", "/rerank"): self.rerank}
        return {**routes, ("POST", "/embed"): self.embed}

    def error(self, status: int, message: str, **headers: str) -> Response:
        kinds = {413: "Validation", 422: "Validation", 429: "Overloaded", 400: "Empty"}
        return Response({"error": message, "error_type": kinds.get(status, "Backend")}, status)

    def info(self, request: Request) -> Response:
        role = {"reranker": {}} if self.reranks else {"embedding": {"pooling": "last_token"}}
        return Response(
            {
                "model_id": self.rerank_name if self.reranks else self.name,
                "model_sha": "0a1b2c",
                "model_dtype": "float32",
                "model_type": role,
                "max_concurrent_requests": 512,
                "max_input_length": self.max_tokens,
                "max_batch_tokens": self.max_batch_tokens,
                "max_client_batch_size": self.max_rows,
                "auto_truncate": False,
                "version": "1.8.2",
            }
        )

    def embed(self, request: Request) -> Response:
        body = request.body
        texts = [body["inputs"]] if isinstance(body["inputs"], str) else body["inputs"]
        refusal = self.refusal(texts, body)
        if refusal is not None:
            return refusal
        size = body.get("dimensions") if self.takes_dimensions else None
        return Response(self.vectors(texts, size).tolist())

    def refusal(self, texts: Sequence[str], body: Mapping[str, Any]) -> Response | None:
        if not texts:
            return self.error(400, "`inputs` cannot be empty")
        if len(texts) > self.max_rows:
            most = f"maximum allowed batch size {self.max_rows}"
            return self.error(self.too_large, f"batch size {len(texts)} > {most}")
        longest = max(self.count(texts))
        if longest > self.max_tokens and not body.get("truncate"):
            least = f"`inputs` must have less than {self.max_tokens} tokens"
            return self.error(self.too_large, f"{least}. Given: {longest}")
        return None

    def rerank(self, request: Request) -> Response:
        body = request.body
        if len(body["texts"]) > self.max_rows:
            most = f"maximum allowed batch size {self.max_rows}"
            return self.error(self.too_large, f"batch size {len(body['texts'])} > {most}")
        scores = self.pair_scores(body["query"], body["texts"])
        order = sorted(range(len(scores)), key=lambda index: -scores[index])
        return Response([{"index": index, "score": scores[index]} for index in order])
