"""Clustering of texts: the step of every clustering workflow, and its report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from metier.engine.long_texts import LongTextMode
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.results.figure import Figure, Point, PointGroup
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, counted, shorten
from metier.texts.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.analysis.clusters import Clusters
    from metier.runtime.runtime import Runtime

_SHOWN_OUTLIERS = 10


class Cluster(BaseModel):
    """One group of texts.

    Attributes:
        label: 0 for the largest.
        size: number of texts.
        keywords: words that are typical of the group and not of the others, best first.
        central: the text nearest to the center of the group.
        central_id: its id.
    """

    model_config = ConfigDict(frozen=True)

    label: int
    size: int
    keywords: tuple[str, ...]
    central_id: str
    central: str


class Member(BaseModel):
    """One text and its cluster.

    Attributes:
        fields: the other fields of its row in the input.
        label: of its cluster; -1 for an outlier.
        strength: how firmly it belongs to the cluster, in [0, 1]; 0 for an outlier.
        x: horizontal coordinate on the map.
        y: vertical coordinate on the map.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    label: int
    strength: float
    x: float
    y: float


class ClusterReport(Result):
    """Groups of texts, largest first, and the texts that fit none.

    Attributes:
        noun: what the texts are, for people.
        min_cluster_size: size of the smallest group.
        clusters: largest first.
        members: all texts, in input order.
        laid_out: number of texts the map was computed from; each other text is drawn among its
            nearest neighbors of them.
    """

    noun: str
    min_cluster_size: int
    clusters: tuple[Cluster, ...]
    members: tuple[Member, ...]
    laid_out: int

    @property
    def outliers(self) -> list[Member]:
        """Texts that fit no group, in input order."""
        return [member for member in self.members if member.label < 0]

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} in groups"

    def headline(self) -> str:
        return (
            f"{len(self.members)} {self.noun} in {counted(len(self.clusters), 'cluster')}, "
            f"{counted(len(self.outliers), 'outlier')}"
        )

    def tables(self) -> list[Table]:
        clusters = Table(
            "Clusters",
            (Column("cluster", "label"), Column("size", "count"), "keywords", "most central"),
            [
                (
                    str(cluster.label),
                    cluster.size,
                    ", ".join(cluster.keywords),
                    Excerpt(cluster.central),
                )
                for cluster in self.clusters
            ],
            head=len(self.clusters),
        )
        by_group = sorted(self.members, key=lambda member: (member.label, -member.strength))
        grouped = [member for member in by_group if member.label >= 0]
        tables = [
            (clusters, self.clusters),
            (self._texts_table("Outliers", self.outliers, head=_SHOWN_OUTLIERS), self.outliers),
            (self._texts_table("Members of the clusters", grouped, head=0), grouped),
        ]
        return [table for table, content in tables if content]

    def _texts_table(self, title: str, members: Sequence[Member], *, head: int) -> Table:
        own = hidden_columns([member.fields for member in self.members])
        words = self._keywords()
        return Table(
            title,
            (
                Column("id"),
                Column("cluster", "label", hidden=head > 0),
                Column("strength", "score", hidden=head > 0),
                *(() if head > 0 else (Column("keywords"),)),
                Column("text", main=True),
                *own,
            ),
            [
                (
                    member.id,
                    "outlier" if member.label < 0 else str(member.label),
                    member.strength,
                    *(() if head > 0 else (words[member.label],)),
                    Excerpt(member.text),
                    *hidden_cells(member.fields, own),
                )
                for member in members
            ],
            head=head,
            main=True,
        )

    def notes(self) -> list[str]:
        notes = super().notes()
        if self.members and not self.clusters:
            notes.append(f"No {self.min_cluster_size} of the {self.noun} stand apart as a group.")
        if self.laid_out != len(self.members):
            notes.append(
                f"The map was laid out with {self.laid_out} of the {self.noun}, drawn at random; "
                "each of the others stands among its nearest of those."
            )
        return notes

    def rows(self) -> list[dict[str, Any]]:
        words = self._keywords()
        rows = [
            {
                **member.model_dump(include={"id", "text", "label"}),
                "keywords": words.get(member.label, ""),
                **member.model_dump(include={"strength", "x", "y"}),
            }
            for member in self.members
        ]
        return rows_beside(rows, [member.fields for member in self.members])

    def _keywords(self) -> dict[int, str]:
        """The keywords of each cluster, by its label."""
        return {cluster.label: ", ".join(cluster.keywords) for cluster in self.clusters}

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        names = {cluster.label: _name(cluster) for cluster in self.clusters}
        if self.outliers:
            names[-1] = "outliers"
        return {
            name: [member.fields for member in self.members if member.label == label]
            for label, name in names.items()
        }

    def figures(self) -> list[Figure]:
        groups = [
            PointGroup(_name(cluster), self._points(cluster.label)) for cluster in self.clusters
        ]
        if self.outliers:
            groups.append(PointGroup("outliers", self._points(-1), faint=True))
        return [Figure(f"Map of the {self.noun}", groups)]

    def _points(self, label: int) -> list[Point]:
        return [
            Point(member.x, member.y, f"{member.id}: {shorten(member.text, 90)}")
            for member in self.members
            if member.label == label
        ]


