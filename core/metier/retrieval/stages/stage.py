"""What a search stage is, and what it may use of the search that it takes part in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.models.embedder import Side
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.retrieval.terms import TermCache
    from metier.retrieval.token_reading import QueryTokens


class SearchPhase(Enum):
    """When a stage runs, and over which candidates."""

    ALL = "all candidates"
    CLOSE_LOOK = "the best candidates by the stages before, as many as close_look says"
    FEEDBACK = "the best 100 candidates by the stages before, if any of those found anything"
    RERANK = "the best documents, whose order it then decides alone"


@dataclass(frozen=True, slots=True)
class SearchCandidate:
    """A chunk that may answer the query.

    Attributes:
        id: of the chunk; it differs where the content does.
        document_id: id of the document; of a part of it where the search finds parts.
        content: the text that the model reads, with title and headings before it.
        heading: title and headings alone; empty if there are none.
        source: what the document came from, such as a file or a folder.
        fields: of the document and of the section.
    """

    id: str
    document_id: str
    content: str
    heading: str = ""
    source: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class SearchEngine(Protocol):
    """What a search uses of `metier.engine.Engine`."""

    def embed(
        self,
        texts: Sequence[str],
        side: Side,
        *,
        instruction: Instruction | None = None,
        dim: int | None = None,
        progress: bool | None = None,
        memorize: bool = False,
    ) -> npt.NDArray[np.float32]:
        """(n, dim) unit vectors of texts; with `memorize` they are kept for the next call."""

    def rerank(
        self, query: str, documents: Sequence[str], *, instruction: Instruction | None = None
    ) -> Sequence[Any]:
        """Documents with their `index` and `score`, best first."""


@dataclass(frozen=True, slots=True)
class SearchContext:
    """One query of a search, the candidates that were found for it, and what stages may use.

    Attributes:
        query: in the user's words.
        vector: (dim,) unit vector of the query.
        settings: of the domain or of the call.
        weights: of each stage by name, 0 for those that do not run.
        candidates: n chunks, each once.
        dense: (n,) cosines of their vectors with that of the query.
        lexical: (n,) BM25 as a share of the highest possible score; None without lexical search.
        engine: embeds and reranks.
        instruction: of the search; None for the model's default.
        terms: makes the terms of texts.
        rarity: inverse document frequency of a term, above 0.
        cosines: ids of chunks and a vector -> the cosine of each chunk's vector with it, without
            those of chunks that were removed meanwhile.
        tokens: the query token by token; None where the model has no token states.
        query_vectors: (dim,) vectors of the texts that `SearchStage.query_texts` asked for.
        rerank: whether the search uses the reranker.
    """

    query: str
    vector: npt.NDArray[np.float32]
    settings: RetrievalSettings
    weights: Mapping[str, float]
    candidates: Sequence[SearchCandidate]
    dense: npt.NDArray[np.float32]
    lexical: npt.NDArray[np.float32] | None
    engine: SearchEngine
    instruction: Instruction | None
    terms: TermCache
    rarity: Callable[[str], float]
    cosines: Callable[[Sequence[str], npt.NDArray[np.float32]], Mapping[str, float]]
    tokens: QueryTokens | None = None
    query_vectors: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    rerank: bool = False

    def contents(self, positions: Sequence[int]) -> list[str]:
        """What the model reads of some candidates."""
        return [self.candidates[position].content for position in positions]

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dim) vectors of texts as documents of this search, kept for searches to come."""
        import numpy as np

        return np.asarray(
            self.engine.embed(
                texts,
                "document",
                instruction=self.instruction,
                dim=len(self.vector),
                progress=False,
                memorize=True,
            )
        )

    def similarities(
        self, positions: Sequence[int], vector: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """(n,) cosines of candidates with a (dim,) unit vector; 0 for one removed meanwhile."""
        import numpy as np

        ids = [self.candidates[position].id for position in positions]
        cosines = self.cosines(ids, vector)
        return np.array([cosines.get(id, 0.0) for id in ids], dtype=np.float32)


class SearchStage(ABC):
    """A stage of searches: it gives candidates a score, which counts by the stage's weight.

    The scores of all stages are fused as their weighted mean, so a score should lie in a range
    that does not depend on what else was found, best 0 to 1. A stage of a plugin is weighted by
    its name under `stages` in the `retrieval` settings of a domain. Stages are used by several
    threads at once.

    Attributes:
        name: key of its weight and of its score in `Hit.scores`: lowercase letters, digits and
            underscores.
        summary: what it does, for people.
        weight: its weight where the settings give none; 0 for a stage that settings turn on.
        phase: when it runs.
        tried: weights that a sweep tries where it is not told which.
        always: whether it runs without a weight, too, so that hits have its score.
        needs_known_language: whether it is left out where the model cannot read the query.
        needs_headings: whether it has nothing to do in an index without titles and headings.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    weight: ClassVar[float] = 0.0
    phase: ClassVar[SearchPhase] = SearchPhase.ALL
    tried: ClassVar[tuple[float, ...]] = ()
    always: ClassVar[bool] = False
    needs_known_language: ClassVar[bool] = False
    needs_headings: ClassVar[bool] = False

    def details(self, settings: RetrievalSettings) -> str:
        """How settings set the stage besides its weight, for people; empty for nothing to say."""
        return ""

    def query_texts(self, query: str, settings: RetrievalSettings) -> Sequence[str]:
        """Texts to embed as queries before the stage runs; see `SearchContext.query_vectors`.

        Those of all queries of a call are embedded together and kept.
        """
        return ()

    def applies(self, context: SearchContext) -> bool:
        """Whether the stage has something to say about this query and its candidates."""
        return True

    @abstractmethod
    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """The scores of some candidates.

        Args:
            context: the search.
            positions: of n candidates in `context.candidates`; best first but in `SearchPhase.ALL`.

        Returns:
            (n,) float32, finite; higher is better.
        """
