"""legal/nda-check: nondisclosure agreements against hypotheses, with the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    Documents,
    Runtime,
    domain_checklist,
    workflow,
)
from metier_legal.hypotheses.checker import INSTRUCTION, THRESHOLD, HypothesisChecker
from metier_legal.hypotheses.remarks import agreement_remarks
from metier_legal.hypotheses.report import AgreementReport
from metier_legal.hypotheses.shipped import shipped_hypotheses
from metier_legal.structure import read_contract
from metier_legal.structure.cited import cited_contract


@workflow("legal/nda-check", instruction=INSTRUCTION)
def nda_check(
    rt: Runtime,
    agreements: Annotated[
        Documents, Field(description="Nondisclosure agreements: files, a folder or a table.")
    ],
    *,
    hypotheses: Annotated[
        Path | None,
        Field(
            description="YAML file that adds hypotheses, changes them by id or removes them: keys "
            "questions (examples entail, contrasts contradict), remove and neutral."
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        Field(
            ge=0.0,
            le=1.0,
            description="Probability from which a hypothesis counts as mentioned, whichever it is; "
            f"{THRESHOLD:g} and the thresholds of hypotheses, by default.",
        ),
    ] = None,
    dim: Dim = None,
) -> AgreementReport:
    """Say of each hypothesis whether nondisclosure agreements entail, contradict or omit it.

    17 hypotheses, unless you change them, are set against every sentence and every entry of a list,
    read with the words before the list. What the words make of a term (shall not, may, need not,
    except) and which known sentences it resembles decides between entailed and contradicted; where
    nothing is near, the hypothesis is not mentioned. Several agreements give a matrix.
    """
    checklist = domain_checklist(rt, "legal", shipped_hypotheses(), hypotheses, key="hypotheses")
    if threshold is not None:
        checklist = checklist.with_one_threshold()
    least = THRESHOLD if threshold is None else threshold
    contracts = [read_contract(item) for item in agreements]
    checker = HypothesisChecker(rt, checklist, threshold=least, dim=dim)
    return AgreementReport(
        threshold=least,
        remarks=tuple(agreement_remarks(agreements, checklist)),
        agreements=tuple(checker.check(contracts)),
        one_sided=tuple(
            hypothesis.title for hypothesis in checklist.questions if not hypothesis.contrasts
        ),
        cited_documents=tuple(map(cited_contract, contracts, agreements)),
    )
