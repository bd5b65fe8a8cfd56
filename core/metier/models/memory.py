"""Whether a model fits into memory, checked before its weights are read. Imports torch."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch

from metier.errors import ModelError
from metier.models.catalog import CATALOG
from metier.models.device import Placement, automatic_dtype
from metier.models.model_lookup import Role
from metier.models.weights import read_tensors, weight_files

_LAYER = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a device in bytes: what a program may still use, and all of it."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Size:
    """Number of weights in a checkpoint: all of them, and those of its largest layer."""

    parameters: int
    layer: int

    def to_load(self, number_size: int, *, widened: bool = False) -> int:
        """The most bytes that loading takes.

        It is all weights, and one layer a second time: a decoder joins the weights of each layer
        and frees the parts before the next. The memory of a batch is not included; a batch that is
        too big is halved.

        Args:
            number_size: bytes of a weight.
            widened: whether a layer is also held in float32, to round it to integers or to compare
                with it.
        """
        return (self.parameters + self.layer) * number_size + 4 * self.layer * widened


MemoryOf = Callable[[torch.device], Memory | None]


def check_memory(
    folder: Path,
    placement: Placement,
    *,
    role: Role | None = None,
    memory_of: MemoryOf | None = None,
) -> None:
    """Refuse a model that needs more memory than there is, before it is read.

    A device other than the CPU gets its weights from the machine's own memory, so they have to fit
    into both. Where free memory is unknown, nothing is refused.

    Args:
        folder: holds the safetensors weights.
        placement: device and dtype to load into.
        role: what the model is used for; smaller ones of that role are suggested.
        memory_of: gives the memory of a device; None asks the device.

    Raises:
        ModelError: it does not fit; with the sizes, and what would fit.
    """
    memory_of = memory_of or device_memory
    size = size_of(folder)
    number_size = placement.stored.itemsize
    widened = placement.int8 or placement.automatic
    needs = [(placement.device, size.to_load(number_size, widened=widened))]
    if placement.device.type != "cpu":
        needs.append((_CPU, size.parameters * number_size))
    for device, need in needs:
        memory = memory_of(device)
        if memory is not None and need > memory.free:
            choices = [*_choices(size, placement, role, memory_of), f"free memory of {device}"]
            raise ModelError(
                f"'{folder}' does not fit into the memory of {device}.",
                why=f"Loading its {size.parameters / 1e6:,.1f} million parameters in "
                f"{_name(placement.stored)} takes {in_gb(need)}, and {in_gb(memory.free)} of "
                f"{in_gb(memory.total)} are free.",
                fix="Choices:\n" + "\n".join(f"  - {choice}" for choice in choices),
            )


def size_of(folder: Path) -> Size:
    """Number of weights in a checkpoint, from the headers of its safetensors files.

    Raises:
        CheckpointError: a file is missing or damaged.
    """
    total = 0
    layers: Counter[str] = Counter()
    for path in weight_files(folder):
        for tensor in read_tensors(path):
            count = prod(tensor.shape)
            total += count
            layer = _LAYER.search(tensor.name)
            if layer is not None:
                layers[layer[1]] += count
    return Size(total, max(layers.values(), default=0))


def device_memory(device: torch.device) -> Memory | None:
    """Memory of a device, None where it is unknown."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        # Memory of freed tensors that torch keeps counts as used, and is reused first.
        reusable = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return Memory(free + reusable, total)
    return host_memory()


def host_memory(root: Path = Path("/")) -> Memory | None:
    """Memory of this machine, or of the control group this process is in, where that has less.

    Args:
        root: of the file system that `proc` and `sys` are in.

    Returns:
        None where the system does not report it.
    """
    system = _from_meminfo(root / "proc" / "meminfo") or _from_sysconf()
    if system is None:
        return None
    limits = [system, *_control_groups(root)]
    return Memory(min(limit.free for limit in limits), min(limit.total for limit in limits))


def in_gb(size: int) -> str:
    """Bytes in GB of 10^9 bytes: `1.19 GB`; small sizes have two significant digits."""
    return f"{size / 1e9:.2f} GB" if size >= 1e7 else f"{size / 1e9:.2g} GB"


def _choices(
    size: Size, placement: Placement, role: Role | None, memory_of: MemoryOf
) -> Iterator[str]:
    device = placement.device

    def fits(needed: Size, dtype: torch.dtype, on: torch.device) -> bool:
        memory = memory_of(on)
        return memory is not None and needed.to_load(dtype.itemsize) <= memory.free

    for model in CATALOG:
        smaller = Size(model.parameters, model.shape.layer_parameters)
        shrinks = model.role == role and smaller.parameters < size.parameters
        if shrinks and fits(smaller, placement.stored, device):
            need = in_gb(smaller.to_load(placement.stored.itemsize))
            yield f"a smaller model: {model.id} needs {need}"
    short = automatic_dtype(device)
    if short.itemsize < placement.stored.itemsize and fits(size, short, device):
        yield f"dtype='{_name(short)}' needs {in_gb(size.to_load(short.itemsize))}"
    for other in _other_devices(device):
        if fits(size, placement.stored, other):
            yield f"device='{other}'"


def _other_devices(device: torch.device) -> list[torch.device]:
    gpus = [torch.device("cuda", number) for number in range(torch.cuda.device_count())]
    return [other for other in (*gpus, _CPU) if other != device]


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _from_meminfo(path: Path) -> Memory | None:
    lines = (line.partition(":") for line in _read(path).splitlines())
    kilobytes = {name: _whole_number(rest.removesuffix("kB")) for name, _, rest in lines}
    free, total = kilobytes.get("MemAvailable"), kilobytes.get("MemTotal")
    return None if free is None or total is None else Memory(free * 1024, total * 1024)


def _from_sysconf() -> Memory | None:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return Memory(os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page)
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf, macOS not all names
        return None


def _control_groups(root: Path) -> Iterator[Memory]:
    """Limits of this process's memory group and of its parents, for both versions of cgroups."""
    top = root / "sys" / "fs" / "cgroup"
    for line in _read(root / "proc" / "self" / "cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers == "":
            mount, names = top, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            mount = top / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # A container often sees its own group at the mount and a path that is not there.
        own = mount / path.strip("/")
        for folder in (own, *own.parents):
            if folder == mount.parent:
                break
            limit = _limit(folder, *names)
            if limit is not None:
                yield limit


def _limit(folder: Path, limit: str, usage: str, reclaimable: str) -> Memory | None:
    total, used = _whole_number(_read(folder / limit)), _whole_number(_read(folder / usage))
    if total is None or used is None:  # the word `max` means no limit
        return None
    stat = (line.partition(" ") for line in _read(folder / "memory.stat").splitlines())
    # Cached pages of files count as used, and are freed when memory is needed.
    used -= next((_whole_number(value) or 0 for name, _, value in stat if name == reclaimable), 0)
    return Memory(max(0, total - max(0, used)), total)


def _whole_number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
