"""`metier models`."""

from __future__ import annotations

import json


def test_the_released_models_are_listed_with_the_memory_of_their_weights(metier):
    code, out, err = metier("models")
    assert (code, err) == (0, "")
    for part in ("Qwen/Qwen3-Embedding-0.6B", "32-1024", "Qwen/Qwen3-Reranker-8B", "Apache-2.0"):
        assert part in out


def test_the_list_as_json(metier):
    first, *_, last = json.loads(metier("models", "--json").out)
    assert (first["model"], first["dim"], first["min_dim"]) == (
        "Qwen/Qwen3-Embedding-0.6B",
        1024,
        32,
    )
    assert (first["layers"], first["context"], first["license"]) == (28, 32768, "Apache-2.0")
    assert first["memory"]["bfloat16"] == 2 * first["parameters"]
    assert (last["role"], last["dim"]) == ("reranker", None)
