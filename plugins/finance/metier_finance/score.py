"""finance/score: the risk of applications, by a head that learned from earlier ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier import Head, apply_head, fit_head
from metier.plugin import (
    ParameterError,
    PredictionReport,
    Runtime,
    Texts,
    workflow,
)
from metier_finance.fit_risk import outcomes_of


@workflow("finance/score", instruction="finance/delinquency-risk")
def score(
    rt: Runtime,
    applications: Annotated[Texts, Field(description="Applications to score.")],
    *,
    head: Annotated[
        Path | None, Field(description="Folder of a head, as finance/fit-risk saves it.")
    ] = None,
    earlier: Annotated[
        Texts | None,
        Field(description="Earlier applications with an outcome to learn from, not a head."),
    ] = None,
    outcome_field: Annotated[
        str, Field(description="Column of the earlier applications that holds the outcome.")
    ] = "outcome",
) -> PredictionReport:
    """Score applications by what earlier ones with their outcomes say, and say what is not sure.

    A score is a calibrated probability of the outcome that is a risk, of applications like those
    that were learned from.
    """
    if (head is None) == (earlier is None):
        raise ParameterError(
            "finance/score takes either a head or earlier applications"
            + (", and got neither." if head is None else ", and got both."),
            fix="Name the folder of a head ($head), or give earlier applications ($earlier).",
            parameters={"head": ..., "earlier": ...},
            parameter="head",
        )
    if head is not None:
        learned = Head.load(head)
    else:
        assert earlier is not None
        outcomes = outcomes_of(earlier, outcome_field)
        learned = fit_head(rt, earlier, outcomes, instruction="finance/delinquency-risk")
    prediction = apply_head(rt, learned, applications)
    return PredictionReport.of(learned, prediction, applications, noun="applications")
