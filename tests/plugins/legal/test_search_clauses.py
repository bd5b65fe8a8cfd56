from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import metier
from metier import Documents, Runtime
from metier.errors import InputError, ParameterError
from metier.texts.files import read_texts


@pytest.fixture(scope="module")
def contracts(samples: Callable[[str], Path]) -> Documents:
    return read_texts(samples("metier_legal"), Documents)


def test_the_clause_described_comes_first_with_where_it_stands(
    rt: Runtime, contracts: Documents
) -> None:
    result = rt.run(
        "legal/search-clauses",
        contracts,
        "what happens when an event beyond our control stops delivery",
    )

    texts = {document.id: document.text for document in contracts}
    assert result.hits[0].location.startswith("supply-agreement.txt, 13. Force Majeure")
    for hit in result.hits:
        facts = hit.fields
        assert texts[facts["source"]][facts["start"] : facts["end"]] == hit.text


def test_a_paragraph_is_found_by_the_title_it_stands_under(rt: Runtime) -> None:
    contract = (
        "1. Exclusivity\n\n1.1 No other person shall be supplied.\n\n1.2 It lasts two years.\n\n"
        "2. Warranty\n\n2.1 The goods are sound.\n\n2.2 It lasts two years.\n"
    )

    result = rt.run("legal/search-clauses", [contract], "how long the warranty lasts", top_k=1)

    assert result.hits[0].location == "1, 2. Warranty, 2.2"


def test_a_row_of_a_table_is_searched_like_a_contract(rt: Runtime) -> None:
    rows = [{"id": "law", "text": "Nowhere's law governs."}, {"id": "fee", "text": "The fee is 3."}]

    result = rt.run("legal/search-clauses", rows, "governing law")

    assert [hit.location for hit in result.hits] == ["law", "fee"]


def test_an_empty_query_is_refused(rt: Runtime, contracts: Documents) -> None:
    with pytest.raises(ParameterError, match="query=''"):
        rt.run("legal/search-clauses", contracts, "")


def test_an_empty_contract_is_refused(rt: Runtime) -> None:
    with pytest.raises(InputError, match="row 1 is empty"):
        rt.run("legal/search-clauses", ["\n"], "anything")


def test_a_clause_is_found_by_the_title_of_its_contract(rt: Runtime) -> None:
    rows = [
        {"id": "a", "title": "Supply of timber", "text": "It lasts two years."},
        {"id": "b", "title": "Lease of a warehouse", "text": "It lasts two years."},
    ]

    result = rt.run("legal/search-clauses", rows, "how long the lease of the warehouse lasts")

    assert [hit.location for hit in result.hits] == ["b", "a"]
    assert result.hits[0].text == "It lasts two years."


def test_clauses_are_the_pieces_of_an_index_of_the_domain(
    rt: Runtime, contracts: Documents
) -> None:
    long = "1. Fees\n\n1.1 The fee is due.\n\n1.2 " + "It rises with the price of bolts. " * 80
    rows = [{"id": item.id, "text": item.text} for item in contracts]
    rows += [{"id": "long", "title": "Lease", "text": long}]
    documents = Documents.of(rows)

    index = rt.index(documents, domain="legal")
    chunks = metier.chunk_each(
        documents,
        counter=rt.engine.count_tokens,
        max_tokens=index.manifest.chunking["max_tokens"],
        splitter=rt.splitter("legal"),
    )
    result = rt.run("legal/search-clauses", documents, "fees", top_k=1000)

    pieces = [(chunk.document_id, chunk.start, chunk.end) for part in chunks for chunk in part]
    found = {(hit.fields["source"], hit.fields["start"], hit.fields["end"]) for hit in result.hits}
    assert found == set(pieces)
    assert result.searched == len(index) == len(pieces)
    parts = [hit for hit in result.hits if hit.fields["source"] == "long"]
    assert {hit.location for hit in parts} == {
        "long, 1. Fees, 1.1",
        "long, 1. Fees, 1.2",
    }
    assert len(parts) > 3


def test_hits_say_number_title_and_kind_of_their_clause(rt: Runtime) -> None:
    contract = "1. Rent\n\n1.1 Ten a year.\n\n2. Law\n\nOslo.\n\nSCHEDULE 1 - LAND\n\nA field.\n"

    result = rt.run("legal/search-clauses", [contract], "land", top_k=3)

    named = {
        (hit.fields["clause_kind"], hit.fields["clause_number"], hit.fields["clause_title"])
        for hit in result.hits
    }
    assert named == {
        ("clause", "1.1", ""), ("clause", "2", "Law"), ("schedule", "SCHEDULE 1", "LAND"),
    }  # fmt: skip


def test_an_index_is_searched_by_the_kind_of_its_clauses(rt: Runtime) -> None:
    contract = "1. Rent\n\nTen a year.\n\n2. Law\n\nOslo.\n\nSCHEDULE 1 - LAND\n\nA field.\n"
    index = rt.index([contract], domain="legal")

    hits = index.search("rent", where=metier.field("clause_kind") == "schedule")

    assert [hit.text.split()[-1] for hit in hits] == ["field."]
