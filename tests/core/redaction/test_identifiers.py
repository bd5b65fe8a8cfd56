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
        ("brought in by daughter Maria; message left for son, Peter", ["Maria", "Peter"]),
        ("Heard from mother. Referred by Cardiology", []),
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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SSN 078\u200b-05-\u200b1120", "078\u200b-05-\u200b1120"),
        ("SSN: 078&#45;05&#x2d;1120", "078&#45;05&#x2d;1120"),
        ("SSN 078 - 05 - 1120", "078 - 05 - 1120"),
        ("SSN 078-\n05-1120", "078-\n05-1120"),
        ("phone&nbsp;617&#160;555&#160;0134", "617&#160;555&#160;0134"),
        ("Call (617)\r\n555-0134 now", "(617)\r\n555-0134"),
        ("soft 617\u00ad-555\u00ad-0134", "617\u00ad-555\u00ad-0134"),
        ("\uff10\uff17\uff18-\uff10\uff15-1120", "\uff10\uff17\uff18-\uff10\uff15-1120"),
        ("ann\u200b.abara\uff20abara.example", "ann\u200b.abara\uff20abara.example"),
        ("seen 03/04/\n2019", "03/04/\n2019"),
        ("admitted on March\n4, 2019", "March\n4, 2019"),
        ("Mr.\u00a0Jo\u0308hn\u00a0Ab\u00e4ra is well", "Jo\u0308hn\u00a0Ab\u00e4ra"),
        ("Dr. \u017di\u017eek is here", "\u017di\u017eek"),
        ("Patient: \u0141ukasz &Zdot;&oacute;\u0142ty", "\u0141ukasz &Zdot;&oacute;\u0142ty"),
        ("The daughter says that this morning Mr. John\nAbara was well.", "John\nAbara"),
    ],
)  # fmt: skip
def test_what_a_reader_does_not_see_or_a_line_breaks_hides_no_identifier(text, value):
    assert [found for _, found in kinds_in(text)] == [value]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("From 3/4/2019-3/6/2019.", ["3/4/2019", "3/6/2019"]),
        ("From 3/4-3/6/2019.", ["3/4", "3/6/2019"]),
        ("4.3.-6.3.2019", ["4.3.", "6.3.2019"]),
        ("2019-03-04/2019-03-06", ["2019-03-04", "2019-03-06"]),
        ("March 3-5, 2019", ["March 3-5, 2019"]),
        ("3rd to 5th of March 2019", ["3rd to 5th of March 2019"]),
        ("BP 120/80-130/85, 3-5 days, 1-2/10, m\u00b2 10\u00b9\u00b2", []),
        ("Weight 80\u00a0kg; R&D; 3 &lt; 5; Plan\n1. Rest\n2. Fluids 120/\n80", []),
    ],
)
def test_ranges_of_dates_are_dates_and_other_ranges_are_none(text, values):
    assert [found for _, found in kinds_in(text)] == values
