"""healthcare/deidentify: notes without what identifies their patients."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from metier.plugin import Documents, RedactionMode, RedactionReport, Runtime, redact_texts, workflow
from metier_healthcare.patient_identifiers import patient_identifiers


def _as_tuple(value: object) -> object:
    """Kinds in one string with commas, or several of them, as a tuple."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return value
    return tuple(kind.strip() for part in parts for kind in part.split(",") if kind.strip())


@workflow("healthcare/deidentify")
def deidentify(
    rt: Runtime,
    notes: Annotated[Documents, Field(description="Clinical notes, one text each.")],
    *,
    mode: Annotated[
        RedactionMode,
        Field(
            description="`surrogate` replaces identifiers by realistic ones, `mask` by their kind "
            "in brackets, `strict` fails if there are any."
        ),
    ] = "surrogate",
    vault: Annotated[
        Path | None,
        Field(
            description="File that keeps the key of the replacements, so that other runs give the "
            "same ones; made if missing. By default the key is not kept."
        ),
    ] = None,
    reversible: Annotated[
        bool, Field(description="Let a new vault keep what each replacement stands for.")
    ] = False,
    person: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Column that says whom a note is about; each is about another person, by "
            "default.",
        ),
    ] = None,
    keep_kinds: Annotated[
        tuple[str, ...],
        BeforeValidator(_as_tuple),
        Field(description="Kinds of identifiers that stay, such as `date`."),
    ] = (),
) -> RedactionReport:
    """Replace or mask what identifies patients: the kinds of HIPAA's Safe Harbor method.

    Identifiers are found by their forms and labels. Some are missed, so a person has to review the
    texts before others get them.
    """
    return redact_texts(
        notes,
        identifiers=patient_identifiers(),
        noun="notes",
        mode=mode,
        vault=vault,
        reversible=reversible,
        person=person,
        keep_kinds=keep_kinds,
    )
