"""Qwen3-Embedding: a causal decoder read at its last token. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from metier.errors import ParameterError
from metier.models.checkpoint import read_config
from metier.models.device import Placement, place
from metier.models.embedder import Encoded
from metier.models.family import LoadOptions, ModelSource
from metier.models.fingerprint import fingerprint
from metier.models.layout import read_max_tokens, read_prompts, transformer_folder
from metier.models.loading import load_transformer
from metier.models.padding import pad_right
from metier.models.plan import Tokens, run_batches
from metier.models.pooling import pool
from metier.models.profile import MRL_MIN_DIM, ModelProfile
from metier.models.prompt import Prompt, Side
from metier.models.qwen3 import templates
from metier.models.qwen3.checks import check_vocabulary, end_of_text_id
from metier.models.tokens import TextTokenizer, Tokenised
from metier.models.vectors import check_dim, finish
from metier.models.weights import weights_digest
from metier.progress import Progress
from metier.texts.checks import require_unicode

MAX_TOKENS = 32768
"""Longest input the model card names; the config of a checkpoint may allow less."""


class Qwen3Embedder:
    """Instruction in, last token out: the algorithm of the Qwen3-Embedding model card.

    Rows are padded on the right, where the causal mask already hides the padding, so no attention
    mask is needed and a vector does not depend on the texts it is computed with.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        tokenizer: TextTokenizer,
        profile: ModelProfile,
        placement: Placement,
        *,
        fingerprint: str,
        end_id: int,
        default_task: str = templates.DEFAULT_TASK,
    ) -> None:
        self.profile = profile
        self.fingerprint = fingerprint
        self.device = str(placement.device)
        self.dtype = placement.dtype_name
        self._model = model
        self._tokenizer = tokenizer
        self._placement = placement
        self._end_id = end_id
        self._default_task = default_task

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The model card's template; a document without a task has no prompt."""
        return templates.embedding_prompt(task, side, default_task=self._default_task)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Encoded:
        """Embed texts under one prompt.

        Returns:
            (n, dim) unit rows. A text over `profile.max_tokens` is cut on the right and marked;
            the instruction and the closing token stay.

        Raises:
            DimError: `dim` is not in 1..profile.dim.
            InputError: a text is not valid Unicode.
            ParameterError: the instruction alone fills the model's input.
            ModelError: the model gave NaN or infinity.
        """
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        read = self._read(texts, prompt)
        lengths = np.array([len(ids) for ids in read.ids], dtype=np.int32)

        def vectors(batch: list[Tokens], rows: list[int]) -> npt.NDArray[np.float32]:
            return finish(self._pooled(batch), dim, rows=rows)

        made = run_batches(
            read.ids, vectors, width=dim, budget=self._placement.budget, progress=progress
        )
        return Encoded(made, lengths, read.truncated)

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, the closing token included, before any cut."""
        require_unicode(texts)
        rendered = [prompt.render(text) for text in texts]
        return [len(ids) + 1 for ids in self._tokenizer.encode(rendered)]

    def _read(self, texts: Sequence[str], prompt: Prompt) -> Tokenised:
        room = self.profile.max_tokens - 1
        # Prefix and text are tokenised together: a token may span `Query:` and what follows it.
        plain = self._tokenizer.encode([prompt.render(text) for text in texts])
        truncated = np.array([len(ids) > room for ids in plain], dtype=np.bool_)
        if truncated.any():
            self._check_room(prompt, room)
        end = np.array([self._end_id], dtype=np.int32)
        return Tokenised([np.concatenate([ids[:room], end]) for ids in plain], truncated)

    def _check_room(self, prompt: Prompt, room: int) -> None:
        used = len(self._tokenizer.encode([prompt.prefix])[0])
        if used >= room:
            raise ParameterError(
                f"The instruction has {used} tokens and leaves no room for a text.",
                why=f"The model reads at most {self.profile.max_tokens} tokens.",
                fix="Shorten the instruction: one sentence is what the model was trained on.",
            )

    @torch.inference_mode()
    def _pooled(self, batch: Sequence[Tokens]) -> npt.NDArray[np.float32]:
        ids, lengths = pad_right(batch, self._end_id, self._placement.device)
        # use_cache=False: otherwise a key-value cache is built and thrown away.
        hidden = self._model(input_ids=ids, use_cache=False).last_hidden_state
        pooled: npt.NDArray[np.float32] = pool(hidden, lengths, "last").cpu().numpy()
        return pooled


def load_qwen3_embedder(source: ModelSource, options: LoadOptions) -> Qwen3Embedder:
    """Load a Qwen3 checkpoint as an embedder.

    Raises:
        CheckpointError: weights, config and tokenizer do not fit each other.
        ParameterError: the device or dtype asked for is not there.
    """
    from transformers import Qwen3Model

    folder = transformer_folder(source.folder)
    config = read_config(folder)
    placement = place(options, half_on_cpu=True)
    tokenizer = TextTokenizer.load(folder)
    end_id = end_of_text_id(tokenizer, folder)
    check_vocabulary(tokenizer, int(config["vocab_size"]), folder)
    model = load_transformer(Qwen3Model, folder, placement, attention="sdpa")
    weights = weights_digest(folder)
    dim = int(config["hidden_size"])
    limits = (MAX_TOKENS, int(config["max_position_embeddings"]), read_max_tokens(source.folder))
    max_tokens = min(limit for limit in limits if limit)
    profile = ModelProfile(
        id=source.spec,
        family="qwen3",
        revision=source.revision or weights[:16],
        dim=dim,
        mrl=True,
        min_dim=min(MRL_MIN_DIM, dim),
        max_tokens=max_tokens,
        instruction_aware=True,
        pooling="last",
    )
    mark = fingerprint(
        folder,
        weights,
        tokenizer,
        template=templates.VERSION,
        pooling="last",
        max_tokens=max_tokens,
    )
    return Qwen3Embedder(
        model,
        tokenizer,
        profile,
        placement,
        fingerprint=mark,
        end_id=end_id,
        # A model trained further for one task names that task in its query prompt.
        default_task=templates.task_in(read_prompts(source.folder).get("query", ""))
        or templates.DEFAULT_TASK,
    )
