"""What is found in source trees, and how much of what Universal Ctags finds is among it.

`python -m benchmarks.definitions NAME=FOLDER...` prints a row of a table for each folder.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from metier import LeftOut
from metier_code.parsing.definition import Definition
from metier_code.parsing.definitions import parse
from metier_code.trees.source_files import find_sources
from metier_code.trees.source_texts import read_source

_CTAGS = ["C", "C++", "C#", "Go", "Java", "JavaScript", "Lua", "PHP", "Python", "Ruby", "Rust",
          "TypeScript"]  # fmt: skip
"""Languages that ctags finds functions of, by its own names."""
_PATTERNS = {
    "Kotlin": re.compile(r"\bfun\s+(?:<[^>]*>\s*)?(?:[\w.<>?, *]+\.)?`?(\w+)`?\s*\("),
    "Scala": re.compile(r"\bdef\s+`?([\w$]+)"),
    "Swift": re.compile(r"\bfunc\s+`?(\w+)"),
}
"""Heads of functions in languages that ctags does not know, or not in that version."""
_KINDS = frozenset({"func", "function", "method", "singletonMethod"})
_SEPARATORS = re.compile(r"[. :]")


@dataclass(slots=True)
class TreeFigures:
    """What was found in a tree.

    Attributes:
        files: that were read.
        kinds: of definitions.
        left_out: files by the reason why they were not read, or only in part.
        heads: functions by another count.
        found: of them, those that are a definition of that name at that line.
        inside: those inside of another function.
        without_body: those in the head of a class or in code outside of functions: declarations.
    """

    files: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    heads: int = 0
    found: int = 0
    inside: int = 0
    without_body: int = 0

    def row(self, name: str) -> str:
        """A row of the table."""
        kinds = ("function", "method", "class", "module", "lines")
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.left_out.most_common())
        missing = self.heads - self.found - self.inside - self.without_body
        counts = [self.files, *(self.kinds[kind] for kind in kinds)]
        shares = [self.heads, self.found, self.inside, self.without_body, missing]
        cells = [name, *(f"{count:,}" for count in counts), reasons or "none"]
        return "| " + " | ".join([*cells, *(f"{count:,}" for count in shares)]) + " |"


def figures_of(folder: Path) -> TreeFigures:
    """What is found in a tree, beside the functions that another program finds."""
    figures = TreeFigures()
    tree = find_sources([folder])
    for left_out in tree.left_out:
        figures.left_out[left_out.reason] += left_out.count
    definitions: dict[Path, tuple[str, tuple[Definition, ...], str]] = {}
    for file in tree.files:
        source = read_source(file)
        if isinstance(source, LeftOut):
            figures.left_out[source.reason] += 1
            continue
        parsed = parse(source.text, source.language)
        figures.files += 1
        figures.kinds.update(definition.kind for definition in parsed.definitions)
        figures.left_out["in part"] += bool(parsed.faults)
        definitions[file.path] = source.language, parsed.definitions, source.normalized
    heads = _tags([path for path, (language, _, _) in definitions.items() if language in _CTAGS])
    for path, (language, parsed_definitions, text) in definitions.items():
        named = heads.get(path, []) if language in _CTAGS else _heads(text, language)
        _compare(named, parsed_definitions, figures)
    figures.left_out = +figures.left_out
    return figures


def _tags(paths: Sequence[Path]) -> Mapping[Path, list[tuple[str, int]]]:
    """Names and lines of the functions that ctags finds."""
    command = ["ctags", "--output-format=json", "--fields=+nK", "-f", "-", "-L", "-",
               f"--languages={','.join(_CTAGS)}"]  # fmt: skip
    listed = subprocess.run(
        command, input="\n".join(map(str, paths)), capture_output=True, text=True, check=True
    ).stdout
    tags: dict[Path, list[tuple[str, int]]] = {}
    for line in listed.splitlines():
        tag = json.loads(line)
        if tag["kind"] in _KINDS and not tag["name"].startswith("__anon"):
            tags.setdefault(Path(tag["path"]), []).append((tag["name"], tag["line"]))
    return tags


def _heads(text: str, language: str) -> list[tuple[str, int]]:
    """Names and lines of what looks like the head of a function."""
    pattern = _PATTERNS.get(language)
    return [
        (match[1], number)
        for number, line in enumerate(text.split("\n"), 1)
        if pattern is not None and not line.lstrip().startswith(("//", "*", "/*"))
        for match in pattern.finditer(line)
    ]


def _compare(
    heads: Iterable[tuple[str, int]], definitions: Sequence[Definition], figures: TreeFigures
) -> None:
    for name, line in heads:
        figures.heads += 1
        last = _SEPARATORS.split(name)[-1]
        around = [item for item in definitions if item.line <= line <= item.end_line]
        functions = [item for item in around if item.kind in ("function", "method")]
        if any(_SEPARATORS.split(item.name)[-1] == last for item in functions):
            figures.found += 1
        elif functions:
            figures.inside += 1
        elif any(item.kind in ("class", "module") for item in around):
            figures.without_body += 1


def main() -> None:
    """Print a row for each tree that is named."""
    if not sys.argv[1:]:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        name, _, folder = argument.rpartition("=")
        print(figures_of(Path(folder)).row(name or Path(folder).name), flush=True)


if __name__ == "__main__":
    main()
