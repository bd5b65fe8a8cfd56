"""The device a model runs on, and its number format. Imports torch: only loaded with a model."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch

from metier.errors import ParameterError
from metier.models.batching import Budget
from metier.models.family import LoadOptions
from metier.settings import INT8, check_dtype, device_parts

_DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}

BFLOAT16_FLAGS = ("avx512_bf16", "amx_bf16")
"""Instruction sets of CPUs that multiply in bfloat16; without them it is emulated and slow."""

INT8_FLAGS = ("avx512_vnni", "avx_vnni", "amx_int8")
"""Instruction sets that add products of 8-bit integers in 32 bits; older ones saturate at 16."""

_OLDER = {
    "avx512_bf16": "_is_avx512_bf16_supported",
    "avx512_vnni": "_is_vnni_supported",
    "amx_bf16": "_is_amx_tile_supported",
    "amx_int8": "_is_amx_tile_supported",
}
"""Functions of torch versions without `get_capabilities` that report an instruction set."""

_AVX2_OR_LESS = ("avx2", "default")
"""Values of `ATEN_CPU_CAPABILITY` that keep torch from instruction sets newer than AVX2."""

_NEWER_THAN_AVX2 = ("avx512", "avx10", "amx", "avx_vnni", "avx_ne_convert")
"""Beginnings of the names of instruction sets newer than AVX2."""

_BFLOAT16_CAPABILITY = (8, 0)  # Ampere, the first CUDA generation with bfloat16 tensor cores


@dataclass(frozen=True, slots=True)
class Placement:
    """A device and the number format to compute in on it.

    Attributes:
        device: where tensors lie.
        dtype: of the states between matrix products, and of the weights unless `int8`.
        int8: whether weights are rounded to 8 bits and matrix products computed with integers.
        automatic: whether metier chose a format shorter than float32 itself, and has to check it.
    """

    device: torch.device
    dtype: torch.dtype
    int8: bool = False
    automatic: bool = False

    @property
    def dtype_name(self) -> str:
        """The name of the format, as in `dtype=`: `float32`, `int8`."""
        return INT8 if self.int8 else str(self.dtype).removeprefix("torch.")

    @property
    def stored(self) -> torch.dtype:
        """The format weights are read in: for int8, where they are rounded later, bfloat16."""
        return torch.bfloat16 if self.int8 else self.dtype

    def in_float32(self) -> Placement:
        """The same device with float32."""
        return Placement(self.device, torch.float32)

    def budget(self, *, padded: bool) -> Budget:
        """Bounds of a batch: small enough for a CPU's caches, large enough to keep a GPU busy.

        Args:
            padded: whether batches are padded to one width.
        """
        if self.device.type == "cpu":
            return Budget(
                texts=64 if padded else 512, tokens=8192 if padded else 1024, padded=padded
            )
        return Budget(texts=256 if padded else 4096, tokens=32768, padded=padded)


def choose_placement(options: LoadOptions) -> Placement:
    """The device and the number format for the options of a user.

    `auto` is bfloat16 where the device has instructions for it, else float32; never float16, which
    models trained in bfloat16 overflow, and never int8, which changes vectors.

    Raises:
        ParameterError: unknown names, or something this machine does not have.
    """
    check_dtype(options.dtype)
    device = choose_device(options.device)
    if options.dtype == "auto":
        dtype = automatic_dtype(device)
        return Placement(device, dtype, automatic=dtype != torch.float32)
    if options.dtype == INT8:
        _check_int8(device)
        return Placement(device, torch.float32, int8=True)
    return Placement(device, _DTYPES[options.dtype])


def choose_device(name: str) -> torch.device:
    """The device of a name; `auto` is the first of CUDA, Apple's MPS and CPU that is available.

    Raises:
        ParameterError: an unknown name, or a device this machine does not have.
    """
    kind, number = device_parts(name)
    if kind == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", torch.cuda.current_device())
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if kind == "cuda":
        return _cuda(number)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ParameterError(
            "device='mps' is not available: this is no Apple machine with a Metal GPU, or torch "
            "was built without it.",
            fix="Use device='auto' or 'cpu'.",
            parameter="device",
        )
    return torch.device(kind)


def _cuda(number: int | None) -> torch.device:
    if not torch.cuda.is_available():
        built = torch.version.cuda
        why = "torch sees no NVIDIA GPU." if built else "This build of torch has no CUDA support."
        raise ParameterError(
            "device='cuda' is not available.",
            why=why,
            fix="Use device='auto' or 'cpu', or install a build of torch for your GPU.",
            parameter="device",
        )
    count = torch.cuda.device_count()
    if number is not None and number >= count:
        raise ParameterError(
            f"device='cuda:{number}' is not available: this machine has {count} GPU(s).",
            fix=f"Use 'cuda:0' to 'cuda:{count - 1}'." if count > 1 else "Use 'cuda:0'.",
            parameter="device",
        )
    return torch.device("cuda", torch.cuda.current_device() if number is None else number)


def automatic_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device has instructions for it, else float32."""
    if device.type == "cuda":
        fast = torch.cuda.get_device_capability(device) >= _BFLOAT16_CAPABILITY
    else:
        fast = device.type == "cpu" and _cpu_has(BFLOAT16_FLAGS)
    return torch.bfloat16 if fast else torch.float32


def cpu_capabilities() -> dict[str, object]:
    """Instruction sets of the CPU by torch's names; empty where torch does not report them.

    Where `ATEN_CPU_CAPABILITY` keeps torch to AVX2 or less, those newer than AVX2 are False.
    """
    ask = getattr(torch.cpu, "get_capabilities", None)
    if ask is not None:
        flags = dict(ask())
    else:
        older = {flag: getattr(torch.cpu, name, None) for flag, name in _OLDER.items()}
        flags = {flag: test() for flag, test in older.items() if test is not None}
    if os.environ.get("ATEN_CPU_CAPABILITY", "").lower() in _AVX2_OR_LESS:
        flags |= {flag: False for flag in flags if flag.startswith(_NEWER_THAN_AVX2)}
    return flags


def _cpu_has(flags: tuple[str, ...]) -> bool:
    capabilities = cpu_capabilities()
    return any(capabilities.get(flag) for flag in flags)


def _check_int8(device: torch.device) -> None:
    why = None
    if device.type != "cpu":
        why = f"It is written for CPUs, and the device is {device}."
    elif not _cpu_has(INT8_FLAGS):
        why = f"Torch sees none of {', '.join(INT8_FLAGS)}, without which it is slow or inexact."
    elif not hasattr(torch.ops.onednn, "qlinear_pointwise"):
        why = "This build of torch has no oneDNN."
    if why is not None:
        raise ParameterError(
            "dtype='int8' is not available.",
            why=why,
            fix="Use dtype='auto'" + (", or device='cpu'." if device.type != "cpu" else "."),
            parameter="dtype",
        )
