"""Where metier looks and writes when nothing of the user's may be seen or changed."""

from __future__ import annotations

from pathlib import Path


def own_places(folder: Path) -> dict[str, str]:
    """Environment variables by which the cache, the files and the packs of a user lie in `folder`.

    They say nothing of the other settings: take the variables of metier away first.
    """
    return {
        "METIER_CACHE_DIR": str(folder / "vectors"),
        "METIER_HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "APPDATA": str(folder / "config"),  # what Windows has in its place
    }
