"""code/search: functions of a source tree by what they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    BatchResult,
    Dim,
    InputError,
    LeftOut,
    Passage,
    Paths,
    Queries,
    Query,
    Runtime,
    SearchResult,
    TopK,
    search_one_or_many,
    workflow,
)
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import language_of, languages
from metier_code.parsing.source_text import UnreadableSource, is_notebook, source_of
from metier_code.trees.source_files import sources_of


@workflow("code/search", instruction="code/function-search")
def search(
    rt: Runtime,
    path: Annotated[
        Paths, Field(description="Source trees, source files, or patterns such as 'src/**/*.py'.")
    ],
    query: Annotated[Query, Field(description="What the code does, in your words.")] = None,
    *,
    queries: Queries = None,
    instruction: Annotated[
        str, Field(description="Instruction id, such as code/bug-report-to-code.")
    ] = "code/function-search",
    top_k: Annotated[TopK, Field(description="How many functions.")] = 10,
    dim: Dim = None,
) -> SearchResult | BatchResult:
    """Find functions of a source tree by what they do, as path and line.

    Hidden folders, dependencies, build outputs and what git ignores are left out. Files that cannot
    be read or parsed are left out, too, and named in the result with the reason, as are files over
    1 MB, bundles, languages that are not read, and folders left out by name that git tracks.
    """
    passages, skipped = _function_passages(path)
    if not passages:
        raise InputError(
            f"There are no functions in {', '.join(repr(str(single)) for single in path)}.",
            why=f"Languages read: {', '.join(sorted(languages()))}."
            + (f" Not readable: {', '.join(map(str, skipped[:5]))}." if skipped else ""),
            fix="Give the path of a source tree in one of them: $path",
            parameters={"path": ...},
        )
    return search_one_or_many(
        rt,
        passages,
        query,
        queries,
        instruction=instruction,
        noun="functions",
        top_k=top_k,
        dim=dim,
        skipped=skipped,
    )


def _function_passages(paths: Sequence[Path]) -> tuple[list[Passage], list[LeftOut]]:
    """The functions below paths, and the files that cannot be read, with the reasons."""
    passages = []
    named: list[str] = []
    unreadable: list[LeftOut] = []
    for file, shown in sources_of(paths, left_out=named):
        try:
            language = "Python" if is_notebook(file) else language_of(file)
            parsed = parse(source_of(file), str(language))
        except UnreadableSource as error:
            unreadable.append(LeftOut(shown, str(error)))
            continue
        for _, message in parsed.faults[:1]:
            unreadable.append(LeftOut(shown, "in part", message))
        for function in parsed.definitions:
            if function.kind not in ("function", "method"):
                continue
            passages.append(
                Passage(
                    id=f"{shown}:{function.line}:{function.column}",
                    text=function.text,
                    location=f"{shown}:{function.line}",
                    content=f"{shown} {function.name}\n{function.text}",
                    facts={
                        "path": shown,
                        "line": function.line,
                        "name": function.name,
                        "language": str(language_of(file)),
                    },
                    document=shown,
                )
            )
    return passages, [*(LeftOut("", entry) for entry in named), *unreadable]
