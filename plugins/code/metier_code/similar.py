"""code/similar: clones and near duplicates in a source tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from metier.plugin import ParameterError, Paths, Runtime, workflow
from metier_code.clones.clone_groups import clone_groups
from metier_code.clones.clone_search import CloneSearch
from metier_code.clones.comparison import LEAST_SIMILARITY, CloneEvidence
from metier_code.clones.definitions import DefinitionTokens, read_definitions
from metier_code.clones.groups import linked_groups
from metier_code.clones.parameters import (
    CloneThreshold,
    CloneTypes,
    CodeLanguage,
    CodeText,
    DefinitionName,
    ExcludedPaths,
    MinLines,
    MinTokens,
    WithTests,
)
from metier_code.clones.report import CloneReport
from metier_code.clones.selection import add_code, compared_rows, row_of_definition
from metier_code.clones.translations import translations
from metier_code.index_parameters import IncludeGenerated
from metier_code.trees.empty_trees import no_functions

_TYPES = (1, 2, 3, 4)
_BY_TOKENS = (1, 2, 3)


@workflow("code/similar")
def similar(
    rt: Runtime,
    path: Annotated[
        Paths, Field(description="Source trees, source files, or patterns such as 'src/**/*.py'.")
    ],
    *,
    definition: DefinitionName = None,
    code: CodeText = None,
    language: CodeLanguage = None,
    types: CloneTypes = _BY_TOKENS,
    threshold: CloneThreshold = LEAST_SIMILARITY,
    min_lines: MinLines = 5,
    min_tokens: MinTokens = 50,
    exclude: ExcludedPaths = (),
    tests: WithTests = True,
    include_generated: IncludeGenerated = False,
) -> CloneReport:
    """Find clones among the functions of a source tree, those first whose merging spares most.

    Functions and methods of one language are compared by their tokens. Comments and layout never
    count. Names may differ if they are replaced throughout, and the more of them differ, the more
    of the rest must be the same. No model reads the code, but for type 4, which finds what does the
    same in another language by vectors, and is less certain.
    """
    _check(types, definition, code, language)
    read = read_definitions(path, include_generated=include_generated)
    if not read.definitions:
        raise no_functions(path, read.left_out)
    rows = compared_rows(
        read, min_lines=min_lines, min_tokens=min_tokens, exclude=exclude, with_tests=tests
    )
    count = len(read.definitions)
    row = _row_of(read, definition, code, language)
    of_rows = [located.definition.language for located in read.definitions]
    search = CloneSearch(read.sequences, of_rows, rows, least_similarity=threshold)
    groups = search.groups() if row is None else [[row, *search.clones_of(row)]]
    pairs: Mapping[tuple[int, int], CloneEvidence] = {}
    if 4 in types:
        pairs = translations(rt, read.definitions, sorted({*rows, *([] if row is None else [row])}))
        groups += _translated_groups(pairs, row)
    return CloneReport(
        definitions=count,
        compared=len(rows),
        groups=clone_groups(read.definitions, groups, _evidence(search, pairs), types),
        of="" if row is None else read.definitions[row].name,
        skipped=tuple(read.left_out),
        remarks=tuple(read.remarks),
    )


def _row_of(
    read: DefinitionTokens, definition: str | None, code: str | None, language: str | None
) -> int | None:
    """The row whose clones alone are looked for; None for all."""
    if definition is not None:
        return row_of_definition(read.definitions, definition)
    return None if code is None else add_code(read, code, language)


def _evidence(
    search: CloneSearch, pairs: Mapping[tuple[int, int], CloneEvidence]
) -> Callable[[int, int], CloneEvidence]:
    """What two rows share, by their vectors or by their tokens."""
    return lambda row, other: pairs.get(_key(row, other)) or search.evidence(row, other)


def _translated_groups(
    pairs: Mapping[tuple[int, int], CloneEvidence], row: int | None
) -> list[list[int]]:
    """Groups of rows that do the same in several languages; of one row that with its own."""
    if row is not None:
        others = [other for pair in pairs if row in pair for other in pair if other != row]
        return [[row, *others]]
    ordered = sorted(pairs, key=lambda pair: (-pairs[pair].similarity, pair))
    return linked_groups(ordered, lambda first, other: _key(first, other) in pairs)


def _key(row: int, other: int) -> tuple[int, int]:
    return min(row, other), max(row, other)


def _check(
    types: Sequence[int], definition: str | None, code: str | None, language: str | None
) -> None:
    unknown = sorted(set(types) - set(_TYPES))
    if unknown or not types:
        raise ParameterError(
            f"There are no clones of type {unknown[0]}." if unknown else "$types is empty.",
            fix="Give some of 1, 2, 3 and 4: $types",
            parameters={"types": ...},
        )
    if definition is not None and code is not None:
        raise ParameterError(
            "$definition and $code are both given.",
            fix="Give one of them.",
            parameters={"definition": ..., "code": ...},
        )
    if language is not None and code is None:
        raise ParameterError(
            "$language is that of $code, which is not given.",
            fix="Leave $language out. For one language alone, give its files as $path, such as "
            "'src/**/*.go'.",
            parameters={"language": ..., "code": ..., "path": ...},
        )
