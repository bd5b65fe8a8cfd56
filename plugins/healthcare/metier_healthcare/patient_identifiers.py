"""The identifiers of patients, as the plugin looks for them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from metier.plugin import Identifiers, Result, Texts, note_identifiers

R = TypeVar("R", bound=Result)


@lru_cache(maxsize=1)
def patient_identifiers() -> Identifiers:
    """The kinds of the HIPAA Safe Harbor method; see identifiers.yaml."""
    return Identifiers(Path(str(files("metier_healthcare") / "identifiers.yaml")))


def note_patient_identifiers(result: R, notes: Texts) -> R:
    """The result with a note if the notes that it quotes hold identifiers of patients."""
    return note_identifiers(result, notes, patient_identifiers())
