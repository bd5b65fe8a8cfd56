"""What can be configured outside code, and where each value came from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

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
    Setting("dtype", "METIER_DTYPE", "auto", "auto, float32, bfloat16 or float16."),
)


def configured(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The value of a setting: from its environment variable, else its default."""
    setting = next(one for one in SETTINGS if one.name == name)
    found = (os.environ if environment is None else environment).get(setting.variable)
    return found or setting.default
