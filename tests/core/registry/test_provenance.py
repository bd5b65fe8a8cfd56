"""Provenance: vectors that may be compared, and those that may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metier.errors import UsageError
from metier.registry.instruction import Instruction
from metier.registry.provenance import Provenance, require_comparable
from metier.testing import FakeEmbedder

QUERY = Instruction(id="find", task="Find the toy", kind="retrieval")
BOTH = Instruction(id="sort", task="Sort toys by size", kind="clustering", sides="both")


class Tiny(FakeEmbedder):
    def __init__(self, *, instruction_aware: bool = True) -> None:
        super().__init__()
        self.fingerprint = "f00d"
        self.profile = replace(self.profile, id="tiny", instruction_aware=instruction_aware)


def made_with(instruction: Instruction | None = None) -> Provenance:
    return Provenance.of(Tiny(), 64, instruction)


def refusal(one: Provenance, other: Provenance) -> UsageError | None:
    """What is said against comparing two sets of vectors; None where nothing is."""
    try:
        require_comparable(one, other)
    except UsageError as error:
        return error
    return None


@pytest.mark.parametrize("instruction", [None, QUERY, BOTH])
def test_vectors_made_alike_may_be_compared(instruction):
    assert refusal(made_with(instruction), made_with(instruction)) is None


def test_an_instruction_for_queries_leaves_documents_comparable():
    other = QUERY.model_copy(update={"task": "Find another toy"})

    assert refusal(made_with(QUERY), made_with()) is None
    assert refusal(made_with(QUERY), made_with(other)) is None


def test_an_instruction_for_both_sides_has_to_be_the_same():
    changed = BOTH.model_copy(update={"task": "Sort toys by age", "version": 2})
    for other, said in ((changed, rf"sort@2 \(content {changed.digest}\)"), (None, "none")):
        with pytest.raises(UsageError, match=rf"sort@1 \(content {BOTH.digest}\) and {said}"):
            require_comparable(made_with(BOTH), made_with(other))
    assert refusal(made_with(BOTH), made_with(BOTH.model_copy(update={"version": 2}))) is None


def test_every_difference_is_spelled_out():
    other = replace(made_with(BOTH), model="large", fingerprint="beef", dim=128)
    with pytest.raises(UsageError) as refused:
        require_comparable(made_with(QUERY), other, names=("the index", "the query"))
    said = str(refused.value)
    assert "The vectors of the index and of the query cannot be compared." in said
    assert "model: 'tiny' (fingerprint f00d) and 'large' (fingerprint beef)" in said
    assert "dim: 64 and 128" in said
    assert "instruction: find@1" in said


def test_the_name_of_a_model_decides_nothing():
    assert refusal(made_with(), replace(made_with(), model="the same files elsewhere")) is None


def test_a_model_that_reads_no_instructions_makes_the_same_of_all_of_them():
    embedder = Tiny(instruction_aware=False)
    instructed = Provenance.of(embedder, 64, BOTH)
    assert refusal(instructed, Provenance.of(embedder, 64)) is None
    assert (instructed.instruction, instructed.digest) == (BOTH.full_id, BOTH.digest)
