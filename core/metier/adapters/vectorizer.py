"""What all adapters embed with: a Runtime, an instruction and a vector size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.adapters.detailed_instruct import has_instruction
from metier.adapters.runtime_source import RuntimeSource, runtime_of
from metier.caching.cached_embedder import CachedEmbedder
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
    from metier.registry.registry import EmbeddingPlan

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
        return self._plan(self.instruction, None).dim

    def queries(
        self,
        texts: Sequence[str],
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Floats:
        """(n, dim) unit rows of queries under the instruction, or under another one."""
        return self._embed("query", texts, instruction, dim, progress)

    def documents(
        self,
        texts: Sequence[str],
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Floats:
        """(n, dim) unit rows of documents: bare, unless the instruction is for both sides."""
        return self._embed("document", texts, instruction, dim, progress)

    def alike(
        self,
        texts: Sequence[str],
        *,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Floats:
        """(n, dim) unit rows of texts that are compared with each other.

        They are read under an instruction that is for both sides; under any other one, as
        sentence-transformers reads them: after the model's default prompt, which is mostly empty.
        """
        known = self._known(None)
        if known is not None and known.sides == "both":
            return self.queries(texts, dim=dim, progress=progress)
        return self.prompted(
            texts, prompt=_default_prompt(self.embedder), dim=dim, progress=progress
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
        plan = self._plan(self.instruction, dim)
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
        known = self._known(None)
        return self.embedder.prompt(None if known is None else known.task_for(side), side).prefix

    def _embed(
        self,
        side: Side,
        texts: Sequence[str],
        instruction: str | Instruction | None,
        dim: int | None,
        progress: Progress | bool | None,
    ) -> Floats:
        strings = strings_of(texts, "texts")
        known = self._known(instruction)
        embed = partial(
            self.rt.embed_queries if side == "query" else self.rt.embed_documents,
            instruction=known,
            dim=self.dim if dim is None else dim,
            progress=progress,
        )
        instructs = side == "query" or (known is not None and known.sides == "both")
        written = [row for row, text in enumerate(strings) if instructs and _has_instruction(text)]
        if not written:
            return np.asarray(embed(strings))
        require_texts(strings)
        size = self._plan(known, dim).dim
        vectors = np.empty((len(strings), size), dtype=np.float32)
        texts = [strings[row] for row in written]
        vectors[written] = self.prompted(texts, prompt="", dim=size, progress=progress)
        others = sorted({*range(len(strings))} - {*written})
        if others:
            vectors[others] = embed([strings[row] for row in others])
        return vectors

    def _plan(self, instruction: str | Instruction | None, dim: int | None) -> EmbeddingPlan:
        size = self.dim if dim is None else dim
        return self.rt.instructions.plan(instruction, size, self.embedder.profile)

    def _known(self, instruction: str | Instruction | None) -> Instruction | None:
        requested = self.instruction if instruction is None else instruction
        return None if requested is None else self.rt.instructions.resolve(requested).instruction


def _has_instruction(text: object) -> bool:
    return isinstance(text, str) and has_instruction(text)


def _default_prompt(embedder: Embedder) -> str:
    """What the folder of a model puts before every text that has no other prompt."""
    while isinstance(embedder, CachedEmbedder):
        embedder = embedder.inner
    return str(getattr(embedder, "default_prompt", ""))
