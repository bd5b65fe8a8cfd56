"""What git tracks and ignores below a folder. Nothing that a repository names is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from metier_code.trees.file_access import safe_name

_SECONDS = 60
_SETTINGS = (
    "core.fsmonitor=false",  # names a program that lists changes
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "safe.bareRepository=explicit",  # a folder of the tree may pretend to be a repository
)
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
"""Variables of the environment that say where the user's own configuration is."""
_IGNORED_ITSELF = "not superset of prefix"
"""In what git says of the ignored files of a folder that is in an ignored one."""
_SUBMODULE = b"160000"


class GitRefusalError(Exception):
    """git does not answer for a repository; its message says why, in its words."""


@dataclass(frozen=True, slots=True)
class GitListing:
    """What git knows of a folder, in paths below it.

    Attributes:
        tracked: files in the index.
        tracked_folders: folders that hold some of them.
        ignored: files and folders that git ignores.
        submodules: folders of other repositories that it tracks.
    """

    tracked: frozenset[str]
    tracked_folders: frozenset[str]
    ignored: frozenset[str]
    submodules: frozenset[str]


def repository_above(folder: Path) -> Path | None:
    """The nearest folder with a repository, from `folder` up; None if there is none."""
    absolute = Path(os.path.abspath(folder))
    return next((above for above in (absolute, *absolute.parents) if _holds_git(above)), None)


def _holds_git(folder: Path) -> bool:
    return os.path.lexists(folder / ".git")


def list_repository(folder: Path) -> GitListing:
    """What git tracks and ignores below a folder of a working tree.

    Raises:
        GitRefusalError: there is no git, or it refuses.
    """
    tracked: list[str] = []
    submodules: list[str] = []
    for entry in _git(folder, "--cached", "--stage"):
        facts, _, name = entry.partition(b"\t")
        (submodules if facts.startswith(_SUBMODULE) else tracked).append(os.fsdecode(name))
    folders: set[str] = set()
    for path in (*tracked, *submodules):
        above = os.path.dirname(path)
        while above and above not in folders:
            folders.add(above)
            above = os.path.dirname(above)
    try:
        ignored = _git(folder, "--others", "--ignored", "--exclude-standard", "--directory")
    except GitRefusalError as error:
        if _IGNORED_ITSELF not in str(error):
            raise
        ignored = []
    return GitListing(
        frozenset(tracked),
        frozenset(folders),
        frozenset(os.fsdecode(name).rstrip("/") for name in ignored),
        frozenset(submodules),
    )


def _git(folder: Path, *options: str) -> list[bytes]:
    """What `git ls-files` lists below a folder."""
    return [entry for entry in run_git(folder, "ls-files", "-z", *options).split(b"\0") if entry]


def run_git(folder: Path, *words: str) -> bytes:
    """What a command of git prints that only reads.

    Raises:
        GitRefusalError: there is no git, or it refuses.
    """
    program = shutil.which("git")
    if program is None or not os.path.isabs(program):  # a relative one could be of the tree
        raise GitRefusalError("git is not installed")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [program, "-C", str(folder), "--no-pager", *settings, *words]
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitRefusalError(f"git did not answer within {_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        raise GitRefusalError(f"git cannot be run: {error}") from None
    if run.returncode:
        raise GitRefusalError(_first_line(run.stderr))
    return run.stdout


def _environment() -> dict[str, str]:
    """The environment without what a hook sets, and with no way to reach another machine."""
    kept = {
        name: value for name, value in os.environ.items() if name[:4] != "GIT_" or name in _KEPT
    }
    # a repository may lack objects and name a program that fetches them
    return {**kept, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C",
            "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}  # fmt: skip


def _first_line(errors: bytes) -> str:
    lines = os.fsdecode(errors).strip().splitlines() or ["it said nothing"]
    return safe_name(lines[0].removeprefix("fatal: "))[:200]