def _name(cluster: Cluster) -> str:
    return f"{cluster.label}: {', '.join(cluster.keywords[:3])}"


def cluster_texts(
    rt: Runtime,
    texts: Texts,
    *,
    instruction: str | Instruction,
    noun: str = "texts",
    min_cluster_size: int | None = None,
    groups: int | None = None,
    seed: int = 0,
    dim: int | None = None,
    stop_words: Collection[str] = (),
    long_texts: LongTextMode = "pool",
) -> ClusterReport:
    """Embed texts as documents under an instruction, group them, name the groups.

    Args:
        rt: the Runtime.
        texts: what to group.
        instruction: id or `Instruction`; a clustering instruction says `sides: both`.
        noun: what the texts are, for people.
        min_cluster_size: smallest group; None for a quarter of the square root of the number of
            texts, at least 5, or 2 where there are fewer than 20.
        groups: number of groups, whatever their sizes; None for the number that is most stable on
            these texts.
        seed: of what is drawn at random to find the groups.
        dim: vector size; None for the instruction's default.
        stop_words: words, in lower case, that name no group in this field.
        long_texts: of texts longer than the model reads, `pool` takes the mean of the vectors of
            their parts, weighted by tokens, and `cut` the vector of their beginning.
    """
    from metier.analysis.clusters import cluster, default_min_cluster_size
    from metier.analysis.keywords import keywords
    from metier.analysis.projection import project

    smallest = min_cluster_size
    if smallest is None:
        smallest = default_min_cluster_size(len(texts)) if groups is None else 1
    vectors = _embedded(rt, texts, instruction=instruction, dim=dim, long_texts=long_texts)
    with working(rt.engine.progress, "clustering", 1) as bar:
        clusters = cluster(vectors, min_cluster_size=min_cluster_size, groups=groups, seed=seed)
        words = keywords(texts.strings, clusters.labels, stop_words=stop_words)
        coordinates, laid_out = project(vectors)
        bar.advance()
    return ClusterReport(
        noun=noun,
        min_cluster_size=smallest,
        clusters=_clusters(texts, clusters, words),
        members=_members(texts, clusters, coordinates),
        laid_out=laid_out,
    )


def _embedded(
    rt: Runtime,
    texts: Texts,
    *,
    instruction: str | Instruction,
    dim: int | None,
    long_texts: LongTextMode,
) -> npt.NDArray[np.float32]:
    """Return the vectors of the texts, which do not depend on their order.

    A batch of other texts may change the last bits of a vector, so texts are embedded in the order
    of their contents.
    """
    import numpy as np

    strings = texts.strings
    order = sorted(range(len(strings)), key=strings.__getitem__)
    vectors = rt.embed_documents(
        [strings[row] for row in order], instruction=instruction, dim=dim, long_texts=long_texts
    )
    back = np.empty(len(order), dtype=np.intp)
    back[order] = np.arange(len(order))
    ordered: npt.NDArray[np.float32] = vectors[back]
    return ordered


def _clusters(
    texts: Texts, clusters: Clusters, words: Sequence[Sequence[str]]
) -> tuple[Cluster, ...]:
    """Each cluster with its keywords, in the order of the labels."""
    return tuple(
        Cluster(
            label=label,
            size=int((clusters.labels == label).sum()),
            keywords=tuple(words[label]),
            central_id=texts[int(medoid)].id,
            central=texts[int(medoid)].text,
        )
        for label, medoid in enumerate(clusters.medoids)
    )


def _members(
    texts: Texts, clusters: Clusters, coordinates: npt.NDArray[np.float64]
) -> tuple[Member, ...]:
    """Each text with its cluster and its coordinates (texts, 2), in input order."""
    return tuple(
        Member(
            id=item.id,
            text=item.text,
            fields=dict(item.fields),
            label=int(clusters.labels[index]),
            strength=round(float(clusters.strengths[index]), 4),
            x=round(float(coordinates[index, 0]), 3),
            y=round(float(coordinates[index, 1]), 3),
        )
        for index, item in enumerate(texts)
    )
