"""What is done to the text of PDF pages: running lines are taken out, divided words are joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from metier.texts.readers.numerals import roman_value

_EDGE = 4
"""Lines at the beginning and at the end of a page that can be running ones."""
_LARGEST_OFFSET = 1000
"""Pages before the first one, as in an excerpt; a larger number counts something else."""
_NUMBER = re.compile(r"\d+")
_PAGE_WORDS = frozenset(
    ("page", "pages", "pg", "p", "of", "seite", "seiten", "von", "sur", "de", "di", "p\u00e1gina",
     "pagina", "side", "sida", "av", "af", "strona", "z")
)  # fmt: skip
_PAGE_LINE = re.compile(
    r"[-\u2013\u2014|\[(\s]*(?:page|pg\.?|p\.|seite|p\u00e1gina|pagina)\s*\d{1,5}"
    r"(?:\s*(?:/|of|von|sur|de|di)\s*\d{1,5})?[-\u2013\u2014|\])\s]*"
    r"|[-\u2013\u2014]\s*\d{1,4}\s*[-\u2013\u2014]",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[ivxl]+")
_ROMAN_LINE = re.compile(
    r"([-\u2013\u2014|\s]*(?:page|pg\.?|p\.|seite)?\s*)([ivxlc]{1,9})([-\u2013\u2014|\s]*)",
    re.IGNORECASE,
)
"""A line of a Roman page number; one with a dot or in brackets is an item of a list."""
_NUMBERED_HEADING = re.compile(
    r"[(\[]?#[.)\]]|#(?:\.#)+|(?:schedule|exhibit|annex|annexure|appendix|attachment|addendum|part"
    r"|article|section|sec|clause|chapter|item|question|step|note|table|figure|volume|lot"
    r"|invoice|order|claim|case|patient|form|policy|no|number)\b\W{0,3}(?:(?:no|number)\b\W{0,3})?#"
)
_SET_APART = re.compile(r"(?:\b(?:page|pg\.?|p\.|seite)|[|\u2013\u2014])\s*#|^#\s*[|\u2013\u2014]")
"""A number that counts pages already where there are two."""
_DIVIDED = re.compile(
    r"(?<!\w)([^\W\d_]{1,60}(?:[-\u2010][^\W\d_]{1,60}){0,4})([-\u2010\u00ad])\n[ \t]*"
)
_ENDS_DIVIDED = re.compile(r"[^\W\d_][-\u2010\u00ad]$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_BEGINNING = re.compile(r"[^\W_]+")
_REST = re.compile(r"\S*[ \t]*")
_COMPOUNDS = frozenset(
    ("non", "self", "well", "cross", "quasi", "third", "first", "two", "three", "four", "half")
)
"""First parts that nearly always keep their hyphen: `non-exclusive`, `third-party`."""


_CONJUNCTIONS = frozenset(("and", "or"))
"""Words after a hyphen that stands for the rest of a word: `pre- and post-sale`."""


def without_running_lines(pages: Sequence[str]) -> tuple[list[str], list[str]]:
    """The pages without running headers, footers and page numbers.

    A running line is among the first or last lines of several pages, with the same words. Its
    numbers are the same, too, or one of them counts the pages.

    Returns:
        The pages, and each running line that is more than a page number, once.
    """
    lines = [page.split("\n") for page in pages]
    positions_of: dict[
        tuple[bool, str], list[tuple[int, int]]
    ] = {}  # page and line, by end and words
    for page, page_lines in enumerate(lines):
        filled = [row for row, line in enumerate(page_lines) if line.strip()]
        for at_end, rows in ((False, filled[:_EDGE]), (True, filled[-_EDGE:])):
            for row in rows:
                words = _NUMBER.sub("#", _arabic(page_lines[row]).casefold())
                positions_of.setdefault((at_end, words), []).append((page, row))
    with_text = sum(bool(page.strip()) for page in pages)
    running: dict[tuple[int, int], None] = {}
    kept: dict[str, None] = {}
    for (_, words), positions in positions_of.items():
        texts = [_arabic(lines[page][row]) for page, row in positions]
        if _PAGE_LINE.fullmatch(texts[0]) or (
            _runs([page for page, _ in positions], with_text)
            and (len(set(texts)) == 1 or _counts_pages(words, texts, positions))
        ):
            running.update(dict.fromkeys(positions))
            if not _PAGE_LINE.fullmatch(texts[0]) and not _is_page_number(words):
                kept.setdefault(words, None)
    first: dict[str, str] = {}
    for page, row in sorted(running):
        text = _arabic(lines[page][row])
        first.setdefault(_NUMBER.sub("#", text.casefold()), text)
    rest = [
        "\n".join(line for row, line in enumerate(page_lines) if (page, row) not in running)
        for page, page_lines in enumerate(lines)
    ]
    if not any(page.strip() for page in rest):
        return list(pages), []  # pages that are alike, such as certificates
    return rest, [first[words] for words in first if words in kept]


def _arabic(line: str) -> str:
    """A line without needless blanks, and with a Roman page number as an Arabic one."""
    line = " ".join(line.split())
    roman = _ROMAN_LINE.fullmatch(line)
    number = 0 if roman is None else roman_value(roman[2])
    return f"{roman[1]}{number}{roman[3]}" if roman is not None and number else line


def _is_page_number(words: str) -> bool:
    return all(word in _PAGE_WORDS or _ROMAN.fullmatch(word) for word in _WORD.findall(words))


def _runs(pages: Sequence[int], with_text: int) -> bool:
    """Whether a line is on enough pages: half of all, or three that follow each other closely."""
    distinct = sorted(set(pages))
    if len(distinct) < 2:
        return False
    near = [after - before <= 2 for before, after in pairwise(distinct)]
    three = any(first and second for first, second in pairwise(near))
    return three or 2 * len(distinct) >= with_text


def _counts_pages(words: str, texts: Sequence[str], positions: Sequence[tuple[int, int]]) -> bool:
    """Whether one number of a line grows with the pages while the others stay as they are."""
    is_clear = _is_page_number(words) or _SET_APART.search(words)
    if _NUMBERED_HEADING.match(words) or (len(texts) < 3 and not is_clear):
        return False
    padded = (
        re.search(r"(?<!\d)0\d", texts[0]) is not None
    )  # numbers of a set of documents, stamped on each page
    columns = zip(*([int(n[-9:]) for n in _NUMBER.findall(text)] for text in texts), strict=True)
    counting = 0
    for column in columns:
        offsets = Counter(
            number - page for number, (page, _) in zip(column, positions, strict=True)
        )
        same = Counter(column).most_common(1)[0][1]
        offset, count = offsets.most_common(1)[0]
        if 3 * count >= 2 * len(texts) and (padded or offset <= _LARGEST_OFFSET):
            counting += 1
        elif 3 * same < 2 * len(texts):
            return False
    return counting > 0


def join_divided_words(pages: Sequence[str]) -> list[str]:
    """The pages with each word whole that was divided at the end of a line or page.

    The word stays on the line it begins on. It keeps its hyphen if the text has it so elsewhere,
    or if its first part nearly always does; a soft hyphen is dropped.
    """
    known = Counter(
        word.casefold() for page in pages for word in _WORD.findall(_DIVIDED.sub(" ", page + "\n"))
    )
    joined = list(pages)
    for index in range(len(joined) - 1):
        end, following = joined[index].rstrip(), joined[index + 1].lstrip()
        if _ENDS_DIVIDED.search(end, max(0, len(end) - 2)) and following[:1].islower():
            token = _REST.match(following)
            assert token is not None  # it matches the empty string
            joined[index] = end + "\n" + token.group().rstrip()
            joined[index + 1] = following[token.end() :]
    return [_join(_join(page, known), known) for page in joined]  # twice for twice divided words


def _join(page: str, known: Counter[str]) -> str:
    pieces: list[str] = []
    done = 0
    for match in _DIVIDED.finditer(page):
        second = _BEGINNING.match(page, match.end())
        if second is None or match.start() < done or _is_suspended(match, second.group(), known):
            continue
        pieces += [page[done : match.start()], _whole(match, second.group(), known)]
        rest = _REST.match(page, second.end())
        assert rest is not None  # it matches the empty string
        divided_again = rest.group() in ("-", "\u2010", "\u00ad")
        done = second.end() if divided_again else rest.end()
        if divided_again:
            continue
        pieces.append(rest.group().rstrip())
        if page[done : done + 1] != "\n" and done < len(page):
            pieces.append("\n")
    return "".join([*pieces, page[done:]])


def _is_suspended(match: re.Match[str], second: str, known: Counter[str]) -> bool:
    """Whether a hyphen at the end of a line stands for the rest of a word."""
    return (
        match[2] != "\u00ad"
        and second in _CONJUNCTIONS
        and not known[f"{match[1]}{second}".casefold()]
    )


def _whole(match: re.Match[str], second: str, known: Counter[str]) -> str:
    first, hyphen = match[1], match[2]
    apart = f"{first}-{second}"
    if hyphen == "\u00ad":
        return first + second
    if not second[0].islower() and not (first.isupper() and second.isupper() and len(second) > 1):
        return apart
    if known[f"{first}{second}".casefold()]:
        return first + second
    keeps = known[apart.casefold()] or first.casefold() in _COMPOUNDS or "-" in first
    return apart if keeps else first + second
