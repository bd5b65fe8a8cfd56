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


def test_scores_are_those_of_bm25s():
    import bm25s

    rng = np.random.default_rng(3)
    documents = [
        [f"w{number}" for number in rng.zipf(1.3, size) % 300] for size in rng.integers(0, 60, 200)
    ]
    vocabulary: dict[str, int] = {}
    rows = [[vocabulary.setdefault(t, len(vocabulary)) for t in terms] for terms in documents]
    peer = bm25s.BM25(k1=SATURATION, b=LENGTH_SHARE, method="lucene")
    peer.index((rows, vocabulary), create_empty_token=False, show_progress=False)
    bm25 = Bm25(documents)

    for query in (["w1"], ["w2", "w2", "w7"], ["w1", "w5", "w250", "unknown"]):
        highest = np.float32(sum(bm25.rarity(term) for term in query))
        known = [vocabulary[term] for term in query if term in vocabulary]
        assert np.array_equal(bm25.scores(query), peer.get_scores_from_ids(known) / highest)
