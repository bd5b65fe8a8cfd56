"""BM25: the published formula, as a share of the best thinkable."""

from __future__ import annotations

import math

import numpy as np
import pytest

from metier.retrieval.bm25 import LENGTH_SHARE, SATURATION, Bm25

DOCUMENTS = [
    ["steam", "train"],
    ["steam", "steam", "engine", "rail"],
    ["bear"],
    [],
]


def by_hand(query: list[str], documents: list[list[str]]) -> list[float]:
    count = len(documents)
    mean = sum(map(len, documents)) / count

    def idf(term: str) -> float:
        holders = sum(term in one for one in documents)
        return math.log(1 + (count - holders + 0.5) / (holders + 0.5))

    def score(document: list[str]) -> float:
        length = 1 - LENGTH_SHARE + LENGTH_SHARE * len(document) / mean
        return sum(
            idf(t) * document.count(t) / (document.count(t) + SATURATION * length) for t in query
        )

    return [score(one) / sum(map(idf, query)) for one in documents]


@pytest.mark.parametrize(
    "query", [["steam"], ["steam", "rail"], ["steam", "steam", "bear"], ["steam", "zeppelin"]]
)
def test_scores_are_those_of_the_formula(query):
    assert Bm25(DOCUMENTS).scores(query) == pytest.approx(by_hand(query, DOCUMENTS), abs=1e-6)


def test_a_score_stays_below_one_however_often_a_term_comes():
    scores = Bm25([["steam"] * 10_000, ["rail"]]).scores(["steam"])
    assert 0.9 < scores[0] < 1.0
    assert scores[1] == 0.0


def test_a_word_that_nobody_has_lowers_every_share():
    known, more = Bm25(DOCUMENTS).scores(["bear"]), Bm25(DOCUMENTS).scores(["bear", "zeppelin"])
    assert 0 < more[2] < known[2]


@pytest.mark.parametrize("query", [[], ["zeppelin"]])
def test_without_a_known_term_nothing_is_found(query):
    assert np.array_equal(Bm25(DOCUMENTS).scores(query), np.zeros(4))


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_documents_without_terms_have_no_scores(documents):
    made = Bm25(documents)
    assert len(made) == len(documents)
    assert np.array_equal(made.scores(["steam"]), np.zeros(len(documents)))


def test_rare_terms_say_more():
    made = Bm25(DOCUMENTS)
    assert made.rarity("zeppelin") > made.rarity("bear") > made.rarity("steam") > 0
