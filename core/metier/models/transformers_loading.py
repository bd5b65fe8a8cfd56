"""Loading models with transformers, with errors of metier. Imports torch."""

from __future__ import annotations

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
        CheckpointError: the weights do not fit the config, or the architecture is unknown.
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
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
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
    return loaded


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
