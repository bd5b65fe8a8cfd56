"""Several queries in one search: best matches, the matrix, and what is near to nothing."""

from __future__ import annotations

import docx
import numpy as np
import openpyxl
import pytest

import metier
from metier.errors import ParameterError
from metier.indexing.search_options import SearchOptions
from metier.registry.retrieval_settings import RetrievalSettings
from metier.steps.batch_result import Match, QueryResult
from metier.steps.nearness import near_cosine
from metier.steps.query_batches import (
    BatchResult,
    search_index,
    search_one_or_many,
    search_queries,
)
from metier.steps.searching import Passage, SearchResult, search_passages
from metier.texts.texts import Texts

TASK = "core/passage-search"
PASSAGES = [
    Passage("a:1", "The tenant pays the rent every month.", "lease, 1", document="lease"),
    Passage("a:2", "Dogs and cats are allowed in the flat.", "lease, 2", document="lease"),
    Passage("b:1", "The lender may ask for the loan back at any time.", "loan, 1", document="loan"),
]  # fmt: skip
QUERIES = [
    {"id": "q1", "text": "when is the rent due", "topic": "money"},
    {"id": "q2", "text": "are pets allowed", "topic": "home"},
    {"id": "q3", "text": "speed of light in water", "topic": "physics"},
]


@pytest.fixture(scope="module")
def batch(rt) -> BatchResult:
    queries = Texts.of(QUERIES)
    return search_queries(rt, queries, PASSAGES, instruction=TASK, noun="clauses", top_k=2)


def test_each_query_has_the_hits_of_a_search_by_itself(rt, batch):
    for row, query in zip(QUERIES, batch.queries, strict=True):
        alone = search_passages(rt, row["text"], PASSAGES, instruction=TASK, noun="c", top_k=2)
        assert [(hit.id, hit.score) for hit in query.hits] == [
            (hit.id, pytest.approx(hit.score, abs=1e-5)) for hit in alone.hits
        ]


def test_the_matrix_has_the_best_of_each_document_and_nothing_where_none_is_near(batch):
    assert batch.documents == ("lease", "loan")
    assert [query.near for query in batch.queries] == [True, True, False]
    first, second, third = batch.matrix()
    assert first[0] > (first[1] or batch.threshold)
    assert second[0] > batch.threshold
    assert third == [None, None]
    assert batch.queries[0].matches[0].location == "lease, 1"
    best, matrix, *_ = batch.tables()
    assert best.rows[2][3] == "nothing near"
    assert matrix.rows[2][1:] == ("-", "-")


def test_columns_of_the_queries_come_back(batch):
    rows = batch.rows()
    assert [row["query_id"] for row in rows] == ["q1", "q1", "q2", "q2", "q3", "q3"]
    assert [row["topic"] for row in rows][::2] == ["money", "home", "physics"]


def test_each_row_says_whether_its_own_hit_is_near(batch):
    assert batch.to_frame()["near"].tolist() == [True, False, True, False, False, False]
    assert [query.near_ranks for query in batch.queries] == [(1,), (1,), ()]


def test_a_batch_goes_through_json(batch):
    assert BatchResult.model_validate_json(batch.to_json()) == batch


def test_every_near_cell_of_the_matrix_has_its_passage_in_a_table_of_its_own(batch):
    _, matrix, passages, _ = batch.tables()
    near = [
        (query.query, document, match.score, match.location, match.text)
        for query in batch.queries
        for document, match in zip(batch.documents, query.matches, strict=True)
        if match is not None
    ]
    assert [(*row[:4], row[4].text) for row in passages.rows] == near
    cell = matrix.rows[1][1]
    assert (cell.location, cell.passage.text) == ("lease, 2", PASSAGES[1].text)
    assert matrix.fields[1].kind == "score"


def test_a_workbook_has_numbers_in_the_matrix_and_a_sheet_of_passages(batch, tmp_path):
    (path,) = batch.save(tmp_path / "batch.xlsx")
    book = openpyxl.load_workbook(path)
    matrix = list(book["Queries and documents"].iter_rows(values_only=True))
    assert matrix[0] == ("query", "lease", "loan")
    assert matrix[1][1] == pytest.approx(batch.queries[0].matches[0].score)
    assert matrix[3] == (QUERIES[2]["text"], "-", "-")
    passages = list(book["Best passage of each document"].iter_rows(values_only=True))
    assert passages[0] == ("query", "document", "cosine", "where", "text")
    assert passages[1][3:] == ("lease, 1", PASSAGES[0].text)


