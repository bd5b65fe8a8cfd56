"""A transformers encoder as a function from token sequences to states. Imports torch."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch

from metier.models.batching import Tokens
from metier.models.device import Placement
from metier.models.kernels.encoder_forward import Forward, pad_id_of
from metier.models.kernels.linear import linear, prepacks
from metier.models.self_check import least_cosine, probe_sequences


class LinearModule(torch.nn.Module):
    """Replaces a `torch.nn.Linear`; takes states of any leading shape."""

    def __init__(self, replaced: torch.nn.Linear, placement: Placement) -> None:
        super().__init__()
        self._linear = linear(placement, replaced.weight, replaced.bias)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self._linear(states.flatten(0, -2)).view(*states.shape[:-1], -1)


def replace_linear_modules(model: torch.nn.Module, placement: Placement) -> None:
    """Replace every linear module of a model, in place."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(module, name, LinearModule(child, placement))


class TokenModel:
    """A transformers encoder and how it is run.

    The model is changed in place: to the placement's format, with integer products where the
    placement asks for them, and without its pooler, which embeddings do not use.

    Args:
        model: in float32, or in the placement's format where the user asked for that format.
        placement: device and number format.
        forward: packed or padded.
        pooling: `mean`, `cls` or `last`.
    """

    def __init__(
        self, model: torch.nn.Module, placement: Placement, forward: Forward, pooling: str
    ) -> None:
        if hasattr(model, "pooler"):
            setattr(model, "pooler", None)  # noqa: B010 (a plain assignment is typed as a module)
        self._model = model
        self._config: Any = model.config
        self._dtype = torch.float32
        self._forward = forward
        self._pooling = pooling
        self._float32_model: torch.nn.Module | None = None  # made when float16 first overflows
        self._exact = self.pooled(self._probe()) if placement.automatic else None
        self._dtype = placement.dtype
        model.to(placement.dtype)
        if placement.int8 or prepacks(placement):
            replace_linear_modules(model, placement)

    @property
    def dim(self) -> int:
        """Dimensions of a pooled state."""
        return int(self._config.hidden_size)

    @property
    def pad_id(self) -> int:
        """The padding id, from which some models count positions."""
        return pad_id_of(self._model)

    @torch.inference_mode()
    def pooled(self, batch: Sequence[Tokens], skip: int = 0) -> torch.Tensor:
        """Pooled states of sequences.

        In float16, rows with NaN or infinity are computed again in float32.

        Args:
            batch: at least one sequence, none empty.
            skip: leading tokens left out of the pool.

        Returns:
            (sequences, dim) float32.
        """
        pooled = self._forward(self._model, batch).pooled(self._pooling, skip)
        if self._dtype == torch.float16:
            overflowed = torch.nonzero(~pooled.isfinite().all(dim=1)).flatten().tolist()
            if overflowed:
                again = self._forward(self._in_float32(), [batch[row] for row in overflowed])
                pooled[overflowed] = again.pooled(self._pooling, skip)
        return pooled

    @torch.inference_mode()
    def read(self, batch: Sequence[Tokens], skip: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
        """The results of `pooled` and `states` from one forward pass.

        Returns:
            (sequences, dim) and (all tokens, dim).
        """
        hidden = self._forward(self._model, batch)
        pooled, states = hidden.pooled(self._pooling, skip), torch.cat(hidden.each()).float()
        if self._dtype == torch.float16 and not states.isfinite().all():
            return self.pooled(batch, skip), self.states(batch)
        return pooled, states

    @torch.inference_mode()
    def states(self, batch: Sequence[Tokens]) -> torch.Tensor:
        """The states of all tokens, one sequence after the other.

        In float16, sequences with NaN or infinity are computed again in float32.

        Returns:
            (all tokens, dim) float32.
        """
        states = self._forward(self._model, batch).each()
        if self._dtype == torch.float16:
            overflowed = [
                row for row, token_states in enumerate(states) if not token_states.isfinite().all()
            ]
            if overflowed:
                sequences = [batch[row] for row in overflowed]
                again = self._forward(self._in_float32(), sequences).each()
                for row, exact in zip(overflowed, again, strict=True):
                    states[row] = exact
        return torch.cat([token_states.float() for token_states in states])

    def _in_float32(self) -> torch.nn.Module:
        if self._float32_model is None:
            self._float32_model = copy.deepcopy(self._model).float()
        return self._float32_model

    def agreement(self) -> float:
        """The lowest cosine between pooled states of the model and those it had in float32."""
        if self._exact is None:
            return 1.0
        return least_cosine(self.pooled(self._probe()), self._exact)

    def _probe(self) -> list[Tokens]:
        positions = getattr(self._config, "max_position_embeddings", None)
        # Models without a position table have no such number, or a negative one.
        bounded = isinstance(positions, int) and positions > 0
        return probe_sequences(int(self._config.vocab_size), longest=positions if bounded else None)
