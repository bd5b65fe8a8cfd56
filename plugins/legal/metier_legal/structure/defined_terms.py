"""Defined terms of a contract: where each is defined, where it is used, and what is missing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_QUOTED = r"[\"\u201c\u201d]([^\"\u201c\u201d\n]{1,80})[\"\u201c\u201d]"
_SINGLE = r"(?<!\w)[\u2018'](?=[A-Z])([^'\u2018\u2019\n]{1,60})['\u2019](?!\w)"
_ANY_QUOTED = re.compile(f"{_QUOTED}|{_SINGLE}")
_MEANS = (
    r"(?:shall |will )?(?:means?|refers? to|includes?|(?:have|has) the (?:same )?meanings?"
    r"|be (?:defined|understood) as|is defined as|are defined as)\b"
)
_LINKS = (
    r"(?:[,\s]{1,9}|or\b|and\b|each\b|(?:when|as) used (?:in|herein)[^,.;\n]{0,60}"
    r"|\([^()\n]{1,60}\)){0,6}"
)
_DEFINED = re.compile(
    rf"(?:{_QUOTED}|{_SINGLE})"
    rf"(?=(?:{_LINKS}(?:{_ANY_QUOTED.pattern})){{0,7}}{_LINKS}[*_]{{0,2}}\s?{_MEANS})"
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]{0,160})[)\]]")
_LABEL_WORDS = re.compile(
    r"(?:each|together|collectively|individually|jointly|severally|hereinafter|hereafter|herein"
    r"|referred|called|known|defined|to|as|also|the|this|these|such|an?|all|any|of|in|them|and|or"
    r"|with|its|affiliates|being|respectively|both|for|short|\W)*",
    re.IGNORECASE,
)
_LABEL_END = re.compile(
    rf"(?:^|\b(?:the|an?|each|collectively|together|as|hereinafter|or|and),? ?|,\s)"
    rf"(?:{_QUOTED}|{_SINGLE})\s*$"
)
_CALLED = re.compile(
    r"\b(?:collectively|individually|together|jointly|hereinafter|hereafter|each"
    r"|referred to as|known as)"
    rf",?\s+(?:the\s+|an?\s+)?{_QUOTED}(?![^()\n]{{0,80}}\))"
)
_LISTED = re.compile(
    r"^[ \t]*(?:[*_]{1,3}|\(?[a-z0-9.]{1,4}[.)][ \t]+)?"
    r"[\"\u201c]?(?P<term>[A-Z][\w'\u2019/&-]*(?: [\w'\u2019/&-]+){0,6}?)[\"\u201d]?[*_]{0,3}"
    rf"(?:(?P<means>\s+(?={_MEANS}))|(?P<column>\s?\||\t+|:)[ \t]*(?=\S))",
    re.MULTILINE,
)
_COLUMNS = frozenset({"term", "terms", "defined term", "meaning", "definition", "expression"})
_ENTRY_END = re.compile(r"\n[ \t]*\n|;(?=\s)|\.(?=\s*(?:\n|$))")
_SENTENCE_START = re.compile(r"[.;:]\s+(?=[A-Z\"\u201c(])|\n[ \t]*\n")
_CAPITALIZED = r"[A-Z][a-z]+(?:-[A-Z]?[a-z]+)?"
_CANDIDATE = re.compile(
    r"(?<=[a-z,] )(?:the|an?|any|each|every|all|such|its|their|no|of|that)\s+"
    rf"({_CAPITALIZED}(?:\s(?:of\s|and\s)?{_CAPITALIZED}){{0,3}})(?![\w-])"
)
_COMMON_WORDS = """
agreement contract party parties section sections clause clauses article articles schedule
schedules exhibit exhibits annex annexes appendix attachment paragraph paragraphs recital
recitals part state states county city court courts act code republic kingdom union
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday board director directors
english french german spanish italian dutch american british european internet
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words with capitals that no contract defines."""


@dataclass(frozen=True, slots=True)
class DefinedTerm:
    """A term that a contract defines.

    Attributes:
        term: as it is defined, without quotation marks.
        definition: the words that define it, with the term.
        start: offset of the definition in the contract.
        end: offset after it.
        uses: offsets at which the term is used, in order, outside of where it is defined.
    """

    term: str
    definition: str
    start: int
    end: int
    uses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UndefinedTerm:
    """Words with capitals that are used as a defined term is, and defined nowhere.

    Attributes:
        term: the words.
        uses: offsets at which they are used, in order.
    """

    term: str
    uses: tuple[int, ...]


def find_defined_terms(text: str, lists: Sequence[tuple[int, int]] = ()) -> tuple[DefinedTerm, ...]:
    """The terms that a contract defines, in the order of their definitions.

    A term that is defined twice is there twice, with the same uses.

    Args:
        text: the contract.
        lists: offsets of clauses of definitions, where a term needs no quotation marks: it begins
            a line, with "means", a colon or the next column of a table after it.
    """
    spans = sorted({(start, end, term) for term, start, end in _definitions(text, lists)})
    uses: dict[str, list[int]] = {}
    for start, _, term in spans:
        at = text.find(term, start)
        uses.setdefault(term, []).append(at)
    terms = uses_of(text, list(uses))
    return tuple(
        DefinedTerm(
            term,
            text[start:end],
            start,
            end,
            tuple(offset for offset in terms[term] if offset not in uses[term]),
        )
        for start, end, term in spans
    )


def find_undefined_terms(
    text: str, defined: Sequence[DefinedTerm], names: Sequence[str] = ()
) -> tuple[UndefinedTerm, ...]:
    """Terms that are used at least twice and never defined, in the order of their first uses.

    Only words with capitals inside a sentence, after "the", "each" and the like, count as used.

    Args:
        text: the contract.
        defined: its defined terms.
        names: of parties and others, which need no definition.
    """
    known = {_singular(word) for term in defined for word in (term.term, term.term.title())}
    uses: dict[str, list[int]] = {}
    for match in _CANDIDATE.finditer(text):
        term = " ".join(match[1].split())
        words = term.split()
        is_name = any(term in name for name in names)
        is_common = words[0].lower() in _COMMON or words[-1].lower() in _COMMON
        # "the Buyer and Seller" are two terms
        parts = [term, *re.split(r" and | of ", term), words[0]]
        if is_name or is_common or any(_singular(part) in known for part in parts):
            continue
        uses.setdefault(term, []).append(match.start(1))
    return tuple(
        UndefinedTerm(term, tuple(offsets)) for term, offsets in uses.items() if len(offsets) > 1
    )


def find_unused_terms(defined: Sequence[DefinedTerm]) -> tuple[DefinedTerm, ...]:
    """Terms that are defined and used nowhere, neither in the singular nor in the plural."""
    used = {_singular(term.term) for term in defined if term.uses}
    return tuple(term for term in defined if _singular(term.term) not in used)


def uses_of(text: str, terms: Sequence[str]) -> dict[str, list[int]]:
    """Offsets at which each of the terms is used; inside of a longer one it is not."""
    uses: dict[str, list[int]] = {term: [] for term in terms}
    if not terms:
        return uses
    forms = {form: term for term in terms for form in (*_forms(term), term)}
    longest_first = sorted(forms, key=len, reverse=True)
    written = "|".join(r"\s+".join(map(re.escape, form.split())) for form in longest_first)
    for match in re.finditer(rf"(?<!\w)(?:{written})(?!\w)", text):
        uses[forms[" ".join(match[0].split())]].append(match.start())
    return uses


def _definitions(text: str, lists: Sequence[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    """Term, start and end of each definition."""
    quoted = [(match, match[1] or match[2]) for match in _DEFINED.finditer(text)]
    starts = [match.start() for match, _ in quoted]
    for match, term in quoted:
        following = bisect_right(starts, match.start())
        limit = starts[following] if following < len(starts) else len(text)
        # terms that are defined together share the words after the last of them
        between = text[match.end() : limit]
        if re.fullmatch(_LINKS, between):
            limit = starts[following + 1] if following + 1 < len(starts) else len(text)
        end = _entry_end(text, match.end(), limit)
        yield _clean(term), match.start(), end
    for bracket in _BRACKET.finditer(text):
        terms = list(_ANY_QUOTED.finditer(bracket[1]))
        words = _ANY_QUOTED.sub(" ", bracket[1])
        if terms and not _LABEL_WORDS.fullmatch(words):
            terms = terms[-1:] if _LABEL_END.search(bracket[1]) else []
        if terms:
            start = _sentence_start(text, bracket.start())
            for match in terms:
                yield _clean(match[1] or match[2]), start, bracket.end()
    for match in _CALLED.finditer(text):
        yield _clean(match[1]), _sentence_start(text, match.start()), match.end()
    for start, end in lists:
        for match in _LISTED.finditer(text, start, end):
            term = match["term"]
            is_quoted = text[match.start("term") - 1] in '"\u201c'  # found above, unless in a table
            if term.lower() in _COLUMNS or (is_quoted and match["means"]):
                continue
            if not _is_listed(text, match):
                continue
            yield term, match.start("term"), _entry_end(text, match.end(), end)


def _is_listed(text: str, match: re.Match[str]) -> bool:
    """Whether the words that begin a line are a term: few, and not those of a sentence."""
    words = match["term"].split()
    if words[0] in ("The", "In", "This", "A", "An", "Any", "All", "Each", "If", "References"):
        return False
    if match["column"] and text[match.end() :].split("\n", 1)[0].strip() == "":
        return False
    return all(word[0].isupper() or len(word) < 4 for word in words)


def _entry_end(text: str, start: int, limit: int) -> int:
    match = _ENTRY_END.search(text, start, limit)
    end = match.end() if match is not None and match[0][0] in ";." else limit
    if match is not None and match[0][0] not in ";.":
        end = match.start()
    return len(text[:end].rstrip()) if end > start else limit


def _sentence_start(text: str, end: int) -> int:
    window = max(0, end - 400)
    start = window
    for match in _SENTENCE_START.finditer(text, window, end):
        start = match.end()
    return start + len(text[start:end]) - len(text[start:end].lstrip())


def _clean(term: str) -> str:
    return term.strip(" ,.;:*_")


def _forms(term: str) -> tuple[str, ...]:
    """A term in the singular and in the plural."""
    single = _singular(term)
    plural = f"{single[:-1]}ies" if single.endswith("y") and len(single) > 3 else f"{single}s"
    return (single, plural)


def _singular(term: str) -> str:
    if term.endswith("ies") and len(term) > 4:
        return f"{term[:-3]}y"
    return term[:-1] if term.endswith("s") and not term.endswith("ss") else term
