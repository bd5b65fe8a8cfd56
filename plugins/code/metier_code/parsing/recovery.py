"""What is understood of a stretch that a grammar does not understand as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from metier_code.parsing.definition import Definition, ParsedSource

_TRIES = 20
_MOST_CHARACTERS = 100_000
"""Characters that are parsed again, all tries together."""
_NAMED = ("function", "method", "class")
_OPENING = ("{", ")", "#")
"""What begins a line at the indentation of a class without ending it."""


def recovered(
    text: str,
    start: int,
    end: int,
    parse: Callable[[str], ParsedSource],
    parse_members: Callable[[str], ParsedSource],
) -> list[Definition]:
    """Definitions in a stretch of a source, though what stands before them is not understood.

    A construct that a grammar does not know makes it take what follows for a part of it. What
    follows is parsed again on its own, from the line after the first one that is not understood.

    Args:
        text: of the source, with Unix newlines.
        start: offset of the first character.
        end: offset after the last one.
        parse: what parses a text in the language of the source.
        parse_members: what parses it as what stands in a class.

    Returns:
        The definitions without a fault, in source order; empty if none is found.
    """
    definitions: list[Definition] = []
    left = _MOST_CHARACTERS
    for _ in range(_TRIES):
        start = text.find("\n", start, end) + 1
        left -= end - start
        if start == 0 or left < 0 or not text[start:end].strip():
            break
        parsed = parse(text[start:end])
        understood = list(_understood(parsed)) or list(_understood(parse_members(text[start:end])))
        lines = text.count("\n", 0, start)
        definitions += [_shifted(definition, start, lines) for definition in understood]
        if understood:
            start = definitions[-1].end
        elif parsed.faults:
            for _ in range(parsed.faults[0][0] - 1):
                start = text.find("\n", start, end) + 1
    return definitions


def within_class(text: str, parse: Callable[[str], ParsedSource]) -> ParsedSource:
    """The definitions of a text that stands in a class, without the name of the class."""
    head = "class _ {\n"
    parsed = parse(head + text)
    members = (
        replace(
            definition,
            name=definition.name.removeprefix("_."),
            line=definition.line - 1,
            end_line=definition.end_line - 1,
            start=definition.start - len(head),
        )
        for definition in parsed.definitions
        if definition.name != "_" and definition.start >= len(head)
    )
    return ParsedSource(tuple(members), tuple((line - 1, why) for line, why in parsed.faults))


def _understood(parsed: ParsedSource) -> Iterator[Definition]:
    """Named definitions that hold no line with a fault."""
    faults = [line for line, _ in parsed.faults]
    for definition in parsed.definitions:
        is_whole = not any(definition.line <= line <= definition.end_line for line in faults)
        if definition.kind in _NAMED and definition.name and is_whole:
            yield definition


def _shifted(definition: Definition, start: int, lines: int) -> Definition:
    """A definition of a stretch that begins a line, by its position in the whole."""
    return replace(
        definition,
        line=definition.line + lines,
        end_line=definition.end_line + lines,
        start=definition.start + start,
    )


def as_member(definition: Definition, text: str, heads: Sequence[tuple[int, str]]) -> Definition:
    """A recovered definition under the name of the class that it is indented in, if it is in one.

    Args:
        definition: in the whole source.
        text: of the source.
        heads: offset and name of each class before it or after it, in source order.
    """
    indent = definition.column - 1
    for head, name in reversed(heads):
        line_start = text.rfind("\n", 0, head) + 1
        if head >= definition.start or head - line_start >= indent:
            continue
        if not _is_closed(text[head : definition.start], head - line_start):
            kind = "method" if definition.kind == "function" else definition.kind
            return replace(definition, name=f"{name}.{definition.name}", kind=kind)
    return definition


def _is_closed(text: str, indent: int) -> bool:
    """Whether a block is over: a line after its first is not indented more than it is."""
    lines = (line for line in text.split("\n")[1:] if line.strip())
    return any(
        len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith(_OPENING)
        for line in lines
    )
