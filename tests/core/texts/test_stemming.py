"""Stems of words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import snowballstemmer

from metier.texts.stemming import english_stems, stemmer

WORDS = ["indemnified", "toys", "terminating", "liabilities", "clauses"] * 50


@pytest.mark.parametrize(
    "forms",
    [
        "indemnify indemnifies indemnified",
        "terminate terminating termination",
        "liability liabilities",
        "toy toys",
    ],
)
def test_forms_of_a_word_have_one_stem(forms):
    assert len(set(english_stems(forms))) == 1


def test_words_that_only_end_like_others_stay():
    assert english_stems("gas bus loss") == ["gas", "bus", "loss"]


def test_common_words_are_left_out_whatever_their_case():
    assert english_stems("The toys of A child") == ["toy", "child"]
    assert english_stems("The toys of A child", ignored=()) == ["the", "toy", "of", "a", "child"]


def test_what_is_not_seen_is_no_part_of_a_word():
    assert english_stems("in\u00addemni\u200bfy\ufeff") == english_stems("indemnify")


def test_a_language_without_a_stemmer_leaves_words_as_they_are():
    assert stemmer("none")("toys") == "toys"
    assert stemmer("german")("Spielzeuge".lower()) == "spielzeug"


def test_all_share_the_stemmer_of_a_language_and_get_the_same_again():
    assert stemmer("english") is stemmer("english")
    long = "supercalifragilisticexpialidociously" * 2
    for word in ("running", "running", long, long):
        assert stemmer("english")(word) == snowballstemmer.stemmer("english").stemWord(word)


def test_threads_that_share_a_stemmer_get_the_stems_of_their_words():
    stem = stemmer.__wrapped__("english")  # one that has no stems yet
    algorithm = snowballstemmer.stemmer("english")
    expected = [algorithm.stemWord(word) for word in WORDS]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(stem, WORDS)) == expected
