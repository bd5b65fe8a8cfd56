"""The words that say what a definition is about: of its name, its file and its documentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from metier_code.trees.definitions import IndexedDefinition

STOP_WORDS = frozenset(
    {
        "abstract", "add", "all", "and", "any", "arg", "args", "argument", "arguments", "array",
        "async", "attr", "attribute", "attributes", "await", "base", "bool", "boolean", "call",
        "called", "calls", "char", "class", "classes", "cls", "code", "const", "create", "creates",
        "ctx", "data", "def", "default", "defaults", "del", "dict", "do", "double", "elif", "else",
        "end", "err", "error", "errors", "exception", "exceptions", "exec", "false", "field",
        "fields", "float", "fn", "for", "from", "func", "function", "functions", "get", "gets",
        "getter", "given", "has", "hash", "helper", "helpers", "id", "if", "impl", "import", "in",
        "index", "info", "init", "initialize", "inner", "input", "instance", "int", "integer",
        "internal", "is", "it", "item", "items", "iter", "key", "keys", "kwargs", "lambda", "len",
        "let", "lib", "list", "main", "make", "makes", "map", "method", "methods", "misc", "mod",
        "module", "mut", "name", "names", "new", "next", "nil", "none", "not", "null", "num",
        "number", "obj", "object", "objects", "of", "on", "or", "other", "output", "override",
        "package", "param", "parameter", "parameters", "params", "pass", "private", "protected",
        "pub", "public", "raise", "raises", "ref", "repr", "res", "result", "results", "ret",
        "return", "returned", "returns", "run", "self", "set", "sets", "setter", "size", "spec",
        "specs", "src", "start", "static", "str", "string", "strings", "struct", "super", "test",
        "testcase", "tests", "this", "throw", "throws", "tmp", "to", "true", "try", "tuple", "type",
        "types", "undefined", "use", "used", "uses", "util", "utils", "val", "value", "values",
        "var", "void", "with", "yield",
    }
)  # fmt: skip
"""Words that stand in code of every kind, and so name no group of it."""

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[^\W\d_]+?(?=[A-Z])|[^\W\d_]+")
_WORD = re.compile(r"[^\W\d][\w.]*")
_STRING = re.compile(r'[rRuU]?("""|\'\'\')(.+?)\1', re.DOTALL)
_COMMENT = re.compile(r"(?:\s*(?:///?!?|#+|--|\*|/\*+!?)[^\n]*\n)+")
_SIGNS = re.compile(r"^\s*(?:///?!?|#+|--|\*+/?|/\*+!?)", re.MULTILINE)
_FIRST = 400
"""Characters of the documentation that say what it is for."""

_ENDINGS = ("ations", "ation", "ings", "ing", "ers", "ors", "er", "or", "ed", "es", "s", "e")
_LEAST_STEM = 4


def naming_texts(definitions: Sequence[IndexedDefinition]) -> list[str]:
    """For each definition a text of the words that may name what it is about.

    Identifiers are split into their words. Of the documentation those words are taken that the
    names in the tree have, too, which leaves out the prose around them.

    Args:
        definitions: of one tree.
    """
    named = [_words_of_names(definition) for definition in definitions]
    known = {_stem(word) for words in named for name in words for word in name.split()}
    return [
        " . ".join([*words, *_known_phrases(documentation_of(definition.text), known)])
        for definition, words in zip(definitions, named, strict=True)
    ]


def split_identifier(name: str) -> list[str]:
    """The words of an identifier in lower case: `parse`, `http` and `url` of `parseHTTP_url`."""
    return [part.lower() for part in _PART.findall(name)]


def documentation_of(text: str) -> str:
    """The beginning of a definition's documentation: a docstring, or comments before it."""
    comment = _COMMENT.match(text)
    if comment is not None:
        return _SIGNS.sub("", comment.group())[:_FIRST]
    string = _STRING.search(text)
    return string[2].strip().partition("\n\n")[0][:_FIRST] if string is not None else ""


def _words_of_names(definition: IndexedDefinition) -> list[str]:
    """The words of a definition's name, without those of every object, and of its path."""
    parts = [part for part in definition.name.split(".") if not part.startswith("__")]
    path = PurePosixPath(definition.path)
    names = [*parts, *path.parent.parts, path.stem]
    return [words for name in names if (words := " ".join(split_identifier(name)))]


def _known_phrases(text: str, known: set[str]) -> list[str]:
    """Runs of words that are known, in a text of prose with identifiers."""
    phrases: list[list[str]] = [[]]
    end = 0
    for match in _WORD.finditer(text):
        if text[end : match.start()].strip():
            phrases.append([])
        end = match.end()
        for word in split_identifier(match.group()):
            if _stem(word) in known:
                phrases[-1].append(word)
            else:
                phrases.append([])
    return [" ".join(phrase) for phrase in phrases if phrase]


def _stem(word: str) -> str:
    """A word without a usual ending, so that `parsing` and `parser` are the same."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word.removesuffix(ending)
    return word
