"""Results in the terminal and on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from metier.cli import screen
from metier.errors import UsageError
from metier.paths import expanded

if TYPE_CHECKING:
    from metier.workflows.record import RunRecord
    from metier.workflows.result import Result


def show_result(result: Result, *, as_json: bool, out: Path | None) -> None:
    """Print a result, say how it came about, and write its files where `out` says."""
    if as_json:
        screen.write_json(result.to_json(indent=2))
    else:
        screen.output().print(result)
    if result.record is not None:
        screen.aside(_how(result.record))
    if out is not None:
        for path in result.save(out):
            screen.aside(f"wrote {path}")


def _how(record: RunRecord) -> str:
    texts = sum(used.texts for used in record.inputs.values())
    models = ", ".join(f"{used.id} ({used.dtype} on {used.device})" for used in record.models)
    recalled = f"{record.texts_recalled} of {record.texts_embedded} vectors from the cache"
    parts = [
        record.workflow,
        f"{texts} {'text' if texts == 1 else 'texts'}" if texts else "",
        models,
        recalled if record.texts_recalled else "",
        f"{record.seconds:.1f} s",
    ]
    return " · ".join(part for part in parts if part)


def require_folder(folder: Path) -> None:
    """Make the folder results go to, before the work is done rather than after.

    Raises:
        UsageError: it cannot be made or written.
    """
    folder = expanded(folder)  # as `Result.save` writes there
    try:
        folder.mkdir(parents=True, exist_ok=True)
        problem = None if os.access(folder, os.W_OK) else "it cannot be written"
    except OSError as error:
        problem = str(error.strerror or error)
    if problem is not None:
        raise UsageError(
            f"Results cannot go to {str(folder)!r}: {problem}.", fix="Choose another folder."
        )
