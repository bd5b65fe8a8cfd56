"""Putting texts into a clustering that is kept, and letting it grow by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from metier.errors import ParameterError
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.registry.provenance import Provenance
from metier.steps.assignment_report import (
    AssignedText,
    AssignmentReport,
    KeptGroup,
)
from metier.steps.clustering import embedded, group_texts
from metier.steps.group_shares import likeliest_groups
from metier.texts.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.clusterings.assignment import Assignment
    from metier.clusterings.clustering import Clustering
    from metier.runtime.runtime import Runtime

SaveFolder = Annotated[
    Path | None,
    Field(description="Folder to save the groups in, so that texts can be put into them later."),
]
"""Folder that a clustering is saved in; None to save nothing."""


def load_groups(
    rt: Runtime,
    clustering: Path | None,
    earlier: Texts | None,
    *,
    workflow: str,
    instruction: str | Instruction,
    noun: str = "texts",
    stop_words: Collection[str] = (),
) -> Clustering:
    """Return groups that are kept: those of a folder, or those of earlier texts.

    Args:
        rt: the Runtime.
        clustering: folder of saved groups; None for earlier texts.
        earlier: texts to group; None for a folder.
        workflow: id of the workflow, for messages.
        instruction: that earlier texts are grouped under, as by `cluster_texts`, as are `noun` and
            `stop_words`.

    Raises:
        ParameterError: there are both, or neither.
        InputError: the folder has no groups, or they are damaged.
    """
    from metier.clusterings.clustering import Clustering

    if clustering is not None and earlier is None:
        return Clustering.load(clustering)
    if clustering is None and earlier is not None:
        return group_texts(
            rt, earlier, instruction=instruction, noun=noun, stop_words=stop_words
        ).clustering()
    raise ParameterError(
        f"{workflow} takes either saved groups or earlier texts"
        + (", and got neither." if clustering is None else ", and got both."),
        fix="Name the folder of saved groups ($clustering), or give texts to group first "
        "($earlier).",
        parameters={"clustering": ..., "earlier": ...},
        parameter="clustering",
    )


def assign_texts(rt: Runtime, clustering: Clustering, texts: Texts) -> AssignmentReport:
    """Put texts into the groups of a clustering, which stays as it is.

    Args:
        rt: the Runtime.
        clustering: with the groups.
        texts: embedded as those of the clustering were.

    Raises:
        UsageError: the Runtime has another model than the clustering was made with.
    """
    vectors = _vectors(rt, clustering, texts)
    assignment = clustering.assign(vectors)
    return AssignmentReport(
        noun=clustering.options.noun,
        groups=_groups(clustering, assignment.labels.tolist(), known=clustering),
        items=_items(texts, clustering, assignment, assignment.labels),
    )


def update_groups(
    rt: Runtime, clustering: Clustering, texts: Texts, *, save: Path | None = None
) -> AssignmentReport:
    """Put texts into a clustering and let it grow: its groups keep their labels and names.

    Args:
        rt: the Runtime.
        clustering: that grows.
        texts: embedded as those of the clustering were.
        save: folder to save it in; None to save nothing.

    Raises:
        UsageError: as `assign_texts`, or the folder cannot be written.
    """
    vectors = _vectors(rt, clustering, texts)
    with working(rt.engine.progress, "clustering", 1) as bar:
        grown, labels = clustering.update(vectors, texts.strings)
        assignment = grown.assign(vectors)
        bar.advance()
    return AssignmentReport(
        noun=clustering.options.noun,
        groups=_groups(grown, labels.tolist(), known=clustering),
        items=_items(texts, grown, assignment, labels),
        updated=True,
        folder="" if save is None else str(grown.save(save)),
    )


def _vectors(rt: Runtime, clustering: Clustering, texts: Texts) -> npt.NDArray[np.float32]:
    dim = clustering.vectors.shape[1]
    if clustering.provenance is not None:  # before the texts are embedded, which takes long
        clustering.require_provenance(Provenance.of(rt.embedder, dim, clustering.instruction))
    return embedded(
        rt,
        texts,
        instruction=clustering.instruction,
        dim=dim,
        long_texts=clustering.options.long_texts,
    )


def _groups(
    clustering: Clustering, labels: Sequence[int], *, known: Clustering
) -> tuple[KeptGroup, ...]:
    """The groups of a clustering with the number of texts that belong to each."""
    counts = Counter(labels)
    before = {group.label for group in known.groups}
    return tuple(
        KeptGroup(
            label=group.label,
            name=group.name,
            size=group.size,
            assigned=counts[group.label],
            is_new=group.label not in before,
            keywords=group.keywords,
        )
        for group in clustering.groups
    )


def _items(
    texts: Texts, clustering: Clustering, assignment: Assignment, labels: npt.NDArray[np.int64]
) -> tuple[AssignedText, ...]:
    names = {group.label: group.name for group in clustering.groups}
    positions = {int(label): row for row, label in enumerate(assignment.group_labels)}
    items = []
    for row, item in enumerate(texts):
        label, shares = int(labels[row]), assignment.probabilities[row]
        strength = 0.0 if label < 0 else float(shares[positions[label]])
        items.append(
            AssignedText(
                id=item.id,
                text=item.text,
                fields=dict(item.fields),
                label=label,
                name=names.get(label, ""),
                strength=round(strength, 4),
                distance=round(float(assignment.distances[row]), 4),
                groups=likeliest_groups(shares, names),
            )
        )
    return tuple(items)
