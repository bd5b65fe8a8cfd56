"""healthcare/cluster-notes: what a body of clinical notes is about."""

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
from metier_healthcare.patient_identifiers import note_patient_identifiers
from metier_healthcare.section_choice import OnlySections, WithoutSections, choose_sections
from metier_healthcare.stop_words import STOP_WORDS


@workflow("healthcare/cluster-notes", instruction="healthcare/note-grouping")
def cluster_notes(
    rt: Runtime,
    notes: Annotated[Texts, Field(description="Clinical notes, one text each.")],
    *,
    instruction: Annotated[
        InstructionId,
        Field(
            description="Id of a clustering instruction, of any domain or pack, or a task in words."
        ),
    ] = "healthcare/note-grouping",
    min_cluster_size: MinClusterSize = None,
    groups: Groups = None,
    seed: Seed = 0,
    sections: OnlySections = (),
    without_sections: WithoutSections = (),
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
    """Group clinical notes, name each group by keywords and representative notes, show outliers.

    The same notes give the same groups in any order, labeled from the largest down. Notes with
    headings may be grouped by some of their sections alone.
    """
    report = cluster_texts(
        rt,
        choose_sections(notes, sections, without_sections),
        instruction=instruction,
        noun="notes",
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
    return note_patient_identifiers(report, notes)
