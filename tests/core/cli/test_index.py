"""`metier index`: build, update, search, info and drop."""

from __future__ import annotations

import json

import pytest
from tests.core.cli.indexes import found


def test_a_folder_is_built_updated_and_searched(index, tales):
    code, out, err = index("build", str(tales))
    assert (code, err) == (0, "")
    assert "chunks     2" in out
    hits = found(index("search", "cheese", "--json"))
    assert {hit["document_id"] for hit in hits} == {"fox.md", "old/crow.txt"}
    assert {hit["source"] for hit in hits} == {tales.as_posix()}
    (tales / "fox.md").unlink()
    (tales / "ant.txt").write_text("The ant in winter.\n")
    done = found(index("update", f"{tales}/", "--json"))
    assert done == {"documents": 2, "embedded": 1, "kept": 1, "removed": 1, "chunks": 2}
    hits = found(index("search", "winter", "--json"))
    assert {hit["document_id"] for hit in hits} == {"ant.txt", "old/crow.txt"}


def test_info_needs_no_model_and_says_what_the_index_was_made_with(index, table, monkeypatch):
    index(
        "build", str(table), "--instruction", "toy/find-toy", "--dim", "32", "--max-tokens", "200"
    )
    monkeypatch.setenv("METIER_MODEL", "no-such-model")
    _, out, _ = index("info")
    for part in ("toy/find-toy@1", "dim          32", "max_tokens 200", f"{table} (2)", "exact"):
        assert part in out
    facts = found(index("info", "--json"))
    assert facts["manifest"]["provenance"]["dim"] == 32
    assert facts["documents"] == 2


def test_another_model_is_refused_and_rebuild_is_the_way_on(index, metier, table, qwen3_folder):
    index("build", str(table))
    build = ("index", "build", str(table), "--at", "here", "--model", str(qwen3_folder))
    code, _, err = metier(*build, "--dim", "32")
    assert code == 2
    assert "dim: 64, now 32" in err
    assert "--rebuild" in err
    assert metier(*build, "--dim", "32", "--rebuild").code == 0
    assert found(index("info", "--json"))["manifest"]["provenance"]["dim"] == 32


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--domain", "toy"), "domain: core, now toy"),
        (("--instruction", "toy/find-toy"), "instruction: none, now toy/find-toy@1"),
        (("--max-tokens", "150"), "now 150"),
        (("--overlap", "3"), "overlap: 0, now 3"),
    ],
)
def test_what_differs_from_the_index_is_refused(index, table, given, told):
    assert index("build", str(table), "--dim", "64").code == 0
    code, _, err = index("build", str(table), "--dim", "64", *given)
    assert (code, told in err) == (2, True)
    assert index("build", str(table), "--dim", "64", *given, "--rebuild").code == 0


def test_a_file_of_a_folder_that_the_index_has_is_told_when_it_comes_twice(index, tales):
    index("build", str(tales))
    code, _, err = index("update", str(tales / "old" / "crow.txt"))
    assert (code, "in it twice" in " ".join(err.split())) == (0, True)
    code, _, err = index("update", str(tales))  # which takes the file back
    assert (code, err) == (0, "")
    assert "chunks     2" in index("info").out


def test_missing_checksums_of_files_exit_with_1(index, table, tmp_path):
    index("build", str(table))
    (checksums,) = tmp_path.glob("**/metier_checksums.json")
    checksums.unlink()
    code, out, _ = index("verify")
    assert (code, "purge" in out) == (1, True)
    index("purge")
    assert index("verify").code == 0


@pytest.mark.parametrize("rebuild", [(), ("--rebuild",)])
def test_whoever_interrupts_a_build_is_told_how_it_goes_on(index, table, monkeypatch, rebuild):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("metier.indexing.writing._Writer.finish", interrupt)
        code, _, err = index("build", str(table), *rebuild)
    how = " without --rebuild" if rebuild else ""
    assert code == 130
    assert f"what is in the index at here is kept; the same command{how} goes on from there" in err
    assert "if nothing writes them now, build again" in " ".join(index("info").out.split())
    assert found(index("info", "--json"))["unfinished"] == [str(table)]
    code, _, err = index("search", "hare", "--json")
    assert (code, f"Not all documents of {table} are in the index" in err) == (0, True)
    assert index("build", str(table)).code == 0
    assert "unfinished" not in index("info").out
    assert index("search", "hare", "--json").err == ""


