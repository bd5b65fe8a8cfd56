"""The law that a sentence names, in any of the ways contracts do."""

from __future__ import annotations

import pytest

from metier_legal.review.governing_law import governing_law, is_same_law


@pytest.mark.parametrize(
    ("sentence", "law"),
    [
        ("Spanish law governs this lease. Disputes are settled by arbitration in Lisbon.", "Spain"),
        ("The lease is construed under New York law.", "New York"),
        ("The law of the State of Ohio applies, and the courts of Dayton decide.", "Ohio"),
        ("It is made under the law of Tasmania, Australia.", "Tasmania, Australia"),
        ("The internal laws of the Federal Republic of Germany apply.", "Germany"),
        ("This contract is governed by the laws of England and Wales.", "England and Wales"),
        ("Each party complies with the applicable law.", ""),
        ("The arbitrators sit in Madrid.", ""),
        ("The law of the State applies.", ""),
    ],
)
def test_a_law_is_named_by_its_country_or_by_an_adjective(sentence, law):
    assert governing_law(sentence) == law


def test_a_law_is_the_same_with_or_without_the_country_around_it():
    assert is_same_law("Tasmania", "Tasmania, Australia")
    assert is_same_law(governing_law("English law applies."), "England and Wales")
    assert not is_same_law("Scotland", "England and Wales")
