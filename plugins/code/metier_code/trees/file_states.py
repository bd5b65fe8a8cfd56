"""What an index knows of the files of a tree: by it an unchanged file is neither read nor parsed.

As in git's own index, size and times tell whether a file may have changed, and the hash of its
content whether it has. A file that was changed at about the time it was checked is checked
again: a later change of the same size might have left the same times.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from metier.plugin import write_atomically

FORMAT = 1
"""Version of the file."""

RACY = 2_000_000_000
"""Nanoseconds: a file system may count times in steps as large, and clocks may differ as much."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was checked.

    Attributes:
        size: in bytes.
        modified: time of its last change, in nanoseconds.
        changed: time of the last change of its content or its attributes, in nanoseconds.
        checked: when it was checked, in nanoseconds.
        digest: hash of its content.
        reason: why it, or a part of it, is not read; empty where all of it is.
        detail: what of the reason applies.
        guess: what people should know of its encoding, if nothing says it.
        definitions: how many it has.
    """

    size: int
    modified: int
    changed: int
    checked: int
    digest: str
    reason: str = ""
    detail: str = ""
    guess: str = ""
    definitions: int = 0

    def is_current(self, now: os.stat_result) -> bool:
        """Whether the file is certainly the same, without a look into it."""
        return (
            (self.size, self.modified, self.changed)
            == (now.st_size, now.st_mtime_ns, now.st_ctime_ns)
            and max(self.modified, self.changed) + RACY < self.checked
        )  # fmt: skip

    @classmethod
    def of(cls, before: os.stat_result, content: bytes, checked: int) -> FileState:
        """The state of a file whose content was read after `before` was."""
        return cls(
            before.st_size,
            before.st_mtime_ns,
            before.st_ctime_ns,
            checked,
            hashlib.blake2b(content, digest_size=16).hexdigest(),
        )


@dataclass(slots=True)
class TreeStates:
    """The states of the files that an index holds.

    Attributes:
        settings: with which the files were divided; files are divided again where they differ.
        files: states by name.
        pending: names of files that a write was about when the states were saved: the index may
            hold them as they were before, as they are, in part or not at all.
        chunks: of the index after the last write; None while one is under way.
        written: when that was, in seconds since 1970; 0 for never.
    """

    settings: dict[str, str]
    files: dict[str, FileState] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    chunks: int | None = None
    written: float = 0.0

    def save(self, path: Path) -> None:
        """Write them completely or not at all, for their owner only.

        Raises:
            OSError: the file cannot be written.
        """
        content = {
            "format": FORMAT,
            "settings": self.settings,
            "chunks": self.chunks,
            "written": self.written,
            "pending": sorted(self.pending),
            "files": {name: list(asdict(state).values()) for name, state in self.files.items()},
        }
        write_atomically(path.parent, {path.name: json.dumps(content, separators=(",", ":"))})

    @classmethod
    def load(cls, path: Path) -> TreeStates | None:
        """Read them; None where there are none.

        Raises:
            ValueError: the file is damaged, or of another version.
        """
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ValueError(error.strerror) from None
        content = json.loads(raw)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError("It is of another version.")
        return _states(content)


_TYPES = [int, int, int, int, str, str, str, str, int]
"""Of the attributes of a `FileState`."""


def _states(content: Mapping[str, Any]) -> TreeStates:
    try:
        for values in content["files"].values():
            if [type(value) for value in values] != _TYPES:
                raise ValueError("A file has another state.")
        return TreeStates(
            settings={str(name): str(value) for name, value in content["settings"].items()},
            files={name: FileState(*values) for name, values in content["files"].items()},
            pending=[str(name) for name in content["pending"]],
            chunks=None if content["chunks"] is None else int(content["chunks"]),
            written=float(content["written"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None


def now_ns() -> int:
    """The time in nanoseconds, by the clock that file systems use."""
    return time.time_ns()
