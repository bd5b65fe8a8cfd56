"""A prepared call of the reranker: which model and task, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.engine.embedding import warn_of_cut
from metier.progress import Progress, working

if TYPE_CHECKING:
    from metier.engine.ledger import Ledger
    from metier.models.reranker import Reranker
    from metier.registry.instruction import Instruction


@dataclass(frozen=True, slots=True)
class RerankedDocument:
    """A reranked document.

    Attributes:
        index: its place in the list that was given.
        score: probability of relevance, in [0, 1].
        text: the document.
    """

    index: int
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class RerankingCall:
    """How the documents of one call are ordered.

    Attributes:
        reranker: the model.
        instruction: whose task it reads; None for the model's default.
        progress: what the work reports to.
        ledgers: of the runs the call is part of.
    """

    reranker: Reranker
    instruction: Instruction | None
    progress: Progress
    ledgers: tuple[Ledger, ...]

    def rank(self, query: str, documents: Sequence[str]) -> list[RerankedDocument]:
        """Every document, best first, ties in given order; what was used is written down.

        Raises:
            As `Reranker.score`.

        Warns:
            MetierWarning: a text was cut; workflows say it in their results.
        """
        task = None if self.instruction is None else self.instruction.task
        with working(self.progress, "reranking", len(documents)) as bar:
            scored = self.reranker.score(query, documents, task=task, progress=bar)
        for ledger in self.ledgers:
            ledger.used_model("reranker", self.reranker)
            ledger.count("reranker", scored)
            if self.instruction is not None:
                ledger.used_instruction(self.instruction, None)
        if not self.ledgers:
            warn_of_cut(self.reranker.profile, int(scored.truncated.sum()), len(documents))
        order = sorted(range(len(documents)), key=lambda index: (-scored.scores[index], index))
        return [
            RerankedDocument(index, float(scored.scores[index]), documents[index])
            for index in order
        ]
