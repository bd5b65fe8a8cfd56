"""`Registry`: which instruction an id means, and which layer defines it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from metier.datafiles.parsed_file import below
from metier.errors import PackError, ParameterError, PluginError, UnknownNameError, UsageError
from metier.registry.checklist import ChecklistChanges
from metier.registry.dims import DimChoice, choose_dim
from metier.registry.domain import Domain
from metier.registry.ids import Alias, parse_instruction_id, retired, warn_deprecated
from metier.registry.instruction import Instruction, Kind
from metier.registry.instruction_search import InstructionMatch, search_instructions
from metier.registry.retrieval_settings import RetrievalSettings
from metier.registry.taxonomy import TaxonomyChanges

if TYPE_CHECKING:
    from metier.errors import ErrorPosition
    from metier.models.embedder import ModelProfile

Layer = Literal["core", "plugin", "user", "project", "argument"]
"""Where a definition comes from, weakest first: a stronger layer wins over a weaker one."""

LAYERS: tuple[Layer, ...] = get_args(Layer)


@dataclass(frozen=True, slots=True)
class ProvidedDomain:
    """A domain and who provides it.

    Attributes:
        domain: its definitions.
        layer: decides which definition wins.
        origin: for people: `metier-finance 0.1.0`, or the file name of a pack.
        locate: of a pack: gives positions in its file.
    """

    domain: Domain
    layer: Layer
    origin: str
    locate: Callable[[tuple[str | int, ...]], ErrorPosition] | None = None


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
        silent: layers that define nothing of that name, strongest first.
    """

    winner: Candidate
    considered: tuple[Candidate, ...]
    default_dim: int | None
    reason: str
    silent: tuple[Layer, ...]

    @property
    def instruction(self) -> Instruction:
        """The winner's definition."""
        return self.winner.instruction


@dataclass(frozen=True, slots=True)
class EmbeddingPlan:
    """What texts are embedded with.

    Attributes:
        instruction: None for the model's default prompt.
        size: the vector size, and why.
    """

    instruction: Instruction | None
    size: DimChoice

    @property
    def dim(self) -> int:
        """The vector size."""
        return self.size.dim


class _KnownIds(NamedTuple):
    """The instruction that a name means, and the alias by which it was requested."""

    domain: str
    name: str
    alias: Alias | None


