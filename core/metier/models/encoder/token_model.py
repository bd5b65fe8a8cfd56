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
from metier.models.self_check import least_cosine, probe


class Product(torch.nn.Module):
    """Stands where a `torch.nn.Linear` stood; takes states of any leading shape."""

    def __init__(self, replaced: torch.nn.Linear, placement: Placement) -> None:
        super().__init__()
        self._linear = linear(placement, replaced.weight, replaced.bias)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self._linear(states.flatten(0, -2)).view(*states.shape[:-1], -1)


def replace_products(model: torch.nn.Module, placement: Placement) -> None:
    """Replace every linear module of a model, in place."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(module, name, Product(child, placement))


class TokenModel:
    """A model and the way it is run.

    The model given is changed in place: to the placement's format, with integer products where the
    placement asks for them, and without its pooler, which embeddings do not use.

    Args:
        model: in float32, or in the placement's format where that was asked for.
        placement: where and in what format it runs.
        forward: packed or padded.
        pooling: how token states become one.
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
        self._wide: torch.nn.Module | None = None  # in float32, where float16 once ran over
        self._exact = self.pooled(self._probe()) if placement.automatic else None
        self._dtype = placement.dtype
        model.to(placement.dtype)
        if placement.int8 or prepacks(placement):
            replace_products(model, placement)

    @property
    def dim(self) -> int:
        """Numbers of a pooled state."""
        return int(self._config.hidden_size)

    @property
    def pad_id(self) -> int:
        """The id that fills rows, which some models count positions from."""
        return pad_id_of(self._model)

    @torch.inference_mode()
    def pooled(self, batch: Sequence[Tokens], skip: int = 0) -> torch.Tensor:
        """Pooled states of sequences: (sequences, dim) float32.

        In float16, rows that came out NaN or infinite are computed again in float32.

        Args:
            batch: at least one sequence, none empty.
            skip: leading tokens left out of the pool.
        """
        found = self._forward(self._model, batch).pooled(self._pooling, skip)
        if self._dtype == torch.float16:
            over = torch.nonzero(~found.isfinite().all(dim=1)).flatten().tolist()
            if over:
                rows = [batch[row] for row in over]
                found[over] = self._forward(self._in_float32(), rows).pooled(self._pooling, skip)
        return found

    @torch.inference_mode()
    def read(self, batch: Sequence[Tokens], skip: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
        """What `pooled` and `states` give, of one forward: (sequences, dim), (all tokens, dim)."""
        found = self._forward(self._model, batch)
        pooled, states = found.pooled(self._pooling, skip), torch.cat(found.each()).float()
        if self._dtype == torch.float16 and not states.isfinite().all():
            return self.pooled(batch, skip), self.states(batch)
        return pooled, states

    @torch.inference_mode()
    def states(self, batch: Sequence[Tokens]) -> torch.Tensor:
        """The states of all tokens, one sequence after the other: (all tokens, dim).

        In float16, sequences with a NaN or an infinite number are computed again in float32.
        """
        found = self._forward(self._model, batch).each()
        if self._dtype == torch.float16:
            over = [row for row, states in enumerate(found) if not states.isfinite().all()]
            if over:
                again = self._forward(self._in_float32(), [batch[row] for row in over]).each()
                for row, states in zip(over, again, strict=True):
                    found[row] = states
        return torch.cat([one.float() for one in found])

    def _in_float32(self) -> torch.nn.Module:
        if self._wide is None:
            self._wide = copy.deepcopy(self._model).float()
        return self._wide

    def agreement(self) -> float:
        """The lowest cosine between what the model gives now and what it gave in float32."""
        if self._exact is None:
            return 1.0
        return least_cosine(self.pooled(self._probe()), self._exact)

    def _probe(self) -> list[Tokens]:
        positions = getattr(self._config, "max_position_embeddings", None)
        # without a position table there is no such number, or a negative one
        bounded = isinstance(positions, int) and positions > 0
        return probe(int(self._config.vocab_size), longest=positions if bounded else None)
