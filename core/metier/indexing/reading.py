"""Reading closely: the query of a search and the best chunks, by their tokens and their terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.caching.embedder import CachedEmbedder
from metier.models.embedder import Embedder, States, TokenStates
from metier.progress import Silent
from metier.retrieval.interaction import by_rarity, evenly, interaction, stretches_of
from metier.retrieval.legibility import LEGIBLE, legibility
from metier.retrieval.states import StateMemory
from metier.retrieval.terms import Analyser

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.instruction import Instruction
    from metier.registry.retrieval import RetrievalSettings
    from metier.runtime import Runtime

MOST_CHUNKS = 10_000
"""Chunks whose terms are kept: some megabytes."""

Passages = Callable[[Sequence[str], Sequence[str]], list[States]]
"""Ids of chunks and what a model reads of each -> their tokens."""


def token_model(embedder: Embedder) -> TokenStates | None:
    """The model, if it has token states worth comparing; a cache of vectors has none of its own."""
    while isinstance(embedder, CachedEmbedder):
        embedder = embedder.inner
    if embedder.profile.pooling == "mean" and isinstance(embedder, TokenStates):
        return embedder
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """A query token by token, for one search.

    Attributes:
        query: its tokens.
        weights: (tokens,) what each counts.
        passages: reads chunks.
        is_legible: whether the model knows the words of the query at all.
    """

    query: States
    weights: npt.NDArray[np.float32]
    passages: Passages
    is_legible: bool

    def scores(self, ids: Sequence[str], contents: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n,) how well chunks answer the tokens of the query."""
        return interaction(self.query, self.weights, self.passages(ids, contents))

    def likeness(
        self, chunk: str, content: str, stretches: Sequence[tuple[int, int]]
    ) -> list[float]:
        """The same for stretches of the content of one chunk."""
        (states,) = self.passages([chunk], [content])
        found = interaction(self.query, self.weights, stretches_of(states, stretches))
        return [float(one) for one in found]


class TokenReader:
    """Reads with the model of a Runtime; the tokens of chunks are kept, up to some megabytes."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._memory = StateMemory()

    def read(
        self,
        queries: Sequence[str],
        settings: RetrievalSettings,
        instruction: Instruction | None,
        analyser: Analyser,
        rarity: Callable[[str], float],
    ) -> list[Reading] | None:
        """Queries, read together; None where nobody wants it, or the Runtime's model cannot."""
        embedder = self._rt.embedder
        model = token_model(embedder) if settings.interaction else None
        if model is None:
            return None
        task = None if instruction is None else instruction.task_for("query")
        prompt = embedder.prompt(task, "query")
        passages = self._passages(model, embedder, instruction)
        readings = []
        read = model.token_states(queries, prompt=prompt, progress=Silent())
        for query, states in zip(queries, read, strict=True):
            if settings.emphasis == "rare":
                weights = by_rarity(states, list(analyser.words(query)), rarity)
            else:
                weights = evenly(states)
            legible = legibility(query, states) >= LEGIBLE
            readings.append(Reading(states, weights, passages, legible))
        return readings

    def _passages(
        self, model: TokenStates, embedder: Embedder, instruction: Instruction | None
    ) -> Passages:
        task = None if instruction is None else instruction.task_for("document")
        prompt = embedder.prompt(task, "document")

        def passages(ids: Sequence[str], contents: Sequence[str]) -> list[States]:
            def compute(places: list[int]) -> list[States]:
                texts = [contents[place] for place in places]
                return model.token_states(texts, prompt=prompt, progress=Silent())

            return self._memory.get([f"{prompt.digest} {one}" for one in ids], compute)

        return passages


class WordReader:
    """The terms of chunks, kept between searches."""

    def __init__(self) -> None:
        self._analyser: tuple[tuple[str, str], Analyser] | None = None
        self._kept: dict[str, tuple[str, ...]] = {}

    def analyser(self, settings: RetrievalSettings) -> Analyser:
        """What makes terms; the same one until the settings say otherwise."""
        key = (settings.terms, settings.language)
        known = self._analyser
        if known is None or known[0] != key:
            known = self._analyser = (key, Analyser(settings))
            self._kept = {}
        return known[1]

    def names(self, analyser: Analyser, chunk: str, content: str) -> tuple[str, ...]:
        """The terms of a chunk, whose id differs where its content does."""
        kept = self._kept
        found = kept.get(chunk)
        if found is None:
            found = tuple(analyser.names(content))
            if len(kept) >= MOST_CHUNKS:
                self._kept = kept = {}
            kept[chunk] = found
        return found
