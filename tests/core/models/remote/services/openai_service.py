"""OpenAI's API as OpenAI and vLLM answer it, with their limits and the wording of their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metier.models.embedder import Embedder, Prompt

from ..model_server import Answer, Request, Response, Service
from .pairs import PairModel, rendered


class OpenAIService(Service):
    """`/v1/embeddings` of OpenAI, whose rows come in another order than they were sent.

    Attributes:
        key: what the header `Authorization` has to hold; None for nothing.
        renders: whether the template of the reranker is rendered here.
        instructions: that came as parameters of requests.
    """

    name = "Qwen3-Embedding-tiny"
    rerank_name = "Qwen3-Reranker-tiny"
    owner = "organization-owner"
    max_rows = 2048
    max_tokens = 2048
    max_request_tokens = 300_000
    sizes: tuple[int, ...] = ()
    key: str | None = None
    renders = True

    def __init__(self, embedder: Embedder, pairs: PairModel | None = None) -> None:
        super().__init__(embedder)
        self.pairs = pairs
        self.instructions: list[str | None] = []

    @property
    def posts(self) -> list[Request]:
        """The requests for vectors and scores."""
        return [request for request in self.requests if request.method == "POST"]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens that the model reads of each text."""
        return self.embedder.count_tokens(texts, prompt=Prompt("document"))

    def answer(self, request: Request) -> Response:
        if self.key is not None and request.headers.get("authorization") != self.key:
            self.requests.append(request)
            return self.refused_key()
        return super().answer(request)

    def refused_key(self) -> Response:
        return self.error(401, "Incorrect API key provided.")

    def embed(self, request: Request) -> Response:
        body = request.body
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        refusal = self.refusal(texts, body)
        if refusal is not None:
            return refusal
        response = super().embed(request)
        if isinstance(response.content, dict) and "data" in response.content:
            rows = response.content["data"]
            response.content["data"] = rows[1::2] + rows[::2]
        return response

    def refusal(self, texts: Sequence[str], body: Mapping[str, Any]) -> Response | None:
        """The error for a request that this server does not take."""
        if body["model"] != self.name:
            return self.error(404, f"The model `{body['model']}` does not exist.")
        counts = self.count(texts)
        longest, total = max(counts), sum(counts)
        if longest > self.max_tokens:
            return self.error(400, self.too_long(longest))
        if total > self.max_request_tokens:
            most = f"max {self.max_request_tokens} tokens per request"
            return self.error(400, f"Requested {total} tokens, {most}")
        return None

    def too_long(self, count: int) -> str:
        return (
            f"This model's maximum context length is {self.max_tokens} tokens, however you "
            f"requested {count} tokens ({count} in your prompt; 0 for the completion). Please "
            "reduce your prompt; or completion length."
        )

    def rerank(self, request: Request) -> Response:
        return self.error(404, "Invalid URL (POST /v1/rerank)")

    def pair_scores(
        self, query: str, documents: Sequence[str], task: str | None = None
    ) -> list[float]:
        """Scores of a request, under the template where this server renders it."""
        assert self.pairs is not None
        self.instructions.append(task)
        if self.renders:
            query, documents = rendered(query, documents, task)
        return [self.pairs.score(query, document) for document in documents]


class VllmService(OpenAIService):
    """vLLM: `dimensions` are refused for a model that is not said to be Matryoshka.

    Attributes:
        matryoshka: whether it was started with that said.
        root: the model that it was started with.
    """

    owner = "vllm"
    max_rows = 1_000_000
    max_request_tokens = 1_000_000
    matryoshka = False
    root = "Qwen/Qwen3-Embedding-0.6B"

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        paths = ("/rerank", "/v2/rerank")
        return {**super().routes(), **{("POST", path): self.rerank for path in paths}}

    def list_models(self, request: Request) -> Response:
        facts = {"owned_by": self.owner, "parent": None, "max_model_len": self.max_tokens}
        rows = [
            {"id": name, "object": "model", "root": root, **facts}
            for name, root in ((self.name, self.root), (self.rerank_name, self.rerank_name))
        ]
        return Response({"object": "list", "data": rows})

    def refusal(self, texts: Sequence[str], body: Mapping[str, Any]) -> Response | None:
        if body.get("dimensions") is not None and not self.matryoshka:
            return self.error(
                400,
                f'Model "{self.name}" does not support matryoshka representation, changing output '
                "dimensions will lead to poor results.",
            )
        return super().refusal(texts, body)

    def too_long(self, count: int) -> str:
        return (
            f"This model's maximum context length is {self.max_tokens} tokens. However, you "
            f"requested {count} tokens in the input for embedding generation. Please reduce the "
            "length of the input."
        )

    def rerank(self, request: Request) -> Response:
        body = request.body
        if body["model"] != self.rerank_name:
            return self.error(404, f"The model `{body['model']}` does not exist.")
        longest = self.longest_pair(body["query"], body["documents"])
        if longest > self.max_tokens:
            return self.error(400, self.too_long(longest))
        scores = self.pair_scores(body["query"], body["documents"])
        order = sorted(range(len(scores)), key=lambda index: -scores[index])
        results = [
            {
                "index": index,
                "document": {"text": body["documents"][index]},
                "relevance_score": scores[index],
            }
            for index in order[: body.get("top_n") or len(order)]
        ]
        usage = {"total_tokens": 1}
        return Response({"id": "r", "model": self.rerank_name, "usage": usage, "results": results})

    def longest_pair(self, query: str, documents: Sequence[str]) -> int:
        """Tokens of the longest pair, as it is read."""
        assert self.pairs is not None
        if self.renders:
            query, documents = rendered(query, documents, None)
        return max(len(self.pairs.tokens(query, document)) for document in documents)
