"""Scripts of Vue, Svelte and HTML files, and fenced code of R Markdown and Quarto documents."""

from __future__ import annotations

import re

from metier_code.parsing.languages import language_named
from metier_code.parsing.source_parts import SourcePart

_MARKUP = re.compile(
    r"""<!--.*?(?:-->|\Z)
    |<script\b(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*+)>""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_END = re.compile(r"</script\s*>", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"""(?<![\w-])(?P<attribute>lang|type)\s*=\s*(?P<quote>["']?)(?P<value>[^"'\s>]+)(?P=quote)""",
    re.IGNORECASE,
)
_LANGUAGES = {
    "": "JavaScript",
    "js": "JavaScript",
    "javascript": "JavaScript",
    "jsx": "JavaScript",
    "module": "JavaScript",
    "text/javascript": "JavaScript",
    "text/babel": "JavaScript",
    "text/jsx": "JavaScript",
    "application/javascript": "JavaScript",
    "ts": "TypeScript",
    "typescript": "TypeScript",
    "text/typescript": "TypeScript",
    "tsx": "TSX",
    "py": "Python",
    "mpy": "Python",
    "text/python": "Python",
}
"""Values of `lang` and `type` and the language they mean; of others the script is data."""
_FENCE = re.compile(r"^[ \t]*+(?P<fence>`{3,}+|~{3,}+)(?P<rest>[^\n]*)\n?", re.MULTILINE)
_RUN = re.compile(r"[ \t]*\{(?P<language>\w+)[^}\n]*\}[ \t]*")


def scripts_of(text: str) -> list[SourcePart]:
    """The script blocks of a component or a page; those with data or templates are none."""
    parts = []
    position = 0
    while (markup := _MARKUP.search(text, position)) is not None:
        position = markup.end()
        attributes = markup["attributes"]
        if attributes is None or attributes.rstrip().endswith("/"):
            continue
        closing = _END.search(text, position)
        start, end = position, closing.start() if closing else len(text)
        position = closing.end() if closing else len(text)
        span = markup.start(), position
        language = _script_language(attributes)
        if language is not None and text[start:end].strip():
            parts.append(SourcePart(language, start, end, span))
    return parts


def fenced_code(text: str) -> list[SourcePart]:
    """The code blocks that a document runs (` ```{r label} `), each with the text above it."""
    parts = []
    end = 0
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence["fence"].startswith(opening["fence"]) and not fence["rest"].strip():
            run = _RUN.fullmatch(opening["rest"])
            if run is not None:
                language = language_named(run["language"]) or run["language"]
                span = opening.start(), fence.end()
                parts.append(SourcePart(language, opening.end(), fence.start(), span, prose=end))
                end = fence.end()
            opening = None
    return parts


def _script_language(attributes: str) -> str | None:
    """The language of a script by its attributes, `lang` before `type`."""
    values = {
        match["attribute"].lower(): match["value"] for match in _LANGUAGE.finditer(attributes)
    }
    return _LANGUAGES.get((values.get("lang") or values.get("type") or "").lower())
