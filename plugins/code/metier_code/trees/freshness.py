"""What bringing the index of a tree up to date took, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Freshness:
    """What was done for an index to agree with its tree.

    Attributes:
        files: how many sources there are.
        parsed: names of those that were divided into definitions.
        removed: names of those that are gone.
        embedded: how many chunks went through the model.
        recalled: how many took their vectors from an earlier one with the same text.
        changed: names of those that changed since, where the index was left as it is.
        written: when the index was last written, in seconds since 1970; None for one in memory.
        notes: what people should know: why it was built again, what would make it quicker.
    """

    files: int
    parsed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    embedded: int = 0
    recalled: int = 0
    changed: tuple[str, ...] = ()
    written: float | None = None
    notes: tuple[str, ...] = ()

    def remarks(self) -> tuple[str, ...]:
        """What people should know of the index."""
        if not self.changed:
            return self.notes
        count, names = len(self.changed), ", ".join(self.changed[:3])
        files = "1 file" if count == 1 else f"{count} files"
        more = f" and {count - 3} more" if count > 3 else ""
        note = f"{files} changed since the index was written ({names}{more})."
        return (*self.notes, note)
