"""What a line of `metier shell` does: a query is searched, and a command begins with a colon."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from rich.syntax import Syntax
from rich.text import Text

from metier.cli import terminal
from metier.cli.errors import report
from metier.cli.streams import problem_of_stdout
from metier.close_names import did_you_mean, known_names
from metier.errors import UsageError
from metier.results.table import shorten

if TYPE_CHECKING:
    from metier.results.result import Result

HELP: Mapping[str, str] = MappingProxyType(
    {
        ":help": "this list",
        ":top N": "show N results",
        ":rerank on|off": "let the reranker order the best, or not",
        ":where FIELD=VALUE": "only documents that meet it, as of --where; alone: all (an index)",
        ":open N": "show result N whole",
        ":save PATH": "write the last result, in the format of the ending: .xlsx, .html, .csv ...",
        ":quit": "end; so does Ctrl-D",
    }
)

COMMANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {usage.split()[0]: ("on", "off") if "on|off" in usage else () for usage in HELP}
)
"""Commands, each with the words that may follow it."""


_MOST_DIGITS = 9
_LARGEST = 10**_MOST_DIGITS - 1
"""Largest number that a command takes."""


class Search(Protocol):
    """What queries are put to.

    Attributes:
        inputs: files that were read, none of which a result may replace.
    """

    @property
    def inputs(self) -> tuple[Path, ...]: ...

    def search(self, query: str) -> Result:
        """The result of a query."""

    def show(self, result: Result) -> None:
        """Print it."""

    def set_top(self, count: int) -> None:
        """Show so many results."""

    def set_rerank(self, is_on: bool) -> None:
        """Let the reranker order the best, or not."""

    def set_where(self, condition: str) -> None:
        """Search only in documents that meet a condition; in all for an empty one."""


class ShellSession:
    """A shell: its lines, and the last result.

    Attributes:
        has_failed: whether a line ended with an error.
    """

    def __init__(self, search: Search, *, is_terminal: bool, as_json: bool = False) -> None:
        """Begin without a result.

        Args:
            search: what queries are put to.
            is_terminal: whether an interrupt ends a query, rather than the shell.
            as_json: errors are printed as JSON.
        """
        self.has_failed = False
        self._search = search
        self._is_terminal = is_terminal
        self._as_json = as_json
        self._result: Result | None = None
        self._commands: dict[str, Callable[[str], None]] = {
            ":help": self._help,
            ":top": self._top,
            ":rerank": self._rerank,
            ":where": search.set_where,
            ":open": self._open,
            ":save": self._save,
        }

    def run(self, lines: Iterable[str]) -> None:
        """Do what each line says, up to `:quit`; errors are printed and end nothing."""
        for line in lines:
            if line == ":quit":
                return
            try:
                if line:
                    self._do(line)
            except KeyboardInterrupt:
                if not self._is_terminal:
                    raise
                terminal.note("interrupted")
            except BrokenPipeError:
                raise
            except Exception as error:
                if problem_of_stdout() is not None:  # nothing that follows could be read
                    raise
                self.has_failed = True
                report(error, False, as_json=self._as_json)
            sys.stdout.flush()

    def _do(self, line: str) -> None:
        if not line.startswith(":"):
            # what a plugin or a library prints must not get into the JSON
            chatter = contextlib.redirect_stdout(sys.stderr)
            with chatter if self._as_json else contextlib.nullcontext():
                self._result = self._search.search(line)
            self._search.show(self._result)
            return
        name, _, rest = line.partition(" ")
        if name not in self._commands:
            raise UsageError(
                f"There is no command {name!r} in the shell.",
                why=did_you_mean(name, COMMANDS) or known_names(COMMANDS),
                fix="List them with :help. A query does not begin with a colon.",
            )
        self._commands[name](rest.strip())

    def _help(self, rest: str) -> None:
        terminal.remarks().print(terminal.facts(HELP.items()))

    def _top(self, rest: str) -> None:
        self._search.set_top(_number(rest, ":top"))

    def _rerank(self, rest: str) -> None:
        if rest not in ("on", "off"):
            raise UsageError(f":rerank {rest}".rstrip() + " says neither on nor off.")
        self._search.set_rerank(rest == "on")

    def _open(self, rest: str) -> None:
        rank = _number(rest, ":open")
        hits: tuple[Any, ...] = getattr(self._last(), "hits", ())  # `Hit`, or of a plugin
        hit = next((hit for hit in hits if hit.rank == rank), None)
        if hit is None:
            raise UsageError(
                f"The last result has no number {rank}.",
                why=f"It has {len(hits)} that can be opened.",
            )
        screen = terminal.output()
        screen.print(Text(hit.location or hit.id, style="bold"))
        language = str(
            getattr(hit, "language", "") or getattr(hit, "fields", {}).get("language", "")
        )
        if language:
            screen.print(
                Syntax(hit.text, language.lower(), word_wrap=True, background_color="default")
            )
        else:
            screen.print(Text(hit.text))

    def _save(self, rest: str) -> None:
        if not rest:
            raise UsageError("The path is missing.", fix="Give one, such as :save found.xlsx")
        result = self._last()
        terminal.require_output(rest)
        terminal.refuse_replacing(rest, self._search.inputs)
        for path in result.save(rest):
            terminal.aside(f"wrote {path}")

    def _last(self) -> Result:
        if self._result is None:
            raise UsageError("There is no result yet.", fix="Ask something first.")
        return self._result


def _number(text: str, command: str) -> int:
    """A whole number of 1 or more."""
    digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
    if not 1 <= len(digits) <= _MOST_DIGITS:
        raise UsageError(
            f"{command} takes a number from 1 to {_LARGEST:,}, not {shorten(text, 60)!r}."
        )
    return int(digits)
