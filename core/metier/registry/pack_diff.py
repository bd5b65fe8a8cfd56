"""Compare the instructions and checklists of a pack with those that apply without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from metier.registry.checklist import ChecklistChanges
from metier.registry.domain import Domain
from metier.registry.entry_changes import EntryChange
from metier.registry.instruction import Instruction
from metier.registry.registry import Registry
from metier.registry.taxonomy import TaxonomyChanges

Change = Literal["added", "changed", "same", "removed"]

_FIELDS = ("version", "task", "kind", "dim", "sides", "rerank", "aliases")


@dataclass(frozen=True, slots=True)
class Difference:
    """One instruction of two sets.

    Attributes:
        id: its name in its domain.
        change: from the first set to the second.
        fields: each field that differs with both values, where it is changed.
    """

    id: str
    change: Change
    fields: Mapping[str, tuple[Any, Any]]


def changes_of(domain: Domain, known: Registry) -> list[Difference]:
    """What the domain of a pack changes, sorted by id.

    Args:
        domain: of a pack that is an argument of the call, with what it extends.
        known: a registry with that pack in its strongest layer.
    """
    before = _weaker(known, domain.domain)
    if domain.extends not in (None, domain.domain):
        before = {
            instruction.id: instruction for instruction in known.list(domain.extends)
        } | before
    after = {
        instruction.id: known.get(f"{domain.domain}/{instruction.id}")
        for instruction in domain.instructions
    }
    return differences({name: before[name] for name in before.keys() & after.keys()}, after)


def differences(
    before: Mapping[str, Instruction], after: Mapping[str, Instruction]
) -> list[Difference]:
    """Two sets of instructions by name, compared; sorted by name."""
    return [
        _difference(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
    ]


def entry_changes(before: Domain | None, after: Domain) -> list[Difference]:
    """What a pack changes of a taxonomy and checklists: entries, removed ones, neutral texts.

    Args:
        before: an older pack to compare with; None to list all that the pack changes, as it does
            not know what they change.
        after: the pack.
    """
    old, new = (_entries_of(domain) for domain in (before, after))
    changes = []
    for name in dict.fromkeys([*old, *new]):
        earlier, later = old.get(name, {}), new.get(name, {})
        fields = {
            key: (earlier.get(key), later.get(key))
            for key in dict.fromkeys([*earlier, *later])
            if earlier.get(key) != later.get(key)
        }
        change: Change = "changed" if fields else "same"
        if before is not None and (name not in old or name not in new):
            change = "added" if name in new else "removed"
        changes.append(Difference(name, change, fields))
    return changes


def _entries_of(domain: Domain | None) -> dict[str, dict[str, Any]]:
    """What a pack states of each risk and question, and of all of them, by key."""
    if domain is None:
        return {}
    stated: dict[str, dict[str, Any]] = {}
    if domain.taxonomy is not None:
        stated |= _stated("taxonomy", domain.taxonomy, domain.taxonomy.risks)
    for key, checklist in (("checklist", domain.checklist), ("hypotheses", domain.hypotheses)):
        if checklist is not None:
            stated |= _stated(key, checklist, checklist.questions)
    return stated


def _stated(
    key: str, changes: TaxonomyChanges | ChecklistChanges, entries: Sequence[EntryChange]
) -> dict[str, dict[str, Any]]:
    stated: dict[str, dict[str, Any]] = {
        f"{key}: {entry.id}": entry.model_dump(mode="json", exclude_unset=True, exclude={"id"})
        for entry in entries
    }
    stated |= {f"{key}: {name}": {"remove": True} for name in changes.remove}
    if changes.neutral:
        stated[key] = {"neutral": list(changes.neutral)}
    return stated


def newest_of(domain: Domain) -> dict[str, Instruction]:
    """Instructions of a domain by name, each in its newest version."""
    ordered = sorted(domain.instructions, key=lambda instruction: instruction.version)
    return {instruction.id: instruction for instruction in ordered}


def _weaker(known: Registry, domain: str) -> dict[str, Instruction]:
    """Instructions of a domain as they would be without the packs of the call."""
    instructions = {}
    for instruction in known.list(domain):
        considered = known.resolve(f"{domain}/{instruction.id}").considered
        weaker = [
            candidate.instruction for candidate in considered if candidate.layer != "argument"
        ]
        if weaker:
            instructions[instruction.id] = weaker[0]
    return instructions


def _difference(name: str, before: Instruction | None, after: Instruction | None) -> Difference:
    if before is None or after is None:
        return Difference(name, "added" if before is None else "removed", {})
    fields = {
        field: (_plain(before, field), _plain(after, field))
        for field in _FIELDS
        if getattr(before, field) != getattr(after, field)
    }
    return Difference(name, "changed" if fields else "same", fields)


def _plain(instruction: Instruction, field: str) -> Any:
    value = getattr(instruction, field)
    return [str(item) for item in value] if isinstance(value, tuple) else value
