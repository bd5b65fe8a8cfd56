"""The options of `encode` in sentence-transformers, and what an adapter makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import numpy.typing as npt

from metier.close_names import did_you_mean
from metier.errors import ParameterError
from metier.texts.texts import strings_of

if TYPE_CHECKING:
    import torch

Floats = npt.NDArray[np.float32]

Encoded = Any
"""A numpy array, a tensor or a list of tensors, as the call asks."""


class EncodeOptions(TypedDict, total=False):
    """Options of `encode`, `encode_query` and `encode_document`.

    Attributes:
        truncate_dim, output_dimension, dim: the vector size, three names for the same.
        convert_to_numpy: whether to return an array and not a list of tensors.
        convert_to_tensor: whether to return one tensor.
        normalize_embeddings: accepted; rows are of unit length in any case.
        device: None, or the device of the Runtime.
        output_value: `sentence_embedding`.
        precision: `float32`.
        pool, chunk_size: None.
        task_metadata, hf_split, hf_subset, prompt_type: of mteb, whose inputs are batches.
    """

    truncate_dim: int | None
    output_dimension: int | None
    dim: int | None
    convert_to_numpy: bool
    convert_to_tensor: bool
    normalize_embeddings: bool
    device: object
    output_value: str | None
    precision: str | None
    pool: None
    chunk_size: None
    task_metadata: Any
    hf_split: str
    hf_subset: str
    prompt_type: Any


_ONLY: Mapping[str, tuple[object, str]] = {
    "output_value": ("sentence_embedding", "Leave it out: an adapter gives one vector a text."),
    "precision": (
        "float32",
        "Shorten what it returns: sentence_transformers.quantize_embeddings(vectors, ...).",
    ),
    "pool": (None, "Leave it out: a Runtime computes in this process."),
    "chunk_size": (None, "Leave it out: a Runtime computes in this process."),
}
"""What an option may be, and what to do where it is something else."""


class ModelCardData:
    """What evaluators note of a model; nothing is written anywhere."""

    model_name: str | None = None
    base_model: str | None = None
    base_model_revision: str | None = None

    def set_evaluation_metrics(self, *_: object, **__: object) -> None:
        """Accept what an evaluator measured."""


def one_size(**sizes: int | None) -> int | None:
    """The vector size of a call that may have several names for it.

    Raises:
        ParameterError: two of them differ.
    """
    named = {name: size for name, size in sizes.items() if size is not None}
    if len(set(named.values())) > 1:
        written = ", ".join(f"{name}={size}" for name, size in named.items())
        raise ParameterError(
            f"Two vector sizes: {written}.", fix="Give one of them.", parameter=next(iter(named))
        )
    return next(iter(named.values()), None)


def check_options(options: Mapping[str, object], batch_size: int, device: str) -> None:
    """Refuse what an adapter cannot do.

    Args:
        options: `EncodeOptions`, and whatever else a caller gives.
        batch_size: at least 1.
        device: of the Runtime; `remote` fits every request.

    Raises:
        ParameterError: an option is not as `EncodeOptions` has it.
    """
    if batch_size < 1:
        raise ParameterError(f"batch_size={batch_size} is less than 1.", parameter="batch_size")
    for name, value in options.items():
        if name not in EncodeOptions.__annotations__:
            raise ParameterError(
                f"encode has no parameter {name!r}.",
                why=did_you_mean(name, EncodeOptions.__annotations__, limit=3) or None,
                parameter=name,
            )
        only, fix = _ONLY.get(name, (value, ""))
        if value is not None and value != only:
            raise ParameterError(f"{name}={value!r} is not possible.", fix=fix, parameter=name)
    requested = options.get("device")
    if requested is None or device == "remote":
        return
    if str(requested) not in (device, device.partition(":")[0]):
        raise ParameterError(
            f"device={str(requested)!r} is not the device of the Runtime, {device!r}.",
            why="A model stays where it was loaded.",
            fix=f"Give the device to the Runtime: metier.Runtime(..., device={str(requested)!r}).",
            parameter="device",
        )


def encoded(
    embed: Callable[[Sequence[str]], Floats], inputs: str | Sequence[str], options: EncodeOptions
) -> Encoded:
    """The vectors of inputs in the form that the options ask for; of a string, one row."""
    is_single = isinstance(inputs, str)
    vectors = embed([inputs] if isinstance(inputs, str) else strings_of(inputs, "inputs"))
    if not options.get("convert_to_tensor") and options.get("convert_to_numpy", True):
        return vectors[0] if is_single else vectors
    rows = tensor(vectors)
    if is_single:
        return rows[0]
    return rows if options.get("convert_to_tensor") else list(rows)


def tensor(values: Any) -> torch.Tensor:
    """Arrays, tensors, or lists of them, as one float32 tensor."""
    import torch

    if isinstance(values, list | tuple) and values and isinstance(values[0], torch.Tensor):
        values = torch.stack(list(values))
    elif not isinstance(values, torch.Tensor):
        values = torch.from_numpy(np.array(values, dtype=np.float32))
    return values.float()  # type: ignore[no-any-return]
