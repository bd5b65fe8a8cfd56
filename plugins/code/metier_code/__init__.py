"""Source code for metier. What it brings is declared in domain.yaml, but for what reads sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from metier.plugin import hookimpl

if TYPE_CHECKING:
    from metier.plugin import Reader


@hookimpl
def metier_readers() -> Iterable[Reader]:
    """Source files, each one document."""
    from metier_code.trees.reader import source_reader  # here: listings need none

    return [source_reader()]
