"""What a sentence of a contract says that similarity does not see: whether it obliges, permits or
forbids, whom it binds, and how much or how long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from metier_legal.review.governing_law import governing_law, is_same_law
from metier_legal.review.quantities import CURRENCIES, Quantity, find_quantities

Modality = Literal["forbids", "exempts", "permits", "obliges", ""]

_MODAL = r"(?:shall|must|may|will|can|could|should|does|do|is|are)"
_FORBIDS = re.compile(
    rf"\b{_MODAL}\s+(?:\w+\s+){{0,2}}?(?:not|never)\b"
    r"(?!\s+(?:only|unreasonably|be\s+unreasonably|limited))|\bcannot\b"
    r"|\b(?:neither|no|nor)\b[^.;]{0,60}?\b(?:shall|may|must|will|can)\b"
    r"|\b(?:prohibited|barred|restricted|precluded)\s+from\b"
    r"|\bnot\s+(?:permitted|entitled|allowed|authorized)\b"
    r"|\bin\s+no\s+event\b|\bunder\s+no\s+circumstances\b|\brefrain(?:s)?\s+from\b",
    re.IGNORECASE,
)
_EXEMPTS = re.compile(
    r"\b(?:shall|is|are|will|be|does|do)\s+not\s+(?:be\s+)?"
    r"(?:required|obliged|obligated|bound|liable|responsible)\b|\bneed\s+not\b"
    r"|\b(?:neither|no|nor|in\s+no\s+event|under\s+no\s+circumstances)\b[^.;]{0,80}?"
    r"\b(?:liable|responsible)\b"
    r"|\b(?:has|have|shall\s+have)\s+no\s+(?:obligation|duty|liability|responsibility)\b",
    re.IGNORECASE,
)
_PERMITS = re.compile(
    r"\bmay\b|\b(?:is|are|be)\s+(?:entitled|permitted|allowed|authorized|free)\b"
    r"|\b(?:has|have)\s+the\s+(?:right|option)\b|\bat\s+liberty\b",
    re.IGNORECASE,
)
_OBLIGES = re.compile(
    r"\b(?:shall|must|will)\b|\bagrees?\s+to\b|\bundertakes?\b"
    r"|\b(?:is|are|remains?)\s+(?:\w+ly\s+)?(?:required|obliged|obligated|liable|responsible)\b",
    re.IGNORECASE,
)
_MUTUAL = re.compile(
    r"\b(?:each|either|both|neither|any)\s+(?:of\s+the\s+)?part(?:y|ies)\b"
    r"|\bthe\s+parties\b|\bmutual(?:ly)?\b"
    r"|\bone\s+party\b|\bno\s+party\b|\ba\s+party\b",
    re.IGNORECASE,
)
_ROLES = (
    "Supplier", "Vendor", "Seller", "Service Provider", "Provider", "Licensor", "Consultant",
    "Contractor", "Manufacturer", "Distributor", "Reseller", "Agent", "Company", "Franchisor",
    "Franchisee", "Customer", "Client", "Buyer", "Purchaser", "Licensee", "Lessee", "Lessor",
    "Landlord", "Tenant", "Recipient", "Discloser", "Employer", "Employee", "Subscriber",
    "Borrower", "Lender",
)  # fmt: skip
_ROLE = re.compile(rf"\b(?:[Tt]he\s+|THE\s+)?({'|'.join((*_ROLES, *map(str.upper, _ROLES)))})\b")
_SUPPLIERS_TEXT = """
supplier vendor seller provider licensor consultant contractor manufacturer franchisor lessor
landlord lender
"""
_CUSTOMERS_TEXT = """
customer client buyer purchaser licensee lessee tenant franchisee subscriber borrower
"""
_SIDES = {
    **dict.fromkeys(_SUPPLIERS_TEXT.split(), "supplier"),
    **dict.fromkeys(_CUSTOMERS_TEXT.split(), "customer"),
}
_ASIDE = re.compile(r"(?:\b(?:of|to|by|from|with|for|at|against|on|upon)\s+(?:the\s+)?)\Z", re.I)
"""Words before the name of a party that is not the one that acts."""
_CONSENT = r"(?:consent|approval|permission|authori[sz]ation)s?\b"
_WITHOUT_CONSENT = re.compile(rf"\bwithout\b[^.;]{{0,60}}?\b{_CONSENT}", re.IGNORECASE)
_NEEDS_CONSENT = re.compile(
    rf"\b(?:with|unless|subject\s+to|upon|requires?|only\s+if|absent)\b[^.;]{{0,60}}?\b{_CONSENT}",
    re.IGNORECASE,
)
_LIKE = str.maketrans({
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u00ad", "-"),
    **dict.fromkeys("\u2018\u2019", "'"),
})  # fmt: skip
_JOINED_PREFIX = re.compile(
    r"\bnon[- ]?(?=exclusive|transferable|assignable|sublicens|refundable)", re.I
)

_OPPOSITES = (
    ("unlimited", "limited"), ("uncapped", "capped"), ("irrevocable", "revocable"),
    ("non-exclusive", "exclusive"),
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
    position, clause = _plain(position), _plain(clause)
    reasons = [
        *_all_quantity_differences(position, clause),
        *_modality_differences(position, clause),
        *_consent_differences(position, clause),
        *_party_differences(position, clause),
        *_opposites(position, clause),
        *_name_differences(position, clause),
    ]
    return list(dict.fromkeys(reasons))


def _plain(text: str) -> str:
    """A text with one kind of hyphens, apostrophes and spaces, and `non-` always with a hyphen."""
    return _JOINED_PREFIX.sub("non-", " ".join(text.translate(_LIKE).split()))


def quantity_differences(position: str, clause: str) -> list[str]:
    """Amounts and periods that a position and a clause both state, and state differently."""
    reasons = _all_quantity_differences(_plain(position), _plain(clause))
    return [reason for reason in reasons if " in the position, " in reason]


def _all_quantity_differences(position: str, clause: str) -> Iterable[str]:
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
    multiples = [quantity for quantity in written if quantity.kind == "times"]
    if multiples and not any(quantity.kind == "times" for quantity in stated):
        yield f"the contract states {_listed(multiples)}, the position does not"


def _is_related(kind: str, other: str) -> bool:
    """Whether quantities of two kinds are told together: days of two kinds, and two currencies."""
    return {kind, other} == {"working days", "period"} or {kind, other} <= CURRENCIES


def _agrees(stated: Quantity, other: Quantity) -> bool:
    """Whether a quantity is as a position has it, or within the bound that the position names."""
    if stated.kind != other.kind and other.kind in CURRENCIES:
        return False
    wanted, written = stated.value, other.value
    if stated.kind != other.kind:  # days, and working days, of which a week has five
        wanted, written = (
            value * (1.4 if quantity.kind == "working days" else 1.0)
            for value, quantity in ((wanted, stated), (written, other))
        )
    if stated.bound == "at most" and other.bound != "at least" and written <= wanted:
        return True
    if stated.bound == "at least" and other.bound != "at most" and written >= wanted:
        return True
    is_equal = abs(wanted - written) <= 0.02 * max(wanted, written)
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


def _consent_differences(position: str, clause: str) -> Iterable[str]:
    """Whether one of two sentences that permit or forbid leaves it to the consent of another."""
    modalities = modality(position), modality(clause)
    if not set(modalities) <= {"permits", "forbids"}:
        return
    wanted, written = (
        _needs_consent(text, of_text)
        for text, of_text in zip((position, clause), modalities, strict=True)
    )
    if written and not wanted:
        yield "the contract leaves it to a consent, the position does not"
    elif wanted and not written:
        yield "the position leaves it to a consent, the contract does not"


def _needs_consent(text: str, of_text: Modality) -> bool:
    """Whether a sentence permits something with a consent, or forbids it without one."""
    if _WITHOUT_CONSENT.search(text):
        return of_text == "forbids"
    return _NEEDS_CONSENT.search(text) is not None


def _party_differences(position: str, clause: str) -> Iterable[str]:
    """Whether one binds both parties and the other only one, or binds the other side."""
    wanted, written = _sides(position), _sides(clause)
    acting = _acting(position), _acting(clause)
    if all(acting) and {_side_of(role) for role in acting} in _FACING:
        yield f"in the position it is the {acting[0]}, in the contract the {acting[1]}"
        return
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
    return f"the {role[1].title()}" if role is not None and mutual is None else ""


_FACING = (
    {"supplier", "customer"}, {"recipient", "discloser"}, {"employer", "employee"},
)  # fmt: skip


def _side_of(role: str) -> str:
    """The side of a contract that a role has; the role itself where that is not known."""
    name = role.lower().split()[-1]
    return _SIDES.get(name, name)


def _acting(text: str) -> str:
    """The one role that a sentence obliges, permits or forbids something; empty if not clear.

    It is the last one before the verb, such as `shall`, but for those in an aside such as `at the
    request of the Customer`; a sentence in the passive voice names it after `by`.
    """
    verb = re.search(r"\b(?:shall|must|may|will|agrees?|undertakes?|is|are|has|have)\b", text, re.I)
    if verb is None or re.match(
        r"\w+\s+(?:not\s+)?be\s+\w+(?:ed|en|id|ade)\b", text[verb.start() :]
    ):
        return ""
    roles = [
        match[1].title()
        for match in _ROLE.finditer(text, 0, verb.start())
        if not _ASIDE.search(text[: match.start()]) and not text[match.end() :].startswith("'s")
    ]
    return roles[-1] if roles else ""


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
    """The law that the contract names in place of the position's; else other names."""
    laws = governing_law(position), governing_law(clause)
    if all(laws):
        if not is_same_law(*laws):
            yield f"{laws[0]} in the position, {laws[1]} in the contract"
        return
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
