"""The result of code/locate: functions that a report leads to, and why."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import (
    Column,
    OwnFields,
    Result,
    Table,
    hidden_cells,
    hidden_columns,
    rows_beside,
)
from metier_code.code_passage import CODE_COLUMNS, CodePassage

_LONGEST_SHOWN = 200
"""Characters of a report that a headline shows."""


class LocatedFunction(BaseModel):
    """A function that a report leads to.

    Attributes:
        rank: 1 for the likeliest.
        score: what the functions are ordered by; the sum of `scores`, weighed.
        passage: the function, with the lines that a trace or the words of the report lead to.
        reasons: why, in words, the strongest first.
        scores: from 0 to 1, by the kind of evidence: `frames` of a trace, `message` that it raises,
            `name` that the report has for it, and `search` for what the report means.
    """

    model_config = ConfigDict(frozen=True)

    rank: int
    score: float
    passage: CodePassage
    reasons: tuple[str, ...]
    scores: dict[str, float] = Field(default_factory=dict)


class LocatedFrame(BaseModel):
    """A frame of a stack trace.

    Attributes:
        trace: number of its trace in the report, from 1.
        error: kind of the error of its trace; empty where none is named.
        role: `failure`, `wrapper` of another error, or `background`.
        number: in its trace, 1 for the frame that raised the error.
        written: as the trace has it, on one line.
        how: how it was matched: by its `line`, the `code` that the trace shows, a `name in file`
            where the line does not fit, a `name` in any file, or the `file` alone; empty where it
            is not in the tree.
        functions: in which it is, as `path:line name`; several where it may be any of them.
        paths: of the files of the tree in which it is.
        minified: whether it is of code that a bundler wrote.
    """

    model_config = ConfigDict(frozen=True)

    trace: int
    error: str
    role: str
    number: int
    written: str
    how: str
    functions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    minified: bool = False


class LocatedReport(BaseModel):
    """A report and the functions that it leads to.

    Attributes:
        id: of the report; its number where several have none.
        report: its text.
        fields: the other fields of its row in the input.
        functions: the likeliest first.
        frames: of its stack traces, in the order of the report.
        remarks: what a reader should know of this report.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    report: str
    fields: OwnFields = Field(default_factory=dict)
    functions: tuple[LocatedFunction, ...]
    frames: tuple[LocatedFrame, ...] = ()
    remarks: tuple[str, ...] = ()


class LocationResult(Result):
    """The likely functions of one report or several.

    Attributes:
        searched: how many definitions the tree has.
        reports: in their order.
    """

    searched: int
    reports: tuple[LocatedReport, ...]

    def title(self) -> str:
        return "Functions of a report" if len(self.reports) == 1 else "Functions of reports"

    def headline(self) -> str:
        if len(self.reports) > 1:
            traced = sum(bool(report.frames) for report in self.reports)
            return (
                f"The likeliest of {self.searched} definitions for {len(self.reports)} reports, "
                f"{traced} with a stack trace"
            )
        report = self.reports[0]
        shown = " ".join(report.report.split())
        shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN].rstrip()}…"
        return f"Likeliest {len(report.functions)} of {self.searched} definitions for: {shown}"

    def tables(self) -> list[Table]:
        several = len(self.reports) > 1
        tables = [self._best_table()] if several else []
        tables += [self._functions_table(head=not several), self._frames_table(head=not several)]
        return [table for table in tables if table.rows]

    def rows(self) -> list[dict[str, Any]]:
        """One row a function, with its report; one for a report without any."""
        pairs = [
            (report, function)
            for report in self.reports
            for function in report.functions or (None,)
        ]
        rows = [
            {
                "report_id": report.id,
                "rank": function.rank if function else None,
                "score": function.score if function else None,
                **(function.passage.row() if function else {}),
                "reasons": "; ".join(function.reasons) if function else None,
                **{
                    f"score_{kind}": function.scores.get(kind) if function else None
                    for kind in ("frames", "message", "name", "search")
                },
            }
            for report, function in pairs
        ]
        return rows_beside(rows, [report.fields for report, _ in pairs])

    def notes(self) -> list[str]:
        several = len(self.reports) > 1
        of_reports = [
            f"{report.id}: {remark}" if several else remark
            for report in self.reports
            for remark in report.remarks
        ]
        return [*of_reports, *super().notes()]

    def _best_table(self) -> Table:
        own = hidden_columns([report.fields for report in self.reports])
        rows = [
            (
                report.id,
                report.report,
                *_best_cells(best),
                *hidden_cells(report.fields, own),
            )
            for report in self.reports
            for best in report.functions[:1] or (None,)
        ]
        columns = (
            Column("id"),
            Column("report", main=True),
            *(Column("where", main=True), Column("name", main=True), Column("why", main=True)),
            *own,
        )
        return Table("The likeliest function of each report", columns, rows, head=len(rows))

    def _functions_table(self, *, head: bool) -> Table:
        several = len(self.reports) > 1
        rows = [
            (
                *((report.id,) if several else ()),
                function.rank,
                function.score,
                "; ".join(function.reasons),
                *function.passage.cells(),
            )
            for report in self.reports
            for function in report.functions
        ]
        columns = (
            *((Column("report"),) if several else ()),
            Column("rank"),
            Column("score", "score"),
            Column("why", main=True),
            *CODE_COLUMNS,
        )
        title = "Likely functions" if several else ""
        return Table(title, columns, rows, head=len(rows) if head else 0)

    def _frames_table(self, *, head: bool) -> Table:
        several = len(self.reports) > 1
        rows = [
            (
                *((report.id,) if several else ()),
                frame.trace,
                frame.error,
                frame.number,
                frame.written,
                ", ".join(frame.functions or frame.paths)
                or ("outside of the tree" if not frame.minified else "minified code"),
                frame.how,
            )
            for report in self.reports
            for frame in report.frames
        ]
        columns = (
            *((Column("report"),) if several else ()),
            *(Column("trace"), Column("error"), Column("frame")),
            *(Column("as written", main=True), Column("in the tree", main=True)),
            Column("matched by", hidden=True),
        )
        return Table("Frames of the traces", columns, rows, head=12 if head else 0)


def _best_cells(best: LocatedFunction | None) -> tuple[object, ...]:
    """Where a function is, its name, and the strongest reason for it."""
    if best is None:
        return ("", "", "")
    return (best.passage.position, best.passage.name, best.reasons[0])
