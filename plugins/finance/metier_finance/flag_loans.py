"""finance/flag-loans: which applications to read first, and the sentence that says why."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    FlagReport,
    LongTexts,
    Runtime,
    Taxonomy,
    Texts,
    Threshold,
    flag_texts,
    load_data,
    workflow,
)

THRESHOLD = 0.55
"""A little above undecided: on the plugin's samples most flags are right and most risks found."""


@workflow("finance/flag-loans", instruction="finance/delinquency-risk")
def flag_loans(
    rt: Runtime,
    applications: Annotated[
        Texts, Field(description="Loan applications in the borrower's own words.")
    ],
    *,
    threshold: Threshold = THRESHOLD,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> FlagReport:
    """Score loan applications for each risk of the taxonomy, with the sentence that says why.

    Every sentence is compared with sentences that show a risk and with sentences that come near
    it without showing it. An application scores as its highest sentence.
    """
    return flag_texts(
        rt,
        applications,
        taxonomy(),
        threshold=threshold,
        noun="applications",
        dim=dim,
        long_texts=long_texts,
    )


@cache
def taxonomy() -> Taxonomy:
    """The risks this plugin knows, read from its `risks.yaml`."""
    return load_data(Path(str(files("metier_finance") / "risks.yaml")), Taxonomy)
