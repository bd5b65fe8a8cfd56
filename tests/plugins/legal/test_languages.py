"""Clauses of contracts in other languages than English, and titles with words in lower case."""

from __future__ import annotations

import pytest

from metier_legal.structure.clauses import clause_sections


def labels(contract: str) -> list[tuple[str, ...]]:
    return [section.headings for section in clause_sections(contract)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Artikel 1 - Lieferung", "Artikel 2 - Haftung"),
        ("\u00a7 1 Lieferung", "\u00a7 2 Haftung"),
        ("Article 1er - Livraison", "Article 2 - Garantie"),
        ("Clause 1 - Livraison", "Clause 2 - Garantie"),
        ("Art\u00edculo 1 - Entrega", "Art\u00edculo 2 - Garant\u00eda"),
        ("CL\u00c1USULA PRIMERA - Entrega", "CL\u00c1USULA SEGUNDA - Garant\u00eda"),
        ("Artigo 1.\u00ba Entrega", "Artigo 2.\u00ba Garantia"),
        ("Cl\u00e1usula 1\u00aa - Entrega", "Cl\u00e1usula 2\u00aa - Garantia"),
        ("Articolo 1 - Consegna", "Articolo 2 - Garanzia"),
        ("Artikel 1 - Levering", "Artikel 2 - Garantie"),
    ],
)
def test_words_of_other_languages_before_numbers_begin_clauses(first, second):
    contract = f"{first}\nLorem ipsum dolor sit amet.\n{second}\nSed do eiusmod tempor.\n"
    assert labels(contract) == [(first,), (second,)]


def test_run_in_titles_keep_words_in_lower_case():
    contract = (
        "1. Storage of samples. All samples stay cold.\n"
        "2. Price and payment: the price is due in a week.\n"
        "3. Late fees. A late sum costs one percent more.\n"
    )
    assert labels(contract) == [
        ("1. Storage of samples",),
        ("2. Price and payment",),
        ("3. Late fees",),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "The tenant cleans the stairs.",
        "Tenant pays heat.",
        "Each owner insures a share.",
        "Notice of defects is sent by letter.",
        "Repairs by the tenant need the consent of the owner and a receipt for each.",
    ],
)
def test_whole_sentences_are_no_run_in_titles(sentence):
    contract = f"1. {sentence} It is due in May.\n2. {sentence} It is due in June.\n"
    assert labels(contract) == [("1.",), ("2.",)]
