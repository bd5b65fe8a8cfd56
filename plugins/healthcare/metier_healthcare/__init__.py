"""Clinical text for metier. Its domain is declared in domain.yaml; this brings a guard, readers
and a search stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.plugin import hookimpl
from metier_healthcare.guard import metier_before_send

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metier.plugin import Reader, SearchStage

__all__ = ["metier_before_send", "metier_readers", "metier_search_stages"]


@hookimpl
def metier_readers() -> Iterable[Reader]:
    """Readers of clinical records."""
    from metier_healthcare.fhir import FHIR  # here: listings need none
    from metier_healthcare.hl7 import HL7, HL7_TEXT

    return [FHIR, HL7, HL7_TEXT]


@hookimpl
def metier_search_stages() -> Iterable[SearchStage]:
    """The stage that knows abbreviations of names."""
    from metier_healthcare.short_forms import ShortFormStage  # here: listings need none

    return [ShortFormStage()]
