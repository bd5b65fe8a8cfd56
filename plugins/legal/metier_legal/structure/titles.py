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
INCOMPLETE = re.compile(
    r"\b(?:shall|must|will|may|can|to|not|between|among|of|by|for|with|if|that|when|unless|is|are"
    r"|includ(?:es?|ing)|means?|either|both|from)\s?:$",
    re.IGNORECASE,
)
"""Ends of a sentence that the items of a list complete: "The Supplier shall:"."""
ABBREVIATION = re.compile(
    r"\b(?:no|nos|art|arts|sec|secs|cl|para|paras|p|pp|fig|vol|vs?|st|dr|mrs?|ms|reg|approx|cf|e\.g|i\.e)\.$",
    re.IGNORECASE,
)
LIST_INTRODUCTION = re.compile(r"(?:[:;,]|\b(?:and|or))$")
CONTENTS = re.compile(r"(?:table of )?contents:?|index:?", re.IGNORECASE)
DEFINITIONS = re.compile(r"(?:defined terms|definitions?|interpretation)\b", re.IGNORECASE)
RECITALS = re.compile(
    r"(?:the )?(?:(?:recitals?|background|preamble|whereas)\b"
    r"|(?:parties|(?:by and )?between)[: -]*$)",
    re.IGNORECASE,
)
PAGE_AT_END = re.compile(r"(?<![\s.])[\s.]*+\d{1,3}$")
WITNESS = re.compile(r"IN WITNESS WHEREOF")
_SIGNED = re.compile(
    r"SIGNED\b|EXECUTED\b|(?:Signed|Executed)(?:,[\w ,]{0,40})? (?:by|for|on behalf)\b"
    r"|(?:(?:ACCEPTED|AGREED|ACKNOWLEDGED)(?:,? AND)? ?){1,3}(?:BY|TO)?[ :]*$"
    r"|(?:(?:Accepted|Agreed|Acknowledged|agreed|accepted)(?:,? and)? ?){1,3}(?:by|to)?[ :]*$"
)
_SIGNATURE_LINE = re.compile(r"_{3}|\b(?:by|name|title|signature|date|witness)\s*:", re.IGNORECASE)
# read backwards, so that a long leader is tried once and not from each of its characters
_ENTRY_BACKWARDS = re.compile(r"\d{1,3}\s*?(?:\.{3}|(?: \.){3}|\u2026|\t| {3})")
_PAGE_LINE = re.compile(
    r"[-\u2013\u2014\[(|~\s]{0,9}(?:(?:page|p\.|pg\.)[\s|]{0,3}\d{1,4}(?:\s?(?:of|/)\s?\d{1,4})?"
    r"|\d{1,4}\s?(?:of|/)\s?\d{1,4}|(?<=[-\u2013\u2014\[(|~\s])\d{1,4}(?=[-\u2013\u2014\])|~\s]))"
    r"[-\u2013\u2014\])|~\s]{0,9}|[^.;]{0,60}\bpage \d{1,4} of \d{1,4}",
    re.IGNORECASE,
)
_RUN_IN_TITLE = re.compile(r"([^.:]{3,60})(?:[.:](?=\s|$)|\.?[\u2013\u2014](?=\s?\w))")
_CAPITAL_TITLE = re.compile(
    r"((?:[A-Z][A-Z'\u2019-]{3,}|[A-Z]{3}(?=[\s:.-]+\d{1,3}\.))"
    r"(?:[ ,;/]{1,2}(?:[A-Z'\u2019-]+|&)){0,11})"
    r"(?=[\s:.-]+(?:[A-Z]?[a-z(\"\u201c]|[A-Z] [a-z]|\d{1,3}\.|\([a-z]\)))"
)
_FIRST_ITEM = re.compile(r"\s\([a-z]{1,2}\)\s.*")
_TITLE_WORDS = re.compile(
    r"((?:[A-Z][\w'\u2019-]*+|(?:of|and|or|to|for|in|on|by|with|the|&)(?!\w))[,;]?"
    r"(?: (?:[A-Z][\w'\u2019-]*+|(?:of|and|or|to|for|in|on|by|with|the|from|&)(?!\w))[,;]?){0,9}?)"
    r" (?=(?:The|This|These|Each|Either|Neither|Any|All|No|If|In|Except|Unless|Subject|Upon|During"
    r"|An?|As|It|Such|Where|When|Every|Nothing|Notwithstanding|There) \w)"
)
_CAPITAL_STARTS = re.compile(
    r"(?:^|\s+)(?:EXCEPT|NOTWITHSTANDING|IN NO EVENT|TO THE|NEITHER|EACH|UNLESS|THIS|THESE)\b.*"
)
_COMPANY = re.compile(r"\b(?:inc|ltd|co|corp|llc|bros)\.$", re.IGNORECASE)
_STARTS = re.compile(
    r"(?:The|This|These|Each|Either|Neither|Any|All|If|In|Except|Unless|Subject|Upon|During|An?|As|It"
    r"|Such|Where|When|Every|Nothing|Notwithstanding|There)\b"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|shall|will|may|must|can|cannot|does|do|means?|includes?"
    r"|applies|agrees?|warrants?|disclaims?)\b",
    re.IGNORECASE,
)
_PREDICATE = re.compile(
    r"\b(?:pays|bears?|owes?|keeps?|gives?|gets?|makes?|takes?|owns|holds?|accrues?|begins?|starts?"
    r"|ends|runs?|lasts?|expires?|terminates?|survives?|governs?|prevails?|remains?|becomes?|binds?"
    r"|delivers?|provides?|returns|applies|apply|follows?|needs|requires?|not)\b"
)
_JOINING = frozenset(
    {"and", "or", "of", "to", "for", "with", "in", "by", "on", "from", "upon", "under", "against"}
)
_DETERMINER = re.compile(
    r"(?:the|this|that|these|those|each|any|all|an?|no|either|neither)\b", re.I
)
_CONNECTIVES = frozenset(
    {"and", "between", "among", "by", "of", "to", "with", "for", "in", "or", "the"}
)
_EMPHASIS = re.compile(r"([*_]{1,3})(?=[^\W_])([^*]{1,200}?)\1(?=\W|$)")
_TAGS = r"</?(?:b|strong|i|em|u)>"
_MARKUP = re.compile(rf"^[-*\u2022]\s+(?=[*_]{{2}}\d|{_TAGS}\s?\d|\d{{1,3}}\.\s)|{_TAGS}")
_LIST_SIGNS = "-*\u2022"
_NUMBERED = re.compile(r"\(?[A-Za-z\d.\\]{1,9}[.)]\s+(?=[*_])")
_ESCAPED = re.compile(r"\\([.()#*_-])")


