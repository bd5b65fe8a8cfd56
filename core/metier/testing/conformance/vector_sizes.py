"""Checks of vector sizes: what shorter vectors cost on the labeled texts of a plugin."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from metier.errors import InputError, MetierError
from metier.evaluation.labeled_data import ITEMS, read_collection, read_labeled
from metier.models.vectors import slice_and_normalize
from metier.registry.dims import choose_dim
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction, Kind
from metier.results.table import counted
from metier.runtime.runtime import Runtime
from metier.testing.conformance.check import (
    Check,
    CheckOutcome,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.subject import Subject

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.runtime.runtime import Runtime

    Vectors = npt.NDArray[np.float32]

SEARCHING: tuple[Kind, ...] = ("retrieval", "reranking", "similarity")
"""Kinds of instructions that are measured by search; the others by the labels of neighbors."""

TOLERANCE = 0.05
"""Largest loss of fewer dimensions: of ten queries, one whose answer comes second instead of first
costs 0.037, which a small set cannot tell from chance."""

TOP = 10
FEWEST_DOCUMENTS = 10
FEWEST_QUERIES = 6
FEWEST_ITEMS = 10
FEWEST_WITH_A_LABEL = 3


@dataclass(frozen=True, slots=True)
class SearchSet:
    """Queries and documents, and which of them answer which.

    Attributes:
        documents: title and text of each.
        queries: in the user's words.
        relevant: for each query, indices of documents with their grades, above 0.
    """

    documents: tuple[str, ...]
    queries: tuple[str, ...]
    relevant: tuple[Mapping[int, float], ...]

    def vectors(self, rt: Runtime, instruction: Instruction) -> tuple[Vectors, ...]:
        """Full vectors of the queries and of the documents."""
        dim = rt.embedder.profile.dim
        return (
            rt.embed_queries(self.queries, instruction=instruction, dim=dim),
            rt.embed_documents(self.documents, instruction=instruction, dim=dim),
        )

    @property
    def tolerance(self) -> float:
        """How much lower a score may be."""
        return TOLERANCE

    def score(self, vectors: tuple[Vectors, ...]) -> float:
        """nDCG of the first ten, linear gains, mean of the queries: 1 for a perfect order.

        It is that of `metier.evaluation.search_task`, computed here because a conformance check has
        to run where no extra is installed.
        """
        from metier.retrieval.nearest import nearest

        queries, documents = vectors
        rows, _ = nearest(queries, documents, TOP)
        scores = [
            _gain(gains.get(int(index), 0.0) for index in row)
            / _gain(sorted(gains.values(), reverse=True)[:TOP])
            for row, gains in zip(rows, self.relevant, strict=True)
        ]
        return sum(scores) / len(scores)


@dataclass(frozen=True, slots=True)
class LabeledSet:
    """Texts with a label each."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def vectors(self, rt: Runtime, instruction: Instruction) -> tuple[Vectors, ...]:
        """Full vectors of the texts, on the side where workflows of the kind put them."""
        embed = rt.embed_documents if instruction.kind == "clustering" else rt.embed_queries
        return (embed(self.texts, instruction=instruction, dim=rt.embedder.profile.dim),)

    @property
    def tolerance(self) -> float:
        """How much lower a score may be: one text at least, which chance may move."""
        return max(TOLERANCE, 1 / len(self.texts))

    def score(self, vectors: tuple[Vectors, ...]) -> float:
        """Share of texts that are nearest to the mean of their own label's other texts."""
        import numpy as np

        (rows,) = vectors
        names = sorted(set(self.labels))
        own = np.array([names.index(label) for label in self.labels])
        sums = np.stack([rows[own == label].sum(axis=0) for label in range(len(names))])
        right = 0
        for row, label in zip(rows, own, strict=True):
            means = sums.copy()
            means[label] -= row  # a text is no neighbor of its own
            lengths = np.maximum(np.linalg.norm(means, axis=1), 1e-12)
            right += int(np.argmax(means @ row / lengths) == label)
        return right / len(rows)


def read_set(folder: Path, kind: Kind) -> SearchSet | LabeledSet:
    """Read the labeled texts for an instruction of a kind.

    Raises:
        UsageError: a file is not there.
        InputError: a file cannot be used, or holds too little to tell anything.
    """
    return _read_search(folder) if kind in SEARCHING else _read_labeled(folder)


def _read_search(folder: Path) -> SearchSet:
    collection = read_collection(folder)
    if collection.unanswered:
        raise InputError(
            f"{collection.unanswered} of its queries are answered by no document.",
            fix="Judge a document for each in qrels.tsv, or leave the query out.",
        )
    _require("documents", len(collection.documents), FEWEST_DOCUMENTS)
    _require("queries", len(collection.queries), FEWEST_QUERIES)
    index_of = {item.id: index for index, item in enumerate(collection.documents)}
    return SearchSet(
        tuple(f"{item.title or ''} {item.text}".strip() for item in collection.documents),
        tuple(collection.queries.values()),
        tuple(
            {index_of[name]: grade for name, grade in grades.items() if grade}
            for grades in collection.grades.values()
        ),
    )


