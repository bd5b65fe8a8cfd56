"""The registry: which instruction an id means, and which layer it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from metier.errors import PluginError, UnknownNameError, UsageError
from metier.registry.domain import Domain
from metier.registry.ids import parse_instruction_id
from metier.registry.instruction import Instruction, Kind

Layer = Literal["core", "plugin", "user", "project", "argument"]
"""Where a definition stands, weakest first: a stronger layer wins over a weaker one."""

LAYERS: tuple[Layer, ...] = get_args(Layer)


@dataclass(frozen=True, slots=True)
class Provided:
    """A domain and who provides it.

    Attributes:
        domain: the definitions.
        layer: how strong they are.
        origin: for people: `metier-finance 0.1.0`, or the file name of a pack.
    """

    domain: Domain
    layer: Layer
    origin: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One definition of an instruction that was considered."""

    instruction: Instruction
    layer: Layer
    origin: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an id resolved to.

    Attributes:
        winner: the definition that won, with its layer and origin.
        considered: all definitions of the same domain and name, strongest and newest first.
        default_dim: the domain's default vector size, from the strongest layer that names one.
        reason: why the winner won, for people.
    """

    winner: Candidate
    considered: tuple[Candidate, ...]
    default_dim: int | None
    reason: str

    @property
    def instruction(self) -> Instruction:
        """The winner's definition."""
        return self.winner.instruction


class Registry:
    """Instructions and domains of one Runtime, read-only once built."""

    def __init__(self, provided: Iterable[Provided]) -> None:
        self._provided = sorted(provided, key=lambda one: LAYERS.index(one.layer), reverse=True)
        self._candidates: dict[tuple[str, str], list[Candidate]] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        for one in self._provided:
            for instruction in one.domain.instructions:
                self._add(Candidate(instruction, one.layer, one.origin))

    def _add(self, candidate: Candidate) -> None:
        instruction = candidate.instruction
        key = (instruction.domain, instruction.id)
        others = self._candidates.setdefault(key, [])
        for other in others:
            same_version = other.instruction.version == instruction.version
            if same_version and other.layer == candidate.layer and candidate.layer != "argument":
                raise PluginError(
                    f"{instruction.full_id} is defined twice: by {other.origin} "
                    f"and by {candidate.origin}.",
                    fix="Uninstall one of the two, or leave one out with plugins=[...].",
                )
        others.append(candidate)
        for alias in instruction.aliases:
            self._aliases.setdefault((instruction.domain, alias), instruction.id)

    @property
    def domains(self) -> Mapping[str, Domain]:
        """Domains by name; of several definitions the plugin's or the strongest is shown."""
        shown: dict[str, Domain] = {}
        for one in self._provided:
            if one.domain.domain not in shown or one.layer in ("core", "plugin"):
                shown[one.domain.domain] = one.domain
        return MappingProxyType(dict(sorted(shown.items())))

    def get(self, name: str) -> Instruction:
        """The instruction an id means.

        Raises:
            UnknownNameError: nobody registered it; close names are suggested.
            UsageError: a bare name that two domains have.
        """
        return self.resolve(name).instruction

    def list(self, domain: str | None = None, kind: Kind | None = None) -> list[Instruction]:
        """Every instruction as an id without a version means it, sorted by id."""
        if domain is not None and domain not in self.domains:
            raise UnknownNameError("domain", domain, self.domains)
        found = [_strongest_first(every)[0].instruction for every in self._candidates.values()]
        return sorted(
            (one for one in found if domain in (None, one.domain) and kind in (None, one.kind)),
            key=lambda one: one.full_id,
        )

    def resolve(self, name: str) -> Resolution:
        """The instruction an id means, with everything that was considered.

        The strongest layer wins, in it the newest version, and of packs the last one given; a
        version in the id limits them to that version.

        Raises:
            UnknownNameError: nobody registered it, or not in that version.
            UsageError: a bare name that two domains have, or no id at all.
        """
        wanted = parse_instruction_id(name)
        key = self._key(name, wanted.domain, wanted.name)
        considered = _strongest_first(self._candidates[key])
        fitting = [one for one in considered if wanted.version in (None, one.instruction.version)]
        if not fitting:
            raise UnknownNameError(
                "instruction", name, {one.instruction.full_id for one in considered}
            )
        return Resolution(
            fitting[0], considered, self.default_dim(key[0]), _reason(fitting, wanted.version)
        )

    def origin(self, instruction: Instruction) -> Candidate | None:
        """Who defined an instruction; None for one made in code."""
        for candidate in self._candidates.get((instruction.domain, instruction.id), ()):
            if candidate.instruction == instruction:
                return candidate
        return None

    def __iter__(self) -> Iterator[Instruction]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self._candidates)

    def __contains__(self, name: str) -> bool:
        try:
            self.resolve(name)
        except UsageError:
            return False
        return True

    def _key(self, given: str, domain: str | None, name: str) -> tuple[str, str]:
        domains = [domain] if domain else sorted({key[0] for key in self._candidates})
        keys = []
        for one in domains:
            # a name of its own wins over an alias, whichever layer the alias stands in
            own = (one, name) in self._candidates
            target = name if own else self._aliases.get((one, name))
            if target is not None:
                keys.append((one, target))
        if not keys:
            raise UnknownNameError(
                "instruction",
                given,
                [f"{one}/{key}" for one, key in self._candidates],
                fix="List them with: metier instructions list",
            )
        if len(keys) > 1:
            choices = ", ".join(f"{one}/{key}" for one, key in keys)
            raise UsageError(
                f"{given!r} could be one of several instructions: {choices}.",
                fix="Write the domain before it.",
            )
        return keys[0]

    def default_dim(self, domain: str) -> int | None:
        """The default vector size of a domain, from the strongest layer that names one."""
        for one in self._provided:
            if one.domain.domain == domain and one.domain.default_dim is not None:
                return one.domain.default_dim
        return None


def _strongest_first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(
        sorted(
            candidates,
            key=lambda one: (LAYERS.index(one.layer), one.instruction.version),
            reverse=True,
        )
    )


def _reason(fitting: Sequence[Candidate], version: int | None) -> str:
    if len(fitting) == 1:
        return "the only definition" + (f" of version {version}" if version else "")
    first, second = fitting[:2]
    if first.layer != second.layer:
        return f"the strongest layer that defines it ({first.layer})"
    if first.instruction.version != second.instruction.version:
        return f"the newest version in the strongest layer ({first.layer})"
    return "the last of the packs that define it"
