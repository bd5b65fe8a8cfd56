"""How documents are cut into chunks for an index: settings that it remembers."""

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

MOST_TOKENS = 512
"""Tokens of a chunk where nobody says otherwise and the model reads as many: more of them in one
vector and each weighs little."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """How documents are cut.

    Attributes:
        max_tokens: most tokens of a chunk.
        overlap: most tokens that a chunk repeats of the one before.
        splitter: what divides documents before they are cut.
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
    ) -> Cutting:
        """What the call says, else what an index knows, else what suits the model."""
        own = min(embedder.profile.max_tokens, MOST_TOKENS)
        return cls(
            known.get("max_tokens", own) if max_tokens is None else max_tokens,
            known.get("overlap", 0) if overlap is None else overlap,
            None if splitter is undivided else splitter,
            known.get("splitter", "") if splitter is None else name_of(splitter),
        )

    def to_dict(self) -> dict[str, Any]:
        """What an index remembers of it."""
        return {
            "version": CHUNKING,
            "max_tokens": self.max_tokens,
            "overlap": self.overlap,
            "splitter": self.name,
        }

    def cut(
        self, documents: Sequence[Item], embedder: Embedder, instruction: Instruction | None
    ) -> list[list[Chunk]]:
        """The chunks of each document, as long as the model counts them under the instruction.

        Raises:
            UsageError: the index was made with a splitter that is not given.
            ParameterError: `max_tokens` or `overlap` leaves no room for a text.
        """
        if self.name and self.splitter is None:
            raise UsageError(
                f"The index was made with the splitter {self.name!r}, which is not given.",
                why="Without it documents would be cut in other places.",
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
    """What an index calls a splitter; empty for the one that divides nothing."""
    if splitter is undivided:
        return ""
    kind = splitter if hasattr(splitter, "__qualname__") else type(splitter)
    return f"{kind.__module__}.{kind.__qualname__}"
