"""finance/flag-loans: which applications to read first, and the sentence that says why."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Abbreviations,
    AbbreviationsFile,
    AssertionRules,
    Dim,
    FlagReport,
    FlagThreshold,
    LabelColumn,
    LongTexts,
    RerankFlags,
    RulesFile,
    Runtime,
    Taxonomy,
    Texts,
    domain_taxonomy,
    flag_texts,
    load_data,
    workflow,
)

THRESHOLD = 0.5
"""Of sentences that show no risk about one in a hundred scores as high for a risk."""


@workflow("finance/flag-loans", instruction="finance/delinquency-risk")
def flag_loans(
    rt: Runtime,
    applications: Annotated[
        Texts, Field(description="Loan applications in the borrower's own words.")
    ],
    *,
    taxonomy: Annotated[
        Path | None,
        Field(
            description="YAML file that adds risks, changes them by id, or removes them: keys "
            "risks, remove and neutral."
        ),
    ] = None,
    threshold: FlagThreshold = None,
    rules: RulesFile = None,
    abbreviations: AbbreviationsFile = None,
    labels: LabelColumn = None,
    rerank: RerankFlags = None,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> FlagReport:
    """Score loan applications for each risk of the taxonomy, with the sentence that says why.

    Every sentence is compared with sentences that show a risk and with sentences that come near
    it without showing it. An application scores as its highest sentence that speaks of the
    applicant and of now: what is denied, imagined, long past or of another person is ruled out,
    and shown with the words that say so.
    """
    risks = domain_taxonomy(rt, "finance", shipped_taxonomy(), taxonomy)
    more_rules = () if rules is None else (rules,)
    more_forms = () if abbreviations is None else (abbreviations,)
    return flag_texts(
        rt,
        applications,
        risks if threshold is None else risks.with_one_threshold(),
        threshold=THRESHOLD if threshold is None else threshold,
        noun="applications",
        dim=dim,
        long_texts=long_texts,
        assertion=AssertionRules.load("en", _file("assertion.yaml"), *more_rules),
        abbreviations=Abbreviations.load(_file("abbreviations.yaml"), *more_forms),
        rerank=rerank,
        labels=labels,
    )


def flag_applications(rt: Runtime, applications: Texts, *, dim: int | None = None) -> FlagReport:
    """Score applications for the risks of the plugin, as `flag_loans` does by default."""
    return flag_texts(
        rt,
        applications,
        domain_taxonomy(rt, "finance", shipped_taxonomy(), None),
        threshold=THRESHOLD,
        noun="applications",
        dim=dim,
        assertion=AssertionRules.load("en", _file("assertion.yaml")),
        abbreviations=Abbreviations.load(_file("abbreviations.yaml")),
    )


@cache
def shipped_taxonomy() -> Taxonomy:
    """The risks this plugin knows, read from its `risks.yaml`."""
    return load_data(_file("risks.yaml"), Taxonomy)


def _file(name: str) -> Path:
    return Path(str(files("metier_finance") / name))
