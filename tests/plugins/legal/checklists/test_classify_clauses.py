"""Clauses that are given their type: as rows, in contracts, and by the labels of a user."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Runtime
from metier.errors import InputError, PackError
from metier.evaluation import evaluate
from metier.results.document_position import DocumentPosition
from metier.texts.files import read_texts

CLAUSES = [
    "The construction of this contract is a matter for the law of Iceland alone.",
    "Grower keeps hail and fire insurance on its glasshouses with an insurer of good standing.",
    "While this contract runs and for a year after it, Grower shall not sell tulips to others who "
    "compete with Buyer in Bergen.",
]
TYPES = ["Governing Law", "insurance_requirements", "Non-Compete"]


def test_rows_get_one_of_the_types_that_are_named(rt: Runtime) -> None:
    report = rt.run("legal/classify-clauses", CLAUSES, labels=TYPES)

    assert [item.label for item in report.items] == TYPES
    assert report.labels == tuple(TYPES)
    assert report.positions == ()
    assert report.rows()[0]["score"] > 0.6


def test_a_contract_is_divided_and_each_clause_leads_to_where_it_stands(
    rt: Runtime, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    contract = read_texts(samples("metier_legal") / "supply-agreement.txt", Documents)

    report = rt.run("legal/classify-clauses", contract)

    types = {row["clause"].rpartition(", ")[2]: row["label"] for row in report.rows()}
    assert types["11.1"] == "Insurance"
    assert types["12.1"] == "Audit Rights"
    assert types["15.1"] == "Anti-Assignment"
    assert types["17.1"] == "Governing Law"
    assert types["1.2"] is None
    assert types["16.1"] is None
    (text,) = contract.strings
    for row in report.rows():
        assert text[row["start"] : row["end"]] == row["text"]
    detail = report.tables()[1]
    assert isinstance(detail.rows[0][1], DocumentPosition)
    page = tmp_path / "types.html"
    report.save(page)
    assert "Governing Law" in page.read_text(encoding="utf-8")


def test_a_few_examples_of_a_user_are_enough(rt: Runtime) -> None:
    """Types of the plugin under the user's names, and one that only the user has."""
    examples = [
        {"text": "The watering shall be done at dawn.", "type": "watering"},
        {"text": "Grower waters the bulbs twice a day and once on Sundays.", "type": "watering"},
        {"text": "Norwegian law applies.", "type": "Choice of Law"},
        {"text": "Grower insures the bulbs.", "type": "Insurance"},
    ]

    report = rt.run(
        "legal/classify-clauses",
        [*CLAUSES[:2], "In July the bulbs are watered every evening."],
        examples=examples,
        label_field="type",
    )
    ordinary = rt.run(
        "legal/classify-clauses",
        [*CLAUSES[:2], "The headings of this lease have no bearing on what it means."],
        examples=examples,
        label_field="type",
        allow_none=True,
    )

    assert [item.label for item in ordinary.items] == ["Choice of Law", "Insurance", None]
    assert [item.label for item in report.items] == ["Choice of Law", "Insurance", "watering"]
    # the only example of a label is learned beside those of the checklist, and held out, too
    assert (report.examples, report.held_out) == (4, 4)
    assert "of 4 examples are labeled right when held out" in report.notes()[0]
    assert "95% interval" in report.notes()[0]


def test_a_label_that_is_only_described_is_found_beside_types_with_examples(rt: Runtime) -> None:
    """Two labels have no examples, and one not even a description."""
    known = [*TYPES, "Anti-Assignment", "Audit Rights", "Cap on Liability", "Price Restrictions"]
    labels = [*known, "frost: Which party bears the loss of plants by frost.", "greenhouse heating"]
    clauses = [
        *CLAUSES,
        "Where seedlings freeze, it is Buyer who has to pay for them all the same.",
        "The risk that tulips perish in a frost passes to Carrier at the gate.",
    ]

    report = rt.run("legal/classify-clauses", clauses, labels=labels)

    assert [item.label for item in report.items] == [*TYPES, "frost", "frost"]
    assert report.only_named == ("greenhouse heating",)
    assert "Of 'greenhouse heating' only the name is known" in report.notes()[0]
    assert "'greenhouse heating: ...'" in report.notes()[0]


def test_a_file_adds_a_type_and_a_missing_label_is_named(rt: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "types.yaml"
    file.write_text(
        "questions:\n  - id: frost\n    title: Frost\n    description: Who bears losses by frost.\n"
        "    examples: [Losses caused by frost are borne by Grower., Frost is the risk of Buyer.]\n"
    )
    report = rt.run(
        "legal/classify-clauses",
        ["If frost destroys the bulbs, the loss falls on Buyer.", CLAUSES[0]],
        labels=["Frost", "Governing Law"],
        checklist=file,
    )
    assert [item.label for item in report.items] == ["Frost", "Governing Law"]

    file.write_text("remove: [governing-laws]")
    with pytest.raises(PackError, match="Did you mean 'governing-law'"):
        rt.run("legal/classify-clauses", CLAUSES, checklist=file)
    with pytest.raises(InputError, match="'label'"):
        rt.run("legal/classify-clauses", CLAUSES, examples=[{"text": "One.", "kind": "a"}])


def test_an_evaluation_without_examples_tells_the_workflow_the_labels(
    rt: Runtime, tmp_path: Path
) -> None:
    rows = [{"text": text, "label": label} for text, label in zip(CLAUSES, TYPES, strict=True)]
    file = tmp_path / "items.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

    measured = evaluate(rt, tmp_path, "legal", kind="classification", examples=False)

    assert measured.config["workflow"] == "legal/classify-clauses"
    assert measured.metrics["accuracy"] == 1.0
