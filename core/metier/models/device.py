"""Where a model runs and in what number format. Imports torch: only loaded with a model."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from metier.errors import ParameterError
from metier.models.family import LoadOptions
from metier.models.plan import Budget

_DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_BFLOAT16_CAPABILITY = (8, 0)  # Ampere, the first CUDA generation with bfloat16 tensor cores


@dataclass(frozen=True, slots=True)
class Placement:
    """A device and the number format to compute in on it."""

    device: torch.device
    dtype: torch.dtype

    @property
    def dtype_name(self) -> str:
        """The dtype without torch's prefix: `float32`."""
        return str(self.dtype).removeprefix("torch.")

    def budget(self, *, padded: bool) -> Budget:
        """How much goes into one batch: what a CPU's caches bear, and what keeps a GPU busy."""
        if self.device.type == "cpu":
            return Budget(
                texts=64 if padded else 512, tokens=8192 if padded else 4096, padded=padded
            )
        return Budget(texts=256 if padded else 4096, tokens=32768, padded=padded)


def place(options: LoadOptions, *, half_on_cpu: bool) -> Placement:
    """Resolve what the user gave to a device and a dtype.

    Args:
        options: device and dtype as given.
        half_on_cpu: whether `auto` may mean bfloat16 on a CPU; a small model gains nothing from it.

    Raises:
        ParameterError: unknown names, or a device this machine does not have.
    """
    device = choose_device(options.device)
    return Placement(device, choose_dtype(options.dtype, device, half_on_cpu=half_on_cpu))


def choose_device(name: str) -> torch.device:
    """`auto` is the first of CUDA, Apple's MPS and CPU that is there; else the device named."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", torch.cuda.current_device())
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind, _, number = name.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (number and not number.isdecimal()):
        raise ParameterError(
            f"device={name!r} is not a device.",
            fix="Use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'.",
        )
    if kind == "cuda":
        return _cuda(int(number) if number else None)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ParameterError(
            "device='mps' is not available: this is no Apple machine with a Metal GPU, or torch "
            "was built without it.",
            fix="Use device='auto' or 'cpu'.",
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
        )
    count = torch.cuda.device_count()
    if number is not None and number >= count:
        raise ParameterError(
            f"device='cuda:{number}' is not available: this machine has {count} GPU(s).",
            fix=f"Use 'cuda:0' to 'cuda:{count - 1}'." if count > 1 else "Use 'cuda:0'.",
        )
    return torch.device("cuda", torch.cuda.current_device() if number is None else number)


def choose_dtype(name: str, device: torch.device, *, half_on_cpu: bool) -> torch.dtype:
    """The dtype named, or for `auto` what `automatic_dtype` says."""
    if name == "auto":
        return automatic_dtype(device, half_on_cpu=half_on_cpu)
    if name not in _DTYPES:
        raise ParameterError(
            f"dtype={name!r} is not a number format.",
            fix="Use 'auto', 'float32', 'bfloat16' or 'float16'.",
        )
    return _DTYPES[name]


def automatic_dtype(device: torch.device, *, half_on_cpu: bool) -> torch.dtype:
    """bfloat16 where the device has instructions for it, else float32.

    Never float16: models trained in bfloat16 overflow in it.
    """
    if device.type == "cuda":
        fast = torch.cuda.get_device_capability(device) >= _BFLOAT16_CAPABILITY
    elif device.type == "cpu":
        fast = half_on_cpu and _cpu_has_bfloat16()
    else:
        fast = False
    return torch.bfloat16 if fast else torch.float32


def _cpu_has_bfloat16() -> bool:
    capabilities = getattr(torch.cpu, "get_capabilities", None)
    if capabilities is None:  # older torch cannot tell; float32 is always right
        return False
    found = capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
