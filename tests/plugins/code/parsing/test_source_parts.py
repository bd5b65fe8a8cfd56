"""Notebooks, components and documents: code in parts, with positions in the whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest

from metier_code.parsing.definition import ParsedSource
from metier_code.parsing.definitions import parse
from metier_code.parsing.notebooks import NotebookError, notebook_text


def code(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "metadata": metadata}


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source}


def parse_notebook(
    *cells: Mapping[str, Any], metadata: Mapping[str, Any] | None = None
) -> ParsedSource:
    text = notebook_text(json.dumps({"cells": cells, "metadata": metadata or {}}))
    parsed = parse(text, "Jupyter")
    for definition in parsed.definitions:
        assert text[definition.start : definition.end] == definition.text
        assert definition.line == text[: definition.start].count("\n") + 1
    return parsed


def names(parsed: ParsedSource) -> list[str]:
    return [definition.name for definition in parsed.definitions if definition.kind != "module"]


def test_the_code_of_a_notebook_has_its_cell_and_the_texts_above_it() -> None:
    parsed = parse_notebook(
        prose("# Orders\nas the shop has them"),
        code("import pandas as pd\norders = pd.read_csv('orders.csv')"),
        code(""),
        code("LIMIT = 3\n\n\ndef total(orders):\n    return orders.sum()"),
        prose("What is left to do: everything else"),
    )
    loaded, total, rest = parsed.definitions
    assert loaded.kind == "module"
    assert loaded.doc == "# Orders\nas the shop has them"
    assert "read_csv" in loaded.text
    assert (total.name, total.cell, total.signature) == ("total", (4, 4), "def total(orders)")
    assert rest.text.endswith("# What is left to do: everything else")


@pytest.mark.parametrize(
    ("metadata", "source", "language"),
    [
        ({"language_info": {"name": "R"}}, "total <- function(x) sum(x)", "R"),
        ({"kernelspec": {"language": "julia"}}, "total(x) = sum(x)", "Julia"),
        ({"language_info": {"name": "scala"}}, "def total(x: Seq[Int]) = x.sum", "Scala"),
        ({"language_info": {"name": "c++17"}}, "int total(int x) { return x; }", "C++"),
        ({}, "def total(x): return sum(x)", "Python"),
    ],
)
def test_a_notebook_is_read_in_the_language_of_its_kernel(
    metadata: dict[str, Any], source: str, language: str
) -> None:
    (total,) = parse_notebook(code(source), metadata=metadata).definitions
    assert (total.name, total.language) == ("total", language)


def test_a_cell_may_be_in_a_language_of_its_own() -> None:
    parsed = parse_notebook(
        code("%%bash\nretry() {\n  sleep 1\n}"),
        code("%%R -o x\ntotal <- function(x) sum(x)"),
        code("let total = x => {\n  return x;\n};", vscode={"languageId": "javascript"}),
        code("%%time\ndef slow():\n    pass"),
        code("%%html\n<b>a bold text with many words</b>"),
    )
    functions = [d for d in parsed.definitions if d.kind == "function"]
    assert [(d.name, d.language) for d in functions] == [
        ("retry", "Bash"),
        ("total", "R"),
        ("total", "JavaScript"),
        ("slow", "Python"),
    ]
    assert parsed.faults == ()


def test_commands_of_ipython_hide_no_code() -> None:
    source = (
        "%matplotlib inline\n!pip install pandas\nfiles = !ls\n?total\ntotal?\ntotal??\n"
        "def total(x):\n    %time sum(x)\n    return ('%d'\n            % (x))\n"
    )
    parsed = parse_notebook(code(source))
    (total,) = [d for d in parsed.definitions if d.kind == "function"]
    assert parsed.faults == ()
    assert "    %time sum(x)\n" in total.text  # as it stands in the notebook


def test_a_fault_is_said_with_its_cell_and_hides_no_other_cell() -> None:
    parsed = parse_notebook(code("x = 1\ny = = 2"), code("def total(x):\n    return x"))
    assert names(parsed) == ["total"]
    assert [reason for _, reason in parsed.faults] == ["cell 1: line 2 is not understood"]


def test_a_line_like_a_mark_begins_no_cell() -> None:
    parsed = parse_notebook(code("def a(x):\n    return x\n# %% cell 9: R\ndef b(x):\n    pass"))
    assert [(d.name, d.cell) for d in parsed.definitions] == [("a", (1, 1)), ("b", (1, 3))]


@pytest.mark.parametrize("text", ["[]", "{}", '{"cells": [1]}', "no JSON", '{"cells": {"a": 1}}'])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(NotebookError, match="is no notebook"):
        notebook_text(text)


def test_functions_of_a_component_have_their_lines_in_the_whole_file() -> None:
    source = dedent(
        """
        <template>
          <button @click="add">{{ total }}</button>
        </template>

        <script lang="ts">
        export default defineComponent({
          name: 'Cart',
          computed: {
            total(): number { return this.lines.length },
          },
          methods: {
            // Adds one.
            async add(line: string) {
              this.lines.push(line)
            },
          },
        })
        </script>
        <script setup lang="ts" generic="T extends Record<string, number>">
        const twice = computed(() => {
          return props.size * 2
        })
        function clear(): void { lines.value = [] }
        </script>
        """
    ).lstrip()
    parsed = parse(source, "Vue")
    lines = source.split("\n")
    functions = [d for d in parsed.definitions if d.kind in ("function", "method")]
    assert [d.name for d in functions] == ["computed.total", "methods.add", "twice", "clear"]
    for definition in functions:
        assert source[definition.start : definition.end] == definition.text
        assert lines[definition.line - 1].startswith(definition.text.split("\n")[0])
    markup = parsed.definitions[0]
    assert (markup.kind, markup.language, markup.line) == ("module", "Vue", 1)
    assert not any("<script" in definition.text for definition in parsed.definitions)


@pytest.mark.parametrize(
    ("source", "names_and_languages"),
    [
        (
            '<script context="module">\nexport function load() { return 1 }\n</script>\n'
            "<script>\n  let name;\n  function greet() { alert(name) }\n</script>\n"
            "{#if name < 3}<h1 on:click={greet}>Hello</h1>{/if}\n",
            [("load", "JavaScript"), ("greet", "JavaScript")],
        ),
        (
            '<script lang="ts" module>export const twice = (x: number) => x * 2</script>',
            [("twice", "TypeScript")],
        ),
        ("<!-- <script>function no() {}</script> --><p>Some text of a page</p>", []),
        ('<script type="application/ld+json">{"f": "function no() {}"}</script>', []),
        ('<script src="a.js" /><script>function a() {}</script>', [("a", "JavaScript")]),
        ("<script>function a() {}", [("a", "JavaScript")]),
        ("<SCRIPT LANG='TSX'>const A = () => <b>a</b></SCRIPT>", [("A", "TSX")]),
    ],
)
def test_script_blocks_are_read_in_the_language_they_name(
    source: str, names_and_languages: list[tuple[str, str]]
) -> None:
    definitions = parse(source, "Svelte").definitions
    assert [(d.name, d.language) for d in definitions if d.name] == names_and_languages


def test_the_fenced_code_of_a_document_has_the_text_above_it() -> None:
    source = dedent(
        """
        ---
        title: Orders
        ---
        We add the prices.

        ```{r total, echo=FALSE}
        total <- function(x) {
          sum(x)
        }
        ```

        ```{python}
        def twice(x):
            return 2 * x
        ```

        ```r
        shown(and, not, run)
        ```
        """
    ).lstrip()
    total, twice, rest = parse(source, "Quarto").definitions
    assert (total.name, total.language, total.line) == ("total", "R", 1)
    assert "We add the prices." in total.doc
    assert (twice.name, twice.language, twice.signature) == ("twice", "Python", "def twice(x)")
    assert rest.kind == "module"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<script ", "<script a='", "<!--", "```{r}\n", "<script>"])
def test_no_page_makes_the_search_for_scripts_long(piece: str) -> None:
    page = piece * 20_000
    for language in ("Vue", "R Markdown"):
        definitions = parse(page, language).definitions
        assert all(page[item.start : item.end] == item.text for item in definitions)
