"""core/update: groups that are kept grow by new texts."""

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


@workflow("core/update", instruction="core/text-grouping")
def update(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to add to the groups.")],
    *,
    clustering: Annotated[
        Path | None, Field(description="Folder of groups that a clustering has saved.")
    ] = None,
    earlier: Annotated[
        Texts | None, Field(description="Texts to group first, in place of saved groups.")
    ] = None,
    save: Annotated[
        SaveFolder,
        Field(description="Folder to save the groups in; the one they were read from by default."),
    ] = None,
    instruction: Annotated[
        InstructionId,
        Field(description="Of earlier texts; saved groups have their own."),
    ] = "core/text-grouping",
) -> AssignmentReport:
    """Add texts to groups that are kept: old groups keep label and name, a new topic gets new ones.

    Texts are embedded as those of the groups were; another model is refused.
    """
    known = load_groups(
        rt,
        clustering,
        earlier,
        workflow="core/update",
        instruction=instruction,
    )
    return update_groups(rt, known, texts, save=save or clustering)
