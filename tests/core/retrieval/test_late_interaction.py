"""Late interaction: each token of a query meets the one it is most like."""

from __future__ import annotations

import numpy as np
import pytest

from metier.models.embedder import TokenStates
from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.late_interaction import by_rarity, evenly, interaction, stretches_of
from metier.retrieval.terms import Analyzer


def states(text: str, vectors: list[list[float]]) -> TokenStates:
    """One token per word."""
    spans, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        spans.append((start, start + len(word)))
        start += len(word)
    return TokenStates(
        np.array(spans, dtype=np.int32).reshape(-1, 2),
        np.array(vectors, dtype=np.float16).reshape(len(spans), -1),
    )


QUERY = states("steam train", [[1, 0], [0, 1]])
ENGINE = states("the steam engine", [[0.6, 0.8], [1, 0], [0.8, 0.6]])
BEAR = states("bear", [[-0.6, 0.8]])


def test_a_score_is_the_weighted_mean_of_the_best_cosines():
    found = interaction(QUERY, np.array([3, 1], dtype=np.float32), [ENGINE, BEAR])
    assert found == pytest.approx([(3 * 1 + 0.8) / 4, (3 * -0.6 + 0.8) / 4], abs=1e-3)


def test_a_passage_alone_has_the_score_it_has_among_others():
    weights = evenly(QUERY)
    together = interaction(QUERY, weights, [ENGINE, BEAR, ENGINE])
    assert together[0] == together[2]
    assert interaction(QUERY, weights, [BEAR])[0] == pytest.approx(together[1], abs=1e-6)


def test_without_tokens_there_is_no_likeness():
    empty = TokenStates(np.empty((0, 2), np.int32), np.empty((0, 2), np.float16))
    assert interaction(QUERY, evenly(QUERY), [empty, BEAR])[0] == 0.0
    assert interaction(empty, evenly(empty), [BEAR]).tolist() == [0.0]
    assert interaction(QUERY, evenly(QUERY), []).shape == (0,)


def test_tokens_count_by_how_rare_their_words_are():
    text = "the unsinkable ship"
    query = TokenStates(
        np.array([(0, 3), (4, 6), (6, 10), (10, 14), (15, 19)], dtype=np.int32),
        np.eye(5, dtype=np.float16),
    )
    analyzer = Analyzer(RetrievalSettings())
    rarity = {"unsink": 4.0, "ship": 1.5}
    weights = by_rarity(query, list(analyzer.words(text)), rarity.__getitem__)
    assert weights.tolist() == [0.0, 4.0, 4.0, 4.0, 1.5]


def test_the_rarity_of_what_a_model_did_not_read_is_not_asked_for():
    text = "ship train " + "steam " * 50
    query = states("ship", [[1, 0]])
    asked: list[str] = []

    def rarity(term: str) -> float:
        asked.append(term)
        return 2.0

    terms = list(Analyzer(RetrievalSettings()).words(text))
    assert by_rarity(query, terms, rarity).tolist() == [2.0]
    assert asked == ["ship"]


def test_a_token_within_a_name_counts_by_its_part_and_by_the_whole():
    analyzer = Analyzer(RetrievalSettings(terms="identifiers"))
    text = "a parseHttpUrl b"
    query = TokenStates(
        np.array([(2, 7), (7, 11), (11, 14)], np.int32), np.eye(3, dtype=np.float16)
    )
    rarity = {"pars": 1.0, "http": 2.0, "url": 3.0, "parsehttpurl": 9.0}
    weights = by_rarity(query, list(analyzer.words(text)), lambda term: rarity.get(term, 0.0))
    assert weights.tolist() == [5.0, 5.5, 6.0]


def test_of_a_query_of_common_words_every_token_counts():
    query = states("what is it", [[1, 0], [0, 1], [1, 0]])
    analyzer = Analyzer(RetrievalSettings())
    assert by_rarity(query, list(analyzer.words("what is it")), lambda _: 1.0).tolist() == [1, 1, 1]


def test_stretches_take_the_tokens_that_begin_in_them():
    first, second, none = stretches_of(ENGINE, [(0, 9), (9, 16), (16, 20)])
    assert first.spans.tolist() == [[0, 3], [4, 9]]
    assert second.vectors.tolist() == ENGINE.vectors[2:].tolist()
    assert len(none.vectors) == 0
