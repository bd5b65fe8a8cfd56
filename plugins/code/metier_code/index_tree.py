"""code/index: bring the index of a source tree up to date, and keep it so."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from metier.plugin import Dim, Paths, Runtime, workflow
from metier_code.index_parameters import (
    IncludeGenerated,
    IndexFolder,
    KeepIndex,
    index_options,
)
from metier_code.index_report import TreeIndexReport
from metier_code.trees.tree_index import open_tree_index

_MOST_NAMED = 5


@workflow("code/index", instruction="code/function-search")
def index_tree(
    rt: Runtime,
    path: Annotated[
        Paths, Field(description="Source trees, source files, or patterns such as 'src/**/*.py'.")
    ],
    *,
    dim: Dim = None,
    at: IndexFolder = None,
    keep_index: KeepIndex = True,
    include_generated: IncludeGenerated = False,
    watch: Annotated[
        bool, Field(description="Go on, and index what changes, until Ctrl-C.")
    ] = False,
) -> TreeIndexReport:
    """Index a source tree for code/search, and what changed of it when it is indexed already.

    code/search does the same before it answers, unless it is told not to. With `watch`, changes are
    indexed as they are made, and each is printed.
    """
    options = index_options(dim, "auto", at, keep_index, include_generated)
    if watch:
        return _watch(rt, path, options)
    return TreeIndexReport.of(open_tree_index(rt, path, **options))


def _watch(rt: Runtime, paths: Sequence[Path], options: Mapping[str, Any]) -> TreeIndexReport:
    """The index as it was when the watching ended; what changes is printed."""
    from metier_code.trees.watching import watch_tree  # here: other workflows need no watchfiles

    report: TreeIndexReport | None = None
    for tree in watch_tree(rt, paths, **options):
        if report is None:
            report = TreeIndexReport.of(tree)
            _print(f"{report.headline()}. Watching {report.root}; Ctrl-C ends it.")
        else:
            report = TreeIndexReport.of(tree)
            _print(f"{_names((*report.parsed, *report.removed))}: {report.changes()}")
    assert report is not None
    return report


def _print(line: str) -> None:
    """A line for people, beside the result."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _names(files: Sequence[str]) -> str:
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return f"{', '.join(files[:_MOST_NAMED])}{more}"
