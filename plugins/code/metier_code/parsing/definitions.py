"""The definitions of a source, in any of the languages: the one entry of this package."""

from __future__ import annotations

import re
from dataclasses import replace

from metier_code.parsing.definition import Definition, ParsedSource, UnreadableSource
from metier_code.parsing.languages import languages
from metier_code.parsing.python_functions import first_python_fault, python_functions
from metier_code.parsing.sql_functions import sql_functions
from metier_code.parsing.tree_sitter_functions import first_fault, tree_sitter_functions

_NEWLINE = re.compile(r"\r\n?")
_COMMENT = re.compile(r"^\s*(?:#(?!include)|//|/\*|\*|--|@)", re.MULTILINE)


def parse(source: bytes | str, language: str) -> ParsedSource:
    """The definitions of a source, with what was not understood of it; raises nothing.

    Args:
        source: its text; bytes are UTF-8. Newlines of Windows and old Macs count as one character.
        language: its name in `languages.yaml`; one that is not listed has no definitions.
    """
    if language not in languages():
        return ParsedSource(())
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    raw = _NEWLINE.sub("\n", text).encode("utf-8", "replace")
    try:
        definitions = _functions(raw, language)
        fault = _fault(raw, language)
    except UnreadableSource as error:
        return ParsedSource((), ((error.line, str(error)),))
    faults = ((fault, f"not understood from line {fault}"),) if fault is not None else ()
    return ParsedSource(tuple(_described(definition) for definition in definitions), faults)


def _functions(source: bytes, language: str) -> list[Definition]:
    if language == "Python":
        return python_functions(source)
    if language == "SQL":
        return sql_functions(source)
    return tree_sitter_functions(source, language)


def _fault(source: bytes, language: str) -> int | None:
    if language == "SQL":  # read in any dialect
        return None
    return first_python_fault(source) if language == "Python" else first_fault(source, language)


def _described(definition: Definition) -> Definition:
    lines = definition.text.splitlines()
    code = next((line for line in lines if line.strip() and not _COMMENT.match(line)), "")
    return replace(
        definition,
        kind="method" if "." in definition.name else "function",
        signature=" ".join(code.strip().rstrip("{:").split()),
    )
