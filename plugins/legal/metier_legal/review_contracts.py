"""legal/review-contracts: contracts against a checklist, as a matrix."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import Dim, Documents, Runtime, domain_checklist, workflow
from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.review.languages import language_remarks
from metier_legal.review.matrix import ContractReviews, ReviewedDocument
from metier_legal.review.reviewer import INSTRUCTION, ContractReviewer
from metier_legal.review_contract import ChecklistFile, PresenceThreshold
from metier_legal.structure import cited_contract


@workflow("legal/review-contracts", instruction=INSTRUCTION)
def review_contracts(
    rt: Runtime,
    contracts: Annotated[
        Documents, Field(description="Contracts: a folder, or several files, one contract each.")
    ],
    *,
    checklist: ChecklistFile = None,
    threshold: PresenceThreshold = None,
    dim: Dim = None,
) -> ContractReviews:
    """Set contracts against a checklist: which of them has which clauses, and what they lack.

    The answer to each question is that of legal/review-contract, in a matrix of clause types and
    contracts, with how many contracts have each type, what each contract lacks, and one row for
    every answer.
    """
    questions = domain_checklist(rt, "legal", shipped_checklist(), checklist)
    reviewer = ContractReviewer.of(rt, questions, threshold, dim)
    reviewed = reviewer.review(contracts)
    return ContractReviews(
        remarks=tuple(language_remarks(contracts, questions)),
        threshold=reviewer.threshold,
        contracts=tuple(
            ReviewedDocument(contract=of_contract.contract.id, findings=of_contract.findings)
            for of_contract in reviewed
        ),
        cited_documents=tuple(
            cited_contract(of_contract.contract, of_contract.item) for of_contract in reviewed
        ),
    )
