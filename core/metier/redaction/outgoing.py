"""Texts that are about to leave the machine, without what identifies a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from metier.errors import ParameterError, warn_caller
from metier.redaction.identifiers import Identifiers
from metier.redaction.redactor import Redactor
from metier.settings import configured


def guard_texts(texts: Sequence[str], destination: str, identifiers: Identifiers) -> list[str]:
    """Mask identifiers, or refuse them where the setting `METIER_GUARD` is `strict`.

    A name that one of the texts states is found in all of them. Neither the warning nor the error
    holds any text.

    Args:
        texts: that are about to leave the machine.
        destination: where they go, for messages.
        identifiers: what to look for.

    Returns:
        As many texts, the kind in brackets in the place of each identifier.

    Raises:
        InputError: there are identifiers, and they are refused.
        ParameterError: the setting has another value.

    Warns:
        MetierWarning: something was masked; it says how many of which kinds.
    """
    mode = configured("guard")
    if mode not in ("mask", "strict"):
        raise ParameterError(
            f"METIER_GUARD={mode!r} is neither 'mask' nor 'strict', so nothing was sent.",
            fix="Set it to one of them, or unset it: 'mask' is the default.",
            parameter="guard",
        )
    redactor = Redactor(identifiers, mode="mask" if mode == "mask" else "strict")
    names = [name for text in texts for name in redactor.names_in(text)]
    redacted = [redactor.redact(text, names=names) for text in texts]
    counts: Counter[str] = Counter()
    for text in redacted:
        counts += text.counts
    redactor.refuse(counts, f"Nothing was sent to {destination}")
    if counts:
        warn_caller(
            f"Masked before texts went to {destination}: {redactor.listed(counts)}. Identifiers "
            "are found by their forms and labels, and some are missed."
        )
    return [text.text for text in redacted]
