"""Qwen3-Embedding: a causal decoder whose last token gives the vector. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from metier.errors import ParameterError
from metier.models.batching import Tokens, run_batches
from metier.models.checkpoint import config_number, read_config
from metier.models.device import Placement, choose_placement
from metier.models.embedder import MRL_MIN_DIM, Embeddings, ModelProfile, Prompt, Side
from metier.models.family import LoadOptions, ModelSource
from metier.models.fingerprint import fingerprint
from metier.models.kernels.decoder import Decoder, Prefix
from metier.models.kernels.prefix_cache import PrefixCache
from metier.models.layout import read_max_tokens, read_prompts, transformer_folder
from metier.models.qwen3 import templates
from metier.models.qwen3.checkpoint_checks import (
    check_is_embedder,
    check_vocabulary,
    cuts_before_colon,
    end_of_text_id,
)
from metier.models.self_check import load_checked
from metier.models.tokens import TextTokenizer, TokenBatch, embed_windows
from metier.models.transformers_loading import load_transformer
from metier.models.vectors import check_dim, slice_and_normalize
from metier.models.weights import weights_digest, weights_stamp
from metier.progress import Progress
from metier.texts.checks import require_unicode

MAX_TOKENS = 32768
"""Longest input the model card names; the config of a checkpoint may allow less."""

LONG = 1024
"""Length in tokens above which a shared prefix saves less than its mask costs."""


class Qwen3Embedder:
    """The algorithm of the Qwen3-Embedding model card: the state of the last token is the vector.

    Texts are laid end to end without padding, so that except for rounding a vector does not depend
    on the texts it is computed with. The shared part of a prompt is computed once and kept.
    """

    def __init__(
        self,
        decoder: Decoder,
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
        self._decoder = decoder
        self._prefixes = PrefixCache(decoder)
        self._shares_prompts = cuts_before_colon(tokenizer)
        colon = tokenizer.encode([":"])[0]
        self._colon = int(colon[0]) if len(colon) == 1 else -1
        self._tokenizer = tokenizer
        self._placement = placement
        self._end_id = end_id
        self._default_task = default_task

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The model card's template; a document without a task has no prompt."""
        return templates.embedding_prompt(task, side, default_task=self._default_task)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Embeddings:
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
        shared, rest = self._split(prompt)

        def tokenize(window: Sequence[str]) -> TokenBatch:
            return self._tokenize(window, prompt, len(shared), rest)

        def compute(window: TokenBatch, names: Sequence[int]) -> npt.NDArray[np.float32]:
            vectors = np.empty((len(window.ids), dim), dtype=np.float32)
            for rows, prefix in self._group_by_prefix(window.ids, shared):
                in_prefix = prefix.length - len(shared) if prefix is not None else 0
                vectors[rows] = self._vectors(
                    [window.ids[row][in_prefix:] for row in rows],
                    prefix,
                    dim=dim,
                    names=[names[row] for row in rows],
                    progress=progress,
                )
            return vectors

        embedded = embed_windows(texts, tokenize, compute, dim=dim, progress=progress)
        return replace(embedded, tokens=embedded.tokens + np.int32(len(shared)))

    def _group_by_prefix(
        self, texts: Sequence[Tokens], shared: Tokens
    ) -> Iterator[tuple[list[int], Prefix | None]]:
        """Rows of texts, and the prefix that stands before them.

        The colon at the end of a prompt is part of the prefix where it is a token of its own and
        not joined to the beginning of the text: one token less for nearly every query.
        """
        if not len(shared):
            yield list(range(len(texts))), None
            return
        separate = [row for row, ids in enumerate(texts) if ids[0] == self._colon]
        joined = [row for row, ids in enumerate(texts) if ids[0] != self._colon]
        colon = np.array([self._colon], dtype=np.int32)
        if separate:
            yield separate, self._prefixes.get([shared, colon])
        if joined:
            yield joined, self._prefixes.get([shared])

    def _vectors(
        self,
        texts: Sequence[Tokens],
        prefix: Prefix | None,
        *,
        dim: int,
        names: Sequence[int],
        progress: Progress,
    ) -> npt.NDArray[np.float32]:
        def compute(batch: list[Tokens], rows: list[int]) -> npt.NDArray[np.float32]:
            return slice_and_normalize(
                self._pooled(batch, prefix).float().cpu().numpy(), dim, rows=rows
            )

        return run_batches(
            texts,
            compute,
            width=dim,
            budget=self._placement.budget(padded=False),
            prefix=prefix.length if prefix is not None else 0,
            names=names,
            progress=progress,
        )

    def _pooled(self, batch: list[Tokens], prefix: Prefix | None) -> torch.Tensor:
        if prefix is not None and max(len(ids) for ids in batch) > LONG:
            return self._decoder.pooled([np.concatenate([prefix.tokens, ids]) for ids in batch])
        return self._decoder.pooled(batch, prefix)

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, the closing token included, before any cut."""
        require_unicode(texts)
        rendered = [prompt.render(text) for text in texts]
        return [len(ids) + 1 for ids in self._tokenizer.encode(rendered)]

    def token_ids(self, texts: Sequence[str], *, prompt: Prompt) -> list[Tokens]:
        """All ids of each text: prompt, text cut to `profile.max_tokens`, closing token.

        Raises:
            InputError: a text is not valid Unicode.
            ParameterError: the instruction alone fills the model's input.
        """
        require_unicode(texts)
        shared, rest = self._split(prompt)
        tokenized = self._tokenize(texts, prompt, len(shared), rest)
        return [np.concatenate([shared, ids]) for ids in tokenized.ids]

    def _split(self, prompt: Prompt) -> tuple[Tokens, str]:
        """Tokens that all texts under a prompt share, and the rest of the prompt as text."""
        shared, rest = "", prompt.prefix
        if self._shares_prompts:
            shared, rest = templates.shared_part(prompt.prefix)
        return self._tokenizer.encode([shared])[0], rest

    def _tokenize(self, texts: Sequence[str], prompt: Prompt, shared: int, rest: str) -> TokenBatch:
        """The tokens of each text after the shared ones, with its closing token."""
        limit = self.profile.max_tokens - 1 - shared
        plain = self._tokenizer.encode([rest + text for text in texts])
        truncated = np.array([len(ids) > limit for ids in plain], dtype=np.bool_)
        if truncated.any():
            self._check_prompt_length(prompt)
        end = np.array([self._end_id], dtype=np.int32)
        return TokenBatch([np.concatenate([ids[:limit], end]) for ids in plain], truncated)

    def _check_prompt_length(self, prompt: Prompt) -> None:
        used = len(self._tokenizer.encode([prompt.prefix])[0])
        if used >= self.profile.max_tokens - 1:
            raise ParameterError(
                f"The instruction has {used} tokens and leaves no room for a text.",
                why=f"The model reads at most {self.profile.max_tokens} tokens.",
                fix="Shorten the instruction: one sentence is what the model was trained on.",
                parameter="instruction",
            )


def load_qwen3_embedder(source: ModelSource, options: LoadOptions) -> Qwen3Embedder:
    """Load a Qwen3 checkpoint as an embedder.

    Raises:
        CheckpointError: weights, config and tokenizer do not fit each other.
        ParameterError: the device or dtype asked for is not there.
    """
    from transformers import Qwen3Model

    root = source.require_folder()
    folder = transformer_folder(root)
    config = read_config(folder)
    placement = choose_placement(options)
    tokenizer = TextTokenizer.load(folder)
    end_id = end_of_text_id(tokenizer, folder)
    check_is_embedder(root, tokenizer, end_id)
    check_vocabulary(tokenizer, config_number(config, "vocab_size", folder), folder)

    def load(on: Placement) -> Decoder:
        return Decoder(load_transformer(Qwen3Model, folder, on, attention="sdpa"), on)

    stamp = weights_stamp(folder)  # before the weights are read, so that a later write shows
    decoder, placement = load_checked(placement, load, Decoder.agreement)
    weights = weights_digest(folder)
    profile = _profile(source, config, weights, stamp)
    return Qwen3Embedder(
        decoder,
        tokenizer,
        profile,
        placement,
        fingerprint=fingerprint(
            folder,
            weights,
            tokenizer,
            arithmetic=templates.ARITHMETIC,
            template=templates.VERSION,
            pooling="last",
            max_tokens=profile.max_tokens,
        ),
        end_id=end_id,
        # A model trained further for one task names that task in its query prompt.
        default_task=templates.task_in(read_prompts(root).get("query", ""))
        or templates.DEFAULT_TASK,
    )


def _profile(
    source: ModelSource, config: Mapping[str, Any], weights: str, stamp: str
) -> ModelProfile:
    root = source.require_folder()
    folder = transformer_folder(root)
    dim = config_number(config, "hidden_size", folder)
    positions = config_number(config, "max_position_embeddings", folder)
    limits = (MAX_TOKENS, positions, read_max_tokens(root))
    return ModelProfile(
        id=source.spec,
        family="qwen3",
        revision=source.revision or weights[:16],
        dim=dim,
        mrl=True,
        min_dim=min(MRL_MIN_DIM, dim),
        max_tokens=min(limit for limit in limits if limit),
        instruction_aware=True,
        pooling="last",
        stamp=stamp,
    )
