"""Flagging texts for risks: the step of every flagging workflow.

Sentences of the texts are embedded as documents, under an instruction only where it is for both
sides. Sentences of the taxonomy are embedded as queries under the instruction of their risk, in the
vector size of the first risk; the Runtime keeps their vectors for the next run. Each risk is
contrasted with the contrasts of all risks and the neutral sentences, as a denial of one risk is no
sign of another.

A sentence does not count for a risk if it says of it what the risk rules out, such as that it never
happened; see `Risk.rules_out`. Negation counts only where a term of the risk is negated, as many
signs are negations themselves, and words count only if the nearest sign has none of the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.engine.long_texts import LongTextMode
from metier.registry.taxonomy import FEWEST_SIGNS, Taxonomy
from metier.steps.flag_report import (
    Evidence,
    FlaggedText,
    FlagReport,
    NearestExample,
    RiskScore,
    RuledOut,
)
from metier.steps.risk_comparison import (
    DECIMALS,
    RiskComparison,
    compare_risks,
    comparison_scores,
    nearest_examples,
)
from metier.steps.sentence_status import AFFIRMED, SentenceStatus, StatusReader
from metier.steps.suggested_thresholds import suggested_thresholds
from metier.texts.sentences import Span, sentences
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.assertion.rules import AssertionRules
    from metier.runtime.runtime import Runtime
    from metier.texts.abbreviations import Abbreviations, ExpandedText

_READ_FROM = 0.1
"""Score from which the status of a sentence is read; below it changes nothing worth knowing."""


def flag_texts(
    rt: Runtime,
    texts: Texts,
    taxonomy: Taxonomy,
    *,
    threshold: float,
    noun: str = "texts",
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
    assertion: AssertionRules | None = None,
    abbreviations: Abbreviations | None = None,
    rerank: bool | None = None,
    labels: str | None = None,
) -> FlagReport:
    """Score every sentence of every text for every risk; a text scores as its highest sentence.

    Args:
        rt: the Runtime.
        texts: what to score.
        taxonomy: the risks and how they read.
        threshold: least score that is flagged, in [0, 1], for risks without one of their own.
        noun: what the texts are, for people.
        dim: vector size; None for the default of the first risk's instruction.
        long_texts: of sentences longer than the model reads, `pool` scores every part, and `cut`
            only their beginning.
        assertion: rules that say what a sentence states of a risk; None to count every sentence.
        abbreviations: that are read; offsets stay those of the texts as they are.
        rerank: whether a reranker reads flagged and ruled out sentences; None if there is one.
        labels: field of the texts with labels of the user's, by which thresholds are suggested.

    Raises:
        InputError: the texts have no such labels, or labels that cannot be used.
        UsageError: a reranker is required and there is none.
    """
    if rerank:
        rt.engine.require_reranker()  # before the texts are embedded
    read = [_ReadText.of(item.text, abbreviations) for item in texts]
    if long_texts == "pool":
        _divide(rt, read, taxonomy)
    scored = _scored_risks(rt, read, taxonomy, dim, threshold, assertion)
    if rerank is not False and rt.reranker is not None:
        for risk in scored:
            risk.add_probabilities(rt)
    return _report(texts, read, scored, noun=noun, threshold=threshold, labels=labels)


def _report(
    texts: Texts,
    read: list[_ReadText],
    scored: list[_ScoredRisk],
    *,
    noun: str,
    threshold: float,
    labels: str | None,
) -> FlagReport:
    """The report of scored texts; arguments as of `flag_texts`."""
    starts = _starts(read)
    items = tuple(
        FlaggedText(
            id=item.id,
            text=item.text,
            fields=dict(item.fields),
            scores=_scores_of(scored, index, read[index], starts[index]),
        )
        for index, item in enumerate(texts)
    )
    risks = [risk.comparison.risk for risk in scored]
    titles = {risk.id: risk.title for risk in risks}
    return FlagReport(
        noun=noun,
        threshold=threshold,
        titles=titles,
        thresholds={risk.id: risk.threshold for risk in risks if risk.threshold is not None},
        items=items,
        suggestions=() if labels is None else suggested_thresholds(items, titles, labels),
        few_signs={risk.id: len(risk.signs) for risk in risks if len(risk.signs) < FEWEST_SIGNS},
    )


def _starts(read: list[_ReadText]) -> list[int]:
    """Where the sentences of each text begin among those of all, and where the last ones end."""
    return list(accumulate((len(text.spans) for text in read), initial=0))


def _scored_risks(
    rt: Runtime,
    read: list[_ReadText],
    taxonomy: Taxonomy,
    dim: int | None,
    threshold: float,
    assertion: AssertionRules | None,
) -> list[_ScoredRisk]:
    """Every risk of the sentences of all texts; arguments as of `flag_texts`."""
    contents = [span.text for text in read for span in text.spans]
    starts = _starts(read)
    comparisons = compare_risks(rt, contents, taxonomy, dim)
    scores = comparison_scores(comparisons)
    statuses = _statuses(comparisons, contents, scores, assertion)
    return [
        _ScoredRisk.of(comparison, of_risk, contents, starts, threshold, denied)
        for comparison, of_risk, denied in zip(comparisons, scores, statuses, strict=True)
    ]


@dataclass(slots=True)
class _ReadText:
    """A text as it is embedded.

    Attributes:
        original: as it is.
        expanded: with its abbreviations written out; None where there are none.
        spans: sentences, or parts of them, with offsets in the expanded text.
    """

    original: str
    expanded: ExpandedText | None
    spans: list[Span]

    @classmethod
    def of(cls, text: str, abbreviations: Abbreviations | None) -> _ReadText:
        """Split a text into sentences, once its abbreviations are written out."""
        expanded = None if abbreviations is None else abbreviations.expand(text)
        read = text if expanded is None else expanded.text
        return cls(text, expanded, sentences(read) or [Span(0, len(read), read)])

    def original_span(self, index: int) -> tuple[int, int]:
        """Where a sentence is in the text as it is."""
        span = self.spans[index]
        if self.expanded is None:
            return span.start, span.end
        return self.expanded.original_span(span.start, span.end)


def _divide(rt: Runtime, texts: list[_ReadText], taxonomy: Taxonomy) -> None:
    """Divide sentences longer than the model reads into parts."""
    instructions = [
        rt.instructions.resolve(risk.instruction).instruction for risk in taxonomy.risks
    ]
    contents = [span.text for text in texts for span in text.spans]
    parts = iter(rt.engine.divide(contents, "document", instructions=instructions))
    for text in texts:
        text.spans = [
            Span(span.start + part.start, span.start + part.end, part.text)
            for span in text.spans
            for part in next(parts)
        ]


@dataclass(slots=True)
class _ScoredRisk:
    """One risk of the sentences of all texts.

    Attributes:
        comparison: the risk with vectors.
        contents: the sentences.
        threshold: least score that is flagged.
        scores: (n,) of every sentence, rounded as they are shown.
        counting: the same, 0 for those that are ruled out.
        best: the sentence of each text that stands for it.
        ruled_out: of each text the sentences that would have been flagged, in order.
        statuses: of sentences that are not affirmed.
        nearest: of the sentences that are shown the nearest sign and contrast.
        probabilities: of sentences that a reranker read.
    """

    comparison: RiskComparison
    contents: list[str]
    threshold: float
    scores: npt.NDArray[np.float64]
    counting: npt.NDArray[np.float64]
    best: list[int]
    ruled_out: list[list[int]]
    statuses: dict[int, SentenceStatus]
    nearest: dict[int, tuple[NearestExample, NearestExample]]
    probabilities: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        comparison: RiskComparison,
        scores: npt.NDArray[np.float64],
        contents: list[str],
        starts: list[int],
        threshold: float,
        statuses: dict[int, SentenceStatus],
    ) -> _ScoredRisk:
        """Choose the sentences that stand for their text.

        Args:
            comparison: the risk with vectors.
            scores: (n,) of the sentences.
            contents: the sentences of all texts.
            starts: where the sentences of each text begin, and where the last ones end.
            threshold: of the call.
            statuses: of sentences that are not affirmed.
        """
        own = comparison.risk.threshold
        limit = threshold if own is None else own
        counting = scores.copy()
        counting[list(statuses)] = 0.0
        best, ruled_out = [], []
        for first, last in pairwise(starts):
            of_text = counting[first:last]
            # where nothing counts, the sentence that comes nearest is shown with its status
            shown = of_text if of_text.any() else scores[first:last]
            best.append(int(first + shown.argmax()))
            ruled_out.append(
                [row for row in range(first, last) if row in statuses and scores[row] >= limit]
            )
        rows = sorted({*best, *(row for of_text in ruled_out for row in of_text)})
        nearest = dict(zip(rows, nearest_examples(comparison, rows), strict=True))
        return cls(
            comparison, contents, limit, scores, counting, best, ruled_out, statuses, nearest
        )

    def add_probabilities(self, rt: Runtime) -> None:
        """Let the reranker say of flagged and ruled out sentences whether they show the risk."""
        flagged = [row for row in self.best if self.counting[row] >= self.threshold]
        rows = sorted({*flagged, *(row for of_text in self.ruled_out for row in of_text)})
        if not rows:
            return
        risk = self.comparison.risk
        query = f"{risk.title}: {risk.description}" if risk.description else risk.title
        ranked = rt.engine.rerank(
            query, [self.contents[row] for row in rows], instruction=self.comparison.instruction
        )
        for document in ranked:
            self.probabilities[rows[document.index]] = round(document.score, DECIMALS)

    def score_of(self, index: int, text: _ReadText, first: int) -> RiskScore:
        """The score of a text.

        Args:
            index: of the text.
            text: as it was read.
            first: its first sentence.
        """
        best = self.best[index]
        return RiskScore(
            risk=self.comparison.risk.id,
            score=float(self.counting[best]),
            flagged=bool(self.counting[best] >= self.threshold),
            evidence=self._evidence(best, text, first),
            ruled_out=tuple(
                RuledOut(score=float(self.scores[row]), evidence=self._evidence(row, text, first))
                for row in self.ruled_out[index]
            ),
        )

    def _evidence(self, row: int, text: _ReadText, first: int) -> Evidence:
        start, end = text.original_span(row - first)
        sign, contrast = self.nearest[row]
        status = self.statuses.get(row, AFFIRMED)
        return Evidence(
            start=start,
            end=end,
            sentence=text.original[start:end],
            sign=sign,
            contrast=contrast,
            status=status.status,
            words=status.words,
            probability=self.probabilities.get(row),
        )


def _statuses(
    comparisons: list[RiskComparison],
    contents: list[str],
    scores: npt.NDArray[np.float64],
    assertion: AssertionRules | None,
) -> list[dict[int, SentenceStatus]]:
    """For each risk the sentences that say of it what it rules out, among those that come near it.

    A sentence is read once for all risks.
    """
    from metier.analysis.comparison_scores import nearest

    statuses: list[dict[int, SentenceStatus]] = [{} for _ in comparisons]
    is_near = scores >= _READ_FROM
    rows = np.flatnonzero(is_near.any(axis=0))
    if assertion is None or not len(rows):
        return statuses
    readers = [StatusReader(assertion, comparison.risk) for comparison in comparisons]
    signs = [nearest(comparison.texts[rows], comparison.signs)[0] for comparison in comparisons]
    for position, row in enumerate(rows.tolist()):
        sentence = assertion._read(contents[row])  # once for all risks
        for index in np.flatnonzero(is_near[:, row]).tolist():
            sign = comparisons[index].risk.signs[signs[index][position]]
            status = readers[index].status(sentence, sign)
            if status != AFFIRMED:
                statuses[index][row] = status
    return statuses


def _scores_of(
    scored: list[_ScoredRisk], index: int, text: _ReadText, first: int
) -> tuple[RiskScore, ...]:
    """Scores of one text, highest first."""
    scores = [risk.score_of(index, text, first) for risk in scored]
    return tuple(sorted(scores, key=lambda score: (-score.score, score.risk)))
