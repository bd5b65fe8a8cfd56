"""Files as the texts they hold."""

from __future__ import annotations

from pathlib import Path

from metier.texts.texts import Texts


def strings(path: Path, **options: str) -> list[str]:
    """The texts of a file, without their ids and fields."""
    return Texts.read(path, **options).strings
