from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import metier
from metier import Documents, Runtime
from metier.errors import InputError, ParameterError, UsageError
from metier.plugin import BatchResult
from metier.texts.files import read_texts
from metier_legal.searching.clause_search_result import ClauseSearchResult
from metier_legal.searching.query_forms import form_of


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
        assert texts[hit.contract][hit.start : hit.end] == hit.text


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


def test_contracts_follow_the_order_of_the_clauses_and_columns_are_explained(
    rt: Runtime, contracts: Documents
) -> None:
    result = rt.run("legal/search-clauses", contracts, "late payment of an invoice", top_k=40)

    near = [hit.contract for hit in result.hits if hit.is_near]
    with_clause = [known for known in result.contracts if known.best is not None]
    assert len(with_clause) > 1
    assert [known.contract for known in with_clause] == list(dict.fromkeys(near))
    for known in with_clause:
        assert known.best == next(
            hit for hit in result.hits if hit.is_near and hit.contract == known.contract
        )
    of_contracts, of_clauses = (table.note for table in result.tables())
    assert "order of their first near clause" in of_contracts
    assert "The cosine compares meanings only" in of_contracts
    assert "The score orders the clauses of this search" in of_clauses


def test_an_index_of_other_settings_is_refused_with_what_the_workflow_can_do(
    rt: Runtime, tmp_path: Path
) -> None:
    rows = ["The law of Iceland governs.", "The fee is due in ten days."]
    rt.run("legal/search-clauses", rows, "governing law", at=tmp_path / "index")

    with pytest.raises(UsageError, match="made with other settings") as refused:
        rt.run("legal/search-clauses", rows, "governing law", at=tmp_path / "index", dim=128)

    assert refused.value.code == "index-mismatch"
    assert "384, now 128" in str(refused.value.why)
    assert "another folder with at=..." in str(refused.value.fix)
    assert "rebuild" not in str(refused.value)


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


