"""Progress: silence where nobody looks, a bar on standard error where somebody does."""

from __future__ import annotations

import io
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from metier.progress import Bar, NoProgress, choose_progress, working


class Spoken:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def begin(self, label: str, total: int) -> None:
        self.told.append((label, total))

    def advance(self, items: int = 1) -> None:
        self.told.append(items)

    def end(self) -> None:
        self.told.append("end")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_choice_of_the_user_decides():
    spoken = Spoken()
    assert choose_progress(spoken) is spoken
    assert isinstance(choose_progress(True), Bar)
    assert isinstance(choose_progress(False), NoProgress)


@pytest.mark.parametrize(
    ("stderr", "kind"), [(Terminal(), Bar), (io.StringIO(), NoProgress), (None, NoProgress)]
)
def test_without_a_choice_only_a_terminal_gets_a_bar(monkeypatch, stderr, kind):
    monkeypatch.setattr(sys, "stderr", stderr)
    assert isinstance(choose_progress(None), kind)


def test_work_ends_even_if_it_fails():
    spoken = Spoken()

    def divide() -> None:
        with working(spoken, "dividing", 5) as bar:
            bar.advance(2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        divide()
    assert spoken.told == [("dividing", 5), 2, "end"]


def test_a_bar_counts_on_standard_error_and_leaves_standard_output_alone(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with working(Bar(), "embedding", 3) as bar:
        bar.advance()
        bar.advance(2)
    assert "embedding" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_a_bar_that_was_never_begun_shows_nothing(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = Bar()
    bar.advance()
    bar.end()
    assert terminal.getvalue() == ""


def test_work_inside_work_is_no_error(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    bar = Bar()
    with working(bar, "outer", 2), working(bar, "inner", 1):
        bar.advance()
    assert "0/2" in terminal.getvalue()  # what was done inside is not counted outside
    assert "1/2" not in terminal.getvalue()


def test_threads_that_share_a_bar_count_their_own_work(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    bar, together = Bar(), threading.Barrier(8)
    done: dict[str, float] = {}

    def work(items: int) -> None:
        for turn in range(20):
            with working(bar, f"{items}", 9):
                together.wait(30)
                for _ in range(items):
                    bar.advance()
                together.wait(30)
                if turn == 0 and items == 1:
                    done.update({one.description: one.completed for one in bar._bar.tasks})
                together.wait(30)

    with ThreadPoolExecutor(8) as pool:
        for finished in [pool.submit(work, items) for items in range(1, 9)]:
            finished.result(60)
    assert done == {str(items): items for items in range(1, 9)}
    assert bar._bar is None


def test_embedding_tells_its_progress_text_by_text(rt):
    spoken = Spoken()
    rt.embed_documents(["a", "b", "c"], progress=spoken)
    begun, *steps, ended = spoken.told
    assert begun == ("embedding documents", 3)
    assert sum(steps) == 3
    assert ended == "end"
