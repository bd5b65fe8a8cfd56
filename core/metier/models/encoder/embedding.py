"""Embedders in sentence-transformers layout: BERT and its kin. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from metier.errors import CheckpointError, InputError
from metier.models.checkpoint import read_config
from metier.models.device import Placement, place
from metier.models.embedder import Encoded
from metier.models.family import LoadOptions, ModelSource
from metier.models.fingerprint import fingerprint
from metier.models.folder_prompts import FolderPrompts
from metier.models.layout import Layout, read_layout
from metier.models.loading import load_transformer
from metier.models.padding import pad_right
from metier.models.plan import Tokens, run_batches
from metier.models.pooling import pool
from metier.models.profile import MRL_MIN_DIM, ModelProfile
from metier.models.prompt import Prompt, Side
from metier.models.tokens import TextTokenizer
from metier.models.vectors import check_dim, finish
from metier.models.weights import weights_digest
from metier.progress import Progress
from metier.texts.checks import require_unicode

FALLBACK_MAX_TOKENS = 512
"""Longest input of a model without position table whose folder does not say one either."""

# These count positions from the padding id + 1, so the table has rows no token can have.
_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet"})


class EncoderEmbedder:
    """A transformer, a pooling and unit vectors, as the folder's own files say.

    Tokens attend to each other in both directions, so padding is masked.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        tokenizer: TextTokenizer,
        layout: Layout,
        profile: ModelProfile,
        placement: Placement,
        *,
        fingerprint: str,
        pad_id: int,
    ) -> None:
        self.profile = profile
        self.fingerprint = fingerprint
        self.device = str(placement.device)
        self.dtype = placement.dtype_name
        self._model = model
        self._tokenizer = tokenizer
        self._include_prompt = layout.include_prompt
        self._prompts = FolderPrompts(layout.prompts, layout.default_prompt)
        self._placement = placement
        self._pad_id = pad_id

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
        read = self._tokenizer.encode_with_template(
            [prompt.render(text) for text in texts], limit=self.profile.max_tokens
        )
        lengths = np.array([len(ids) for ids in read.ids], dtype=np.int32)
        if (lengths == 0).any():
            raise InputError(f"Text {int(np.flatnonzero(lengths == 0)[0])} gives no token.")
        skip = 0 if self._include_prompt else self._prompt_length(prompt)

        def vectors(batch: list[Tokens], rows: list[int]) -> npt.NDArray[np.float32]:
            return finish(self._pooled(batch, skip), dim, rows=rows)

        made = run_batches(
            read.ids,
            vectors,
            width=dim,
            budget=self._placement.budget(padded=True),
            progress=progress,
        )
        return Encoded(made, lengths, read.truncated)

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, special tokens included, before any cut."""
        require_unicode(texts)
        return self._tokenizer.count_with_template([prompt.render(text) for text in texts])

    @torch.inference_mode()
    def _pooled(self, batch: Sequence[Tokens], skip: int) -> npt.NDArray[np.float32]:
        ids, lengths = pad_right(batch, self._pad_id, self._placement.device)
        mask = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        hidden = self._model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        pooled: npt.NDArray[np.float32] = (
            pool(hidden, lengths, self.profile.pooling, skip=skip).cpu().numpy()
        )
        return pooled

    def _prompt_length(self, prompt: Prompt) -> int:
        """Leading tokens that are the prompt's: a closing special token is not."""
        if not prompt.prefix:
            return 0
        limit = self.profile.max_tokens
        ids = self._tokenizer.encode_with_template([prompt.prefix], limit=limit).ids[0]
        return len(ids) - int(int(ids[-1]) in self._tokenizer.special_ids)


def load_encoder(source: ModelSource, options: LoadOptions) -> EncoderEmbedder:
    """Load a folder in sentence-transformers layout as an embedder.

    Raises:
        CheckpointError: the layout has a step metier does not run, or the folder is damaged.
        ParameterError: the device or dtype asked for is not there.
    """
    from transformers import AutoModel

    layout = read_layout(source.folder)
    config = _checked_config(layout.transformer)
    placement = place(options, half_on_cpu=False)
    tokenizer = TextTokenizer.load(layout.transformer, lower_case=layout.lower_case)
    model = load_transformer(AutoModel, layout.transformer, placement)
    weights = weights_digest(layout.transformer)
    pad_id = _pad_id(model)
    max_tokens = _max_tokens(layout, tokenizer, config, pad_id)
    dim = int(_config_of(model).hidden_size)
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
    )
    mark = fingerprint(
        layout.transformer,
        weights,
        tokenizer,
        template="encoder-1",
        pooling=layout.pooling,
        include_prompt=layout.include_prompt,
        max_tokens=max_tokens,
    )
    return EncoderEmbedder(
        model, tokenizer, layout, profile, placement, fingerprint=mark, pad_id=pad_id
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


def _config_of(model: torch.nn.Module) -> Any:
    return model.config


def _pad_id(model: torch.nn.Module) -> int:
    # Some models count positions by what is not this id, so it has to be the model's own.
    pad_id = getattr(_config_of(model), "pad_token_id", None)
    return pad_id if isinstance(pad_id, int) and pad_id >= 0 else 0


def _max_tokens(
    layout: Layout, tokenizer: TextTokenizer, config: dict[str, Any], pad_id: int
) -> int:
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        if config["model_type"] in _OFFSET_POSITIONS:
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
