"""Sentences compared with a taxonomy: vectors, scores and the nearest examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from metier.registry.taxonomy import Risk, Taxonomy
from metier.steps.flag_report import NearestExample

if TYPE_CHECKING:
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime

DECIMALS = 4
"""Of scores, similarities and probabilities, as they are shown and compared with thresholds."""


class RiskComparison(NamedTuple):
    """A risk with vectors to compare.

    Attributes:
        risk: the risk.
        instruction: that its sentences are embedded under.
        texts: (n, dim) of the sentences of all texts.
        signs: (p, dim) of its signs.
        background: (q + m, dim) of contrasts and neutral sentences.
        contrasts: the q + m sentences.
        neutral: m, how many of them are neutral.
    """

    risk: Risk
    instruction: Instruction
    texts: npt.NDArray[np.float32]
    signs: npt.NDArray[np.float32]
    background: npt.NDArray[np.float32]
    contrasts: list[str]
    neutral: int


def compare_risks(
    rt: Runtime, contents: list[str], taxonomy: Taxonomy, dim: int | None
) -> list[RiskComparison]:
    """Every risk with vectors, those that risks share embedded once."""
    embedded: dict[str, npt.NDArray[np.float32]] = {}
    contrasts = [sentence for risk in taxonomy.risks for sentence in risk.contrasts]
    contrasts += taxonomy.neutral
    backgrounds: dict[str, npt.NDArray[np.float32]] = {}
    comparisons = []
    for risk in taxonomy.risks:
        declared = rt.instructions.resolve(risk.instruction).instruction
        key = declared.full_id if declared.sides == "both" else ""
        if key not in embedded:
            embedded[key] = rt.embed_documents(contents, instruction=risk.instruction, dim=dim)
            dim = embedded[key].shape[1]  # vectors of different sizes cannot be compared
        if risk.instruction not in backgrounds:
            backgrounds[risk.instruction] = rt.engine.embed(
                contrasts, "query", instruction=declared, dim=dim, memorize=True
            )
        signs = rt.engine.embed(risk.signs, "query", instruction=declared, dim=dim, memorize=True)
        background = backgrounds[risk.instruction]
        comparisons.append(
            RiskComparison(
                risk, declared, embedded[key], signs, background, contrasts, len(taxonomy.neutral)
            )
        )
    return comparisons


def comparison_scores(comparisons: list[RiskComparison]) -> npt.NDArray[np.float64]:
    """(risks, n) scores of every sentence, rounded: they are flagged as they are shown."""
    from metier.analysis.comparison_scores import contrast_margins, contrast_scores

    margins = []
    for comparison in comparisons:
        contrasts, neutral = np.split(comparison.background, [-comparison.neutral])
        margins.append(contrast_margins(comparison.texts, comparison.signs, contrasts, neutral))
    return contrast_scores(margins).round(DECIMALS)


def nearest_examples(
    comparison: RiskComparison, rows: list[int]
) -> list[tuple[NearestExample, NearestExample]]:
    """The nearest sign and the nearest contrast of sentences."""
    from metier.analysis.comparison_scores import nearest

    vectors = comparison.texts[rows]
    pairs = []
    sides = (
        (comparison.signs, comparison.risk.signs),
        (comparison.background, comparison.contrasts),
    )
    for examples, of_side in sides:
        positions, cosines = nearest(vectors, examples)
        pairs.append(
            [
                NearestExample(
                    sentence=of_side[position], similarity=round(float(cosine), DECIMALS)
                )
                for position, cosine in zip(positions, cosines, strict=True)
            ]
        )
    return list(zip(*pairs, strict=True))
