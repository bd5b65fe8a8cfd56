"""The clause types that contracts are reviewed for unless the user says otherwise."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from metier.plugin import Checklist, load_checklist

_FOLDER = Path(str(files("metier_legal") / "checklists" / "clause_types"))
_FILES = (
    "document",
    "competition",
    "ending",
    "money",
    "intellectual-property",
    "licenses",
    "risk",
    "neutral",
)


@cache
def shipped_checklist() -> Checklist:
    """The 41 types of clauses, in the order in which reviewers read them, and ordinary clauses."""
    return load_checklist(_FOLDER / f"{name}.yaml" for name in _FILES)
