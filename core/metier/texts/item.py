"""An item: one text with its id and what else its row held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TITLE_FIELDS = ("title", "headline", "subject")


@dataclass(frozen=True, slots=True)
class Item:
    """One text with its id and the other fields of its row.

    Attributes:
        id: the row's own id as a string, or its position counted from 1.
        text: never empty.
        fields: everything else the row held, as it was.
    """

    id: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str | None:
        """The row's field `title`, `headline` or `subject` on one line; None if it has none."""
        by_lower = {name.lower(): value for name, value in self.fields.items()}
        for name in TITLE_FIELDS:
            value = by_lower.get(name)
            if isinstance(value, str) and value.strip():
                return " ".join(value.split())
        return None
