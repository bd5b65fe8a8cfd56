from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from metier.assertion.assertion import Assertion
from metier.assertion.rule_file import AssertionRule, AssertionRuleFile
from metier.assertion.rules import AssertionRules
from metier.errors import PackError, ParameterError
from metier.texts.phrases import Phrases

TERMS = Phrases(["missed", "late", "bankrupt*", "behind on", "no ... income"])


@pytest.fixture(scope="module")
def rules() -> AssertionRules:
    return AssertionRules.load("en")


def write(folder: Path, content: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(f"schema: 1\nlanguage: en\n{content}", encoding="utf-8")
    return path


def status(rules: AssertionRules, sentence: str) -> str:
    return rules.judge(sentence, TERMS).status


# --- judging --------------------------------------------------------------------------------------


def test_of_several_terms_the_one_that_is_ruled_out_least_counts(rules):
    sentence = "I never missed a payment, but I was late once."
    assertion = rules.judge(sentence, TERMS)
    assert (assertion.status, assertion.target, assertion.basis) == ("affirmed", "late", "term")
    each = rules.judge_each(sentence, TERMS)
    assert [(found.target, found.status) for found in each] == [
        ("missed", "negated"),
        ("late", "affirmed"),
    ]


def test_a_term_that_holds_a_denial_is_not_denied_by_it(rules):
    assertion = rules.judge("I have no steady income right now.", TERMS)
    assert (assertion.target, assertion.status) == ("no steady income", "affirmed")


def test_all_statuses_are_kept_and_the_first_in_order_leads(rules):
    assertion = rules.judge("My ex-husband was not bankrupt ten years ago.", TERMS)
    assert assertion.status == "negated"
    assert assertion.statuses == ("negated", "other person", "past")
    assert [(word.text, word.status, word.rule) for word in assertion.modifiers] == [
        ("My ex-husband", "other person", "acquaintances"),
        ("not", "negated", "negation"),
        ("ten years ago", "past", "long-ago"),
    ]


def test_terms_of_all_sentences_of_a_text_have_offsets_in_the_text(rules):
    text = "I was never late. My brother was bankrupt. I missed one."
    each = rules.judge_each(text, TERMS)
    assert [(found.target, found.status) for found in each] == [
        ("late", "negated"),
        ("bankrupt", "family"),
        ("missed", "affirmed"),
    ]
    for found in each:
        assert text[found.start : found.end] == found.target
        assert all(text[word.start : word.end] == word.text for word in found.modifiers)


def test_words_of_one_sentence_do_not_reach_into_the_next(rules):
    text = "I was never late. I missed a payment. Ten years ago I moved."
    start = text.index("missed")
    assert rules.judge_span(text, start, start + 6).status == "affirmed"


def test_without_terms_the_clause_is_judged(rules):
    assertion = rules.judge("I have never failed to meet an obligation.")
    assert (assertion.status, assertion.basis) == ("negated", "clause")
    assert [word.text for word in assertion.modifiers] == ["never"]


def test_a_sentence_with_one_clause_that_is_affirmed_is_affirmed(rules):
    sentence = "I have never owned a car, but the bank took my house."
    assertion = rules.judge(sentence)
    assert (assertion.status, assertion.target) == ("affirmed", "but the bank took my house")


def test_a_sentence_without_the_terms_is_judged_by_its_clauses(rules):
    assertion = rules.judge("If the worst happens, my savings are there.", TERMS)
    assert assertion.basis == "clause"


def test_a_status_that_reaches_less_than_half_of_a_clause_is_not_its_status(rules):
    assertion = rules.judge("The bank took the house that my parents built with no help.")
    assert assertion.status == "affirmed"


@pytest.mark.parametrize("sentence", ["", "   ", "?", "No.", "...", "not not not", "\u200b"])
def test_a_sentence_without_words_to_judge_is_affirmed(rules, sentence):
    assertion = rules.judge(sentence)
    assert (assertion.status, assertion.modifiers) == ("affirmed", ())


def test_a_span_outside_of_the_text_is_refused(rules):
    with pytest.raises(ParameterError, match="no span from 3 to 99 in a text of 5"):
        rules.judge_span("abcde", 3, 99)
    with pytest.raises(ParameterError):
        rules.judge_span("abcde", 2, 2)


def test_a_span_of_spaces_is_affirmed(rules):
    assert rules.judge_span("not  here", 3, 5).status == "affirmed"


def test_a_span_over_two_sentences_is_judged_by_both(rules):
    text = "I have not! Late at all."
    assertion = rules.judge_span(text, text.index("!"), len(text))
    assert assertion.status == "negated"


def test_a_model_of_pydantic_may_hold_an_assertion(rules):
    class Report(BaseModel):
        assertion: Assertion

    report = Report(assertion=rules.judge("I was never late.", TERMS))
    assert Report.model_validate_json(report.model_dump_json()) == report


# --- files ----------------------------------------------------------------------------------------


def test_a_file_adds_rules_and_words(tmp_path):
    path = write(
        tmp_path,
        "words: {acquaintance: [guarantor]}\n"
        "rules: [{id: hearsay, status: uncertain, patterns: [rumor has it]}]\n",
    )
    own = AssertionRules.load("en", path)
    assert status(own, "My guarantor was late.") == "other person"
    assert status(own, "My friend was late.") == "other person"
    assert status(own, "Rumor has it I was late.") == "uncertain"
    assert status(own, "I was never late.") == "negated"


def test_a_file_replaces_the_rule_of_the_same_id(tmp_path):
    path = write(tmp_path, "rules: [{id: question, status: uncertain, patterns: ['?!']}]")
    own = AssertionRules.load("en", path)
    assert status(own, "Was I late?") == "affirmed"
    assert status(own, "The card was late?!") == "affirmed"  # it reaches forward


def test_a_file_removes_rules_and_patterns(tmp_path, rules):
    path = write(
        tmp_path,
        "remove: [question]\n"
        "remove_patterns: ['(afraid|scared|terrified|frightened) (of|to|that)']",
    )
    own = AssertionRules.load("en", path)
    assert status(own, "Was I late?") == "affirmed"
    assert status(rules, "I am afraid of late fees.") == "hypothetical"
    assert status(own, "I am afraid of late fees.") == "affirmed"


def test_the_last_file_is_the_strongest(tmp_path):
    first = write(tmp_path, "remove: [question]")
    second = tmp_path / "second.toml"
    second.write_text(
        'schema = 1\nlanguage = "en"\n[[rules]]\nid = "question"\nstatus = "uncertain"\n'
        'direction = "backward"\npatterns = ["?"]\n',
        encoding="utf-8",
    )
    assert status(AssertionRules.load("en", first, second), "Was I late?") == "uncertain"


def test_rules_can_be_made_in_code():
    rule = AssertionRule(id="never", status="negated", patterns=("nunca",))
    own = AssertionRules([AssertionRuleFile(schema=1, language="es", rules=(rule,))])
    assert own.judge("Nunca late", TERMS).status == "negated"
    assert repr(own) == "AssertionRules(language='es', 1 rules)"


MISTAKES = {
    "rules: [{id: a, status: negatd, patterns: [x]}]": "line 3, column 17: status",
    "rules: [{id: a, state: negated, patterns: [x]}]": "line 3, column 17: unknown key 'state'. Did"
    " you mean 'status'?",
    "rules:\n  - id: a\n    patterns: [x, '(y']": "own.yaml, line 5, column 19: '(y': '(' is not"
    " closed.",
    "rules:\n  - id: a\n    patterns: ['{relatve} x']": "no words are called 'relatve'. Did you"
    " mean 'relative'",
    "words: {a: ['{relative}']}": "line 3, column 13: '{relative}': no words are called 'relative'",
    "rules: [{id: a, patterns: [x]}, {id: a, patterns: [y]}]": "rule a is defined more than once",
    "rules: [{id: a, status: past, flips: true, patterns: [x]}]": "'flips' is for the status",
    "rules: [{id: a, always: true, patterns: [x]}]": "'always' and 'flips' are for rules with a",
    "rules: [{id: a, patterns: []}]": "patterns",
    "rules: [{id: a, patterns: [' ']}]": "it is empty",
    "rules: [{id: a, patterns: ['[x]']}]": "it stands for no word at all",
    "remove: [negatoin]": "line 3, column 10: there is no rule 'negatoin' to remove. Did you mean"
    " 'negation'?",
    "remove_patterns: [zzz zzz]": "line 3, column 19: there is no pattern 'zzz zzz' to remove.",
}


@pytest.mark.parametrize(("content", "message"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_mistakes_in_a_file_are_named_with_their_position(tmp_path, content, message):
    with pytest.raises(PackError) as caught:
        AssertionRules.load("en", write(tmp_path, content))
    assert message in str(caught.value)
    assert caught.value.position is not None


def test_a_file_of_another_language_is_refused(tmp_path):
    path = tmp_path / "de.yaml"
    path.write_text("schema: 1\nlanguage: de\n", encoding="utf-8")
    with pytest.raises(PackError, match="line 2, column 1: its language is 'de'"):
        AssertionRules.load("en", path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PackError, match=r"none\.yaml cannot be read"):
        AssertionRules.load("en", tmp_path / "none.yaml")


def test_mistakes_in_code_are_named_without_a_position():
    rule = AssertionRule(id="a", patterns=("(x",))
    with pytest.raises(ParameterError, match="'\\(x': '\\(' is not closed"):
        AssertionRules([AssertionRuleFile(schema=1, language="en", rules=(rule,))])
    with pytest.raises(ParameterError, match="at least one file"):
        AssertionRules([])


def test_a_language_without_rules_is_refused_with_those_there_are():
    with pytest.raises(ParameterError, match="no rules of assertion for the language 'xx'"):
        AssertionRules.load("xx")
    assert {"en", "de", "zh"} <= set(AssertionRules.languages())


@pytest.mark.parametrize("language", AssertionRules.languages())
def test_shipped_rules_load_and_say_their_language(language):
    own = AssertionRules.load(language)
    assert own.language == language
    assert {rule.status for rule in own.rules.values()} > {"negated", "hypothetical", "past"}


def test_a_text_without_ends_of_sentences_is_read_in_parts(rules):
    text = "never late then " * 3_000
    each = rules.judge_each(text, TERMS)
    assert len(each) == 3_000
    assert {found.status for found in each[:200]} == {"negated"}
    assert all(text[found.start : found.end] == "late" for found in each)
    start = text.index("late", 24_000)
    assert rules.judge_span(text, start, start + 4).status == "negated"
    assert len(rules.judge_each("late" * 5_000 + " late", TERMS)) == 1
