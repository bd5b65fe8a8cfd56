"""Reading closely: the query of a search and the best chunks, by their tokens and their terms."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.models.embedder import Embedder, TokenStateEmbedder, TokenStates, TokenStateSink
from metier.progress import NoProgress
from metier.retrieval.late_interaction import (
    LEGIBLE,
    by_rarity,
    evenly,
    interaction,
    legibility,
    stretches_of,
)
from metier.retrieval.terms import Analyzer
from metier.retrieval.token_state_cache import StateMemory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.engine.engine import Engine
    from metier.models.embedder import Prompt
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings

MOST_TERMS = 1_000_000
"""Terms of chunks that are kept: some tens of megabytes."""

Passages = Callable[[Sequence[str]], list[TokenStates]]
"""What a model reads of chunks -> their tokens."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A query token by token, for one search.

    Attributes:
        query: its tokens.
        weights: (tokens,) what each counts.
        passages: reads chunks.
        is_legible: whether the model knows the words of the query at all.
    """

    query: TokenStates
    weights: npt.NDArray[np.float32]
    passages: Passages
    is_legible: bool

    def scores(self, contents: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n,) how well chunks answer the tokens of the query."""
        return interaction(self.query, self.weights, self.passages(contents))

    def likeness(self, content: str, stretches: Sequence[tuple[int, int]]) -> list[float]:
        """The same for stretches of the content of one chunk."""
        (states,) = self.passages([content])
        found = interaction(self.query, self.weights, stretches_of(states, stretches))
        return [float(one) for one in found]


class TokenReader:
    """Reads with the model of an Engine; the tokens of chunks are kept, up to some megabytes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._memory = StateMemory()

    def reads(self, settings: RetrievalSettings) -> bool:
        """Whether queries are read by their tokens: for interaction, and to tell whether vectors
        or terms should be asked."""
        wanted = settings.interaction or (settings.dense and settings.lexical)
        return bool(wanted) and self._engine.token_embedder is not None

    def read(
        self,
        queries: Sequence[str],
        told: Mapping[str, TokenStates],
        settings: RetrievalSettings,
        instruction: Instruction | None,
        analyzer: Analyzer,
        rarity: Callable[[str], float],
    ) -> list[Reading] | None:
        """Queries, those together that nobody read before; None where `reads` says no."""
        embedder = self._engine.embedder
        model = self._engine.token_embedder if self.reads(settings) else None
        if model is None:
            return None
        task = None if instruction is None else instruction.task_for("query")
        prompt = embedder.prompt(task, "query")
        passages = self._passages(model, embedder, instruction)
        readings = []
        missing = [query for query in dict.fromkeys(queries) if query not in told]
        made = model.token_states(missing, prompt=prompt, progress=NoProgress()) if missing else []
        read = {**told, **dict(zip(missing, made, strict=True))}
        counts = embedder.count_tokens(queries, prompt=prompt)
        for query, count in zip(queries, counts, strict=True):
            states = read[query]
            if settings.interaction and settings.emphasis == "rare":
                weights = by_rarity(states, list(analyzer.words(query)), rarity)
            else:
                weights = evenly(states)
            seen = _beginning(query, count, embedder, prompt)
            legible = legibility(seen, states) >= LEGIBLE
            readings.append(Reading(states, weights, passages, legible))
        return readings

    def keep(self, instruction: Instruction | None) -> TokenStateSink | None:
        """Keeps the tokens of chunks while they are embedded, as far as there is room; None where
        the engine's model has none to compare."""
        embedder = self._engine.embedder
        if self._engine.token_embedder is None:
            return None
        prompt = _document_prompt(embedder, instruction)
        return lambda content, states: self._memory.offer((prompt.digest, content), states)

    def _passages(
        self, model: TokenStateEmbedder, embedder: Embedder, instruction: Instruction | None
    ) -> Passages:
        prompt = _document_prompt(embedder, instruction)

        def passages(contents: Sequence[str]) -> list[TokenStates]:
            def compute(places: list[int]) -> list[TokenStates]:
                texts = [contents[place] for place in places]
                return model.token_states(texts, prompt=prompt, progress=NoProgress())

            return self._memory.get([(prompt.digest, one) for one in contents], compute)

        return passages


def _document_prompt(embedder: Embedder, instruction: Instruction | None) -> Prompt:
    task = None if instruction is None else instruction.task_for("document")
    return embedder.prompt(task, "document")


def _beginning(text: str, count: int, embedder: Embedder, prompt: Prompt) -> str:
    """As much of a text as the model reads, or a little less: what is cut off is not illegible.

    Args:
        text: of any length.
        count: its tokens under the prompt.
        embedder: what reads it.
        prompt: round the text.
    """
    limit = embedder.profile.max_tokens
    while text and count > limit:
        text = text[: len(text) * limit // (count + 1)]
        (count,) = embedder.count_tokens([text], prompt=prompt)
    return text


class WordReader:
    """The terms of chunks, kept between searches up to a number. Safe to use from several threads.

    Args:
        settings: what terms are made of.
        limit: terms that are kept.

    Attributes:
        analyzer: makes them.
    """

    def __init__(self, settings: RetrievalSettings, limit: int = MOST_TERMS) -> None:
        self.analyzer = Analyzer(settings)
        self._limit = limit
        self._kept: dict[str, tuple[str, ...]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def names(self, chunk: str, content: str) -> tuple[str, ...]:
        """The terms of a chunk, whose id differs where its content does."""
        found = self._kept.get(chunk)
        if found is None:
            found = tuple(self.analyzer.names(content))
            with self._lock:
                if self._count + len(found) > self._limit:
                    self._kept, self._count = {}, 0
                self._kept[chunk] = found
                self._count += len(found)
        return found
