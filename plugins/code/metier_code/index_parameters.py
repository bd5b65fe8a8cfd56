"""Parameters of the workflows that stand on the index of a tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier_code.trees.tree_index import Update

IndexUpdate = Annotated[
    Update,
    Field(description="`auto` indexes what changed first; `never` takes the index as it is."),
]

IndexFolder = Annotated[
    Path | None, Field(description="Folder of the index; by default one in the user's cache.")
]

KeepIndex = Annotated[bool, Field(description="Keep the index on disk for the next run.")]
