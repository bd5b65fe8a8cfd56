"""What a sentence of a contract says that similarity does not see: whether it obliges, permits or
forbids, whom it binds, and how much or how long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from metier_legal.review.quantities import CURRENCIES, Quantity, find_quantities

Modality = Literal["forbids", "exempts", "permits", "obliges", ""]

_MODAL = r"(?:shall|must|may|will|can|could|should|does|do|is|are)"
_FORBIDS = re.compile(
    rf"\b{_MODAL}\s+(?:\w+\s+){{0,2}}?(?:not|never)\b"
    r"(?!\s+(?:only|be\s+(?:required|obliged|obligated|liable|unreasonably)|unreasonably|(?:required|obliged|obligated|liable|limited)))|\bcannot\b"
    r"|\b(?:neither|no|nor)\b[^.;]{0,60}?\b(?:shall|may|must|will|can)\b"
    r"|\b(?:prohibited|barred|restricted|precluded)\s+from\b"
    r"|\bnot\s+(?:permitted|entitled|allowed|authorized)\b"
    r"|\bin\s+no\s+event\b|\bunder\s+no\s+circumstances\b|\brefrain(?:s)?\s+from\b",
    re.IGNORECASE,
)
_EXEMPTS = re.compile(
    r"\b(?:shall|is|are|will|be)\s+not\s+(?:be\s+)?(?:required|obliged|obligated|bound)\b"
    r"|\bneed\s+not\b"
    r"|\b(?:has|have|shall\s+have)\s+no\s+(?:obligation|duty)\b",
    re.IGNORECASE,
)
_PERMITS = re.compile(
    r"\bmay\b|\b(?:is|are|be)\s+(?:entitled|permitted|allowed|authorized|free)\b"
    r"|\b(?:has|have)\s+the\s+(?:right|option)\b|\bat\s+liberty\b",
    re.IGNORECASE,
)
_OBLIGES = re.compile(
    r"\b(?:shall|must|will)\b|\bagrees?\s+to\b|\bundertakes?\b"
    r"|\b(?:is|are)\s+(?:required|obliged|obligated)\b",
    re.IGNORECASE,
)
_MUTUAL = re.compile(
    r"\b(?:each|either|both|neither|any)\s+(?:of\s+the\s+)?part(?:y|ies)\b"
    r"|\bthe\s+parties\b|\bmutual(?:ly)?\b"
    r"|\bone\s+party\b|\bno\s+party\b|\ba\s+party\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:[Tt]he\s+)?(Supplier|Vendor|Seller|Provider|Licensor|Consultant|Contractor|Manufacturer"
    r"|Distributor|Reseller|Agent|Company|Franchisor|Franchisee|Customer|Client|Buyer|Purchaser"
    r"|Licensee|Lessee|Lessor|Landlord|Tenant|Recipient|Discloser|Employer|Employee"
    r"|Service\s+Provider|Subscriber|Borrower|Lender)\b"
)
_OPPOSITES = (
    ("unlimited", "limited"), ("uncapped", "capped"), ("irrevocable", "revocable"),
    ("non-exclusive", "exclusive"), ("nonexclusive", "exclusive"),
    ("non-transferable", "transferable"), ("non-assignable", "assignable"),
    ("non-sublicensable", "sublicensable"), ("non-refundable", "refundable"),
    ("for any reason", "for cause"), ("without cause", "for cause"),
    ("for convenience", "for cause"), ("with or without cause", "for cause"),
)  # fmt: skip
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+(?:\s+[A-Z][a-z]+)*")
_ORDINARY = frozenset({
    "agreement", "party", "parties", "section", "article", "clause", "schedule", "exhibit",
    "annex", "services", "service", "goods", "products", "product", "effective", "date", "term",
    "confidential", "information", "intellectual", "property", "fees", "fee", "software", "work",
    "notice", "order", "affiliate", "affiliates", "state", "laws", "law", "courts", "court",
    "kingdom", "republic", "commonwealth", "federal", "united", "contract", "the", "this", "each",
})  # fmt: skip


def modality(text: str) -> Modality:
    """Whether a sentence forbids, exempts, permits or obliges; empty where it does neither."""
    if _EXEMPTS.search(text):
        return "exempts"
    if _FORBIDS.search(text):
        return "forbids"
    first = [
        (match.start(), name)
        for pattern, name in ((_PERMITS, "permits"), (_OBLIGES, "obliges"))
        if (match := pattern.search(text))
    ]
    return min(first)[1] if first else ""  # type: ignore[return-value]


def differences(position: str, clause: str) -> list[str]:
    """Why a clause is not as a position says, in words; empty where nothing speaks against it.

    Args:
        position: a sentence of a playbook.
        clause: the passage of the contract that is nearest to it.
    """
    reasons = [
        *_quantity_differences(position, clause),
        *_modality_differences(position, clause),
        *_party_differences(position, clause),
        *_opposites(position, clause),
        *_name_differences(position, clause),
    ]
    return list(dict.fromkeys(reasons))


def _quantity_differences(position: str, clause: str) -> Iterable[str]:
    """Numbers of the position that the clause has otherwise, those of one kind together."""
    stated, written = find_quantities(position), find_quantities(clause)
    for kind in dict.fromkeys(quantity.kind for quantity in stated):
        wanted = [quantity for quantity in stated if quantity.kind == kind]
        others = [quantity for quantity in written if quantity.kind == kind]
        if not others:
            others = [quantity for quantity in written if _is_related(quantity.kind, kind)]
        missing = [
            quantity for quantity in wanted if not any(_agrees(quantity, other) for other in others)
        ]
        if missing and others:
            yield (f"{_listed(missing)} in the position, {_listed(others)} in the contract")
        elif missing:
            yield f"the contract does not state {_listed(missing)}"


def _is_related(kind: str, other: str) -> bool:
    """Whether quantities of two kinds are told together: days of two kinds, and two currencies."""
    return {kind, other} == {"working days", "period"} or {kind, other} <= CURRENCIES


def _agrees(stated: Quantity, other: Quantity) -> bool:
    """Whether a quantity is as a position has it, or within the bound that the position names."""
    if stated.kind != other.kind and other.kind in CURRENCIES:
        return False
    if stated.bound == "at most" and other.bound != "at least" and other.value <= stated.value:
        return True
    if stated.bound == "at least" and other.bound != "at most" and other.value >= stated.value:
        return True
    is_equal = abs(stated.value - other.value) <= 0.02 * max(stated.value, other.value)
    return is_equal and not {stated.bound, other.bound} >= {"at most", "at least"}


def _listed(quantities: list[Quantity]) -> str:
    return " and ".join(dict.fromkeys(" ".join(quantity.text.split()) for quantity in quantities))


_MODALITIES = {
    "forbids": "forbids it",
    "exempts": "excuses from it",
    "permits": "permits it",
    "obliges": "obliges to it",
}


def _modality_differences(position: str, clause: str) -> Iterable[str]:
    wanted, written = modality(position), modality(clause)
    if wanted and written and wanted != written:
        yield f"the position {_MODALITIES[wanted]}, the contract {_MODALITIES[written]}"


def _party_differences(position: str, clause: str) -> Iterable[str]:
    """Whether one binds both parties and the other only one."""
    wanted, written = _sides(position), _sides(clause)
    if "both" in (wanted, written) and wanted != written and "" not in (wanted, written):
        names = {"both": "both parties"}
        yield (
            f"the position speaks of {names.get(wanted, wanted)}, "
            f"the contract of {names.get(written, written)}"
        )


def _sides(text: str) -> str:
    """`both`, the one role whose conduct a sentence speaks of, or empty where it is not clear."""
    mutual, role = _MUTUAL.search(text), _ROLE.search(text)
    if mutual is not None and (role is None or mutual.start() <= role.start()):
        return "both"
    return f"the {role[1]}" if role is not None and mutual is None else ""


def _opposites(position: str, clause: str) -> Iterable[str]:
    """Words that say the contrary of each other."""
    wanted, written = position.casefold(), clause.casefold()
    for first, second in _OPPOSITES:
        for word, contrary in ((first, second), (second, first)):
            is_contrary = _has(wanted, word, first) and _has(written, contrary, first)
            if is_contrary and not _has(written, word, first):
                yield f"{word} in the position, {contrary} in the contract"


def _has(text: str, words: str, longer: str) -> bool:
    """Whether words are in a text, and not only as the end of longer ones."""
    if words != longer:
        text = text.replace(longer, " ")
    return re.search(rf"\b{re.escape(words)}\b", text) is not None


def _name_differences(position: str, clause: str) -> Iterable[str]:
    """Names of places and bodies that the position has and the contract has others for."""
    wanted, written = _names(position), _names(clause)
    missing = [name for name in wanted if name not in clause]
    others = [name for name in written if name not in position]
    if missing and others and not set(wanted) & set(written):
        yield f"{', '.join(missing)} in the position, {', '.join(others)} in the contract"


def _names(text: str) -> list[str]:
    """Capitalized words inside of sentences that are no words of contracts."""
    names = []
    for match in _NAME.finditer(text):
        words = [
            word
            for word in match.group().split()
            if word.casefold() not in _ORDINARY and not _ROLE.fullmatch(word)
        ]
        if words:
            names.append(" ".join(words))
    return list(dict.fromkeys(names))
