"""What an index of a source tree holds, and what bringing it up to date took."""

from __future__ import annotations

from typing import Any

from metier import Result
from metier.plugin import Column, Table
from metier_code.trees.tree_index import TreeIndex


class TreeIndexReport(Result):
    """An index of a source tree.

    Attributes:
        root: folder that was indexed.
        path: folder of the index; None for one in memory.
        files: how many sources there are.
        definitions: how many definitions they have.
        chunks: how many chunks the index of the whole working tree has.
        parsed: files that were divided into definitions.
        removed: files that are gone.
        embedded: chunks that went through the model.
        recalled: chunks whose vectors came from an earlier text that is equal.
    """

    root: str
    path: str | None
    files: int
    definitions: int
    chunks: int
    parsed: tuple[str, ...]
    removed: tuple[str, ...]
    embedded: int
    recalled: int

    @classmethod
    def of(cls, tree: TreeIndex) -> TreeIndexReport:
        """The report of an index that was just brought up to date."""
        freshness = tree.freshness
        return cls(
            root=str(tree.listing.base.resolve()),
            path=tree.index.path,
            files=freshness.files,
            definitions=tree.count,
            chunks=len(tree.index),
            parsed=freshness.parsed,
            removed=freshness.removed,
            embedded=freshness.embedded,
            recalled=freshness.recalled,
            skipped=tree.left_out,
            remarks=freshness.remarks(),
        )

    def title(self) -> str:
        return "Index of source code"

    def headline(self) -> str:
        definitions = _counted(self.definitions, "definition")
        return f"{definitions} in {_counted(self.files, 'file')}: {self.changes()}"

    def changes(self) -> str:
        """What was done, in a few words."""
        if not (self.parsed or self.removed):
            return "nothing changed"
        parts = [
            f"{_counted(len(self.parsed), 'file')} read",
            f"{_counted(self.embedded, 'chunk')} embedded",
        ]
        if self.recalled:
            parts.append(f"{self.recalled:,} known from before")
        if self.removed:
            parts.append(f"{_counted(len(self.removed), 'file')} gone")
        return ", ".join(parts)

    def tables(self) -> list[Table]:
        rows = [
            ("folder", self.root),
            ("index", self.path or "in memory"),
            ("files", self.files),
            ("definitions", self.definitions),
            ("chunks in the index", self.chunks),
            ("files read", len(self.parsed)),
            ("files gone", len(self.removed)),
            ("chunks embedded", self.embedded),
            ("chunks known from before", self.recalled),
        ]
        return [
            Table("", (Column("what", "label"), Column("value", main=True)), rows, head=len(rows))
        ]

    def rows(self) -> list[dict[str, Any]]:
        return [
            *({"file": name, "change": "read"} for name in self.parsed),
            *({"file": name, "change": "gone"} for name in self.removed),
        ]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
