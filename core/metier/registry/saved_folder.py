"""Folders of what was learned from texts: its numbers and facts, with checksums that a damaged file
does not pass."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metier.errors import InputError, MetierError, UsageError
from metier.folders import expand_home, not_written, write_atomically

DAMAGES = (
    *(KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError),
    *(OverflowError, RecursionError, MemoryError, MetierError),
)
"""What reading facts raises that are not of the form that they are written in."""


@dataclass(frozen=True, slots=True)
class SavedFolder:
    """What the folders of one kind hold.

    Attributes:
        noun: what they are of, `head` for example: the name of the two files, and of the errors
            `head-not-found` and `head-damaged`.
        schema: version of the form of the facts; older ones are read, newer ones refused.
        remedy: how to make such a folder again.
        others: names of further files.
    """

    noun: str
    schema: int
    remedy: str
    others: tuple[str, ...] = ()

    @property
    def arrays(self) -> str:
        """Name of the file of numbers."""
        return f"{self.noun}.safetensors"

    @property
    def facts(self) -> str:
        """Name of the file of facts."""
        return f"{self.noun}.json"

    def write(
        self,
        folder: str | Path,
        facts: Mapping[str, Any],
        arrays: bytes,
        others: Mapping[str, str] | None = None,
    ) -> Path:
        """Write a folder, which is created, completely or not at all; what it had is replaced.

        Raises:
            UsageError: it has files of something else, or cannot be written.
        """
        path = self.require_writable(folder)
        checked = {**facts, "arrays": hashlib.sha256(arrays).hexdigest()}
        document = {"schema": self.schema, "checksum": _checksum(checked), self.noun: checked}
        text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        try:
            # the arrays first: facts always are of arrays that were written whole
            write_atomically(path, {self.arrays: arrays, **(others or {}), self.facts: text})
        except OSError as error:
            raise not_written(path, error) from error
        return path

    def require_writable(self, folder: str | Path) -> Path:
        """Return the path of a folder that may be written into.

        Raises:
            UsageError: it has files of something else, or is a file itself.
        """
        path = expand_home(folder)
        own = {self.arrays, self.facts, *self.others}
        try:
            strange = sorted({item.name for item in path.iterdir()} - own)
        except FileNotFoundError:
            return path
        except OSError as error:
            raise not_written(path, error) from error
        if strange:
            raise UsageError(
                f"The folder {str(path)!r} has files that are no part of a {self.noun}: "
                f"{', '.join(strange[:3])}{' ...' if len(strange) > 3 else ''}.",
                fix="Name a folder that is empty or does not exist yet.",
            )
        return path

    def read(self, folder: str | Path) -> tuple[dict[str, Any], bytes]:
        """Return the facts and the arrays of a folder.

        Raises:
            InputError: there are none, a file is damaged, or a newer version of metier wrote it.
        """
        path = expand_home(folder)
        facts = self._read_facts(path)
        try:
            raw = (path / self.arrays).read_bytes()
        except OSError as error:
            raise self.damaged(path, f"{self.arrays} cannot be read: {error.strerror}.") from None
        if hashlib.sha256(raw).hexdigest() != facts.get("arrays"):
            reason = f"{self.arrays} has another checksum than {self.facts} says."
            raise self.damaged(path, reason)
        return facts, raw

    def damaged(self, folder: str | Path, why: str | None = None) -> InputError:
        """The error for a folder that cannot be used; without a reason, for facts of another form.

        Args:
            folder: that was read.
            why: the reason.
        """
        return InputError(
            f"The {self.noun} in {str(expand_home(folder))!r} cannot be used.",
            why=why or "Another version of metier wrote it, or it was edited.",
            fix=f"{self.remedy}, or take it from a backup.",
            code=f"{self.noun}-damaged",
        )

    def _read_facts(self, path: Path) -> dict[str, Any]:
        try:
            text = (path / self.facts).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            raise InputError(
                f"There is no {self.noun} in {str(path)!r}.",
                why=f"It has no {self.facts}.",
                fix=f"Name the folder that a {self.noun} was saved into.",
                code=f"{self.noun}-not-found",
            ) from None
        except (OSError, UnicodeDecodeError):
            raise self.damaged(path, f"{self.facts} cannot be read.") from None
        try:
            document = json.loads(text)
            schema, facts = int(document["schema"]), document[self.noun]
        except DAMAGES:
            raise self.damaged(path, f"{self.facts} has another form.") from None
        if schema > self.schema:
            raise InputError(
                f"The {self.noun} in {str(path)!r} has schema {schema}, and this version of metier "
                f"reads up to {self.schema}.",
                why="A newer version of metier wrote it.",
                fix=f"Update metier. Otherwise: {self.remedy[:1].lower()}{self.remedy[1:]}.",
                code=f"{self.noun}-damaged",
            )
        if not isinstance(facts, dict) or document.get("checksum") != _checksum(facts):
            reason = f"{self.facts} does not have the checksum that it names."
            raise self.damaged(path, reason)
        return facts


def _checksum(facts: Mapping[str, Any]) -> str:
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
