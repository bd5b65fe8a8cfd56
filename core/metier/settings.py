"""What can be configured outside code, and where each value came from."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MODEL = "Qwen/Qwen3-Embedding-0.6B"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that applies where the call names none.

    Attributes:
        name: as the Runtime's parameter.
        variable: environment variable that sets it.
        default: where the variable is unset or empty.
        meaning: one sentence for the docs.
    """

    name: str
    variable: str
    default: str | None
    meaning: str


SETTINGS = (
    Setting("model", "METIER_MODEL", DEFAULT_MODEL, "Embedding model: embedded, hub id or folder."),
    Setting("reranker", "METIER_RERANKER", None, "Reranker model: hub id or folder."),
    Setting("device", "METIER_DEVICE", "auto", "auto, cpu, cuda, cuda:1 or mps."),
    Setting("dtype", "METIER_DTYPE", "auto", "auto, float32, bfloat16, float16 or int8."),
    Setting("cache", "METIER_CACHE", None, "1 to keep vectors between runs, 0 not to."),
    Setting("plugins", "METIER_PLUGINS", None, "Plugins that may be active: names, all or none."),
    Setting("block_plugins", "METIER_BLOCK_PLUGINS", None, "Plugins that may not be active."),
    Setting("strict", "METIER_STRICT", None, "1 to fail where a plugin cannot be used."),
)


def configured(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The value of a setting: from its environment variable, else its default."""
    setting = next(one for one in SETTINGS if one.name == name)
    found = (os.environ if environment is None else environment).get(setting.variable)
    return found or setting.default


def data_home(environment: Mapping[str, str] | None = None) -> Path:
    """Folder for what metier keeps between runs: METIER_HOME, else one among the user's data."""
    found = os.environ if environment is None else environment
    if found.get("METIER_HOME"):
        return Path(found["METIER_HOME"]).expanduser()
    if sys.platform == "win32":
        user = found.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        user = found.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(user) / "metier"
