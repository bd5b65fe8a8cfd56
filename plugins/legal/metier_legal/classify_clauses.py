"""legal/classify-clauses: what kind of clause each one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from metier.plugin import (
    Checklist,
    ClassificationReport,
    Column,
    Dim,
    DocumentPosition,
    Documents,
    Item,
    LongTexts,
    Runtime,
    Seed,
    Table,
    Texts,
    Threshold,
    classify_by_checklist,
    domain_checklist,
    workflow,
)
from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.hypotheses.shipped import shipped_hypotheses, subjects_of
from metier_legal.structure import Clause, Contract, read_contract
from metier_legal.structure.cited import cited_contract

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ClausePosition(BaseModel):
    """Where a clause stands: its text is `text[start:end]` of the contract.

    Attributes:
        contract: id of the contract, such as its file name.
        clause: number and title of the clause after those it stands under; may be empty.
        start: offset of its first character.
        end: offset after its last one.
        page: counted from 1; None where the contract has no pages.
    """

    model_config = ConfigDict(frozen=True)

    contract: str
    clause: str
    start: int
    end: int
    page: int | None


class ClauseTypes(ClassificationReport):
    """Clauses with their types, in order.

    Attributes:
        positions: of the clauses in their contracts; empty where clauses were given as rows.
    """

    positions: tuple[ClausePosition, ...] = ()

    def tables(self) -> list[Table]:
        summary, detail = super().tables()
        if not self.positions:
            return [summary, detail]
        cells = map(_cell, self.positions)
        rows = [(*row[:1], cell, *row[1:]) for row, cell in zip(detail.rows, cells, strict=True)]
        columns = (Column("id", hidden=True), Column("clause"), *detail.columns[1:])
        return [summary, Table(detail.title, columns, rows, main=True)]

    def rows(self) -> list[dict[str, object]]:
        if not self.positions:
            return super().rows()
        return [
            {**row, **position.model_dump()}
            for row, position in zip(super().rows(), self.positions, strict=True)
        ]


Labels = Annotated[
    tuple[Label, ...],
    Field(
        description="Types to choose from, each a name of the checklist or `name: description`, or "
        "names of hypotheses of legal/nda-check; else all of the checklist."
    ),
]
Examples = Annotated[
    Texts | None,
    Field(description="Clauses with labels, to learn from beside those of the checklist."),
]
ChecklistFile = Annotated[
    Path | None,
    Field(
        description="YAML file that adds types, changes them by id, or removes them: keys "
        "questions, remove and neutral."
    ),
]
Divide = Annotated[
    bool | None,
    Field(
        description="Whether to divide each text into its clauses; else files that are no tables "
        "are divided."
    ),
]


AllowNone = Annotated[
    bool | None,
    Field(
        description="Whether a clause that is likelier an ordinary one than of a label has none; "
        "else only where neither labels nor examples are given."
    ),
]


@workflow("legal/classify-clauses", instruction="legal/clause-classification")
def classify_clauses(
    rt: Runtime,
    clauses: Annotated[
        Documents, Field(description="Contracts (a folder, or text files) or clauses (a table).")
    ],
    *,
    labels: Labels = (),
    examples: Examples = None,
    label_field: Annotated[
        str, Field(description="Field of the examples that holds the label.")
    ] = "label",
    checklist: ChecklistFile = None,
    divide: Divide = None,
    threshold: Annotated[
        Threshold, Field(description="Leave a clause undecided below this probability.")
    ] = 0.0,
    allow_none: AllowNone = None,
    seed: Seed = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClauseTypes:
    """Say of which type each clause is, and leave undecided what is of none.

    What is learned are the examples of a checklist of 41 types, and yours where you have labeled
    some. With labels or examples every clause gets one of their types, unless it may have none.
    """
    is_divided = _are_files(clauses) if divide is None else divide
    contracts = [(item, read_contract(item)) for item in clauses] if is_divided else []
    report = classify_by_checklist(
        rt,
        _clauses_of(contracts, clauses.source) if contracts else Texts.of(clauses),
        _types(rt, labels, checklist),
        labels=labels,
        examples=examples,
        label_field=label_field,
        instruction="legal/clause-classification",
        noun="clauses",
        threshold=threshold,
        allow_none=allow_none,
        seed=seed,
        dim=dim,
        long_texts=long_texts,
    )
    fields = dict(report) | {
        "positions": tuple(_positions(contracts)),
        "cited_documents": tuple(cited_contract(contract, item) for item, contract in contracts),
    }
    return ClauseTypes(**fields)


def _types(rt: Runtime, labels: Sequence[str], path: Path | None) -> Checklist:
    """Those of the checklist, or hypotheses if all labels name these and none names a type."""
    subjects = subjects_of(shipped_hypotheses())
    types = domain_checklist(rt, "legal", shipped_checklist(), path)
    if labels and all(subjects.named(label) for label in labels):
        return types if any(types.named(label) for label in labels) else subjects
    return types


def _are_files(documents: Documents) -> bool:
    """Whether a document is all of a file, and no row of one."""
    names = {path.name for path in documents.files}
    return any(Path(item.id).name in names for item in documents)


def _clauses(contract: Contract) -> list[Clause]:
    return [clause for clause in contract.clauses if clause.kind != "contents"]


def _clauses_of(contracts: Sequence[tuple[Item, Contract]], source: str) -> Texts:
    clauses = [
        Item(f"{contract.id}:{clause.start}-{clause.end}", clause.text)
        for _, contract in contracts
        for clause in _clauses(contract)
    ]
    return Texts(clauses, source=source)


def _positions(contracts: Sequence[tuple[Item, Contract]]) -> Iterator[ClausePosition]:
    for _, contract in contracts:
        for clause in _clauses(contract):
            yield ClausePosition(
                contract=contract.id,
                clause=clause.label,
                start=clause.start,
                end=clause.end,
                page=clause.page,
            )


def _cell(position: ClausePosition) -> DocumentPosition:
    page = f"page {position.page}" if position.page is not None else ""
    label = ", ".join(part for part in (position.contract, position.clause, page) if part)
    return DocumentPosition(position.contract, position.start, position.end, label)
