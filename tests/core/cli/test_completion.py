"""Completion in a shell: what is offered, and that nothing heavy and no plugin code is imported."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from tests.core.cli.test_main import HEAVY

from metier.cli.workflow_completion import parameters_in
from metier.texts.texts import Documents, Texts
from metier.workflows.parameter import REQUIRED

NOISY = "schema: 1\ndomain: noisy\ntitle: Noisy\nworkflow: []\n"


@pytest.fixture
def complete(metier, monkeypatch):
    """What bash would offer after a line, whose last word is the incomplete one."""

    def run(line: str, **environment: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        environment |= {"_METIER_COMPLETE": "complete_bash", **words}
        with monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            done = metier()
        assert done.err == ""
        return done.out.split()

    return run


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("metier ru", ["run"]),
        ("metier run toy", ["toy/count", "toy/fail"]),
        ("metier run --model emb", ["embedded"]),
        ("metier run toy/count --li", ["--limit"]),
        ("metier run toy/count toys.csv --unit ", ["words", "characters"]),
        ("metier run toy/count --dtype fl", ["float32", "float16"]),
        (
            "metier run toy/count --encoding cp125",
            ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254"],
        ),
        ("metier run toy/count --format js", ["json", "jsonl"]),
        ("metier run toy/nothing --", []),
        ("metier instructions show toy", ["toy/sort-toys", "toy/find-toy"]),
        ("metier instructions explain core/pass", ["core/passage-search"]),
        ("metier embed notes.txt --instruction toy/f", ["toy/find-toy"]),
        ("metier embed notes.txt --side ", ["document", "query"]),
        ("metier index build notes --domain co", ["core"]),
        ("metier plugins show ", ["broken", "toy"]),
        ("metier run toy/count ", []),
        ("metier index build ", []),
    ],
)
def test_a_line_is_completed(complete, line, offered):
    assert sorted(complete(line)) == sorted(offered)


def test_options_of_a_workflow_are_those_of_its_help(complete, metier):
    offered = set(complete("metier run toy/count --"))
    shown = set(re.findall(r"--[a-z][a-z-]+", metier("run", "toy/count", "--help").out))
    assert offered - shown == set()
    assert {"--texts", "--share", "--no-param-strict", "--text-field", "--model"} <= offered
    assert {"--texts-text-field", "--others-id-field"} <= offered


def test_options_in_a_shell_are_those_without_its_queries(complete):
    offered = set(complete("metier shell core/search --"))
    assert {"--documents", "--top-k", "--text-field"} <= offered
    assert offered.isdisjoint({"--query", "--queries", "--documents-text-field"})


@pytest.mark.parametrize(
    "line",
    ["metier ", "metier run ", "metier run toy/count --", "metier instructions show "],
)
def test_no_model_library_and_no_plugin_code_is_imported(process, line):
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    arguments = ("-X", "importtime", "-m", "metier")
    done = process(*arguments, _METIER_COMPLETE="complete_bash", **words)
    assert "metier.cli.app" in done.err
    assert not re.findall(rf"\| +((?:{HEAVY})(?:\..*)?)$", done.err, re.MULTILINE)


def test_nothing_is_said_where_something_is_wrong(complete):
    assert complete("metier run toy", METIER_MODLE="x", METIER_PLUGINS="nobody") == []
    assert complete("metier run toy", METIER_CACHE="/a/folder") == ["toy/count", "toy/fail"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script_and_its_form_of_answers(process, shell):
    script = process("-m", "metier", _METIER_COMPLETE=f"source_{shell}")
    assert script.code == 0
    assert f"complete_{shell}" in script.out
    line = {
        "COMP_WORDS": "metier run toy/c",
        "COMP_CWORD": "2",
        "_TYPER_COMPLETE_ARGS": "metier run toy/c",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    answer = process("-m", "metier", _METIER_COMPLETE=f"complete_{shell}", **line)
    assert (answer.code, answer.err) == (0, "")
    assert "toy/count" in answer.out
    if shell != "bash":
        assert "Count the characters of every text" in answer.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_accepts_its_script(process):
    script = process("-m", "metier", _METIER_COMPLETE="source_bash").out
    checked = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert checked.returncode == 0


SOURCE = """
@workflow("acme/group")
def group(
    rt: Runtime,
    notes: Annotated[Documents, Field(description="Notes.")],
    more: Texts | None = None,
    /,
    folder: Path = Path("x"),
    *,
    top_k: TopK = 3,
    how: Literal["fast", "well"] = "fast",
    names: list[str] = (),
    is_sure: "bool" = False,
    odd: Callable[..., int] = print,
):
    pass
"""


def test_parameters_are_read_from_the_source():
    read = {parameter.name: parameter for parameter in parameters_in(SOURCE, "group")}
    assert list(read) == ["notes", "more", "folder", "top_k", "how", "names", "is_sure", "odd"]
    assert read["notes"].input_kind is Documents
    assert read["notes"].default is REQUIRED
    assert read["more"].input_kind is Texts
    assert read["more"].default is None
    assert read["folder"].is_path
    assert read["odd"].is_string
    assert parameters_in(SOURCE, "missing") == ()
