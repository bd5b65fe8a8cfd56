"""What an index is opened with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.retrieval.stages.table import STAGES, Stages

if TYPE_CHECKING:
    from metier.chunking.chunker import Chunker
    from metier.indexing.manifest import Manifest
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What an index is opened with.

    Attributes:
        manifest: what it was made with when it was opened.
        chunker: divides documents into chunks.
        retrieval: the settings of its domain.
        instruction: for documents and queries; None for the model's default.
        find_instruction: returns the instruction that an id means.
        search_stages: returns the stages that a search can have.
    """

    manifest: Manifest
    chunker: Chunker
    retrieval: RetrievalSettings
    instruction: Instruction | None
    find_instruction: Callable[[str | Instruction], Instruction]
    search_stages: Callable[[], Stages] = lambda: STAGES
