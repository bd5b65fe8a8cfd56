"""A head on the command line: fitted, saved, and applied by another process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.core.evaluation.folders import TEXTS, jsonl


@pytest.fixture
def head(metier, tmp_path) -> Path:
    """The folder of a head, beside it new texts."""
    rows = [{"text": text, "label": label} for label, texts in TEXTS.items() for text in texts]
    jsonl(tmp_path / "examples.jsonl", rows)
    new = ["The referee stopped the match.", "Pour the soup into a bowl.", "A box of screws."]
    jsonl(tmp_path / "new.jsonl", [{"text": text} for text in new])
    fit = ("run", "core/fit", "examples.jsonl", "--positive", "sport", "--at", "head")
    code, out, err = metier(*fit, "--model", "embedded")
    assert code == 0, err
    assert "16 texts" in out
    return tmp_path / "head"


def test_a_fresh_process_gives_the_same_bytes_and_what_a_head_is_not_for_is_refused(
    metier, process, head, qwen3_folder, tmp_path
):
    predict = ("run", "core/predict", "new.jsonl", "--head", "head")
    options = ("--model", "embedded", "--dtype", "float32", "--out")
    code, _, err = metier(*predict, *options, "first.csv")
    assert code == 0, err
    code, _, err = process("-m", "metier", *predict, *options, "second.csv")
    assert code == 0, err
    first = (tmp_path / "first.csv").read_bytes()
    assert first == (tmp_path / "second.csv").read_bytes()
    assert len(first.splitlines()) == 4

    code, _, err = metier(*predict, "--model", str(qwen3_folder), "--json")
    error = json.loads(err)["error"]
    assert (code, error["code"]) == (2, "head-mismatch")
    assert "fingerprint" in error["why"]
    numbers = head / "head.safetensors"
    numbers.write_bytes(numbers.read_bytes()[:-1] + b"?")
    code, _, err = metier(*predict, "--model", "embedded", "--json")
    assert (code, json.loads(err)["error"]["code"]) == (1, "head-damaged")
