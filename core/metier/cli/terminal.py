"""Output: results go to standard output, notes about them to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from metier.errors import UsageError
from metier.folders import expand_home, make_private_folder, not_written, require_replaceable
from metier.texts.checks import printable, printable_json

if TYPE_CHECKING:
    from metier.results.record import RunRecord
    from metier.results.result import Result


class Screen(Console):
    """A console that prints texts as they are: no markup, no emoji codes, nothing it acts on."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def print(self, *objects: Any, **options: Any) -> None:
        """As Console does, but lines that may not be divided are not cut either."""
        super().print(*objects, **{"crop": False, **options})

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """As Console does, without characters in texts that a terminal would act on."""
        for segment in super().render(renderable, options):
            if segment.control is None:
                yield Segment(printable(segment.text, ""), segment.style)
            else:
                yield segment


def output() -> Screen:
    """Standard output, as it is now."""
    return Screen()


def remarks() -> Screen:
    """Standard error, as it is now."""
    return Screen(stderr=True)


def note(text: str) -> None:
    """One line on standard error, such as a warning."""
    remarks().print(Text.assemble(("note: ", "yellow"), text), soft_wrap=True)


def aside(text: str) -> None:
    """One dim line on standard error, such as where a file was written."""
    remarks().print(Text(text, style="dim"), soft_wrap=True)


def print_json(content: Any) -> None:
    """Plain data as JSON on standard output."""
    write_json(json.dumps(content, indent=2, ensure_ascii=False))


def write_json(text: str) -> None:
    """JSON on standard output; characters are escaped that the terminal lacks or would act on."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text), indent=2)
    sys.stdout.write(printable_json(text) + "\n")


def listing(*columns: str, title: str | None = None) -> Table:
    """An empty table whose cells wrap; nothing in it is cut."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def row(table: Table, *cells: object) -> None:
    """Add a row of plain texts; None is an empty cell."""
    table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """A table of labels and values, without those whose value is empty."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in pairs:
        if value not in (None, "", ()):
            table.add_row(Text(label, style="bold"), Text(str(value)))
    return table


def show_result(result: Result, *, as_json: bool, out: str | None) -> None:
    """Print a result and how it was computed, and write its files into `out`."""
    if as_json:
        write_json(result.to_json(indent=2))
        if result.record is not None:
            _note_left_out(result.record)
    else:
        output().print(result)
    if result.record is not None:
        aside(_summary(result.record))
    if out is not None:
        for path in result.save(out):
            aside(f"wrote {path}")


def _note_left_out(record: RunRecord) -> None:
    """Notes of the texts that were not used, which a result that is printed has at its end."""
    from metier.results.left_out import unusable_note

    for name, used in record.inputs.items():
        if used.skipped:
            what = f"unusable {name.removesuffix('s')}"
            note(unusable_note(what, used.skipped, f"record.inputs.{name}"))


def _summary(record: RunRecord) -> str:
    models = ", ".join(f"{use.id} ({use.dtype} on {use.device})" for use in record.models)
    recalled = f"{record.texts_recalled} of {record.texts_embedded} vectors from the cache"
    parts = [
        record.workflow,
        _count_of_texts(record),
        models,
        recalled if record.texts_recalled else "",
        f"{record.seconds:.1f} s",
    ]
    return " · ".join(part for part in parts if part)


def _count_of_texts(record: RunRecord) -> str:
    """How many texts each of several inputs has, or the only one; empty where there is none."""
    from metier.results.table import counted

    if len(record.inputs) > 1:
        return ", ".join(f"{use.texts} {name}" for name, use in record.inputs.items())
    return "".join(counted(use.texts, "text") for use in record.inputs.values())


def is_confirmed(question: str) -> bool:
    """Whether the user answers yes to a question on standard error.

    Raises:
        UsageError: standard input is not a terminal.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("There is no terminal to confirm on.", fix="Pass --yes.")
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None


def require_output(path: str | Path) -> None:
    """Make the folder that a result goes to, or that its file lies in, before the work begins.

    Args:
        path: of the result, as of `Result.save`.

    Raises:
        UsageError: it cannot be made or written, or no format has the ending of the file.
        MissingExtraError: a package that writes this format is not installed.
    """
    from metier.results.files import format_of, output_files, require_writer

    require_writer(path)
    target = expand_home(path)  # as `Result.save` writes there
    require_folder(target if format_of(path) is None else target.parent)
    for file in output_files(path):
        try:
            require_replaceable(file)
        except OSError as error:
            raise not_written(file, error) from None


def refuse_replacing(path: str | Path | None, inputs: Iterable[str | Path]) -> None:
    """Refuse a result that would replace a file that it is made from.

    Args:
        path: of the result; None where it is not written.
        inputs: files that are read, by any of their names.

    Raises:
        UsageError: it would.
    """
    from metier.results.files import output_files

    if path is not None:
        refuse_same(output_files(path), inputs)


def refuse_same(written: Iterable[Path], inputs: Iterable[str | Path]) -> None:
    """Refuse files to be written that are among those that are read, by whatever name.

    Raises:
        UsageError: one is.
    """
    there = [file for file in written if file.is_file()]
    for name in inputs if there else ():
        read = expand_home(name)
        for file in there:
            if read.is_file() and file.samefile(read):
                raise UsageError(
                    f"The result would replace {str(file)!r}, which it is made from.",
                    fix="Write it to another file.",
                )


def require_folder(folder: Path) -> None:
    """Make the folder for results before the work begins.

    Raises:
        UsageError: it cannot be made or written.
    """
    folder = expand_home(folder)  # as `Result.save` writes there
    try:
        make_private_folder(folder)
        problem = None if os.access(folder, os.W_OK) else "it cannot be written"
    except OSError as error:
        problem = str(error.strerror or error)
    if problem is not None:
        raise UsageError(
            f"Results cannot go to {str(folder)!r}: {problem}.", fix="Choose another folder."
        )
