"""The machine a model would run on: device, number format, threads, kernels. Imports torch."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass

import torch

from metier.models.device import BFLOAT16_FLAGS, Placement, choose_placement, cpu_capabilities
from metier.models.family import LoadOptions
from metier.models.kernels import varlen
from metier.models.memory import Memory, device_memory

LIBRARIES = ("torch", "transformers", "tokenizers")
"""Libraries whose version can change the last digits of a vector."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and how a Qwen3 model would run.

    Attributes:
        device: by torch's name (`cpu`, `cuda:0`).
        device_name: product name; empty where the system does not report it.
        dtype: the number format (`bfloat16`).
        why: the reason for that format.
        threads: threads torch computes with on the CPU.
        cores: cores this process may use.
        attention: kernels that compute attention here.
        memory: of the device, None where it is unknown.
        versions: of `LIBRARIES`.
    """

    device: str
    device_name: str
    dtype: str
    why: str
    threads: int
    cores: int
    attention: tuple[str, ...]
    memory: Memory | None
    versions: tuple[tuple[str, str], ...]


def describe_machine(options: LoadOptions) -> Machine:
    """Choose device and number format as for a Qwen3 model, and describe them.

    Raises:
        ParameterError: unknown names, or a device this machine does not have.
    """
    placement = choose_placement(options)
    requested = options.dtype != "auto"
    return Machine(
        device=str(placement.device),
        device_name=_device_name(placement.device),
        dtype=placement.dtype_name,
        why="it was asked for" if requested else _why(placement),
        threads=torch.get_num_threads(),
        cores=_cores(),
        attention=_attention(placement.device),
        memory=device_memory(placement.device),
        versions=library_versions(),
    )


def library_versions() -> tuple[tuple[str, str], ...]:
    """Installed versions of `LIBRARIES`."""
    return tuple((name, importlib.metadata.version(name)) for name in LIBRARIES)


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return str(cpu_capabilities().get("cpu_name") or platform.processor())


def _why(placement: Placement) -> str:
    if placement.device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(placement.device)
        return f"compute capability {major}.{minor}"
    if placement.device.type != "cpu":
        return f"always so on {placement.device.type}"
    flags = [flag for flag in BFLOAT16_FLAGS if cpu_capabilities().get(flag)]
    return f"the CPU has {', '.join(flags)}" if flags else f"no {' or '.join(BFLOAT16_FLAGS)}"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _attention(device: torch.device) -> tuple[str, ...]:
    if device.type != "cuda":
        return ("sdpa",)
    enabled = {
        "flash": torch.backends.cuda.flash_sdp_enabled(),  # type: ignore[no-untyped-call]
        "memory-efficient": torch.backends.cuda.mem_efficient_sdp_enabled(),  # type: ignore[no-untyped-call]
        "cudnn": torch.backends.cuda.cudnn_sdp_enabled(),  # type: ignore[no-untyped-call]
    }
    kernels = [f"sdpa ({name})" for name, on in enabled.items() if on] or ["sdpa"]
    if varlen.available():
        kernels.append("varlen_attn")
    return tuple(kernels)
