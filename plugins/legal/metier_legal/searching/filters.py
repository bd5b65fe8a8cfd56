"""Conditions on clauses: their kind, their contract, and the headings that they stand under."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatch
from functools import reduce
from typing import Annotated

from pydantic import BeforeValidator, Field

from metier import Condition, field
from metier.plugin import ParameterError
from metier_legal.structure import Clause, Contract
from metier_legal.structure.clauses import ClauseKind


def as_tuple(value: object) -> object:
    """A single string as a tuple of it; anything else as it is."""
    return (value,) if isinstance(value, str) else value


ClauseKinds = Annotated[
    tuple[ClauseKind, ...],
    BeforeValidator(as_tuple),
    Field(description="Only clauses of these kinds; may be given again."),
]
"""Kinds of clauses; none for all."""

ContractNames = Annotated[
    tuple[str, ...],
    BeforeValidator(as_tuple),
    Field(
        description="Only contracts whose names or titles have these words or match these "
        "patterns, such as 'supply*'; may be given again."
    ),
]
"""Words or patterns of names of contracts; none for all."""

HeadingNames = Annotated[
    tuple[str, ...],
    BeforeValidator(as_tuple),
    Field(
        description="Only clauses under a heading with these words, or one that matches this "
        "pattern, such as 'payment' or '7.*'; may be given again."
    ),
]
"""Words or patterns of headings; none for all."""


def chosen_contracts(contracts: Sequence[Contract], names: Sequence[str]) -> list[Contract]:
    """The contracts that one of several names fits; all where there are no names.

    Raises:
        ParameterError: no contract fits a name.
    """
    if not names:
        return list(contracts)
    chosen = set()
    for name in names:
        fitting = [
            contract.id
            for contract in contracts
            if fits(name, contract.id) or fits(name, contract.title)
        ]
        if not fitting:
            known = (text for contract in contracts for text in (contract.id, contract.title))
            raise _nothing_fits("contract", name, known)
        chosen.update(fitting)
    return [contract for contract in contracts if contract.id in chosen]


@dataclass(frozen=True)
class ClauseFilter:
    """Which clauses of some contracts are searched.

    Attributes:
        contracts: those that were chosen.
        kinds: kinds of clauses; none for all.
        paths: of the clauses under the headings that were named; None for all.
    """

    contracts: Sequence[Contract]
    kinds: Sequence[str] = ()
    paths: frozenset[str] | None = None

    @classmethod
    def of(
        cls, contracts: Sequence[Contract], kinds: Sequence[str], headings: Sequence[str]
    ) -> ClauseFilter:
        """The filter for kinds, and for words or patterns of headings.

        Raises:
            ParameterError: no heading of these contracts fits.
        """
        return cls(contracts, kinds, _paths(contracts, headings) if headings else None)

    @property
    def count(self) -> int:
        """How many clauses fit."""
        return sum(self.holds(clause) for contract in self.contracts for clause in contract.clauses)

    def holds(self, clause: Clause) -> bool:
        """Whether a clause of one of the contracts fits."""
        return (not self.kinds or clause.kind in self.kinds) and (
            self.paths is None or clause.label in self.paths
        )

    def condition(self, *, of_all: bool) -> Condition | None:
        """What clauses of an index have to be; None for no condition.

        Args:
            of_all: whether the contracts are all that the index has.
        """
        conditions = []
        if not of_all:
            conditions.append(field("id").is_in([contract.id for contract in self.contracts]))
        if self.kinds:
            conditions.append(field("clause_kind").is_in(self.kinds))
        if self.paths is not None:
            conditions.append(field("clause_path").is_in(sorted(self.paths)))
        return reduce(operator.and_, conditions) if conditions else None


def _paths(contracts: Sequence[Contract], headings: Sequence[str]) -> frozenset[str]:
    """The paths, on one line each, of the clauses under a heading that fits."""
    clauses = [clause for contract in contracts for clause in contract.clauses]
    chosen: set[str] = set()
    for name in headings:
        fitting = {
            clause.label
            for clause in clauses
            if any(fits(name, heading) for heading in clause.path)
        }
        if not fitting:
            raise _nothing_fits("heading", name, (clause.title for clause in clauses))
        chosen |= fitting
    return frozenset(chosen)


def fits(pattern: str, name: str) -> bool:
    """Whether a name holds the words of a pattern, or matches it if it has wildcards."""
    pattern, name = pattern.casefold(), name.casefold()
    if any(sign in pattern for sign in "*?["):
        return fnmatch(name, pattern)
    return pattern in name


def _nothing_fits(parameter: str, name: str, known: Iterable[str]) -> ParameterError:
    names = {known_name.casefold(): known_name for known_name in known if known_name}
    close = get_close_matches(name.casefold(), names, n=3, cutoff=0.4)
    shown = [names[match] for match in close] or list(names.values())[:3]
    return ParameterError(
        f"No {parameter} fits {name!r}.",
        why=f"There are, for example, {', '.join(map(repr, shown))}." if shown else None,
        fix=f"Give words of it, or a pattern with *, as ${parameter}",
        parameter=parameter,
        parameters={parameter: ...},
    )
