"""What a check of an index found: damaged documents and files, and what mends them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

UPDATE = "Update the index with these documents: the chunks that are damaged are embedded again."
REINDEX = "Write to the index, such as by an update: the words are indexed anew."
PURGE = (
    "Mend the documents and records that are named here, if there are any. Then no search reads "
    "these files, and a purge of the index removes them."
)
RECORD = "Write to the index, such as by an update, or purge it: the checksums are recorded anew."
REBUILD = "Build the index again."


@dataclass(frozen=True, slots=True)
class IndexDamage:
    """One kind of damage.

    Attributes:
        part: `documents`, `words` (the index of terms), `records` (the manifest and what else the
            index knows of itself) or `files`.
        message: what is damaged.
        fix: what to do.
        documents: ids of the documents, as far as they can be read.
        files: paths of the files in the folder of the index.
    """

    part: str
    message: str
    fix: str
    documents: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The result of a check of an index.

    Attributes:
        path: folder or address; None for an index in memory, which has no files to check.
        chunks: number of chunks whose text, fields, terms and vector were compared with their
            checksum.
        unchecked: number of chunks without a checksum, written by a version without checksums.
        files: number of files that were compared with their checksum; 0 in an object store.
        damage: what is damaged; empty if all is intact.
    """

    path: str | None
    chunks: int = 0
    unchecked: int = 0
    files: int = 0
    damage: tuple[IndexDamage, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damage

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a dict that can be written as JSON."""
        return {**asdict(self), "is_intact": self.is_intact}
