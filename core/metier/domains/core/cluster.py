"""core/cluster: what a body of texts is about, under any instruction."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier import Runtime, Texts, workflow
from metier.steps.clustering import ClusterReport, cluster_texts


@workflow("core/cluster", instruction="core/text-grouping")
def cluster(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to group.")],
    *,
    instruction: Annotated[
        str, Field(description="Id of a clustering instruction, of any domain or pack.")
    ] = "core/text-grouping",
    min_cluster_size: Annotated[
        int | None,
        Field(
            ge=2,
            description="Smallest group; by default a fiftieth of the texts, at least 5, or 2 "
            "where there are fewer than 20.",
        ),
    ] = None,
    dim: Annotated[
        int | None, Field(ge=1, description="Vector size; the instruction's default if not given.")
    ] = None,
) -> ClusterReport:
    """Group texts, name each group by keywords and its most central text, show outliers.

    The same texts give the same groups, labeled from the largest down.
    """
    return cluster_texts(
        rt, texts, instruction=instruction, min_cluster_size=min_cluster_size, dim=dim
    )
