"""code/locate: a bug report or a stack trace to the functions that are likely to be at fault."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    InputError,
    Item,
    MetierWarning,
    ParameterError,
    Paths,
    Queries,
    Query,
    Runtime,
    TopK,
    workflow,
)
from metier_code.index_parameters import (
    IncludeGenerated,
    IndexFolder,
    IndexUpdate,
    KeepIndex,
    index_options,
)
from metier_code.locations import LocationResult
from metier_code.ranking_of_reports import ReportRanking
from metier_code.traces.report_lines import decode_report
from metier_code.trees.tree_index import TreeIndex, ask_index

_INSTRUCTION = "code/bug-report-to-code"
_LARGEST_FILE = 64_000_000
"""Bytes of a file with a report."""


@workflow("code/locate", instruction=_INSTRUCTION)
def locate(
    rt: Runtime,
    path: Annotated[
        Paths, Field(description="Source trees, source files, or patterns such as 'src/**/*.py'.")
    ],
    query: Annotated[Query, Field(description="A bug report, a stack trace, or both.")] = None,
    *,
    report: Annotated[
        Path | None, Field(description="File with one report or trace, such as a log; - for stdin.")
    ] = None,
    queries: Annotated[
        Queries, Field(description="Several reports at once, one a row, in place of one.")
    ] = None,
    top_k: Annotated[TopK, Field(description="How many functions for each report.")] = 10,
    dim: Dim = None,
    update: IndexUpdate = "auto",
    at: IndexFolder = None,
    keep_index: KeepIndex = True,
    include_generated: IncludeGenerated = False,
) -> LocationResult:
    """Find the functions that a bug report or a stack trace leads to, and say why.

    Frames of traces are matched by path, line and name, the one that raised the error first.
    Messages are compared with the strings of the sources, words with names and by what they mean.
    Files are left out as in code/search, and named in the result.
    """
    items = _reports(query, report, queries)

    def answer(index: TreeIndex) -> LocationResult:
        ranking = ReportRanking(rt, index, instruction=_INSTRUCTION)
        return LocationResult(
            searched=ranking.searched,
            reports=tuple(ranking.located(item, top_k) for item in items),
            skipped=index.left_out,
            remarks=index.freshness.remarks(),
        )

    options = index_options(dim, update, at, keep_index, include_generated)
    result = ask_index(answer, rt, path, instruction=_INSTRUCTION, **options)
    for located in result.reports:
        if located.frames and not any(frame.how for frame in located.frames):
            _warn_outside(located.id, [frame.written for frame in located.frames])
    return result


def _reports(query: str | None, file: Path | None, queries: Sequence[Item] | None) -> list[Item]:
    """The reports of a call.

    Raises:
        ParameterError: none is given, or they are given in several ways.
        InputError: the text or the file is empty, or cannot be read.
    """
    requested: Mapping[str, object] = {"query": query, "report": file, "queries": queries}
    named = [name for name, value in requested.items() if value is not None]
    if len(named) != 1:
        problem = "There is no report: none of $query, $report and $queries is given."
        if named:
            ways = ", ".join(f"${name}" for name in named)
            problem = f"Reports are given in {len(named)} ways: {ways}."
        raise ParameterError(
            problem,
            fix="Give a text with $query, a file with $report, or several reports with $queries.",
            parameters=dict.fromkeys(requested, ...),
        )
    if queries is not None:
        return list(queries)
    text = query if file is None else _text_of(file)
    if not (text or "").strip():
        raise InputError(
            "The report is empty." if file is None else f"{file.name} has no text.",
            fix="Give the text of a bug report, a stack trace, or both.",
            parameters={"query" if file is None else "report": ...},
        )
    return [Item("1" if file is None else file.name, text or "", {})]


def _text_of(file: Path) -> str:
    """The text of a file, in UTF-8, UTF-16 or the encoding of Windows."""
    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.read(_LARGEST_FILE + 1)
        else:
            with file.open("rb") as opened:
                raw = opened.read(_LARGEST_FILE + 1)
        if len(raw) > _LARGEST_FILE:
            raise InputError(
                f"{file.name} is larger than {_LARGEST_FILE // 1_000_000} MB.",
                fix="Give the part of it around the error.",
                parameters={"report": ...},
            )
        return decode_report(raw)
    except UnicodeDecodeError:
        reason = "it is not text"
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
    raise InputError(
        f"The report {str(file)!r} cannot be read: {reason}.",
        fix="Check $report, or give the text with $query.",
        code="file-not-readable",
        parameters={"report": ..., "query": ...},
    )


def _warn_outside(report: str, frames: Sequence[str]) -> None:
    """Warn of traces of which no frame is in the tree."""
    shown = ", ".join(frames[:3]) + (f" and {len(frames) - 3} more" if len(frames) > 3 else "")
    warnings.warn(
        f"No frame of the stack trace of report {report} is in the tree: {shown}. Its words alone "
        "were searched for; check that the tree is the one the program was made from.",
        MetierWarning,
        stacklevel=3,
    )
