"""Checks of the machine. No model is needed."""

from __future__ import annotations

from collections.abc import Mapping

from metier.diagnosis.checks import Check, make_check
from metier.models.catalog import CATALOG
from metier.models.device import INT8_FLAGS
from metier.models.machine import Machine
from metier.models.memory import in_gb
from metier.models.model_lookup import Role


def machine_checks(
    machine: Machine, capabilities: Mapping[str, object], dtypes: Mapping[Role, str]
) -> list[Check]:
    """What the machine offers a model, with warnings of what slows a model down or does not fit.

    Args:
        machine: the machine.
        capabilities: instruction sets of its CPU by torch's names; empty where torch cannot tell.
        dtypes: number formats of the Qwen3 models that were loaded on it, by role.
    """
    device = f"{machine.device} ({machine.device_name})" if machine.device_name else machine.device
    threads = f"{machine.threads} for {machine.cores} cores"
    return [
        Check("device", "machine", "pass", device),
        _number_format(machine, dtypes),
        *([_integers(capabilities)] if machine.device == "cpu" else []),
        make_check(
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


def _number_format(machine: Machine, dtypes: Mapping[Role, str]) -> Check:
    others = [
        f"the {role} runs in {dtype}" for role, dtype in dtypes.items() if dtype != machine.dtype
    ]
    return make_check(
        "number format",
        "machine",
        not others,
        "; ".join([f"{machine.dtype} for Qwen3: {machine.why}", *others]),
        fix="Its vectors would stray too far in the faster format, so it is right as it is. "
        "METIER_DTYPE=float32 loads it without trying.",
        otherwise="warn",
    )


def _integers(capabilities: Mapping[str, object]) -> Check:
    if not capabilities:
        why = "this build of torch does not tell what the CPU has"
        return Check("8-bit integers", "machine", "skip", why)
    flags = [flag for flag in INT8_FLAGS if capabilities.get(flag)]
    available = ", ".join(flags) if flags else f"none of {', '.join(INT8_FLAGS)}"
    detail = f"the CPU has {available}, which dtype='int8' needs"
    return Check("8-bit integers", "machine", "pass", detail)


def _memory(machine: Machine) -> Check:
    if machine.memory is None:
        return Check("memory", "machine", "skip", "this system does not tell how much is free")
    smallest = min(CATALOG, key=lambda model: model.parameters)
    need = smallest.memory(machine.dtype)
    detail = f"{in_gb(machine.memory.free)} of {in_gb(machine.memory.total)} free"
    enough = machine.memory.free >= need
    if not enough:
        detail += f"; the weights of {smallest.id} take {in_gb(need)} in {machine.dtype}"
    return make_check(
        "memory",
        "machine",
        enough,
        detail,
        fix="No released Qwen3 model fits: free some, or use a smaller model.",
        otherwise="warn",
    )
