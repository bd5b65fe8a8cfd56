"""The map of a source tree: groups of its definitions, and how they lie to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from metier.plugin import Column, Figure, FilePosition, Point, PointGroup, Result, Table
from metier_code.code_passage import CODE_COLUMNS, CodePassage
from metier_code.parsing.notebooks import location_of

_NAMED_FILES = 3
OUTLIER = "outlier"


class NearGroup(BaseModel):
    """A group that is near another one.

    Attributes:
        label: of the group.
        similarity: cosine of the centers of both.
    """

    model_config = ConfigDict(frozen=True)

    label: int
    similarity: float


class CodeGroup(BaseModel):
    """Definitions that are about the same.

    Attributes:
        label: 0 for the largest group.
        name: its first three keywords.
        keywords: words of names, paths and documentation that are typical of it, best first.
        definitions: how many it has.
        lines: how many these have.
        files: its files with the number of its definitions in each, those with most first.
        languages: with the number of its definitions in each.
        representatives: definitions near its center, the best first.
        near: the groups that are nearest to it.
    """

    model_config = ConfigDict(frozen=True)

    label: int
    name: str
    keywords: tuple[str, ...]
    definitions: int
    lines: int
    files: dict[str, int]
    languages: dict[str, int]
    representatives: tuple[CodePassage, ...]
    near: tuple[NearGroup, ...] = ()

    @property
    def title(self) -> str:
        """Its number and name."""
        return f"{self.label}: {self.name}"


class MapDefinition(BaseModel):
    """A definition on the map.

    Attributes:
        path: of its file, below the tree.
        file: the whole path of its file.
        line: its first line, in a notebook that of its cell.
        end_line: its last line.
        column: of its first character, counted from 1.
        cell: of a notebook, the number of its cell; None of another file.
        name: with its namespaces.
        kind: `function`, `method`, `class`, `module` or `lines`.
        signature: its head on one line.
        language: programming language.
        label: of its group; -1 for an outlier.
        strength: how firmly it belongs to the group, in [0, 1].
        x: horizontal coordinate on the map.
        y: vertical coordinate on the map.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    file: str
    line: int
    end_line: int
    column: int = 1
    cell: int | None = None
    name: str
    kind: str
    signature: str
    language: str
    label: int
    strength: float
    x: float
    y: float

    @property
    def id(self) -> str:
        """Path and line, which tell it apart with its name."""
        return f"{location_of(self.path, self.line, self.cell)} {self.name}".strip()

    @property
    def caption(self) -> str:
        """What the map says of it: its name, path and line."""
        return f"{self.name or self.kind}  {location_of(self.path, self.line, self.cell)}"

    @property
    def position(self) -> FilePosition:
        """Where it stands."""
        return FilePosition(self.path, self.line, self.column, self.file, self.cell)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.end_line - self.line + 1


