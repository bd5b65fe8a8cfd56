"""Remarks on agreements that hypotheses about nondisclosure say little of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from metier.plugin import Checklist, Item
from metier_legal.hypotheses.shipped import shipped_hypotheses
from metier_legal.review.languages import language_remarks

_SECRECY = re.compile(
    r"\b(?:confiden\w+|secre\w+|non-?disclos\w+|disclos\w+|undisclosed|proprietary|private\w*)\b",
    re.IGNORECASE,
)
"""Words of which every agreement about secrecy has some."""


def agreement_remarks(documents: Iterable[Item], hypotheses: Checklist) -> Iterator[str]:
    """A remark on each agreement in another language, and on each that names no secrecy at all.

    Args:
        documents: agreements.
        hypotheses: that they are set against.
    """
    shipped = {hypothesis.id for hypothesis in shipped_hypotheses().questions}
    is_about_secrecy = any(hypothesis.id in shipped for hypothesis in hypotheses.questions)
    for document in documents:
        remarks = list(
            language_remarks(
                [document], hypotheses, name="hypotheses", missing="what is NOT MENTIONED"
            )
        )
        yield from remarks
        if is_about_secrecy and not remarks and _SECRECY.search(document.text) is None:
            yield (
                f"{document.id} names no confidential information and no secrecy, so it may be no "
                "nondisclosure agreement: what is said of it here may be chance. "
                "legal/review-contract reads contracts of every kind."
            )
