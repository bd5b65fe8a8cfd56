"""legal/compare-contracts: two versions of a contract, or two parties' forms, by clause."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    Documents,
    InputError,
    Item,
    Runtime,
    workflow,
)
from metier_legal.comparison.by_meaning import INSTRUCTION, ClauseVectors
from metier_legal.comparison.comparison import compare
from metier_legal.comparison.comparison_report import ContractComparison
from metier_legal.structure import read_contract
from metier_legal.structure.cited import cited_contract


@workflow("legal/compare-contracts", instruction=INSTRUCTION)
def compare_contracts(
    rt: Runtime,
    left: Annotated[
        Documents, Field(description="The earlier version, or one party's form: one contract.")
    ],
    right: Annotated[
        Documents, Field(description="The later version, or the other party's form: one contract.")
    ],
    *,
    dim: Dim = None,
) -> ContractComparison:
    """Compare two contracts clause by clause: the same, moved, changed, only in one.

    Clauses are paired by their text, then by their words, and what is left by meaning, if it is
    near enough. Numbers of clauses do not count, references count by the clause they mean, and a
    term or party that is renamed throughout is one finding. Tables of contents are left out.
    """
    items = _item(left, "left"), _item(right, "right")
    contracts = read_contract(items[0]), read_contract(items[1])
    result = compare(
        *contracts,
        lambda lefts, rights, rows, others, known: ClauseVectors(rt, lefts, rights, dim).pairs(
            rows, others, known
        ),
    )
    documents = tuple(
        replace(cited_contract(contract, item), id=side.id)
        for contract, item, side in zip(contracts, items, (result.left, result.right), strict=True)
    )
    return result.model_copy(update={"cited_documents": documents})


def _item(documents: Documents, side: str) -> Item:
    """The contract that an input holds.

    Raises:
        InputError: it holds several.
    """
    if len(documents) > 1:
        names = ", ".join(document.id for document in list(documents)[:3])
        raise InputError(
            f"The {side} side has {len(documents)} contracts: {names}"
            f"{' ...' if len(documents) > 3 else ''}.",
            why="One contract is compared with another.",
            fix=f"Give one file as ${side}.",
            parameters={side: ...},
        )
    return next(iter(documents))
