"""Embedders in sentence-transformers layout: BERT and its kin. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metier.errors import InputError
from metier.models.device import Placement
from metier.models.embedder import Encoded, States
from metier.models.encoder.token_model import TokenModel
from metier.models.folder_prompts import FolderPrompts
from metier.models.layout import Layout
from metier.models.plan import Budget, Tokens, run_batches, run_each
from metier.models.profile import ModelProfile
from metier.models.prompt import Prompt, Side
from metier.models.tokens import TextTokenizer, Tokenised
from metier.models.vectors import check_dim, finish
from metier.models.windows import embed_windows
from metier.progress import Progress
from metier.texts.checks import require_unicode


class EncoderEmbedder:
    """A transformer, a pooling and unit vectors, as the folder's own files say."""

    def __init__(
        self,
        model: TokenModel,
        tokenizer: TextTokenizer,
        layout: Layout,
        profile: ModelProfile,
        placement: Placement,
        *,
        fingerprint: str,
        budget: Budget,
    ) -> None:
        self.profile = profile
        self.fingerprint = fingerprint
        self.device = str(placement.device)
        self.dtype = placement.dtype_name
        self._model = model
        self._tokenizer = tokenizer
        self._include_prompt = layout.include_prompt
        self._prompts = FolderPrompts(layout.prompts, layout.default_prompt)
        self._budget = budget

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The folder's prompt of the side; a task reaches only a model that reads tasks."""
        return self._prompts.prompt(task, side)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Encoded:
        """Embed texts under one prompt.

        Returns:
            (n, dim) unit rows; texts over `profile.max_tokens` are cut on the right and marked.

        Raises:
            DimError: `dim` is not in 1..profile.dim.
            InputError: a text is not valid Unicode or gives no token at all.
            ModelError: the model gave NaN or infinity.
        """
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        skip = 0 if self._include_prompt else self._prompt_length(prompt)

        def read(window: Sequence[str]) -> Tokenised:
            rendered = [prompt.render(text) for text in window]
            return self._tokenizer.encode_with_template(rendered, limit=self.profile.max_tokens)

        def compute(batch: list[Tokens], rows: list[int]) -> npt.NDArray[np.float32]:
            return finish(self._model.pooled(batch, skip).cpu().numpy(), dim, rows=rows)

        def vectors(window: Tokenised, names: Sequence[int]) -> npt.NDArray[np.float32]:
            _require_tokens(window.ids, names)
            return run_batches(
                window.ids, compute, width=dim, budget=self._budget, names=names, progress=progress
            )

        return embed_windows(texts, read, vectors, dim=dim, progress=progress)

    def token_states(
        self, texts: Sequence[str], *, prompt: Prompt, progress: Progress
    ) -> list[States]:
        """The states of each text, token by token; see `States`.

        Raises:
            As `embed`, of texts and numbers.
        """
        rendered = [prompt.render(text) for text in texts]
        read = self._tokenizer.encode_with_template(
            rendered, limit=self.profile.max_tokens, spans=True
        )
        _require_tokens(read.ids, range(len(texts)))
        special = np.array(sorted(self._tokenizer.special_ids), dtype=np.int32)
        dim, before = self.profile.dim, len(prompt.prefix)

        def compute(batch: list[Tokens], rows: list[int]) -> list[npt.NDArray[np.float16]]:
            states = [one.float().cpu().numpy() for one in self._model.states(batch)]
            return [
                finish(one, dim, rows=[row] * len(one)).astype(np.float16)
                for row, one in zip(rows, states, strict=True)
            ]

        made = run_each(read.ids, compute, budget=self._budget, progress=progress)
        found = []
        for ids, spans, vectors in zip(read.ids, read.spans, made, strict=True):
            own = ~np.isin(ids, special) & (spans[:, 1] > before)
            found.append(States(np.maximum(spans[own] - before, 0), vectors[own]))
        return found

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, special tokens included, before any cut."""
        require_unicode(texts)
        return self._tokenizer.count_with_template([prompt.render(text) for text in texts])

    def _prompt_length(self, prompt: Prompt) -> int:
        """Leading tokens that are the prompt's: a closing special token is not."""
        if not prompt.prefix:
            return 0
        limit = self.profile.max_tokens
        ids = self._tokenizer.encode_with_template([prompt.prefix], limit=limit).ids[0]
        return len(ids) - int(int(ids[-1]) in self._tokenizer.special_ids)


def _require_tokens(texts: Sequence[Tokens], names: Sequence[int]) -> None:
    for name, ids in zip(names, texts, strict=True):
        if not len(ids):
            raise InputError(f"Text {name} gives no token.")
