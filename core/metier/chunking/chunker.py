"""`Chunker`: how documents become the chunks of an index, which remembers its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from metier.chunking.chunking import CHUNKING, chunk_each
from metier.errors import UsageError
from metier.texts.splitter import undivided

if TYPE_CHECKING:
    from metier.chunking.chunk import Chunk
    from metier.models.embedder import Embedder
    from metier.registry.instruction import Instruction
    from metier.texts.rows import Item
    from metier.texts.splitter import Splitter

DEFAULT_MAX_TOKENS = 512
"""Default limit for the tokens of a chunk, if the model reads as many: the more of them share a
vector, the less each weighs."""


@dataclass(frozen=True, slots=True)
class Chunker:
    """Divides documents into chunks.

    Attributes:
        max_tokens: most tokens of a chunk.
        overlap: most tokens that a chunk repeats of the one before.
        splitter: divides documents into sections first; None for headings.
        name: of the splitter, empty for none.
    """

    max_tokens: int
    overlap: int = 0
    splitter: Splitter | None = None
    name: str = ""

    @classmethod
    def of(
        cls,
        embedder: Embedder,
        known: Mapping[str, Any],
        *,
        max_tokens: int | None,
        overlap: int | None,
        splitter: Splitter | None,
    ) -> Chunker:
        """The settings of the call, else those of the index, else what suits the model."""
        own = min(embedder.profile.max_tokens, DEFAULT_MAX_TOKENS)
        return cls(
            known.get("max_tokens", own) if max_tokens is None else max_tokens,
            known.get("overlap", 0) if overlap is None else overlap,
            None if splitter is undivided else splitter,
            known.get("splitter", "") if splitter is None else name_of(splitter),
        )

    def to_dict(self) -> dict[str, Any]:
        """The settings that an index remembers."""
        return {
            "version": CHUNKING,
            "max_tokens": self.max_tokens,
            "overlap": self.overlap,
            "splitter": self.name,
        }

    def chunk(
        self, documents: Sequence[Item], embedder: Embedder, instruction: Instruction | None
    ) -> list[list[Chunk]]:
        """The chunks of each document; tokens are counted as the model reads them.

        Raises:
            UsageError: the index was made with a splitter that is not given.
            ParameterError: `max_tokens` or `overlap` leaves no room for a text.
        """
        if self.name and self.splitter is None:
            raise UsageError(
                f"The index was made with the splitter {self.name!r}, which is not given.",
                why="Without it documents would be divided at other positions.",
                fix="Open the index with splitter=..., install the plugin that brings it, or build "
                "the index again with $rebuild.",
                parameters={"rebuild": True},
            )
        task = None if instruction is None else instruction.task_for("document")
        prompt = embedder.prompt(task, "document")
        counter = partial(embedder.count_tokens, prompt=prompt)
        return list(
            chunk_each(
                documents,
                counter=counter,
                max_tokens=self.max_tokens,
                overlap=self.overlap,
                splitter=self.splitter,
            )
        )


def name_of(splitter: Splitter) -> str:
    """The name of a splitter in an index; empty for `undivided`."""
    if splitter is undivided:
        return ""
    kind = splitter if hasattr(splitter, "__qualname__") else type(splitter)
    return f"{kind.__module__}.{kind.__qualname__}"
