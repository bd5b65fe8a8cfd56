"""core/cluster: what a body of texts is about, under any instruction."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    ClusterReport,
    DateColumn,
    Dim,
    Groups,
    InstructionId,
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


@workflow("core/cluster", instruction="core/text-grouping")
def cluster(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to group.")],
    *,
    instruction: Annotated[
        InstructionId,
        Field(
            description="Id of a clustering instruction, of any domain or pack, or a task in words."
        ),
    ] = "core/text-grouping",
    min_cluster_size: MinClusterSize = None,
    groups: Groups = None,
    seed: Seed = 0,
    stop_words: StopWords = (),
    reassign_outliers: ReassignOutliers = False,
    date_column: DateColumn = None,
    period: Annotated[
        Period, Field(description="Count by `month`, `quarter` or `year`.")
    ] = "month",
    save: SaveFolder = None,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClusterReport:
    """Group texts, name each group by keywords and representative texts, show outliers.

    The same texts give the same groups in any order, labeled from the largest down.
    """
    return cluster_texts(
        rt,
        texts,
        instruction=instruction,
        min_cluster_size=min_cluster_size,
        groups=groups,
        seed=seed,
        stop_words=stop_words,
        reassign_outliers=reassign_outliers,
        date_column=date_column,
        period=period,
        save=save,
        dim=dim,
        long_texts=long_texts,
    )