class MapEntryPoint(BaseModel):
    """Where a program begins.

    Attributes:
        kind: `main`, `command`, `route` or `script`.
        name: of the function, the path of a route, or what a script is called by.
        path: of its file; empty where it is not among the definitions.
        file: the whole path of its file.
        line: its first line, in a notebook that of its cell; 0 where it is not among the
            definitions.
        cell: of a notebook, the number of its cell; None of another file.
        calls: what a script calls, as its package says.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    name: str
    path: str = ""
    file: str = ""
    line: int = 0
    cell: int | None = None
    calls: str = ""


class CodeMap(Result):
    """What a source tree is made of: groups of its definitions, largest first.

    Attributes:
        groups: largest first.
        definitions: all of them, by path and line.
        entry_points: where programs begin.
    """

    groups: tuple[CodeGroup, ...]
    definitions: tuple[MapDefinition, ...]
    entry_points: tuple[MapEntryPoint, ...] = ()

    def title(self) -> str:
        return "Map of the code"

    def headline(self) -> str:
        files = len({definition.path for definition in self.definitions})
        languages = Counter(definition.language for definition in self.definitions)
        outliers = sum(definition.label < 0 for definition in self.definitions)
        return (
            f"{len(self.definitions):,} definitions in {files:,} file{'s' * (files != 1)}, "
            f"{len(self.groups)} groups, {outliers} outliers; {_shares(languages)}"
        )

    def tables(self) -> list[Table]:
        tables = [
            self._groups_table(),
            self._representatives_table(),
            self._near_table(),
            self._folders_table(),
            self._entry_points_table(),
            self._definitions_table(),
        ]
        return [table for table in tables if table.rows]

    def _groups_table(self) -> Table:
        columns = (
            *(Column("group", "label", main=True), Column("definitions", "count")),
            *(Column("lines", "count"), Column("files", main=True)),
            *(Column("for example", main=True), Column("where", main=True)),
        )
        rows: list[tuple[object, ...]] = []
        for group in self.groups:
            see = group.representatives[0] if group.representatives else None
            rows.append(
                (
                    *(group.title, group.definitions, group.lines, _counts(group.files)),
                    *(("", "") if see is None else (see.name, see.position)),
                )
            )
        return Table("Groups", columns, rows, head=len(rows))

    def _representatives_table(self) -> Table:
        rows = [
            (group.title, *passage.cells())
            for group in self.groups
            for passage in group.representatives
        ]
        columns = (Column("group", "label"), *CODE_COLUMNS)
        return Table("Representative definitions", columns, rows, head=0)

    def _near_table(self) -> Table:
        titles = self._titles()
        rows = [
            (group.title, titles[near.label], near.similarity)
            for group in self.groups
            for near in group.near
        ]
        columns = (
            *(Column("group", "label", main=True), Column("near", main=True)),
            Column("similarity", "score"),
        )
        return Table("Groups near each other", columns, rows, head=0)

    def _folders_table(self) -> Table:
        titles = self._titles()
        by_folder: dict[str, list[MapDefinition]] = {}
        for definition in self.definitions:
            by_folder.setdefault(_folder(definition.path), []).append(definition)
        rows = []
        for folder, inside in by_folder.items():
            grouped = [definition for definition in inside if definition.label >= 0]
            groups = Counter(titles[definition.label] for definition in grouped)
            languages = Counter(definition.language for definition in inside)
            lines = sum(definition.lines for definition in inside)
            rows.append((folder, len(inside), lines, _shares(languages), _counts(groups)))
        columns = (
            *(Column("folder", main=True), Column("definitions", "count")),
            *(Column("lines", "count"), "languages", Column("groups", main=True)),
        )
        return Table("Folders", columns, rows, head=0)

    def _entry_points_table(self) -> Table:
        rows = [
            (
                *(entry.kind, entry.name),
                FilePosition(entry.path, entry.line, 1, entry.file, entry.cell)
                if entry.line
                else entry.calls,
            )
            for entry in self.entry_points
        ]
        columns = (Column("kind", "label"), Column("name", main=True), Column("where", main=True))
        return Table("Entry points", columns, rows, head=10)

    def _definitions_table(self) -> Table:
        titles = self._titles()
        rows = [
            (
                *(
                    definition.id,
                    definition.name,
                    definition.kind,
                    titles[definition.label],
                    definition.strength,
                    definition.lines,
                ),
                definition.position,
                *(definition.signature, definition.language),
            )
            for definition in self.definitions
        ]
        columns = (
            *(Column("id", hidden=True), Column("name", main=True), Column("kind", "label")),
            *(Column("group", "label"), Column("strength", "score", hidden=True)),
            *(Column("lines", "count"), Column("where", main=True)),
            *(Column("signature", hidden=True), Column("language", "label", hidden=True)),
        )
        return Table("Definitions", columns, rows, head=0, main=True, printed=False)

    def figures(self) -> list[Figure]:
        groups = [
            PointGroup(group.title, self._points(group.label), label=group.title)
            for group in self.groups
        ]
        outliers = self._points(-1)
        if outliers:
            groups.append(PointGroup("outliers", outliers, faint=True))
        return [Figure("Map of the definitions", groups)]

    def _points(self, label: int) -> list[Point]:
        return [
            Point(definition.x, definition.y, definition.caption, definition.id)
            for definition in self.definitions
            if definition.label == label
        ]

    def rows(self) -> list[dict[str, Any]]:
        names = {group.label: group.name for group in self.groups}
        return [
            {
                **definition.model_dump(exclude={"file", "label", "strength", "x", "y"}),
                "lines": definition.lines,
                "group": definition.label,
                "group_name": names.get(definition.label, OUTLIER),
                **definition.model_dump(include={"strength", "x", "y"}),
            }
            for definition in self.definitions
        ]

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        titles = self._titles()
        by_group: dict[str, list[Mapping[str, Any]]] = {group.title: [] for group in self.groups}
        for definition in self.definitions:
            values = {
                "kind": definition.kind,
                "language": definition.language,
                "folder": _folder(definition.path),
            }
            by_group.setdefault(titles[definition.label], []).append(values)
        return by_group

    def _titles(self) -> dict[int, str]:
        """What tables call each group, by its label."""
        return {-1: OUTLIER, **{group.label: group.title for group in self.groups}}


def _folder(path: str) -> str:
    """The folder of a file, two levels deep at most; the file itself where it is in none."""
    *folders, name = path.split("/")
    return f"{'/'.join(folders[:2])}/" if folders else name


def _counts(counts: Mapping[str, int]) -> str:
    """The most frequent names with their numbers, and how many there are more."""
    first = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    text = ", ".join(f"{name} ({count})" for name, count in first[:_NAMED_FILES])
    left = len(first) - _NAMED_FILES
    return f"{text} and {left} more" if left > 0 else text


def _shares(counts: Mapping[str, int]) -> str:
    """Names with their shares, the most frequent first: `Python 90 %, Go 10 %`."""
    total = sum(counts.values())
    order = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    if len(order) == 1:
        return order[0][0]
    return ", ".join(f"{name} {round(100 * count / total)} %" for name, count in order)
