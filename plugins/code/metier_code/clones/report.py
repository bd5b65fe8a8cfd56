"""The result of code/similar: groups of clones, and what differs within each."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

from pydantic import BaseModel, ConfigDict

from metier.plugin import Column, Excerpt, Result, Table
from metier_code.code_passage import CodePassage

_TYPES = {
    1: "the same but for layout and comments",
    2: "other names and literals",
    3: "some statements differ",
    4: "the same in another language, by vectors",
}


class CloneMember(CodePassage):
    """A definition of a group.

    Attributes:
        similarity: to the first member of the group, in [0, 1]: the share of the tokens of both
            that are the same, and of type 4 the cosine of their vectors.
    """

    similarity: float = 1.0

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.end_line - self.line + 1

    @property
    def location(self) -> str:
        """Where it stands, as `path:line-end_line`; of a notebook, the lines are of its cell."""
        if self.cell is not None:
            return f"{self.path}, cell {self.cell}, lines {self.line}-{self.end_line}"
        return f"{self.path}:{self.line}-{self.end_line}"


class CloneGroup(BaseModel):
    """Definitions that are clones of each other.

    Attributes:
        type: the greatest of its members compared to the first: 1, 2, 3, or 4, the same in another
            language, which is less certain.
        similarity: of its members to the first, on average, in [0, 1].
        members: in the order of paths and lines; where clones of one definition were looked for,
            this one first.
    """

    model_config = ConfigDict(frozen=True)

    type: int
    similarity: float
    members: tuple[CloneMember, ...]

    @property
    def files(self) -> int:
        """How many files its members are in."""
        return len({member.path for member in self.members})

    @property
    def spared_lines(self) -> int:
        """Lines that one definition for all would spare: those of the others that are the same.

        None in groups of type 4, whose members are in several languages.
        """
        if self.type == 4:
            return 0
        kept = max(range(len(self.members)), key=lambda row: self.members[row].lines)
        others = [member for row, member in enumerate(self.members) if row != kept]
        return round(sum(member.lines for member in others) * self.similarity)

    def difference(self, member: CloneMember, *, context: int = 2) -> str:
        """What a member has other than the first one, as a unified diff.

        Empty if they are the same, or in different languages.
        """
        first = self.members[0]
        if member.language != first.language:
            return ""
        lines = unified_diff(
            _own_lines(first.text),
            _own_lines(member.text),
            f"{first.location} {first.name}",
            f"{member.location} {member.name}",
            lineterm="",
            n=context,
        )
        return "\n".join(lines)


class CloneReport(Result):
    """Clones among the definitions of a tree, ranked by the lines that merging them would spare.

    Attributes:
        definitions: how many functions and methods there are.
        compared: how many of them are long enough to be compared.
        groups: of clones, the one first whose merging spares most.
        of: the definition or code whose clones alone were looked for; empty for all.
    """

    definitions: int
    compared: int
    groups: tuple[CloneGroup, ...]
    of: str = ""

    def title(self) -> str:
        return "Clones in code"

    def headline(self) -> str:
        members = sum(len(group.members) for group in self.groups)
        if self.of:
            clones = members - len(self.groups)
            what = "1 clone" if clones == 1 else f"{clones} clones"
            return f"{what} of {self.of} among {self.compared} functions"
        groups = "1 group" if len(self.groups) == 1 else f"{len(self.groups)} groups"
        spared = sum(group.spared_lines for group in self.groups)
        return (
            f"{groups} of clones: {members} of {self.compared} functions compared, about {spared} "
            "lines to spare"
        )

    def tables(self) -> list[Table]:
        tables = [self._clones_table()]
        if not self.groups:
            return []
        return tables if self.of else [self._groups_table(), *tables]

    def notes(self) -> list[str]:
        notes = super().notes()
        if short := self.definitions - self.compared:
            notes.insert(0, f"{short} functions are too short, or left out, and were not compared.")
        if any(group.type == 4 for group in self.groups):
            notes.insert(0, "Type 4 is found by vectors, and is less certain: read both functions.")
        return notes

    def rows(self) -> list[dict[str, Any]]:
        """One row per member of each group."""
        rows: list[dict[str, Any]] = []
        for number, group in enumerate(self.groups, start=1):
            of_group = {  # once for all of its members, which they are counted over
                "group": number,
                "type": group.type,
                "spared_lines": group.spared_lines,
                "files": group.files,
            }
            for position, member in enumerate(group.members):
                of_member = member.model_dump(exclude={"file", "matching_lines"})
                difference = group.difference(member) if position else ""
                rows.append({**of_group, **of_member, "difference": difference})
        return rows

    def _groups_table(self) -> Table:
        rows = [
            (
                number,
                f"{group.type}: {_TYPES[group.type]}",
                group.similarity,
                len(group.members),
                group.files,
                group.spared_lines,
                ", ".join(dict.fromkeys(member.name for member in group.members)),
            )
            for number, group in enumerate(self.groups, start=1)
        ]
        columns = (
            Column("group", main=True),
            Column("type", "label"),
            Column("alike", "score"),
            Column("copies", "count"),
            Column("files", "count"),
            Column("lines to spare", "count"),
            Column("names", main=True),
        )
        return Table("Groups", columns, rows, head=10)

    def _clones_table(self) -> Table:
        rows = [
            (
                number,
                member.position,
                member.name,
                member.similarity,
                member.lines,
                Excerpt(group.difference(member) if position else "", language="diff"),
                member.signature,
                member.language,
                member.excerpt,
            )
            for number, group in enumerate(self.groups, start=1)
            for position, member in enumerate(group.members)
        ]
        columns = (
            Column("group", main=True),
            Column("where", main=True),
            Column("name", main=True),
            Column("alike", "score"),
            Column("lines", "count"),
            Column("difference", hidden=True),
            Column("signature", hidden=True),
            Column("language", "label", hidden=True),
            Column("code", hidden=True),
        )
        note = "" if self.of else "Compared with the first of each group."
        return Table("Clones", columns, rows, note=note)


def _own_lines(text: str) -> list[str]:
    """Lines without what all of them are indented by, and without blanks at their ends."""
    lines = [line.rstrip() for line in text.split("\n")]
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    least = min(indents, default=0)
    return [line[least:] for line in lines]
