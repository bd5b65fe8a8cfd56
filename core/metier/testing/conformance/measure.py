"""How well vectors of some sizes do on labelled texts of a plugin's own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metier.errors import InputError
from metier.evaluation.folder import ITEMS, read_collection, read_labelled
from metier.registry.instruction import Instruction, Kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.runtime import Runtime

    Vectors = npt.NDArray[np.float32]

SEARCHING: tuple[Kind, ...] = ("retrieval", "reranking", "similarity")
"""Kinds of instructions that are measured by search; the others by the labels of neighbours."""

TOLERANCE = 0.05
"""What fewer numbers may cost: of ten queries, one whose answer comes second and not first costs
0.037, which a small set cannot tell from chance."""

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
        relevant: for each query, places of documents with how relevant they are, above 0.
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

        It is that of `metier.evaluation.ranking`, worked out here because a conformance check has
        to run where no extra is installed.
        """
        from metier.retrieval.exact import nearest

        queries, documents = vectors
        places, _ = nearest(queries, documents, TOP)
        scores = [
            _gain(gains.get(int(place), 0.0) for place in row)
            / _gain(sorted(gains.values(), reverse=True)[:TOP])
            for row, gains in zip(places, self.relevant, strict=True)
        ]
        return sum(scores) / len(scores)


@dataclass(frozen=True, slots=True)
class LabelledSet:
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
        sums = np.stack([rows[own == place].sum(axis=0) for place in range(len(names))])
        right = 0
        for row, label in zip(rows, own, strict=True):
            means = sums.copy()
            means[label] -= row  # a text is no neighbour of its own
            lengths = np.maximum(np.linalg.norm(means, axis=1), 1e-12)
            right += int(np.argmax(means @ row / lengths) == label)
        return right / len(rows)


def read_set(folder: Path, kind: Kind) -> SearchSet | LabelledSet:
    """Read the labelled texts for an instruction of a kind.

    Raises:
        UsageError: a file is not there.
        InputError: a file cannot be used, or holds too little to tell anything.
    """
    return _read_search(folder) if kind in SEARCHING else _read_labelled(folder)


def _read_search(folder: Path) -> SearchSet:
    collection = read_collection(folder)
    if collection.unanswered:
        raise InputError(
            f"{collection.unanswered} of its queries are answered by no document.",
            fix="Judge a document for each in qrels.tsv, or leave the query out.",
        )
    _require("documents", len(collection.documents), FEWEST_DOCUMENTS)
    _require("queries", len(collection.queries), FEWEST_QUERIES)
    place = {item.id: number for number, item in enumerate(collection.documents)}
    return SearchSet(
        tuple(f"{item.title or ''} {item.text}".strip() for item in collection.documents),
        tuple(collection.queries.values()),
        tuple(
            {place[name]: grade for name, grade in grades.items() if grade}
            for grades in collection.grades.values()
        ),
    )


def _read_labelled(folder: Path) -> LabelledSet:
    labelled = read_labelled(folder / ITEMS)
    _require("texts", len(labelled.texts), FEWEST_ITEMS)
    for label, count in Counter(labelled.labels).items():
        _require(f"texts with the label {label!r}", count, FEWEST_WITH_A_LABEL)
    return LabelledSet(tuple(labelled.texts.strings), labelled.labels)


def _require(what: str, count: int, fewest: int) -> None:
    if count < fewest:
        raise InputError(
            f"It holds {count} {what}, too few to tell anything.",
            fix=f"Write at least {fewest}.",
        )


def _gain(gains: Iterable[float] | Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
