"""Documents asked the questions of a checklist: which they answer, where, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.analysis.presence import ScoreScale, presence_probabilities, typical_scale
from metier.errors import UsageError
from metier.registry.checklist import Checklist, ChecklistQuestion
from metier.retrieval.terms import Analyzer
from metier.texts.phrase_tokens import Tokens
from metier.texts.phrases import Phrases

if TYPE_CHECKING:
    from metier.heads.inputs import Floats
    from metier.heads.question_scorer import PassageFeatures, QuestionScorer
    from metier.models.embedder import Side
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime

_BLOCK = 1024
"""Passages that are scored together: each is compared with every text of the checklist."""

DECIMALS = 4
"""Of probabilities and scores, as they are shown and compared with thresholds."""

_PRIOR = 0.35
"""Share of the documents that answer a question, where nothing is known of them."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentAnswers:
    """What one document answers.

    Attributes:
        probabilities: (q,) that one of its passages answers a question.
        scores: (n, q) log odds of its passages, to be compared within a question.
        shares: (n, q) that probability, if a passage were the highest.
    """

    probabilities: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]


class ChecklistReader:
    """Finds in documents what answers the questions of a checklist, and how surely.

    What counts is learned from the checklist alone: its examples, contrasts and neutral passages
    (`QuestionScorer`). Scores of ordinary documents show how high a passage scores by chance, and
    those of the examples how high an answer does: `presence_probabilities` compares the two.

    Args:
        rt: the Runtime.
        checklist: its texts are embedded, and kept in memory by the Runtime.
        instruction: id of the one that texts are embedded under, of questions without their own.
        ordinary: passages of documents such as those that will be read; may be empty.
        dim: vector size; None for that of the instruction.

    Raises:
        UsageError: no question has two examples.
    """

    def __init__(
        self,
        rt: Runtime,
        checklist: Checklist,
        *,
        instruction: str,
        ordinary: Sequence[Sequence[str]] = (),
        dim: int | None = None,
    ) -> None:
        if all(len(question.examples) == 1 for question in checklist.questions):
            raise UsageError(
                "No question of the checklist has two examples.",
                why="How alike the answers to one question are is learned from its examples.",
                fix="Give the questions more examples, three or more each.",
                code="too-few-examples",
            )
        names = [question.instruction or instruction for question in checklist.questions]
        self._parts = [
            _Part(
                rt,
                checklist,
                [number for number, used in enumerate(names) if used == name],
                rt.instructions.get(name),
                dim,
            )
            for name in dict.fromkeys(names)
        ]
        self._count = len(names)
        self._present = self._scale_of_answers()
        others = [scores for part in self._parts for scores in part.others]
        known = [list(scores.T) for scores in self._scores(ordinary, memorize=True) if len(scores)]
        scales = [typical_scale(columns) for columns in (others, *known)]
        # one for all questions: passages of single ones are too few to tell how high they go
        self._absent = ScoreScale(
            np.full(self._count, np.mean([scale.location.mean() for scale in scales])),
            np.full(self._count, np.mean([scale.spread.mean() for scale in scales])),
        )

    def read(self, documents: Sequence[Sequence[str]]) -> list[DocumentAnswers]:
        """What documents answer.

        Args:
            documents: the passages of each, in order.
        """
        return [self._answers(scores) for scores in self._scores(documents)]

    def _answers(self, scores: Floats) -> DocumentAnswers:
        if not len(scores):
            return DocumentAnswers(np.zeros(self._count), scores, scores)
        probabilities = presence_probabilities(
            scores.max(axis=0), len(scores), self._absent, self._present, _PRIOR
        )
        shares = presence_probabilities(scores, len(scores), self._absent, self._present, _PRIOR)
        return DocumentAnswers(
            probabilities.round(DECIMALS), scores.round(DECIMALS), shares.round(DECIMALS)
        )

    def _scores(
        self, documents: Sequence[Sequence[str]], *, memorize: bool = False
    ) -> list[Floats]:
        """(n, q) scores of the passages of each document."""
        passages = [passage for document in documents for passage in document]
        scores = np.zeros((len(passages), self._count))
        if passages:
            for part in self._parts:
                scores[:, part.numbers] = part.scores(passages, memorize)
        ends = np.cumsum([0, *(len(document) for document in documents)])
        return [scores[start:end] for start, end in pairwise(ends)]

    def _scale_of_answers(self) -> ScoreScale:
        """How examples score, halfway between those of a question and those of all.

        A question with a single example has the scale of all.
        """
        scales = np.full((2, self._count), np.nan)
        for part in self._parts:
            for number, scores in zip(part.numbers, part.own, strict=True):
                if len(scores):
                    scales[:, number] = scores.mean(), scores.std()
        means = np.nanmean(scales, axis=1, keepdims=True)
        location, spread = (np.where(np.isnan(scales), means, scales) + means) / 2
        return ScoreScale(location, spread)


