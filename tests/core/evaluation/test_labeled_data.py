"""Labeled data in a folder: what is read, and what is said of what cannot be."""

from __future__ import annotations

import pytest
from tests.core.evaluation.folders import DOCUMENTS, QUERIES, jsonl, write_collection

from metier.errors import InputError, UsageError
from metier.evaluation.labeled_data import Collection, LabeledTexts, read_folder

HEADER = "query-id\tcorpus-id\tscore\n"


def test_a_collection_is_read_with_its_grades(collection):
    read = read_folder(collection)
    assert isinstance(read, Collection)
    assert [item.id for item in read.documents] == list(DOCUMENTS)
    assert read.queries == QUERIES
    assert read.grades["q1"] == {"apple": 1}
    assert read.unanswered == 0


def test_grades_keep_their_size_and_unanswered_queries_are_left_out(tmp_path):
    folder = write_collection(
        tmp_path, judgments=HEADER + "q1\tapple\t3\nq1\tbread\t1.0\nq1\tdrum\t-1\nq2\tanchor\t0\n"
    )
    read = read_folder(folder)
    assert read.grades == {"q1": {"apple": 3, "bread": 1, "drum": 0}}
    assert list(read.queries) == ["q1"]
    assert read.unanswered == len(QUERIES) - 1


@pytest.mark.parametrize(
    "judgments",
    ["q1\tapple\t1\n", "q1\t0\tapple\t1\n", "\ufeffq\td\ts\r\nq1\tapple\t1\r\n\r\n"],
    ids=["no names of columns", "TREC's four cells", "carriage returns and a byte order mark"],
)
def test_other_forms_of_judgments_are_read(tmp_path, judgments):
    read = read_folder(write_collection(tmp_path, judgments=judgments))
    assert read.grades == {"q1": {"apple": 1}}


@pytest.mark.parametrize(
    ("judgments", "said"),
    [
        (HEADER + "q1\tapple\t1\nq1\taple\t1\n", r"qrels.tsv, line 3: there is no document 'aple'"),
        (HEADER + "q99\tapple\t1\n", r"qrels.tsv, line 2: there is no query 'q99'"),
        (HEADER + "q1\tapple\thigh\n", r"qrels.tsv, line 2: no judgment"),
        ("q1\tapple\thigh\n", r"qrels.tsv, line 1: no judgment"),
        (HEADER + "q1\tapple\t0.5\n", r"line 2: no judgment.*\n.*whole number"),
        (HEADER + "q1\tapple\t1e30\n", r"line 2: no judgment.*\n.*10,000 at most"),
        (HEADER + "q1\tapple\t1\t0\n", r"line 2: no judgment.*\n.*the second is 0.*'apple'"),
        (HEADER + "q1 apple 1\n", r"line 2: no judgment.*\n.*1 cell\."),
        (HEADER + "q1\tapple\t1\nq1\tapple\t2\n", r"line 3: the document 'apple' has another"),
        (HEADER, r"qrels.tsv holds no judgment"),
        (HEADER + "q1\tapple\t0\n", r"No query of queries.jsonl has a document that answers"),
    ],
)
def test_a_faulty_judgment_is_named_with_its_line(tmp_path, judgments, said):
    with pytest.raises(InputError, match=said):
        read_folder(write_collection(tmp_path, judgments=judgments))


def test_the_name_that_was_meant_is_suggested(tmp_path):
    folder = write_collection(tmp_path, judgments=HEADER + "q1\taple\t1\n")
    with pytest.raises(InputError, match="Did you mean 'apple'"):
        read_folder(folder)


def test_the_id_of_beir_goes_before_other_ids_of_a_row(collection):
    rows = [{"_id": name, "id": number, "text": name} for number, name in enumerate(DOCUMENTS)]
    jsonl(collection / "corpus.jsonl", rows)
    read = read_folder(collection)
    assert [item.id for item in read.documents] == list(DOCUMENTS)


def test_judgments_where_downloads_have_them_are_pointed_to(collection):
    (collection / "qrels").mkdir()
    (collection / "qrels.tsv").rename(collection / "qrels" / "test.tsv")
    with pytest.raises(UsageError, match=r"Copy one of the files in qrels/ to qrels.tsv"):
        read_folder(collection)


def test_an_id_given_twice_is_refused_with_both_places(collection):
    jsonl(collection / "queries.jsonl", [{"_id": "q1", "text": "one"}, {"_id": "q1", "text": "no"}])
    with pytest.raises(InputError, match=r"queries.jsonl.*row 2 \(q1\)"):
        read_folder(collection)


def test_an_empty_query_is_refused_with_its_row_and_no_option_that_is_not_there(collection):
    jsonl(collection / "queries.jsonl", [{"_id": "q1", "text": "one"}, {"_id": "q2", "text": " "}])
    with pytest.raises(InputError, match=r"row 2 \(q2\) is empty") as refused:
        read_folder(collection)
    assert "skip-invalid" not in str(refused.value)


def test_a_line_that_is_no_json_is_named(collection):
    (collection / "corpus.jsonl").write_text('{"_id": "a", "text": "x"}\n{"_id": \n')
    with pytest.raises(InputError, match=r"corpus.jsonl, line 2: not valid JSON"):
        read_folder(collection)


def test_a_document_without_text_is_its_title(tmp_path):
    folder = write_collection(tmp_path, judgments="q1\ta\t1\n", documents={"a": "x"})
    jsonl(folder / "corpus.jsonl", [{"_id": "a", "title": "Harbours of the north", "text": ""}])
    (found,) = read_folder(folder).documents
    assert (found.text, found.title) == ("Harbours of the north", None)


def test_texts_with_labels_are_read_whatever_the_labels_are(tmp_path):
    rows = [{"text": "one", "label": 1}, {"text": "two", "label": 0.0}, {"text": "x", "label": "1"}]
    jsonl(tmp_path / "items.jsonl", rows)
    read = read_folder(tmp_path)
    assert isinstance(read, LabeledTexts)
    assert read.labels == ("1", "0", "1")


def test_rows_without_a_label_are_named(tmp_path):
    jsonl(
        tmp_path / "items.jsonl", [{"id": "a", "text": "x", "label": "l"}, {"id": "b", "text": "y"}]
    )
    with pytest.raises(InputError, match=r"1 of 2 rows of items.jsonl have no label: row 2 \(b\)"):
        read_folder(tmp_path)


@pytest.mark.parametrize("label", [["a", "b"], {"a": 1}, "  ", None, float("nan")])
def test_what_is_no_single_label_is_refused(tmp_path, label):
    jsonl(tmp_path / "items.jsonl", [{"text": "x", "label": "l"}, {"text": "y", "label": label}])
    with pytest.raises(InputError, match=r"no label: row 2 \(2\)"):
        read_folder(tmp_path)


def test_one_label_for_all_tells_nothing_apart(tmp_path):
    jsonl(tmp_path / "items.jsonl", [{"text": "x", "label": "l"}, {"text": "y", "label": "l"}])
    with pytest.raises(InputError, match=r"All rows of items.jsonl have the label 'l'"):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there_or_holds_something_else_is_refused(tmp_path):
    with pytest.raises(UsageError, match="There is no folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no labeled data"):
        read_folder(tmp_path)
    (tmp_path / "corpus.jsonl").touch()
    with pytest.raises(UsageError, match=r"There is no file queries.jsonl, qrels.tsv"):
        read_folder(tmp_path)
    (tmp_path / "items.jsonl").touch()
    with pytest.raises(UsageError, match="two kinds of data"):
        read_folder(tmp_path)
