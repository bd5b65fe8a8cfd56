"""The report of a clustering: groups of texts, and the texts that fit none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metier.results.figure import Figure, Point, PointGroup
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, counted, shorten
from metier.steps.group_shares import GroupShare, second_group

_SHOWN_OUTLIERS = 10


class Representative(BaseModel):
    """A text that represents a group.

    Attributes:
        sentence: of the text, the one that holds most of the keywords of the group; the whole text
            where it is short.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    sentence: str


class Cluster(BaseModel):
    """One group of texts.

    Attributes:
        label: 0 for the largest.
        size: number of texts.
        keywords: words and phrases that are typical of the group and not of the others, best first.
        central: the text nearest to the center of the group.
        central_id: its id.
        representatives: the central text and others near the center that are unlike each other.
        name: its first three keywords; a number tells groups with the same ones apart.
    """

    model_config = ConfigDict(frozen=True)

    label: int
    size: int
    keywords: tuple[str, ...]
    central_id: str
    central: str
    representatives: tuple[Representative, ...] = ()
    name: str = Field(default_factory=lambda cluster: ", ".join(cluster["keywords"][:3]))


class Member(BaseModel):
    """One text and its cluster.

    Attributes:
        fields: the other fields of its row in the input.
        label: of its cluster; -1 for an outlier.
        strength: how firmly it belongs to the cluster, in [0, 1]; 0 for an outlier.
        distance: 1 minus the cosine with the center of its cluster, for an outlier of the
            likeliest.
        groups: the likeliest clusters, at most three, the likeliest first, also of an outlier.
        reassigned: whether it fits no cluster and was put into the likeliest on request.
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
    distance: float = 0.0
    groups: tuple[GroupShare, ...] = ()
    reassigned: bool = False


class MergedGroups(BaseModel):
    """A step from more clusters to fewer.

    Attributes:
        groups: number of clusters after it.
        first: labels of the clusters in the one part.
        second: labels of those in the other.
        distance: between the two parts; the larger, the less alike they are.
    """

    model_config = ConfigDict(frozen=True)

    groups: int
    first: tuple[int, ...]
    second: tuple[int, ...]
    distance: float


class ClusterReport(Result):
    """Groups of texts, largest first, and the texts that fit none.

    Attributes:
        noun: what the texts are, for people.
        min_cluster_size: size of the smallest group.
        clusters: largest first.
        members: all texts, in input order.
        laid_out: number of texts the map was computed from; each other text is drawn among its
            nearest neighbors of them.
        folder: where the groups were saved; empty if they were not.
        hierarchy: which clusters are merged for fewer of them, from all to one.
    """

    noun: str
    min_cluster_size: int
    clusters: tuple[Cluster, ...]
    members: tuple[Member, ...]
    laid_out: int
    folder: str = ""
    hierarchy: tuple[MergedGroups, ...] = ()

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
        representatives = [
            (str(cluster.label), text.id, _marked(text))
            for cluster in self.clusters
            for text in cluster.representatives
        ]
        by_group = sorted(self.members, key=lambda member: (member.label, -member.strength))
        grouped = [member for member in by_group if member.label >= 0]
        tables = [
            (clusters, self.clusters),
            (
                Table(
                    "Representative texts",
                    (Column("cluster", "label"), "id", Column("text", main=True)),
                    representatives,
                    head=0,
                ),
                representatives,
            ),
            (self._hierarchy_table(), self.hierarchy),
            (self._texts_table("Outliers", self.outliers, head=_SHOWN_OUTLIERS), self.outliers),
            (self._texts_table("Members of the clusters", grouped, head=0), grouped),
        ]
        return [table for table, content in tables if content]

    def _hierarchy_table(self) -> Table:
        names = {cluster.label: _name(cluster) for cluster in self.clusters}

        def named(labels: tuple[int, ...]) -> str:
            return names[labels[0]] if len(labels) == 1 else ", ".join(map(str, labels))

        rows = [
            (merge.groups, named(merge.first), named(merge.second), merge.distance)
            for merge in self.hierarchy
        ]
        columns = (
            *(Column("groups", "number"), Column("of", main=True), Column("and", main=True)),
            Column("distance", "number"),
        )
        return Table("Hierarchy of the clusters", columns, rows, head=0)

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
            notes.append(
                f"There is no group of at least {self.min_cluster_size} {self.noun} that are alike "
                "and apart from the others. A smaller min_cluster_size finds smaller ones, and "
                "groups as many as you ask for."
            )
        moved = sum(member.reassigned for member in self.members)
        if moved:
            notes.append(f"{counted(moved, 'outlier')} put into the likeliest group, as requested.")
        if self.folder:
            notes.append(f"The groups are saved in {self.folder}.")
        if self.laid_out != len(self.members):
            notes.append(
                f"The map was laid out with {self.laid_out} of the {self.noun}, drawn at random; "
                "each of the others stands among its nearest of those."
            )
        return notes

    def rows(self) -> list[dict[str, Any]]:
        words = self._keywords()
        is_reassigned = any(member.reassigned for member in self.members)
        rows = [
            {
                **member.model_dump(include={"id", "text", "label"}),
                "keywords": words.get(member.label, ""),
                **member.model_dump(include={"strength", "x", "y", "distance"}),
                **second_group(member.groups, member.label),
                **({"reassigned": member.reassigned} if is_reassigned else {}),
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
            PointGroup(_name(cluster), self._points(cluster.label), label=str(cluster.label))
            for cluster in self.clusters
        ]
        if self.outliers:
            groups.append(PointGroup("outliers", self._points(-1), faint=True))
        return [Figure(f"Map of the {self.noun}", groups)]

    def _points(self, label: int) -> list[Point]:
        return [
            Point(member.x, member.y, f"{member.id}: {shorten(member.text, 90)}", member.id)
            for member in self.members
            if member.label == label
        ]


def _name(cluster: Cluster) -> str:
    return f"{cluster.label}: {cluster.name}"


def _marked(text: Representative) -> Excerpt:
    """A text in which the sentence that represents it is marked, if it has others."""
    start = text.text.find(text.sentence)
    if start < 0 or text.sentence == text.text:
        return Excerpt(text.text)
    return Excerpt(text.text, ((start, start + len(text.sentence)),))
