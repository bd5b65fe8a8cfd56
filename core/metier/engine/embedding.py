"""Embedding calls: all texts at once, or window by window in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from metier.errors import MetierError, ParameterError, warn_caller
from metier.models.embedder import ModelProfile
from metier.progress import Progress, working
from metier.registry.provenance import Provenance
from metier.texts.checks import require_texts

if TYPE_CHECKING:
    from metier.engine.ledger import Ledger
    from metier.models.embedder import Embedder, Embeddings, Prompt, TokenStateSink
    from metier.registry.instruction import Instruction
    from metier.retrieval.vectors import Vectors


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
    states: TokenStateSink | None = None

    def embed(self, texts: Sequence[str]) -> Embeddings:
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

    def _made(self, texts: Sequence[str], bar: Progress) -> Embeddings:
        from metier.models.embedder import TokenStateStreamer  # here: it brings numpy with it

        model, prompt, dim = self.embedder, self.prompt, self.dim
        keep = self.states
        if keep is not None and isinstance(model, TokenStateStreamer):
            return model.embed_keeping(texts, prompt=prompt, dim=dim, progress=bar, keep=keep)
        return model.embed(texts, prompt=prompt, dim=dim, progress=bar)

    def marked(self, made: Embeddings) -> Vectors:
        """The vectors of `embed`, with what they were made with."""
        from metier.retrieval.vectors import Vectors  # here: it brings numpy with it

        profile = self.embedder.profile
        mark = Provenance.of(
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


def check_window(window: int) -> None:
    """Raise ParameterError unless a window holds a text."""
    if window < 1:
        raise ParameterError(f"window={window} is less than 1.")


def stream(call: EmbeddingCall, texts: Iterable[str], window: int) -> Iterator[Vectors]:
    """Embed texts as they come.

    Args:
        call: how.
        texts: of any length; no more than a window of them is read ahead of what is given back.
        window: texts embedded together, at least 1.

    Yields:
        (k, dim) float32 unit rows, k at most `window`, in the order of the texts, with their mark.

    Raises:
        InputError: a text is no string, empty or not valid Unicode; its place is that in the whole.
        ModelError: the model gave no usable vector.

    Warns:
        MetierWarning: once, when the stream ends or is closed, if a text was cut.
    """
    source = iter(texts)
    total = cut = 0

    def in_the_whole(place: int) -> int:
        return total + place

    try:
        while part := list(islice(source, window)):
            try:
                require_texts(part)
                made = call.embed(part)
            except MetierError as error:
                error.move(in_the_whole)
                raise
            total += len(part)
            cut += int(made.truncated.sum())
            yield call.marked(made)
    finally:
        call.warn_of_cut(cut, total)


def warn_of_cut(profile: ModelProfile, cut: int, total: int) -> None:
    """Say how many of `total` texts were longer than a model reads, if any was."""
    if cut:
        warn_caller(
            f"{cut} of {total} texts were longer than {profile.id!r} reads ({profile.max_tokens} "
            "tokens) and were cut."
        )
