"""Embedders in sentence-transformers layout: BERT and its kin. Imports torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from metier.errors import InputError
from metier.models.batching import Budget, Tokens, run_batches, run_each
from metier.models.device import Placement
from metier.models.embedder import (
    Embeddings,
    ModelProfile,
    Prompt,
    Side,
    TokenStates,
    TokenStateSink,
)
from metier.models.encoder.token_model import TokenModel
from metier.models.layout import Layout
from metier.models.tokens import TextTokenizer, TokenBatch, embed_windows
from metier.models.vectors import check_dim, finish
from metier.progress import Progress
from metier.texts.checks import require_unicode

DOCUMENT_NAMES = ("document", "passage", "corpus")
"""Names a folder may give its document prompt, first found first: as `encode_document` does."""

# `Instruct: <task>` up to the line break before `Query:`; E5-instruct and GTE write it so.
_INSTRUCT = re.compile(r"(?P<before>.*?Instruct:[ ]?)(?P<task>.*?)(?P<after>\n+Query:\s*)", re.S)


class FolderPrompts:
    """The prompts of one folder.

    Args:
        prompts: named prompts, the text as it goes before the input.
        default: prompt of a side that has none of its own.
    """

    def __init__(self, prompts: Mapping[str, str], default: str = "") -> None:
        named = (prompts[name] for name in DOCUMENT_NAMES if name in prompts)
        self._document = next(named, default)
        self._query = prompts.get("query", default)
        self._instruct = _INSTRUCT.fullmatch(self._query)

    @property
    def instruction_aware(self) -> bool:
        """Whether the query prompt holds a task in the form of instruction-trained models."""
        return self._instruct is not None

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The prompt of a side. A task replaces the default one, where the model reads tasks."""
        if task is None or self._instruct is None:
            prefix = self._query if side == "query" else self._document
            default_task = self._instruct["task"] if self._instruct else None
            return Prompt(side, prefix, default_task if side == "query" else None)
        return Prompt(side, self._instruct["before"] + task + self._instruct["after"], task)


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
    ) -> Embeddings:
        """Embed texts under one prompt.

        Returns:
            (n, dim) unit rows; texts over `profile.max_tokens` are cut on the right and marked.

        Raises:
            DimError: `dim` is not in 1..profile.dim.
            InputError: a text is not valid Unicode or gives no token at all.
            ModelError: the model gave NaN or infinity.
        """
        return self._embed(texts, prompt, dim, progress, None)

    def embed_keeping(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink,
    ) -> Embeddings:
        """As `embed`, and tell `keep` the states that the vectors are made of; see `KeepsStates`.

        Raises:
            As `embed`.
        """
        return self._embed(texts, prompt, dim, progress, keep)

    def _embed(
        self,
        texts: Sequence[str],
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink | None,
    ) -> Embeddings:
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        skip = 0 if self._include_prompt else self._prompt_length(prompt)
        wanted = keep is not None

        def read(window: Sequence[str]) -> TokenBatch:
            rendered = [prompt.render(text) for text in window]
            limit = self.profile.max_tokens
            return self._tokenizer.encode_with_template(rendered, limit=limit, spans=wanted)

        def vectors(window: TokenBatch, names: Sequence[int]) -> npt.NDArray[np.float32]:
            _require_tokens(window.ids, names)
            spans = dict(zip(names, window.spans, strict=True)) if wanted else {}

            def compute(batch: list[Tokens], rows: list[int]) -> npt.NDArray[np.float32]:
                nonlocal wanted
                if keep is None or not wanted:
                    return finish(self._model.pooled(batch, skip).cpu().numpy(), dim, rows=rows)
                pooled, states = self._model.read(batch, skip)
                made = finish(pooled.cpu().numpy(), dim, rows=rows)
                for row, ids, one in zip(rows, batch, self._unit(states, batch, rows), strict=True):
                    if wanted:
                        wanted = keep(texts[row], self._states(ids, spans[row], one, prompt))
                return made

            return run_batches(
                window.ids, compute, width=dim, budget=self._budget, names=names, progress=progress
            )

        return embed_windows(texts, read, vectors, dim=dim, progress=progress)

    def token_states(
        self, texts: Sequence[str], *, prompt: Prompt, progress: Progress
    ) -> list[TokenStates]:
        """The states of each text, token by token; see `TokenStates`.

        Raises:
            As `embed`, of texts and numbers.
        """
        rendered = [prompt.render(text) for text in texts]
        read = self._tokenizer.encode_with_template(
            rendered, limit=self.profile.max_tokens, spans=True
        )
        _require_tokens(read.ids, range(len(texts)))

        def compute(batch: list[Tokens], rows: list[int]) -> list[npt.NDArray[np.float16]]:
            return self._unit(self._model.states(batch), batch, rows)

        made = run_each(read.ids, compute, budget=self._budget, progress=progress)
        return [
            self._states(ids, spans, vectors, prompt)
            for ids, spans, vectors in zip(read.ids, read.spans, made, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, special tokens included, before any cut."""
        require_unicode(texts)
        return self._tokenizer.count_with_template([prompt.render(text) for text in texts])

    def _unit(
        self, states: torch.Tensor, batch: list[Tokens], rows: list[int]
    ) -> list[npt.NDArray[np.float16]]:
        """(all tokens, dim) as unit rows of each sequence."""
        lengths = [len(ids) for ids in batch]
        named = [row for row, length in zip(rows, lengths, strict=True) for _ in range(length)]
        unit = finish(states.float().cpu().numpy(), self.profile.dim, rows=named)
        return np.split(unit.astype(np.float16), np.cumsum(lengths[:-1]))

    def _states(
        self,
        ids: Tokens,
        spans: npt.NDArray[np.int32],
        vectors: npt.NDArray[np.float16],
        prompt: Prompt,
    ) -> TokenStates:
        """What belongs to the text itself, of all that was read."""
        before = len(prompt.prefix)
        special = np.array(sorted(self._tokenizer.special_ids), dtype=np.int32)
        own = ~np.isin(ids, special) & (spans[:, 1] > before)
        return TokenStates(np.maximum(spans[own] - before, 0), vectors[own])

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
