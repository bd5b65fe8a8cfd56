"""A server of metier: it writes prompts itself, of the parameters of the request."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..model_server import Request, Response
from .openai_service import VllmService


class MetierService(VllmService):
    """Requests of OpenAI's API with `instruction` and `input_type`."""

    owner = "metier"
    matryoshka = True

    def embed(self, request: Request) -> Response:
        body = request.body
        task = body.get("instruction")
        self.instructions.append(task)
        prompt = self.embedder.prompt(task, body["input_type"])
        rendered = [prompt.render(text) for text in body["input"]]
        return super().embed(replace(request, body={**body, "input": rendered}))

    def rerank(self, request: Request) -> Response:
        body = request.body
        scores = self.pair_scores(body["query"], body["documents"], body.get("instruction"))
        results = [
            {"index": int(index), "relevance_score": scores[index]}
            for index in np.argsort(scores)[::-1]
        ]
        return Response({"id": "1", "model": self.rerank_name, "results": results})
