"""Functions and methods of a source file, in any of the languages."""

from __future__ import annotations

from pathlib import Path, PurePath

from metier_code.function import Function, UnreadableSource
from metier_code.python_functions import python_functions
from metier_code.tree_sitter_functions import tree_sitter_functions

LANGUAGES = {
    ".py": "Python",
    ".js": "JavaScript",
    ".jsx": "JavaScript",
    ".mjs": "JavaScript",
    ".cjs": "JavaScript",
    ".ts": "TypeScript",
    ".mts": "TypeScript",
    ".cts": "TypeScript",
    ".tsx": "TSX",
    ".java": "Java",
    ".go": "Go",
    ".rs": "Rust",
    ".rb": "Ruby",
    ".php": "PHP",
    ".c": "C",
    ".h": "C++",  # C headers too: the grammar of C++ reads nearly all of C
    ".cc": "C++",
    ".cpp": "C++",
    ".cxx": "C++",
    ".hpp": "C++",
    ".hxx": "C++",
    ".hh": "C++",
}
"""File endings and the language they are read as."""


def language_of(name: str | PurePath) -> str | None:
    """The language a file of that name is read as; None where it is not known."""
    return LANGUAGES.get(PurePath(name).suffix.lower())


def functions_of(path: Path) -> list[Function]:
    """Outermost functions of a file in source order; none where the language is not known.

    Raises:
        UnreadableSource: the file cannot be opened, is not UTF-8 or cannot be parsed. Except in
            Python, functions outside of a syntax error are still found.
    """
    language = language_of(path)
    if language is None:
        return []
    try:
        # with universal newlines, so that lines are those of an editor
        source = path.read_text(encoding="utf-8-sig").encode()
    except UnicodeDecodeError:
        raise UnreadableSource("is not UTF-8") from None
    except OSError as error:
        raise UnreadableSource(error.strerror or "cannot be opened") from error
    return functions_in(source, language)


def functions_in(source: bytes, language: str) -> list[Function]:
    """Outermost functions of UTF-8 source with Unix newlines, in source order.

    Raises:
        UnreadableSource: it cannot be parsed, as of `functions_of`.
    """
    return (
        python_functions(source)
        if language == "Python"
        else tree_sitter_functions(source, language)
    )
