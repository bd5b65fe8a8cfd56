from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.assertion.tables import Case, pairs, read_table

from metier.assertion.assertion import PRECEDENCE
from metier.assertion.rules import AssertionRules

TABLES = {"en": "english.txt", "de": "german.txt", "zh": "chinese.txt"}
CASES = {language: read_table(Path(__file__).with_name(name)) for language, name in TABLES.items()}
RULES = {language: AssertionRules.load(language) for language in TABLES}
SENTENCES = [(language, case) for language, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(
    ("language", "case"), SENTENCES, ids=[case.sentence for _, case in SENTENCES]
)
def test_sentences_have_their_status_and_the_words_that_decide(language: str, case: Case):
    assertion = RULES[language].judge_span(case.sentence, case.start, case.end)
    assert pairs(assertion) == case.expected


@pytest.mark.parametrize("language", TABLES)
def test_the_tables_have_every_status(language: str):
    statuses = {status for case in CASES[language] for status, _ in case.expected}
    assert statuses == set(PRECEDENCE)


def test_every_language_has_a_table():
    assert sorted(TABLES) == AssertionRules.languages()


@pytest.mark.parametrize("language", TABLES)
@pytest.mark.parametrize(
    "change",
    [str.upper, str.lower, lambda text: text.replace(" ", " \t\u00a0 "), lambda text: f"  {text} "],
    ids=["upper", "lower", "spaces", "margins"],
)
def test_case_and_spaces_make_no_difference(language: str, change):
    for case in CASES[language]:
        before, target = case.sentence[: case.start], case.sentence[case.start : case.end]
        changed, part = change(case.sentence), change(target).strip()
        start = changed.index(part, len(change(before).rstrip()))
        assertion = RULES[language].judge_span(changed, start, start + len(part))
        assert set(assertion.statuses) - {"affirmed"} == {status for status, _ in case.expected}