def is_contents_entry(text: str) -> bool:
    """Whether a line ends in a leader and a page number: "Fees ..... 12"."""
    return text[-1:].isdecimal() and _ENTRY_BACKWARDS.match(text[::-1]) is not None


def is_page_line(text: str) -> bool:
    """Whether a line counts pages: "Page 2 of 9", "- 2 -"."""
    return len(text) <= LONGEST_TITLE and _PAGE_LINE.fullmatch(text) is not None


def without_emphasis(text: str) -> tuple[str, str]:
    """A line without Markdown's emphasis at its start, and what was emphasized there.

    The sign of a list before a number or emphasis is left out, too, and tags of HTML.
    """
    if text[:1] in _LIST_SIGNS or "<" in text:
        text = _MARKUP.sub("", text)
    match = _EMPHASIS.match(text)
    if match is None and (number := _NUMBERED.match(text)) is not None:
        text = number[0] + _EMPHASIS.sub(r"\2", text[number.end() :], count=1)
    if match is None:
        return (_ESCAPED.sub(r"\1", text) if text[:5].find("\\") > 0 else text), ""
    emphasized = match[2] if len(match[1]) > 1 else ""
    return _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", text)), _ESCAPED.sub(r"\1", emphasized)


def run_in_title(rest: str) -> str:
    """The title that begins a paragraph ("Late Payment. Interest is due ..."), if there is one."""
    match = _RUN_IN_TITLE.match(rest)
    title = _FIRST_ITEM.sub("", match[1]).rstrip() if match is not None else ""
    if not title or not is_title_case(title) or is_clausal(title) or "=" in title:
        return ""
    return "" if is_cut_off(title) else title


def phrase_title(rest: str) -> str:
    """The title with words in lower case that begins a numbered paragraph, and no sentence.

    "Return of documents. All papers ..." has one, and "Each party bears its costs. ..." none.
    """
    match = _RUN_IN_TITLE.match(rest)
    title = match[1].rstrip() if match is not None else ""
    words = title.split()
    if not words or not is_title(title) or _STARTS.match(title) or is_cut_off(title):
        return ""
    is_joined = len(words) > 1 and words[1] in _JOINING
    is_short = len(words) <= 3 and not any(map(_DETERMINER.fullmatch, words))
    has_verb = is_clausal(title) or _PREDICATE.search(title)
    return title if (is_joined or is_short) and not has_verb else ""


def is_cut_off(title: str) -> bool:
    """Whether the full stop after some words is that of an abbreviation: "Smith and Co."."""
    return bool(ABBREVIATION.search(f"{title}.") or _COMPANY.search(f"{title}."))


def leading_title(rest: str) -> str:
    """A title at the start of a paragraph, whether or not anything divides it from its text.

    Without a full stop it ends where capitals end ("FEES The client pays"), or where a word begins
    that only sentences begin with ("Choice of Law This agreement").
    """
    title = run_in_title(rest)
    if title and not title.isupper():
        return title
    title = capital_title(rest)
    if title:
        return title
    match = _TITLE_WORDS.match(rest)
    if match is not None and not _STARTS.match(match[1]) and is_title_case(match[1]):
        return match[1].rstrip(" ,;")
    return run_in_title(rest)


def capital_title(rest: str) -> str:
    """The title in capitals that begins a paragraph: "FEES The client pays"."""
    match = _CAPITAL_TITLE.match(rest)
    title = _CAPITAL_STARTS.sub("", match[1]) if match is not None else ""
    if not title or is_clausal(title) or REFERENCE.search(title):
        return ""
    return title.rstrip(" ,;/-")


def is_clausal(text: str) -> bool:
    """Whether words have a verb, as titles do not: "Smith is the Seller"."""
    match = _VERB.search(text)
    if match is None:
        return False
    return match[0][0].islower() or (text.isupper() and len(text.split()) > 3)


def is_connective(text: str) -> bool:
    """Whether a line only joins others: BETWEEN, AND, BY AND BETWEEN."""
    return all(word.strip(":,-").lower() in _CONNECTIVES for word in text.split())


def is_title_case(text: str) -> bool:
    """Whether the words of more than three letters begin with a capital."""
    return all(word[0].isupper() for word in text.split() if len(word) > 3)


def is_title(text: str) -> bool:
    """Whether a line reads as a title and not as a sentence: "Late payment of fees"."""
    if not 0 < len(text) <= LONGEST_ENTRY or not text[0].isalpha() or text[0].islower():
        return False
    if text.endswith((".", ";", ",", ":")) or re.search(r"[.:;]\s", text):
        return False
    if REFERENCE.search(text) and " " in text:
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
