"""healthcare/cluster-notes: what a body of clinical notes is about."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier import Runtime, Texts, workflow
from metier.steps.clustering import ClusterReport, cluster_texts
from metier_healthcare.stop_words import STOP_WORDS


@workflow("healthcare/cluster-notes", instruction="healthcare/note-grouping")
def cluster_notes(
    rt: Runtime,
    notes: Annotated[Texts, Field(description="Clinical notes, one text each.")],
    *,
    min_cluster_size: Annotated[
        int | None,
        Field(
            ge=2,
            description="Smallest group; by default a fiftieth of the notes, at least 5, or 2 "
            "where there are fewer than 20.",
        ),
    ] = None,
    dim: Annotated[
        int | None, Field(ge=1, description="Vector size; the instruction's default if not given.")
    ] = None,
) -> ClusterReport:
    """Group clinical notes, name each group by keywords and its most central note, show outliers.

    The same notes give the same groups, labeled from the largest down.
    """
    return cluster_texts(
        rt,
        notes,
        instruction="healthcare/note-grouping",
        noun="notes",
        min_cluster_size=min_cluster_size,
        dim=dim,
        stop_words=STOP_WORDS,
    )
