"""Where the vector cache lies and how large it may become, as the environment says."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from metier.errors import ParameterError
from metier.paths import expanded
from metier.settings import configured

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", re.IGNORECASE)


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Folder of the vector cache: METIER_CACHE_DIR, else one among the user's caches.

    Raises:
        UsageError: the user has no home that is known.
    """
    chosen = configured("cache_dir", environment)
    if chosen:
        return expanded(chosen)
    found = os.environ if environment is None else environment
    user: str | Path
    if sys.platform == "win32":
        user = found.get("LOCALAPPDATA") or expanded("~") / "AppData" / "Local"
    elif sys.platform == "darwin":
        user = expanded("~") / "Library" / "Caches"
    else:
        user = found.get("XDG_CACHE_HOME") or expanded("~") / ".cache"
    return Path(user) / "metier" / "vectors"


def cache_limit(environment: Mapping[str, str] | None = None) -> int:
    """Largest size of the vector cache in bytes: METIER_CACHE_SIZE, else 2 GB.

    Raises:
        ParameterError: the variable holds no size.
    """
    written = configured("cache_size", environment) or ""
    size = _SIZE.fullmatch(written)
    number = float(size[1]) if size else 0.0
    unit = size[2].upper() if size else ""
    limit = int(number * _UNITS[unit if unit in _UNITS else f"{unit}B"])
    if limit < 1:
        raise ParameterError(
            f"METIER_CACHE_SIZE={written!r} is not a size.",
            fix="Write a number and a unit, such as 500MB or 2GB; METIER_CACHE=0 keeps nothing.",
        )
    return limit