def test_clauses_are_those_of_an_index_of_the_domain_and_whole(
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

    starts = {(chunk.document_id, chunk.start) for part in chunks for chunk in part}
    assert len(index) == len(starts)
    assert {(hit.contract, hit.start) for hit in result.hits} <= starts
    assert result.searched == len(result.hits)
    (rises,) = [hit for hit in result.hits if hit.location == "long, 1. Fees, 1.2"]
    assert rises.text == long[long.index("1.2") :].strip()  # whole, though the index has its parts
    assert rises.snippet is not None
    assert long[rises.snippet.start : rises.snippet.end] == rises.snippet.text


def test_hits_say_number_title_and_kind_of_their_clause(rt: Runtime) -> None:
    contract = "1. Rent\n\n1.1 Ten a year.\n\n2. Law\n\nOslo.\n\nSCHEDULE 1 - LAND\n\nA field.\n"

    result = rt.run("legal/search-clauses", [contract], "land", top_k=3)

    named = {(hit.kind, hit.number, hit.title) for hit in result.hits}
    assert named == {
        ("clause", "1.1", ""), ("clause", "2", "Law"), ("schedule", "SCHEDULE 1", "LAND"),
    }  # fmt: skip


def test_an_index_is_searched_by_the_kind_of_its_clauses(rt: Runtime) -> None:
    contract = "1. Rent\n\nTen a year.\n\n2. Law\n\nOslo.\n\nSCHEDULE 1 - LAND\n\nA field.\n"
    index = rt.index([contract], domain="legal")

    hits = index.search("rent", where=metier.field("clause_kind") == "schedule")

    assert [hit.text.split()[-1] for hit in hits] == ["field."]


_LEASES = {
    "barn": "1. Rent\n\nThe rent is ten ducats a year.\n\n2. Pets\n\nNo dogs may be kept.\n",
    "mill": "1. Rent\n\n1.1 The rent rises by one ducat each year.\n\n1.2 Rent is paid in May.\n",
    "boat": "1. Sails\n\nSails are washed in May.\n\n2. Sails\n\nSails are dried in June.\n",
}


def _leases() -> list[dict[str, str]]:
    return [{"id": id, "text": text} for id, text in _LEASES.items()]


def test_each_contract_has_its_best_clause_and_those_with_nothing_near_come_last(
    rt: Runtime,
) -> None:
    result = rt.run("legal/search-clauses", _leases(), "how much rent is due")

    assert isinstance(result, ClauseSearchResult)
    (*near, last) = result.contracts
    assert {found.contract for found in near} == {"barn", "mill"}
    assert [found.best.title or found.best.path[0] for found in near if found.best] == (
        ["Rent", "1. Rent"] if near[0].contract == "barn" else ["1. Rent", "Rent"]
    )
    assert (last.contract, last.best, last.more) == ("boat", None, 0)
    assert next(found.more for found in near if found.contract == "mill") == 1
    assert {document.id for document in result.cited_documents} == set(_LEASES)
    positions = [row[3] for row in result.tables()[1].rows]
    assert [str(position) for position in positions] == [hit.location for hit in result.hits]
    table = result.tables()[0]
    assert table.rows[-1][:2] == ("boat", "nothing near")
    assert "2 of 3 contracts" in result.headline()


def test_clauses_under_the_same_heading_are_hits_of_their_own(rt: Runtime) -> None:
    boat = [{"id": "boat", "text": _LEASES["boat"]}]

    result = rt.run("legal/search-clauses", boat, "sails", top_k=5)

    assert {hit.number for hit in result.hits} == {"1", "2"}
    assert result.contracts == ()


def test_several_queries_are_set_against_the_contracts(rt: Runtime) -> None:
    result = rt.run(
        "legal/search-clauses", _leases(), queries=["how much rent is due", "recipe for soup"]
    )

    assert isinstance(result, BatchResult)
    rent, soup = result.queries
    assert [match is not None for match in rent.matches] == [True, True, False]
    assert not soup.near
    assert result.searched == 6
    for hit in rent.hits:
        source = _LEASES[hit.fields["source"]]
        assert source[hit.fields["start"] : hit.fields["end"]] == hit.text
    best = next(match for match in rent.matches if match is not None)
    assert best.location == "barn, 1. Rent"
    assert best.text in _LEASES["barn"]


def test_clauses_are_chosen_by_contract_heading_and_kind(rt: Runtime) -> None:
    schedule = {"id": "hall", "text": "1. Rent\n\nTen.\n\nSCHEDULE 1 - RENT\n\nFive in May.\n"}
    rows = [*_leases(), schedule]

    def where(**chosen: str) -> set[str]:
        result = rt.run("legal/search-clauses", rows, "rent", **chosen)
        assert result.searched == len(result.hits)
        return {hit.location for hit in result.hits}

    assert where(contract="MIL") == {"mill, 1. Rent, 1.1", "mill, 1. Rent, 1.2"}
    assert where(heading="pets") == {"barn, 2. Pets"}
    assert where(heading="2.*", contract="b*") == {"barn, 2. Pets", "boat, 2. Sails"}
    assert where(kind="schedule") == {"hall, SCHEDULE 1 - RENT"}
    result = rt.run("legal/search-clauses", rows, "rent", kind="schedule", contract="barn")
    assert not result.hits
    assert "No clause meets all conditions" in result.notes()[0]
    with pytest.raises(ParameterError, match=r"(?s)No heading fits 'Petz'.*'Pets'"):
        rt.run("legal/search-clauses", rows, "rent", heading="Petz")
    with pytest.raises(ParameterError, match=r"(?s)No contract fits 'bran'.*'barn'"):
        rt.run("legal/search-clauses", rows, "rent", contract="bran")


def test_an_index_on_disk_embeds_only_what_changed(tmp_path: Path) -> None:
    rt = Runtime("embedded", device="cpu", dtype="float32", progress=False)  # without a cache

    def search(rows: list[dict[str, str]]) -> ClauseSearchResult:
        result = rt.run("legal/search-clauses", rows, "rent is due", at=tmp_path / "index")
        assert isinstance(result, ClauseSearchResult)
        return result

    first = search(_leases())
    again = search(_leases())
    changed = [{**row, "text": row["text"].replace("May", "July")} for row in _leases()]
    updated = search(changed)

    def embedded(result: ClauseSearchResult) -> int:
        assert result.record is not None
        return result.record.texts_embedded - result.record.texts_recalled

    assert [(hit.id, hit.score) for hit in again.hits] == [
        (hit.id, hit.score) for hit in first.hits
    ]
    assert embedded(again) < embedded(updated) < embedded(first)
    assert embedded(updated) - embedded(again) == 2  # the clauses with another month
    assert any("July" in hit.text for hit in updated.hits)


def test_a_clause_finds_clauses_like_it(rt: Runtime) -> None:
    clause = (
        "The Tenant shall keep no cat, dog or other animal in the house or the yard, and shall not "
        "let any visitor bring one there."
    )

    from_file = rt.run("legal/search-clauses", _leases(), example=[clause], top_k=3)
    by_shape = rt.run("legal/search-clauses", _leases(), clause, top_k=3)

    assert from_file.query_form == by_shape.query_form == "example"
    assert from_file.hits[0].location == "barn, 2. Pets"
    assert from_file.hits == by_shape.hits
    assert "legal/similar-clauses@1" in {used.id for used in from_file.record.instructions}


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("limitation of liability", "description"),
        ("Find clauses that let a party leave the agreement early without giving any reason, and "
         "that say how much notice it shall give", "description"),
        ("who pays the freight", "question"),
        ("The lease: may the tenant sublet?", "question"),
        ("The Tenant shall not sublet.", "description"),
        ("The Tenant shall not assign, charge or sublet the whole or any part of the premises "
         "without the prior written consent of the Landlord.", "example"),
    ],
)  # fmt: skip
def test_the_form_of_a_query_is_known_by_its_shape(query: str, form: str) -> None:
    assert form_of(query) == form


def test_a_query_and_an_example_at_once_are_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="More than one"):
        rt.run("legal/search-clauses", _leases(), "rent", example=["Rent is due."])
    with pytest.raises(ParameterError, match="nothing to look for"):
        rt.run("legal/search-clauses", _leases())
