"""Checks of the machine. No model is needed."""

from __future__ import annotations

from metier.diagnosis.check import Check, judged
from metier.models.machine import Machine
from metier.models.memory import in_gb


def machine_checks(machine: Machine) -> list[Check]:
    """What a model meets here; a warning where threads wait for each other."""
    named = f"{machine.device} ({machine.device_name})" if machine.device_name else machine.device
    threads = f"{machine.threads} for {machine.cores} cores"
    return [
        Check("device", "machine", "pass", named),
        Check("number format", "machine", "pass", f"{machine.dtype} for Qwen3: {machine.why}"),
        judged(
            "threads",
            "machine",
            machine.threads <= machine.cores,
            threads,
            fix=f"More threads than cores wait for each other: OMP_NUM_THREADS={machine.cores}",
            otherwise="warn",
        ),
        Check("attention", "machine", "pass", ", ".join(machine.attention)),
        _memory(machine),
        Check(
            "libraries",
            "machine",
            "pass",
            ", ".join(f"{name} {version}" for name, version in machine.versions),
        ),
    ]


def _memory(machine: Machine) -> Check:
    if machine.memory is None:
        return Check("memory", "machine", "skip", "this system does not tell how much is free")
    free, total = in_gb(machine.memory.free), in_gb(machine.memory.total)
    return Check("memory", "machine", "pass", f"{free} of {total} free")
