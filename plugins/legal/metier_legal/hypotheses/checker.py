"""Checks agreements: every hypothesis entailed, contradicted or not mentioned, with evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metier.plugin import Checklist, ChecklistQuestion, ChecklistReader, Phrases
from metier_legal.hypotheses.norms import Norm, NormKind, is_of_others, read_norm
from metier_legal.hypotheses.report import (
    AgreementFindings,
    Basis,
    HypothesisEvidence,
    HypothesisFinding,
    Side,
)
from metier_legal.hypotheses.shipped import subjects_of
from metier_legal.hypotheses.sides import SideOdds, SideReader, Vectors
from metier_legal.hypotheses.statements import Statement, contract_statements
from metier_legal.structure import Contract

if TYPE_CHECKING:
    from metier.plugin import DocumentAnswers, Runtime

INSTRUCTION = "legal/nda-review"

THRESHOLD = 0.6
"""Probability from which a hypothesis counts as mentioned."""

_ENTAILED_MORE = float(np.log(3.0))
"""Log odds of the sides of a statement of which nothing is known."""

_EXCLUSIVE = re.compile(r"\b(?:only|solely|exclusively|nothing but)\b", re.IGNORECASE)
"""Words of a hypothesis that anything else which an agreement names contradicts."""

_ALLOWING = re.compile(r"\bmay\b", re.IGNORECASE)
"""Word of a hypothesis that one permission entails, whatever else is forbidden."""

_BANNING = re.compile(r"\bmust not\b(?!.*\bother than\b)", re.IGNORECASE)
"""Words of a hypothesis that a permission without conditions contradicts."""

_ALLOWED = 0.8
"""Confidence from which a permission decides on such a hypothesis."""

_NEAR = 0.3
"""Probability that a statement is about a hypothesis, from which its side is told."""

_MOST_EVIDENCE = 3
"""Statements of a side that a finding has at most."""

_DECIMALS = 4


class _Judgment(NamedTuple):
    """A statement near a hypothesis, with what it says of it."""

    statement: Statement
    norm: Norm
    odds: SideOdds
    vector: Vectors
    entails: float
    contradicts: float

    @property
    def side(self) -> Side:
        """The likelier one."""
        return "entails" if self.entails >= self.contradicts else "contradicts"

    @property
    def confidence(self) -> float:
        """Probability of the likelier side."""
        return max(self.entails, self.contradicts)


class HypothesisChecker:
    """Sets agreements against hypotheses.

    Which statements are about a hypothesis is learned from all of its sentences, which entail or
    contradict it, in contrast with those of other hypotheses and neutral ones (`ChecklistReader`).
    Which side a statement is on is told by `SideReader`. The statement that is likeliest to be
    about a hypothesis and on one side decides.

    Args:
        rt: the Runtime.
        hypotheses: examples entail what a description says, and contrasts contradict it.
        threshold: probability from which a hypothesis is mentioned, of those without their own.
        dim: vector size; None for that of the instruction.
    """

    def __init__(
        self,
        rt: Runtime,
        hypotheses: Checklist,
        *,
        threshold: float = THRESHOLD,
        dim: int | None = None,
    ) -> None:
        self._rt = rt
        self._dim = dim
        self._threshold = threshold
        self._hypotheses = hypotheses.questions
        self._terms = [
            Phrases(hypothesis.terms) if hypothesis.terms else None
            for hypothesis in self._hypotheses
        ]
        self._reader = ChecklistReader(
            rt, subjects_of(hypotheses), instruction=INSTRUCTION, dim=dim
        )
        two_sided = [hypothesis for hypothesis in self._hypotheses if hypothesis.contrasts]
        vectors = [
            self._embed([*hypothesis.examples, *hypothesis.contrasts], memorize=True)
            for hypothesis in two_sided
        ]
        self._sides = SideReader(two_sided, vectors, hypotheses.neutral)

    def check(self, contracts: Sequence[Contract]) -> list[AgreementFindings]:
        """What agreements say to each hypothesis, in the order of the hypotheses."""
        statements = [contract_statements(contract) for contract in contracts]
        answers = self._reader.read(
            [[statement.content for statement in of_contract] for of_contract in statements]
        )
        return [
            AgreementFindings(agreement=contract.id, findings=self._findings(of_contract, answered))
            for contract, of_contract, answered in zip(contracts, statements, answers, strict=True)
        ]

    def _findings(
        self, statements: Sequence[Statement], answers: DocumentAnswers
    ) -> tuple[HypothesisFinding, ...]:
        """One for each hypothesis."""
        is_near = answers.shares >= _NEAR
        rows = np.flatnonzero(is_near.any(axis=1)).tolist()
        vectors = dict(zip(rows, self._embed([statements[row].text for row in rows]), strict=True))
        findings = []
        for number, probability in enumerate(answers.probabilities.tolist()):
            shares = answers.shares[:, number]
            judged = [
                self._judge(number, statements[row], vectors[row], float(shares[row]))
                for row in rows
                if is_near[row, number]
            ]
            if self._is_allowing(number):
                judged = [
                    statement_judged
                    for statement_judged in judged
                    if not is_of_others(statement_judged.statement.text, statement_judged.norm)
                ]
            findings.append(self._finding(number, judged, probability))
        return tuple(findings)

    def _judge(self, number: int, statement: Statement, vector: Vectors, share: float) -> _Judgment:
        """What a statement says of a hypothesis.

        Args:
            number: of the hypothesis.
            statement: near it.
            vector: of the statement.
            share: probability that it is about the hypothesis.
        """
        norm = read_norm(statement.text, self._terms[number], statement.lead)
        hypothesis = self._hypotheses[number]
        if not hypothesis.contrasts:
            return _Judgment(statement, norm, SideOdds(0.0, 0.0, 0.0), vector, share, 0.0)
        odds = self._sides.odds(hypothesis.id, norm.kind, statement.text, vector)
        prior = _prior(hypothesis.description, norm.kind)
        entailing = float(1.0 / (1.0 + np.exp(-(sum(odds) + prior))))
        return _Judgment(
            statement, norm, odds, vector, share * entailing, share * (1.0 - entailing)
        )

    def _is_allowing(self, number: int) -> bool:
        """Whether a hypothesis says what somebody may do."""
        return _ALLOWING.search(self._hypotheses[number].description) is not None

    def _finding(
        self, number: int, judged: Sequence[_Judgment], probability: float
    ) -> HypothesisFinding:
        hypothesis = self._hypotheses[number]
        threshold = self._threshold if hypothesis.threshold is None else hypothesis.threshold
        about = {
            "hypothesis": hypothesis.id,
            "title": hypothesis.title,
            "statement": hypothesis.description,
            "group": hypothesis.group,
        }
        if probability < threshold or not judged:
            confidence = round(1.0 - probability, _DECIMALS)
            return HypothesisFinding(**about, outcome="NOT MENTIONED", confidence=confidence)
        ordered = _ordered(judged, self._is_allowing(number))
        side = ordered[0].side
        same = [evidence for evidence in ordered if evidence.side == side]
        others = [evidence for evidence in ordered if evidence.side != side]
        shown = [*same[:_MOST_EVIDENCE], *others[:_MOST_EVIDENCE]]
        return HypothesisFinding(
            **about,
            outcome="ENTAILED" if side == "entails" else "CONTRADICTED",
            confidence=round(ordered[0].confidence, _DECIMALS),
            evidence=tuple(
                self._evidence(hypothesis, evidence)
                for evidence in shown
                if evidence is ordered[0] or evidence.confidence >= threshold
            ),
        )

    def _evidence(self, hypothesis: ChecklistQuestion, judged: _Judgment) -> HypothesisEvidence:
        statement = judged.statement
        sign, similarity = self._sign(hypothesis, judged)
        basis, words = self._basis(hypothesis, judged)
        return HypothesisEvidence(
            start=statement.start,
            end=statement.end,
            quote=statement.text,
            lead=statement.lead,
            clause=statement.clause.label,
            page=statement.clause.page,
            side=judged.side,
            confidence=round(judged.confidence, _DECIMALS),
            norm=judged.norm.kind,
            words=words,
            basis=basis,
            sign=sign,
            similarity=round(similarity, _DECIMALS),
        )

    def _basis(self, hypothesis: ChecklistQuestion, judged: _Judgment) -> tuple[Basis, str]:
        """What spoke most for the side of a statement, and the words of it."""
        norm = judged.norm
        if not hypothesis.contrasts:
            return "similarity", norm.words
        entails = judged.side == "entails"
        by_norm, by_words, by_similarity = (odds if entails else -odds for odds in judged.odds)
        if by_words > max(by_norm, by_similarity):
            telling = self._sides.telling_words(hypothesis.id, judged.statement.text, entails)
            return "words", ", ".join(telling)
        if by_norm > by_similarity and norm.kind != "stated":
            return "norm", norm.words
        return "similarity", norm.words

    def _sign(self, hypothesis: ChecklistQuestion, judged: _Judgment) -> tuple[str, float]:
        """The nearest sentence of the side of a statement, and its cosine."""
        if hypothesis.contrasts:
            return self._sides.nearest(hypothesis.id, judged.vector, judged.side == "entails")
        cosines = self._embed(hypothesis.examples, memorize=True) @ judged.vector
        best = int(cosines.argmax())
        return hypothesis.examples[best], float(cosines[best])

    def _embed(self, texts: Sequence[str], *, memorize: bool = False) -> Vectors:
        """(n, dim) unit vectors."""
        instruction = self._rt.instructions.get(INSTRUCTION)
        return np.asarray(
            self._rt.engine.embed(
                texts, "document", instruction=instruction, dim=self._dim, memorize=memorize
            )
        )


def _prior(description: str, kind: NormKind) -> float:
    """Log odds of the sides of a statement before what it says, beside what it makes of the terms.

    Args:
        description: of the hypothesis.
        kind: of the norm of the statement.
    """
    if _EXCLUSIVE.search(description) or (kind == "permitted" and _BANNING.search(description)):
        return 0.0
    return _ENTAILED_MORE


def _ordered(judged: Sequence[_Judgment], is_allowing: bool) -> list[_Judgment]:
    """The statements near a hypothesis, the one that decides first.

    Args:
        judged: at least one.
        is_allowing: whether the hypothesis says what somebody may do. Agreements forbid it to all
            and allow it to some, which entails it: the surest permission goes first.
    """

    def rank(evidence: _Judgment) -> tuple[bool, float]:
        allows = evidence.side == "entails" and evidence.norm.kind in ("permitted", "restricted")
        return is_allowing and allows and evidence.confidence >= _ALLOWED, evidence.confidence

    return sorted(judged, key=rank, reverse=True)
