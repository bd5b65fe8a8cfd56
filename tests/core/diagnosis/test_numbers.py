"""What is wrong with the numbers of a model is told from the model alone."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.diagnosis.given import GivenEmbedder, GivenReranker

from metier.diagnosis.numbers import embedder_number_checks, reranker_number_checks
from metier.models.vectors import finish


def statuses(checks):
    return {check.name: check.status for check in checks}


def spread(texts, side):
    return np.array([[len(text), 3, text.count("a"), 1] for text in texts], dtype=np.float32)


def test_a_model_that_slices_then_normalises_passes():
    assert set(statuses(embedder_number_checks(GivenEmbedder(spread))).values()) == {"pass"}


def test_vectors_that_are_cut_after_normalising_are_told():
    model = GivenEmbedder(spread, finishing=lambda full, dim: finish(full, 4)[:, :dim])
    assert statuses(embedder_number_checks(model)) == {
        "unit length": "pass",
        "vector neighbours": "pass",
        "shorter vectors": "fail",
    }


def test_a_model_that_ignores_the_size_is_told():
    model = GivenEmbedder(spread, finishing=lambda full, dim: finish(full, 4))
    (check,) = [one for one in embedder_number_checks(model) if one.status == "fail"]
    assert check.detail == "dim=2 gave 4 numbers"


@pytest.mark.parametrize("raw", [lambda full: 2 * full, lambda full: full * np.nan])
def test_vectors_that_are_no_unit_vectors_are_told(raw):
    model = GivenEmbedder(spread, finishing=lambda full, dim: raw(finish(full, dim)))
    assert statuses(embedder_number_checks(model))["unit length"] == "fail"


@pytest.mark.parametrize(("dtype", "status"), [("float32", "fail"), ("bfloat16", "pass")])
def test_a_vector_may_move_with_its_neighbours_by_no_more_than_its_format_rounds(dtype, status):
    def crowded(texts, side):
        return spread(texts, side) + 0.01 * (len(texts) - 1)

    model = GivenEmbedder(crowded, dtype=dtype)
    assert statuses(embedder_number_checks(model))["vector neighbours"] == status


def relevant(yes, no):
    return GivenReranker(lambda query, documents: [yes if "China" in d else no for d in documents])


@pytest.mark.parametrize(
    ("yes", "no", "status"),
    [(0.99, 0.01, "pass"), (0.7309, 0.5002, "fail"), (0.2, 0.3, "fail"), (0.4, 0.1, "pass")],
)
def test_a_released_reranker_tells_an_answer_from_another_text(yes, no, status):
    checks = reranker_number_checks(relevant(yes, no), known=True)
    assert statuses(checks) == {
        "score range": "pass",
        "score neighbours": "pass",
        "relevance": status,
    }


def test_any_other_reranker_may_score_as_it_likes_between_0_and_1():
    assert set(statuses(reranker_number_checks(relevant(0.5, 0.6), known=False)).values()) == {
        "pass"
    }
    logits = statuses(reranker_number_checks(relevant(3.2, -4.0), known=False))
    assert logits["score range"] == "fail"


def test_scores_that_depend_on_the_other_documents_are_told():
    model = GivenReranker(lambda query, documents: [1 / len(documents)] * len(documents))
    assert statuses(reranker_number_checks(model, known=False))["score neighbours"] == "fail"
