"""Alibaba Model Studio: OpenAI's requests under compatible-mode, and its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from metier.models.qwen3.templates import embedding_prompt

from ..model_server import Answer, Request, Response
from .openai_service import OpenAIService

V4_SIZES = (2048, 1536, 1024, 768, 512, 256, 128, 64)
V3_SIZES = (1024, 768, 512)
ROWS = (
    "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not "
    "be larger than 10.: input.contents"
)
LENGTH = "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, {}]"
EMBEDDING = "/api/v1/services/embeddings/text-embedding/text-embedding"
RERANK = "/api/v1/services/rerank/text-rerank/text-rerank"


class ModelStudioService(OpenAIService):
    """Both ways to ask for vectors of text-embedding-v4 or v3, and for scores of qwen3-rerank."""

    name = "text-embedding-v4"
    rerank_name = "qwen3-rerank"
    sizes = V4_SIZES
    max_rows = 10
    max_tokens = 8192
    max_documents = 500
    max_rerank_tokens = 120_000
    key = "Bearer sk-1"

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        return {
            ("POST", "/compatible-mode/v1/embeddings"): self.embed,
            ("POST", "/compatible-api/v1/reranks"): self.rerank,
            ("POST", EMBEDDING): self.embed_native,
            ("POST", RERANK): self.rerank_native,
        }

    def native_error(self, message: str) -> Response:
        return Response({"code": "InvalidParameter", "message": message, "request_id": "1"}, 400)

    def refusal(self, texts: Sequence[str], body: Mapping[str, Any]) -> Response | None:
        message = self.refused(texts, body["model"], body.get("dimensions", 1024))
        if message is None and body.get("encoding_format", "float") != "float":
            message = "encoding_format must be float"
        return None if message is None else self.error(400, message)

    def refused(self, texts: Sequence[str], model: str, size: int) -> str | None:
        """What is wrong with a request for vectors."""
        if model != self.name:
            return f"Model not exist: {model}"
        if len(texts) > self.max_rows:
            return ROWS
        if max(self.count(texts)) > self.max_tokens:
            return LENGTH.format(self.max_tokens)
        return None if size in self.sizes else f"dimension {size} is not one of {self.sizes}"

    def embed(self, request: Request) -> Response:
        return super().embed(replace(request, body={"dimensions": 1024, **request.body}))

    def embed_native(self, request: Request) -> Response:
        body = request.body
        texts, parameters = body["input"]["texts"], body["parameters"]
        size = parameters.get("dimension", 1024)
        message = self.refused(texts, body["model"], size)
        if message is not None:
            return self.native_error(message)
        task = parameters.get("instruct")
        self.instructions.append(task)
        if task is not None:
            assert self.sizes == V4_SIZES, "only v4 knows instruct"
            assert parameters["text_type"] == "query", "instruct is for queries"
            texts = [embedding_prompt(task, "query").render(text) for text in texts]
        rows = [
            {"text_index": index, "embedding": vector.tolist()}
            for index, vector in enumerate(self.vectors(texts, size))
        ]
        answer = {"output": {"embeddings": rows[::-1]}, "usage": {"total_tokens": 1}}
        return Response({**answer, "request_id": "1"})

    def rerank(self, request: Request) -> Response:
        results = self.results(request.body, request.body)
        if isinstance(results, Response):
            return results
        return Response({"id": "1", "object": "list", "results": results, "model": "qwen3-rerank"})

    def rerank_native(self, request: Request) -> Response:
        results = self.results(
            request.body["input"], {**request.body["parameters"], "model": request.body["model"]}
        )
        if isinstance(results, Response):
            return results
        return Response({"output": {"results": results}, "request_id": "1"})

    def results(
        self, texts: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Response | list[dict[str, Any]]:
        query, documents = texts["query"], texts["documents"]
        counts = self.count([query, *documents])
        if settings["model"] != self.rerank_name:
            return self.native_error(f"Model not exist: {settings['model']}")
        if len(documents) > self.max_documents:
            most = f"it should not be larger than {self.max_documents}"
            return self.native_error(f"<400> InvalidParameter: batch size is invalid, {most}.")
        if counts[0] * len(documents) + sum(counts[1:]) > self.max_rerank_tokens:
            most = f"at most {self.max_rerank_tokens} tokens per request"
            return self.native_error(f"<400> InvalidParameter: {most}.")
        scores = self.pair_scores(query, documents, settings.get("instruct"))
        order = sorted(range(len(scores)), key=lambda index: -scores[index])
        return [{"index": index, "relevance_score": scores[index]} for index in order]


class V3Service(ModelStudioService):
    """text-embedding-v3, which knows no instructions."""

    name = "text-embedding-v3"
    sizes = V3_SIZES
