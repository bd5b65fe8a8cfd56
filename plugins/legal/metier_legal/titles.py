"""What a line of a contract is: a title, a sentence, a page line, a signature."""

from __future__ import annotations

import re

LONGEST_TITLE = 100
"""Characters of a heading that stands alone; a longer one is a sentence."""
LONGEST_ENTRY = 60
"""Characters of an entry in a table of contents, where it has no leader to its page."""

SENTENCE_END = re.compile(r"""[.;:\u3002\uff1b\uff1a]["')\]\u201d\u2019]*(?:\s+(?:and|or))?$""")
REFERENCE = re.compile(
    r"(?:\b(?:clauses?|sections?|paragraphs?|articles?|sub-?clauses?|and|or|to|in|under|of|with|by|the"
    r"|than|see|per|from|at|for|within|on)|,)$",
    re.IGNORECASE,
)
LIST_INTRODUCTION = re.compile(r"(?:[:;,]|\b(?:and|or))$")
CONTENTS = re.compile(r"(?:table of )?contents:?|index:?", re.IGNORECASE)
RECITALS = re.compile(r"(?:the )?(?:recitals?|background|preamble|whereas)\b", re.IGNORECASE)
PAGE_AT_END = re.compile(r"(?<![\s.])[\s.]*+\d{1,3}$")
WITNESS = re.compile(r"IN WITNESS WHEREOF")
_SIGNED = re.compile(r"SIGNED\b|EXECUTED\b|Signed by\b|Executed by\b")
_SIGNATURE_LINE = re.compile(r"_{3}|\b(?:by|name|title|signature|date|witness)\s*:", re.IGNORECASE)
# read backwards, so that a long leader is tried once and not from each of its characters
_ENTRY_BACKWARDS = re.compile(r"\d{1,3}\s*?(?:\.{3}|(?: \.){3}|\u2026|\t| {3})")
_PAGE_LINE = re.compile(
    r"[-\u2013\u2014\[(|~\s]{0,9}(?:(?:page|p\.|pg\.)[\s|]{0,3}\d{1,4}(?:\s?(?:of|/)\s?\d{1,4})?"
    r"|\d{1,4}\s?(?:of|/)\s?\d{1,4}|(?<=[-\u2013\u2014\[(|~\s])\d{1,4}(?=[-\u2013\u2014\])|~\s]))"
    r"[-\u2013\u2014\])|~\s]{0,9}|[^.;]{0,60}\bpage \d{1,4} of \d{1,4}",
    re.IGNORECASE,
)
_RUN_IN_TITLE = re.compile(r"([^.:]{3,60})\.(?=\s|$)")
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|shall|will|may|must|can|cannot|does|do|means?|includes?"
    r"|applies|agrees?|warrants?|disclaims?)\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"(?:the|this|that|these|those|each|any|all|an?|no|either|neither)\b", re.I
)
_EMPHASIS = re.compile(r"([*_]{1,3})(?=[^\W_])([^*]{1,200}?)\1(?=\W|$)")
_ESCAPED = re.compile(r"\\([.()#*_-])")


def is_contents_entry(text: str) -> bool:
    """Whether a line ends in a leader and a page number: "Fees ..... 12"."""
    return _ENTRY_BACKWARDS.match(text[::-1]) is not None


def is_page_line(text: str) -> bool:
    """Whether a line counts pages: "Page 2 of 9", "- 2 -"."""
    return len(text) <= LONGEST_TITLE and _PAGE_LINE.fullmatch(text) is not None


def without_emphasis(text: str) -> tuple[str, str]:
    """A line without Markdown's emphasis at its start, and what was emphasized there."""
    match = _EMPHASIS.match(text)
    if match is None:
        return (_ESCAPED.sub(r"\1", text) if text[:5].find("\\") > 0 else text), ""
    emphasized = match[2] if len(match[1]) > 1 else ""
    return _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", text)), _ESCAPED.sub(r"\1", emphasized)


def run_in_title(rest: str) -> str:
    """The title that begins a paragraph ("Late Payment. Interest is due ..."), if there is one."""
    match = _RUN_IN_TITLE.match(rest)
    return match[1] if match is not None and is_title_case(match[1]) else ""


def is_title_case(text: str) -> bool:
    """Whether the words of more than three letters begin with a capital."""
    return all(word[0].isupper() for word in text.split() if len(word) > 3)


def is_title(text: str) -> bool:
    """Whether a line reads as a title and not as a sentence: "Late payment of fees"."""
    if not 0 < len(text) <= LONGEST_ENTRY or not text[0].isalpha() or text[0].islower():
        return False
    if text.endswith((".", ";", ",", ":")) or re.search(r"[.:;]\s", text):
        return False
    sentence = _VERB.search(text) or _DETERMINER.match(text) or len(text.split()) > 6
    return is_title_case(text) or not sentence


def is_sentence(text: str) -> bool:
    """Whether a line is prose: a sentence, or the first line of one."""
    if len(text.split()) < 3 or text[:1].islower() or not any(map(str.islower, text)):
        return False
    return len(text) > LONGEST_ENTRY or SENTENCE_END.search(text) is not None


def is_capital_sentence(title: str, in_clause: bool) -> bool:
    """Whether a line in capitals is a sentence: "THE GOODS ARE SOLD AS IS."."""
    if title.endswith((",", ";")) or len(title) > LONGEST_TITLE:
        return True
    if _VERB.search(title) and len(title.split()) > 3:
        return True
    return in_clause and title.endswith((".", "!"))


def begins_signatures(text: str, below: list[str], after_clauses: bool) -> bool:
    """Whether signatures begin with a line; a date of signing at the start does not."""
    if WITNESS.match(text):
        return True
    if not _SIGNED.match(text):
        return False
    return after_clauses or any(_SIGNATURE_LINE.search(line) for line in (text, *below))


def is_about_signing(text: str) -> bool:
    """Whether a line belongs to signatures."""
    return bool(
        _SIGNED.match(text)
        or _SIGNATURE_LINE.search(text)
        or re.search(r"\b(?:behalf|presence|witness|signed|signature)\b", text, re.IGNORECASE)
    )
