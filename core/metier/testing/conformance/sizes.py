"""Checks of the vector sizes that a plugin declares, on labelled texts of its own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import NamedTuple

from metier.errors import MetierError
from metier.models.vectors import finish
from metier.registry.dims import choose_dim
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction
from metier.runtime import Runtime
from metier.testing.conformance.check import (
    Check,
    Seen,
    counted,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.measure import TOLERANCE, LabelledSet, SearchSet, read_set
from metier.testing.conformance.subject import Subject

_ROUNDING = 1e-9


class _Set(NamedTuple):
    """A declared evaluation set: where it lies, and the sizes it can speak of."""

    folder: str
    instruction: Instruction
    sizes: frozenset[int]


def _evaluation(subject: Subject) -> Seen:
    declared = {size for domain in subject.domains for size in _declared(domain)}
    if not declared:
        return not_run("it declares no vector size")
    sizes = ", ".join(str(size) for size in sorted(declared))
    return judged(
        _problems_of_sets(subject), f"{counted(len(list(_sets(subject))), 'set')} for {sizes}"
    )


def _problems_of_sets(subject: Subject) -> Iterator[str]:
    for domain in subject.domains:
        known = {one.id for one in domain.instructions}
        for named in domain.evaluation:
            if named.instruction not in known:
                yield f"{named.folder} is for {named.instruction!r}, which is no instruction here."
    measured: set[int] = set()
    for one in _sets(subject):
        try:
            _read(subject, one)
        except MetierError as error:
            yield f"{one.folder}: {in_a_line(error)}"
        measured |= one.sizes
    declared = {size for domain in subject.domains for size in _declared(domain)}
    for size in sorted(declared - measured):
        yield f"No evaluation set measures the size {size}."


def _default_dim(subject: Subject) -> Seen:
    sets = list(_sets(subject))
    if not sets:
        return not_run("there is no evaluation set")
    if subject.embedder is None:
        return not_run("it needs a model: pass --model, or set model in the class of the test")
    rt = Runtime(subject.embedder, cache=False, plugins=subject.names, strict=False, progress=False)
    profile = rt.embedder.profile
    if not profile.mrl:
        return not_run(f"{profile.id} has no shorter vectors (no MRL), so it keeps its full size")
    problems: list[str] = []
    seen: list[str] = []
    for one in sets:
        sizes = {_clamped(rt, size) for size in one.sizes} - {profile.dim}
        if sizes:
            labelled = _read(subject, one)
            full, found = _measured(labelled, rt, one.instruction, sorted(sizes))
            for size, score in found.items():
                line = f"{one.folder}: {score:.3f} at {size}, {full:.3f} at {profile.dim}"
                lost = full - score - labelled.tolerance > _ROUNDING
                (problems if lost else seen).append(line)
    if not problems and not seen:
        return not_run(f"{profile.id} has {profile.dim} dimensions, and no size declared is less")
    return judged(problems, "; ".join(seen))


def _measured(
    labelled: SearchSet | LabelledSet, rt: Runtime, instruction: Instruction, sizes: list[int]
) -> tuple[float, dict[int, float]]:
    """The score at full size, and at each smaller one."""
    with warnings.catch_warnings(action="ignore"):
        vectors = labelled.vectors(rt, instruction)
    at = {size: tuple(finish(rows, size) for rows in vectors) for size in sizes}
    return labelled.score(vectors), {size: labelled.score(cut) for size, cut in at.items()}


def _read(subject: Subject, one: _Set) -> SearchSet | LabelledSet:
    return read_set(subject.folder / one.folder, one.instruction.kind)


def _clamped(rt: Runtime, size: int) -> int:
    return choose_dim(rt.embedder.profile, requested=None, instruction_dim=size).dim


def _declared(domain: Domain) -> set[int]:
    named = {one.dim for one in domain.instructions} | {domain.default_dim}
    return {size for size in named if size is not None}


def _sets(subject: Subject) -> Iterator[_Set]:
    """Every set whose instruction is there; each speaks of that one's size and of the domain's."""
    for domain in subject.domains:
        newest = {one.id: one for one in sorted(domain.instructions, key=lambda one: one.version)}
        for one in domain.evaluation:
            if one.instruction in newest:
                instruction = newest[one.instruction]
                sizes = {instruction.dim, domain.default_dim} - {None}
                yield _Set(one.folder, instruction, frozenset(size for size in sizes if size))


CHECKS = (
    Check(
        "evaluation-set",
        "Labelled texts come with the plugin for every vector size that it declares: a size that "
        "nobody can measure is a guess.",
        "Write a small set for an instruction of that size, and name it under evaluation: in "
        "domain.yaml.",
        _evaluation,
    ),
    Check(
        "default-dim",
        "On these sets the declared vector sizes do as well as full vectors: nDCG@10, or the share "
        f"of texts nearest to their own label's, is at most {TOLERANCE} lower (or one text, where "
        "there are fewer than twenty).",
        "Declare a larger dim for the instruction or the domain; the next power of two is the one "
        "to try.",
        _default_dim,
        needs_model=True,
    ),
)
