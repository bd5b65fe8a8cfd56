"""Files that are written whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def write_whole(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write texts into a folder, made if missing, so that nobody ever finds a part of one.

    Args:
        folder: where to.
        files: texts by file name; none is put in place before all are written.

    Returns:
        The files, in the order given.

    Raises:
        OSError: the folder cannot be made or written; what is there stays as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _parts(folder, files) as parts:
        return [part.replace(folder / name) for name, part in parts.items()]


@contextmanager
def _parts(folder: Path, files: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Every text in a file of its own, which two programs or threads never share."""
    parts = {name: folder / f".{name}.{uuid.uuid4().hex}.part" for name in files}
    try:
        for name, part in parts.items():
            part.write_text(files[name], encoding="utf-8", newline="")
        yield parts
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
