"""Counts of what messages, docstrings and pages say."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.contract.imports import strings_of
from tests.contract.sources import Location, locate, package_files, page_files, template_files
from tests.contract.wording import british_words

_OPTION = re.compile(r"(?<![\w-])--[a-z{]")
_ARGUMENT = re.compile(r"--[a-z][\w-]*=?")
_OTHER_PROGRAM = re.compile(r"\b((pip|hf|ms-hub|git|uv) [a-z]|llama-server )")
_COMMAND_HEADING = re.compile(r"^## metier (?P<command>[a-z]+)$", re.MULTILINE)
_DOTTED = re.compile(r"(?<![\w./-])metier(?:_\w+)?(?:\.[A-Za-z_]\w*){3,}")
_FROM_IMPORT = re.compile(
    r"\bfrom\s+(?P<module>metier(?:_\w+)?(?:\.\w+)*)\s+import\s+(?P<names>\([^)]*\)|[^\n#]+)"
)


def options_in_messages(root: Path) -> list[Location]:
    """Strings outside of `cli/` that name an option of the command line.

    Docstrings, single arguments such as "--json" and commands of other programs are left out.
    """
    return [
        locate(root, path, line, _shortened(text, match.start()))
        for path, text, line in _messages(root)
        if (match := _OPTION.search(text))
    ]


def commands_in_messages(root: Path) -> list[Location]:
    """Strings outside of `cli/` that name a command of metier, such as `metier doctor`."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in page_files(root))
    commands = sorted({match["command"] for match in _COMMAND_HEADING.finditer(pages)})
    named = re.compile(rf"\bmetier ({'|'.join(commands)})\b")
    return [
        locate(root, path, line, _shortened(text, match.start()))
        for path, text, line in _messages(root)
        if commands and (match := named.search(text))
    ]


def long_dotted_names(root: Path) -> list[Location]:
    """Names of metier and its plugins in pages and templates with more than two dots.

    `from metier.errors import InputError` names `metier.errors.InputError`.
    """
    return [
        locate(root, path, line, name)
        for path in [*page_files(root), *template_files(root)]
        for name, line in _dotted_names(path.read_text(encoding="utf-8"))
        if name.count(".") > 2
    ]


def british_prose(root: Path) -> list[Location]:
    """Words in British spelling in pages, docstrings, comments and strings."""
    lines = [(path, text, line) for path in page_files(root) for text, line in _lines(path)]
    lines += [(path, text, line) for path in package_files(root) for text, line in _prose(path)]
    return [
        locate(root, path, line, word) for path, text, line in lines for word in british_words(text)
    ]


def _messages(root: Path) -> Iterator[tuple[Path, str, int]]:
    for path in package_files(root):
        parts = path.relative_to(root).parts
        if "cli" in parts or "cli.py" in parts:
            continue
        for text, line in strings_of(path):
            if not _ARGUMENT.fullmatch(text) and not _OTHER_PROGRAM.search(text):
                yield path, text, line


def _shortened(text: str, start: int) -> str:
    return " ".join(text[max(0, start - 40) : start + 40].split())


def _dotted_names(text: str) -> Iterator[tuple[str, int]]:
    for match in _FROM_IMPORT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        for name in re.findall(r"(\w+)(?:\s+as\s+\w+)?", match["names"]):
            yield f"{match['module']}.{name}", line
    without_imports = _FROM_IMPORT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in _DOTTED.finditer(without_imports):
        yield match[0], without_imports.count("\n", 0, match.start()) + 1


def _lines(path: Path) -> Iterator[tuple[str, int]]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield text, line


def _prose(path: Path) -> Iterator[tuple[str, int]]:
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    source = io.StringIO(path.read_text(encoding="utf-8"))
    for token in tokenize.generate_tokens(source.readline):
        if token.type in kinds:
            for offset, text in enumerate(token.string.splitlines()):
                yield text, token.start[0] + offset
