"""Marks: vectors that may be compared, and those that may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metier.errors import UsageError
from metier.registry.instruction import Instruction
from metier.registry.provenance import Provenance, require_comparable

QUERY = Instruction(id="find", task="Find the toy", kind="retrieval")
BOTH = Instruction(id="sort", task="Sort toys by size", kind="clustering", sides="both")


def mark(instruction: Instruction | None = None) -> Provenance:
    return Provenance.of("tiny", "f00d", 64, instruction)


def refusal(one: Provenance, other: Provenance) -> UsageError | None:
    """What is said against comparing two sets of vectors; None where nothing is."""
    try:
        require_comparable(one, other)
    except UsageError as error:
        return error
    return None


@pytest.mark.parametrize("instruction", [None, QUERY, BOTH])
def test_vectors_made_alike_may_be_compared(instruction):
    assert refusal(mark(instruction), mark(instruction)) is None


def test_an_instruction_for_queries_leaves_documents_comparable():
    other = QUERY.model_copy(update={"task": "Find another toy"})

    assert refusal(mark(QUERY), mark()) is None
    assert refusal(mark(QUERY), mark(other)) is None


def test_an_instruction_for_both_sides_has_to_be_the_same():
    changed = BOTH.model_copy(update={"task": "Sort toys by age", "version": 2})
    for other, said in ((changed, rf"sort@2 \(content {changed.digest}\)"), (None, "none")):
        with pytest.raises(UsageError, match=rf"sort@1 \(content {BOTH.digest}\) and {said}"):
            require_comparable(mark(BOTH), mark(other))
    assert refusal(mark(BOTH), mark(BOTH.model_copy(update={"version": 2}))) is None


def test_every_difference_is_spelled_out():
    other = replace(mark(BOTH), model="large", fingerprint="beef", dim=128)
    with pytest.raises(UsageError) as refused:
        require_comparable(mark(QUERY), other, names=("the index", "the query"))
    said = str(refused.value)
    assert "The vectors of the index and of the query cannot be compared." in said
    assert "model: 'tiny' (fingerprint f00d) and 'large' (fingerprint beef)" in said
    assert "dim: 64 and 128" in said
    assert "instruction: find@1" in said


def test_the_name_of_a_model_decides_nothing():
    assert refusal(mark(), replace(mark(), model="the same files elsewhere")) is None


def test_a_model_that_reads_no_instructions_makes_the_same_of_all_of_them():
    bare = Provenance.of("tiny", "f00d", 64)
    marked = Provenance.of("tiny", "f00d", 64, BOTH, follows=False)
    assert refusal(marked, bare) is None
    assert (marked.instruction, marked.digest) == (BOTH.full_id, BOTH.digest)
