"""Results: shown, saved and converted in one way, whatever is in them."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from html import escape
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from metier.engine.ledger import InstructionUse, ModelUse
from metier.errors import MissingExtraError, UsageError
from metier.results.figure import Figure, Point, PointGroup
from metier.results.record import InputUse, RunRecord
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, shorten, shown
from metier.texts.reader import LeftOut

NASTY = "<script>alert('x')</script> & [red]bold[/red] \x1b[2J"


class Toys(Result):
    toys: tuple[str, ...] = ("bear",)
    price: float = 2.5

    def headline(self):
        return f"{len(self.toys)} toys, first {self.toys[0] if self.toys else 'none'}"

    def tables(self):
        cells = [(toy, index, self.price, None) for index, toy in enumerate(self.toys)]
        return [Table("The [toys]", ("toy", "number", "price", "note"), cells, note="and 3 more")]

    def rows(self):
        return [{"toy": toy, "price": self.price} for toy in self.toys]


class Drawn(Toys):
    def figures(self):
        cheap = PointGroup("cheap", [Point(1.0, 2.5, NASTY)])
        dear = PointGroup("dear", [Point(2.0, 9.5, "train")], faint=True)
        return [Figure("Prices", [cheap, dear], axes=("size", "price"))]


def rendered(what: object, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(what)
    return console.file.getvalue()


def record(**rest: object) -> RunRecord:
    return RunRecord(workflow="toys/count", **rest)


def test_a_result_is_a_frame():
    frame = Toys(toys=("bear", "train")).to_frame()
    pd.testing.assert_frame_equal(
        frame, pd.DataFrame({"toy": ["bear", "train"], "price": [2.5, 2.5]})
    )


def test_without_pandas_a_frame_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'metier\[tables\]'"):
        Toys().to_frame()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_json_is_read_back_whole(toys):
    result = Toys(toys=tuple(toys), record=record(parameters={"top_k": 3}))
    assert Toys.model_validate_json(result.to_json()) == result
    assert Toys.model_validate_json(result.to_json(indent=2)) == result


def test_html_is_a_whole_page_with_everything_escaped():
    html = Toys(toys=(NASTY,), record=record(not_for=NASTY)).to_html()
    assert html.startswith("<!doctype html>")
    assert NASTY not in html
    assert html.count(escape(NASTY)) == 2  # the headline, and what it is not for
    assert not re.search(r"""(src|href)=["']?http""", html)


def test_a_page_ends_with_where_it_comes_from():
    made = record(
        started="2026-01-02T03:04:05+00:00",
        versions={"metier": "1.2.3"},
        provider="metier-toys 4.5",
        models=(
            ModelUse(
                role="embedder", id="org/model", revision="abc", fingerprint="f", device="cpu",
                dtype="float32",
            ),
        ),
        instructions=(
            InstructionUse(id="toys/find@2", digest="d", dim=48),
            InstructionUse(id="toys/find@2", digest="d"),
        ),
    )  # fmt: skip
    html = Toys(record=made).to_html()
    (footer,) = re.findall("<footer>(.*)</footer>", html)
    assert footer == (
        f"{made.workflow} · metier-toys 4.5 · metier 1.2.3 · 2026-01-02T03:04:05+00:00 · "
        "embedder org/model (abc), float32 on cpu · instruction toys/find@2, 48 dimensions · "
        "instruction toys/find@2, reranks"
    )
    assert "<footer>" not in Toys().to_html()


def test_files_that_could_not_be_read_are_counted_and_the_first_of_them_named():
    few = Toys(skipped=("a.py (line 1: not Python)", LeftOut("b.swift", "not read", "Swift")))
    assert few.notes() == ["Left out: a.py (line 1: not Python), b.swift (not read: Swift)"]
    assert json.loads(few.to_json())["skipped"][1] == {
        "location": "b.swift", "reason": "not read", "detail": "Swift", "count": 1,
    }  # fmt: skip
    assert Toys.model_validate_json(few.to_json()) == few
    assert "Left out" not in [table.title for table in few.section().tables]


def test_of_many_files_that_were_left_out_a_line_counts_the_reasons_and_the_page_names_all():
    languages = ("Swift", "Swift", "Swift", "Zig", "Nim", "D", "Elm")
    many = Toys(
        skipped=(
            *(LeftOut(f"{n}.x", "not read", name) for n, name in enumerate(languages)),
            *(LeftOut(f"{n}.py", "minified", f"{n} letters a line") for n in range(6)),
            LeftOut("*.png", "no source code", count=1200),
            "d.py (in part)",
        )
    )
    assert many.notes() == [
        "Left out: no source code (1,200), not read (7: Swift 3, Zig 1, Nim 1, D 1 and 1 more), "
        "minified (6), for other reasons (1); skipped of the result names them"
    ]
    assert str(many.skipped[-2]) == "1200 *.png (no source code)"
    table = many.section().tables[-1]
    assert (table.title, len(table.rows), table.head) == ("Left out", 15, 0)
    assert table.rows[0] == ("0.x", "not read", "Swift", 1)


def test_a_terminal_gets_no_markup_and_no_control_characters_from_texts():
    said = rendered(Toys(toys=(NASTY,), record=record(not_for=NASTY)))
    assert "[red]bold[/red]" in said
    assert "The [toys]" in said
    assert "\x1b[2J" not in said
    assert said.count("\ufffd[2J") == 3
    assert "and 3 more" in said


