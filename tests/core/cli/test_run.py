"""`metier run`: listing, generated options, results."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest


def settings(finished):
    assert finished.code == 0, finished.err
    return json.loads(finished.out)["settings"]


def test_without_a_workflow_all_are_listed(metier):
    code, out, _ = metier("run")
    assert code == 0
    assert "toy/count" in out
    assert "Count the characters of every text" in out
    assert [one["id"] for one in json.loads(metier("run", "--json").out)] == [
        "core/assign",
        "core/classify",
        "core/cluster",
        "core/fit",
        "core/flag",
        "core/match",
        "core/predict",
        "core/search",
        "core/update",
        "toy/count",
        "toy/fail",
    ]


def test_help_shows_the_options_of_the_workflow(metier):
    code, out, _ = metier("run", "toy/count", "--help")
    assert code == 0
    said = " ".join(out.replace("│", " ").split())
    assert "TEXTS What to count; as --texts. [required]" in said
    assert "--texts FILE What to count. Files, folders, patterns such as 'notes/*.txt'" in said
    assert "[default: characters]" in said
    assert "A share [0, 1] [default: 0.5]" in said
    assert "--param-strict --no-param-strict" in said
    assert "--text-field" in said
    assert "Counting anything that matters." in said


def test_a_workflow_without_texts_has_no_options_to_read_them(metier):
    out = metier("run", "toy/fail", "--help").out
    assert "--how" in out
    assert "--text-field" not in out


@pytest.mark.parametrize(
    "command",
    [(), ("run",), ("run", "toy/count"), ("plugins",), ("plugins", "show"), ("pack", "new")],
    ids=" ".join,
)
def test_help_names_no_types_of_python(metier, command):
    code, out, _ = metier(*command, "--help")
    assert code == 0
    assert "Show this message and exit." in out
    assert re.findall(r"<\w+( range)?>|list\[", out) == []


def test_help_says_in_a_word_what_an_option_takes(metier, toys):
    said = " ".join(metier("run", "core/flag", "--help").out.replace("│", " ").split())
    for words in (
        "--signs TEXT",
        "--instruction ID",
        "--taxonomy PATH",
        "--threshold X [0.0<=x<=1.0]",
        "--dim N [x>=",
    ):
        assert words in said


def test_the_result_is_shown(metier, toys):
    code, out, err = metier("run", "toy/count", "--texts", str(toys))
    assert code == 0
    assert "2 texts [bold]counted[/bold]" in out
    assert "15" in out
    assert "toy/count" in err


def test_defaults_are_those_of_the_signature(metier, toys):
    assert settings(metier("run", "toy/count", "--texts", str(toys), "--json")) == {
        "unit": "characters",
        "size": 8,
        "color": "RED",
        "share": 0.5,
        "limit": None,
        "strict": False,
        "tags": [],
        "sizes": [],
        "weights": None,
        "folder": None,
        "model": "of a toy",
    }


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ("--unit words", "unit", "words"),
        ("--size 16", "size", 16),
        ("--color 2", "color", "BLUE"),
        ("--share 0.25", "share", 0.25),
        ("--limit 3", "limit", 3),
        ("--param-strict", "strict", True),
        ("--no-param-strict", "strict", False),
        ("--tags a --tags b", "tags", ["a", "b"]),
        ("--sizes 8 --sizes 16", "sizes", [8, 16]),
        ('--weights {"a":2}', "weights", {"a": 2.0}),
        ("--folder a/b", "folder", "b"),
        ("--param-model bear", "model", "bear"),
    ],
)
def test_each_kind_of_parameter_is_an_option(metier, toys, arguments, name, value):
    given = settings(metier("run", "toy/count", "--texts", str(toys), "--json", *arguments.split()))
    assert given[name] == value


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--shar 0.5", "--share"),
        ("--share 2", "--share"),
        ("--share much", "--share"),
        ("--size 9", "'16'"),
        ("--unit lines", "'words'"),
        ("--limit 1.5", "--limit"),
        ("--weights x", "weights"),
        ("--limit", "--limit"),
        ("stray", "stray"),
    ],
)
def test_a_wrong_option_or_value_is_a_usage_error(metier, toys, arguments, said):
    code, out, err = metier("run", "toy/count", "--texts", str(toys), *arguments.split())
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_missing_input_is_a_usage_error(metier):
    code, _, err = metier("run", "toy/count")
    assert code == 2
    assert "--texts" in err
    assert "metier run toy/count --help" in err


def test_an_unknown_workflow_is_a_usage_error_with_close_names(metier):
    code, out, err = metier("run", "toy/cuont", "--texts", "x")
    assert (code, out) == (2, "")
    assert "'toy/count'" in err


def test_a_workflow_of_a_broken_plugin_says_what_is_wrong_with_it(metier):
    code, _, err = metier("run", "broken/thing")
    assert code == 2
    assert "unknown key 'workflow'" in err


def test_shared_options_may_stand_before_the_workflow(metier, toys):
    finished = metier("run", "--json", "--out", "o", "toy/count", "--texts", str(toys))
    assert len(json.loads(finished.out)["counts"]) == 2
    assert "result.json" in finished.err


def test_out_gets_the_files_and_their_paths_are_said(metier, toys, tmp_path):
    code, _, err = metier("run", "toy/count", "--texts", str(toys), "--out", "new/folder")
    assert code == 0
    for name in ("result.json", "rows.csv", "report.html", "run.json"):
        assert (tmp_path / "new/folder" / name).is_file()
        assert name in err


@pytest.mark.parametrize("name", ["list.xlsx", "list.html", "list.csv", "list.jsonl", "list.md"])
def test_out_may_be_a_file_of_any_format(metier, toys, tmp_path, name):
    code, _, err = metier("run", "toy/count", "--texts", str(toys), "--out", f"new/{name}")
    assert code == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]
    assert name in err


def test_an_ending_without_a_format_is_refused_before_the_work_is_done(metier, toys):
    arguments = ("run", "toy/count", "--texts", str(toys), "--chatty", "--out", "list.xls")
    code, out, err = metier(*arguments)
    assert (code, out) == (2, "")
    assert ".xlsx" in err


def test_out_is_refused_before_the_work_is_done(metier, toys):
    arguments = ("run", "toy/count", "--texts", str(toys), "--chatty", "--out", str(toys))
    code, out, err = metier(*arguments)
    assert (code, out) == (2, "")
    assert "toys.csv" in err


def test_with_json_nothing_else_is_on_standard_output(process, toys):
    code, out, err = process(
        *("-m", "metier", "run", "toy/count", "--texts", str(toys), "--chatty", "--json")
    )
    assert code == 0
    assert json.loads(out)["record"]["workflow"] == "toy/count"
    assert "a plugin prints" in err


def test_a_warning_of_metier_is_one_line_and_others_are_silent(metier, toys):
    _, out, err = metier("run", "toy/count", "--texts", str(toys), "--chatty")
    assert "note: toys may be small\n" in err
    assert "chatty" not in err
    assert "small" not in out


def test_debug_lets_other_warnings_through(process, toys):
    arguments = ("-m", "metier", "--debug", "run", "toy/count", "--texts", str(toys), "--chatty")
    assert "a library is chatty" in process(*arguments).err


def test_the_home_in_out_is_made_once_and_where_the_results_go(metier, toys, tmp_path, monkeypatch):
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(here)
    assert metier("run", "toy/count", "--texts", str(toys), "--out=~/results").code == 0
    assert (home / "results" / "result.json").is_file()
    assert list(here.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_only_their_owner_can_read_results(metier, toys, tmp_path):
    before = os.umask(0)
    try:
        assert metier("run", "toy/count", "--texts", str(toys), "--out", "results").code == 0
    finally:
        os.umask(before)
    folder = Path("results")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.fixture
def flagged(metier, tmp_path, monkeypatch):
    """Run `core/flag` on a table with own columns, with the embedded model."""
    (tmp_path / "notes.csv").write_text(
        "id,text,label,amount\na,He paid late twice.,truth,7\nb,She likes trains.,other,8\n"
    )
    (tmp_path / "signs.yaml").write_text(
        "risks:\n  - {id: late, title: Late, instruction: core/text-flagging, "
        "signs: [They paid late.]}\nneutral: [A, B is here., C came., D went., It rains.]\n"
    )
    arguments = ("--texts", "notes.csv", "--taxonomy", "signs.yaml")

    def run(*more):
        model = () if "--model" in more else ("--model", "embedded")
        return metier("run", "core/flag", *arguments, *model, *more)

    return run


def test_columns_of_the_input_come_back_beside_the_result(flagged, tmp_path):
    finished = flagged("--out", "list.csv", "--json")
    assert finished.code == 0, finished.err
    (item, _) = json.loads(finished.out)["items"]
    assert item["fields"] == {"label": "truth", "amount": "7"}
    assert [flag["risk"] for flag in item["flags"]] == ["late"]
    header, row, *_ = (tmp_path / "list.csv").read_text().splitlines()
    assert header.endswith("label,amount")
    assert row.endswith("truth,7")


def test_groups_are_set_against_a_column_of_the_input(flagged):
    finished = flagged("--cross", "label")
    assert finished.code == 0, finished.err
    assert "Groups by label" in finished.out
    assert "truth" in finished.out


def test_a_column_to_set_groups_against_is_checked_before_a_model_is_loaded(flagged):
    code, out, err = flagged("--cross", "lable", "--model", "./no-such-model")
    assert (code, out) == (2, "")
    assert "--cross: the input has no column 'lable'." in err
    assert "'label'" in err
    assert "no-such-model" not in err


@pytest.mark.parametrize("workflow", ["core/search", "core/match"])
def test_a_workflow_without_groups_refuses_a_cross_table_before_anything_is_read(metier, workflow):
    names = {"core/search": ("--documents", "--query"), "core/match": ("--left", "--right")}
    first, second = names[workflow]
    arguments = (first, "missing.csv", second, "missing.csv", "--cross", "label")
    code, _, err = metier("run", workflow, *arguments)
    assert code == 2
    assert f"--cross: {workflow} has no groups that 'label' could be set against." in err
    assert "no file" not in err


def test_a_result_whose_texts_lack_the_column_is_shown_before_the_error(metier, tmp_path):
    (tmp_path / "texts.csv").write_text("id,text\na,a soft bear\nb,a steel train\n")
    (tmp_path / "known.csv").write_text(
        "text,label,shop\n"
        + "".join(f"a soft bear {n},soft,north\na steel train {n},hard,south\n" for n in range(5))
    )
    arguments = ("--texts", "texts.csv", "--examples", "known.csv", "--model", "embedded")
    code, out, err = metier("run", "core/classify", *arguments, "--cross", "shop", "--out", "a.csv")
    assert code == 2
    assert "2 texts" in out
    assert (tmp_path / "a.csv").is_file()
    assert "--cross: the input has no column 'shop'." in err
    assert "The result is shown without cross tables." in err


def test_columns_are_kept_and_dropped(flagged, tmp_path):
    assert flagged("--out", "list.csv", "--keep", "amount").code == 0
    assert (tmp_path / "list.csv").read_text().splitlines()[0].endswith("ruled_out,amount")
    assert flagged("--out", "list.csv", "--drop", "amount").code == 0
    assert (tmp_path / "list.csv").read_text().splitlines()[0].endswith("ruled_out,label")


@pytest.mark.parametrize("option", ["--keep", "--drop"])
def test_a_column_to_keep_or_drop_is_checked_before_a_model_is_loaded(flagged, option):
    code, _, err = flagged(option, "amonut", "--model", "./no-such-model")
    assert code == 2
    assert f"{option}: the input has no column 'amonut'." in err
    assert "'amount'" in err
    assert "no-such-model" not in err


def test_groups_are_set_against_a_column_that_is_not_kept(flagged):
    finished = flagged("--cross", "label", "--keep", "amount")
    assert finished.code == 0, finished.err
    assert "Groups by label" in finished.out
    code, _, err = flagged("--cross", "label", "--drop", "label", "--model", "./no-such-model")
    assert code == 2
    assert "'label' is dropped and set against groups: --drop, --cross." in err


def test_a_package_that_writes_the_result_is_missed_before_a_model_is_loaded(flagged, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    code, _, err = flagged("--out", "list.xlsx", "--model", "./no-such-model")
    assert code != 0
    assert "XlsxWriter" in err
    assert "no-such-model" not in err


def test_a_search_without_a_query_says_what_is_missing(metier, toys, qwen3_folder):
    code, _, err = metier("run", "core/search", str(toys), "--model", str(qwen3_folder))
    assert code == 2
    assert "neither --query nor --queries is given" in err
    both = ("--query", "a bear", "--queries", str(toys))
    code, _, err = metier("run", "core/search", str(toys), *both, "--model", str(qwen3_folder))
    assert code == 2
    assert "--query and --queries are given both." in err


def test_a_line_below_a_result_counts_the_texts_of_each_input(metier, toys, qwen3_folder):
    both = ("run", "core/match", str(toys), str(toys), "--model", str(qwen3_folder))
    assert "core/match · 2 left, 2 right · " in metier(*both).err
    alone = ("run", "core/search", str(toys), "--query", "a bear", "--model", str(qwen3_folder))
    assert "core/search · 2 texts · " in metier(*alone).err
