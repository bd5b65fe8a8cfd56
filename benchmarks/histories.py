"""Fixes in the histories of projects: what their authors wrote, and the functions they changed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_FUNCTIONS = 3
"""Functions that a fix changes at most: larger ones do more than mend a fault."""
_LONGEST_DIFF = 60_000
_SUFFIXES = (".py", ".js", ".ts", ".go", ".java", ".rs")
_FIX = re.compile(r"\b(?:fix(?:es|ed|ing)?|bug|regression|crash(?:es)?)\b", re.IGNORECASE)
_NO_FAULT = re.compile(
    r"\b(?:typos?|docs?|documentation|readme|lint|flake8|mypy|typing|type (?:hint|annotation)s?|ci"
    r"|changelog|spelling|comments?|tests?|formatting|warnings?|deps?|bump|release|example)\b",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^\s*(?:Signed-off-by|Co-authored-by|Reviewed-by|\(cherry picked|Change-Id).*$",
    re.IGNORECASE | re.MULTILINE,
)
_GIVEAWAY = re.compile(
    r"\S*[\w-]+\.(?:py|js|ts|go|java|rs|md|rst)\b|https?://\S+|#\d+", re.IGNORECASE
)
"""Names of files, and addresses and numbers that say nothing."""
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+")
LEFT_OUT = frozenset(
    {"doc", "docs", "extras", "examples", "metrics", "proto", "dist", "sandbox", "scripts", "site"}
)
"""Folders of which no fix is taken, and which are not searched, as tests are not."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A commit that mends a fault.

    Attributes:
        commit: its hash.
        parent: the commit before, in whose sources the fault is.
        text: what its author wrote, without names of files.
        lines: of each changed source the stretches of lines, as first line and number; of 0 lines
            where some were added after the first.
    """

    commit: str
    parent: str
    text: str
    lines: dict[str, list[tuple[int, int]]]

    def changes(self, path: str, first: int, last: int) -> bool:
        """Whether it changes lines of a stretch of a source."""
        return any(
            start <= last and start + count > first if count else first <= start < last
            for start, count in self.lines.get(path, [])
        )


def fixes(repository: Path, most: int) -> list[Fix]:
    """The newest commits of a repository that mend a fault in one or two sources.

    Args:
        repository: folder of git, `.git` or a bare one.
        most: how many.
    """
    taken: list[Fix] = []
    for commit, parent, text in _commits(repository):
        if len(taken) == most:
            break
        subject = text.partition("\n")[0]
        if not _FIX.search(text[:400]) or _NO_FAULT.search(subject):
            continue
        lines = _changed_lines(repository, parent, commit)
        report = _GIVEAWAY.sub(" ", _TRAILER.sub("", text)).strip()
        if 1 <= len(lines) <= 2 and len(report.split()) >= 4:
            taken.append(Fix(commit, parent, report, lines))
    return taken


def write_tree(repository: Path, commit: str, folder: Path) -> None:
    """Write the sources of a commit into a folder, without tests, examples and documentation."""
    from metier_code.trees.path_roles import is_example, is_test

    with subprocess.Popen(
        ["git", "--git-dir", str(repository), "archive", commit], stdout=subprocess.PIPE
    ) as archive:
        subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)
    for file in folder.rglob("*"):
        path = file.relative_to(folder)
        name = path.as_posix()
        is_left_out = is_test(name) or is_example(name) or LEFT_OUT & set(path.parts)
        if file.is_file() and is_left_out:
            file.unlink()


def _commits(repository: Path) -> Iterator[tuple[str, str, str]]:
    log = _git(repository, "log", "--no-merges", "-n", "3000", "--format=%H%x00%P%x00%B%x01")
    for record in log.split("\x01"):
        parts = record.strip("\n").split("\0")
        if len(parts) == 3 and parts[1] and " " not in parts[1]:
            yield parts[0], parts[1], parts[2].strip()


def _changed_lines(repository: Path, parent: str, commit: str) -> dict[str, list[tuple[int, int]]]:
    from metier_code.trees.path_roles import is_example, is_test

    diff = _git(repository, "diff", "-U0", "--no-renames", parent, commit, "--")
    lines: dict[str, list[tuple[int, int]]] = {}
    path = ""
    for line in diff.splitlines() if len(diff) <= _LONGEST_DIFF else ():
        if line.startswith("--- "):
            path = line[6:] if line.startswith("--- a/") else ""
            if is_test(path) or is_example(path) or LEFT_OUT & set(Path(path).parts):
                path = ""
        elif path.endswith(_SUFFIXES) and (hunk := _HUNK.match(line)):
            count = int(hunk[2]) if hunk[2] is not None else 1
            lines.setdefault(path, []).append((int(hunk[1]), count))
    return lines


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "--git-dir", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode(
        "utf-8", "replace"
    )
