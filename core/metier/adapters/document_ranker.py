"""What all adapters rerank with: a Runtime and an instruction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.adapters.runtime_source import RuntimeSource, runtime_of

if TYPE_CHECKING:
    from metier.engine.engine import RerankedDocument
    from metier.registry.instruction import Instruction


class DocumentRanker:
    """Orders documents for an adapter.

    Args:
        rt: a Runtime with a reranker, or its configuration. The reranker is loaded when it is used.
        instruction: id, task in words or `Instruction`; None for the model's default task.

    Raises:
        UsageError: there is no reranker, or no such instruction.
    """

    def __init__(
        self, rt: RuntimeSource = None, instruction: str | Instruction | None = None
    ) -> None:
        self.rt = runtime_of(rt)
        self.instruction = instruction
        if self.rt.config.reranker is False:
            self.rt.engine.require_reranker()  # says what to do
        if instruction is not None:
            self.rt.instructions.resolve(instruction)

    def rank(
        self,
        query: str,
        documents: Sequence[str],
        *,
        top_k: int | None = None,
        instruction: str | Instruction | None = None,
        progress: bool | None = None,
    ) -> list[RerankedDocument]:
        """The best documents, best first, under the instruction, or under another one."""
        known = self.instruction if instruction is None else instruction
        return self.rt.rerank(query, documents, instruction=known, top_k=top_k, progress=progress)
