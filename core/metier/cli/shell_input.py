"""Lines of `metier shell`: of a terminal, with history and completion, or of standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.errors import MetierError, MissingExtraError
from metier.folders import create_private_file, make_private_folder, user_folder
from metier.texts.checks import valid_text

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import History

PROMPT = "metier> "

HISTORY = "shell-history"
"""Name of the file of earlier lines, in the folder of the user's data."""


def read_lines(
    commands: Mapping[str, tuple[str, ...]], *, is_terminal: bool, keep_history: bool
) -> Iterator[str]:
    """The lines that are typed, until the end of input.

    Args:
        commands: what they complete: for each command the words that may follow it.
        is_terminal: whether a person types them; otherwise they are read from standard input.
        keep_history: keep them in the data folder of the user, for the next shell.
    """
    if not is_terminal:
        for line in sys.stdin or ():
            yield line.strip()
        return
    read = _reader(commands, keep_history)
    while True:
        try:
            line = read().strip()
        except KeyboardInterrupt:  # what was typed is given up
            continue
        except EOFError:
            return
        yield line


def _reader(commands: Mapping[str, tuple[str, ...]], keep_history: bool) -> Callable[[], str]:
    from metier.cli.errors import message_of
    from metier.cli.terminal import note

    try:
        from prompt_toolkit import PromptSession
    except ImportError:
        missing = message_of(MissingExtraError("History and completion", "shell", "prompt_toolkit"))
        note(f"{missing.what} {missing.fix}")
        return lambda: input(PROMPT)
    history = _history(keep_history)
    session: PromptSession[str] = PromptSession(
        history=history, completer=_completer(commands, history), complete_while_typing=False
    )
    return lambda: session.prompt(PROMPT)


def _history(kept: bool) -> History:
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    from metier.cli.terminal import note

    if not kept:
        return InMemoryHistory()

    class PlainHistory(FileHistory):
        """A file of lines, in which bytes that are no UTF-8 are replaced."""

        def store_string(self, string: str) -> None:
            super().store_string(valid_text(string))

    try:
        return PlainHistory(str(_private_history_file()))
    except (OSError, MetierError) as error:
        note(f"no history is kept: {error}")
        return InMemoryHistory()


def _private_history_file() -> Path:
    """The file of the history, which only its owner can read."""
    folder = user_folder("data")
    make_private_folder(folder)
    path = folder / HISTORY
    try:
        create_private_file(path)
    except FileExistsError:
        path.chmod(0o600)
    return path


def _completer(commands: Mapping[str, tuple[str, ...]], history: History) -> Completer:
    from prompt_toolkit.completion import Completer, Completion, PathCompleter
    from prompt_toolkit.document import Document

    paths = PathCompleter(expanduser=True)

    class LineCompleter(Completer):
        """Commands, their words, paths after `:save`, and queries that were asked before."""

        def get_completions(self, document: Document, complete_event: Any) -> Iterable[Completion]:
            line = document.text_before_cursor.lstrip()
            command, space, rest = line.partition(" ")
            if command == ":save" and space:
                yield from paths.get_completions(Document(rest), complete_event)
                return
            if not line.startswith(":"):
                words, typed = reversed(dict.fromkeys(history.get_strings())), line
            elif space:
                words, typed = iter(commands.get(command, ())), rest
            else:
                words, typed = iter(commands), line
            for word in words:
                if word.startswith(typed) and word != typed:
                    yield Completion(word, start_position=-len(typed))

    return LineCompleter()
