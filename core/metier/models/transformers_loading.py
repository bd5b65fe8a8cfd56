"""Loading models with transformers, with errors of metier. Imports torch."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR
from pathlib import Path
from typing import Any

import torch

from metier.errors import CheckpointError
from metier.models.device import Placement
from metier.models.memory import check_memory

_LOCK = threading.RLock()


def _compute_after_fork() -> None:
    """Let a forked process compute on one thread.

    The threads of OpenMP and of the tokenizers are not copied by a fork, and waiting for them takes
    forever.
    """
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_compute_after_fork)


def load_transformer(
    auto_class: Any, folder: Path, placement: Placement, *, attention: str | None = None
) -> torch.nn.Module:
    """Load a checkpoint from its folder, ready for inference.

    Args:
        auto_class: a class of transformers with `from_pretrained`.
        folder: holds config.json and safetensors weights; no code from it is run.
        placement: device and dtype.
        attention: implementation of attention, None for transformers' choice.

    Raises:
        CheckpointError: the weights do not fit the config or hold numbers that no model can compute
            with, or the architecture is unknown.
        ModelError: it needs more memory than is free; no weight was read.
    """
    # Rerankers are the only models with the head of a language model.
    causal = auto_class.__name__.endswith("ForCausalLM")
    check_memory(folder, placement, role="reranker" if causal else "embedder")
    options: dict[str, Any] = {} if attention is None else {"attn_implementation": attention}
    try:
        with quiet_transformers():
            model, report = auto_class.from_pretrained(
                folder,
                dtype=placement.stored,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                output_loading_info=True,
                **options,
            )
    except Exception as error:
        # transformers raises whatever a number of the config leads to: ZeroDivisionError, TypeError
        raise CheckpointError(
            f"The model in '{folder}' cannot be loaded.",
            why=f"{type(error).__name__}: {error}",
            fix="Its config.json and weights must belong together, and its architecture must be "
            "one transformers knows without code from the folder.",
        ) from error
    # Embeddings do not use the pooler of BERT-like models.
    missing = sorted(key for key in report["missing_keys"] if not key.startswith("pooler."))
    if missing:
        raise CheckpointError(
            f"'{folder}' lacks {len(missing)} weights of its model: {missing[0]!r} is not there.",
            why="transformers would fill them with random numbers.",
            fix="Use the complete model, or one of the kind you ask for.",
        )
    loaded: torch.nn.Module = model.to(placement.device).eval().requires_grad_(False)
    check_weights(loaded, folder, placement)
    return loaded


_LARGEST = 1e7
"""Magnitude of a weight above which it is damaged: trained ones stay below some thousands, and one
changed bit of the exponent gives 1e8 or more."""


def check_weights(model: torch.nn.Module, folder: Path, placement: Placement) -> None:
    """Refuse weights with which vectors would be finite and wrong, or zero.

    torch's attention on the CPU lets NaN pass for short texts, so results do not show it. The sum
    of each tensor is one pass over memory, and keeps NaN, infinity and numbers that are too large.

    Raises:
        CheckpointError: with the first such weight.
    """
    embeddings = getattr(model.get_input_embeddings(), "weight", None)  # type: ignore[operator]
    matrices: list[str] = []
    zero: list[str] = []
    for name, weight in model.named_parameters():
        if name.startswith("pooler."):  # not used
            continue
        total = abs(float(weight.sum()))  # in float16 it may overflow, and is then looked into
        if not total <= _LARGEST and not float(weight.abs().amax()) <= _LARGEST:
            raise _unusable(folder, f"{name!r} holds NaN, infinity or numbers over 1e7", placement)
        if weight.ndim > 1:
            matrices.append(name)
            if total == 0.0 and not weight.any():
                zero.append(name)
                if weight is embeddings:
                    raise _unusable(folder, f"all of {name!r} is zero", placement)
    if matrices and len(zero) == len(matrices):
        raise _unusable(folder, "all of its matrices are zero", placement)


def _unusable(folder: Path, what: str, placement: Placement) -> CheckpointError:
    short = placement.stored == torch.float16
    return CheckpointError(
        f"The weights in '{folder}' cannot be computed with: {what}.",
        why="They were damaged when they were copied, converted or trained"
        + (", or are too large for float16." if short else "."),
        fix=("Use dtype='float32'. " if short else "")
        + "Download the model again, or use an earlier checkpoint of the training.",
    )


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers' progress bars and loading reports off the terminal.

    Callers check what the reports warn of, and raise errors.
    """
    from transformers.utils import logging

    with _LOCK:
        verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity(ERROR)
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()  # type: ignore[no-untyped-call]
