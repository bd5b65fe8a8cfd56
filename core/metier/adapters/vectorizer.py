"""What all adapters embed with: a Runtime, an instruction and a vector size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.adapters.detailed_instruct import has_instruction
from metier.adapters.runtime_source import RuntimeSource, runtime_of
from metier.engine.embedding_call import warn_of_cut
from metier.errors import warn_caller
from metier.models.embedder import Prompt
from metier.progress import choose_progress, working
from metier.texts.checks import require_texts
from metier.texts.texts import strings_of

if TYPE_CHECKING:
    from metier.models.embedder import Embedder, Side
    from metier.progress import Progress
    from metier.registry.instruction import Instruction

Floats = npt.NDArray[np.float32]


class Vectorizer:
    """Embeds for an adapter.

    A query that begins with an instruction, as `get_detailed_instruct` writes it, is embedded as
    it is.

    Args:
        rt: a Runtime, its configuration, or the model of a new one.
        instruction: id, task in words or `Instruction`; None for the model's default prompt.
        dim: vector size; None for the instruction's default.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
    ) -> None:
        self.rt = runtime_of(rt)
        self.instruction = instruction
        self.dim = dim
        if instruction is not None:
            self.rt.instructions.resolve(instruction)  # refuses an unknown one at once

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded now if it was not."""
        return self.rt.embedder

    @property
    def size(self) -> int:
        """Numbers of a vector."""
        return self.rt.instructions.plan(self.instruction, self.dim, self.embedder.profile).dim

    def queries(
        self,
        texts: Sequence[str],
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Floats:
        """(n, dim) unit rows of queries under the instruction, or under another one."""
        strings = strings_of(texts, "texts")
        known = self.instruction if instruction is None else instruction
        embed = partial(
            self.rt.embed_queries, instruction=known, dim=dim or self.dim, progress=progress
        )
        written = [
            row
            for row, text in enumerate(strings)
            if isinstance(text, str) and has_instruction(text)
        ]
        if not written:
            return np.asarray(embed(strings))
        require_texts(strings)
        size = self.rt.instructions.plan(known, dim or self.dim, self.embedder.profile).dim
        bare = self.prompted(
            [strings[row] for row in written], prompt="", dim=size, progress=progress
        )
        if len(written) == len(strings):
            return bare
        others = sorted({*range(len(strings))} - {*written})
        vectors = np.empty((len(strings), size), dtype=np.float32)
        vectors[written] = bare
        vectors[others] = embed([strings[row] for row in others])
        return vectors

    def documents(
        self,
        texts: Sequence[str],
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Floats:
        """(n, dim) unit rows of documents: bare, unless the instruction is for both sides."""
        known = self.instruction if instruction is None else instruction
        return np.asarray(
            self.rt.embed_documents(
                texts, instruction=known, dim=dim or self.dim, progress=progress
            )
        )

    def prompted(
        self,
        texts: Sequence[str],
        *,
        prompt: str,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Floats:
        """(n, dim) unit rows of texts after a prompt that the caller has written."""
        strings = strings_of(texts, "texts")
        require_texts(strings)
        embedder = self.embedder
        plan = self.rt.instructions.plan(self.instruction, dim or self.dim, embedder.profile)
        if plan.size.caution:
            warn_caller(plan.size.caution)
        chosen = self.rt.engine.progress if progress is None else choose_progress(progress)
        with working(chosen, "embedding texts", len(strings)) as bar:
            embeddings = embedder.embed(
                strings, prompt=Prompt("document", prompt), dim=plan.dim, progress=bar
            )
        warn_of_cut(embedder.profile, int(embeddings.truncated.sum()), len(strings))
        return embeddings.vectors

    def prompt(self, side: Side) -> str:
        """What the model reads before a text of a side."""
        known = self._known()
        return self.embedder.prompt(None if known is None else known.task_for(side), side).prefix

    def symmetric_prompt(self) -> str:
        """The prompt of an instruction for both sides; empty where there is none."""
        known = self._known()
        return self.prompt("query") if known is not None and known.sides == "both" else ""

    def _known(self) -> Instruction | None:
        if self.instruction is None:
            return None
        return self.rt.instructions.resolve(self.instruction).instruction
