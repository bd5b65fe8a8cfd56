"""Clauses against those of reference contracts: how usual they are, what they lack and add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier_legal.review.findings import ReferenceFinding, Status

if TYPE_CHECKING:
    from metier.plugin import Runtime

_FEWEST = 5
"""Contracts with a clause from which it is said how much such clauses differ."""

_RARE = 0.1
"""Share of the contracts below which a clause is unusual, and above one minus which its absence."""

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ReferenceClause:
    """What a reference contract says to a question.

    Attributes:
        contract: its id.
        passages: sentences that answer, at least one.
    """

    contract: str
    passages: Sequence[str]


@dataclass(slots=True)
class ReferenceSet:
    """The clauses of reference contracts by question.

    Attributes:
        rt: the Runtime.
        instruction: id of the one that clauses are embedded under.
        dim: vector size.
        contracts: how many there are.
        clauses: by question.
    """

    rt: Runtime
    instruction: str
    dim: int | None
    contracts: int
    clauses: Mapping[str, Sequence[ReferenceClause]]
    _usual: dict[str, float] = field(default_factory=dict)

    def compare(self, question: str, status: Status, passages: Sequence[str]) -> ReferenceFinding:
        """How usual it is what a contract says to a question, or that it says nothing.

        Args:
            question: its id.
            status: whether the contract has such a clause.
            passages: sentences that answer, or none.
        """
        clauses = self.clauses.get(question, ())
        share = len(clauses) / self.contracts
        is_telling = self.contracts >= _FEWEST
        if status == "missing" or not passages:
            is_unusual = is_telling and share >= 1 - _RARE and status == "missing"
            return ReferenceFinding(
                contracts=self.contracts, share=round(share, 4), is_unusual=is_unusual
            )
        if not clauses:
            return ReferenceFinding(
                contracts=self.contracts, share=0.0, is_unusual=is_telling and status == "present"
            )
        return self._compared(question, clauses, passages, is_telling and share <= _RARE)

    def _compared(
        self,
        question: str,
        clauses: Sequence[ReferenceClause],
        passages: Sequence[str],
        is_rare: bool,
    ) -> ReferenceFinding:
        own = self._embed(passages)
        others = [self._embed(clause.passages) for clause in clauses]
        similarities = [_similarity(own, other) for other in others]
        best = int(np.argmax(similarities))
        usual = self._usual_similarity(question, others)
        near = own @ others[best].T
        least = usual if usual is not None else float(np.mean(similarities))
        lacks = [
            text
            for text, cosine in zip(clauses[best].passages, near.max(axis=0), strict=True)
            if cosine < least
        ]
        adds = [
            text for text, cosine in zip(passages, near.max(axis=1), strict=True) if cosine < least
        ]
        similarity = round(similarities[best], 4)
        return ReferenceFinding(
            contracts=self.contracts,
            share=round(len(clauses) / self.contracts, 4),
            contract=clauses[best].contract,
            quote=" ".join(clauses[best].passages),
            similarity=similarity,
            usual=usual,
            is_unusual=is_rare or (usual is not None and similarity < usual),
            lacks=tuple(lacks),
            adds=tuple(adds),
        )

    def _usual_similarity(self, question: str, clauses: Sequence[Vectors]) -> float | None:
        """Similarity to their nearest other that nine of ten clauses of the set have."""
        if len(clauses) < _FEWEST:
            return None
        if question not in self._usual:
            nearest = [
                max(
                    _similarity(clause, other)
                    for other in (*clauses[:number], *clauses[number + 1 :])
                )
                for number, clause in enumerate(clauses)
            ]
            self._usual[question] = round(float(np.quantile(nearest, 0.1)), 4)
        return self._usual[question]

    def _embed(self, passages: Sequence[str]) -> Vectors:
        return np.asarray(
            self.rt.embed_documents(list(passages), instruction=self.instruction, dim=self.dim)
        )


def _similarity(first: Vectors, second: Vectors) -> float:
    """Mean cosine of the passages of each of two clauses with the nearest of the other."""
    cosines = first @ second.T
    return float((cosines.max(axis=0).mean() + cosines.max(axis=1).mean()) / 2)
