"""The result of putting texts into the groups of a clustering that is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, counted
from metier.steps.group_shares import GroupShare, second_group

OUTLIERS = "outliers"


class AssignedText(BaseModel):
    """A text and the group that it belongs to.

    Attributes:
        fields: the other fields of its row in the input.
        label: of its group; -1 for an outlier.
        name: of its group; empty for an outlier.
        strength: probability of its group; 0 for an outlier.
        distance: 1 minus the cosine with the center of its group, for an outlier of the nearest.
        groups: the likeliest groups, at most three, the likeliest first, also of an outlier.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    label: int
    name: str
    strength: float
    distance: float
    groups: tuple[GroupShare, ...]


class KeptGroup(BaseModel):
    """A group of a clustering that is kept.

    Attributes:
        label: which stays.
        name: which stays.
        size: number of texts in the clustering.
        assigned: how many of the texts of this run belong to it.
        is_new: whether this run made it.
        keywords: best first.
    """

    model_config = ConfigDict(frozen=True)

    label: int
    name: str
    size: int
    assigned: int
    is_new: bool
    keywords: tuple[str, ...]


class AssignmentReport(Result):
    """Texts and the groups of a clustering that they belong to.

    Attributes:
        noun: what the texts are, for people.
        groups: of the clustering, in the order of their labels.
        items: the texts, in input order.
        updated: whether the texts are in the clustering now.
        folder: where the clustering was saved; empty if it was not.
    """

    noun: str
    groups: tuple[KeptGroup, ...]
    items: tuple[AssignedText, ...]
    updated: bool = False
    folder: str = ""

    @property
    def outliers(self) -> list[AssignedText]:
        """Texts that are far from every group, in input order."""
        return [item for item in self.items if item.label < 0]

    @property
    def new_groups(self) -> list[KeptGroup]:
        """Groups that this run made."""
        return [group for group in self.groups if group.is_new]

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} in known groups"

    def headline(self) -> str:
        used = sum(group.assigned > 0 for group in self.groups)
        new = f", {counted(len(self.new_groups), 'new group')}" if self.updated else ""
        texts = counted(len(self.items), self.noun.removesuffix("s"))
        return (
            f"{texts} in {used} of {counted(len(self.groups), 'group')}, "
            f"{counted(len(self.outliers), 'outlier')}{new}"
        )

    def tables(self) -> list[Table]:
        groups = Table(
            "Groups",
            (
                *(Column("cluster", "label"), Column("name", main=True)),
                *(Column("assigned", "count"), Column("size", "count"), "new", "keywords"),
            ),
            [
                (
                    *(str(group.label), group.name, group.assigned, group.size),
                    *(group.is_new, ", ".join(group.keywords)),
                )
                for group in self.groups
            ],
            head=len(self.groups),
        )
        return [groups, self._texts_table()]

    def _texts_table(self) -> Table:
        own = hidden_columns([item.fields for item in self.items])
        rows = [
            (
                *(item.id, "outlier" if item.label < 0 else str(item.label), item.name),
                *(item.strength, _second(item), item.distance, Excerpt(item.text)),
                *hidden_cells(item.fields, own),
            )
            for item in self.items
        ]
        columns = (
            Column("id"),
            Column("cluster", "label"),
            Column("name"),
            Column("strength", "score"),
            Column("second"),
            Column("distance", "number"),
            Column("text", main=True),
            *own,
        )
        return Table(f"Groups of the {self.noun}", columns, rows, main=True)

    def notes(self) -> list[str]:
        saved = [f"The groups are saved in {self.folder}."] if self.folder else []
        return [*super().notes(), *saved]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                **item.model_dump(include={"id", "text", "label", "name", "strength", "distance"}),
                **second_group(item.groups, item.label),
            }
            for item in self.items
        ]
        return rows_beside(rows, [item.fields for item in self.items])

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        names = {group.label: f"{group.label}: {group.name}" for group in self.groups}
        present = Counter(item.label for item in self.items)
        named = {label: name for label, name in names.items() if present[label]}
        if present[-1]:
            named[-1] = OUTLIERS
        return {
            name: [item.fields for item in self.items if item.label == label]
            for label, name in named.items()
        }


def _second(item: AssignedText) -> str:
    """The likeliest group beside its own, with its probability."""
    second = second_group(item.groups, item.label)
    label, probability = second["second_label"], second["second_probability"]
    return "" if label is None else f"{label}: {probability:.2f}"
