"""A model server on loopback: real HTTP and real vectors of a tiny model, as OpenAI's API."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from metier.models.embedder import Embedder, Prompt
from metier.models.reranker import Reranker
from metier.progress import NoProgress


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Response:
    """What the server answers: JSON, or bytes that are sent as they are.

    Attributes:
        cut: bytes of the content after which the connection is closed; None to send all.
        delay: seconds before the answer.
    """

    content: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0


Answer = Callable[[Request], Response]


class Service:
    """Answers requests as OpenAI's API does, with a local model.

    Attributes:
        requests: all that came in.
        faults: answers that are given instead, one for each request for vectors or scores.
        embedded: texts of every request that was answered with vectors.
    """

    name = "tiny"
    owner = "somebody"
    max_rows = 2048

    def __init__(self, embedder: Embedder, reranker: Reranker | None = None) -> None:
        self.embedder = embedder
        self.reranker = reranker
        self.requests: list[Request] = []
        self.faults: list[Answer | Response] = []
        self.embedded: list[str] = []
        self._lock = threading.Lock()

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        """What is answered, by method and path."""
        return {
            ("GET", "/v1/models"): self.list_models,
            ("POST", "/v1/embeddings"): self.embed,
            ("POST", "/v1/rerank"): self.rerank,
        }

    def answer(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
            fault = self.faults.pop(0) if self.faults and request.method == "POST" else None
        if isinstance(fault, Response):
            return fault
        route = self.routes().get((request.method, request.path))
        if route is None:
            return self.error(404, "Not Found")
        return route(request) if fault is None else fault(request)

    def error(self, status: int, message: str, **headers: str) -> Response:
        """An error as this server words it."""
        error = {"message": message, "type": "BadRequestError", "param": None, "code": status}
        return Response({"error": error}, status, headers)

    def list_models(self, request: Request) -> Response:
        row = {"id": self.name, "object": "model", "owned_by": self.owner}
        return Response({"object": "list", "data": [row]})

    def embed(self, request: Request) -> Response:
        body = request.body
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if len(texts) > self.max_rows:
            return self.error(
                400,
                f"Invalid 'input': array too long. Expected an array with maximum length "
                f"{self.max_rows}, but got an array with length {len(texts)} instead.",
            )
        vectors = self.vectors(texts, body.get("dimensions"))
        encoded: list[Any] = [
            base64.b64encode(row.astype("<f4").tobytes()).decode()
            if body.get("encoding_format") == "base64"
            else row.tolist()
            for row in vectors
        ]
        data = [
            {"object": "embedding", "index": index, "embedding": row}
            for index, row in enumerate(encoded)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return Response({"object": "list", "data": data, "model": self.name, "usage": usage})

    def rerank(self, request: Request) -> Response:
        scores = self.scores(request.body["query"], request.body["documents"])
        order = sorted(range(len(scores)), key=lambda index: -scores[index])
        results = [{"index": index, "relevance_score": scores[index]} for index in order]
        return Response({"id": "1", "model": self.name, "results": results})

    def vectors(self, texts: Sequence[str], dim: int | None = None) -> np.ndarray:
        """Vectors of texts as the client wrote them: no prompt is added."""
        with self._lock:
            self.embedded += texts
            embedded = self.embedder.embed(
                texts,
                prompt=Prompt("document"),
                dim=dim or self.embedder.profile.dim,
                progress=NoProgress(),
            )
        return embedded.vectors

    def scores(self, query: str, documents: Sequence[str], task: str | None = None) -> list[float]:
        assert self.reranker is not None
        with self._lock:
            scored = self.reranker.score(query, documents, task=task, progress=NoProgress())
        return [float(score) for score in scored.scores]


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The address of a running server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are written apart

        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            raw = self.rfile.read(length)
            self._answer(json.loads(raw) if raw else None)

        def _answer(self, body: Any) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = service.answer(Request(self.command, self.path, headers, body))
            if response.delay:
                stop.wait(response.delay)
            content = response.content
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw if response.cut is None else raw[: response.cut])
            if response.cut is not None:
                self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            pass

    stop = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
