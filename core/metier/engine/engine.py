"""The Engine: embeds, streams, reranks and counts tokens with model objects."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from metier.engine.embedding_call import EmbeddingCall, warn_of_cut
from metier.engine.long_texts import divide_texts, pool_parts, require_mode
from metier.errors import MetierError, ParameterError, UsageError, warn_caller
from metier.models.embedder import TokenStateEmbedder, TokenStateStreamer
from metier.models.token_state_cache import TokenStateCache
from metier.progress import Progress, choose_progress, working
from metier.registry.dims import choose_dim
from metier.texts.checks import require_texts
from metier.texts.texts import Texts, iterate_strings, strings_of

if TYPE_CHECKING:
    from metier.caching.vector_cache import VectorCache
    from metier.engine.ledger import Ledger
    from metier.engine.long_texts import LongTextMode
    from metier.engine.model_loading import Models
    from metier.models.embedder import Embedder, Embeddings, Prompt, Side, TokenStateSink
    from metier.models.reranker import Reranker
    from metier.registry.instruction import Instruction
    from metier.retrieval.vectors import Vectors
    from metier.texts.sentences import Span

_PLURALS: dict[Side, str] = {"query": "queries", "document": "documents"}


@dataclass(frozen=True, slots=True)
class RerankedDocument:
    """A reranked document.

    Attributes:
        index: its position in the list that was given.
        score: probability of relevance, in [0, 1].
        text: the document.
    """

    index: int
    score: float
    text: str


class Engine:
    """Computes with models and `Instruction` objects; knows no ids, plugins or domains.

    Args:
        models: the embedder and perhaps a reranker, loaded at first use.
        progress: what long work reports to.
        ledgers: record which models and instructions are used.
    """

    def __init__(
        self, models: Models, progress: Progress, ledgers: tuple[Ledger, ...] = ()
    ) -> None:
        self._models = models
        self._progress = progress
        self._ledgers = ledgers
        self.token_states = TokenStateCache()  # of chunks, for the searches of all indexes

    @property
    def models(self) -> Models:
        """The models and how they were asked for."""
        return self._models

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded now if it was not.

        Raises:
            ModelError: it cannot be found, read or run.
        """
        return self._models.embedder

    @property
    def token_embedder(self) -> TokenStateEmbedder | None:
        """The embedder, if its token states are worth comparing: with mean pooling the vector a
        model was trained to give is made of them."""
        embedder = self._models.embedder
        if embedder.profile.pooling == "mean" and isinstance(embedder, TokenStateEmbedder):
            return embedder
        return None

    @property
    def reranker(self) -> Reranker | None:
        """The reranker, loaded now if it was not; None where there is none."""
        return self._models.reranker

    @property
    def progress(self) -> Progress:
        """What long work reports to."""
        return self._progress

    def require_reranker(self) -> Reranker:
        """The reranker.

        Raises:
            UsageError: there is none.
        """
        reranker = self._models.reranker
        if reranker is None:
            raise UsageError(
                "There is no reranker.",
                fix="Name one: $reranker.",
                code="no-reranker",
                parameters={"reranker": "Qwen/Qwen3-Reranker-0.6B"},
            )
        return reranker

    def recording(self, ledger: Ledger) -> Engine:
        """An engine with the same models that also records what it uses in `ledger`."""
        scoped = copy.copy(self)
        scoped._ledgers = (*self._ledgers, ledger)
        return scoped

    def caching(self, cache: VectorCache) -> Engine:
        """An engine with the same models that keeps vectors in this cache alone.

        It records nothing in ledgers: what is kept for later is no part of a run."""
        scoped = copy.copy(self)
        scoped._ledgers = ()
        scoped._models = self._models.with_cache(cache)
        return scoped

    def embed_documents(
        self,
        texts: Sequence[str] | Texts,
        *,
        instruction: Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Vectors:
        """`embed` for the side `document`."""
        return self.embed(texts, "document", instruction=instruction, dim=dim, progress=progress)

    def embed_queries(
        self,
        texts: Sequence[str] | Texts,
        *,
        instruction: Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Vectors:
        """`embed` for the side `query`."""
        return self.embed(texts, "query", instruction=instruction, dim=dim, progress=progress)

    def embed(
        self,
        texts: Sequence[str] | Texts,
        side: Side,
        *,
        instruction: Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
        memorize: bool = False,
        states: TokenStateSink | None = None,
        long_texts: LongTextMode = "cut",
    ) -> Vectors:
        """Embed texts as queries or documents.

        Args:
            texts: strings, or `Texts`.
            side: `query` or `document`; an instruction for queries leaves documents as they are.
            instruction: None for the model's default prompt.
            dim: vector size; None for the instruction's default with MRL, else the full size.
            progress: True for a bar, False for none; None for that of the engine.
            memorize: keep the vectors in memory, up to some megabytes, as of a taxonomy.
            states: receives the token states of the texts that are computed, if the model has any.
            long_texts: of those longer than the model reads `cut` takes the beginning, with a
                warning, and `pool` the mean of their parts, see `pool_parts`.

        Returns:
            (n, dim) float32, unit rows, in the order of `texts`, with their provenance.

        Raises:
            DimError: `dim` is more than the model has.
            InputError: a text is no string, empty or not valid Unicode, or an iterator gives none.
            ModelError: the model cannot be loaded, or gave no usable vector.
            UsageError: `texts` is one string, or there is no space for parts.

        Warns:
            MetierWarning: a text was cut, or `dim` is a size the model is not trained for.
        """
        strings = strings_of(texts, "texts")
        is_query = side == "query" and [type(text) for text in strings] == [str]
        require_texts(strings, name="The query" if is_query else None)
        require_mode(long_texts)
        call = self._embedding_call(side, instruction, dim, progress, memorize, states)
        if long_texts == "pool":
            return self._embed_parts(call, strings, side)
        with working(call.progress, call.label, len(strings)) as bar:
            embeddings = call.compute(strings, progress=bar)
        self._record(call, embeddings)
        if not self._ledgers:  # workflows report it in their results
            warn_of_cut(call.embedder.profile, int(embeddings.truncated.sum()), len(strings))
        return call.with_provenance(embeddings.vectors)

    def divide(
        self,
        texts: Sequence[str],
        side: Side,
        *,
        instructions: Sequence[Instruction | None] = (None,),
    ) -> list[list[Span]]:
        """The parts of each text that the embedder can read; one that fits is a single part.

        Args:
            texts: strings that are not empty.
            side: as for `embed`.
            instructions: every part fits under each of them; at least one.

        Raises:
            UsageError: beside a prompt there is no room for a part.
        """
        prompts = dict.fromkeys(self._prompt(side, instruction) for instruction in instructions)
        divided = divide_texts(texts, self._models.embedder, list(prompts))
        for ledger in self._ledgers:
            ledger.count_parts(divided)
        return divided

    def stream(
        self,
        texts: Iterable[str] | Texts,
        *,
        instruction: Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
        window: int = 4096,
        states: TokenStateSink | None = None,
    ) -> Iterator[Vectors]:
        """Embed documents as they come, in bounded memory.

        Args:
            texts: any number; at most `window` of them are read ahead.
            instruction, dim, progress, states: as for `embed`.
            window: texts embedded together, at least 1.

        Returns:
            An iterator of (k, dim) float32 unit rows, k at most `window`, in the order of `texts`.

        Raises:
            As `embed`: an error of the call at once; an error of a text when its window is
            reached, with its position in the whole. ParameterError: `window` is less than 1.

        Warns:
            MetierWarning: as `embed`; of cut texts once, when the stream ends or is closed.
        """
        if window < 1:
            raise ParameterError(f"window={window} is less than 1.", parameter="window")
        source = iterate_strings(texts, "texts")
        call = self._embedding_call("document", instruction, dim, progress, False, states)
        return self._windows(call, source, window)

    def rerank(
        self,
        query: str,
        documents: Sequence[str] | Texts,
        *,
        instruction: Instruction | None = None,
        top_k: int | None = None,
        progress: Progress | bool | None = None,
    ) -> list[RerankedDocument]:
        """Order documents by how well they answer a query, best first, ties in the given order.

        Args:
            query: in the user's words.
            documents: strings, or `Texts`.
            instruction: None for the model's default task.
            top_k: how many to return, at least 1; None for all.
            progress: as for `embed`.

        Raises:
            UsageError: there is no reranker, or `documents` is one string.
            ParameterError: `top_k` is less than 1.
            InputError: a text or the query is no string, empty or not valid Unicode.

        Warns:
            MetierWarning: a text was cut.
        """
        reranker = self.require_reranker()
        if top_k is not None and top_k < 1:
            raise ParameterError(
                f"top_k={top_k} is less than 1.", fix="Leave it out for all.", parameter="top_k"
            )
        strings = strings_of(documents, "documents")
        require_texts([query], name="The query")
        require_texts(strings)
        task = None if instruction is None else instruction.task
        with working(self._chosen(progress), "reranking", len(strings)) as bar:
            scored = reranker.score(query, strings, task=task, progress=bar)
        for ledger in self._ledgers:
            ledger.used_model("reranker", reranker)
            ledger.count("reranker", scored)
            if instruction is not None:
                ledger.used_instruction(instruction, None)
        if not self._ledgers:
            warn_of_cut(reranker.profile, int(scored.truncated.sum()), len(strings))
        order = sorted(range(len(strings)), key=lambda index: (-scored.scores[index], index))
        return [
            RerankedDocument(index, float(scored.scores[index]), strings[index])
            for index in order[:top_k]
        ]

    def count_tokens(
        self,
        texts: Sequence[str],
        *,
        instruction: Instruction | None = None,
        side: Side = "document",
    ) -> list[int]:
        """Tokens of each text as the embedder reads it, prompt and special tokens included."""
        prompt, strings = self._prompt(side, instruction), strings_of(texts, "texts")
        return self._models.embedder.count_tokens(strings, prompt=prompt)

    def _embedding_call(
        self,
        side: Side,
        instruction: Instruction | None,
        dim: int | None,
        progress: Progress | bool | None,
        memorize: bool,
        states: TokenStateSink | None,
    ) -> EmbeddingCall:
        embedder = self._models.memorizing if memorize else self._models.embedder
        declared = None if instruction is None else instruction.dim
        choice = choose_dim(embedder.profile, requested=dim, instruction_dim=declared)
        if choice.caution:
            warn_caller(choice.caution)
        prompt, label = self._prompt(side, instruction), f"embedding {_PLURALS[side]}"
        compute: Callable[..., Embeddings]  # a partial adds no frame to what a debugger shows
        if states is not None and isinstance(embedder, TokenStateStreamer):
            compute = partial(embedder.embed_keeping, prompt=prompt, dim=choice.dim, keep=states)
        else:
            compute = partial(embedder.embed, prompt=prompt, dim=choice.dim)
        reported = self._chosen(progress)
        return EmbeddingCall(compute, label, embedder, prompt, instruction, choice.dim, reported)

    def _prompt(self, side: Side, instruction: Instruction | None) -> Prompt:
        task = None if instruction is None else instruction.task_for(side)
        return self._models.embedder.prompt(task, side)

    def _chosen(self, progress: Progress | bool | None) -> Progress:
        return self._progress if progress is None else choose_progress(progress)

    def _record(self, call: EmbeddingCall, embeddings: Embeddings) -> None:
        for ledger in self._ledgers:
            ledger.used_model("embedder", call.embedder)
            ledger.count("embedder", embeddings)
            if call.instruction is not None:
                ledger.used_instruction(call.instruction, call.dim)

    def _embed_parts(self, call: EmbeddingCall, texts: Sequence[str], side: Side) -> Vectors:
        """Vectors of whole texts; of those longer than the model reads, of their parts."""
        divided = self.divide(texts, side, instructions=[call.instruction])
        parts = [part.text for of_text in divided for part in of_text]
        text_of = [index for index, of_text in enumerate(divided) for _ in of_text]
        try:
            with working(call.progress, call.label, len(parts)) as bar:
                embeddings = call.compute(parts, progress=bar)
        except MetierError as error:
            error.move(text_of.__getitem__)
            raise
        self._record(call, embeddings)
        if not self._ledgers:  # a text whose bytes are fewer than its tokens
            cut = {text_of[part] for part in embeddings.truncated.nonzero()[0]}
            warn_of_cut(call.embedder.profile, len(cut), len(texts))
        (alone,) = call.embedder.count_tokens([""], prompt=call.prompt)
        vectors = pool_parts(embeddings, [len(of_text) for of_text in divided], alone)
        return call.with_provenance(vectors)

    def _windows(self, call: EmbeddingCall, texts: Iterable[str], window: int) -> Iterator[Vectors]:
        source = iter(texts)
        total = cut = 0

        def in_the_whole(position: int) -> int:
            return total + position

        try:
            while part := list(islice(source, window)):
                try:
                    require_texts(part)
                    with working(call.progress, call.label, len(part)) as bar:
                        embeddings = call.compute(part, progress=bar)
                    self._record(call, embeddings)
                except MetierError as error:
                    error.move(in_the_whole)
                    raise
                total += len(part)
                cut += int(embeddings.truncated.sum())
                yield call.with_provenance(embeddings.vectors)
        finally:
            if not self._ledgers:
                warn_of_cut(call.embedder.profile, cut, total)
