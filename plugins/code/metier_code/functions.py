"""Functions and methods of a source file, in any of the languages."""

from __future__ import annotations

import codecs
import json
import re
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
    ".cs": "C#",
    ".kt": "Kotlin",
    ".kts": "Kotlin",
    ".sh": "Bash",
    ".bash": "Bash",
    ".sql": "SQL",
}
"""File endings and the language they are read as."""
UNREAD = {
    ".clj": "Clojure",
    ".dart": "Dart",
    ".erl": "Erlang",
    ".ex": "Elixir",
    ".exs": "Elixir",
    ".fs": "F#",
    ".groovy": "Groovy",
    ".hs": "Haskell",
    ".jl": "Julia",
    ".lua": "Lua",
    ".m": "Objective-C or MATLAB",
    ".ml": "OCaml",
    ".pl": "Perl",
    ".ps1": "PowerShell",
    ".r": "R",
    ".scala": "Scala",
    ".svelte": "Svelte",
    ".swift": "Swift",
    ".vb": "Visual Basic",
    ".vue": "Vue",
    ".zig": "Zig",
}
"""File endings of sources in languages that are not read."""

_NEWLINE = re.compile(r"\r\n?")
_MAGIC = re.compile(r"^(?=[%!?])", re.MULTILINE)


def language_of(name: str | PurePath) -> str | None:
    """The language a file of that name is read as; None where it is not known."""
    return LANGUAGES.get(PurePath(name).suffix.lower())


def functions_of(path: Path) -> list[Function]:
    """Outermost functions of a file in source order; none where the language is not known.

    Those of a notebook are in its code cells, their lines counted through all of them.

    Raises:
        UnreadableSource: the file cannot be opened, is not text or cannot be parsed. Except in
            Python, functions outside of a syntax error are still found.
    """
    language = "Python" if is_notebook(path) else language_of(path)
    return functions_in(source_of(path), language) if language else []


def is_notebook(path: Path) -> bool:
    """Whether a file is a Jupyter notebook, by its name."""
    return path.suffix.lower() == ".ipynb"


def source_of(path: Path) -> bytes:
    """A source file in UTF-8 with Unix newlines; of a notebook its code cells.

    Raises:
        UnreadableSource: it cannot be opened, or is not text.
    """
    try:
        text = decode_source(path.read_bytes())
    except UnicodeDecodeError:
        raise UnreadableSource("is not text") from None
    except OSError as error:
        raise UnreadableSource(error.strerror or "cannot be opened") from error
    if is_notebook(path):
        text = _code_cells(text)
    return _NEWLINE.sub("\n", text).encode()


def decode_source(raw: bytes) -> str:
    """The text of a source: UTF-8 or UTF-16 by its mark, else Windows-1252, else Latin-1.

    Raises:
        UnicodeDecodeError: it has a mark of UTF-16 and is none.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _code_cells(notebook: str) -> str:
    """The code of a notebook, with commands of the shell and of Jupyter as comments.

    Raises:
        UnreadableSource: it is no notebook.
    """
    try:
        cells = json.loads(notebook)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        code = "\n\n".join("".join(source) for source in sources)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableSource("is no notebook") from None
    return _MAGIC.sub("#", code)


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
