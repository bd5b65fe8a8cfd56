"""Instructions made in code."""

from __future__ import annotations

from metier.registry.instruction import Instruction

QUERY_TASK = Instruction(id="find", task="Find the toy of that name", kind="retrieval", dim=48)
BOTH_TASK = Instruction(id="sort", task="Sort toys by kind", kind="clustering", sides="both")