def test_nothing_is_cut_in_a_narrow_terminal():
    said = rendered(Toys(toys=("a-very-long-word-" * 5,)), width=40)
    letters = re.sub(r"[^a-z]", "", said)
    assert letters.count("averylongword") >= 5


def test_notes_say_what_was_cut_and_what_was_left_out():
    used = InputUse(texts=9, skipped=tuple(f"row {n}" for n in range(1, 8)), digest="0")
    result = Toys(
        record=record(
            not_for="Eating.", texts_truncated=2, texts_embedded=5, texts_reranked=4,
            inputs={"toys": used},
        )
    )  # fmt: skip
    assert result.notes() == [
        "2 of 9 texts and pairs given to the model, labels and queries included, were longer than "
        "it reads and were cut.",
        "7 unusable toys left out: row 1, row 2, row 3, row 4, row 5 and 2 more, "
        "see skipped of record.inputs.toys",
    ]
    assert Toys().notes() == []
    assert "Not for: Eating." in rendered(result)


def test_save_writes_four_files(tmp_path):
    result = Toys(toys=("bear", 'a "train", red\nand blue'), record=record())
    paths = result.save(tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["result.json", "rows.csv", "report.html", "run.json"]
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(
        path.name for path in paths
    )
    assert Toys.model_validate_json(paths[0].read_text(encoding="utf-8")) == result
    with paths[1].open(newline="", encoding="utf-8") as file:
        assert [row["toy"] for row in csv.DictReader(file)] == list(result.toys)
    assert paths[2].read_text(encoding="utf-8") == result.to_html()
    assert RunRecord.model_validate_json(paths[3].read_text(encoding="utf-8")) == result.record


def test_saving_again_replaces_the_files(tmp_path):
    Toys(toys=("bear",)).save(tmp_path)
    Toys(toys=("train",)).save(tmp_path)
    assert "train" in (tmp_path / "rows.csv").read_text()
    assert "bear" not in (tmp_path / "rows.csv").read_text()


def test_save_finds_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Toys().save("~/out")[0] == tmp_path / "out" / "result.json"


def test_rows_that_differ_in_their_fields_are_saved_with_all_of_them(tmp_path):
    class Mixed(Toys):
        def rows(self):
            return [{"toy": "bear"}, {"toy": "train", "wheels": 4}]

    Mixed().save(tmp_path)
    assert (tmp_path / "rows.csv").read_text().splitlines() == ["toy,wheels", "bear,", "train,4"]


def test_a_text_that_a_spreadsheet_would_run_is_saved_with_an_apostrophe(tmp_path):
    class Mixed(Toys):
        def rows(self):
            return [{"toy": toy, "score": -0.5} for toy in ("=1+1", "+A1", "-x", "@A1", "a=1")]

    Mixed().save(tmp_path)
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["toy"] for row in rows] == ["'=1+1", "'+A1", "'-x", "'@A1", "a=1"]
    assert {row["score"] for row in rows} == {"-0.5"}


def test_a_result_without_rows_is_saved(tmp_path):
    Toys(toys=()).save(tmp_path)
    assert (tmp_path / "rows.csv").read_text() == ""


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("I was here first")
    with pytest.raises(UsageError, match="cannot be written"):
        Toys().save(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "I was here first"


def test_the_figures_of_a_result_are_data_and_the_page_has_them():
    (figure,) = Drawn().figures()
    assert [group.name for group in figure.groups] == ["cheap", "dear"]
    assert figure.groups[0].points[0] == Point(1.0, 2.5, NASTY)
    html = Drawn().to_html()
    assert "Prices" in html
    assert NASTY not in html


def test_a_page_is_named_in_words_with_the_names_of_its_inputs():
    class ToyBox(Toys):
        pass

    assert ToyBox().title() == "Toy box"
    html = ToyBox(sources=("toys.csv",)).to_html()
    assert "<title>Toy box: toys.csv</title>" in html


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (True, "yes"), (False, "no"), (7, "7"), (0.12345, "0.123"), ("a", "a")],
)
def test_cells_are_shown_as_people_write_them(cell, text):
    assert shown(cell) == text


def test_columns_of_numbers_are_known_by_their_cells():
    table = Table("", ("a", Column("b", "score"), "c"), [(1, 0.5, ""), (2.5, 3, None)])
    assert [column.kind for column in table.fields] == ["number", "score", "text"]


def test_a_terminal_shows_the_first_rows_and_says_how_many_there_are_more():
    table = Table("", ("toy", Column("color", hidden=True)), [("teddy bear", "red")] * 9, head=2)
    said = rendered(table.rich())
    assert said.count("teddy bear") == 2
    assert "and 7 more" in said
    assert "red" not in said


def test_an_excerpt_in_short_is_one_line_with_its_first_mark():
    text = "Once upon a time, " * 20 + "a wolf came. Then all went home."
    start = text.index("a wolf")
    assert Excerpt(text, ((start, start + 12),)).short(60).startswith("… a wolf came.")
    assert Excerpt("a wolf\ncame", ((0, 6),)).short() == "a wolf came"


@given(st.text(), st.integers(2, 60))
def test_a_shortened_text_is_one_line_that_fits(text, limit):
    line = shorten(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert line == " ".join(text.split()) or line.endswith("…")


def test_a_text_is_cut_between_words():
    assert shorten("a bear made of wood", 12) == "a bear made…"
    assert shorten("abcdefghijklmnop", 5) == "abcd…"


def test_a_folder_may_be_given_as_a_path(tmp_path: Path):
    assert Toys().save(tmp_path / "out")[0].parent == tmp_path / "out"
