from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from tests.core.assertion.tables import Case, pairs, read_table

from metier.plugin import AssertionRules

CASES = read_table(Path(__file__).with_name("assertion_sentences.txt"))


@pytest.fixture(scope="module")
def rules() -> AssertionRules:
    return AssertionRules.load("en", Path(str(files("metier_finance") / "assertion.yaml")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_sentences_have_their_status_and_the_words_that_decide(rules: AssertionRules, case: Case):
    assertion = rules.judge_span(case.sentence, case.start, case.end)
    assert pairs(assertion) == case.expected
