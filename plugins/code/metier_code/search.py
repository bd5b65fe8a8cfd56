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
from metier_code.parsing.languages import languages
from metier_code.trees.source_files import find_sources
from metier_code.trees.source_texts import guess_remarks, read_source


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
    passages, skipped, remarks = _function_passages(path)
    if not passages:
        raise InputError(
            f"There are no functions in {', '.join(repr(str(single)) for single in path)}.",
            why=f"Languages read: {', '.join(sorted(languages()))}."
            + (f" Not readable: {', '.join(map(str, skipped[:5]))}." if skipped else ""),
            fix="Give the path of a source tree in one of them: $path",
            parameters={"path": ...},
        )
    result = search_one_or_many(
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
    return result.model_copy(update={"remarks": (*result.remarks, *remarks)})


def _function_passages(paths: Sequence[Path]) -> tuple[list[Passage], list[LeftOut], list[str]]:
    """The functions below paths, what is not read, with the reasons, and remarks."""
    tree = find_sources(paths)
    passages = []
    guesses: list[tuple[str, str]] = []
    left_out = list(tree.left_out)
    for file in tree.files:
        source = read_source(file)
        if isinstance(source, LeftOut):
            left_out.append(source)
            continue
        guesses.append((file.name, source.guessed))
        parsed = parse(source.text, source.language)
        for _, message in parsed.faults[:1]:
            left_out.append(LeftOut(file.name, "in part", message))
        for function in parsed.definitions:
            if function.kind not in ("function", "method"):
                continue
            passages.append(
                Passage(
                    id=f"{file.name}:{function.line}:{function.column}",
                    text=function.text,
                    location=f"{file.name}:{function.line}",
                    content=f"{file.name} {function.name}\n{function.text}",
                    facts={
                        "path": file.name,
                        "line": function.line,
                        "name": function.name,
                        "language": function.language,
                    },
                    document=file.name,
                )
            )
    return passages, left_out, [*tree.remarks, *guess_remarks(guesses)]
