"""Grammars and queries of languages, loaded when first used."""

from __future__ import annotations

import ctypes
import importlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from metier_code.parsing.languages import languages

if TYPE_CHECKING:
    from tree_sitter import Language as TreeSitterLanguage
    from tree_sitter import Node, Query

_MATCH_LIMIT = 4096
"""Matches that may be open at once; keeps the time of a source of 100,000 brackets in bounds."""


_MOST_OPEN_COMMENTS = 1000
"""Beginnings of comments without an end: each is read to the end of the source."""


class TooManyTokens(Exception):
    """A source is not understood, and too long to be searched for what is understood of it."""


class MissingGrammar(Exception):
    """The package with the grammar of a language is not installed; the message says which."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What parses a language, and the query that is run over its syntax trees."""

    language: TreeSitterLanguage
    definitions: Query
    settings: tuple[dict[str, str | None], ...]
    """What `#set!` says in each pattern of `definitions`."""
    unknown: re.Pattern[bytes] | None
    """What the grammar does not know."""
    line_ends: re.Pattern[bytes] | None
    """Blanks that the grammar may take for ends of lines."""

    def without_unknown(self, source: bytes) -> bytes:
        """UTF-8 source with blanks in place of what the grammar does not know."""
        if self.unknown is None:
            return source
        return self.unknown.sub(lambda match: b" " * len(match[0]), source)

    def parse(self, source: bytes) -> Node:
        """The root of the syntax tree of UTF-8 source.

        Raises:
            TooManyTokens: it has too many comments without an end.
        """
        from tree_sitter import Parser

        if source.count(b"/*", source.rfind(b"*/") + 1) > _MOST_OPEN_COMMENTS:
            raise TooManyTokens
        return Parser(self.language).parse(source).root_node


def matches(query: Query, root: Node) -> list[tuple[int, dict[str, list[Node]]]]:
    """Index of the pattern, and nodes by capture, of each match in a tree."""
    from tree_sitter import QueryCursor

    return QueryCursor(query, match_limit=_MATCH_LIMIT).matches(root)


@cache
def grammar_of(language: str) -> Grammar:
    """The grammar of a language of `languages.yaml`.

    Raises:
        MissingGrammar: the package that brings it is not installed.
    """
    from tree_sitter import Query

    loaded = tree_sitter_language(language)
    entry = languages()[language]
    folder = files("metier_code.parsing") / "queries"
    names = entry.queries or (language.lower(),)
    query = "\n".join((folder / f"{name}.scm").read_text("utf-8") for name in names)
    definitions = Query(loaded, query)
    return Grammar(
        loaded,
        definitions,
        tuple(map(definitions.pattern_settings, range(definitions.pattern_count))),
        re.compile(entry.unknown.encode()) if entry.unknown else None,
        re.compile(entry.line_ends.encode()) if entry.line_ends else None,
    )


@cache
def tree_sitter_language(language: str) -> TreeSitterLanguage:
    """What `module:function` or `module:function(name)` of `languages.yaml` gives.

    Raises:
        MissingGrammar: the package that brings it is not installed, or has none for this machine.
    """
    from tree_sitter import Language

    entry = languages()[language]
    module, _, call = entry.grammar.partition(":")
    function, _, name = call.rstrip(")").partition("(")
    try:
        grammar = getattr(importlib.import_module(module), function)(*filter(None, [name]))
    except ImportError:
        package = f"metier-code[{entry.extra}]" if entry.extra else module.replace("_", "-")
        raise MissingGrammar(
            f"the grammar of {language} is not installed: pip install '{package}'"
        ) from None
    except Exception as error:  # of a package that unpacks its grammars when they are used
        raise MissingGrammar(f"the grammar of {language} cannot be loaded: {error}") from error
    if isinstance(grammar, Language):
        return grammar
    return Language(_capsule(grammar) if isinstance(grammar, int) else grammar)


def _capsule(address: int) -> object:
    """A grammar as tree-sitter takes it, where a package gives the address of it."""
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    capsule: object = new(address, b"tree_sitter.Language", None)
    return capsule