@pytest.mark.parametrize("name", ["batch.docx", "batch.md"])
def test_a_document_has_the_best_passages_and_says_where_all_matches_are(batch, tmp_path, name):
    (path,) = batch.save(tmp_path / name)
    if name.endswith(".md"):
        text = path.read_text("utf-8")
        titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    else:
        document = docx.Document(str(path))
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        titles = [
            paragraph.text
            for paragraph in document.paragraphs
            if paragraph.style.name == "Heading 1"
        ]
        assert len(document.tables) == 3
    assert titles == [
        "Best match of each query",
        "Queries and documents",
        "Best passage of each document",
    ]
    plain = text.replace("\\", "")
    assert "All matches (6 rows): saved as .xlsx, .html or .csv." in plain


def test_lines_of_a_text_file_are_named_by_their_number(rt, tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text("when is the rent due\n\nare pets allowed\n")
    result = search_queries(rt, Texts.read(path), PASSAGES, instruction=TASK, top_k=1)
    assert [query.id for query in result.queries] == ["1", "2"]
    assert [row["query_id"] for row in result.rows()] == ["1", "2"]
    assert [row[0].text for row in result.tables()[1].rows] == [
        "when is the rent due",
        "are pets allowed",
    ]


def test_ids_that_a_person_chose_are_kept(rt):
    rows = [
        {"id": "list.txt:7", "text": "rent", "topic": "money"},
        {"id": "b", "text": "pets"},
    ]
    result = search_queries(rt, Texts.of(rows), PASSAGES, instruction=TASK, top_k=1)
    assert [query.id for query in result.queries] == ["list.txt:7", "b"]


def test_a_matrix_of_code_keeps_the_language_of_its_passages(rt):
    passages = [
        Passage(f"{n}", f"def f{n}(): return 'rent'", document=f"{n}.py",
                facts={"language": "Python"})
        for n in range(2)
    ]  # fmt: skip
    result = search_queries(rt, Texts.of(["def f0(): return 'rent'"]), passages, instruction=TASK)
    assert result.tables()[1].rows[0][1].passage.language == "Python"


def leases_and_others(count: int) -> list[Passage]:
    others = ("frogs", "violins", "glaciers", "comets", "ovens", "kites", "bridges")
    texts = [f"Chapter {n} tells of {others[n % len(others)]}." for n in range(count)]
    texts[3] = "The tenant pays the rent every month."
    return [Passage(f"d{n}:1", text, document=f"d{n}") for n, text in enumerate(texts)]


def test_a_matrix_of_many_documents_has_those_where_something_is_near(rt, tmp_path):
    queries = Texts.of(["The tenant pays the rent every month.", "who pays the rent"])
    result = search_queries(rt, queries, leases_and_others(20), instruction=TASK, top_k=3)
    assert len(result.documents) == 20
    near = [
        name
        for name, *cells in zip(result.documents, *result.matrix(), strict=True)
        if any(cell is not None for cell in cells)
    ]
    assert "d3" in near
    assert len(near) < 20
    best, matrix, passages, _ = result.tables()
    assert best.title == "Best match of each query"
    assert [column.name for column in matrix.fields] == ["query", *near]
    assert f"Left out: {20 - len(near)} of 20 documents, in which nothing is near" in matrix.note
    cells = [cell for row in matrix.rows for cell in row[1:] if cell != "-"]
    assert [cell.score for cell in cells] == [row[2] for row in passages.rows]
    (page,) = result.save(tmp_path / "page.html")
    assert matrix.note in page.read_text(encoding="utf-8").replace("&#x27;", "'")


def test_a_matrix_of_a_dozen_documents_has_all_of_them(rt):
    queries = Texts.of(["The tenant pays the rent every month."])
    result = search_queries(rt, queries, leases_and_others(12), instruction=TASK)
    matrix = result.tables()[1]
    assert [column.name for column in matrix.fields] == ["query", *result.documents]
    assert "Left out" not in matrix.note


def test_many_documents_that_are_near_to_nothing_make_no_matrix(rt):
    queries = Texts.of(["zzz qqq xxx"])
    result = search_queries(rt, queries, leases_and_others(20), instruction=TASK, top_k=3)
    assert result.matrix() == [[None] * 20]
    assert [table.title for table in result.tables()] == ["Best match of each query", "All matches"]


def test_one_document_makes_no_matrix(rt):
    passages = [Passage("1", "a bear", document="toys"), Passage("2", "a train", document="toys")]
    result = search_queries(rt, Texts.of(["teddy"]), passages, instruction=TASK)
    assert result.documents == ()
    assert len(result.tables()) == 2


def test_a_query_or_several_but_not_both(rt):
    one = search_one_or_many(rt, PASSAGES, "rent", None, instruction=TASK)
    assert isinstance(one, SearchResult)
    many = search_one_or_many(rt, PASSAGES, None, Texts.of(["rent"]), instruction=TASK)
    assert isinstance(many, BatchResult)
    for query, queries in ((None, None), ("rent", Texts.of(["rent"]))):
        with pytest.raises(ParameterError, match="one query, or several"):
            search_one_or_many(rt, PASSAGES, query, queries, instruction=TASK)


def test_what_is_near_depends_on_the_model_and_not_on_the_call(rt):
    assert near_cosine(rt, TASK) == near_cosine(rt, TASK)
    assert 0.2 < near_cosine(rt, TASK) < 0.6


def test_workflows_take_queries(rt):
    documents = [{"id": passage.id, "text": passage.text} for passage in PASSAGES]
    result = rt.run("core/search", documents, queries=[row["text"] for row in QUERIES])
    assert [query.hits[0].id for query in result.queries][:2] == ["a:1", "a:2"]
    assert result.record.inputs["queries"].texts == 3
    assert result.documents == ("a:1", "a:2", "b:1")


def test_the_best_match_of_a_query_is_the_first_near_hit_of_the_search(rt):
    """As a search with that query alone has it: not always the one with the highest cosine."""
    cats = "how long cats sleep"
    passages = [
        Passage("a", "On this long tour of harbors tourists feed cats, drink tea and sleep."),
        Passage("b", "Kittens nap for fifteen hours of each day, older felines for twelve."),
        Passage("c", "The rent is due each month."),
    ]
    words = RetrievalSettings(dense=0.1, lexical=1.0, interaction=0.0)
    options = {"instruction": TASK, "retrieval": words}
    batch = search_queries(rt, Texts.of([cats, "rent"]), passages, **options)
    query, rent = batch.queries
    best = batch.best(query)
    assert best.id == search_passages(rt, cats, passages, **options).hits[0].id == "a"
    assert best.score < max(match.score for match in query.matches if match)
    assert batch.tables()[0].rows[0][2] == best.score
    assert batch.best(rent).id == "c"


def test_what_is_near_but_no_hit_is_the_best_match_where_no_hit_is_near(rt):
    query = QueryResult(
        id="1",
        query="a cat",
        near=True,
        hits=(),
        matches=tuple(
            Match(score=score, id=name, location=name, text=name)
            for name, score in (("a", 0.5), ("b", 0.7))
        ),
    )
    batch = search_queries(rt, Texts.of(["a cat"]), PASSAGES, instruction=TASK)
    assert batch.best(query).id == "b"


def test_a_best_match_that_is_among_the_hits_has_its_evidence_marked(batch):
    text = batch.tables()[0].rows[1][4]
    assert (text.text, text.marks) == (PASSAGES[1].text, ((0, len(PASSAGES[1].text)),))


def test_nothing_is_best_where_nothing_is_near(batch):
    assert batch.best(batch.queries[2]) is None
    row = batch.tables()[0].rows[2]
    assert row[2] == pytest.approx(batch.queries[2].hits[0].scores["dense"], abs=0.05)
    assert row[3:5] == ("nothing near", "")


def test_a_cell_is_exact_however_many_passages_of_others_are_nearer(rt):
    many = [
        Passage(f"a{number}", f"cat number {number}", document="cats") for number in range(1100)
    ]
    one = Passage("b", "a small feline", "pets, 1", document="pets")
    result = search_queries(rt, Texts.of(["cat"]), [*many, one], instruction=TASK, top_k=1)
    assert result.documents == ("cats", "pets")
    query, texts = (
        np.asarray(rt.embed_queries(["cat"], instruction=TASK)),
        np.asarray(rt.embed_documents([passage.text for passage in many] + [one.text])),
    )
    cosines = (query @ texts.T)[0]
    cats, pets = result.queries[0].matches
    assert cats.score == pytest.approx(cosines[:-1].max(), abs=1e-3)
    assert (pets.id, pets.location, pets.text) == ("b", "pets, 1", "a small feline")
    assert pets.score == pytest.approx(cosines[-1], abs=1e-3)


CONTRACT = [
    Passage("c:1", "The parties submit to the courts of Bern, and to Swiss statutes only. All that "
            "was agreed by word of mouth, and each amendment by mail, telefax or otherwise, ends "
            "with the signature, as do all earlier drafts, letters of intent and price lists.",
            "c, 15", content="15. Governing Law\nThe parties submit", document="c"),
    Passage("d:1", "Goods are delivered by rail within ten days of the order.", "d, 2",
            content="2. Non-Competition\nGoods", document="d"),
    Passage("e:1", "By whatever law, as it stands, governing the seat of the seller, goods that "
            "were delivered by rail, ship or lorry are paid for within ten days of the order.",
            "e, 3", document="e"),
    Passage("f:1", "Fish live in the lake behind the castle.", "f, 4", document="f"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("governing law", ["c", "e"]),  # words of a heading, words of a text
        ("non-compete", ["d"]),  # another form, in a heading
        ("amendments signed underwater", []),
        ("the castle", ["f"]),
        ("railway", []),  # a single word, and in no heading
    ],
)
def test_a_passage_that_holds_all_words_of_a_query_is_near(rt, query, near):
    result = search_queries(rt, Texts.of([query]), CONTRACT, instruction=TASK)
    (found,) = result.queries
    pairs = zip(result.documents, found.matches, strict=True)
    by_words = {name for name, match in pairs if match}
    assert by_words >= set(near)
    assert all(
        match is None or name in near or match.score >= result.threshold
        for name, match in zip(result.documents, found.matches, strict=True)
    )
    ranks = {hit.rank for hit in found.hits if hit.id.partition(":")[0] in by_words}
    assert set(found.near_ranks) == ranks


@pytest.mark.parametrize("is_on_disk", [False, True])
def test_an_index_is_set_against_queries_by_all_of_its_chunks(rt, tmp_path, is_on_disk):
    documents = [
        {"id": "cats", "text": "\n\n".join(f"The cat {n} sleeps. " * 40 for n in range(9))},
        {"id": "rent", "text": "The tenant pays the rent every month.", "year": 2020},
        {"id": "old", "text": "Rent is due in May.", "year": 1990},
    ]
    index = rt.index(documents, at=tmp_path / "index" if is_on_disk else None)
    queries = Texts.of(["when is the rent due", "a cat that sleeps"])
    result = search_index(rt, index, queries, SearchOptions(top_k=1))
    assert result.documents == ("cats", "old", "rent")
    first, second = result.matrix()
    assert first[0] is None
    assert first[1] > first[2] > result.threshold
    assert second[0] > result.threshold
    assert second[1:] == [None, None]
    where = metier.field("year") >= 2000
    some = search_index(rt, index, queries, SearchOptions(top_k=1, where=where))
    assert [query.hits[0].document_id for query in some.queries] == ["rent", "rent"]
    assert some.documents == ()  # one document is no matrix


@pytest.mark.filterwarnings("ignore:Nothing was found")
def test_a_query_without_hits_keeps_its_row(rt, tmp_path):
    index = rt.index([{"id": "a", "text": "rent", "year": 2020}])
    where = metier.field("year") > 2030
    queries = Texts.of([{"id": "q", "text": "rent", "topic": "money"}])
    result = search_index(rt, index, queries, SearchOptions(where=where))
    (row,) = result.rows()
    assert (row["query_id"], row["near"], row["rank"], row["topic"]) == ("q", False, None, "money")
    (path,) = result.save(tmp_path / "none.csv")
    header, line = path.read_text("utf-8").splitlines()
    assert header.startswith("query_id,query,near,rank,")
    assert line.startswith("q,rent,False,")
