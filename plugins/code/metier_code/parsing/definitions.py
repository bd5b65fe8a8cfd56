"""The definitions of a source, in any of the languages: the one entry of this package."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from metier_code.parsing.broken_blocks import without_broken_blocks
from metier_code.parsing.captures import (
    Captures,
    Span,
    captures_of,
    faults_of,
    spans_within,
)
from metier_code.parsing.components import fenced_code, scripts_of
from metier_code.parsing.definition import Definition, Kind, ParsedSource, Source
from metier_code.parsing.documentation import one_line, plain_comment, plain_docstring
from metier_code.parsing.fixed_form import free_form, without_signs
from metier_code.parsing.grammars import Grammar, MissingGrammar, TooManyTokens, grammar_of
from metier_code.parsing.languages import languages
from metier_code.parsing.line_windows import line_windows
from metier_code.parsing.module_code import FEWEST_LETTERS, Gap, gaps_of
from metier_code.parsing.naming import text_of
from metier_code.parsing.notebooks import cell_at, cells_of
from metier_code.parsing.outline import Outline, OutlineEntry, outline_of
from metier_code.parsing.recovery import as_member, recovered, within_class
from metier_code.parsing.source_parts import SourcePart, assembled
from metier_code.parsing.sql_definitions import sql_definitions

_NEWLINE = re.compile(r"\r\n?")
_LETTERS = re.compile(r"\w")
_MOST_FAULTS = 100
_BRACED = frozenset({"C#", "Dart", "Java", "JavaScript", "Kotlin", "TSX", "TypeScript"})
"""Languages whose methods are such only between `class` and its braces."""
_PARTS = {"cells": cells_of, "fences": fenced_code, "scripts": scripts_of}
"""What finds the parts of a source that are code, by `parts` of its language."""


def parse(source: bytes | str, language: str | None) -> ParsedSource:
    """The definitions of a source, with what was not understood of it; raises nothing.

    What is not understood is divided into windows of lines, and so is a source in a language that
    is not listed or whose grammar is not installed.

    Args:
        source: its text; bytes are UTF-8. Newlines of Windows and old Macs count as one character.
        language: its name in `languages.yaml`; None where it is not known.
    """
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    whole = Source(_NEWLINE.sub("\n", text), language or "")
    entry = languages().get(language or "")
    if entry is None:
        return ParsedSource(tuple(_windows(whole, 0, len(whole.text))))
    if entry.parts:
        return _assembled(whole, _PARTS[entry.parts](whole.text))
    if not entry.grammar:
        return ParsedSource(tuple(_with_windows(whole, sql_definitions(whole))))
    try:
        return _parsed(whole, entry.name)
    except TooManyTokens:
        faults = tuple(_messages(whole, [(0, len(whole.bytes) - 1)]))
        return ParsedSource(tuple(_windows(whole, 0, len(whole.text))), faults)
    except MissingGrammar as error:
        return ParsedSource(tuple(_windows(whole, 0, len(whole.text))), ((1, str(error)),))


def _assembled(whole: Source, parts: list[SourcePart]) -> ParsedSource:
    """The definitions of a source that is code only in parts."""
    codes = [
        whole.text[part.start : part.end] if part.code is None else part.code for part in parts
    ]
    parsed = [parse(code, part.language) for code, part in zip(codes, parts, strict=True)]
    source = assembled(whole, parts, parsed)
    if whole.language != "Jupyter":
        return source
    definitions = [  # texts that explain no code are in a cell, too
        single if single.cell else replace(single, cell=cell_at(whole.text, single.start))
        for single in source.definitions
    ]
    return ParsedSource(tuple(definitions), source.faults)


@dataclass(frozen=True, slots=True)
class _Tree:
    """What the syntax tree of a source gives."""

    captures: Captures
    outline: Outline
    faults: list[Span]

    @property
    def functions(self) -> int:
        """How many functions and methods it has."""
        return sum(single.kind != "class" for single in self.outline.definitions)


def _parsed(source: Source, language: str, *, is_whole: bool = True) -> ParsedSource:
    grammar = grammar_of(language)
    raw = grammar.without_unknown(source.bytes)
    if language == "Fortran":
        raw = free_form(raw)
    tree = _tree(grammar, raw, source)
    if tree.faults and grammar.line_ends is not None:
        divided = _tree(grammar, grammar.line_ends.sub(b"\n", raw), source)
        tree = divided if len(divided.faults) < len(tree.faults) else tree
    if tree.faults and languages()[language].indented:
        mended, faults = without_broken_blocks(raw, grammar)
        mended_tree = _tree(grammar, mended, source, faults)
        if mended_tree.functions >= tree.functions:  # else it is a string that looks like code
            tree = mended_tree
    gaps = gaps_of(tree.outline, tree.captures, source.bytes, tree.faults)
    definitions: list[Definition] = []
    classes = [single for single in tree.outline.definitions if single.kind == "class"]
    parts: list[OutlineEntry | Gap] = [*tree.outline.definitions, *gaps]
    for part in sorted(parts, key=_start):
        if isinstance(part, Gap):
            definitions.extend(_of_gap(source, part, classes, is_whole=is_whole))
        else:
            definitions.append(_definition(source, part, tree.faults))
    return ParsedSource(
        tuple(single for single in definitions if single.text),
        tuple(_messages(source, tree.faults)),
    )


def _tree(grammar: Grammar, raw: bytes, source: Source, known_faults: Iterable[Span] = ()) -> _Tree:
    """What the tree of a text of the same length as a source gives."""
    root = grammar.parse(raw)
    faults = sorted([*known_faults, *faults_of(root)])
    captures = captures_of(grammar, root)
    outline = outline_of(captures, source.bytes)
    return _Tree(captures, outline, _without_macros(faults, outline))


def _without_macros(faults: list[Span], outline: Outline) -> list[Span]:
    """Faults but for those of macros that define functions, which no grammar expects."""
    macros = [
        (single.declared.span[0], body.start_byte)
        for single in outline.definitions
        if (body := single.declared.body) and single.declared.is_apart(body)
    ]
    if not macros:
        return faults
    return [
        fault
        for fault in faults
        if (index := bisect_right(macros, fault[0], key=lambda macro: macro[0])) == 0
        or fault[1] > macros[index - 1][1]
    ]


def _start(part: OutlineEntry | Gap) -> int:
    return part.span[0] if isinstance(part, Gap) else part.start


def _definition(source: Source, outlined: OutlineEntry, faults: list[Span]) -> Definition:
    declared = outlined.declared
    body = declared.body
    line_end = source.bytes.find(b"\n", outlined.head, outlined.end)
    head_end = body.start_byte if body else line_end if line_end >= 0 else outlined.end
    if head_end <= outlined.head:
        head_end = outlined.end
    if 0 <= line_end < head_end and next(spans_within(faults, outlined.head, head_end), None):
        head_end = line_end
    doc = declared.node("doc") or outlined.doc
    comments = "\n".join(source.slice(*span) for span in outlined.comments)
    if source.language == "Fortran":
        comments = without_signs(comments)
    return source.definition(
        source.characters(outlined.start),
        source.characters(outlined.end),
        name=outlined.name,
        kind=outlined.kind,
        signature=one_line(source.slice(outlined.head, head_end)),
        doc=plain_docstring(text_of(doc)) if doc else plain_comment(comments),
    )


def _of_gap(
    source: Source, gap: Gap, classes: list[OutlineEntry], *, is_whole: bool
) -> Iterator[Definition]:
    start, end = (source.characters(offset) for offset in gap.span)
    if not gap.is_understood and is_whole:
        yield from _recovered(source, start, end, classes)
        return
    doc = plain_docstring(source.slice(*gap.doc)) if gap.doc else ""
    kind: Kind = ("class" if gap.owner else "module") if gap.is_understood else "lines"
    name = gap.owner if gap.is_understood else ""
    for first, last in line_windows(source.text, start, end):
        yield source.definition(first, last, name=name, kind=kind, doc=doc)
        doc = ""


def _recovered(
    source: Source, start: int, end: int, classes: list[OutlineEntry]
) -> Iterator[Definition]:
    """A stretch that is not understood: what of it is, and windows of the lines between."""

    def parsed(text: str) -> ParsedSource:
        try:
            return _parsed(Source(text, source.language), source.language, is_whole=False)
        except TooManyTokens:
            return ParsedSource(())

    def parsed_as_members(text: str) -> ParsedSource:
        return within_class(text, parsed) if source.language in _BRACED else ParsedSource(())

    heads = [(source.characters(single.head), single.name) for single in classes]
    for definition in recovered(source.text, start, end, parsed, parsed_as_members):
        yield from _windows(source, start, definition.start)
        yield as_member(definition, source.text, heads)
        start = definition.end
    yield from _windows(source, start, end)


def _windows(source: Source, start: int, end: int) -> Iterator[Definition]:
    for first, last in line_windows(source.text, start, end):
        if len(_LETTERS.findall(source.text, first, last)) >= FEWEST_LETTERS:
            yield source.definition(first, last, kind="lines")


def _with_windows(source: Source, definitions: list[Definition]) -> Iterator[Definition]:
    """Definitions and, between them, windows of lines."""
    position = 0
    for single in definitions:
        yield from _windows(source, position, single.start)
        yield single
        position = single.end
    yield from _windows(source, position, len(source.text))


def _messages(source: Source, faults: list[Span]) -> Iterator[tuple[int, str]]:
    """Lines that are not understood; adjoining ones are one message."""
    stretches: list[tuple[int, int]] = []
    for start, end in faults:
        first = source.line(start)
        last = max(first, source.line(max(end - 1, start)))
        if stretches and first <= stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], max(last, stretches[-1][1]))
        else:
            stretches.append((first, last))
    null = source.bytes.find(b"\0")
    if null >= 0:
        yield source.line(null), "it holds a null character"
    for first, last in stretches[:_MOST_FAULTS]:
        lines = f"line {first} is" if first == last else f"lines {first} to {last} are"
        yield first, f"{lines} not understood"
