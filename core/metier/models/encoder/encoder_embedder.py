"""Embedders in sentence-transformers layout: BERT and similar models. Imports torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from metier.errors import CheckpointError, ErrorPosition, InputError
from metier.models.batching import Budget, Tokens, run_batches, run_each
from metier.models.checkpoint import read_config
from metier.models.device import Placement, choose_placement
from metier.models.embedder import (
    MRL_MIN_DIM,
    Embeddings,
    ModelProfile,
    Prompt,
    Side,
    TokenStates,
    TokenStateSink,
)
from metier.models.encoder.bert import load_bert, read_plain_bert
from metier.models.encoder.token_model import TokenModel
from metier.models.family import LoadOptions, ModelSource
from metier.models.fingerprint import fingerprint
from metier.models.kernels.encoder_forward import (
    OFFSET_POSITIONS,
    packed_forward,
    pad_id_of,
    padded_forward,
    register_attention,
    runs_packed,
)
from metier.models.layout import Layout, read_layout
from metier.models.self_check import load_checked
from metier.models.tokens import TextTokenizer, TokenBatch, embed_windows
from metier.models.transformers_loading import load_transformer
from metier.models.vectors import check_dim, slice_and_normalize
from metier.models.weights import weights_digest, weights_stamp
from metier.progress import Progress
from metier.texts.checks import require_unicode

ARITHMETIC = 1
"""Part of every fingerprint of this family. Raise it with a change of the code, such as a bug fix,
after which vectors differ by more than rounding: earlier vectors are then neither compared with new
ones nor read from the cache."""

FALLBACK_MAX_TOKENS = 512
"""Longest input of a model without a position table whose folder does not say it either."""

DOCUMENT_NAMES = ("document", "passage", "corpus")
"""Names of the document prompt, in the order sentence-transformers' `encode_document` looks."""

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

    def own_part(self, prompt: Prompt) -> str:
        """The beginning of a prompt that the folder wrote, and no user."""
        own = [self._query, self._document]
        if self._instruct is not None:
            own.append(self._instruct["before"])
        return max((part for part in own if prompt.prefix.startswith(part)), key=len, default="")


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
        self.default_prompt = layout.default_prompt
        self._budget = budget

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The folder's prompt of the side; a task reaches only a model that reads tasks."""
        return self._prompts.prompt(task, side)

    def embed(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink | None = None,
    ) -> Embeddings:
        """Embed texts under one prompt: (n, dim) unit rows; `keep` is that of `embed_keeping`.

        Texts over `profile.max_tokens` are cut on the right and marked.

        Raises:
            DimError: `dim` is not in 1..profile.dim.
            InputError: a text is not valid Unicode or gives no token at all.
            ModelError: the model gave NaN or infinity.
        """
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        skip = 0 if self._include_prompt else self._prompt_length(prompt)
        keeping = keep is not None

        def tokenize(window: Sequence[str]) -> TokenBatch:
            return self._tokenize(window, prompt, spans=keeping)

        def compute_window(window: TokenBatch, names: Sequence[int]) -> npt.NDArray[np.float32]:
            _require_tokens(window.ids, names)
            spans = dict(zip(names, window.spans, strict=True)) if keeping else {}

            def compute(batch: list[Tokens], rows: list[int]) -> npt.NDArray[np.float32]:
                nonlocal keeping
                if keep is None or not keeping:
                    pooled = self._model.pooled(batch, skip)
                else:
                    pooled, states = self._model.read(batch, skip)
                    unit_states = self._unit_states(states, batch, rows)
                    keeping = all(
                        keep(texts[row], self._token_states(ids, spans[row], vectors, prompt))
                        for row, ids, vectors in zip(rows, batch, unit_states, strict=True)
                    )
                return slice_and_normalize(pooled.cpu().numpy(), dim, rows=rows)

            return run_batches(
                window.ids, compute, width=dim, budget=self._budget, names=names, progress=progress
            )

        return embed_windows(texts, tokenize, compute_window, dim=dim, progress=progress)

    def embed_keeping(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink,
    ) -> Embeddings:
        """As `embed`; `keep` receives the states the vectors are made of, until it returns False.

        Raises:
            As `embed`.
        """
        return self.embed(texts, prompt=prompt, dim=dim, progress=progress, keep=keep)

    def token_states(
        self, texts: Sequence[str], *, prompt: Prompt, progress: Progress
    ) -> list[TokenStates]:
        """The states of each text, token by token; see `TokenStates`.

        Raises:
            InputError: a text is not valid Unicode or gives no token at all.
            ModelError: the model gave NaN or infinity.
        """
        tokenized = self._tokenize(texts, prompt, spans=True)
        _require_tokens(tokenized.ids, range(len(texts)))

        def compute(batch: list[Tokens], rows: list[int]) -> list[npt.NDArray[np.float16]]:
            return self._unit_states(self._model.states(batch), batch, rows)

        states = run_each(tokenized.ids, compute, budget=self._budget, progress=progress)
        return [
            self._token_states(ids, spans, vectors, prompt)
            for ids, spans, vectors in zip(tokenized.ids, tokenized.spans, states, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, special tokens included, before any cut."""
        require_unicode(texts)
        rendered = [prompt.render(text) for text in texts]
        return self._tokenizer.count_with_template(rendered, prompt=self._prompts.own_part(prompt))

    def _tokenize(self, texts: Sequence[str], prompt: Prompt, *, spans: bool) -> TokenBatch:
        return self._tokenizer.encode_with_template(
            [prompt.render(text) for text in texts],
            limit=self.profile.max_tokens,
            spans=spans,
            prompt=self._prompts.own_part(prompt),
        )

    def _unit_states(
        self, states: torch.Tensor, batch: list[Tokens], rows: list[int]
    ) -> list[npt.NDArray[np.float16]]:
        """The unit rows of each sequence, from (all tokens, dim) states."""
        lengths = [len(ids) for ids in batch]
        named = [row for row, length in zip(rows, lengths, strict=True) for _ in range(length)]
        unit = slice_and_normalize(states.float().cpu().numpy(), self.profile.dim, rows=named)
        return np.split(unit.astype(np.float16), np.cumsum(lengths[:-1]))

    def _token_states(
        self,
        ids: Tokens,
        spans: npt.NDArray[np.int32],
        vectors: npt.NDArray[np.float16],
        prompt: Prompt,
    ) -> TokenStates:
        """Spans and vectors of the tokens of the text itself, without prompt and special tokens."""
        before = len(prompt.prefix)
        special = np.array(sorted(self._tokenizer.special_ids), dtype=np.int32)
        own = ~np.isin(ids, special) & (spans[:, 1] > before)
        return TokenStates(np.maximum(spans[own] - before, 0), vectors[own])

    def _prompt_length(self, prompt: Prompt) -> int:
        """Leading tokens that belong to the prompt; a closing special token does not."""
        if not prompt.prefix:
            return 0
        limit = self.profile.max_tokens
        own = self._prompts.own_part(prompt)
        ids = self._tokenizer.encode_with_template([prompt.prefix], limit=limit, prompt=own).ids[0]
        return len(ids) - int(int(ids[-1]) in self._tokenizer.special_ids)


def _require_tokens(texts: Sequence[Tokens], names: Sequence[int]) -> None:
    for name, ids in zip(names, texts, strict=True):
        if not len(ids):
            raise InputError("$position gives no token.", position=ErrorPosition(index=name))


def load_encoder(source: ModelSource, options: LoadOptions) -> EncoderEmbedder:
    """Load a folder in sentence-transformers layout as an embedder.

    Raises:
        CheckpointError: the layout has a step metier does not run, or the folder is damaged.
        ParameterError: the device or dtype asked for is not there.
    """
    layout = read_layout(source.require_folder())
    config = _checked_config(layout.transformer)
    placement = choose_placement(options)
    tokenizer = TextTokenizer.load(layout.transformer, lower_case=layout.lower_case)
    packed = runs_packed(config, placement)

    def load(on: Placement) -> TokenModel:
        transformer = _load_weights(layout.transformer, config, on, packed=packed)
        forward = packed_forward if packed else padded_forward
        run = forward(on.device, pad_id_of(transformer))
        return TokenModel(transformer, on, run, layout.pooling)

    stamp = weights_stamp(layout.transformer)  # before they are read, so that a later write shows
    model, placement = load_checked(placement, load, TokenModel.agreement)
    weights = weights_digest(layout.transformer)
    max_tokens = _max_tokens(layout, tokenizer, config, model.pad_id)
    profile = ModelProfile(
        id=source.spec,
        family="encoder",
        revision=source.revision or weights[:16],
        dim=model.dim,
        mrl=layout.is_matryoshka,
        min_dim=_min_dim(layout, model.dim),
        max_tokens=max_tokens,
        instruction_aware=FolderPrompts(layout.prompts, layout.default_prompt).instruction_aware,
        pooling=layout.pooling,
        stamp=stamp,
    )
    return EncoderEmbedder(
        model,
        tokenizer,
        layout,
        profile,
        placement,
        fingerprint=_fingerprint(layout, weights, tokenizer, max_tokens),
        budget=placement.budget(padded=not packed),
    )


def _load_weights(
    folder: Path, config: dict[str, Any], placement: Placement, *, packed: bool
) -> torch.nn.Module:
    # Weights that are compared with float32, or rounded to integers, are read in float32.
    reading = placement.in_float32() if placement.automatic or placement.int8 else placement
    plain = read_plain_bert(folder, config) if packed else None
    if plain is not None:
        return load_bert(folder, plain, reading, mapped=placement.automatic)
    from transformers import AutoModel

    attention = register_attention() if packed else None
    return load_transformer(AutoModel, folder, reading, attention=attention)


def _fingerprint(layout: Layout, weights: str, tokenizer: TextTokenizer, max_tokens: int) -> str:
    return fingerprint(
        layout.transformer,
        weights,
        tokenizer,
        arithmetic=ARITHMETIC,
        templated=True,
        template="encoder-2",
        pooling=layout.pooling,
        include_prompt=layout.include_prompt,
        max_tokens=max_tokens,
    )


def _checked_config(folder: Path) -> dict[str, Any]:
    config = read_config(folder)
    if config.get("is_encoder_decoder"):
        raise CheckpointError(
            f"'{folder}' is an encoder-decoder model ({config['model_type']!r}), which metier does "
            "not run.",
            fix="Choose an encoder or decoder model.",
        )
    if "auto_map" in config:
        raise CheckpointError(
            f"'{folder}' needs Python code of its own (auto_map in config.json).",
            why="metier runs no code from a model folder.",
            fix="Choose a model whose architecture is part of transformers.",
        )
    return config


def _max_tokens(
    layout: Layout, tokenizer: TextTokenizer, config: dict[str, Any], pad_id: int
) -> int:
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        if config["model_type"] in OFFSET_POSITIONS:
            positions -= pad_id + 1
    else:
        positions = None
    declared = layout.max_tokens or tokenizer.max_tokens
    limits = [limit for limit in (declared, positions) if limit]
    return min(limits, default=FALLBACK_MAX_TOKENS)


def _min_dim(layout: Layout, dim: int) -> int:
    if not layout.is_matryoshka:
        return dim
    return min(dim, layout.matryoshka[0] if layout.matryoshka else MRL_MIN_DIM)
