"""An embedder whose model runs behind HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from metier.datafiles.remote import Remote
from metier.errors import ErrorPosition, MetierError, ModelServerError
from metier.models.embedder import Embeddings, EmbeddingSink, ModelProfile, Prompt, Side
from metier.models.qwen3 import templates
from metier.models.remote.connection import Connection
from metier.models.remote.discovery import refused_key
from metier.models.remote.embedding_requests import EmbeddingRequest, unusable
from metier.models.remote.network_streams import abandon_requests_when
from metier.models.remote.refusals import Refusal
from metier.models.remote.remote_models import RemoteModel
from metier.models.remote.request_limits import RequestLimits
from metier.models.remote.sent_texts import SentTexts
from metier.models.remote.token_counter import TokenMeter
from metier.models.vectors import check_dim, slice_and_normalize
from metier.progress import Progress
from metier.texts.checks import require_unicode

_Keep = Callable[[list[int], npt.NDArray[np.float32]], None]
"""(rows, their vectors as the server gives them): receives an answer."""

Guard = Callable[[Sequence[str], str], Sequence[str]]
"""(texts, destination) -> as many texts, which may leave the machine."""


class RemoteEmbedder:
    """An `Embedder` of a model server.

    Prompts are written here, so that vectors equal those of the same model on this machine. Every
    text passes the guards first, and a text that is too long is cut here and marked. Requests run
    side by side, within the limits of the server.

    Args:
        model: at the server.
        profile: its facts.
        connection: to the server.
        limits: of its requests.
        counter: of its tokens.
        guard: what every text passes through; None for nothing.
        host: what the guards are told as destination.
        concurrency: requests at the same time.
    """

    device = "remote"
    dtype = "float32"

    def __init__(
        self,
        model: RemoteModel,
        profile: ModelProfile,
        connection: Connection,
        limits: RequestLimits,
        counter: TokenMeter,
        *,
        guard: Guard | None,
        host: str,
        concurrency: int = 4,
    ) -> None:
        self.model = model
        self._profile = profile
        self.fingerprint = model.fingerprint
        self.limits = limits
        self._connection = connection
        self._counter = counter
        self._guard = guard
        self._host = host
        self._concurrency = concurrency

    @property
    def server(self) -> Remote:
        """The profile of the server."""
        return self._connection.remote

    @property
    def profile(self) -> ModelProfile:
        """Facts about the model; `max_tokens` follows what the server says in a refusal."""
        learned = self.limits.max_tokens
        if learned is None or learned >= self._profile.max_tokens:
            return self._profile
        return replace(self._profile, max_tokens=learned)

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The prompt of Qwen3-Embedding for a model with instructions, else the fixed prefix."""
        if self.model.instructions != "none":
            prompt = templates.embedding_prompt(task, side)
        else:
            query, document = self.model.prefixes
            prompt = Prompt(side, query if side == "query" else document)
        # where there is an instruction, it tells the sides apart
        names_side = self.model.instructions != "text" and prompt.task is None
        if names_side and self.model.shape.takes_side:
            return replace(prompt, named_side=side)
        return prompt

    def probe(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The vectors of one request as the server gives them, without prompt and guards.

        Args:
            texts: fixed texts of metier itself; equal ones are not sent once.

        Raises:
            ModelServerError: the server refuses, or answers something else.
        """
        size = max(self.model.sizes, default=None)
        request = EmbeddingRequest((), self.model.name, dim=size, max_tokens=self.limits.max_tokens)
        rows = SentTexts(texts, Prompt("document"), self._counter, request)
        vectors: dict[int, npt.NDArray[np.float32]] = {}

        def keep(done: list[int], part: npt.NDArray[np.float32]) -> None:
            vectors.update(zip(done, part, strict=True))

        try:
            self._send(rows, list(range(len(texts))), keep)
        except ModelServerError as error:
            if error.position is None:
                raise
            raise ModelServerError(
                f"{self.model.url} refuses to embed a short text of metier, which is sent first.",
                why=error.why,
                fix=error.fix,
                code=error.code,
            ) from None
        return np.stack([vectors[row] for row in range(len(texts))])

    def learn_size(self) -> None:
        """Ask for one vector, whose size is the full size of the model from then on."""
        full = self.probe(["size"]).shape[1]
        shortest = self._profile.min_dim if self._profile.mrl else full
        self._profile = replace(self._profile, dim=full, min_dim=min(shortest, full))

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`: exact with a tokenizer, else estimated."""
        require_unicode(texts)
        return self._counter.count([prompt.render(text) for text in texts])

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Embeddings:
        """Embed texts, equal ones once.

        Returns:
            (n, dim) unit rows. Token counts are estimates where the tokenizer is not known.

        Raises:
            DimError: `dim` is not in 1..profile.dim.
            InputError: a text is not valid Unicode.
            ModelServerError: the server cannot be reached, refuses, or answers something else.
            MetierError: a guard stopped the texts.
        """
        return self.embed_each(texts, prompt=prompt, dim=dim, progress=progress, keep=_keep_nothing)

    def embed_each(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: EmbeddingSink,
    ) -> Embeddings:
        """As `embed`; `keep` gets the vectors of each request as soon as they are there."""
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        first: dict[str, int] = {}
        for index, text in enumerate(texts):
            first.setdefault(text, index)
        names = list(first.values())
        guarded, prompt = self._guarded(list(first), prompt)
        rows = SentTexts(
            guarded,
            prompt,
            self._counter,
            self._request_for(prompt, dim),
            with_prompt=self.model.instructions != "parameter" or prompt.task is None,
        )
        vectors = np.empty((len(names), dim), dtype=np.float32)

        def keep_rows(done: list[int], part: npt.NDArray[np.float32]) -> None:
            vectors[done] = self._unit(part, rows, done, dim)
            embeddings = _embeddings(vectors[done], rows, done)
            keep([names[row] for row in done], embeddings)
            progress.advance(len(done))

        try:
            rows.fit(range(len(names)), self.limits.max_tokens)
            if names:
                self._send_all(rows, keep_rows)
        except MetierError as error:
            error.move(names.__getitem__)
            raise
        progress.advance(len(texts) - len(names))
        distinct = _embeddings(vectors, rows, range(len(names)))
        if len(names) == len(texts):
            return distinct
        position = {text: row for row, text in enumerate(first)}
        order = [position[text] for text in texts]
        return Embeddings(
            distinct.vectors[order], distinct.tokens[order], distinct.truncated[order]
        )

    def _guarded(self, texts: list[str], prompt: Prompt) -> tuple[Sequence[str], Prompt]:
        """Texts as the guards let them go, and the prompt with its instruction or own words so."""
        if self._guard is None or not texts:
            return texts, prompt
        words = prompt.prefix if prompt.task is None else prompt.task
        if words in ("", *self.model.prefixes, templates.DEFAULT_TASK):
            return self._guard(texts, self._host), prompt
        *guarded, shown = self._guard([*texts, words], self._host)
        prefix = prompt.prefix.replace(words, shown)
        task = None if prompt.task is None else shown
        return guarded, replace(prompt, prefix=prefix, task=task)

    def _request_for(self, prompt: Prompt, dim: int) -> EmbeddingRequest:
        """All of the requests of a call but their texts."""
        writes = self.model.instructions != "parameter"
        return EmbeddingRequest(
            (),
            self.model.name,
            dim=self._size(dim),
            task=None if writes else prompt.task,
            side="document" if self.model.instructions == "text" else prompt.side,
            max_tokens=self.limits.max_tokens,
        )

    def _size(self, dim: int) -> int | None:
        """The vector size that requests name: `dim`, or the full size where only that is given."""
        sizes = self.model.sizes
        if sizes:
            return dim if dim in sizes else max(sizes)
        return dim if dim < self.profile.dim and self.profile.mrl else None

    def _send_all(self, rows: SentTexts, keep: _Keep) -> None:
        requests = self.limits.divide(range(len(rows.texts)), rows.tokens)
        if len(requests) == 1 or self._concurrency == 1:
            for request in requests:
                self._send(rows, request, keep)
            return
        # vectors are kept in this thread, as stores such as SQLite want it
        done: SimpleQueue[tuple[list[int], npt.NDArray[np.float32]]] = SimpleQueue()

        def hand_over(selected: list[int], part: npt.NDArray[np.float32]) -> None:
            done.put((selected, part))

        def keep_done() -> None:
            while not done.empty():
                keep(*done.get())

        stop = threading.Event()
        workers = min(self._concurrency, len(requests))
        pool = ThreadPoolExecutor(workers, "metier-remote", abandon_requests_when, (stop,))
        try:
            futures = [pool.submit(self._send, rows, request, hand_over) for request in requests]
            for future in as_completed(futures):
                keep_done()
                future.result()
        except BaseException as error:
            # what is under way is waited for, so that its vectors are kept, too
            if not isinstance(error, Exception):  # as by Ctrl-C
                stop.set()
            pool.shutdown(cancel_futures=True)
            keep_done()
            raise
        pool.shutdown()
        keep_done()

    def _send(self, rows: SentTexts, selected: list[int], keep: _Keep) -> bool:
        """Send some of the rows, in as many requests as the limits of now need.

        Returns:
            Whether the server refused one of them as too long that was not known to be.
        """
        rows.fit(selected, self.limits.max_tokens)
        requests = self.limits.divide(selected, rows.tokens)
        if len(requests) > 1:
            is_long = [self._send(rows, request, keep) for request in requests]
            return any(is_long)
        request = replace(
            rows.request,
            texts=[rows.texts[row] for row in selected],
            dim=rows.request.dim if self.limits.takes_dim else None,
            base64=self.limits.takes_base64,
        )
        body, total = self.model.shape.body(request), sum(rows.tokens[row] for row in selected)
        try:
            answer = self._connection.post(
                self.model.url, body, texts=[*request.texts, request.task or ""], tokens=total
            )
        except Refusal as refusal:
            return self._send_again(rows, selected, refusal, request, keep)
        keep(selected, self.model.shape.vectors(answer, len(selected)))
        return False

    def _send_again(
        self,
        rows: SentTexts,
        selected: list[int],
        refusal: Refusal,
        request: EmbeddingRequest,
        keep: _Keep,
    ) -> bool:
        """Send rows that were refused in another way; raises the refusal where there is none."""
        tokens = [rows.tokens[row] for row in selected]
        if not self.limits.learn(
            refusal, tokens, named_dim=request.dim is not None, base64=request.base64
        ):
            raise self._refused(refusal, selected)
        limit, named = self.limits.max_tokens, refusal.limit
        if refusal.reason != "row-tokens" or rows.fit(selected, limit):
            return self._send(rows, selected, keep)
        if len(selected) == 1:
            if not rows.shorten(selected[0], limit, is_named=named is not None):
                raise self._refused(refusal, selected)
            self._send(rows, selected, keep)
            return True
        half = len(selected) // 2
        parts = [self._send(rows, part, keep) for part in (selected[:half], selected[half:])]
        if named is not None and not any(parts):
            self.limits.learn_total(named)  # as Model Studio has it at times
        return any(parts)

    def _unit(
        self, vectors: npt.NDArray[np.float32], rows: SentTexts, selected: list[int], dim: int
    ) -> npt.NDArray[np.float32]:
        """Unit vectors of the size that is wanted, of those of a request."""
        size = vectors.shape[1]
        if size not in (self._profile.dim, rows.request.dim):
            raise unusable(
                f"Its vectors have {size} dimensions, and {self._profile.id!r} has "
                f"{self._profile.dim}: another model answers."
            )
        if not vectors[:, :dim].any(axis=1).all():
            raise unusable(f"A vector has only zeros in its first {dim} dimensions.")
        return slice_and_normalize(vectors, dim, rows=selected)

    def _refused(self, refusal: Refusal, selected: Sequence[int]) -> MetierError:
        remote = self._connection.remote
        if refusal.reason == "key":
            return refused_key(remote, refusal)
        fix = "Check the model, dims and kind of the profile."
        if refusal.reason == "address":
            fix = "Check the address and the name of the model."
            if self.model.shape.path == "/api/embed":
                fix = f"Pull the model first: ollama pull {self.model.name}"
        position = ErrorPosition(index=selected[0]) if len(selected) == 1 else None
        return ModelServerError(
            f"{self.model.url} refuses to embed"
            + (" $position." if position else f" {len(selected)} texts."),
            why=f"Status {refusal.status}: {refusal.message}",
            fix=fix,
            position=position,
            code="request-refused",
        )


def _embeddings(
    vectors: npt.NDArray[np.float32], rows: SentTexts, selected: Sequence[int]
) -> Embeddings:
    return Embeddings(
        vectors,
        np.array([rows.tokens[row] for row in selected], dtype=np.int32),
        np.array([rows.cut[row] for row in selected], dtype=np.bool_),
    )


def _keep_nothing(rows: list[int], embeddings: Embeddings) -> None:
    pass
