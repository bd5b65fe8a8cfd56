"""The ledger of a run: a Runtime writes into it, the run record is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metier.models.embedder import Embedder
from metier.models.reranker import Reranker
from metier.registry.instruction import Instruction
from metier.workflows.record import InstructionUse, ModelUse


@dataclass(slots=True)
class Ledger:
    """Counts and uses of one run."""

    texts_embedded: int = 0
    texts_reranked: int = 0
    texts_truncated: int = 0
    instructions: dict[InstructionUse, None] = field(default_factory=dict)
    models: dict[str, ModelUse] = field(default_factory=dict)

    def count(self, role: str, truncated: npt.NDArray[np.bool_]) -> None:
        """Texts that went through the embedder or the reranker; (n,) whether each was cut."""
        if role == "reranker":
            self.texts_reranked += len(truncated)
        else:
            self.texts_embedded += len(truncated)
        self.texts_truncated += int(truncated.sum())

    def used_instruction(self, instruction: Instruction, dim: int | None) -> None:
        """An instruction decided a call; reranking has no `dim`."""
        use = InstructionUse(id=instruction.full_id, digest=instruction.digest, dim=dim)
        self.instructions.setdefault(use)

    def used_model(self, role: str, model: Embedder | Reranker) -> None:
        """A model was used as `embedder` or `reranker`."""
        self.models[role] = ModelUse(
            role=role,
            id=model.profile.id,
            revision=model.profile.revision,
            fingerprint=model.fingerprint,
            device=model.device,
            dtype=model.dtype,
        )