class _Part:
    """The questions that are embedded under one instruction."""

    def __init__(
        self,
        rt: Runtime,
        checklist: Checklist,
        numbers: Sequence[int],
        instruction: Instruction,
        dim: int | None,
    ) -> None:
        from metier.heads.question_scorer import QuestionScorer, fit_words

        self.numbers = list(numbers)
        self._rt = rt
        self._instruction = instruction
        self._dim = dim
        questions = checklist.questions
        self._terms = [
            Phrases(question.terms) if question.terms else None for question in questions
        ]
        pool, owner, is_example = _pool_of(checklist)
        analyzer = Analyzer(rt.instructions.retrieval(instruction.domain))
        self._words = fit_words(pool, analyzer.names)
        asked = [_asking(question) for question in questions]
        self._asked_of = np.repeat(np.arange(len(asked)), [len(texts) for texts in asked])
        self._asked = self._embed([text for texts in asked for text in texts], is_query=True)
        features = self._features(pool, self._embed(pool, memorize=True))
        self._scorer: QuestionScorer = QuestionScorer(features, owner, is_example)
        self.own = [self._scorer.own[number] for number in self.numbers]
        self.others = [self._scorer.others[number] for number in self.numbers]

    def scores(self, passages: Sequence[str], memorize: bool) -> Floats:
        """(n, k) scores for the questions of this part."""
        vectors = self._embed(passages, memorize=memorize)
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(passages), _BLOCK)]
        scores = [
            self._scorer.scores(self._features(passages[block], vectors[block])) for block in blocks
        ]
        return np.concatenate(scores)[:, self.numbers]

    def _embed(
        self, texts: Sequence[str], *, is_query: bool = False, memorize: bool = False
    ) -> npt.NDArray[np.float32]:
        side: Side = "query" if is_query else "document"
        return np.asarray(
            self._rt.engine.embed(
                texts, side, instruction=self._instruction, dim=self._dim,
                memorize=memorize or is_query,
            )
        )  # fmt: skip

    def _features(
        self, passages: Sequence[str], vectors: npt.NDArray[np.float32]
    ) -> PassageFeatures:
        from metier.heads.question_scorer import PassageFeatures

        similar = (vectors @ self._asked.T).astype(np.float64)
        asked = np.stack(
            [
                similar[:, self._asked_of == number].max(axis=1)
                for number in range(len(self._terms))
            ],
            axis=1,
        )
        tokens = map(Tokens.of, passages)
        named = np.array(
            [
                [terms is not None and bool(terms._matches(words)) for terms in self._terms]
                for words in tokens
            ]
        )
        return PassageFeatures(vectors, self._words(passages), asked, named)


def _asking(question: ChecklistQuestion) -> list[str]:
    """Texts that ask a question."""
    return [f"{question.title}: {question.description}", *question.questions]


def _pool_of(
    checklist: Checklist,
) -> tuple[list[str], npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """The passages of a checklist, the question of each, and whether it answers this."""
    pool = [
        (text, number, is_example)
        for number, question in enumerate(checklist.questions)
        for is_example, texts in ((True, question.examples), (False, question.contrasts))
        for text in texts
    ]
    pool += [(text, -1, False) for text in checklist.neutral]
    texts, owner, is_example = zip(*pool, strict=True)
    return list(texts), np.array(owner), np.array(is_example)
