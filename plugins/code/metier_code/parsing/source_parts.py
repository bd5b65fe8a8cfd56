"""Sources made of parts that are code: scripts of a page, fenced code of a document, cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from metier_code.parsing.definition import Definition, ParsedSource, Source
from metier_code.parsing.line_windows import line_windows

_LINES = re.compile(r"(?<=line )\d+|(?<=lines )\d+|(?<=\d to )\d+")
"""Numbers of lines in what is said of a fault."""


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of a source that is code.

    Attributes:
        language: by its name in `languages.yaml`; any other one is not read.
        start: offset of its first character.
        end: offset after its last one.
        span: offsets of all of it, with the tags, fences or the mark that it stands in.
        code: what is parsed, if that is not its text; it has as many characters.
        prose: offset where the text that explains it begins, if there is some right above.
        cell: its number among the cells of a notebook, from 1.
    """

    language: str
    start: int
    end: int
    span: tuple[int, int]
    code: str | None = None
    prose: int | None = None
    cell: int | None = None


def assembled(
    whole: Source, parts: Sequence[SourcePart], parsed: Iterable[ParsedSource]
) -> ParsedSource:
    """The definitions of the parts of a source as those of the whole, in its order.

    What stands between the parts is of kind `module`, but for the text that explains a part: it
    belongs to the first definition there.
    """
    definitions: list[Definition] = []
    faults: list[tuple[int, str]] = []
    position = 0
    for part, source in zip(parts, parsed, strict=True):
        lines = whole.text.count("\n", 0, part.start)
        before = part.start - whole.text.rfind("\n", 0, part.start) - 1
        shifted = [
            _shifted(definition, part, whole, lines, before) for definition in source.definitions
        ]
        if shifted and part.prose is not None:
            shifted[0] = _explained(shifted[0], part, part.prose, whole)
        first = min([part.span[0], *(definition.start for definition in shifted[:1])])
        definitions += _between(whole, position, first)
        definitions += shifted
        faults += [(lines + line, _of_whole(reason, part, lines)) for line, reason in source.faults]
        position = part.span[1]
    definitions += _between(whole, position, len(whole.text))
    return ParsedSource(tuple(definitions), tuple(faults))


def _of_whole(reason: str, part: SourcePart, lines: int) -> str:
    """What was not understood, by the lines of the whole, or those of a cell of a notebook."""
    if part.cell is not None:
        return f"cell {part.cell}: {reason}"
    return _LINES.sub(lambda number: str(int(number[0]) + lines), reason)


def _shifted(
    definition: Definition, part: SourcePart, whole: Source, lines: int, before: int
) -> Definition:
    """A definition of a part, with lines and characters of its line before it, in the whole."""
    start, end = part.start + definition.start, part.start + definition.end
    return replace(
        definition,
        line=definition.line + lines,
        end_line=definition.end_line + lines,
        column=definition.column + (before if definition.line == 1 else 0),
        text=whole.text[start:end],  # not what was parsed
        start=start,
        cell=None if part.cell is None else (part.cell, definition.line),
    )


def _explained(definition: Definition, part: SourcePart, prose: int, whole: Source) -> Definition:
    """A definition with the text above it, from an offset on."""
    above = whole.text[prose : part.span[0]]
    start = prose + len(above) - len(above.lstrip())
    doc = "\n".join(filter(None, (_without_marks(above), definition.doc)))
    return replace(
        definition,
        doc=doc,
        line=whole.text.count("\n", 0, start) + 1,
        column=1,
        text=whole.text[start : definition.end],
        start=start,
    )


def _without_marks(prose: str) -> str:
    """Prose without the marks of cells, fences and comments."""
    lines = (line for line in prose.split("\n") if not line.lstrip().startswith(("# %%", "```")))
    return "\n".join(line.removeprefix("# ") for line in lines).strip()


def _between(whole: Source, start: int, end: int) -> Iterator[Definition]:
    """What stands between two parts, in windows of lines."""
    for first, last in line_windows(whole.text, start, end):
        yield whole.definition(first, last, kind="module")
