"""Groups of clones as results have them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from metier_code.clones.comparison import CloneEvidence
from metier_code.clones.definitions import LocatedDefinition
from metier_code.clones.report import CloneGroup, CloneMember
from metier_code.trees.file_access import whole_path


def clone_groups(
    definitions: Sequence[LocatedDefinition],
    groups: Sequence[Sequence[int]],
    evidence: Callable[[int, int], CloneEvidence],
    types: Collection[int],
) -> tuple[CloneGroup, ...]:
    """Groups with members, the one first whose merging spares most lines, then that in most files.

    Args:
        definitions: all of them.
        groups: their rows; members are compared with the first of each.
        evidence: what two of them share.
        types: of groups to keep; a group whose members of another type are left out may stay.
    """
    with_members = []
    for rows in groups:
        first = definitions[rows[0]]
        clones = [
            (row, evidence(rows[0], row))
            for row in rows[1:]
            if not _overlap(first, definitions[row])
        ]
        clones = [(row, shared) for row, shared in clones if shared.type in types]
        if not clones:
            continue
        with_members.append(
            CloneGroup(
                type=max(shared.type for _, shared in clones),
                similarity=round(sum(shared.similarity for _, shared in clones) / len(clones), 4),
                members=(
                    _member(first, 1.0),
                    *(_member(definitions[row], shared.similarity) for row, shared in clones),
                ),
            )
        )
    return tuple(sorted(with_members, key=_rank))


def _rank(group: CloneGroup) -> tuple[int, int, float, str, int]:
    first = group.members[0]
    return -group.spared_lines, -group.files, -group.similarity, first.path, first.line


def _member(located: LocatedDefinition, similarity: float) -> CloneMember:
    definition = located.definition
    return CloneMember(
        path=located.path,
        file="" if located.file is None else whole_path(located.file),
        line=definition.line,
        end_line=definition.end_line,
        column=definition.column,
        name=located.name,
        kind=definition.kind,
        signature=definition.signature,
        language=definition.language,
        text=definition.text,
        similarity=round(similarity, 4),
    ).in_cell(definition.cell)


def _overlap(first: LocatedDefinition, second: LocatedDefinition) -> bool:
    """Whether one is a part of the other."""
    if first.file is None or first.file != second.file:
        return False
    return first.definition.start < second.definition.end and (
        second.definition.start < first.definition.end
    )
