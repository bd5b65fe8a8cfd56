"""healthcare/update-notes: groups that are kept grow by new notes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    AssignmentReport,
    InstructionId,
    Runtime,
    SaveFolder,
    Texts,
    load_groups,
    update_groups,
    workflow,
)
from metier_healthcare.patient_identifiers import note_patient_identifiers
from metier_healthcare.stop_words import STOP_WORDS


@workflow("healthcare/update-notes", instruction="healthcare/note-grouping")
def update_notes(
    rt: Runtime,
    notes: Annotated[Texts, Field(description="Clinical notes to add to the groups.")],
    *,
    clustering: Annotated[
        Path | None, Field(description="Folder of groups that a clustering has saved.")
    ] = None,
    earlier: Annotated[
        Texts | None, Field(description="Notes to group first, in place of saved groups.")
    ] = None,
    save: Annotated[
        SaveFolder,
        Field(description="Folder to save the groups in; the one they were read from by default."),
    ] = None,
    instruction: Annotated[
        InstructionId,
        Field(description="Of earlier notes; saved groups have their own."),
    ] = "healthcare/note-grouping",
) -> AssignmentReport:
    """Add notes to groups that are kept: old groups keep label and name, a new topic gets new ones.

    Notes are embedded as those of the groups were; another model is refused.
    """
    known = load_groups(
        rt,
        clustering,
        earlier,
        workflow="healthcare/update-notes",
        instruction=instruction,
        noun="notes",
        stop_words=STOP_WORDS,
    )
    report = update_groups(rt, known, notes, save=save or clustering)
    return note_patient_identifiers(report, notes)
