"""Paths as people write them: `~` is a home."""

from __future__ import annotations

from pathlib import Path

from metier.errors import UsageError


def expanded(path: str | Path) -> Path:
    """A path whose `~` or `~name` is resolved.

    Raises:
        UsageError: there is no such user, or none whose home is known.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        home = Path(path).parts[0]
        raise UsageError(
            f"There is no home folder {home!r}, with which {str(path)!r} begins.",
            why="The home of this user is not known: HOME is not set."
            if home == "~"
            else f"No user of this machine is called {home[1:]!r}.",
            fix="Write the path from the root on.",
        ) from None
