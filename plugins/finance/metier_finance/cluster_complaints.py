"""finance/cluster-complaints: what customers complain about, and when."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    ClusterReport,
    DateColumn,
    Dim,
    Groups,
    LongTexts,
    MinClusterSize,
    Period,
    ReassignOutliers,
    Runtime,
    SaveFolder,
    Seed,
    StopWords,
    Texts,
    cluster_texts,
    workflow,
)

_COMMON = (
    "account asked bank called company complaint customer dear madam please regards said service "
    "sincerely sir thank thanks told xx xxx xxxx"
)
STOP_WORDS = frozenset(_COMMON.split())
"""Words that most complaints have, whatever they are about, and marks of masked names."""


@workflow("finance/cluster-complaints", instruction="finance/complaint-grouping")
def cluster_complaints(
    rt: Runtime,
    complaints: Annotated[Texts, Field(description="Complaints of customers, one text each.")],
    *,
    date_column: DateColumn = None,
    period: Annotated[
        Period, Field(description="Count complaints by `month`, `quarter` or `year`.")
    ] = "month",
    min_cluster_size: MinClusterSize = None,
    groups: Groups = None,
    seed: Seed = 0,
    stop_words: Annotated[
        StopWords,
        Field(
            description="Words that name no group, or a text file of them, beside those that most "
            "complaints have; may be given again."
        ),
    ] = (),
    reassign_outliers: ReassignOutliers = False,
    save: SaveFolder = None,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClusterReport:
    """Group complaints, name what each group is about, and count them over time.

    With a column of dates a table has the number of complaints of each group in each period.
    """
    return cluster_texts(
        rt,
        complaints,
        instruction="finance/complaint-grouping",
        noun="complaints",
        min_cluster_size=min_cluster_size,
        groups=groups,
        seed=seed,
        reassign_outliers=reassign_outliers,
        date_column=date_column,
        period=period,
        save=save,
        dim=dim,
        long_texts=long_texts,
        stop_words=STOP_WORDS.union(stop_words),
    )
