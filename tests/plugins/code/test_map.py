"""code/map: groups of a tree's definitions with names, their files, and entry points."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.core.results.browser import errors_of, open_browser, show, texts

from metier import Runtime
from metier.errors import ParameterError
from metier.testing.fakes import FakeEmbedder
from metier_code.code_map import CodeMap
from metier_code.definition_words import documentation_of, naming_texts, split_identifier
from metier_code.entry_points import entry_points
from metier_code.map import map_code, representatives
from metier_code.trees.definitions import IndexedDefinition

SUBJECTS = {
    "colors/mixing": ("color", "Mix the color {0} with white paint.", "red green blue black pink"),
    "dates/calendar": (
        "holiday",
        "Count the holidays of a month in {0}.",
        "1901 1902 1903 1904 1905",
    ),
    "net/sockets": ("socket", "Open a network socket on the port {0}.", "21 22 80 443 8080"),
}


def definition(name: str, text: str = "", **fields: Any) -> IndexedDefinition:
    values = {"path": "app.py", "kind": "function", "signature": "", "language": "Python"}
    return IndexedDefinition(
        **{**values, **fields}, name=name, line=3, column=1, end_line=5, text=text
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paints")
    for path, (noun, doc, values) in SUBJECTS.items():
        lines = [
            f"def {verb}_{noun}_{value}(self):\n"
            f'    """{doc.format(value)}"""\n'
            f"    {noun} = {verb}({value!r})\n"
            f"    return {noun}\n"
            for value in values.split()
            for verb in ("mix", "show", "_load")
        ]
        file = folder / f"{path}.py"
        file.parent.mkdir()
        file.write_text("\n\n".join(lines), encoding="utf-8")
    (folder / "run.py").write_text("def main():\n    print(1)\n    return 0\n", encoding="utf-8")
    scripts = '[project]\nname = "paints"\n[project.scripts]\npaint = "run:main"\n'
    (folder / "pyproject.toml").write_text(scripts, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def code_map(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> CodeMap:
    rt = Runtime(model="embedded", device="cpu", dtype="float32", progress=False)
    return map_code(rt, [tree], groups=3, at=tmp_path_factory.mktemp("kept"))


def test_groups_are_named_by_what_their_definitions_are_about(code_map):
    assert {next(iter(group.files)) for group in code_map.groups} == {
        f"{path}.py" for path in SUBJECTS
    }
    names = " ".join(group.name for group in code_map.groups)
    assert [noun for noun, _, _ in SUBJECTS.values() if noun not in names] == [], names
    assert not {"self", "return", "def"} & {
        word for group in code_map.groups for words in group.keywords for word in words.split()
    }
    assert sum(group.definitions for group in code_map.groups) >= 45


def test_representatives_are_public_and_have_their_text_and_position(code_map, tree):
    for group in code_map.groups:
        assert 1 <= len(group.representatives) <= 4
        for passage in group.representatives:
            assert not passage.name.startswith("_")
            source = (tree / passage.path).read_text(encoding="utf-8").splitlines()
            assert passage.text.splitlines()[0] == source[passage.line - 1]
            assert Path(passage.file) == tree / passage.path


def test_the_one_nearest_to_the_center_comes_first_and_each_name_once():
    names = ["Cart.add", "Cart.__init__", "Bag.add", "_prune", "total"]
    chosen = representatives([definition(name) for name in names], [0.3, 0.0, 0.2, 0.1, 0.4])
    assert [definition.name for definition in chosen] == [
        "Bag.add",
        "total",
        "_prune",
        "Cart.__init__",
    ]


def test_rows_tables_and_json_say_where_everything_is(code_map):
    assert "46 definitions in 4 files" in code_map.headline()
    tables = {table.title: table for table in code_map.tables()}
    assert [len(tables[name].rows) for name in ("Groups", "Definitions")] == [
        len(code_map.groups),
        46,
    ]
    assert ("colors/", 15) in [row[:2] for row in tables["Folders"].rows]
    row = next(row for row in code_map.rows() if row["name"] == "main")
    assert (row["path"], row["line"], row["end_line"], row["lines"]) == ("run.py", 1, 3, 3)
    assert set(code_map.columns_by_group()) >= {group.title for group in code_map.groups}
    restored = CodeMap.model_validate_json(code_map.to_json())
    assert restored.groups == code_map.groups
    assert json.loads(code_map.to_json())["definitions"][0]["path"] == "colors/mixing.py"


def test_entry_points_are_scripts_main_functions_commands_and_routes(code_map):
    assert [
        (entry.kind, entry.name, entry.path, entry.line) for entry in code_map.entry_points
    ] == [
        ("script", "paint", "run.py", 1),
        ("main", "main", "run.py", 1),
    ]
    route = definition("users", '@app.route("/users")\ndef users():\n    pass')
    passed = definition('router.post /cart "x"', "(req, res) => {}", language="JavaScript")
    command = definition("sync", "@cli.command()\ndef sync():\n    pass")
    java = definition("App.main", "public static void main() {}", kind="method", language="Java")
    script = definition("", 'if __name__ == "__main__":\n    go()', kind="module")
    documented = definition(
        "option",
        'def option(name):\n    """\n    @cli.command()\n    """',
        signature="def option(name)",
    )
    others = [
        definition("Command.main", "def main(self): pass"),
        definition("commander", "x = 1"),
        documented,
    ]
    found = entry_points([route, passed, command, java, script, *others])
    assert [(entry.kind, entry.name) for entry in found] == [
        ("route", "/users"),
        ("route", "/cart"),
        ("command", "sync"),
        ("main", "App.main"),
        ("main", "app.py"),
    ]


def test_a_map_may_be_of_an_index_as_it_is(tmp_path: Path) -> None:
    rt = Runtime(FakeEmbedder(), plugins=["code"], progress=False)
    folder, at = tmp_path / "paints", tmp_path / "kept"
    folder.mkdir()
    (folder / "mix.py").write_text("def mix():\n    return 1\n", encoding="utf-8")
    map_code(rt, [folder], at=at)
    (folder / "show.py").write_text("def show():\n    return 2\n", encoding="utf-8")
    as_it_was = map_code(rt, [folder], at=at, update="never")
    assert [definition.name for definition in as_it_was.definitions] == ["mix"]
    assert "1 file changed since the index was written (show.py)." in as_it_was.remarks
    assert len(map_code(rt, [folder], keep_index=False).definitions) == 2


def test_the_size_of_groups_is_a_parameter_that_remarks_name(tmp_path: Path) -> None:
    rt = Runtime(FakeEmbedder(), plugins=["code"], progress=False)
    (tmp_path / "mix.py").write_text("def mix():\n    return 1\n", encoding="utf-8")
    assert "A smaller min_group_size finds" in map_code(rt, [tmp_path]).remarks[-1]
    with pytest.raises(ParameterError, match=r"groups=\.\.\. and min_group_size=\.\.\. are both"):
        map_code(rt, [tmp_path], groups=1, min_group_size=2)


def test_broken_files_of_a_package_are_passed_over(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project\n", encoding="utf-8")
    (tmp_path / "package.json").write_text('{"name": "p", "bin": "cli.js"}', encoding="utf-8")
    assert [(entry.name, entry.calls) for entry in entry_points([], tmp_path)] == [("p", "cli.js")]


def test_words_of_identifiers_and_documentation_that_names_have_too():
    assert split_identifier("parseHTTPUrl_v2") == ["parse", "http", "url", "v"]
    text = "// Parses a header of the request,\n// politely.\nfunc ParseHeader() {}\n"
    assert " ".join(documentation_of(text).split()) == "Parses a header of the request, politely."
    parse = definition("ParseHeader", text, path="http/request.go", language="Go")
    close = definition("Conn.close", "def close(self): pass", path="http/conn.py")
    words, other = naming_texts([parse, close])
    assert words == "parse header . http . request . parses . header . request"
    assert other == "conn . close . http . conn"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def test_the_page_has_the_map_the_groups_and_code_to_look_at(browser, tmp_path, code_map):
    show(browser, tmp_path, code_map.to_html())
    headings = texts(browser, "h3")
    assert headings[:3] == ["Map of the definitions", "Groups", "Representative definitions"]
    assert texts(browser, "canvas") != []
    assert [name for name in texts(browser, ".legend button") if "color" in name]
    assert any("def mix_" in code for code in texts(browser, "pre.lines code"))
    assert errors_of(browser) == []
