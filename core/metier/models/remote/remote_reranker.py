"""A reranker whose model runs behind HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from metier.models.remote.token_counter import TokenMeter, fewer_tokens
from metier.models.reranker import RerankScores
from metier.progress import Progress
from metier.texts.checks import require_unicode

_LEAST = 16
"""Tokens of query and document that are read at least beside the template."""

_REFUSED_FIRST, _REFUSED_EACH = 32, 8
"""Requests of a call, and for each document more, that are changed and sent again at most."""


@dataclass(slots=True)
class _Pairs:
    """A query and documents as they are sent; `cut` and `tokens` change when one is cut.

    Attributes:
        query, documents: as they are sent.
        task: instruction of the call.
        cut: whether the end of a document, or of the query, is missing.
        tokens: of each document and the query.
        is_usual: of documents with more tokens than are counted, whether others had so, too.
    """

    query: str
    documents: list[str]
    task: str | None
    cut: list[bool] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    is_usual: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cut = [False] * len(self.documents)
        self.tokens = [0] * len(self.documents)


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
        if self._guard is not None and task is None:
            texts = list(self._guard(texts, self._host))
        elif self._guard is not None:
            *texts, task = self._guard([*texts, task or ""], self._host)
        self._warn_of_task(task)
        pairs = _Pairs(texts[0], texts[1:], task)
        self._fit(pairs, range(len(documents)))
        scores = np.empty(len(documents), dtype=np.float32)
        waiting = self.limits.divide(range(len(documents)), pairs.tokens)
        refused, most = 0, _REFUSED_FIRST + _REFUSED_EACH * len(documents)
        while waiting:
            selected = waiting.pop(0)
            try:
                scores[selected] = self._scores(pairs, selected)
            except Refusal as refusal:
                refused += 1
                if refused > most:
                    raise self._refused(refusal) from None
                waiting = self._parts(refusal, pairs, selected, waiting) + waiting
                continue
            progress.advance(len(selected))
        return RerankScores(scores, np.array(pairs.cut, dtype=np.bool_))

    def _scores(
        self, pairs: _Pairs, selected: list[int]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        query, documents = pairs.query, [pairs.documents[row] for row in selected]
        texts = [query, *documents, pairs.task or ""]
        if not self.model.renders:
            head = templates.rerank_head(pairs.task)
            query = f"{templates.RERANK_PREFIX}{head} {query}\n"
            head = templates.RERANK_DOCUMENT.lstrip("\n")
            documents = [f"{head} {text}{templates.RERANK_SUFFIX}" for text in documents]
        body = self.model.shape.body(self.model.name, query, documents, pairs.task)
        total = sum(pairs.tokens[row] for row in selected)
        answer = self._connection.post(self.model.url, body, texts=texts, tokens=total)
        return rerank_scores(answer, len(documents))

    def _warn_of_task(self, task: str | None) -> None:
        if task is None or not self.model.renders or self.model.shape.task_key:
            return
        warn_caller(
            f"The rerank requests of {self._host} have no parameter for an instruction, so the "
            "model's default one is used. If the server renders no template of its own, "
            "rerank_template = false in the profile sends the instruction with the texts."
        )

    def _fit(self, pairs: _Pairs, selected: Sequence[int]) -> None:
        """Cut documents to what the model reads beside the query, and a query over half of it."""
        limit, cut = self.limits.max_tokens, self._counter.cut
        (in_query,) = self._counter.count([pairs.query])
        if limit is not None:
            space = limit
            if not self.model.reads_apart:
                (fixed,) = self._counter.count([self.render("", "", task=pairs.task)])
                space = max(limit - fixed, _LEAST)
            half = space if self.model.reads_apart else space // 2
            if in_query > half:
                pairs.query, pairs.cut = cut(pairs.query, half), [True] * len(pairs.cut)
                in_query = half
            room = space if self.model.reads_apart else space - in_query
            for row in selected:
                document = cut(pairs.documents[row], room)
                pairs.cut[row] |= document != pairs.documents[row]
                pairs.documents[row] = document
        counts = self._counter.count([pairs.documents[row] for row in selected])
        for row, count in zip(selected, counts, strict=True):
            pairs.tokens[row] = count + in_query

    def _parts(
        self, refusal: Refusal, pairs: _Pairs, selected: list[int], waiting: list[list[int]]
    ) -> list[list[int]]:
        """The requests for what was refused, after limits or documents changed."""
        if not self.limits.learn(refusal, [pairs.tokens[row] for row in selected]):
            raise self._refused(refusal) from None
        if refusal.reason != "row-tokens":
            return self.limits.divide(selected, pairs.tokens)
        before = [pairs.documents[row] for row in selected]
        rest = [*selected, *(row for rows in waiting for row in rows)]
        self._fit(pairs, rest)
        if before == [pairs.documents[row] for row in selected]:
            if len(selected) > 1:
                half = len(selected) // 2
                return [selected[:half], selected[half:]]
            if not self._shorten(pairs, selected[0], rest, is_named=refusal.limit is not None):
                raise self._refused(refusal) from None
        return self.limits.divide(selected, pairs.tokens)

    def _shorten(self, pairs: _Pairs, row: int, rest: Sequence[int], *, is_named: bool) -> bool:
        """Cut a document that the server counts more tokens of; False if it has only a few."""
        document = pairs.documents[row]
        if row not in pairs.is_usual:
            pairs.is_usual[row] = is_named and self._counter.was_low_before()
        while is_named and pairs.is_usual[row] and self._counter.count_more():
            self._fit(pairs, rest)
            if pairs.documents[row] != document:
                return True
        (count,) = self._counter.count([document])
        fewer = fewer_tokens(count)
        if fewer is None:
            return False
        pairs.documents[row] = self._counter.cut(document, fewer)
        pairs.cut[row] = True
        return pairs.documents[row] != document

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
