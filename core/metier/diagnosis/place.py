"""Where first results of models are kept, as the environment says."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from metier.paths import expanded
from metier.settings import configured


def data_home(environment: Mapping[str, str] | None = None) -> Path:
    """Folder for what metier keeps between runs: METIER_HOME, else one among the user's data.

    Raises:
        UsageError: the user has no home that is known.
    """
    chosen = configured("home", environment)
    if chosen:
        return expanded(chosen)
    found = os.environ if environment is None else environment
    if sys.platform == "win32":
        user = found.get("LOCALAPPDATA") or expanded("~") / "AppData" / "Local"
    else:
        user = found.get("XDG_DATA_HOME") or expanded("~") / ".local" / "share"
    return Path(user) / "metier"