def test_whoever_interrupts_an_update_is_told_what_was_changed(index, table, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    index("build", str(table))
    with monkeypatch.context() as patched:
        patched.setattr("metier.indexing.writing._Writer.finish", interrupt)
        assert index("update", str(table)).err == "Interrupted.\n"  # nothing had to be written
        table.write_text("id,text\na,a hare found\nb,an ant sang\n")
        _, _, err = index("update", str(table))
    assert "is kept; the same command goes on from there" in err
    assert index("update", str(table)).err == ""
    assert found(index("info", "--json"))["unfinished"] == []


def test_documents_may_come_from_a_pipe(index):
    lines = '{"id": "a", "text": "a hare", "year": 1}\n{"id": "b", "text": "an ant", "year": 2}\n'
    assert index("build", "-", stdin=lines).code == 0
    assert found(index("info", "--json"))["sources"] == {"standard input": 2}
    assert [
        hit["document_id"] for hit in found(index("search", "x", "--where", "year=2", "--json"))
    ] == ["b"]


def test_drop_needs_a_yes_and_leaves_nothing(index, table, tmp_path):
    index("build", str(table))
    code, _, err = index("drop")
    assert code == 2
    assert "Pass --yes" in err
    assert index("drop", "--yes") == (0, "Dropped the index at here.\n", "")
    assert not (tmp_path / "here").exists()
    for command in (("drop", "-y"), ("info",), ("search", "x"), ("update", str(table))):
        code, _, err = index(*command)
        assert code == 2
        assert "There is no index at here" in err


def test_a_damaged_index_may_be_dropped(index, table, tmp_path):
    index("build", str(table))
    for path in (tmp_path / "here").rglob("*"):
        if path.is_file():
            path.write_bytes(b"x")
    code, _, err = index("info")
    assert code == 1
    assert "cannot be read" in err
    assert index("drop", "--yes").code == 0
    assert not (tmp_path / "here").exists()


def test_another_process_finds_it_and_writes_nothing_but_the_result(index, process, table):
    index("build", str(table))
    searched = process("-m", "metier", "index", "search", "hare", "--at", "here", "--json")
    assert searched.err == ""
    assert {hit["document_id"] for hit in json.loads(searched.out)} == {"a", "b"}


def test_rows_without_ids_keep_what_was_embedded_wherever_they_stand(index, tmp_path):
    path = tmp_path / "tales.csv"
    path.write_text("text,year\na hare lost,1668\nan ant sang,1700\na hare lost,1668\n")
    assert index("build", str(path)).code == 0
    path.write_text("text,year\na fox jumped,1500\nan ant sang,1700\na hare lost,1668\n")
    done = found(index("update", str(path), "--json"))
    assert done == {"documents": 3, "embedded": 1, "kept": 2, "removed": 0, "chunks": 3}


def test_what_cannot_be_read_leaves_the_index_as_it_was(index, tales):
    index("build", str(tales))
    with (tales / "export.txt").open("wb") as out:
        out.truncate(200_000_000)
    (tales / "wolf.txt").write_text("The wolf and the lamb.\n")
    code, _, err = index("update", str(tales))
    assert code == 1
    assert "export.txt is too long for one document: 200 MB." in err
    assert "Divide it" in err
    assert found(index("info", "--json"))["documents"] == 2
    code, out, err = index("update", str(tales), "--skip-invalid")
    assert (code, "left out: export.txt (cannot be read)" in err) == (0, True)
    assert out.startswith("3 documents: 1 chunk embedded, 2 kept")


def test_what_is_left_out_of_an_index_is_told_with_the_reason_and_where_to_see_all(index, tales):
    for number in range(6):
        (tales / f"notes{number}.xyz").write_text("x")
    code, _, err = index("build", str(tales))
    assert code == 0
    assert "left out: notes0.xyz (no reader), notes1.xyz (no reader)" in err
    assert "and 1 more (in Python, rt.read(path, metier.Documents).skipped has all)" in err


def test_one_broken_row_among_many_stops_a_build_before_it_begins(index, tmp_path):
    path = tmp_path / "tales.jsonl"
    rows = [json.dumps({"id": number, "text": f"tale {number}"}) for number in range(2000)]
    path.write_text("\n".join([*rows, "{broken", *rows[:1]]))
    code, _, err = index("build", str(path))
    assert (code, "tales.jsonl, line 2001: not valid JSON" in err) == (1, True)
    assert not (tmp_path / "here").exists()


def test_a_user_whom_nobody_knows_is_told(index):
    code, _, err = index("build", "~nobody-of-that-name/tales")
    assert (code, "There is no" in err) == (2, True)


def test_verify_names_what_is_damaged_and_exits_with_1(index, metier, table, tmp_path):
    index("build", str(table))
    code, out, err = index("verify")
    assert (code, err) == (0, "")
    assert "intact  yes" in out
    assert found(index("verify", "--json"))["damage"] == []
    for path in (tmp_path / "here" / "metier_chunks.lance" / "data").iterdir():
        path.write_bytes(path.read_bytes().replace(b"an ant sang", b"an ant sank"))
    code, out, _ = index("verify", "--json")
    report = json.loads(out)
    assert (code, report["is_intact"]) == (1, False)
    assert [kind["documents"] for kind in report["damage"] if kind["documents"]] == [["b"]]
    code, out, _ = index("verify")
    assert code == 1
    assert "embedded again" in " ".join(out.replace("│", " ").split())
    assert metier("index", "verify", "--at", "nowhere").code == 2


@pytest.mark.parametrize(
    ("content", "meant"),
    [("", True), ("id,text\n", True), ("id,text\na,\nb,\n", False)],
    ids=["empty", "header", "skipped"],
)
def test_a_file_without_documents_empties_no_index_unless_that_is_meant(
    index, table, content, meant
):
    assert index("build", str(table)).code == 0
    table.write_text(content)
    for command in ("build", "update"):
        finished = index(command, str(table), "--skip-invalid")
        assert finished.code == 1, finished.err
        assert ("--allow-empty" in finished.err) == meant
    assert index("build", str(table), "--skip-invalid", "--rebuild").code == 1
    assert len(found(index("search", "a tale", "--json"))) == 2
    for command in ("build", "update"):
        finished = index(command, str(table), "--skip-invalid", "--allow-empty")
        assert (finished.code == 0) == meant
    assert len(found(index("search", "a tale", "--json"))) == (0 if meant else 2)


def test_an_empty_folder_empties_no_index_unless_that_is_meant(index, tales):
    assert index("build", str(tales)).code == 0
    for path in (tales / "fox.md", tales / "old" / "crow.txt"):
        path.unlink()
    finished = index("update", str(tales))
    assert finished.code == 1
    assert "--allow-empty" in finished.err
    assert len(found(index("search", "a tale", "--json"))) == 2
    done = found(index("update", str(tales), "--allow-empty", "--json"))
    assert done == {"documents": 0, "embedded": 0, "kept": 0, "removed": 2, "chunks": 0}


@pytest.mark.parametrize("emptied", ["folder", "file"])
def test_of_several_paths_only_the_one_without_documents_is_emptied(index, tales, table, emptied):
    paths = (str(tales), str(table))
    assert index("build", *paths).code == 0
    if emptied == "folder":
        for path in (tales / "fox.md", tales / "old" / "crow.txt"):
            path.unlink()
    else:
        table.write_text("id,text,year,land\n")
    empty = paths[0 if emptied == "folder" else 1]
    for command in ("build", "update"):
        finished = index(command, *paths)
        assert finished.code == 1
        assert f"There are no documents in {empty}." in finished.err
        assert "--allow-empty" in finished.err
    assert len(found(index("search", "a tale", "--json"))) == 4
    done = found(index("update", *paths, "--allow-empty", "--json"))
    assert (done["kept"], done["removed"], done["chunks"]) == (2, 2, 2)
    left = {hit["document_id"] for hit in found(index("search", "a tale", "--json"))}
    assert left == ({"a", "b"} if emptied == "folder" else {"tales/fox.md", "tales/old/crow.txt"})


def test_a_path_inside_of_another_is_not_taken_for_empty(index, tales):
    paths = (str(tales), str(tales / "old"))
    assert index("build", *paths).code == 0
    assert index("update", *paths, "--allow-empty").code == 0
    assert len(found(index("search", "a tale", "--json"))) == 2


def test_a_path_of_several_whose_texts_are_all_unusable_is_not_taken_for_empty(index, tales, table):
    assert index("build", str(tales), str(table)).code == 0
    table.write_text("id,text\na,\nb,\n")
    finished = index("update", str(tales), str(table), "--skip-invalid", "--allow-empty")
    assert finished.code == 1
    assert len(found(index("search", "a tale", "--json"))) == 4


def test_nothing_on_standard_input_empties_no_index(index):
    assert index("build", "-", stdin="a hare lost\n").code == 0
    assert index("update", "-", stdin="").code == 1
    assert len(found(index("search", "a tale", "--json"))) == 1


def test_purge_removes_replaced_texts_from_the_files(index, table, tmp_path):
    index("build", str(table))
    table.write_text(table.read_text().replace("an ant sang", "a cicada sang"))
    index("update", str(table))

    def holders(word: bytes) -> int:
        paths = [path for path in (tmp_path / "here").rglob("*") if path.is_file()]
        return sum(word in path.read_bytes() for path in paths)

    assert holders(b"an ant sang") > 0
    code, out, err = index("purge")
    assert (code, out, err) == (0, "Purged the index at here.\n", "")
    assert holders(b"an ant sang") == 0
    assert holders(b"a cicada sang") > 0
    assert found(index("purge", "--json")) == {"purged": "here"}
