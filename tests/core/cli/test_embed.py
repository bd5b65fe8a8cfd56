"""`metier embed`: vectors of a file's texts, in a file or a pipe."""

from __future__ import annotations

import json
import os
import stat

import numpy as np
import pytest
from pyarrow import parquet


@pytest.fixture
def embed(metier, qwen3_folder):
    def run(*arguments, stdin=""):
        return metier(
            "embed", *arguments, "--model", str(qwen3_folder), "--dtype", "float32", stdin=stdin
        )

    return run


@pytest.fixture
def expected(qwen3_rt):
    return np.asarray(qwen3_rt.embed_documents(["a bear", "a train of wood"]))


def test_lines_of_json_go_through_pipes(embed, expected):
    code, out, err = embed("-", stdin="a bear\na train of wood\n")
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["id"] for row in rows] == ["stdin:1", "stdin:2"]
    np.testing.assert_allclose([row["vector"] for row in rows], expected, atol=1e-6)


@pytest.mark.parametrize("name", ["v.parquet", "v.npy", "v.jsonl"])
def test_files_hold_the_vectors_in_the_order_of_the_texts(embed, expected, toys, tmp_path, name):
    code, out, err = embed(str(toys), "--out", name)
    assert (code, out) == (0, "")
    assert f"wrote 2 vectors to {name}" in err
    path = tmp_path / name
    if name.endswith("npy"):
        made, ids = np.load(path), ["a", "b"]
    elif name.endswith("parquet"):
        rows = parquet.read_table(path)
        made, ids = np.array(rows["vector"].to_pylist()), rows["id"].to_pylist()
        assert json.loads(rows.schema.metadata[b"metier"])["dim"] == 64
    else:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        made, ids = np.array([row["vector"] for row in rows]), [row["id"] for row in rows]
    assert ids == ["a", "b"]
    np.testing.assert_allclose(made, expected, atol=1e-6)
    assert [file.name for file in tmp_path.iterdir() if name in file.name] == [name]
    if os.name == "posix":  # vectors are as confidential as their texts
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_that_was_written_is_printed_as_json(embed, toys, tmp_path):
    code, out, _ = embed(str(toys), "--out", "toys.npy", "--json")
    assert code == 0
    assert json.loads(out) == {"file": "toys.npy", "vectors": 2}


def test_queries_are_embedded_under_their_instruction(embed, qwen3_rt, tmp_path):
    embed(
        "-",
        "--side",
        "query",
        "--instruction",
        "toy/find-toy",
        "--dim",
        "32",
        "--out",
        "q.npy",
        stdin="a bear\n",
    )
    made = np.load(tmp_path / "q.npy")
    assert made.shape == (1, 32)
    plain = np.asarray(qwen3_rt.embed_queries(["a bear"], dim=32))
    assert abs(float((made @ plain.T)[0, 0]) - 1) > 1e-4


def test_a_file_of_another_kind_and_another_side_are_refused_at_once(embed, toys):
    code, _, err = embed(str(toys), "--out", "v.csv")
    assert code == 2
    assert ".parquet" in err
    code, _, err = embed(str(toys), "--side", "both")
    assert code == 2
    assert "no side 'both'" in err


def test_a_file_that_cannot_be_written_leaves_what_was_there(embed, toys, tmp_path):
    (tmp_path / "v.npy").mkdir()
    code, _, err = embed(str(toys), "--out", "v.npy")
    assert code == 1
    assert "cannot be written" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["toys.csv", "v.npy"]


def test_vectors_keep_their_ids_over_many_windows(embed, qwen3_rt, tmp_path):
    names = [f"n{number}" for number in range(1100)]
    (tmp_path / "many.csv").write_text("id,text\n" + "".join(f"{one},toy {one}\n" for one in names))
    for side in ("document", "query"):
        assert embed("many.csv", "--side", side, "--out", "v.parquet", "--no-cache").code == 0
        assert parquet.read_table(tmp_path / "v.parquet")["id"].to_pylist() == names
    made = parquet.read_table(tmp_path / "v.parquet")["vector"].to_pylist()[-1]
    np.testing.assert_allclose(made, qwen3_rt.embed_queries(["toy n1099"])[0], atol=1e-5)


def test_a_vector_size_that_the_model_lacks_is_called_as_on_the_command_line(embed):
    code, _, err = embed("-", "--dim", "9999", stdin="a bear\n")
    assert code == 2
    assert err.startswith("error: --dim 9999 is more than ")
    assert "dim=" not in err


def test_one_vector_is_in_the_singular(embed, tmp_path):
    assert "wrote 1 vector to v.jsonl" in embed("-", "--out", "v.jsonl", stdin="a bear\n").err
