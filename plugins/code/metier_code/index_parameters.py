"""Parameters of the workflows that read source trees, most of them by an index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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

IncludeGenerated = Annotated[
    bool, Field(description="Whether files are read, too, that programs made.")
]


def index_options(
    dim: int | None, update: Update, at: Path | None, keep_index: bool, include_generated: bool
) -> dict[str, Any]:
    """The options of `open_tree_index` that workflows leave to their callers."""
    return {
        "dim": dim,
        "update": update,
        "at": at,
        "keep": keep_index,
        "include_generated": include_generated,
    }
