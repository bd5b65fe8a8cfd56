"""The identifiers of patients, as the plugin looks for them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from metier.plugin import Identifiers


@lru_cache(maxsize=1)
def patient_identifiers() -> Identifiers:
    """The kinds of the HIPAA Safe Harbor method; see identifiers.yaml."""
    return Identifiers(Path(str(files("metier_healthcare") / "identifiers.yaml")))
