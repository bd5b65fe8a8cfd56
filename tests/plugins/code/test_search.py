from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import metier
from metier import Runtime
from metier.cli.main import main
from metier.errors import InputError, ParameterError, UsageError


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the shop of the samples, which the first search builds."""
    return tmp_path_factory.mktemp("kept")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("wait longer after each failed attempt and try again", "retry"),
        ("take the bearer token out of a request", "BearerToken"),
        ("wait for a pause before saving", "debounce"),
    ],
)
def test_a_function_is_found_by_what_it_does(
    rt: Runtime, samples: Callable[[str], Path], kept: Path, query: str, name: str
) -> None:
    result = rt.run("code/search", samples("metier_code") / "shop", query, at=kept)

    assert name in [hit.name for hit in result.hits[:3]]


def test_hits_are_places_that_exist(
    rt: Runtime, samples: Callable[[str], Path], kept: Path
) -> None:
    root = samples("metier_code") / "shop"

    hits = rt.run("code/search", root, "money", top_k=1000, at=kept).hits

    assert len({hit.id for hit in hits}) == len(hits) > 50
    for hit in hits:
        path, _, line = hit.location.rpartition(":")
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        assert lines[int(line) - 1] == hit.text.splitlines()[0]


def test_one_file_can_be_searched(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def add(a, b): return a + b\n", encoding="utf-8")

    assert rt.run("code/search", tmp_path / "one.py", "sum").hits[0].location == "one.py:1"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with sources in several folders, a text among them."""
    for name, function in (
        ("shop/cart.py", "add"), ("shop/deep/price.py", "total"), ("tests/check.py", "check"),
        ("shop/build/made.py", "made"),
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def {function}(a, b): return a + b\n", encoding="utf-8")
    (tmp_path / "shop" / "notes.txt").write_text("nothing", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("paths", "locations"),
    [
        (["shop", "tests/check.py"], {"shop/cart.py", "shop/deep/price.py", "tests/check.py"}),
        (["shop/**/*.py"], {"cart.py", "deep/price.py"}),
        (["*/*"], {"shop/cart.py", "tests/check.py"}),
        (["shop", "shop/cart.py"], {"shop/cart.py", "shop/deep/price.py"}),
        (["shop"], {"cart.py", "deep/price.py"}),
        (["shop/cart.py", "shop/notes.txt"], {"cart.py"}),
    ],
    ids=lambda names: " ".join(sorted(names)),
)
def test_several_paths_and_patterns_are_searched_at_once(
    rt: Runtime, sources: Path, paths: list[str], locations: set[str]
) -> None:
    result = rt.run("code/search", [sources / path for path in paths], "sum", top_k=20)

    found = [hit.location.removesuffix(":1") for hit in result.hits]
    assert set(found) == locations
    assert len(found) == len(locations)
    if "shop/notes.txt" in paths:
        assert [str(entry) for entry in result.skipped] == ["notes.txt (no source code)"]


def test_what_matches_nothing_or_is_not_there_is_refused(rt: Runtime, sources: Path) -> None:
    with pytest.raises(UsageError, match="Nothing matches"):
        rt.run("code/search", [sources / "shop", sources / "*.go"], "sum")
    with pytest.raises(UsageError, match="There is no path"):
        rt.run("code/search", [sources / "shop", sources / "gone"], "sum")


def test_several_paths_are_given_on_the_command_line_and_replayed(
    sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(sources / "shop"), str(sources / "tests" / "*.py")]
    common = ["--query", "sum", "--model", "embedded", "--no-cache"]
    out = sources / "out"

    assert main(["run", "code/search", *paths, *common, "--out", str(out)]) == 0

    shown = capsys.readouterr().out
    assert "tests/check.py:1" in shown
    assert "shop/deep/price.py:1" in shown
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert record["parameters"]["path"] == paths
    assert main(["replay", str(out / "run.json"), "--query", "sum"]) == 0


def test_an_encoding_without_an_input_to_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.py").write_text("def add(a, b): return a + b\n", encoding="utf-8")

    code = main(
        ["run", "code/search", str(tmp_path), "--query", "sum", "--encoding", "cp1252",
         "--model", "embedded"]
    )  # fmt: skip

    assert code == 2
    assert "--encoding: this run reads no input." in capsys.readouterr().err


def test_a_tree_without_functions_is_refused(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n", encoding="utf-8")

    with pytest.raises(InputError, match="There are no functions in"):
        rt.run("code/search", tmp_path, "anything")
    with pytest.raises(InputError, match="There are no functions in"):
        rt.run("code/map", tmp_path)


def test_files_that_cannot_be_parsed_are_named_with_the_reason_and_the_rest_is_searched(
    rt: Runtime, tmp_path: Path
) -> None:
    (tmp_path / "good.py").write_text("def add(a, b): return a + b\n", encoding="utf-8")
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n", encoding="utf-8")
    (tmp_path / "cut.js").write_bytes(b"\xff\xfef")

    result = rt.run("code/search", tmp_path, "sum", kind="function")

    assert [hit.location for hit in result.hits] == ["good.py:1"]
    broken, cut = map(str, result.skipped)
    assert broken.startswith("broken.py (in part: line 2 ")
    assert cut == "cut.js (not text)"
    assert result.notes() == [f"Left out: {broken}, {cut}"]
    assert [entry["location"] for entry in json.loads(result.to_json())["skipped"]] == [
        "broken.py",
        "cut.js",
    ]
    assert result.record is not None
    assert result.record.skipped == 2
    assert "broken.py" not in result.record.model_dump_json()


def test_what_is_not_read_or_only_in_part_is_named(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.go").write_text("package a\n\nfunc f() {}\n\nfunc ((( {\n", encoding="utf-8")
    (tmp_path / "b.cob").write_text("STOP RUN.\n", encoding="utf-8")

    result = rt.run("code/search", tmp_path, "anything", kind="function")

    assert [hit.location for hit in result.hits] == ["a.go:3"]
    assert sorted(map(str, result.skipped)) == [
        "a.go (in part: line 5 is not understood)",
        "b.cob (language not read: COBOL)",
    ]


def test_a_tree_with_nothing_but_broken_files_says_why(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"Not read: broken\.py \(in part: line 1 "):
        rt.run("code/search", tmp_path, "anything")


def test_a_path_that_is_not_there_is_refused(rt: Runtime, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no path"):
        rt.run("code/search", tmp_path / "nowhere", "anything")


def test_an_empty_query_is_refused(rt: Runtime, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="query=''"):
        rt.run("code/search", tmp_path, "")


def test_functions_are_the_sections_of_an_index_of_the_domain(
    rt: Runtime, samples: Callable[[str], Path], kept: Path
) -> None:
    root = samples("metier_code") / "shop"

    result = rt.run("code/search", root, "money", top_k=1000, at=kept)

    documents = metier.Documents.read(root, readers=rt.plugins.readers())
    splitter = rt.splitter("code")
    assert splitter is not None
    sections = {
        (document.id, section.headings, document.text[section.start : section.end])
        for document in documents
        for section in splitter(document.text, document.id)
    }
    hits = {(hit.path, (hit.name,) if hit.name else (), hit.text) for hit in result.hits}
    assert hits == sections
    assert len(result.hits) == len(sections)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with a text, two functions in its third cell, and a text at the end."""
    cells = [
        {"cell_type": "markdown", "source": "# Orders of a week\nas the shop has them"},
        {"cell_type": "code", "source": "import math\nRATE = 0.2\nDAYS = 7"},
        {"cell_type": "markdown", "source": "How long parcels take"},
        {
            "cell_type": "code",
            "source": "import time\n\ndef parcel_days(distance):\n    return distance / 300\n\n\n"
            "def round_price(price):\n    return round(price, 2)",
        },
        {"cell_type": "markdown", "source": "Next: what returns of parcels cost the shop"},
    ]
    path = tmp_path / "week.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}}), encoding="utf-8")
    return path


def test_hits_in_notebooks_are_by_cell_and_line(rt: Runtime, notebook: Path) -> None:
    result = rt.run("code/search", notebook, "parcels")
    hits = {hit.name: hit for hit in result.hits}
    days, price = hits["parcel_days"], hits["round_price"]
    assert (days.location, days.end_line) == ("week.ipynb, cell 4, line 3", 4)
    assert days.text == "def parcel_days(distance):\n    return distance / 300"
    assert (price.cell, price.line, price.id) == (4, 7, "week.ipynb:cell 4:7:1")
    assert {hit.location for hit in hits.values()} >= {"week.ipynb, cell 2, line 2"}
    assert price.position.address("vscode").endswith("/week.ipynb:1:1")

    located = rt.run("code/locate", notebook, "parcel_days is wrong").reports[0].functions
    assert located[0].passage.location == days.location
    clone = rt.run("code/similar", notebook, definition="week.ipynb, cell 4, line 8", min_tokens=1)
    assert "round_price" in clone.headline()
    drawn = rt.run("code/map", notebook.parent)
    assert days.location in {definition.id.rpartition(" ")[0] for definition in drawn.definitions}

    (data,) = (hit for hit in result.model_dump(mode="json")["hits"] if hit["name"] == price.name)
    assert {"path": "week.ipynb", "cell": 4, "line": 7, "column": 1}.items() <= data.items()
    assert "week.ipynb, cell 4, line 7" in result.to_html()


def test_positions_tell_definitions_on_one_line_apart(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "cart.js").write_text(
        "function add(a) { return a + 1; } function subtract(a) { return a - 1; }\n"
    )
    for located in rt.run("code/locate", tmp_path, "subtract is wrong").reports[0].functions:
        passage = located.passage
        assert passage.column == (35 if passage.name == "subtract" else 1)
        assert passage.text.startswith(f"function {passage.name}")