def _read_labeled(folder: Path) -> LabeledSet:
    labeled = read_labeled(folder / ITEMS)
    _require("texts", len(labeled.texts), FEWEST_ITEMS)
    for label, count in Counter(labeled.labels).items():
        _require(f"texts with the label {label!r}", count, FEWEST_WITH_A_LABEL)
    return LabeledSet(tuple(labeled.texts.strings), labeled.labels)


def _require(what: str, count: int, fewest: int) -> None:
    if count < fewest:
        raise InputError(
            f"It holds {count} {what}, too few to tell anything.",
            fix=f"Write at least {fewest}.",
        )


def _gain(gains: Iterable[float] | Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


_ROUNDING = 1e-9


class _Set(NamedTuple):
    """A declared evaluation set: its folder, and the vector sizes it can measure."""

    folder: str
    instruction: Instruction
    sizes: frozenset[int]


def _evaluation(subject: Subject) -> CheckOutcome:
    declared = {size for domain in subject.domains for size in _declared(domain)}
    if not declared:
        return not_run("it declares no vector size")
    sizes = ", ".join(str(size) for size in sorted(declared))
    return judged(
        _problems_of_sets(subject), f"{counted(len(list(_sets(subject))), 'set')} for {sizes}"
    )


def _problems_of_sets(subject: Subject) -> Iterator[str]:
    for domain in subject.domains:
        known = {instruction.id for instruction in domain.instructions}
        for entry in domain.evaluation:
            if entry.instruction not in known:
                yield f"{entry.folder} is for {entry.instruction!r}, which is no instruction here."
    measured: set[int] = set()
    for declared_set in _sets(subject):
        try:
            _read(subject, declared_set)
        except MetierError as error:
            yield f"{declared_set.folder}: {in_a_line(error)}"
        measured |= declared_set.sizes
    declared = {size for domain in subject.domains for size in _declared(domain)}
    for size in sorted(declared - measured):
        yield f"No evaluation set measures the size {size}."


def _default_dim(subject: Subject) -> CheckOutcome:
    sets = list(_sets(subject))
    if not sets:
        return not_run("there is no evaluation set")
    if subject.embedder is None:
        return not_run("it needs a model: name one, in a test as model of its class")
    rt = Runtime(subject.embedder, cache=False, plugins=subject.names, strict=False, progress=False)
    profile = rt.embedder.profile
    if not profile.mrl:
        return not_run(f"{profile.id} has no shorter vectors (no MRL), so it keeps its full size")
    problems: list[str] = []
    scored: list[str] = []
    for declared_set in sets:
        sizes = {_clamped(rt, size) for size in declared_set.sizes} - {profile.dim}
        if sizes:
            labeled = _read(subject, declared_set)
            full, scores = _measured(labeled, rt, declared_set.instruction, sorted(sizes))
            for size, score in scores.items():
                line = f"{declared_set.folder}: {score:.3f} at {size}, {full:.3f} at {profile.dim}"
                lost = full - score - labeled.tolerance > _ROUNDING
                (problems if lost else scored).append(line)
    if not problems and not scored:
        return not_run(f"{profile.id} has {profile.dim} dimensions, and no size declared is less")
    return judged(problems, "; ".join(scored))


def _measured(
    labeled: SearchSet | LabeledSet, rt: Runtime, instruction: Instruction, sizes: list[int]
) -> tuple[float, dict[int, float]]:
    """The score at full size, and at each smaller one."""
    with warnings.catch_warnings(action="ignore"):
        vectors = labeled.vectors(rt, instruction)
    at = {size: tuple(slice_and_normalize(rows, size) for rows in vectors) for size in sizes}
    return labeled.score(vectors), {size: labeled.score(cut) for size, cut in at.items()}


def _read(subject: Subject, declared_set: _Set) -> SearchSet | LabeledSet:
    return read_set(subject.folder / declared_set.folder, declared_set.instruction.kind)


def _clamped(rt: Runtime, size: int) -> int:
    return choose_dim(rt.embedder.profile, requested=None, instruction_dim=size).dim


def _declared(domain: Domain) -> set[int]:
    sizes = {instruction.dim for instruction in domain.instructions} | {domain.default_dim}
    return {size for size in sizes if size is not None}


def _sets(subject: Subject) -> Iterator[_Set]:
    """Every set whose instruction exists; it measures the sizes of instruction and domain."""
    for domain in subject.domains:
        by_version = sorted(domain.instructions, key=lambda instruction: instruction.version)
        newest = {instruction.id: instruction for instruction in by_version}
        for entry in domain.evaluation:
            if entry.instruction in newest:
                instruction = newest[entry.instruction]
                sizes = {instruction.dim, domain.default_dim} - {None}
                yield _Set(entry.folder, instruction, frozenset(size for size in sizes if size))


CHECKS = (
    Check(
        "evaluation-set",
        "Labeled texts come with the plugin for every vector size that it declares: a size that "
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
