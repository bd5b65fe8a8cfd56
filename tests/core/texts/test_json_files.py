"""JSON, JSON lines and notebooks: what their objects are, and what is refused."""

from __future__ import annotations

import json

import pytest
from tests.core.texts.reading import strings

from metier.errors import InputError
from metier.texts.texts import Documents, Texts


@pytest.mark.parametrize(
    "line", ['{"id": 1, "text": "one", "text": "two"}', '{"text": "one", "x": {"y": 1, "y": 2}}']
)
def test_a_key_twice_in_an_object_is_refused_with_its_line(file, line):
    with pytest.raises(InputError, match=r"line 1: not valid JSON \(the key '\w+' .* twice"):
        Texts.read(file("a.jsonl", line))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "line 2: not valid JSON"),
        ("[" * 100_000, "line 2: not valid JSON"),
        ("9" * 5000, "line 2: not valid JSON"),
        ("[1]", "line 2: an array, not an object"),
        ("7", "line 2: a number, not an object"),
        ("null", "line 2: null, not an object"),
        ("true", "line 2: true or false, not an object"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused_with_its_number(file, line, said):
    with pytest.raises(InputError, match=said):
        Texts.read(file("a.jsonl", f'{{"text": "one"}}\n{line}\n'))


def test_a_json_array_is_refused_with_the_way_out(file):
    with pytest.raises(InputError, match="big JSON array"):
        Texts.read(file("a.jsonl", '[\n{"text": "one"}\n]'))


def test_a_lone_surrogate_in_json_is_refused(file):
    with pytest.raises(InputError, match="lone surrogate"):
        Texts.read(file("a.jsonl", '{"text": "a\\ud83d"}'))


def test_ndjson_is_jsonl(file):
    assert strings(file("a.ndjson", '{"id": 1, "text": "one"}')) == ["one"]


def test_a_broken_line_of_json_is_told_by_its_own_number_alone(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{\n{"text": "two"}\n')
    with pytest.raises(InputError, match=r"a\.jsonl, line 2: .*: line 1 column 2"):
        Texts.read(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('[{"id": 1, "text": "one"}, "two"]', ["one", "two"]),
        ('{"data": [{"text": "one"}], "total": 1}', ["one"]),
        ('{"text": "one", "tags": ["a"]}', ["one"]),
        ('{"text": "one"}\n{"text": "two"}\n', ["one", "two"]),
        ('\ufeff[\n  {\n  "text": "one"\n}\n]', ["one"]),
    ],
)
def test_json_is_an_array_an_object_or_one_object_a_line(file, content, texts):
    assert strings(file("a.json", content)) == texts


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "one"}, 7]', "item 2: a number, not an object"),
        ('[{"text": "one"}', "not valid JSON"),
        ('[{"text": "one", "text": "two"}]', "'text' stands in an object twice"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_json_that_holds_no_objects_is_refused(file, content, message):
    with pytest.raises(InputError, match=message):
        Texts.read(file("a.json", content))


def test_of_a_folder_settings_in_json_are_left_out_and_named(file, tmp_path):
    file("package.json", '{"name": "x", "description": "y"}')
    file("data.json", ' [{"text": "one"}]')
    texts = Texts.read(tmp_path)
    assert (texts.strings, texts.skipped) == (["one"], ("package.json (holds no array of rows)",))


def test_a_notebook_is_its_cells_without_their_output(file):
    cells = [
        {"cell_type": "markdown", "source": ["# Report\n", "Sales rose."]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "1"}]},
        {"cell_type": "code", "source": []},
    ]
    notebook = {"cells": cells, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4}
    (item,) = Documents.read(file("a.ipynb", json.dumps(notebook)))
    assert item.text == "# Report\nSales rose.\n\n```python\nprint(1)\n```"
    cells = [{"cell_type": "code", "source": "text = '''\n```\n'''"}]
    (item,) = Documents.read(file("c.ipynb", json.dumps({"cells": cells})))
    assert item.text == "````\ntext = '''\n```\n'''\n````"
    with pytest.raises(InputError, match="not a notebook"):
        Documents.read(file("b.ipynb", "[]"))
