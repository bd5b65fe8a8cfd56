"""Functions and methods of a source file, in any of the languages."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path, PurePath

from metier_code.function import Function, UnreadableSource
from metier_code.python_functions import first_python_fault, python_functions
from metier_code.sql_functions import sql_functions
from metier_code.tree_sitter_functions import first_fault, tree_sitter_functions

LANGUAGES = {
    ".py": "Python",
    ".pyw": "Python",
    ".pyi": "Python",
    ".js": "JavaScript",
    ".jsx": "JavaScript",
    ".mjs": "JavaScript",
    ".cjs": "JavaScript",
    ".ts": "TypeScript",
    ".es6": "JavaScript",
    ".mts": "TypeScript",
    ".cts": "TypeScript",
    ".tsx": "TSX",
    ".java": "Java",
    ".go": "Go",
    ".rs": "Rust",
    ".rb": "Ruby",
    ".rake": "Ruby",
    ".php": "PHP",
    ".phtml": "PHP",
    ".c": "C",
    ".h": "C++",  # C headers too: the grammar of C++ reads nearly all of C
    ".cc": "C++",
    ".cpp": "C++",
    ".cxx": "C++",
    ".hpp": "C++",
    ".hxx": "C++",
    ".hh": "C++",
    ".h++": "C++",
    ".inl": "C++",
    ".ipp": "C++",
    ".tpp": "C++",
    ".cu": "C++",
    ".cuh": "C++",
    ".ino": "C++",
    ".cs": "C#",
    ".csx": "C#",
    ".kt": "Kotlin",
    ".kts": "Kotlin",
    ".sh": "Bash",
    ".bash": "Bash",
    ".ksh": "Bash",
    ".zsh": "Bash",
    ".sql": "SQL",
    ".pls": "SQL",
    ".pkb": "SQL",
    ".plsql": "SQL",
}
"""File endings and the language they are read as."""
UNREAD = {
    ".adb": "Ada",
    ".asm": "Assembly",
    ".astro": "Astro",
    ".awk": "AWK",
    ".bat": "Batch",
    ".cl": "Common Lisp or OpenCL",
    ".clj": "Clojure",
    ".cljc": "Clojure",
    ".cljs": "Clojure",
    ".cob": "COBOL",
    ".cbl": "COBOL",
    ".coffee": "CoffeeScript",
    ".cr": "Crystal",
    ".d": "D",
    ".dart": "Dart",
    ".el": "Emacs Lisp",
    ".elm": "Elm",
    ".erl": "Erlang",
    ".ex": "Elixir",
    ".exs": "Elixir",
    ".f": "Fortran",
    ".f90": "Fortran",
    ".for": "Fortran",
    ".fish": "fish",
    ".fs": "F#",
    ".fsx": "F#",
    ".gd": "GDScript",
    ".gradle": "Groovy",
    ".groovy": "Groovy",
    ".hs": "Haskell",
    ".jl": "Julia",
    ".lisp": "Common Lisp",
    ".lua": "Lua",
    ".m": "Objective-C or MATLAB",
    ".ml": "OCaml",
    ".mm": "Objective-C++",
    ".nim": "Nim",
    ".pas": "Pascal",
    ".pl": "Perl",
    ".pm": "Perl",
    ".ps1": "PowerShell",
    ".psm1": "PowerShell",
    ".r": "R",
    ".rkt": "Racket",
    ".s": "Assembly",
    ".scala": "Scala",
    ".scm": "Scheme",
    ".sol": "Solidity",
    ".sv": "SystemVerilog",
    ".svelte": "Svelte",
    ".swift": "Swift",
    ".tcl": "Tcl",
    ".v": "Verilog or V",
    ".vb": "Visual Basic",
    ".vbs": "VBScript",
    ".vhd": "VHDL",
    ".vue": "Vue",
    ".zig": "Zig",
}
"""File endings of sources in languages that are not read."""

_NEWLINE = re.compile(r"\r\n?")
_LINE = re.compile(r"^", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(?!time|timeit|capture|prun)")
_MAGIC = re.compile(r"^(?=[%!?])", re.MULTILINE)


def language_of(name: str | PurePath) -> str | None:
    """The language a file of that name is read as; None where it is not known."""
    return LANGUAGES.get(PurePath(name).suffix.lower())


def functions_of(path: Path) -> list[Function]:
    """Outermost functions of a file in source order; none where the language is not known.

    Those of a notebook are in its code cells, their lines counted through all of them.

    Raises:
        UnreadableSource: the file cannot be opened, is not text or cannot be parsed. Functions
            outside of a syntax error are still found.
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
        UnreadableSource: it is no notebook, or one in another language than Python.
    """
    try:
        content = json.loads(notebook)
        kernel = content.get("metadata", {}).get("language_info", {}).get("name", "python")
        sources = [
            "".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableSource("is no notebook") from None
    if not str(kernel).lower().startswith(("python", "ipython")):
        raise UnreadableSource(f"a notebook in {kernel}, which is not read")
    code = [_LINE.sub("#", cell) if _CELL_MAGIC.match(cell) else cell for cell in sources]
    return _MAGIC.sub("#", "\n\n".join(code))


def functions_in(source: bytes, language: str) -> list[Function]:
    """Outermost functions of UTF-8 source with Unix newlines, in source order.

    Raises:
        UnreadableSource: it cannot be parsed, as of `functions_of`.
    """
    if language == "Python":
        return python_functions(source)
    if language == "SQL":
        return sql_functions(source)
    return tree_sitter_functions(source, language)


def fault_in(source: bytes, language: str) -> int | None:
    """The line from which a source is not understood; None where all of it is."""
    if language == "SQL":  # read in any dialect
        return None
    return first_python_fault(source) if language == "Python" else first_fault(source, language)
