"""Whether a model fits is told before it is read, with the numbers and what would fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from metier.errors import ModelError
from metier.models.builtin_families import builtin_families
from metier.models.device import Placement
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder
from metier.models.memory import Memory, check_memory, host_memory, size_of

CPU = torch.device("cpu")
FLOAT32 = Placement(CPU, torch.float32)


def has(free: int):
    return lambda device: Memory(free, free)


def empty_weights(folder: Path, **shapes: list[int]) -> None:
    """Weights of which the header alone is there."""
    header = {
        name: {"dtype": "BF16", "shape": shape, "data_offsets": [0, 0]}
        for name, shape in shapes.items()
    }
    raw = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(raw).to_bytes(8, "little") + raw)


def test_the_size_is_that_of_the_weights_and_of_the_largest_layer(qwen3_folder):
    from transformers import AutoModel

    model = AutoModel.from_pretrained(qwen3_folder)
    size = size_of(qwen3_folder)
    assert size.parameters == sum(tensor.numel() for tensor in model.parameters())
    assert size.layer == sum(tensor.numel() for tensor in model.layers[0].parameters())


def test_a_model_fits_up_to_the_last_byte(qwen3_folder):
    need = size_of(qwen3_folder).to_load(4)
    check_memory(qwen3_folder, FLOAT32, memory_of=has(need))
    with pytest.raises(ModelError, match="does not fit into the memory of cpu") as refused:
        check_memory(qwen3_folder, FLOAT32, memory_of=has(need - 1))
    assert f"takes {need / 1e9:.2g} GB" in refused.value.why
    assert "free memory of cpu" in refused.value.fix


def test_half_a_format_needs_half_the_memory(qwen3_folder):
    need = size_of(qwen3_folder).to_load(2)
    check_memory(qwen3_folder, Placement(CPU, torch.bfloat16), memory_of=has(need))
    with pytest.raises(ModelError):
        check_memory(qwen3_folder, FLOAT32, memory_of=has(need))


def test_nothing_is_refused_where_free_memory_is_unknown(qwen3_folder):
    check_memory(qwen3_folder, FLOAT32, memory_of=lambda device: None)


def test_weights_on_their_way_to_a_device_have_to_fit_into_the_machine(qwen3_folder):
    placement = Placement(torch.device("mps"), torch.float32)
    room = {"mps": Memory(10**9, 10**9), "cpu": Memory(1000, 1000)}
    with pytest.raises(ModelError, match="memory of cpu"):
        check_memory(qwen3_folder, placement, memory_of=lambda device: room[device.type])


def test_smaller_models_of_the_role_and_another_device_are_named_if_they_fit(tmp_path):
    empty_weights(tmp_path, **{"embed_tokens.weight": [10**6, 5000]})
    placement = Placement(torch.device("mps"), torch.bfloat16)
    room = {"mps": Memory(2 * 10**9, 9 * 10**9), "cpu": Memory(50 * 10**9, 50 * 10**9)}
    with pytest.raises(ModelError) as refused:
        check_memory(
            tmp_path, placement, role="reranker", memory_of=lambda device: room[device.type]
        )
    error = refused.value
    assert (
        "5,000.0 million parameters in bfloat16 takes 10.00 GB, and 2.00 GB of 9.00 GB" in error.why
    )
    assert "Qwen/Qwen3-Reranker-0.6B needs 1.22 GB" in error.fix
    assert "Qwen3-Reranker-4B" not in error.fix
    assert "Embedding" not in error.fix
    assert "device='cpu'" in error.fix


def test_a_model_that_does_not_fit_is_refused_before_it_is_read(qwen3_folder, tmp_path):
    folder = Path(shutil.copytree(qwen3_folder, tmp_path / "huge"))
    empty_weights(folder, **{"embed_tokens.weight": [10**9, 10**6]})
    with pytest.raises(ModelError, match="does not fit"):
        load_embedder(str(folder), LoadOptions("cpu", "float32"), builtin_families())


def machine(root: Path, group: str, **files: dict[str, str]) -> Path:
    """A file system of a machine with 8000 of 16000 kB free, and control groups."""
    (root / "proc" / "self").mkdir(parents=True)
    meminfo = "MemTotal:   16000 kB\nMemFree: 100 kB\nMemAvailable:    8000 kB\nHugePages_Free: 0\n"
    (root / "proc" / "meminfo").write_text(meminfo)
    (root / "proc" / "self" / "cgroup").write_text(group)
    for folder, contents in files.items():
        path = root / "sys" / "fs" / "cgroup" / folder
        path.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (path / name).write_text(text)
    return root


def test_without_a_limit_the_machine_decides(tmp_path):
    files = {".": {"memory.max": "max\n", "memory.current": "5\n"}}
    root = machine(tmp_path, "0::/\n", **files)
    assert host_memory(root) == Memory(8000 * 1024, 16000 * 1024)


def test_a_limit_of_the_group_or_of_one_above_it_decides_if_it_is_lower(tmp_path):
    files = {
        "a": {"memory.max": "5000\n", "memory.current": "3000\n", "memory.stat": "anon 1\n"},
        "a/b": {
            "memory.max": "9000\n",
            "memory.current": "3000\n",
            "memory.stat": "anon 7\ninactive_file 1000\nslab\n",
        },
    }
    root = machine(tmp_path, "0::/a/b\n", **files)
    assert host_memory(root) == Memory(2000, 5000)


def test_pages_of_files_that_can_be_dropped_are_free(tmp_path):
    stat = "inactive_file 1\ntotal_inactive_file 2500\n"
    files = {
        "memory": {
            "memory.limit_in_bytes": "5000\n",
            "memory.usage_in_bytes": "3000\n",
            "memory.stat": stat,
        }
    }
    groups = "3:cpu:/x\n4:memory,pids:/not/seen/from/here\n0::/\n"
    assert host_memory(machine(tmp_path, groups, **files)) == Memory(4500, 5000)


def test_a_group_over_its_limit_has_nothing_free(tmp_path):
    files = {".": {"memory.max": "10\n", "memory.current": "20\n"}}
    assert host_memory(machine(tmp_path, "0::/\n", **files)) == Memory(0, 10)
