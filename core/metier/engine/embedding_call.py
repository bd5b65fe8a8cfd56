"""What all texts of one call are embedded with, and the vectors that come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.errors import warn_caller
from metier.registry.provenance import Provenance

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.models.embedder import Embedder, Embeddings, ModelProfile, Prompt
    from metier.progress import Progress
    from metier.registry.instruction import Instruction
    from metier.retrieval.vectors import Vectors


@dataclass(frozen=True, slots=True)
class EmbeddingCall:
    """What every text of one call is embedded with.

    Attributes:
        compute: embeds texts, and reports them to the progress it is given.
        label: what progress shows.
        embedder: the model.
        prompt: before every text.
        instruction: None for the model's default prompt.
        dim: vector size.
        progress: what long work reports to.
    """

    compute: Callable[..., Embeddings]
    label: str
    embedder: Embedder
    prompt: Prompt
    instruction: Instruction | None
    dim: int
    progress: Progress

    def with_provenance(self, vectors: npt.NDArray[np.float32]) -> Vectors:
        """The vectors of this call, with what they were made with."""
        from metier.retrieval.vectors import Vectors  # here: it brings numpy with it

        return Vectors.of(vectors, Provenance.of(self.embedder, self.dim, self.instruction))


def warn_of_cut(profile: ModelProfile, cut: int, total: int) -> None:
    """Warn the caller of metier if a model cut texts."""
    if cut:
        warn_caller(
            f"{cut} of {total} texts were longer than {profile.id!r} reads ({profile.max_tokens} "
            "tokens) and were cut."
        )
