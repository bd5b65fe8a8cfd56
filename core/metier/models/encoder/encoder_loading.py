"""A folder in sentence-transformers layout to an embedder. Imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from metier.errors import CheckpointError
from metier.models.checkpoint import read_config
from metier.models.device import Placement, place
from metier.models.embedder import MRL_MIN_DIM, ModelProfile
from metier.models.encoder.embedding import EncoderEmbedder, FolderPrompts
from metier.models.encoder.token_model import TokenModel
from metier.models.family import LoadOptions, ModelSource
from metier.models.fingerprint import fingerprint
from metier.models.kernels.encoder import (
    OFFSET_POSITIONS,
    packed_forward,
    pad_id_of,
    padded_forward,
    register_attention,
    runs_packed,
)
from metier.models.layout import Layout, read_layout
from metier.models.self_check import proven
from metier.models.tokens import TextTokenizer
from metier.models.weight_loading import load_transformer
from metier.models.weights import weights_digest, weights_stamp

ARITHMETIC = 1
"""Part of every fingerprint of this family. Raise it with a change of the code, such as a fault
that is mended, after which a model gives vectors that differ by more than rounding: what was
computed before is then neither compared nor taken from the cache."""

FALLBACK_MAX_TOKENS = 512
"""Longest input of a model without position table whose folder does not say one either."""


def load_encoder(source: ModelSource, options: LoadOptions) -> EncoderEmbedder:
    """Load a folder in sentence-transformers layout as an embedder.

    Raises:
        CheckpointError: the layout has a step metier does not run, or the folder is damaged.
        ParameterError: the device or dtype asked for is not there.
    """
    from transformers import AutoModel

    layout = read_layout(source.folder)
    config = _checked_config(layout.transformer)
    placement = place(options)
    tokenizer = TextTokenizer.load(layout.transformer, lower_case=layout.lower_case)
    packed = runs_packed(config, placement)

    def load(on: Placement) -> TokenModel:
        # What is measured against float32, or rounded to integers, is read in float32.
        reading = on.in_float32() if on.automatic or on.int8 else on
        attention = register_attention() if packed else None
        read = load_transformer(AutoModel, layout.transformer, reading, attention=attention)
        forward = packed_forward if packed else padded_forward
        run = forward(on.device, pad_id_of(read))
        return TokenModel(read, on, run, layout.pooling)

    stamp = weights_stamp(layout.transformer)  # before they are read: a later write shows
    model, placement = proven(placement, load, TokenModel.agreement)
    weights = weights_digest(layout.transformer)
    max_tokens = _max_tokens(layout, tokenizer, config, model.pad_id)
    dim = model.dim
    profile = ModelProfile(
        id=source.spec,
        family="encoder",
        revision=source.revision or weights[:16],
        dim=dim,
        mrl=layout.is_matryoshka,
        min_dim=_min_dim(layout, dim),
        max_tokens=max_tokens,
        instruction_aware=FolderPrompts(layout.prompts, layout.default_prompt).instruction_aware,
        pooling=layout.pooling,
        stamp=stamp,
    )
    mark = fingerprint(
        layout.transformer,
        weights,
        tokenizer,
        arithmetic=ARITHMETIC,
        templated=True,
        template="encoder-1",
        pooling=layout.pooling,
        include_prompt=layout.include_prompt,
        max_tokens=max_tokens,
    )
    return EncoderEmbedder(
        model,
        tokenizer,
        layout,
        profile,
        placement,
        fingerprint=mark,
        budget=placement.budget(padded=not packed),
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
    wanted = layout.max_tokens or tokenizer.max_tokens
    limits = [limit for limit in (wanted, positions) if limit]
    return min(limits, default=FALLBACK_MAX_TOKENS)


def _min_dim(layout: Layout, dim: int) -> int:
    if not layout.is_matryoshka:
        return dim
    return min(dim, layout.matryoshka[0] if layout.matryoshka else MRL_MIN_DIM)
