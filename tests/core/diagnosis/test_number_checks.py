"""What is wrong with the numbers of a model is told from the model alone."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.diagnosis.fixed_models import FixedEmbedder, FixedReranker

from metier.diagnosis.number_checks import embedder_number_checks, reranker_number_checks
from metier.models.catalog import CatalogMatch, released_model
from metier.models.vectors import slice_and_normalize

RELEASED = CatalogMatch(released_model("Qwen/Qwen3-Reranker-0.6B"), "id")


def statuses(checks):
    return {check.name: check.status for check in checks}


def spread(texts, side):
    return np.array([[len(text), 3, text.count("a"), 1] for text in texts], dtype=np.float32)


def test_a_model_that_slices_then_normalizes_passes():
    assert set(statuses(embedder_number_checks(FixedEmbedder(spread))).values()) == {"pass"}


def test_vectors_that_are_cut_after_normalizing_are_told():
    model = FixedEmbedder(spread, finishing=lambda full, dim: slice_and_normalize(full, 4)[:, :dim])
    assert statuses(embedder_number_checks(model)) == {
        "unit length": "pass",
        "vector neighbors": "pass",
        "shorter vectors": "fail",
    }


def test_a_model_that_ignores_the_size_is_told():
    model = FixedEmbedder(spread, finishing=lambda full, dim: slice_and_normalize(full, 4))
    (check,) = [check for check in embedder_number_checks(model) if check.status == "fail"]
    assert check.detail == "dim=2 gave 4 dimensions"


@pytest.mark.parametrize("raw", [lambda full: 2 * full, lambda full: full * np.nan])
def test_vectors_that_are_no_unit_vectors_are_told(raw):
    model = FixedEmbedder(spread, finishing=lambda full, dim: raw(slice_and_normalize(full, dim)))
    assert statuses(embedder_number_checks(model))["unit length"] == "fail"


@pytest.mark.parametrize(("dtype", "status"), [("float32", "fail"), ("bfloat16", "pass")])
def test_a_vector_may_move_with_its_neighbors_by_no_more_than_its_format_rounds(dtype, status):
    def crowded(texts, side):
        return spread(texts, side) + 0.01 * (len(texts) - 1)

    model = FixedEmbedder(crowded, dtype=dtype)
    assert statuses(embedder_number_checks(model))["vector neighbors"] == status


def test_short_formats_are_judged_by_the_angle_and_not_by_the_size_of_a_number():
    def crowded(texts, side):
        rows = np.full((len(texts), 1024), 1 / 32, dtype=np.float32)
        rows[:, ::2] += 0.002 * (len(texts) - 1)  # two texts: turned by 1 - cos = 2e-3
        rows[:, 1::2] -= 0.002 * (len(texts) - 1)
        return rows

    (check,) = [
        check
        for check in embedder_number_checks(FixedEmbedder(crowded, dim=1024, dtype="bfloat16"))
        if check.name == "vector neighbors"
    ]
    assert (check.status, "1 - cosine" in check.detail) == ("fail", True)


def relevant(yes, no):
    return FixedReranker(lambda query, documents: [yes if "China" in d else no for d in documents])


@pytest.mark.parametrize(
    ("yes", "no", "status"),
    [
        (0.99, 0.01, "pass"),
        (0.51, 0.099, "pass"),
        (0.49, 0.01, "fail"),
        (0.99, 0.11, "fail"),
        (0.7309, 0.5002, "fail"),
        (0.2, 0.3, "fail"),
    ],
)
def test_a_released_reranker_tells_an_answer_from_another_text(yes, no, status):
    checks = reranker_number_checks(relevant(yes, no), RELEASED)
    assert statuses(checks) == {
        "score range": "pass",
        "score neighbors": "pass",
        "relevance": status,
    }


def test_a_sigmoid_that_was_applied_twice_is_named_and_a_wrong_template_is_not():
    fixes = [
        reranker_number_checks(relevant(*scores), RELEASED)[-1].fix
        for scores in ((0.7309, 0.5002), (0.6, 0.4))
    ]
    assert fixes == ["The sigmoid was applied twice.", "Template or answers are wrong."]


def test_a_reranker_that_may_be_trained_further_is_warned_of():
    further = CatalogMatch(RELEASED.model, "shape")
    assert statuses(reranker_number_checks(relevant(0.4, 0.1), further))["relevance"] == "warn"


def test_any_other_reranker_may_score_as_it_likes_between_0_and_1():
    assert set(statuses(reranker_number_checks(relevant(0.5, 0.6), None)).values()) == {"pass"}
    logits = statuses(reranker_number_checks(relevant(3.2, -4.0), None))
    assert logits["score range"] == "fail"


def test_scores_that_depend_on_the_other_documents_are_told():
    model = FixedReranker(lambda query, documents: [1 / len(documents)] * len(documents))
    assert statuses(reranker_number_checks(model, None))["score neighbors"] == "fail"
