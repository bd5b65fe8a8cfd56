"""Definitions as results show them: their position, and the lines that answer a query."""

from __future__ import annotations

from metier import Snippet, SnippetLine
from metier.results.code_lines import marked_lines
from metier_code.code_passage import CODE_COLUMNS, CodePassage, MatchingLine, matching_lines

TEXT = "    def add(self, price):\n        self.prices.append(price)\n        return len(self)"


def passage() -> CodePassage:
    best = Snippet(
        "",
        100,
        200,
        lines=(
            SnippetLine("return len(self)", 100 + TEXT.index("return"), 100 + len(TEXT)),
            SnippetLine("def add(self, price):", 104, 125, ((4, 7), (14, 19))),
        ),
    )
    return CodePassage(
        path="shop/cart.py",
        file="/src/shop/cart.py",
        line=12,
        end_line=14,
        column=5,
        name="Cart.add",
        kind="method",
        signature="def add(self, price)",
        language="Python",
        text=TEXT,
        matching_lines=matching_lines(best, TEXT, start=100, line=12),
    )


def test_lines_of_a_snippet_have_their_numbers_in_the_file():
    assert [(match.line, match.text) for match in passage().matching_lines] == [
        (14, "return len(self)"),
        (12, "def add(self, price):"),
    ]
    assert matching_lines(None, TEXT, start=0, line=1) == ()


def test_the_excerpt_marks_words_and_lines_without_words():
    excerpt = passage().excerpt
    assert [TEXT[start:end] for start, end in excerpt.marks] == ["add", "price", ""]
    assert marked_lines(excerpt) == [0, 2]
    assert (excerpt.first_line, excerpt.language) == (12, "Python")


def test_rows_and_cells_say_where_and_what_it_is():
    row = passage().row()
    assert row["matching_lines"] == "12, 14"
    assert (row["path"], row["line"], row["end_line"], row["column"]) == ("shop/cart.py", 12, 14, 5)
    assert "file" not in row
    cells = dict(zip([column.name for column in CODE_COLUMNS], passage().cells(), strict=True))
    assert str(cells["where"]) == "shop/cart.py:12:5"
    assert cells["name"] == "Cart.add"
    assert CodePassage.model_validate_json(passage().model_dump_json()) == passage()


def test_lines_of_a_notebook_are_those_of_their_cell():
    text = "# %% cell 2: text\n# Sums\n# %% cell 3: Python\nLIMIT = 3\ndef total(x):\n    return x"
    found = passage().model_copy(
        update={
            "path": "sales.ipynb",
            "line": 7,
            "end_line": 12,
            "text": text,
            "matching_lines": (
                MatchingLine(line=12, text="return x"),
                MatchingLine(line=8, text=""),
            ),
        }
    )
    shown = found.in_cell((3, 2))
    assert shown.text == "def total(x):\n    return x"
    assert (shown.cell, shown.line, shown.end_line) == (3, 2, 3)
    assert [match.line for match in shown.matching_lines] == [3]  # the other is in another cell
    assert shown.excerpt.first_line == 2
    assert str(shown.position) == shown.location == "sales.ipynb, cell 3, line 2"
    assert found.in_cell(None) is found
