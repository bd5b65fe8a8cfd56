"""A prepared call of the embedder: which model, prompt and size, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.models.truncation import warn_of_cut
from metier.progress import Progress, working
from metier.registry.mark import VectorMark

if TYPE_CHECKING:
    from metier.models.embedder import Embedder, Encoded, Keep
    from metier.models.prompt import Prompt
    from metier.registry.instruction import Instruction
    from metier.retrieval.vectors import Vectors
    from metier.workflows.ledger import Ledger


@dataclass(frozen=True, slots=True)
class EmbeddingCall:
    """How the texts of one call are embedded, all at once or part by part.

    Attributes:
        embedder: the model.
        prompt: round every text.
        instruction: what the prompt was made of; None for the model's default.
        dim: vector size.
        progress: what the work reports to.
        ledgers: of the runs the call is part of.
        states: what to tell the token states of texts, where the embedder has any; None for none.
    """

    embedder: Embedder
    prompt: Prompt
    instruction: Instruction | None
    dim: int
    progress: Progress
    ledgers: tuple[Ledger, ...]
    states: Keep | None = None

    def embed(self, texts: Sequence[str]) -> Encoded:
        """Embed texts and write down what was used.

        Raises:
            As `Embedder.embed`.
        """
        label = "embedding queries" if self.prompt.side == "query" else "embedding documents"
        with working(self.progress, label, len(texts)) as bar:
            made = self._made(texts, bar)
        for ledger in self.ledgers:
            ledger.used_model("embedder", self.embedder)
            ledger.count("embedder", made)
            if self.instruction is not None:
                ledger.used_instruction(self.instruction, self.dim)
        return made

    def _made(self, texts: Sequence[str], bar: Progress) -> Encoded:
        from metier.models.embedder import KeepsStates  # here: it brings numpy with it

        model, prompt, dim = self.embedder, self.prompt, self.dim
        keep = self.states
        if keep is not None and isinstance(model, KeepsStates):
            return model.embed_keeping(texts, prompt=prompt, dim=dim, progress=bar, keep=keep)
        return model.embed(texts, prompt=prompt, dim=dim, progress=bar)

    def marked(self, made: Encoded) -> Vectors:
        """The vectors of `embed`, with what they were made with."""
        from metier.retrieval.vectors import Vectors  # here: it brings numpy with it

        profile = self.embedder.profile
        mark = VectorMark.of(
            profile.id,
            self.embedder.fingerprint,
            self.dim,
            self.instruction,
            follows=profile.instruction_aware,
        )
        return Vectors.of(made.vectors, mark)

    def warn_of_cut(self, cut: int, total: int) -> None:
        """Say how many texts were cut; workflows say it in their results.

        Args:
            cut: texts longer than the model reads.
            total: texts embedded.
        """
        if not self.ledgers:
            warn_of_cut(self.embedder.profile, cut, total)
