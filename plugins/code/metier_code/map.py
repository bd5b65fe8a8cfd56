"""code/map: what a source tree is made of, for people who are new to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from metier.plugin import (
    ClusterReport,
    Dim,
    Groups,
    Item,
    ParameterError,
    Paths,
    Runtime,
    Seed,
    StopWords,
    Texts,
    cluster_texts,
    workflow,
)
from metier_code.code_map import CodeGroup, CodeMap, MapDefinition, MapEntryPoint, NearGroup
from metier_code.code_passage import CodePassage
from metier_code.definition_words import STOP_WORDS, naming_texts
from metier_code.entry_points import EntryPoint, entry_points
from metier_code.index_parameters import (
    IncludeGenerated,
    IndexFolder,
    IndexUpdate,
    KeepIndex,
    index_options,
)
from metier_code.trees.definitions import IndexedDefinition, IndexedDefinitions
from metier_code.trees.file_access import whole_path
from metier_code.trees.tree_index import TreeIndex, ask_index

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_REPRESENTATIVES = 4
_NEAR = 2
_LEAST_GROUP = 5

_MinGroupSize = Annotated[
    int | None,
    Field(
        ge=2,
        description="Fewest definitions of a group; by default the square root of the number of "
        "definitions, at least 5.",
    ),
]


@workflow("code/map", instruction="code/function-search")
def map_code(
    rt: Runtime,
    path: Annotated[
        Paths, Field(description="Source trees, source files, or patterns such as 'src/**/*.py'.")
    ],
    *,
    min_group_size: _MinGroupSize = None,
    groups: Groups = None,
    stop_words: StopWords = (),
    seed: Seed = 0,
    dim: Dim = None,
    update: IndexUpdate = "auto",
    at: IndexFolder = None,
    keep_index: KeepIndex = True,
    include_generated: IncludeGenerated = False,
) -> CodeMap:
    """Show what a source tree is made of, as named groups and a map of its definitions.

    A group is named by words of names, paths and documentation, and comes with its files and the
    definitions that are most typical of it. The vectors are those that `code/search` keeps.
    """
    _check(groups, min_group_size)
    options = index_options(dim, update, at, keep_index, include_generated)
    tree, indexed = ask_index(_read, rt, path, **options)
    definitions = indexed.definitions
    size = min_group_size or max(_LEAST_GROUP, round(len(definitions) ** 0.5))
    report = cluster_texts(
        rt,
        Texts([Item(_id(definition), definition.text) for definition in definitions]),
        instruction="code/function-search",
        noun="definitions",
        min_cluster_size=None if groups is not None else size,
        groups=groups,
        seed=seed,
        stop_words=STOP_WORDS.union(stop_words),
        vectors=indexed.vectors,
        named_by=naming_texts(definitions),
    )
    files = _files(tree)
    return CodeMap(
        groups=_groups(report, definitions, indexed.vectors, files),
        definitions=_definitions(report, definitions, files),
        entry_points=tuple(
            _entry_point(entry, files) for entry in entry_points(definitions, _folder_of(tree))
        ),
        skipped=tree.left_out,
        remarks=(*tree.freshness.remarks(), *_remarks(report)),
    )


def _check(groups: int | None, min_group_size: int | None) -> None:
    if groups is not None and min_group_size is not None:
        raise ParameterError(
            "$groups and $min_group_size are both given.",
            why="So many groups have the sizes that they have.",
            fix="Give one of them.",
            parameters={"groups": ..., "min_group_size": ...},
        )


def _read(tree: TreeIndex) -> tuple[TreeIndex, IndexedDefinitions]:
    return tree, tree.definitions()


def _files(tree: TreeIndex) -> dict[str, str]:
    """The whole paths of files by their names for people."""
    return {
        tree.listing.shown(name): whole_path(source.path)
        for name, source in tree.listing.files.items()
    }


def _id(definition: IndexedDefinition) -> str:
    return f"{definition.location} {definition.name}".strip()


def _folder_of(tree: TreeIndex) -> Path | None:
    """The folder whose files say what a package installs."""
    return tree.listing.base if tree.listing.is_whole else None


def _remarks(report: ClusterReport) -> list[str]:
    if report.members and not report.clusters:
        return [
            f"There is no group of at least {report.min_cluster_size} definitions that are alike. "
            "A smaller min_group_size finds smaller ones, and groups as many as you ask for."
        ]
    return []


def _groups(
    report: ClusterReport,
    definitions: Sequence[IndexedDefinition],
    vectors: npt.NDArray[np.float32],
    files: dict[str, str],
) -> tuple[CodeGroup, ...]:
    rows: dict[int, list[int]] = {cluster.label: [] for cluster in report.clusters}
    for row, member in enumerate(report.members):
        if member.label >= 0:
            rows[member.label].append(row)
    near = _near_groups(vectors, rows)
    described = []
    for cluster in report.clusters:
        inside = [definitions[row] for row in rows[cluster.label]]
        distances = [report.members[row].distance for row in rows[cluster.label]]
        described.append(
            CodeGroup(
                label=cluster.label,
                name=cluster.name or _most_frequent_file(inside),
                keywords=cluster.keywords,
                definitions=len(inside),
                lines=sum(definition.end_line - definition.line + 1 for definition in inside),
                files=dict(Counter(definition.path for definition in inside).most_common()),
                languages=dict(Counter(definition.language for definition in inside).most_common()),
                representatives=tuple(
                    _passage(definition, files) for definition in representatives(inside, distances)
                ),
                near=near[cluster.label],
            )
        )
    return tuple(described)


def _most_frequent_file(definitions: Sequence[IndexedDefinition]) -> str:
    """A name for a group whose definitions have no word in common."""
    ((path, _),) = Counter(definition.path for definition in definitions).most_common(1)
    return path


def representatives(
    definitions: Sequence[IndexedDefinition], distances: Sequence[float]
) -> list[IndexedDefinition]:
    """The definitions of a group that say most about it, at most four.

    Those nearest to the center with a name of their own come first: public ones before private ones
    and those that every object has, and one of each name.

    Args:
        definitions: of the group.
        distances: of each from the center of the group.
    """

    def order(row: int) -> tuple[int, float, str]:
        name = definitions[row].name.rpartition(".")[2]
        rank = 2 if not name or name.startswith("__") else 1 if name.startswith("_") else 0
        return rank, round(distances[row], 4), definitions[row].location

    chosen: dict[str, IndexedDefinition] = {}
    for row in sorted(range(len(definitions)), key=order):
        name = definitions[row].name.rpartition(".")[2] or definitions[row].path
        chosen.setdefault(name, definitions[row])
        if len(chosen) == _REPRESENTATIVES:
            break
    return list(chosen.values())


def _near_groups(
    vectors: npt.NDArray[np.float32], rows: dict[int, list[int]]
) -> dict[int, tuple[NearGroup, ...]]:
    """The nearest other groups of each, by the cosine of their centers."""
    import numpy as np

    labels = sorted(rows)
    centers = np.array([vectors[rows[label]].astype(np.float64).mean(axis=0) for label in labels])
    if not len(centers):
        return {}
    centers /= np.maximum(np.linalg.norm(centers, axis=1, keepdims=True), 1e-12)
    cosines = (centers @ centers.T).round(4)
    near = {}
    for row, label in enumerate(labels):
        others = sorted(
            (other for other in range(len(labels)) if other != row),
            key=lambda other: (-cosines[row, other], other),
        )
        near[label] = tuple(
            NearGroup(label=labels[other], similarity=float(cosines[row, other]))
            for other in others[:_NEAR]
        )
    return near


def _passage(definition: IndexedDefinition, files: dict[str, str]) -> CodePassage:
    return CodePassage(
        path=definition.path,
        file=files.get(definition.path, ""),
        line=definition.line,
        end_line=definition.end_line,
        column=definition.column,
        name=definition.name,
        kind=definition.kind,
        signature=definition.signature,
        language=definition.language,
        text=definition.text,
    ).in_cell(definition.cell)


def _definitions(
    report: ClusterReport, definitions: Sequence[IndexedDefinition], files: dict[str, str]
) -> tuple[MapDefinition, ...]:
    return tuple(
        MapDefinition(
            **_passage(definition, files).model_dump(
                include={
                    "path",
                    "file",
                    "line",
                    "end_line",
                    "column",
                    "cell",
                    "name",
                    "kind",
                    "signature",
                    "language",
                }
            ),
            label=member.label,
            strength=member.strength,
            x=member.x,
            y=member.y,
        )
        for definition, member in zip(definitions, report.members, strict=True)
    )


def _entry_point(entry: EntryPoint, files: dict[str, str]) -> MapEntryPoint:
    if entry.definition is None:
        return MapEntryPoint(kind=entry.kind, name=entry.name, calls=entry.calls)
    return MapEntryPoint(
        kind=entry.kind,
        name=entry.name,
        path=entry.definition.path,
        file=files.get(entry.definition.path, ""),
        line=entry.definition.cell[1] if entry.definition.cell else entry.definition.line,
        cell=entry.definition.cell[0] if entry.definition.cell else None,
        calls=entry.calls,
    )
