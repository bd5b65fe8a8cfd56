"""Keywords: words that set a group apart from the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.analysis.keywords import keywords

words = st.sampled_from(
    ["bear", "train", "wood", "paper", "red", "blue", "slow", "don't", "the", "and", "12"]
)


def test_words_that_tell_groups_apart_come_first():
    texts = ["a red bear of wood", "the red bear", "a red train of steel", "a red train"]
    bears, trains = keywords(texts, np.array([0, 0, 1, 1]))
    assert bears[0] in ("bear", "red bear")
    assert trains[0] in ("train", "red train")


def test_texts_without_a_group_do_not_count():
    (bears,) = keywords(["a bear", "a bear", "a zebra"], np.array([0, 0, -1]))
    assert bears == ["bear"]


def test_a_group_of_numbers_and_stop_words_has_no_keywords():
    assert keywords(["the 12 3", "and 7"], np.array([0, 0])) == [[]]
    assert keywords(["the 12", "a bear"], np.array([0, 1])) == [[], ["bear"]]


def test_what_is_not_seen_divides_no_keyword():
    texts = ["an indem\u00adni\u200bfication", "an indemnification", "a bear"]
    assert keywords(texts, np.array([0, 0, 1])) == [["indemnification"], ["bear"]]


def test_what_most_texts_of_every_group_hold_names_none():
    form = "<p>Seen at [**Hospital1**] on ___.&nbsp;</p> ASSESSMENT: {} http://example.org/a"
    texts = [form.format(text) for text in ("a red bear", "torn bear", "a train", "train of steel")]
    assert keywords(texts, np.array([0, 0, 1, 1])) == [["bear", "red", "torn"], ["train", "steel"]]


def test_words_of_every_group_name_it_where_there_are_no_others():
    assert keywords(["a bear", "the bear", "bear"], np.array([0, 1, 1])) == [["bear"], ["bear"]]


def test_no_keyword_is_made_of_two_texts():
    names = keywords(["red bear", "blue train"] * 3, np.array([0, 0] * 3))
    assert names == [["blue train", "red bear"]]


def test_no_groups_have_no_keywords():
    assert keywords(["a bear"], np.array([-1])) == []
    assert keywords([], np.array([], dtype=np.int64)) == []


def test_words_of_any_alphabet_are_words():
    names = keywords(["Москва зимой", "東京 の 夏"], np.array([0, 1]))
    assert names == [["зимой", "москва"], ["東京"]]


ILLS = [
    "Shortness of breath on the stairs, and her blood pressure is taken every cycle.",
    "He has shortness of breath at night; blood pressure well controlled.",
    "Shortness of breath, getting worse. Blood pressure tablets were stopped.",
    "Blood pressure high, with shortness of breath, taking two tablets.",
]
BONES = [
    "A broken wrist after she fell from a ladder, worse today.",
    "Broken wrists, both in plaster, and taking it easy.",
    "The wrist is broken and the plaster really hurts.",
    "Fell on ice: broken wrist, new plaster.",
]
LABELS = np.array([0] * 4 + [1] * 4)


def test_words_that_belong_together_are_one_keyword_and_no_others_are():
    ills, bones = keywords(ILLS + BONES, LABELS)
    assert {"shortness of breath", "blood pressure"} <= set(ills[:2])
    assert not {"shortness", "breath", "blood", "pressure"} & set(ills)
    assert not any(len(word.split()) > 1 for word in bones if word != "broken wrist")


def test_verbs_and_adverbs_without_content_name_no_group():
    named = {word for names in keywords(ILLS + BONES, LABELS) for word in names}
    assert not named & {"taking", "taken", "worse", "really", "getting", "today", "easy"}


def test_a_word_in_several_forms_is_one_keyword_in_its_most_frequent_form():
    texts = ["an allergy", "two allergies", "his allergies", "a train", "trains", "a fast train"]
    allergies, trains = keywords(texts, np.array([0, 0, 0, 1, 1, 1]))
    assert allergies == ["allergies"]
    assert trains[0] == "train"
    assert "trains" not in trains


def test_a_word_of_a_single_text_names_no_group_of_many():
    ills, _ = keywords(ILLS + BONES, LABELS)
    assert "cycle" not in ills
    assert "stairs" not in ills


def test_a_word_that_is_spread_evenly_names_no_group():
    texts = [f"{kind} letter" for kind in ("red bear", "blue bear", "slow train", "long train") * 3]
    assert not any("letter" in word for names in keywords(texts, np.array([0, 0, 1, 1] * 3))
                   for word in names)  # fmt: skip


def test_own_stop_words_are_left_out_in_all_their_forms_that_are_named():
    ills, bones = keywords(ILLS + BONES, LABELS, stop_words={"blood", "plaster"})
    assert not any("blood" in word.split() for word in ills)
    assert "plaster" not in bones


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["Der Zug ist sehr alt", "Die Züge sind nicht da"], "zug züge alt"),
        (["Le train qui vient est là", "C'est toujours l'hôpital"], "train hôpital"),
        (["El tren no llega nunca", "La estación está muy lejos"], "tren llega estación lejos"),
    ],
)
def test_function_words_of_other_languages_name_nothing(texts, names):
    (chosen,) = keywords(texts, np.array([0, 0]))
    assert chosen
    assert set(chosen) <= set(names.split())


@given(
    st.lists(st.tuples(st.lists(words, min_size=1), st.integers(-1, 2)), min_size=1, max_size=8),
    st.integers(1, 4),
)
def test_every_keyword_is_of_its_group_and_no_word_repeats(rows, top_k):
    labels = np.array([label for _, label in rows])
    texts = [" ".join(chosen) for chosen, _ in rows]
    by_group = keywords(texts, labels, top_k=top_k)
    assert len(by_group) == labels.max(initial=-1) + 1
    for group, names in enumerate(by_group):
        own = {word for text, label in zip(texts, labels, strict=True) if label == group
               for word in text.split()}  # fmt: skip
        used = [word for name in names for word in name.split()]
        assert set(used) <= own
        assert len(used) == len(set(used))
        assert len(names) <= top_k
