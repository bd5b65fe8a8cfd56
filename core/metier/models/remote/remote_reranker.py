"""A reranker whose model runs behind HTTP."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metier.datafiles.remote import Remote
from metier.errors import MetierError, ModelServerError, warn_caller
from metier.models.embedder import ModelProfile
from metier.models.qwen3 import templates
from metier.models.remote.connection import Connection
from metier.models.remote.discovery import refused_key
from metier.models.remote.refusals import Refusal
from metier.models.remote.remote_embedder import Guard
from metier.models.remote.remote_models import RemoteRerankModel
from metier.models.remote.request_limits import RequestLimits
from metier.models.remote.rerank_requests import rerank_scores
from metier.models.remote.token_counter import TokenMeter
from metier.models.reranker import RerankScores
from metier.progress import Progress
from metier.texts.checks import require_unicode


class RemoteReranker:
    """A `Reranker` of a model server.

    Args:
        model: at the server.
        profile: its facts.
        connection: to the server.
        limits: of its requests; the query counts with each document.
        counter: of its tokens.
        guard: what every text passes through; None for nothing.
        host: what the guards are told as destination.
    """

    device = "remote"
    dtype = "float32"

    def __init__(
        self,
        model: RemoteRerankModel,
        profile: ModelProfile,
        connection: Connection,
        limits: RequestLimits,
        counter: TokenMeter,
        *,
        guard: Guard | None,
        host: str,
    ) -> None:
        self.model = model
        self.profile = profile
        self.fingerprint = model.fingerprint
        self.limits = limits
        self._connection = connection
        self._counter = counter
        self._guard = guard
        self._host = host

    @property
    def server(self) -> Remote:
        """The profile of the server."""
        return self._connection.remote

    def render(self, query: str, document: str, *, task: str | None) -> str:
        """The text of Qwen3-Reranker's template, which the server renders if this does not."""
        return templates.rerank_text(query, document, task)

    def score(
        self, query: str, documents: Sequence[str], *, task: str | None, progress: Progress
    ) -> RerankScores:
        """Score each document against the query.

        Returns:
            Scores in [0, 1]; a document that is too long is cut here and marked.

        Raises:
            InputError: a text is not valid Unicode.
            ModelServerError: the server cannot be reached, refuses, or answers something else.

        Warns:
            MetierWarning: the requests of the server have no parameter for the instruction.
        """
        require_unicode([query, *documents])
        texts = [query, *documents]
        if self._guard is not None:
            texts = list(self._guard(texts, self._host))
        query, *rest = texts
        self._warn_of_task(task)
        sent, cut = self._cut(rest)
        in_query, *tokens = self._counter.count([query, *sent])
        tokens = [count + in_query for count in tokens]
        scores = np.empty(len(sent), dtype=np.float32)
        waiting = self.limits.divide(range(len(sent)), tokens)
        while waiting:
            selected = waiting.pop(0)
            try:
                scores[selected] = self._scores(query, [sent[row] for row in selected], task)
            except Refusal as refusal:
                total = sum(tokens[row] for row in selected)
                if not self._adapt(refusal, selected, sent, cut, total):
                    raise self._refused(refusal) from None
                waiting = self.limits.divide(selected, tokens) + waiting
                continue
            progress.advance(len(selected))
        return RerankScores(scores, np.array(cut, dtype=np.bool_))

    def _scores(
        self, query: str, documents: list[str], task: str | None
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        tokens = sum(self._counter.count([query, *documents]))
        texts = [query, *documents]
        if not self.model.renders:
            query = f"{templates.RERANK_PREFIX}{templates.rerank_head(task)} {query}\n"
            head = templates.RERANK_DOCUMENT.lstrip("\n")
            documents = [f"{head} {text}{templates.RERANK_SUFFIX}" for text in documents]
        body = self.model.shape.body(self.model.name, query, documents, task)
        answer = self._connection.post(self.model.url, body, texts=texts, tokens=tokens)
        return rerank_scores(answer, len(documents))

    def _warn_of_task(self, task: str | None) -> None:
        if task is None or not self.model.renders or self.model.shape.task_key:
            return
        warn_caller(
            f"The rerank requests of {self._host} have no parameter for an instruction, so the "
            "model's default one is used. If the server renders no template of its own, "
            "rerank_template = false in the profile sends the instruction with the texts."
        )

    def _cut(self, documents: Sequence[str]) -> tuple[list[str], list[bool]]:
        limit = self.limits.max_tokens
        if limit is None:
            return list(documents), [False] * len(documents)
        sent = [self._counter.cut(text, limit) for text in documents]
        return sent, [len(after) < len(text) for after, text in zip(sent, documents, strict=True)]

    def _adapt(
        self,
        refusal: Refusal,
        selected: list[int],
        sent: list[str],
        cut: list[bool],
        total: int,
    ) -> bool:
        if not self.limits.learn(refusal, len(selected), total, named_dim=False):
            return False
        if refusal.reason != "row-tokens" or len(selected) > 1:
            return True
        (row,) = selected
        (count,) = self._counter.count([sent[row]])
        limit = min(self.limits.max_tokens or count, count) * 4 // 5
        if limit < 8:
            return False
        sent[row], cut[row] = self._counter.cut(sent[row], limit), True
        return True

    def _refused(self, refusal: Refusal) -> MetierError:
        remote = self._connection.remote
        if refusal.reason == "key":
            return refused_key(remote, refusal)
        return ModelServerError(
            f"{self.model.url} refuses to rerank.",
            why=f"Status {refusal.status}: {refusal.message}",
            fix="Check the reranker, rerank_url and rerank_shape of the profile.",
            code="request-refused",
        )
