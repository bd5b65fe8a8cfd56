"""Results of workflows: typed, and displayed, saved and converted in one way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from metier.errors import MissingExtraError, UsageError
from metier.folders import expand_home, write_atomically
from metier.texts.checks import printable, printable_json
from metier.workflows.figure import Figure
from metier.workflows.html import draw, page
from metier.workflows.record import RunRecord
from metier.workflows.table import Table, counted

if TYPE_CHECKING:
    import pandas
    from rich.console import Console, ConsoleOptions, RenderResult


class Result(BaseModel, ABC):
    """Base of every workflow result.

    A result has a `headline`, `tables`, perhaps `figures`, and one flat row per answer (`rows`).
    The terminal, notebook, frame and file representations are made from these.

    Attributes:
        record: how the result came about; set by the workflow contract.
        skipped: files that the workflow itself found and could not read, each with the reason;
            the record has what was left out of an input.
    """

    model_config = ConfigDict(frozen=True)

    record: RunRecord | None = None
    skipped: tuple[str, ...] = ()

    @abstractmethod
    def headline(self) -> str:
        """One sentence with the main result."""

    @abstractmethod
    def tables(self) -> list[Table]:
        """Tables for people; long results are cut with a note."""

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping per answer, all answers included."""

    def figures(self) -> list[Figure]:
        """Plots of the result, as data; a page and a notebook draw them."""
        return []

    def notes(self) -> list[str]:
        """Notes: cautions, truncated texts, and what could not be read."""
        notes = []
        if self.record is not None:
            if self.record.not_for:
                notes.append(f"Not for: {self.record.not_for}")
            if self.record.texts_truncated:
                read = self.record.texts_embedded + self.record.texts_reranked
                notes.append(
                    f"{self.record.texts_truncated} of {read} texts were longer than the model "
                    "reads and were cut."
                )
            for name, used in self.record.inputs.items():
                if used.skipped:
                    what = f"unusable {name.removesuffix('s')}"
                    notes.append(_left_out(what, used.skipped, f"record.inputs.{name}"))
        if self.skipped:
            notes.append(_left_out("unreadable file", self.skipped, "the result"))
        return notes

    def to_frame(self) -> pandas.DataFrame:
        """The rows as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("to_frame()", "tables", "pandas") from None
        return pandas.DataFrame(self.rows())

    def to_json(self, *, indent: int | None = None) -> str:
        """The whole result, record included, as JSON that `model_validate_json` reads back.

        Characters that a terminal would act on are escaped.
        """
        return printable_json(self.model_dump_json(indent=indent))

    def to_html(self) -> str:
        """A self-contained HTML page."""
        return page(type(self).__name__, [self._repr_html_()])

    def save(self, folder: str | Path) -> list[Path]:
        """Write result.json, rows.csv, report.html and run.json into a folder, made if missing.

        Texts in rows.csv that a spreadsheet would run as a formula, which begin with `=`, `+`, `-`,
        `@`, a tab or a carriage return, get an apostrophe before them.

        Raises:
            UsageError: the folder cannot be written.
        """
        import csv
        import io

        rows = self.rows()
        table = io.StringIO()
        if rows:
            # rows may differ in their fields
            fields = list(dict.fromkeys(key for row in rows for key in row))
            writer = csv.writer(table)
            writer.writerow([_no_formula(field) for field in fields])
            writer.writerows([_no_formula(row.get(field)) for field in fields] for row in rows)
        files = {
            "result.json": self.to_json(indent=2),
            "rows.csv": table.getvalue(),
            "report.html": self.to_html(),
        }
        if self.record is not None:
            files["run.json"] = printable_json(self.record.model_dump_json(indent=2))
        return write_files(folder, files)

    def _repr_html_(self) -> str:
        parts = [f"<h2>{escape(self.headline())}</h2>"]
        notes = self.notes()
        try:
            parts += [draw(figure) for figure in self.figures()]
        except MissingExtraError as error:  # the rest of the report is useful without it
            notes.append(str(error))
        parts += [table.html() for table in self.tables()]
        parts += [f"<p class=note>{escape(note)}</p>" for note in notes]
        if self.record is not None:
            parts.append(f"<footer>{escape(_origin(self.record))}</footer>")
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.headline()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        yield Text(printable(self.headline()), style="bold")
        for table in self.tables():
            yield table.rich()
        for note in self.notes():
            yield Text(printable(note), style="italic")


def _left_out(what: str, names: Sequence[str], owner: str) -> str:
    """A note of what was left out, which `skipped` of its owner names in full."""
    more = f" and {len(names) - 5} more, see skipped of {owner}" if len(names) > 5 else ""
    return f"{counted(len(names), what)} left out: {', '.join(names[:5])}{more}"


def _origin(record: RunRecord) -> str:
    """One line that says how a printed result was made."""
    parts = [record.workflow, record.provider]
    if "metier" in record.versions and not record.provider.startswith("metier "):
        parts.append(f"metier {record.versions['metier']}")
    parts.append(record.started)
    for model in record.models:
        revision = f" ({model.revision[:16]})" if model.revision else ""
        parts.append(f"{model.role} {model.id}{revision}, {model.dtype} on {model.device}")
    for used in record.instructions:
        purpose = "reranks" if used.dim is None else f"{used.dim} dimensions"
        parts.append(f"instruction {used.id}, {purpose}")
    return " · ".join(part for part in parts if part)


def _no_formula(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell


def write_files(folder: str | Path, files: dict[str, str]) -> list[Path]:
    """Write texts into a folder: each file whole or not at all, and none unless all can be written.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    try:
        return write_atomically(expand_home(folder), files)
    except OSError as error:
        raise UsageError(
            f"Cannot write into {str(folder)!r}: {error.strerror or error}.",
            fix="Choose another folder.",
        ) from None
