"""core/assign: new texts in groups that are kept."""

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


@workflow("core/assign", instruction="core/text-grouping")
def assign(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to put into the groups.")],
    *,
    clustering: Annotated[
        Path | None, Field(description="Folder of groups that a clustering has saved.")
    ] = None,
    earlier: Annotated[
        Texts | None, Field(description="Texts to group first, in place of saved groups.")
    ] = None,
    instruction: Annotated[
        InstructionId,
        Field(description="Of earlier texts; saved groups have their own."),
    ] = "core/text-grouping",
) -> AssignmentReport:
    """Put texts into groups that are kept, with strength, second group and outliers.

    The groups stay as they are. Texts are embedded as those of the groups were; another model is
    refused.
    """
    known = load_groups(
        rt,
        clustering,
        earlier,
        workflow="core/assign",
        instruction=instruction,
    )
    return assign_texts(rt, known, texts)
