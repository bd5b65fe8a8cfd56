"""Released models are compared with published values."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.diagnosis.fixed_models import FixedEmbedder, FixedReranker

from metier.diagnosis.published_values import (
    BEGINNINGS,
    DOCUMENTS,
    MATRICES,
    QUERIES,
    SCORES,
    published_score_checks,
    published_vector_checks,
)
from metier.models.catalog import CatalogMatch, released_model

SMALL = "Qwen/Qwen3-Embedding-0.6B"
MIDDLE = "Qwen/Qwen3-Embedding-4B"


def unit_rows(matrix, off):
    """Unit vectors of 4 numbers whose cosines are the matrix, moved by `off`."""
    rows = {text: np.eye(4)[index] for index, text in enumerate(DOCUMENTS)}
    for text, cosines in zip(QUERIES, matrix, strict=True):
        near = np.array(cosines) + off
        rows[text] = np.array([*near, np.sqrt(1 - near @ near), 0])
    return rows


def known_embedder(id, off=0.0, dtype="float32"):
    """An embedder with the printed cosines and beginnings, all of them moved by `off`."""
    rows = unit_rows(MATRICES[id], off)
    beginnings = {
        (beginning.text, beginning.side): beginning.numbers(dtype)
        for beginning in BEGINNINGS.get(id, ())
    }

    def vectors(texts, side):
        made = np.zeros((len(texts), 6), dtype=np.float32)
        for row, text in zip(made, texts, strict=True):
            if (text, side) in beginnings:
                row[:5] = np.array(beginnings[text, side]) + off
                row[5] = np.sqrt(1 - row[:5] @ row[:5])
            else:
                row[:4] = rows[text]
        return made

    return FixedEmbedder(vectors, id=id, dim=6, dtype=dtype)


@pytest.mark.parametrize("id", MATRICES)
def test_a_model_that_gives_the_printed_numbers_passes_every_line(id):
    checks = published_vector_checks(known_embedder(id), CatalogMatch(released_model(id), "id"))
    assert {check.status for check in checks} == {"pass"}
    assert checks[0].name == "model card example"
    assert len(checks) == (4 if id == SMALL else 1)


@pytest.mark.parametrize(
    ("dtype", "off", "status"),
    [
        ("float32", 9e-4, "pass"),
        ("float32", 2e-3, "fail"),
        ("bfloat16", 4e-3, "pass"),
        ("bfloat16", 8e-3, "fail"),
        ("int8", 8e-3, "pass"),
        ("int8", 2e-2, "fail"),
    ],
)
def test_the_number_format_decides_how_far_off_is_right(dtype, off, status):
    model = known_embedder(SMALL, off, dtype)
    checks = published_vector_checks(model, CatalogMatch(released_model(SMALL), "id"))
    assert [check.status for check in checks] == [status] * 4


def test_in_int8_numbers_printed_of_int8_are_the_right_ones_where_there_are_any():
    exact = known_embedder(SMALL, 0.0089, "float32")
    rounded = known_embedder(SMALL, 0.0089, "int8")
    exact.dtype = "int8"
    recognized = CatalogMatch(released_model(SMALL), "id")

    def off(model):
        checks = published_vector_checks(model, recognized)
        return {check.name: check.status for check in checks if check.name.endswith("vector")}

    assert off(rounded) == dict.fromkeys(
        ("document vector", "query vector", "question vector"), "pass"
    )
    assert off(exact) == {
        "document vector": "fail",
        "query vector": "fail",
        "question vector": "pass",
    }


def test_a_model_known_by_its_shape_alone_may_be_a_fine_tune():
    model = known_embedder(MIDDLE, 0.1)
    (check,) = published_vector_checks(model, CatalogMatch(released_model(MIDDLE), "shape"))
    assert check.status == "warn"
    assert "fine-tune" in check.fix


def reranker(id, off=0.0, dtype="float32"):
    table = {
        (printed.query, document): score
        for printed in SCORES[id]
        for document, score in zip(printed.documents, printed.scores, strict=True)
    }
    return FixedReranker(lambda q, ds: [table[q, d] + off for d in ds], id=id, dtype=dtype)


@pytest.mark.parametrize(("off", "status"), [(0.01, "pass"), (0.05, "fail")])
def test_a_reranker_is_compared_with_printed_scores(off, status):
    (id,) = SCORES
    checks = published_score_checks(reranker(id, off), CatalogMatch(released_model(id), "id"))
    assert [check.status for check in checks] == [status, status]


def test_of_a_model_nothing_is_printed_of_there_is_no_line():
    other = CatalogMatch(released_model("Qwen/Qwen3-Reranker-8B"), "id")
    assert published_score_checks(reranker("Qwen/Qwen3-Reranker-0.6B"), other) == []