class Registry:
    """Instructions and domains of one Runtime, read-only once built."""

    def __init__(self, provided: Iterable[ProvidedDomain]) -> None:
        self._provided = sorted(
            provided, key=lambda definition: LAYERS.index(definition.layer), reverse=True
        )
        self._candidates: dict[tuple[str, str], list[Candidate]] = {}
        for definition in self._provided:
            for instruction in definition.domain.instructions:
                self._add(Candidate(instruction, definition.layer, definition.origin))
        self._aliases: dict[tuple[str, str], _KnownIds] = {}
        candidates = chain.from_iterable(self._candidates.values())
        for candidate in _strongest_first(candidates):
            instruction = candidate.instruction
            for alias in instruction.aliases:
                known = _KnownIds(instruction.domain, instruction.id, alias)
                self._aliases.setdefault((instruction.domain, alias.name), known)
        self._warned: set[tuple[str, str]] = set()

    def _add(self, candidate: Candidate) -> None:
        instruction = candidate.instruction
        key = (instruction.domain, instruction.id)
        others = self._candidates.setdefault(key, [])
        for other in others:
            same_version = other.instruction.version == instruction.version
            if same_version and other.layer == candidate.layer:
                _refuse_twice(other, candidate)
        others.append(candidate)

    @property
    def domains(self) -> Mapping[str, Domain]:
        """Domains by name; of several definitions the plugin's or the strongest is shown."""
        shown: dict[str, Domain] = {}
        for definition in self._provided:
            domain = definition.domain
            if domain.domain not in shown or definition.layer in ("core", "plugin"):
                shown[domain.domain] = domain
        return MappingProxyType(dict(sorted(shown.items())))

    def get(self, name: str) -> Instruction:
        """The instruction an id means.

        Raises:
            UnknownNameError: nobody registered it; close names are suggested.
            UsageError: a bare name that two domains have, or a retired name.

        Warns:
            MetierWarning: a deprecated name, the first time it is requested.
        """
        return self.resolve(name).instruction

    def list(self, domain: str | None = None, kind: Kind | None = None) -> list[Instruction]:
        """Every instruction as an id without a version means it, sorted by id."""
        if domain is not None and domain not in self.domains:
            raise UnknownNameError("domain", domain, self.domains)
        strongest = (
            _strongest_first(candidates)[0].instruction for candidates in self._candidates.values()
        )
        return sorted(
            (
                instruction
                for instruction in strongest
                if domain in (None, instruction.domain) and kind in (None, instruction.kind)
            ),
            key=lambda instruction: instruction.full_id,
        )

    def search(self, query: str, top_k: int = 10) -> Sequence[InstructionMatch]:
        """Instructions that share words with a query, best first; no model is needed.

        Raises:
            ParameterError: `top_k` is less than 1.
        """
        if top_k < 1:
            raise ParameterError(f"top_k={top_k} is less than 1.", parameter="top_k")
        return search_instructions(self.list(), query, top_k)

    def definitions(self, domain: str) -> Sequence[Instruction]:
        """Every version of every instruction of a domain, each as its strongest layer has it."""
        strongest: dict[tuple[str, int], Instruction] = {}
        for (owner, name), candidates in self._candidates.items():
            if owner == domain:
                for candidate in _strongest_first(candidates):
                    version = candidate.instruction.version
                    strongest.setdefault((name, version), candidate.instruction)
        return list(strongest.values())

    def resolve(self, name: str | Instruction) -> Resolution:
        """The instruction an id means, with everything that was considered.

        The strongest layer wins, in it the newest version, and of packs the last one given; a
        version in the id limits them to that version. An `Instruction` means itself, and a task in
        words the instruction `ad-hoc@1`; see `Instruction.ad_hoc`.

        Raises:
            UnknownNameError: nobody registered it, or not in that version.
            UsageError: a bare name that two domains have, a retired name, or not an id at all.

        Warns:
            MetierWarning: a deprecated name, the first time it is requested.
        """
        if isinstance(name, Instruction):
            return self._of_call(name, "Instruction object")
        ad_hoc = Instruction.ad_hoc(name) if isinstance(name, str) else None
        if ad_hoc is not None:
            return self._of_call(ad_hoc, "task in words")
        requested = parse_instruction_id(name)
        known = self._known(name, requested.domain, requested.name)
        if known.alias is not None and known.alias.status == "deprecated":
            self._warn_once(known.domain, known.alias, name, f"{known.domain}/{known.name}")
        key = (known.domain, known.name)
        considered = _strongest_first(self._candidates[key])
        fitting = [
            candidate
            for candidate in considered
            if requested.version in (None, candidate.instruction.version)
        ]
        if not fitting:
            raise UnknownNameError(
                "instruction", name, {candidate.instruction.full_id for candidate in considered}
            )
        reason = _reason(fitting, requested.version)
        return Resolution(
            fitting[0], considered, self.default_dim(key[0]), reason, _silent(considered)
        )

    def _of_call(self, instruction: Instruction, origin: str) -> Resolution:
        candidate = Candidate(instruction, "argument", origin)
        return Resolution(
            candidate, (candidate,), self.default_dim(instruction.domain), "given in the call", ()
        )

    def _warn_once(self, domain: str, alias: Alias, written: str, use: str) -> None:
        if (domain, alias.name) not in self._warned:
            self._warned.add((domain, alias.name))
            warn_deprecated(alias, written, use)

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
            requested = parse_instruction_id(name)
            known = self._known(name, requested.domain, requested.name)
        except UsageError:
            return False
        candidates = self._candidates[known.domain, known.name]
        versions = {None, *(candidate.instruction.version for candidate in candidates)}
        return requested.version in versions

    def _known(self, full_name: str, domain: str | None, name: str) -> _KnownIds:
        domains = [domain] if domain else sorted({key[0] for key in self._candidates})
        keys: list[_KnownIds] = []
        for owner in domains:
            # an id wins over an alias, whichever layer the alias is from
            is_id = (owner, name) in self._candidates
            known = _KnownIds(owner, name, None) if is_id else self._aliases.get((owner, name))
            if known is not None:
                keys.append(known)
        if not keys:
            raise UnknownNameError(
                "instruction",
                full_name,
                [f"{owner}/{key}" for owner, key in self._candidates],
                fix="Runtime().instructions.list() has them all.",
            )
        if len(keys) > 1:
            choices = ", ".join(f"{key.domain}/{key.name}" for key in keys)
            raise UsageError(
                f"{full_name!r} could be one of several instructions: {choices}.",
                fix="Write the domain before it.",
            )
        (known,) = keys
        if known.alias is not None and known.alias.status == "retired":
            raise retired(known.alias, full_name, f"{known.domain}/{known.name}")
        return known

    def plan(
        self,
        instruction: str | Instruction | None,
        dim: int | None,
        profile: ModelProfile,
        *,
        domain: str | None = None,
    ) -> EmbeddingPlan:
        """What a call embeds with: the instruction that is meant, and the vector size.

        Args:
            instruction: id or `Instruction`; None for the model's default prompt.
            dim: vector size of the call; None to take that of the instruction or the domain.
            profile: of the model.
            domain: whose default size applies; None for the domain of the instruction.

        Raises:
            DimError: `dim` is more than the model has, or not positive.
            UnknownNameError, UsageError: as `resolve`.
        """
        known = None if instruction is None else self.resolve(instruction).instruction
        domain = domain or (known.domain if known is not None else None)
        size = choose_dim(
            profile,
            requested=dim,
            instruction_dim=known.dim if known is not None else None,
            domain_dim=self.default_dim(domain) if domain is not None else None,
        )
        return EmbeddingPlan(known, size)

    def default_dim(self, domain: str) -> int | None:
        """The default vector size of a domain, from the strongest layer that names one."""
        for definition in self._provided:
            own = definition.domain
            if own.domain == domain and own.default_dim is not None:
                return own.default_dim
        return None

    def retrieval(self, domain: str) -> RetrievalSettings:
        """How a domain searches, as the strongest layer that says it."""
        for definition in self._provided:
            own = definition.domain
            if own.domain == domain and own.retrieval is not None:
                return own.retrieval
        return RetrievalSettings()

    def taxonomy_changes(
        self, domain: str
    ) -> Sequence[tuple[Callable[[tuple[str | int, ...]], ErrorPosition] | str, TaxonomyChanges]]:
        """What packs that bring or extend a domain change in its taxonomies, the weakest first."""
        return list(self._changes(domain, "taxonomy"))

    def checklist_changes(
        self, domain: str, key: Literal["checklist", "hypotheses"] = "checklist"
    ) -> Sequence[tuple[Callable[[tuple[str | int, ...]], ErrorPosition] | str, ChecklistChanges]]:
        """The same for its checklist, or for its hypotheses."""
        return list(self._changes(domain, key))

    def _changes(self, domain: str, key: str) -> Iterator[tuple[Any, Any]]:
        for definition in reversed(self._provided):
            pack, locate = definition.domain, definition.locate
            stated = getattr(pack, key) if domain in (pack.domain, pack.extends) else None
            if stated is not None:
                yield below(key, locate) if locate else definition.origin, stated


def _strongest_first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(
        sorted(
            candidates,
            key=lambda candidate: (
                LAYERS.index(candidate.layer),
                candidate.instruction.version,
            ),
            reverse=True,
        )
    )


def _silent(considered: Iterable[Candidate]) -> tuple[Layer, ...]:
    defining = {candidate.layer for candidate in considered}
    return tuple(layer for layer in reversed(LAYERS) if layer not in defining)


def _refuse_twice(first: Candidate, second: Candidate) -> None:
    """Refuse two definitions of one version in a layer whose members have no order."""
    name = first.instruction.full_id
    what = f"{name} is defined twice: by {first.origin} and by {second.origin}."
    if first.layer == "user":
        raise PackError(what, fix="Remove it from one of the two, or give one a new version.")
    if first.layer in ("core", "plugin"):
        raise PluginError(
            what, fix="Uninstall one of the two, or leave one out with plugins=[...]."
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
