"""The machine: what makes a model slow or keeps it out is a warning with a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metier.diagnosis.machine_checks import machine_checks
from metier.models.catalog import CATALOG
from metier.models.machine import Machine
from metier.models.memory import Memory

GIB = 1 << 30
HERE = Machine(
    device="cpu",
    device_name="a CPU",
    dtype="bfloat16",
    why="the CPU has avx512_bf16",
    threads=2,
    cores=2,
    attention=("sdpa",),
    memory=Memory(8 * GIB, 16 * GIB),
    versions=(("torch", "2.9.0"),),
)
FLAGS = {"avx512_vnni": True, "avx_vnni": False, "amx_int8": True}


def checked(machine=HERE, capabilities=FLAGS, running=None):
    return {check.name: check for check in machine_checks(machine, capabilities, running or {})}


def test_a_machine_with_room_passes_every_line():
    found = checked(running={"embedder": "bfloat16", "reranker": "bfloat16"})
    assert {check.status for check in found.values()} == {"pass"}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int8"])
def test_less_memory_than_the_smallest_model_takes_is_a_warning(dtype):
    need = min(model.memory(dtype) for model in CATALOG)

    def memory(free):
        return checked(replace(HERE, dtype=dtype, memory=Memory(free, 16 * GIB)))["memory"]

    assert memory(need).status == "pass"
    short = memory(need - 1)
    assert short.status == "warn"
    assert "0.6B" in short.detail
    assert f"in {dtype}" in short.detail


def test_a_model_in_another_format_than_the_machine_is_for_is_a_warning():
    check = checked(running={"embedder": "float32", "reranker": "bfloat16"})["number format"]
    assert check.status == "warn"
    assert check.detail == (
        "bfloat16 for Qwen3: the CPU has avx512_bf16; the embedder runs in float32"
    )
    assert "METIER_DTYPE=float32" in check.fix


def test_instruction_sets_for_8_bit_integers_are_shown():
    seen = checked()["8-bit integers"].detail
    assert seen == "the CPU has avx512_vnni, amx_int8, which dtype='int8' needs"
    none = checked(capabilities={"avx2": True})["8-bit integers"]
    assert none.detail.startswith("the CPU has none of avx512_vnni, ")
    assert checked(capabilities={})["8-bit integers"].status == "skip"
    assert "8-bit integers" not in checked(replace(HERE, device="cuda:0"))
