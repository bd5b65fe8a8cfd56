"""`Clustering`: groups of texts that are kept, with labels and names that stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import numpy.typing as npt

from metier.analysis.keywords import group_keywords
from metier.analysis.term_counts import TermCounts, count_terms
from metier.errors import ParameterError, UnknownNameError
from metier.registry.provenance import Provenance, require_same

if TYPE_CHECKING:
    from metier.analysis.clusters import Clusters
    from metier.clusterings.assignment import Assignment
    from metier.registry.instruction import Instruction


OUTLIER = -1


@dataclass(frozen=True, slots=True)
class SavedGroup:
    """A group of a clustering that is kept.

    Attributes:
        label: which no other group of the clustering has, nor had before.
        name: its first three keywords when it was made, or what a user calls it.
        size: number of texts.
        keywords: of its texts now, best first; empty where they have none.
        renamed: whether the name is a user's.
        merged: labels of groups that were merged into it.
    """

    label: int
    name: str
    size: int
    keywords: tuple[str, ...]
    renamed: bool = False
    merged: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusteringOptions:
    """How a clustering was made, and how it grows.

    Attributes:
        noun: what the texts are, for people.
        min_cluster_size: texts of the smallest new group; None for a number that depends on theirs.
        seed: of what is drawn at random.
        stop_words: words in lower case that are no keywords.
        long_texts: how texts longer than the model reads are read.
    """

    noun: str = "texts"
    min_cluster_size: int | None = None
    seed: int = 0
    stop_words: tuple[str, ...] = ()
    long_texts: Literal["pool", "cut"] = "pool"


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Groups of texts that are kept: new texts are put into them, and new topics become new groups.

    Texts with equal vectors are one row.

    Attributes:
        groups: in the order of their labels.
        vectors: (n, dim) unit vectors.
        labels: (n,) label of the group of each row, -1 for an outlier.
        copies: (n,) number of texts with this vector.
        terms: of the n rows.
        next_label: which the next new group gets.
        options: how it was made.
        provenance: model, dim and instruction of its vectors; None where they did not say.
        instruction: that its texts are embedded under; None for none.
    """

    groups: tuple[SavedGroup, ...]
    vectors: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]
    terms: TermCounts
    next_label: int
    options: ClusteringOptions
    provenance: Provenance | None = None
    instruction: Instruction | None = None

    @classmethod
    def of(
        cls,
        vectors: npt.NDArray[np.float32],
        clusters: Clusters,
        texts: Sequence[str],
        *,
        keywords: Sequence[Sequence[str]] | None = None,
        options: ClusteringOptions | None = None,
        instruction: Instruction | None = None,
    ) -> Self:
        """Keep the clusters of texts.

        Args:
            vectors: (n, dim) unit vectors; `Vectors` of a Runtime say what they were made with.
            clusters: of them.
            texts: n texts, of which the terms are kept.
            keywords: of each cluster; None for those of the texts.
            options: how the clusters were made.
            instruction: that the vectors were made under, to embed new texts under.
        """
        stated = options or ClusteringOptions()
        matrix = np.asarray(vectors)
        distinct, first, copies = np.unique(matrix, axis=0, return_index=True, return_counts=True)
        labels = clusters.labels[first]
        terms = count_terms([texts[row] for row in first.tolist()], stop_words=stated.stop_words)
        named = keywords
        if named is None:
            named = group_keywords(terms, labels, groups=clusters.count)
        sizes = np.bincount(clusters.labels[clusters.labels >= 0], minlength=clusters.count)
        groups: list[SavedGroup] = []
        for label, words in enumerate(named):
            name = free_name(words, label, (group.name for group in groups))
            groups.append(SavedGroup(label, name, int(sizes[label]), tuple(words)))
        return cls(
            groups=tuple(groups),
            vectors=distinct,
            labels=labels,
            copies=copies,
            terms=terms,
            next_label=clusters.count,
            options=stated,
            provenance=getattr(vectors, "provenance", None),
            instruction=instruction,
        )

    @property
    def texts(self) -> int:
        """Number of its texts."""
        return int(self.copies.sum())

    @property
    def outliers(self) -> int:
        """Number of its texts that fit no group."""
        return int(self.copies[self.labels == OUTLIER].sum())

    def group(self, which: int | str) -> SavedGroup:
        """Return a group by its label or its name; case counts only where names differ in it.

        Raises:
            UnknownNameError: there is none.
        """
        labels = {str(group.label): group for group in self.groups}
        names = {group.name: group for group in self.groups}
        folded = {group.name.casefold(): group for group in self.groups}
        key = str(which)
        for known in (names, labels, folded):
            if key in known:
                return known[key]
        if key.casefold() in folded:
            return folded[key.casefold()]
        raise UnknownNameError("group", key, [*names, *labels], parameter="group")

    def rename(self, which: int | str, name: str) -> Self:
        """Return it with another name of a group, which the group keeps from then on.

        Raises:
            UnknownNameError: there is no such group.
            ParameterError: the name is empty, or another group has it.
        """
        group = self.group(which)
        stated = " ".join(name.split())
        if not stated:
            raise ParameterError("The name of a group is empty.", parameter="name")
        taken = {other.name.casefold(): other.label for other in self.groups if other != group}
        if stated.casefold() in taken:
            raise ParameterError(
                f"The group {taken[stated.casefold()]} is called {stated!r} already.",
                fix="Choose another name, or merge the two.",
                parameter="name",
            )
        return self.with_groups([replace(group, name=stated, renamed=True)])

    def merge(self, groups: Sequence[int | str], *, name: str | None = None) -> Self:
        """Return it with several groups as one, which has the label and the name of the first.

        Args:
            groups: two or more, by label or name.
            name: of the group from then on; None for that of the first.

        Raises:
            UnknownNameError: there is no such group.
            ParameterError: fewer than two different ones, or a name as of `rename`.
        """
        chosen = list({group.label: group for group in map(self.group, groups)}.values())
        if len(chosen) < 2:
            raise ParameterError(
                f"{len(chosen)} group cannot be merged.",
                fix="Name two groups or more.",
                parameter="groups",
            )
        first, *others = chosen
        absorbed = [group.label for group in others]
        labels = np.where(np.isin(self.labels, absorbed), first.label, self.labels)
        earlier = (label for group in others for label in (group.label, *group.merged))
        united = replace(first, merged=(*first.merged, *earlier))
        kept = [united if group == first else group for group in self.groups if group not in others]
        merged = replace(self, groups=tuple(kept), labels=labels).described([first.label])
        return merged if name is None else merged.rename(first.label, name)

    def split(self, which: int | str, *, parts: int = 2) -> Self:
        """Return it with a group divided; the largest part keeps its label and name.

        Args:
            which: the group, by label or name.
            parts: two or more; the others get new labels, and names by their keywords.

        Raises:
            UnknownNameError: there is no such group.
            ParameterError: fewer than two parts, or more than the group has different texts.
        """
        from metier.analysis.clusters import cluster

        group = self.group(which)
        rows = np.flatnonzero(self.labels == group.label)
        if not 2 <= parts <= len(rows):
            raise ParameterError(
                f"{group.name!r} cannot be divided into parts={parts}.",
                why=f"It has {len(rows)} different texts.",
                parameter="parts",
            )
        every = np.repeat(rows, self.copies[rows])
        divided = cluster(self.vectors[every], groups=parts, seed=self.options.seed).labels
        of_row = divided[np.cumsum(self.copies[rows]) - self.copies[rows]]
        labels = self.labels.copy()
        new = [self.next_label + part for part in range(parts - 1)]
        labels[rows] = np.array([group.label, *new, OUTLIER])[of_row]
        return self.with_labels(labels, new=new, changed=[group.label])

    def with_labels(
        self,
        labels: npt.NDArray[np.int64],
        *,
        new: Sequence[int] = (),
        changed: Collection[int] = (),
    ) -> Self:
        """Return it with other labels of its rows.

        Args:
            labels: (n,).
            new: labels of groups that are made, in order; they are named by their keywords.
            changed: labels of groups whose keywords are found again.
        """
        added = tuple(SavedGroup(label, "", 0, ()) for label in new)
        following = max([self.next_label, *(label + 1 for label in new)])
        grown = replace(self, groups=(*self.groups, *added), labels=labels, next_label=following)
        return grown.described([*new, *changed])

    def described(self, changed: Collection[int]) -> Self:
        """Return it with the sizes of its groups, and the keywords of some of them, found again.

        A group without a name gets one of its keywords; every other name stays.
        """
        number = {group.label: position for position, group in enumerate(self.groups)}
        positions = np.array([number.get(label, OUTLIER) for label in self.labels.tolist()])
        words = group_keywords(self.terms, positions, groups=len(self.groups))
        described: list[SavedGroup] = []
        for group, telling in zip(self.groups, words, strict=True):
            size = int(self.copies[self.labels == group.label].sum())
            keywords = tuple(telling) if group.label in changed else group.keywords
            name = group.name
            if not name:
                others = [other.name for other in (*self.groups, *described)]
                name = free_name(keywords, group.label, others)
            described.append(replace(group, name=name, size=size, keywords=keywords))
        return replace(self, groups=tuple(described))

    def with_groups(self, groups: Iterable[SavedGroup]) -> Self:
        """Return it with some groups replaced, by their labels."""
        changed = {group.label: group for group in groups}
        return replace(self, groups=tuple(changed.get(group.label, group) for group in self.groups))

    def require_provenance(self, provenance: Provenance | None) -> None:
        """Refuse vectors of another model, dim or instruction; those that do not say are accepted.

        Raises:
            UsageError: they differ; the message lists the differences.
        """
        require_same(self.provenance, provenance, noun="clustering", remedy="group the texts again")

    def assign(self, vectors: npt.NDArray[np.float32]) -> Assignment:
        """Put new vectors into the groups, which stay as they are; see `assign`.

        Raises:
            UsageError: they were made with another model, dim or instruction.
        """
        from metier.clusterings.assignment import assign

        self.require_provenance(getattr(vectors, "provenance", None))
        return assign(self, self._fitting(vectors))

    def update(
        self, vectors: npt.NDArray[np.float32], texts: Sequence[str]
    ) -> tuple[Self, npt.NDArray[np.int64]]:
        """Return it with new texts in it, and the label of each; see `grow`.

        Raises:
            UsageError: they were made with another model, dim or instruction.
        """
        from metier.clusterings.growth import grow

        self.require_provenance(getattr(vectors, "provenance", None))
        if len(texts) != len(vectors):
            raise ParameterError(
                f"There are {len(vectors)} vectors and {len(texts)} texts.",
                fix="Pass the text of each vector.",
                parameter="texts",
            )
        return grow(self, self._fitting(vectors), texts)

    def _fitting(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Refuse vectors of another form than the (n, dim) of the groups, and what is no number."""
        matrix, dim = np.asarray(vectors), self.vectors.shape[1]
        if matrix.ndim != 2 or matrix.shape[1] != dim or not np.isfinite(matrix).all():
            raise ParameterError(
                f"vectors have the shape {matrix.shape}, and the groups need (n, {dim}).",
                why="They have to be numbers: neither NaN nor infinite.",
                fix="Embed the texts as those of the groups were embedded.",
                parameter="vectors",
            )
        return matrix

    def save(self, folder: str | Path) -> Path:
        """Write it into a folder, completely or not at all: `clustering.safetensors` with the
        vectors and `clustering.json` with the groups.

        The files hold words of the texts and vectors, which say what the texts are about: protect
        them as you protect the texts.

        Returns:
            The folder.

        Raises:
            UsageError: the folder has other files than those of a clustering, or cannot be written.
        """
        from metier.clusterings.clustering_files import write_clustering

        return write_clustering(self, folder)

    @classmethod
    def load(cls, folder: str | Path) -> Clustering:
        """Read a clustering that `save` wrote.

        Raises:
            InputError: there is none, its files are not what was written, or a newer version of
                metier wrote it.
        """
        from metier.clusterings.clustering_files import read_clustering

        return read_clustering(folder)


def free_name(keywords: Sequence[str], label: int, others: Iterable[str]) -> str:
    """Return a name of the first three keywords that no other group has; a number tells two apart.

    Args:
        keywords: of the group; without any it is called `group` and its label.
        label: of the group.
        others: names of other groups.
    """
    name = ", ".join(keywords[:3]) or f"group {label}"
    times = Counter(other.casefold() for other in others)
    number, free = 1, name
    while times[free.casefold()]:
        number += 1
        free = f"{name} ({number})"
    return free
