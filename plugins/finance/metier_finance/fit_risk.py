"""finance/fit-risk: what earlier applications and their outcomes say about risk."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    GoalFlags,
    GoalPrecision,
    GoalRecall,
    HeadColumns,
    HeadFolder,
    HeadLevel,
    HeadResult,
    LongTexts,
    ParameterError,
    Positive,
    Runtime,
    Subgroup,
    Texts,
    fit_and_save,
    labels_of,
    workflow,
)


@workflow("finance/fit-risk", instruction="finance/delinquency-risk")
def fit_risk(
    rt: Runtime,
    applications: Annotated[
        Texts, Field(description="Earlier applications, with a column that says how each ended.")
    ],
    *,
    at: HeadFolder = None,
    outcome_field: Annotated[
        str, Field(description="Column that holds the outcome, one of two.")
    ] = "outcome",
    positive: Annotated[
        Positive, Field(description="Outcome that is a risk; the rarer one by default.")
    ] = None,
    columns: HeadColumns = (),
    subgroup: Subgroup = (),
    recall: GoalRecall = None,
    precision: GoalPrecision = None,
    flags: GoalFlags = None,
    level: HeadLevel = 0.9,
    seed: Annotated[int, Field(ge=0, description="Draws the examples that are held out.")] = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> HeadResult:
    """Learn from earlier applications which ended badly, and say how far their texts tell.

    The figures are of applications that were held out: ROC-AUC, calibration, how often it is not
    sure, and for groups of a column the share that is flagged, with the four-fifths rule.
    """
    return fit_and_save(
        rt,
        applications,
        outcomes_of(applications, outcome_field),
        instruction="finance/delinquency-risk",
        noun="applications",
        at=at,
        columns=columns,
        subgroup=subgroup,
        positive=positive,
        recall=recall,
        precision=precision,
        flags=flags,
        level=level,
        seed=seed,
        dim=dim,
        long_texts=long_texts,
    )


def outcomes_of(applications: Texts, field: str) -> list[str]:
    """The outcome of each application.

    Raises:
        InputError: one has none.
        ParameterError: there are not two different ones.
    """
    outcomes = labels_of(applications, field, parameter="outcome_field")
    different = sorted(set(outcomes))
    if len(different) != 2:
        shown = ", ".join(repr(outcome[:40]) for outcome in different[:5])
        shown += " ..." if len(different) > 5 else ""
        raise ParameterError(
            f"Applications end in one of two ways, and {field!r} has {len(different)}: {shown}.",
            fix="Name the column of the outcome ($outcome_field), leave out those that are not "
            "over yet, or use core/fit for more labels.",
            parameters={"outcome_field": ...},
            parameter="outcome_field",
        )
    return outcomes
