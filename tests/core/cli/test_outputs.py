"""Where results are written: never over what they are made from, and only where they can be."""

from __future__ import annotations

import json
import os

import pytest
from tests.core.evaluation.folders import write_collection

from metier.cli.terminal import require_output
from metier.errors import MetierError, UsageError
from metier.results.files import IN_FOLDER

ROWS = "id,text\na,a bear\nb,a train\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with tables, as `data`."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("rows.csv", "more.csv"):
        (folder / name).write_text(ROWS.replace("a,", f"{name}-a,").replace("b,", f"{name}-b,"))
    return folder


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("inputs", "out"),
    [
        (["data/rows.csv"], "data/rows.csv"),
        (["data/*.csv"], "data/more.csv"),
        (["data"], "data/more.csv"),
        (["data/rows.csv"], "data"),
        (["data/rows.csv"], "./data/"),
        (["data/rows.csv"], "hard.csv"),
        (["data/rows.csv"], "link.csv"),
        (["link.csv"], "data/rows.csv"),
        (["data/rows.csv", "data/more.csv"], "data/../data/more.csv"),
    ],
)
def test_no_result_replaces_a_file_that_it_is_made_from(metier, folder, tmp_path, inputs, out):
    (tmp_path / "hard.csv").hardlink_to(folder / "rows.csv")
    (tmp_path / "link.csv").symlink_to(folder / "rows.csv")
    before = contents(folder)
    code, _, err = metier("run", "toy/count", *inputs, "--chatty", "--out", out)
    assert code == 2
    assert "which it is made from" in err
    assert "a plugin prints" not in err  # the work did not begin
    assert contents(folder) == before


def test_a_result_may_replace_another_beside_what_it_is_made_from(metier, folder):
    (folder / "list.csv").write_text("an earlier result")
    assert metier("run", "toy/count", "data/rows.csv", "--out", "data/list.csv").code == 0
    assert (folder / "list.csv").read_text().startswith("id,count")


def test_queries_that_an_index_is_searched_with_are_not_replaced(metier, qwen3_folder, tmp_path):
    (tmp_path / "tales.csv").write_text(ROWS)
    (tmp_path / "queries.csv").write_text("id,text\n1,a toy\n2,a wheel\n")
    built = metier("index", "build", "tales.csv", "--at", "here", "--model", str(qwen3_folder))
    assert built.code == 0, built.err
    before, index = contents(tmp_path), contents(tmp_path / "here")
    search = ("index", "search", "--at", "here", "--queries", "queries.csv", "--out")
    assert "which it is made from" in metier(*search, "queries.csv").err
    assert contents(tmp_path) == before
    assert metier(*search, "found.csv").code == 0
    for name in index:
        if name.endswith(".json"):
            assert "which it is made from" in metier(*search, f"here/{name}").err
    assert contents(tmp_path / "here") == index


def test_a_replay_replaces_neither_its_inputs_nor_its_record(metier, folder, tmp_path):
    assert metier("run", "toy/count", "data/rows.csv", "--out", "out").code == 0
    before = contents(folder), contents(tmp_path / "out")
    for out in ("data/rows.csv", "data", "out"):
        code, _, err = metier("replay", "out/run.json", "data/rows.csv", "--out", out)
        assert code == 2
        assert "which it is made from" in err
    assert (contents(folder), contents(tmp_path / "out")) == before


def test_a_sweep_does_not_replace_the_data_that_it_measures(metier, tmp_path):
    pytest.importorskip("ir_measures", reason="the extra eval is not installed")
    folder = write_collection(tmp_path / "things")
    before = contents(folder)
    code, _, err = metier("eval", "sweep", "things", "--out", "things/corpus.jsonl")
    assert code == 2
    assert "which it is made from" in err
    assert contents(folder) == before


def test_vectors_do_not_replace_their_texts(metier, qwen3_folder, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"text": "a bear"}))
    arguments = ("embed", "texts.jsonl", "--model", str(qwen3_folder), "--out", "texts.jsonl")
    code, _, err = metier(*arguments)
    assert code == 2
    assert "which it is made from" in err
    assert json.loads(path.read_text()) == {"text": "a bear"}


@pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
def test_a_link_stays_and_the_file_that_it_leads_to_is_written(metier, folder, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "list.csv").write_text("an earlier result")
    (tmp_path / "list.csv").symlink_to("shared/list.csv")
    (tmp_path / "new.csv").symlink_to("shared/new.csv")
    for name in ("list.csv", "new.csv"):
        assert metier("run", "toy/count", "data/rows.csv", "--out", name).code == 0
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "shared" / name).read_text().startswith("id,count")
    assert len(list((tmp_path / "shared").iterdir())) == 2


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_file_that_is_read_only_is_refused_before_the_work_is_done(metier, folder, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("an earlier result")
    path.chmod(0o444)
    code, _, err = metier("run", "toy/count", "data", "--chatty", "--out", "list.csv")
    assert code == 2
    assert "list.csv" in err
    assert "read-only" in err
    assert "a plugin prints" not in err
    assert path.read_text() == "an earlier result"


def test_a_name_that_ends_in_a_slash_is_that_of_a_folder(metier, folder, tmp_path):
    assert metier("run", "toy/count", "data", "--out", "new.folder/").code == 0
    assert {path.name for path in (tmp_path / "new.folder").iterdir()} == set(IN_FOLDER)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("", "The path of the result is empty"),
        (".csv", "is an ending without a name"),
        ("data/.xlsx", "is an ending without a name"),
        ("plain", "it is a file, and its name has no ending"),
        pytest.param(
            "/dev/full",
            "it is a pipe or a device",
            marks=pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full"),
        ),
        ("data/rows.csv/", "it is a file"),
    ],
)
def test_what_is_no_name_of_a_result_is_refused_with_what_to_do(folder, tmp_path, out, message):
    (tmp_path / "plain").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        with pytest.raises(UsageError, match=message) as caught:
            require_output(out)
    assert isinstance(caught.value, MetierError)
    assert caught.value.fix
