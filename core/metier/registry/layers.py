"""Packs of the user, the project and the call in their order, and how a pack extends a domain."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from metier.close_names import did_you_mean
from metier.datafiles.project_file import read_project
from metier.errors import PackError, Problem, UsageError
from metier.folders import expand_home, user_folder
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction
from metier.registry.pack import EVIDENCE, SUFFIXES, Pack, read_pack
from metier.registry.registry import Layer, ProvidedDomain, Registry


def extended(pack: Pack, known: Registry) -> Domain:
    """The domain of a pack, with the instructions of the one it extends under its own name.

    A pack that extends the domain of its own name inherits nothing: what it replaces wins by its
    layer, and the rest is there already.

    Args:
        pack: as read.
        known: the registry without the pack.

    Raises:
        PackError: nothing brings the domain it extends, it replaces an instruction that
            `overrides` does not list, or lists one that it does not replace.
    """
    own = pack.domain
    if own.extends is None:
        if own.overrides:
            raise PackError(
                "$position: 'overrides' without 'extends'.",
                position=pack.source.error_position(("overrides",)),
                why="It lists the instructions of the extended domain that the pack replaces.",
                fix="Say which domain the pack extends, or remove the key.",
            )
        return own
    _require_domain(pack, known)
    inherited = known.definitions(own.extends)
    problems = _problems(pack, {instruction.id for instruction in inherited})
    if problems:
        raise PackError.listing(problems)
    if own.extends == own.domain:
        return own
    base = known.domains[own.extends]
    moved = [
        _moved(instruction, own) for instruction in inherited if instruction.id not in own.overrides
    ]
    return own.model_copy(
        update={
            "instructions": (*own.instructions, *moved),
            "default_dim": own.default_dim or known.default_dim(own.extends),
            "retrieval": own.retrieval or known.retrieval(own.extends),
            "splitter": base.splitter,
            "safety": own.safety or base.safety,
        }
    )


def _require_domain(pack: Pack, known: Registry) -> None:
    """Raise PackError where nothing brings the domain that a pack extends."""
    extends = pack.domain.extends
    if extends in known.domains:
        return
    hint = did_you_mean(str(extends), known.domains)
    raise PackError(
        f"$position: nothing brings the domain {extends!r}.{f' {hint}' if hint else ''}",
        position=pack.source.error_position(("extends",)),
        why="A pack can extend the domain of an active plugin, or that of a weaker pack.",
        fix="Runtime().domains lists what is there.",
        code="unknown-pack-domain",
    )


def _problems(pack: Pack, inherited: set[str]) -> list[Problem]:
    own = pack.domain
    names = [instruction.id for instruction in own.instructions]
    problems = []
    for index, name in enumerate(names):
        if name in inherited and name not in own.overrides:
            where = pack.source.error_position(("instructions", index, "id"))
            what = (
                f"{own.extends}/{name} is there already, and 'overrides' does not list it. List it "
                "to replace it, or choose another id."
            )
            problems.append(Problem(what, where))
    for index, name in enumerate(own.overrides):
        where = pack.source.error_position(("overrides", index))
        if name not in inherited:
            hint = did_you_mean(name, inherited)
            what = f"{own.extends!r} has no instruction {name!r}.{f' {hint}' if hint else ''}"
            problems.append(Problem(what, where))
        elif name not in names:
            what = f"the pack has no instruction {name!r} to replace it with."
            problems.append(Problem(what, where))
    return problems


def _moved(instruction: Instruction, own: Domain) -> Instruction:
    """An inherited instruction, without the aliases that the pack has another use for."""
    used = {replacing.id for replacing in own.instructions}
    used |= {alias.name for replacing in own.instructions for alias in replacing.aliases}
    aliases = tuple(alias for alias in instruction.aliases if alias.name not in used)
    return instruction.model_copy(update={"domain": own.domain, "aliases": aliases})


class _PackFile(NamedTuple):
    layer: Layer
    path: Path
    name: str  # in messages and listings; the whole path where it is not of the call


def user_packs() -> Path:
    """Folder of the user's own packs: `packs` in metier's folder among the user's settings.

    Raises:
        UsageError: the home folder of the user is not known.
    """
    return user_folder("config") / "packs"


def with_packs(
    provided: Iterable[ProvidedDomain], packs: Sequence[str | Path] = ()
) -> list[ProvidedDomain]:
    """What plugins provide, and above it the packs of the user, of the project and of the call.

    A pack that several of them name counts where it is strongest.

    Args:
        provided: of plugins and of metier itself.
        packs: paths, the strongest last.

    Returns:
        Everything, of one layer the strongest first, as `Registry` takes it.

    Raises:
        UsageError: there is no such pack, or metier.toml cannot be read.
        PackError: a pack breaks the schema, or cannot build on what it extends.
    """
    layered = list(provided)
    for layer, path, name in _pack_files(packs):
        pack = read_pack(path, name)
        builds = pack.domain.extends is not None or pack.domain.overrides
        domain = extended(pack, Registry(layered)) if builds else pack.domain
        layered.insert(0, ProvidedDomain(domain, layer, name, pack.source.error_position))
    return layered


def _pack_files(packs: Sequence[str | Path]) -> list[_PackFile]:
    """Every pack once, the weakest first."""
    arguments = [expand_home(path) for path in packs]
    files = [
        *(_PackFile("user", path, str(path)) for path in _of_user()),
        *(_PackFile("project", path, str(path)) for path in _of_project()),
        *(_PackFile("argument", path, path.name) for path in arguments),
    ]
    last = {_real(file.path): index for index, file in enumerate(files)}
    return [file for index, file in enumerate(files) if last[_real(file.path)] == index]


def _of_user() -> Iterator[Path]:
    try:
        folder = user_packs()
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except UsageError:  # a user without a home has no packs there
        return
    except OSError as error:
        raise PackError(f"The packs in {folder} cannot be listed: {error.strerror}.") from None
    packs = (path for path in paths if path.suffix in SUFFIXES and path.is_file())
    yield from (path for path in packs if not path.name.endswith(EVIDENCE))


def _of_project() -> Iterator[Path]:
    project = read_project()
    for path in project.packs:
        if not path.is_file():
            raise UsageError(
                f"There is no instruction pack {str(path)!r}.",
                why=f"{project.path} names it.",
                fix="Correct the path there, or remove it.",
            )
        yield path


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
