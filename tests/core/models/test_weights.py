import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from metier.errors import CheckpointError
from metier.models.weights import read_tensors, weight_files, weights_digest, weights_stamp


@pytest.fixture
def folder(tmp_path):
    weights = {"a": np.arange(40_000, dtype=np.float32), "b": np.ones((2, 3), dtype=np.float16)}
    save_file(weights, tmp_path / "model.safetensors")
    return tmp_path


def test_tensors_are_read_from_the_header(folder):
    tensors = {tensor.name: tensor for tensor in read_tensors(folder / "model.safetensors")}

    assert tensors["a"].shape == (40_000,)
    assert tensors["b"].dtype == "F16"
    assert tensors["a"].stop - tensors["a"].start == 160_000


@pytest.mark.parametrize("keep", [0, 5, 8, 60, 1000, 160_000])
def test_a_file_that_is_cut_off_is_named(folder, keep):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(CheckpointError, match=r"model\.safetensors' is damaged or cut off"):
        read_tensors(path)


@pytest.mark.parametrize(
    "content",
    [
        b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 90868376\n",
        b"\xff" * 64,
        (4).to_bytes(8, "little") + b"[12]",
        (16).to_bytes(8, "little") + b'{"a": {"b": 1}} ',
    ],
)
def test_a_file_of_another_kind_is_named(folder, content):
    path = folder / "model.safetensors"
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match="damaged or cut off"):
        read_tensors(path)


def shard(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = {"a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors"}
    for name, file in names.items():
        save_file({name: weights[name]}, folder / file)
    index = {"metadata": {}, "weight_map": names}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def test_a_digest_does_not_depend_on_how_weights_are_cut_into_files(folder, tmp_path_factory):
    other = Path(shutil.copytree(folder, tmp_path_factory.mktemp("shards") / "copy"))
    shard(other)

    assert len(weight_files(other)) == 2
    assert weights_digest(other) == weights_digest(folder)


@pytest.mark.parametrize("place", [0, -1])
def test_a_digest_changes_with_the_values(folder, place):
    before = weights_digest(folder)
    weights = load_file(folder / "model.safetensors")
    changed = {name: value.copy() for name, value in weights.items()}
    changed["a"][place] += 1
    save_file(changed, folder / "model.safetensors")

    assert weights_digest(folder) != before


def large(folder: Path, count: int, change: slice | None = None) -> Path:
    rows = np.zeros((count, 1024), dtype=np.float16)  # 2 KiB a row
    if change is not None:
        rows[change] = 1
    folder.mkdir()
    save_file({"a": rows}, folder / "model.safetensors")
    return folder


@pytest.mark.parametrize(
    ("count", "first", "run"),
    [(3000, 3, 50), (3000, 1500, 50), (3000, 2950, 50), (9000, 3, 129), (9000, 4000, 129)],
)
def test_a_digest_notices_a_run_of_changed_rows_wherever_it_is(tmp_path, count, first, run):
    before = weights_digest(large(tmp_path / "before", count))
    after = large(tmp_path / "after", count, slice(first, first + run))
    assert weights_digest(after) != before


def test_a_digest_notices_rows_changed_here_and_there(tmp_path):
    before = weights_digest(large(tmp_path / "before", 3000))
    assert weights_digest(large(tmp_path / "after", 3000, slice(5, None, 20))) != before


def test_a_stamp_changes_when_any_file_is_written_and_a_digest_does_not(folder, tmp_path_factory):
    shard(folder)
    copy = Path(shutil.copytree(folder, tmp_path_factory.mktemp("stamps") / "copy"))
    assert weights_stamp(copy) == weights_stamp(folder)
    for path in weight_files(copy):
        stamp, written = weights_stamp(copy), path.stat().st_mtime_ns
        os.utime(path, ns=(written, written + 10**9))
        assert weights_stamp(copy) != stamp
    assert weights_digest(copy) == weights_digest(folder)


def test_a_missing_shard_is_named(folder):
    shard(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()

    with pytest.raises(CheckpointError, match="00002-of-00002"):
        weight_files(folder)


def test_a_shard_outside_the_folder_is_refused(folder):
    shard(folder)
    index = {"weight_map": {"a": "../elsewhere.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    with pytest.raises(CheckpointError, match="outside its folder"):
        weight_files(folder)
