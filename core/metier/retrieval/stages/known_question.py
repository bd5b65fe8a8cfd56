"""A stage for plugins: chunks are compared with answers to a question that the plugin knows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.errors import PluginError
from metier.retrieval.stages.stage import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval_settings import RetrievalSettings

_LEAST = 0.05
"""Probability from which a query is taken to ask for something."""

_SHARED = 2
"""How many answers of each question stand for all that documents of the domain have in common."""

_UNKNOWN = 2.0
"""Where a query that asks for nothing known lies, in standard deviations above the mean of the
similarities of ways to ask with questions that they do not ask."""

_SHARPNESS = 6.0
"""Standard deviations into which a difference in similarity that counts is divided."""


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """Something that queries ask for, in as many wordings as there are.

    Attributes:
        asked: names of it, descriptions and questions, as queries have them; at least one.
        answers: passages that answer it, as documents have them; at least one.
    """

    asked: tuple[str, ...]
    answers: tuple[str, ...]


class KnownQuestionStage(SearchStage):
    """How near a chunk is to the answers of what the query asks for, of all that is known.

    A short query says little of how the passages read that it is looking for. A subclass knows the
    questions of its domain, each with passages as answers. What a query asks is a probability for
    each of them, from the similarity with the ways to ask: a query about none has a probability
    near 0 for all, and the scores of its chunks are then near 0, too. A chunk is compared with the
    mean of the answers of a question, less the mean of the answers of all: what any passage of the
    domain has in common counts for nothing. This is a search by example (Rocchio 1971), whose
    examples are there before anything is found.
    """

    needs_known_language = True
    tried = (0.0, 0.25, 0.5, 1.0)

    @abstractmethod
    def questions(self) -> Sequence[KnownQuestion]:
        """What is known, two questions or more; the same ones at every call."""

    def details(self, settings: RetrievalSettings) -> str:
        """How many questions are known."""
        return str(len(self.questions()))

    def query_texts(self, query: str, settings: RetrievalSettings) -> Sequence[str]:
        """All ways to ask."""
        return [text for question in self._questions() for text in question.asked]

    def applies(self, context: SearchContext) -> bool:
        """Whether the query may ask for anything that is known."""
        return bool(self._probabilities(context).any())

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """About 1 for a chunk like the answers, and 0 for one like those of any question."""
        import numpy as np

        probabilities = self._probabilities(context)
        asked = np.flatnonzero(probabilities).tolist()
        shared = _means(context, [known.answers[:_SHARED] for known in self._questions()])
        shared = shared.mean(axis=0)
        # of what is not asked, nothing more is embedded: there may be hundreds of passages
        directions = _means(context, [self._questions()[row].answers for row in asked]) - shared
        # the projection of a chunk on the line from what all share to the answers of a question
        lengths = np.maximum(np.square(directions).sum(axis=1), 1e-6)
        direction = ((probabilities[asked] / lengths) @ directions).astype(np.float32)
        return context.similarities(positions, direction) - np.float32(shared @ direction)

    def _questions(self) -> Sequence[KnownQuestion]:
        questions = self.questions()
        if len(questions) < 2 or not all(known.asked and known.answers for known in questions):
            raise PluginError(
                f"The search stage {self.name!r} knows too little.",
                why="What a query asks is decided between questions, by their texts.",
                fix="Let questions() return two or more, each with texts in asked and answers.",
            )
        return questions

    def _probabilities(self, context: SearchContext) -> npt.NDArray[np.float64]:
        """(questions,) of each that the query asks it, 0 where it is low; their sum is below 1.

        A way to ask has the mean of two similarities with a question: with the nearest of its texts
        and with their mean. How similar unrelated texts are in a model is told by the texts of
        all other questions.
        """
        import numpy as np

        sizes = [len(question.asked) for question in self._questions()]
        asked = np.stack(
            [context.query_vectors[text] for text in self.query_texts("", context.settings)]
        )
        means = _group_means(asked, sizes)
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        begins = np.cumsum([0, *sizes[:-1]])

        def similarities(texts: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
            nearest = np.maximum.reduceat(texts @ asked.T, begins, axis=1)
            return np.asarray((nearest + texts @ means.T) / 2, dtype=np.float32)

        others = np.repeat(np.arange(len(sizes)), sizes)[:, np.newaxis] != np.arange(len(sizes))
        unrelated = similarities(asked)[others]
        spread = max(float(unrelated.std()), 1e-6)
        unknown = float(unrelated.mean()) + _UNKNOWN * spread
        scaled = _SHARPNESS * (similarities(context.vector[np.newaxis])[0] - unknown) / spread
        highest = max(float(scaled.max()), 0.0)
        weights = np.exp(scaled.astype(np.float64) - highest)
        probabilities = weights / (weights.sum() + np.exp(-highest))
        return np.where(probabilities < _LEAST, 0.0, probabilities)


def _means(context: SearchContext, answers: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
    """(questions, dim) means of the vectors of the answers of each."""
    vectors = context.embed_documents([text for texts in answers for text in texts])
    return _group_means(vectors, [len(texts) for texts in answers])


def _group_means(vectors: npt.NDArray[np.float32], sizes: Sequence[int]) -> npt.NDArray[np.float32]:
    """(groups, dim) means of groups of rows that follow each other."""
    import numpy as np

    begins = np.cumsum([0, *sizes[:-1]])
    sums = np.add.reduceat(vectors, begins, axis=0)
    return np.asarray(sums / np.array(sizes)[:, np.newaxis], dtype=np.float32)
