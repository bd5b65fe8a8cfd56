"""Packs that build on a domain: what they take over, and what they say they replace."""

from __future__ import annotations

from metier.errors import PackError, close_names
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction
from metier.registry.pack import Pack
from metier.registry.registry import Registry


def extended(pack: Pack, known: Registry) -> Domain:
    """The domain of a pack, with the instructions of the one it extends under its own name.

    A pack that extends the domain it has the name of takes over nothing: what it replaces wins by
    its layer, and the rest is there already.

    Args:
        pack: as read.
        known: what is there without it.

    Raises:
        PackError: nothing brings the domain it extends, it replaces an instruction that
            `overrides` does not list, or lists one that it does not replace.
    """
    own = pack.domain
    if own.extends is None:
        if own.overrides:
            raise PackError(
                f"{pack.source.where(('overrides',))}: 'overrides' without 'extends'.",
                why="It lists the instructions of the extended domain that the pack replaces.",
                fix="Say which domain the pack extends, or remove the key.",
            )
        return own
    if own.extends not in known.domains:
        close = close_names(own.extends, known.domains)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise PackError(
            f"{pack.source.where(('extends',))}: nothing brings the domain {own.extends!r}.{hint}",
            why="A pack can extend the domain of an active plugin, or that of a weaker pack.",
            fix="See what is installed with: metier plugins",
        )
    taken_over = known.definitions(own.extends)
    problems = _problems(pack, {one.id for one in taken_over})
    if problems:
        raise PackError("\n".join(problems))
    if own.extends == own.domain:
        return own
    base = known.domains[own.extends]
    inherited = [_moved(one, own) for one in taken_over if one.id not in own.overrides]
    return own.model_copy(
        update={
            "instructions": (*own.instructions, *inherited),
            "default_dim": own.default_dim or known.default_dim(own.extends),
            "retrieval": own.retrieval or known.retrieval(own.extends),
            "splitter": base.splitter,
            "safety": own.safety or base.safety,
        }
    )


def _problems(pack: Pack, inherited: set[str]) -> list[str]:
    own = pack.domain
    names = [one.id for one in own.instructions]
    problems = []
    for index, name in enumerate(names):
        if name in inherited and name not in own.overrides:
            where = pack.source.where(("instructions", index, "id"))
            problems.append(
                f"{where}: {own.extends}/{name} is there already, and 'overrides' does not list "
                "it. List it to replace it, or choose another id."
            )
    for index, name in enumerate(own.overrides):
        where = pack.source.where(("overrides", index))
        if name not in inherited:
            close = close_names(name, inherited)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            problems.append(f"{where}: {own.extends!r} has no instruction {name!r}.{hint}")
        elif name not in names:
            problems.append(f"{where}: the pack has no instruction {name!r} to replace it with.")
    return problems


def _moved(instruction: Instruction, own: Domain) -> Instruction:
    """An inherited instruction, without the aliases that the pack has another use for."""
    taken = {one.id for one in own.instructions}
    taken |= {alias.name for one in own.instructions for alias in one.aliases}
    aliases = tuple(alias for alias in instruction.aliases if alias.name not in taken)
    return instruction.model_copy(update={"domain": own.domain, "aliases": aliases})
