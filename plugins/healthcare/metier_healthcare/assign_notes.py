"""healthcare/assign-notes: new notes in groups that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    AssignmentReport,
    InstructionId,
    Runtime,
    Texts,
    assign_texts,
    load_groups,
    workflow,
)
from metier_healthcare.patient_identifiers import note_patient_identifiers
from metier_healthcare.stop_words import STOP_WORDS


@workflow("healthcare/assign-notes", instruction="healthcare/note-grouping")
def assign_notes(
    rt: Runtime,
    notes: Annotated[Texts, Field(description="Clinical notes to put into the groups.")],
    *,
    clustering: Annotated[
        Path | None, Field(description="Folder of groups that a clustering has saved.")
    ] = None,
    earlier: Annotated[
        Texts | None, Field(description="Notes to group first, in place of saved groups.")
    ] = None,
    instruction: Annotated[
        InstructionId,
        Field(description="Of earlier notes; saved groups have their own."),
    ] = "healthcare/note-grouping",
) -> AssignmentReport:
    """Put notes into groups that are kept, with strength, second group and outliers.

    The groups stay as they are. Notes are embedded as those of the groups were; another model is
    refused.
    """
    known = load_groups(
        rt,
        clustering,
        earlier,
        workflow="healthcare/assign-notes",
        instruction=instruction,
        noun="notes",
        stop_words=STOP_WORDS,
    )
    return note_patient_identifiers(assign_texts(rt, known, notes), notes)
