"""Whether a query is words or code, and the settings that each is searched with."""

from __future__ import annotations

import re
from typing import Literal

from metier.plugin import content_of
from metier_code.parsing.snippets import heading_of, snippet_of

QueryKind = Literal["words", "code"]

INSTRUCTIONS: dict[QueryKind, str] = {
    "words": "code/function-search",
    "code": "code/code-to-code",
}
"""The instruction that a query of each kind is embedded with."""
WEIGHTS: dict[QueryKind, dict[str, float]] = {
    "words": {},
    "code": {"lexical": 0.4, "feedback": 0.5},
}
"""What differs from the weights of the domain: code that does the same shares more of its names
than a description does. Measured in `benchmarks/RESULTS.md`."""

_HEAD = re.compile(
    r"\s*(?:(?:async\s+)?def|class|func|fn|pub|function|public|private|protected|static|impl|"
    r"struct|template|const|let|var|export|import|from|#include|package|using|namespace|return)\b"
    r".*[({:;=<]"
)
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*[)}\]]|\w\([^)]*\)\s*[:{;.]|^\s*[\w.\[\]]+\s*[-+*/|&:]?=\s*\S|=>|->|::|&&|"
    r"\|\||[!=]==?|^\s*(?:@\w|#\s*\w+$|//|/\*)|\w+\.\w+\(|\bself\.|\bthis\."
)
_WORD = re.compile(r"(?<![\w.(])[a-z]{2,}(?![\w.(])", re.IGNORECASE)


def kind_of(query: str) -> QueryKind:
    """Whether a query is code, by its shape: most of its lines could stand in a source.

    A name or a call among words, as in `where is parse_date(text) used`, does not make it code.
    """
    lines = [line for line in query.splitlines() if line.strip()]
    code = sum(bool(_CODE_LINE.search(line) or _HEAD.match(line)) for line in lines)
    if len(lines) > 1:
        return "code" if 2 * code >= len(lines) else "words"
    is_sentence = len(_WORD.findall(query)) > 4 and not _HEAD.match(query)
    return "code" if code and not is_sentence else "words"


def embedded_text(query: str, kind: QueryKind) -> str:
    """What is embedded for a query: code as definitions are, with its name in words before it."""
    snippet = snippet_of(query) if kind == "code" else None
    return query if snippet is None else content_of(heading_of(snippet), query)
