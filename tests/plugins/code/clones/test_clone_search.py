"""Clones of types 1 to 3 among definitions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from tests.plugins.code.clones import sources

from metier_code.clones.candidates import candidate_pairs
from metier_code.clones.clone_search import CloneSearch
from metier_code.clones.comparison import CloneEvidence
from metier_code.clones.definitions import definition_tokens
from metier_code.clones.groups import linked_groups
from metier_code.clones.sequences import TokenSequences
from metier_code.clones.tokens import Token, TokenKind


def search(texts: Sequence[str], language: str = "Python") -> CloneSearch:
    sequences = TokenSequences()
    for text in texts:
        sequences.add(definition_tokens(text, language))
    return CloneSearch(sequences, [language] * len(texts))


def compared(first: str, second: str, language: str = "Python") -> CloneEvidence:
    return search([first, second], language).evidence(0, 1)


def test_layout_comments_and_documentation_do_not_count() -> None:
    evidence = compared(sources.PYTHON, sources.PYTHON_LAID_OUT)
    assert evidence == CloneEvidence(1, 1.0, is_clone=True)


def test_names_replaced_throughout_and_other_literals_are_type_2() -> None:
    assert compared(sources.PYTHON, sources.PYTHON_RENAMED) == CloneEvidence(2, 1.0, is_clone=True)


def test_one_name_replaced_in_one_spot_is_a_change() -> None:
    evidence = compared(sources.PYTHON, sources.PYTHON_MIXED_UP)
    assert (evidence.type, evidence.is_clone) == (3, True)
    assert 0.95 < evidence.similarity < 1.0


def test_statements_added_removed_changed_and_reordered_are_type_3() -> None:
    evidence = compared(sources.PYTHON, sources.PYTHON_EDITED)
    assert (evidence.type, evidence.is_clone) == (3, True)
    assert 0.7 < evidence.similarity < 0.95
    both = compared(sources.PYTHON_RENAMED, sources.PYTHON_LOGGED)
    assert (both.type, both.is_clone) == (3, True)


def test_another_function_is_no_clone() -> None:
    evidence = compared(sources.PYTHON, sources.PYTHON_OTHER)
    assert not evidence.is_clone
    assert evidence.similarity < 0.4


def test_statements_in_another_order_are_all_found() -> None:
    """Blocks that change places lose nothing; nothing of a block counts twice."""
    blocks = [
        "    with open(path, encoding='utf-8') as file:\n        rows = [*map(str.strip, file)]\n",
        "    seen = {key: value for key, value in known.items() if value is not None}\n",
        "    while queue and not done:\n        done = queue.pop().visit(limit - 1)\n",
    ]
    first, second = ("def f():\n" + "".join(part) for part in (blocks, blocks[::-1]))
    evidence = compared(first, second)
    assert (evidence.type, evidence.is_clone) == (3, True)
    assert evidence.similarity > 0.9
    assert compared(first, "def f():\n" + blocks[0] * 4).similarity < 0.8


def test_a_language_without_a_grammar_is_read_by_its_lexer() -> None:
    first = "SELECT name, 'x' FROM orders -- all\nWHERE paid = 1 AND total > 20;"
    second = "SELECT name,'x'\nFROM orders WHERE paid = 1\n  AND total > 20"
    assert compared(first, second, "SQL").type == 1
    assert compared(first, second.replace("orders", "sales").replace("20", "7"), "SQL").type == 2


@pytest.mark.parametrize(
    ("language", "source"),
    [("Java", sources.JAVA), ("Go", sources.GO), ("TypeScript", sources.TYPESCRIPT)],
)
def test_each_type_is_told_apart_in_other_languages(language: str, source: str) -> None:
    laid_out = re.sub(r"([{;])\n", r"\1 // so\n\n", source)
    renamed = re.sub(r"\bentry\b", "row", re.sub(r"\blimit\b", "bound", source))
    edited = renamed.replace("continue", "break").replace("age > bound", "age > bound && age < 99")
    found = [compared(source, other, language) for other in (laid_out, renamed, edited)]
    assert [evidence.type for evidence in found] == [1, 2, 3]
    assert all(evidence.is_clone for evidence in found)


def test_code_that_repeats_itself_needs_the_same_names() -> None:
    """Lists of assignments are alike in shape, whatever they assign."""
    stored = "\n".join(f"    self.{name} = {name}" for name in "abcdefghij")
    others = "\n".join(f"    self.{name} = {name}" for name in "klmnopqrs")
    first, second = f"def f(self):\n{stored}\n", f"def f(self):\n{others}\n    self.x = 1\n"
    assert not compared(first, second).is_clone
    assert compared(first, first.replace("self.c = c", "self.c = 1")).is_clone


def test_groups_hold_what_is_like_all_of_the_others() -> None:
    texts = [
        *(sources.PYTHON, sources.PYTHON_OTHER, sources.PYTHON_RENAMED),
        sources.PYTHON_OTHER.replace("picture", "photo"),
    ]
    assert search(texts).groups() == [[0, 2], [1, 3]]


def test_a_chain_of_small_changes_is_not_one_group() -> None:
    clones = {(0, 1), (1, 2), (2, 3)}
    groups = linked_groups(sorted(clones), lambda row, other: (row, other) in clones)
    assert groups == [[0, 1], [2, 3]]


def test_the_clones_of_one_definition_come_most_similar_first() -> None:
    texts = [sources.PYTHON_EDITED, sources.PYTHON_OTHER, sources.PYTHON, sources.PYTHON_MIXED_UP]
    assert search(texts).clones_of(2) == [3, 0]


def test_languages_of_one_family_are_compared_and_others_are_not() -> None:
    sequences = TokenSequences()
    body = "(a, b) {\n  const c = a.map((x) => x + b);\n  return c.filter((x) => x > 3);\n}"
    for language in ("JavaScript", "TypeScript", "Java"):
        sequences.add(definition_tokens(f"function total{body}", language))
    assert CloneSearch(sequences, ["JavaScript", "TypeScript", "Java"]).groups() == [[0, 1]]


def test_ten_thousand_equal_functions_are_one_group_without_a_pair_compared() -> None:
    sequences = TokenSequences()
    tokens = definition_tokens(sources.PYTHON, "Python")
    for _ in range(10_000):
        sequences.add(tokens)
    found = CloneSearch(sequences, ["Python"] * 10_000)
    assert [len(group) for group in found.groups()] == [10_000]
    assert not found._known


def test_one_function_has_all_its_clones_however_many_they_are() -> None:
    sequences = TokenSequences()
    tokens = definition_tokens(sources.PYTHON, "Python")
    for _ in range(1_200):
        sequences.add(tokens)
    assert len(CloneSearch(sequences, ["Python"] * 1_200).clones_of(7)) == 1_199


def test_pairs_to_compare_grow_with_the_functions_not_with_their_square() -> None:
    """Two thousand functions that differ in a spot each: at most a few dozen pairs for each."""
    sequences = TokenSequences()
    tokens = definition_tokens(sources.PYTHON, "Python")
    for number in range(2_000):
        own = [Token(TokenKind.WORD, f"w{number}", 0)] * 3
        position = number % len(tokens)
        sequences.add([*tokens[:position], *own, *tokens[position:]])
    pairs = candidate_pairs(sequences, np.arange(2_000))
    assert len(pairs) < 2_000 * 30


def test_a_very_long_function_is_compared_with_its_changed_copy() -> None:
    lines = [f"    total += weight_{number % 97} * values[{number}]" for number in range(3_000)]
    first = "def f(values):\n" + "\n".join(lines)
    second = "def f(values):\n" + "\n".join([*lines[1_500:], *lines[:1_400]])
    evidence = compared(first, second)
    assert (evidence.type, evidence.is_clone) == (3, True)


def test_no_function_and_one_function_have_no_clones() -> None:
    assert search([]).groups() == []
    assert search([sources.PYTHON]).groups() == []
    assert search(["", ""]).groups() == [[0, 1]]
