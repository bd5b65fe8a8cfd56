"""The ledger of a run: an Engine writes into it, and the run record is made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from metier.models.embedder import CachedEmbeddings, Embedder, Embeddings
from metier.models.reranker import Reranker, RerankScores
from metier.registry.instruction import Instruction
from metier.texts.sentences import Span


class InstructionUse(BaseModel):
    """An instruction that was used, by id and content; `dim` is None where it reranked."""

    model_config = ConfigDict(frozen=True)

    id: str
    digest: str
    dim: int | None = None


class ModelUse(BaseModel):
    """A model that was used."""

    model_config = ConfigDict(frozen=True)

    role: str
    id: str
    revision: str
    fingerprint: str
    device: str
    dtype: str


@dataclass(slots=True)
class Ledger:
    """Counts and uses of one run; `RunRecord` says what each counts."""

    texts_embedded: int = 0
    texts_recalled: int = 0
    cached: bool = False
    texts_reranked: int = 0
    texts_truncated: int = 0
    texts_divided: int = 0
    text_parts: int = 0
    instructions: dict[InstructionUse, None] = field(default_factory=dict)
    models: dict[str, ModelUse] = field(default_factory=dict)

    def count(self, role: str, result: Embeddings | RerankScores) -> None:
        """Count the texts of one call of the `embedder` or the `reranker`."""
        if role == "reranker":
            self.texts_reranked += len(result.truncated)
        else:
            self.texts_embedded += len(result.truncated)
        if isinstance(result, CachedEmbeddings):
            self.cached = self.cached or result.cached
            self.texts_recalled += result.recalled
        self.texts_truncated += int(result.truncated.sum())

    def count_parts(self, divided: Sequence[Sequence[Span]]) -> None:
        """Count the texts with several parts, and these parts."""
        several = [len(parts) for parts in divided if len(parts) > 1]
        self.texts_divided += len(several)
        self.text_parts += sum(several)

    def used_instruction(self, instruction: Instruction, dim: int | None) -> None:
        """Record an instruction and its vector size; None for reranking."""
        use = InstructionUse(id=instruction.full_id, digest=instruction.digest, dim=dim)
        self.instructions.setdefault(use)

    def used_model(self, role: str, model: Embedder | Reranker) -> None:
        """Record a model that was used as `embedder` or `reranker`."""
        self.models[role] = ModelUse(
            role=role,
            id=model.profile.id,
            revision=model.profile.revision,
            fingerprint=model.fingerprint,
            device=model.device,
            dtype=model.dtype,
        )
