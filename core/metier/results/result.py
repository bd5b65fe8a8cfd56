"""Results of workflows: typed, and displayed, saved and converted in one way."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from metier.errors import MissingExtraError, ParameterError
from metier.results.cross_table import cross_table, require_column
from metier.results.figure import Figure
from metier.results.input_names import rename_columns, rename_rows
from metier.results.left_out import LeftOuts, left_out_note, left_out_tables, unusable_note
from metier.results.own_columns import own_columns_of, own_names, select_own_columns
from metier.results.page import PageSection, render_frame, render_page
from metier.results.plain_values import python_value
from metier.results.record import RunRecord
from metier.results.result_document import ResultDocument
from metier.results.table import Table
from metier.results.terminal_table import terminal_tables
from metier.texts.checks import printable, printable_json

if TYPE_CHECKING:
    import pandas
    from rich.console import Console, ConsoleOptions, RenderResult


class Result(BaseModel, ABC):
    """Base of every workflow result.

    A result has a `headline`, `tables`, perhaps `figures`, and one flat row per answer (`rows`).
    The terminal, notebook, frame and file representations are made from these.

    Attributes:
        record: how the result came about; set by the workflow contract.
        sources: names of what the inputs were read from; set by the workflow contract.
        skipped: what the workflow itself found and did not read, with the reasons; words are
            taken, too. The record has what was left out of an input.
        input_names: the names that the input has for `id` and `text` where it names them otherwise;
            tables, frames and files of rows have these. Set by the workflow contract.
        remarks: notes of the workflow on these texts; see `notes`.
        cross_columns: columns of the input that the groups are set against, see
            `add_cross_table`.
        cited_documents: that cells of `DocumentPosition` in the tables lead into. They are not in
            JSON: a result that is read from JSON has none, and its pages show the tables alone.
        names_sources: whether it may hold names of files, which may be those of persons.
    """

    model_config = ConfigDict(frozen=True)

    names_sources: ClassVar[bool] = True

    record: RunRecord | None = None
    sources: tuple[str, ...] = ()
    skipped: LeftOuts = ()
    input_names: dict[str, str] = Field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    cross_columns: tuple[str, ...] = ()
    cited_documents: tuple[ResultDocument, ...] = Field(default=(), exclude=True, repr=False)

    def title(self) -> str:
        """What the result is, in a few words, without the names of its inputs."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__).capitalize()

    @abstractmethod
    def headline(self) -> str:
        """One sentence with the main result."""

    @abstractmethod
    def tables(self) -> list[Table]:
        """Tables for people, each with all of its rows; a terminal shows the first of them."""

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping per answer, all answers included, with the columns of the input."""

    def figures(self) -> list[Figure]:
        """Plots of the result, as data; a page and a notebook draw them."""
        return []

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        """For the name of each group of texts the columns of its texts in the input.

        Empty where a result does not group texts.
        """
        return {}

    @classmethod
    def may_have_groups(cls) -> bool:
        """Whether results of this class may group texts."""
        return cls.columns_by_group is not Result.columns_by_group

    def cross_table(self, column: str) -> Table:
        """How many texts of each group have each value of a column of the input.

        Args:
            column: of the input, such as a label that was known before.

        Raises:
            ParameterError: the result has no groups, or the input has no such column.
        """
        return cross_table(self.columns_by_group(), column)

    def add_cross_table(self, column: str) -> Self:
        """The result with a cross table of its groups, which is shown and written as the others.

        Args:
            column: as of `cross_table`.

        Raises:
            ParameterError: the result has no groups, or the input has no such column.
        """
        require_column(self.columns_by_group(), column)
        columns = dict.fromkeys([*self.cross_columns, column])
        return self.model_copy(update={"cross_columns": tuple(columns)})

    def _all_tables(self) -> list[Table]:
        tables = rename_columns(self.tables(), self.input_names)
        return [*map(self.cross_table, self.cross_columns), *tables, *left_out_tables(self.skipped)]

    def _all_documents(self) -> list[ResultDocument]:
        """The documents that the tables lead into."""
        return list(self.cited_documents)

    def named_rows(self) -> list[dict[str, Any]]:
        """The rows as frames and files have them: ids and texts under the names of the input."""
        rows = self.rows()
        return (
            rename_rows(rows, self.input_names, own_columns_of(self)) if self.input_names else rows
        )

    def notes(self) -> list[str]:
        """Notes: remarks, truncated and divided texts, and what could not be read."""
        notes = list(self.remarks)
        if self.record is not None:
            if self.record.texts_truncated:
                notes.append(_cut_note(self.record))
            if self.record.texts_divided:
                notes.append(self._parts_note(self.record.texts_divided, self.record.text_parts))
            for name, used in self.record.inputs.items():
                if used.skipped:
                    what = f"unusable {name.removesuffix('s')}"
                    notes.append(unusable_note(what, used.skipped, f"record.inputs.{name}"))
        if self.skipped:
            notes.append(left_out_note(self.skipped))
        return notes

    def _parts_note(self, texts: int, parts: int) -> str:
        """How many texts were read in parts, and what became of these."""
        which = "1 text was" if texts == 1 else f"{texts} texts were"
        return (
            f"{which} longer than the model reads: read in parts ({parts} in all), whose vectors "
            "were averaged."
        )

    def select_columns(
        self, *, keep: Sequence[str] | None = None, drop: Sequence[str] = ()
    ) -> Self:
        """The result with some of the columns of the input only.

        Args:
            keep: names of the columns to keep; None for all.
            drop: names of those to leave out.

        Raises:
            ParameterError: the input has no column of this name.
        """
        keep = [keep] if isinstance(keep, str) else keep
        drop = [drop] if isinstance(drop, str) else drop
        always = self.input_names.values()
        for name in drop:
            if name in always:
                raise ParameterError(
                    f"$drop: {name!r} holds the ids or the texts, which a result always has.",
                    fix="Leave it out of what was saved.",
                    parameters={"drop": ...},
                )
        if keep is not None:
            keep = [name for name in keep if name not in always]
        return select_own_columns(self, keep=keep, drop=drop)._without_lost_cross_tables()

    def _without_lost_cross_tables(self) -> Self:
        """The result without cross tables of columns that it does not have any more."""
        known = own_names(fields for texts in self.columns_by_group().values() for fields in texts)
        crossed = tuple(column for column in self.cross_columns if column in known)
        return self.model_copy(update={"cross_columns": crossed})

    def to_frame(self) -> pandas.DataFrame:
        """The rows as a pandas DataFrame; whole numbers with gaps between them are `Int64`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("to_frame()", "tables", "pandas") from None
        rows = self.named_rows()
        frame = pandas.DataFrame(rows)
        for column in frame.columns[frame.dtypes == "float64"]:
            cells = [python_value(row.get(column)) for row in rows]
            filled = [cell for cell in cells if cell is not None]
            if len(filled) < len(cells) and all(isinstance(cell, int) for cell in filled):
                frame[column] = pandas.array(cells, dtype="Int64")  # the others have no gaps
        return frame

    def to_json(self, *, indent: int | None = None) -> str:
        """The whole result, record included, as JSON.

        `model_validate_json` of its class reads it back, but not that of `ResultGroup`, each part
        of which is read with its own class.

        Characters that a terminal would act on are escaped.
        """
        return printable_json(self.model_dump_json(indent=indent))

    def to_html(self) -> str:
        """A self-contained HTML page: every row, in tables to sort, filter and search."""
        section = self.section()
        return render_page(section.title, [section])

    def section(self) -> PageSection:
        """The result as a part of a page."""
        about = []
        if self.record is not None:
            about = [("For", self.record.intended_use), ("Not for", self.record.not_for)]
        sources = f": {', '.join(self.sources)}" if self.sources else ""
        return PageSection(
            title=f"{self.title()}{sources}",
            headline=self.headline(),
            about=[(label, text) for label, text in about if text],
            figures=self.figures(),
            tables=self._all_tables(),
            notes=self.notes(),
            origin=_origin(self.record) if self.record is not None else "",
            documents=self._all_documents(),
        )

    def save(self, path: str | Path) -> list[Path]:
        """Write the result into a file, or into a folder, which is made if missing.

        The ending decides on the format: `.xlsx`, `.html`, `.csv`, `.parquet`, `.jsonl`, `.json`,
        `.md` or `.docx`. A name without an ending is a folder, which gets result.json, rows.csv,
        report.html and run.json. Rows have the columns of the input beside what was found.

        In `.csv` texts that a spreadsheet would run as a formula, which begin with `=`, `+`, `-`,
        `@`, a tab or a carriage return, get an apostrophe before them; in `.xlsx` they are texts.

        Raises:
            UsageError: the file or folder cannot be written, or no format has this ending.
            MissingExtraError: a package that writes this format is not installed.
        """
        from metier.results.files import save_result  # here: it imports the formats

        return save_result(self, path)

    def _repr_html_(self) -> str:
        section = self.section()
        return render_frame(section.title, [section])

    def __str__(self) -> str:
        return self.headline()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        yield Text(printable(self.headline()), style="bold")
        for table in self._all_tables():
            if table.head:
                yield from terminal_tables(table, options.max_width)
        not_for = self.record.not_for if self.record is not None else ""
        for note in [*([f"Not for: {not_for}"] if not_for else []), *self.notes()]:
            yield Text(printable(note), style="italic")


def _cut_note(record: RunRecord) -> str:
    """How many texts were cut, of all that models were given."""
    cut = record.texts_truncated
    total = record.texts_embedded + record.texts_reranked
    what = "texts and pairs" if record.texts_reranked else "texts"
    was = "was" if cut == 1 else "were"
    return (
        f"{cut} of {total} {what} given to the model, labels and queries included, {was} longer "
        f"than it reads and {was} cut."
    )


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
