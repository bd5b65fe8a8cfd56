"""legal/review-contract: one contract against a checklist, a playbook and other contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import Dim, Documents, InputError, Runtime, domain_checklist, workflow
from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.review.languages import language_remarks
from metier_legal.review.report import ContractReview
from metier_legal.review.reviewer import INSTRUCTION, THRESHOLD, ContractReviewer
from metier_legal.structure import cited_contract

ChecklistFile = Annotated[
    Path | None,
    Field(
        description="YAML file that adds questions, changes them by id or removes them, and sets "
        "your positions (a playbook): keys questions, remove and neutral."
    ),
]
"""File of changes to the checklist of a review; None for that of the domain and its packs."""

PresenceThreshold = Annotated[
    float | None,
    Field(
        ge=0.0,
        le=1.0,
        description="Probability from which a clause is present, whatever the question; "
        f"{THRESHOLD:g} and the thresholds of the checklist, by default.",
    ),
]
"""Least probability of a clause that counts as present; None for those of the checklist."""


@workflow("legal/review-contract", instruction=INSTRUCTION)
def review_contract(
    rt: Runtime,
    contract: Annotated[Documents, Field(description="One contract.")],
    *,
    checklist: ChecklistFile = None,
    reference: Annotated[
        Documents | None,
        Field(description="Contracts of yours to compare with: a folder, or several files."),
    ] = None,
    threshold: PresenceThreshold = None,
    dim: Dim = None,
) -> ContractReview:
    """Review a contract: which clauses it has, which are missing, and what deviates from a playbook

    Every question of the checklist (41 types of clauses, unless you change them) is answered with
    the sentence that answers it, where it stands, and a probability that the contract has such a
    clause. Positions of a playbook make it a match, a deviation, missing or unclear; with reference
    contracts it also says which clauses are unusual.
    """
    if len(contract) > 1:
        raise InputError(
            f"legal/review-contract reads one contract, and here are {len(contract)}.",
            fix="Name one of the files, or run legal/review-contracts, which sets several against "
            "the checklist.",
            code="several-contracts",
            parameters={"contract": ...},
        )
    questions = domain_checklist(rt, "legal", shipped_checklist(), checklist)
    reviewer = ContractReviewer.of(rt, questions, threshold, dim)
    others = [item for item in reference or () if item.text != contract[0].text]
    known = reviewer.reference_set(others) if others else None
    remarks = [*language_remarks(contract, questions)]
    if reference is not None and not others:
        remarks.append("The reference holds this contract alone, which is not set against itself.")
    (reviewed,) = reviewer.review(contract, known)
    return ContractReview(
        contract=reviewed.contract.id,
        remarks=tuple(remarks),
        threshold=reviewer.threshold,
        findings=reviewed.findings,
        cited_documents=(cited_contract(reviewed.contract, reviewed.item),),
    )
