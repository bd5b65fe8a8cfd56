"""The safetensors files of a checkpoint: which there are, whether they are complete, their hashes.

Only the header and blocks of each tensor are read, and nothing is unpickled, so that a damaged
download is recognized before torch reads it. The format:
https://huggingface.co/docs/safetensors/index#format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metier.errors import CheckpointError
from metier.models.layout import read_json

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"

_LENGTH_BYTES = 8
_MAX_HEADER = 100_000_000  # the limit of the safetensors library
_BLOCK = 4096
_LEAST_BLOCKS = 64  # of a tensor that is not read whole
_STEP = 1 << 18  # a run of changed bytes this long reaches into a block
_RESTORE = "Delete the file and download the model again, or copy it again from a complete copy."


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a safetensors file, as its header says; `start` and `stop` in bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint: one file, or all shards named by its index.

    Raises:
        CheckpointError: there are none, or a shard is missing.
    """
    single, index = folder / SINGLE, folder / INDEX
    if single.is_file():
        return [single]
    if index.is_file():
        return _shards(folder, index)
    pickled = sorted(path.name for path in folder.glob("*.bin"))
    if pickled:
        raise CheckpointError(
            f"'{folder}' has its weights only as {pickled[0]!r}, which metier does not load.",
            why="Such a file is a pickle, and reading a pickle can run any code that is in it.",
            fix="Use a revision of the model that has model.safetensors, or convert it on a "
            "machine you trust with model.save_pretrained(...).",
        )
    raise CheckpointError(
        f"'{folder}' has no weights: neither {SINGLE} nor {INDEX} is there.",
        why="Usually the download was cut off, or only the configuration was copied.",
        fix=f"Copy the whole model folder; 'ls' should show {SINGLE}.",
    )


def _shards(folder: Path, index: Path) -> list[Path]:
    parts = read_json(index).get("weight_map")
    if not isinstance(parts, dict) or not parts:
        raise CheckpointError(f"'{index}' names no weight files.", fix=_RESTORE)
    names = sorted({str(name) for name in parts.values()})
    outside = [name for name in names if Path(name).name != name]
    if outside:
        raise CheckpointError(
            f"'{index}' names a file outside its folder: {outside[0]!r}.",
            why="Weights are only read from the model's own folder.",
        )
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise CheckpointError(
            f"'{folder}' lacks {len(missing)} of {len(names)} weight files: {missing[0]!r}.",
            why="Usually the download was cut off.",
            fix="Download the model again; files that are whole are kept.",
        )
    return [folder / name for name in names]


def read_tensors(path: Path) -> list[Tensor]:
    """The tensors of a safetensors file, from its header, with the file's length checked.

    Raises:
        CheckpointError: the file is truncated or not a safetensors file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_LENGTH_BYTES)
        length = int.from_bytes(start, "little")
        if len(start) < _LENGTH_BYTES or length > min(size - _LENGTH_BYTES, _MAX_HEADER):
            raise _damaged(path, _why_too_short(start, size))
        raw = file.read(length)
    data = _LENGTH_BYTES + length
    try:
        header: dict[str, Any] = json.loads(raw)
        header.pop("__metadata__", None)
        tensors = [_tensor(name, entry, data) for name, entry in header.items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, "Its header is not readable.") from error
    end = max((tensor.stop for tensor in tensors), default=data)
    if end != size:
        raise _damaged(path, f"It has {size:,} bytes where its header says {end:,}.")
    return tensors


def _tensor(name: str, entry: dict[str, Any], data: int) -> Tensor:
    start, stop = (int(offset) for offset in entry["data_offsets"])
    if not 0 <= start <= stop:
        raise ValueError(name)
    shape = tuple(int(size) for size in entry["shape"])
    return Tensor(name, str(entry["dtype"]), shape, data + start, data + stop)


def _why_too_short(start: bytes, size: int) -> str:
    if start.startswith(b"version "):
        return (
            "It is a Git LFS pointer: the text that stands for the file until git-lfs fetches it."
        )
    return f"It has {size:,} bytes, fewer than its header needs, or no header at all."


def _damaged(path: Path, why: str) -> CheckpointError:
    return CheckpointError(f"'{path}' is damaged or cut off.", why=why, fix=_RESTORE)


def weights_digest(folder: Path) -> str:
    """A hash of samples of the weights of a checkpoint, cheap to compute.

    sha256 over name, dtype and shape of every tensor and blocks of 4 KiB of its values, tensors in
    order of name. The blocks are its first, its last and others evenly between: at least 64, and
    one every 256 KiB. A smaller tensor is read completely. A merged adapter or a changed run of
    256 KiB always changes the digest. A few changed numbers in a large tensor may not; see
    `weights_stamp`. The digest does not depend on how the weights are divided among files.

    Returns:
        64 hexadecimal characters.

    Raises:
        CheckpointError: as `weight_files` and `read_tensors`.
    """
    digest = hashlib.sha256()
    for path, tensor in sorted(_all_tensors(folder), key=lambda entry: entry[1].name):
        digest.update(f"{tensor.name}\0{tensor.dtype}\0{tensor.shape}\0".encode())
        with path.open("rb", buffering=0) as file:  # a buffer would read more than is sampled
            for start, size in _sampled(tensor.stop - tensor.start):
                file.seek(tensor.start + start)
                digest.update(file.read(size))
    return digest.hexdigest()


def weights_stamp(folder: Path) -> str:
    """A hash of names, sizes and modification times of the weight files.

    It changes whenever one of them is written. It also differs for a copy that does not keep the
    times: equal stamps mean equal weights, and different stamps do not mean different weights.

    Returns:
        16 hexadecimal characters.

    Raises:
        CheckpointError: as `weight_files`.
    """
    digest = hashlib.sha256()
    for path in weight_files(folder):
        status = path.stat()
        digest.update(f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def _sampled(size: int) -> list[tuple[int, int]]:
    """Start and length of each block that is read of a tensor of `size` bytes."""
    count = max(_LEAST_BLOCKS, -(-size // _STEP) + 1)
    if size <= count * _BLOCK:
        return [(0, size)]
    # Spread up to the last block and not to the end: the step is then no multiple of a row, and
    # the blocks lie in different columns.
    return [(block * (size - _BLOCK) // (count - 1), _BLOCK) for block in range(count)]


def _all_tensors(folder: Path) -> Iterator[tuple[Path, Tensor]]:
    for path in weight_files(folder):
        for tensor in read_tensors(path):
            yield path, tensor
