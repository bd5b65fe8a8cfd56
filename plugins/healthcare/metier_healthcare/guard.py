"""Identifiers of patients, masked in texts that are about to leave the machine.

This is a net, not de-identification: what is written unlike any known form passes through it.
"""

from __future__ import annotations

from collections.abc import Sequence

from metier.plugin import guard_texts, hookimpl
from metier_healthcare.patient_identifiers import patient_identifiers


@hookimpl
def metier_before_send(texts: Sequence[str], destination: str) -> list[str]:
    """Mask identifiers of patients; the rest of each text stays as it is.

    Where the setting `METIER_GUARD` is `strict`, texts with identifiers are refused.

    Warns:
        MetierWarning: something was masked; it says how many of which kinds.
    """
    return guard_texts(texts, destination, patient_identifiers())
