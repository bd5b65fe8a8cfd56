"""Token states of queries and chunks: read by the model, and compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from metier.models.embedder import Embedder, TokenStateEmbedder, TokenStates, TokenStateSink
from metier.progress import NoProgress
from metier.retrieval.late_interaction import by_rarity, evenly, interaction, stretches_of
from metier.retrieval.terms import Analyzer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.models.embedder import Prompt
    from metier.models.token_state_cache import TokenStateCache
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings

LEGIBLE = 0.6
"""Share of a query's letters that a model has to read for its vectors to count."""


class TokenModels(Protocol):
    """What a `TokenReader` uses of `metier.engine.Engine`."""

    @property
    def embedder(self) -> Embedder:
        """The embedding model."""

    @property
    def token_embedder(self) -> TokenStateEmbedder | None:
        """The embedding model, if it has token states worth comparing."""

    @property
    def token_states(self) -> TokenStateCache:
        """The token states that are kept, of whatever index."""


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """A query token by token, for one search.

    Attributes:
        states: of its t tokens.
        weights: (t,) what each counts.
        passages: contents of chunks -> their token states.
        is_legible: whether the model can read the query at all.
    """

    states: TokenStates
    weights: npt.NDArray[np.float32]
    passages: Callable[[Sequence[str]], list[TokenStates]]
    is_legible: bool

    def scores(self, contents: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n,) how well chunks answer the tokens of the query."""
        return interaction(self.states, self.weights, self.passages(contents))

    def similarities(self, content: str, stretches: Sequence[tuple[int, int]]) -> list[float]:
        """The same for stretches of the content of one chunk."""
        (states,) = self.passages([content])
        scores = interaction(self.states, self.weights, stretches_of(states, stretches))
        return [float(score) for score in scores]


class TokenReader:
    """Reads queries and chunks token by token; the models keep the states of chunks in memory."""

    def __init__(self, models: TokenModels) -> None:
        self._models = models

    def reads(self, settings: RetrievalSettings) -> bool:
        """Whether queries are read by their tokens.

        They are for late interaction, and where both vectors and terms count, to tell whether the
        model can read the query at all.
        """
        is_useful = settings.interaction or (settings.dense and settings.lexical)
        return bool(is_useful) and self._models.token_embedder is not None

    def read(
        self,
        queries: Sequence[str],
        known: Mapping[str, TokenStates],
        settings: RetrievalSettings,
        instruction: Instruction | None,
        analyzer: Analyzer,
        rarity: Callable[[str], float],
    ) -> list[QueryTokens | None]:
        """The tokens of queries; None for each where `reads` says no.

        Args:
            queries: n texts.
            known: states that are there already; the others are computed together.
            settings: of the search.
            instruction: of the search; None for the model's default.
            analyzer: makes terms.
            rarity: inverse document frequency of a term.
        """
        model = self._models.token_embedder if self.reads(settings) else None
        if model is None:
            return [None] * len(queries)
        embedder = self._models.embedder
        task = None if instruction is None else instruction.task_for("query")
        prompt = embedder.prompt(task, "query")
        passages = self._passages(model, embedder, instruction)
        missing = [query for query in dict.fromkeys(queries) if query not in known]
        computed = (
            model.token_states(missing, prompt=prompt, progress=NoProgress()) if missing else []
        )
        states_of = {**known, **dict(zip(missing, computed, strict=True))}
        counts = embedder.count_tokens(queries, prompt=prompt)
        read: list[QueryTokens | None] = []
        for query, count in zip(queries, counts, strict=True):
            states = states_of[query]
            if settings.interaction and settings.emphasis == "rare":
                weights = by_rarity(states, list(analyzer.words(query)), rarity)
            else:
                weights = evenly(states)
            beginning = _beginning(query, count, embedder, prompt)
            is_legible = legibility(beginning, states) >= LEGIBLE
            read.append(QueryTokens(states, weights, passages, is_legible))
        return read

    def keep(self, instruction: Instruction | None) -> TokenStateSink | None:
        """A sink that keeps the states of chunks while they are embedded, as far as there is room.

        None where the model has no token states.
        """
        if self._models.token_embedder is None:
            return None
        prompt = _document_prompt(self._models.embedder, instruction)
        return lambda content, states: self._models.token_states.offer(
            (prompt.digest, content), states
        )

    def _passages(
        self, model: TokenStateEmbedder, embedder: Embedder, instruction: Instruction | None
    ) -> Callable[[Sequence[str]], list[TokenStates]]:
        prompt = _document_prompt(embedder, instruction)

        def passages(contents: Sequence[str]) -> list[TokenStates]:
            def compute(positions: list[int]) -> list[TokenStates]:
                texts = [contents[position] for position in positions]
                return model.token_states(texts, prompt=prompt, progress=NoProgress())

            return self._models.token_states.get(
                [(prompt.digest, content) for content in contents], compute
            )

        return passages


def _document_prompt(embedder: Embedder, instruction: Instruction | None) -> Prompt:
    task = None if instruction is None else instruction.task_for("document")
    return embedder.prompt(task, "document")


def _beginning(text: str, count: int, embedder: Embedder, prompt: Prompt) -> str:
    """As much of a text as the model reads, or a little less: what is cut off is not illegible.

    Args:
        text: of any length.
        count: its tokens under the prompt.
        embedder: the model.
        prompt: around the text.
    """
    limit = embedder.profile.max_tokens
    while text and count > limit:
        text = text[: len(text) * limit // (count + 1)]
        (count,) = embedder.count_tokens([text], prompt=prompt)
    return text


def legibility(text: str, states: TokenStates) -> float:
    """The share of the letters of a text that a model reads as more than single ones.

    A letter that is a word by itself is read, and so is a Chinese character.

    Args:
        text: what was read, or its beginning.
        states: the tokens of the whole; those the vocabulary lacks are not among them.

    Returns:
        0 to 1; 1 for a text without letters.
    """
    letters = [position for position, letter in enumerate(text) if letter.isalpha()]
    if not letters:
        return 1.0
    read: set[int] = set()
    for start, end in states.spans.tolist():
        if start >= len(text):
            break
        if end - start > 1 or _stands_alone(text, start) or _is_han(text[start]):
            read.update(range(start, end))
    return sum(position in read for position in letters) / len(letters)


def _stands_alone(text: str, position: int) -> bool:
    neighbors = text[max(position - 1, 0) : position] + text[position + 1 : position + 2]
    return not any(letter.isalnum() for letter in neighbors)


def _is_han(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("CJK")
