"""The definitions of a tree with their tokens."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from metier.plugin import LeftOut
from metier_code.clones.sequences import TokenSequences
from metier_code.clones.tokens import Token, lexer_tokens, tokens_of
from metier_code.parsing.definition import Definition
from metier_code.parsing.definitions import parse
from metier_code.parsing.grammars import MissingGrammar, grammar_of
from metier_code.parsing.languages import languages
from metier_code.parsing.notebooks import location_of
from metier_code.trees.source_files import find_sources
from metier_code.trees.source_texts import guess_remarks, read_source

COMPARED_KINDS = ("function", "method")


@dataclass(frozen=True, slots=True)
class LocatedDefinition:
    """A definition and its file.

    Attributes:
        path: of the file, below the tree.
        file: where the file is; None for code that is in none.
        definition: in it.
    """

    path: str
    file: Path | None
    definition: Definition

    @property
    def name(self) -> str:
        """Its name, or what stands for it."""
        return self.definition.name or "the given code"

    @property
    def location(self) -> str:
        """Where it stands, for people."""
        cell, line = self.definition.cell or (None, self.definition.line)
        return location_of(self.path, line, cell)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.definition.end_line - self.definition.line + 1


@dataclass
class DefinitionTokens:
    """Definitions in the order in which they were read, and the tokens of each.

    Attributes:
        left_out: files that were not read, or not understood as a whole, with the reasons.
        remarks: what people should know of the tree and of encodings that were guessed.
    """

    definitions: list[LocatedDefinition] = field(default_factory=list)
    sequences: TokenSequences = field(default_factory=TokenSequences)
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, located: LocatedDefinition, tokens: Sequence[Token]) -> None:
        """Append a definition."""
        self.definitions.append(located)
        self.sequences.add(tokens)


def read_definitions(paths: Sequence[Path], *, include_generated: bool = False) -> DefinitionTokens:
    """The functions and methods below paths with their tokens.

    Args:
        paths: folders, files and patterns.
        include_generated: whether files are read that programs made.

    Raises:
        UsageError: there is no such path.
    """
    read = DefinitionTokens()
    tree = find_sources(paths)
    read.left_out += tree.left_out
    guesses: list[tuple[str, str]] = []
    for file in tree.files:
        source = read_source(file, include_generated=include_generated)
        if isinstance(source, LeftOut):
            read.left_out.append(source)
            continue
        guesses.append((file.name, source.guessed))
        text = source.normalized
        parsed = parse(text, source.language)
        for _, message in parsed.faults[:1]:
            in_part = ("in part", message) if parsed.definitions else (message,)
            read.left_out.append(LeftOut(file.name, *in_part))
        definitions = [item for item in parsed.definitions if item.kind in COMPARED_KINDS]
        for definition, tokens in _with_tokens(text, source.language, definitions):
            read.add(LocatedDefinition(file.name, file.path, definition), tokens)
    read.remarks = [*tree.remarks, *guess_remarks(guesses)]
    return read


def definition_tokens(text: str, language: str) -> list[Token]:
    """The tokens of a piece of code."""
    known = languages().get(language)
    if known is None or not known.grammar:
        return list(lexer_tokens(text, language))
    try:
        grammar = grammar_of(language)
    except MissingGrammar:
        return list(lexer_tokens(text, language))
    return list(tokens_of(text, grammar.parse))


def _with_tokens(
    source: str, language: str, definitions: Sequence[Definition]
) -> Iterator[tuple[Definition, list[Token]]]:
    """Each definition with its tokens, those of the source if it is in one language."""
    is_whole = all(
        definition.language == language
        and source[definition.start : definition.end] == definition.text
        for definition in definitions
    )
    if not (is_whole and definitions):
        for definition in definitions:
            yield definition, definition_tokens(definition.text, definition.language)
        return
    tokens = definition_tokens(source, language)
    starts = [token.start for token in tokens]
    for definition in definitions:
        first = bisect_left(starts, definition.start)
        yield definition, tokens[first : bisect_left(starts, definition.end)]
