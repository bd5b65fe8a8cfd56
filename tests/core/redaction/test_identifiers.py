"""Identifiers as data: what files may say, and what is found by them."""

from __future__ import annotations

import pytest

from metier.errors import PackError, ParameterError
from metier.redaction.identifiers import Identifiers

LOANS = """
schema: 1
kinds:
  - {id: loan-number, surrogate: code}
rules:
  - {kind: loan-number, labels: ['loan{number}'], value: '{code}', lists: true}
not_names: [refinance]
"""


def kinds_in(text: str, identifiers: Identifiers | None = None) -> list[tuple[str, str]]:
    found = (identifiers or Identifiers()).find(text)
    return [(identifier.kind, text[identifier.start : identifier.end]) for identifier in found]


def test_a_domain_adds_kinds_of_its_own(tmp_path):
    (tmp_path / "loans.yaml").write_text(LOANS)
    identifiers = Identifiers(tmp_path / "loans.yaml")
    assert kinds_in("Loan #s 20481 and 83115 of Mr. Abara", identifiers) == [
        ("loan-number", "20481"),
        ("loan-number", "83115"),
        ("name", "Abara"),
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{kind: loan-number, value: 'L\\d+'}", "has no end"),
        ("{kind: loan-number, value: '[A-Z]{2,}'}", "has no end"),
        ("{kind: loan-number, value: '(L{1,3}'}", "cannot be used"),
        ("{kind: loan-number, value: '{loan}'}", "no fragment 'loan'"),
        ("{kind: loan-numbr, value: 'L1'}", "Did you mean 'loan-number'"),
        ("{kind: loan-number, value: 'L1', check: lunh}", "check"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_its_line(tmp_path, rule, message):
    path = tmp_path / "loans.yaml"
    path.write_text(
        f"schema: 1\nkinds: [{{id: loan-number, surrogate: code}}]\nrules:\n  - {rule}\n"
    )
    with pytest.raises(PackError, match=message) as refused:
        Identifiers(path)
    assert "loans.yaml, line 4" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SMITH, JOHN A. was seen. Name: SMITH, JOHN A.", ["SMITH, JOHN A.", "SMITH, JOHN A."]),
        ("Dr. Young saw Mrs. van der Berg", ["Young", "van der Berg"]),
        ("by Eva O'Neil-Diaz, MD. O'Neil-Diaz", ["Eva O'Neil-Diaz", "O'Neil-Diaz"]),
        ("my daughter Anna and his wife, Grace Mbeki", ["Anna", "Grace Mbeki"]),
        ("Sincerely,\n\nJ. Alvarez", ["J. Alvarez"]),
        ("Mr. Parkinson has Parkinson's disease", ["Parkinson"]),
        ("Mr. Foley got a Foley catheter", ["Foley"]),
        ("Ms. White: white blood cells. White count 8", ["White"]),
        ("Patient denies pain. Patient: Alert. Seen by Neurology", []),
    ],
)  # fmt: skip
def test_names_are_found_where_they_are_stated_and_wherever_they_are_repeated(text, names):
    assert [value for kind, value in kinds_in(text) if kind == "name"] == names


def test_a_kind_may_be_named_by_its_title_and_an_unknown_one_is_refused():
    identifiers = Identifiers()
    assert identifiers.require_kinds(["zip code", "date"], "keep") == {"postal-code", "date"}
    with pytest.raises(ParameterError, match="Did you mean 'date'"):
        identifiers.require_kinds(["dates"], "keep")
