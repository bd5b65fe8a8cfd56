"""The index of the clauses of contracts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metier import Index
from metier.plugin import Documents, Item, Runtime, UsageError, kept_between_queries
from metier_legal.structure import Clause, Contract, read_contract
from metier_legal.structure.clauses import clause_sections

DOCUMENTS = "legal/clause-search"
"""Instruction that clauses are embedded for, unless one for both sides is chosen."""


@dataclass(frozen=True)
class ClauseIndex:
    """An index of contracts whose parts are clauses.

    Attributes:
        documents: the contracts as they were read, by id, in order.
        contracts: the same, divided into clauses.
        index: of the contracts, in memory or on disk.
    """

    documents: dict[str, Item]
    contracts: dict[str, Contract]
    index: Index

    def clause_of(self, document: str, start: int, end: int) -> Clause:
        """The clause that a chunk belongs to, whole."""
        contract = self.contracts[document]
        clause = contract.clause_at(start)
        if clause is None:  # its contract changed since it was indexed
            text = contract.text[start:end]
            return Clause("", "", (), "clause", start, end, text, None)
        return clause


def open_clause_index(
    rt: Runtime,
    documents: Documents,
    *,
    instruction: str,
    dim: int | None = None,
    at: Path | None = None,
) -> ClauseIndex:
    """The index of contracts, which is kept between the queries of a shell.

    Args:
        rt: the Runtime.
        documents: the contracts.
        instruction: for queries. One that stands before documents, too, is embedded with these.
        dim: vector size; None for the instruction's default.
        at: folder to keep the index in, where it is brought up to date; None for one in memory.

    Raises:
        UsageError: the index was made with another model or other settings.
        Others as `Runtime.index`.
    """
    known = rt.instructions.get(instruction)
    space = instruction if known.sides == "both" else DOCUMENTS
    kept = kept_between_queries()
    key = ("clauses", space, dim, at)
    opened = kept.get(key)
    if isinstance(opened, ClauseIndex):
        return opened
    try:
        index = rt.index(
            documents, at=at, instruction=space, domain="legal", dim=dim, splitter=clause_sections
        )
    except UsageError as error:
        raise _without_rebuild(error) from None
    items = {document.id: document for document in documents}
    contracts = {id: read_contract(document) for id, document in items.items()}
    kept[key] = opened = ClauseIndex(items, contracts, index)
    return opened


def _without_rebuild(error: UsageError) -> UsageError:
    """The same error, with advice that the workflow can follow: it cannot build an index again."""
    if error.parameters.get("rebuild") is not True:
        return error
    return UsageError(
        error.what,
        why=error.why,
        fix="Search with the model and settings of the index, or name another folder with $at.",
        code=error.code,
        parameters={"at": ...},
    )
