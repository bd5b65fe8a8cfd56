"""Counts of the structure of a checkout: `python -m tests.contract.structure [ROOT]`."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.contract import layers, names, prose
from tests.contract.imports import imports_of, type_only_imports_of
from tests.contract.sources import (
    Location,
    core_files,
    line_count,
    locate,
    module_name,
    package_files,
    parse,
)

CEILINGS = Path(__file__).with_suffix(".json")
"""The highest value each count may have; a count without one is only reported."""

LONGEST_FUNCTION = 50
"""Lines of a function from `def` to its end, its docstring included, decorators not."""

LONGEST_MODULE = 400
SHORTEST_MODULE = 40


def files_of_core(root: Path) -> list[Location]:
    """Python files of the core."""
    return [locate(root, path, 1, path.name) for path in core_files(root)]


def short_modules(root: Path) -> list[Location]:
    """Modules of the core under 40 lines, `__init__` apart."""
    return [
        locate(root, path, 1, f"{line_count(path)} lines")
        for path in _modules_of_core(root)
        if line_count(path) < SHORTEST_MODULE
    ]


def single_importer_modules(root: Path) -> list[Location]:
    """Modules of the core that a single other module imports."""
    importers = _importers(root)
    return [
        locate(root, path, 1, f"{line_count(path)} lines, imported by {importer}")
        for path in _modules_of_core(root)
        for importer in importers[module_name(root, path)]
        if len(importers[module_name(root, path)]) == 1 and importer != "metier"
    ]


def long_functions(root: Path) -> list[Location]:
    """Functions over 50 lines, docstrings included, decorators not."""
    return [
        locate(root, path, node.lineno, f"{node.name}: {length} lines")
        for path in package_files(root)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def long_modules(root: Path) -> list[Location]:
    """Modules over 400 lines."""
    return [
        locate(root, path, 1, f"{line_count(path)} lines")
        for path in package_files(root)
        if line_count(path) > LONGEST_MODULE
    ]


COUNTS: dict[str, Callable[[Path], list[Location]]] = {
    "upward imports": layers.upward_imports,
    "upward type-only imports": layers.upward_type_imports,
    "files of core": files_of_core,
    "repeated base names": names.repeated_base_names,
    "short modules": short_modules,
    "single-importer modules": single_importer_modules,
    "participle classes": names.participle_classes,
    "for one in": names.for_one_in,
    "vague loop variables": names.vague_loop_variables,
    "vague variables": names.vague_variables,
    "long dotted names": prose.long_dotted_names,
    "options in messages": prose.options_in_messages,
    "commands in messages": prose.commands_in_messages,
    "long functions": long_functions,
    "long modules": long_modules,
    "modules to avoid": names.modules_to_avoid,
    "words to avoid": names.words_to_avoid,
    "British names": names.british_names,
    "British prose": prose.british_prose,
}
"""What is counted: each function lists the locations, and its docstring says of what."""


def read_ceilings() -> dict[str, int]:
    """Ceilings of the counts, by name."""
    ceilings: dict[str, int] = json.loads(CEILINGS.read_text(encoding="utf-8"))
    return ceilings


def main() -> None:
    """Print every count, or the locations of one."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.structure", description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    parser.add_argument("--list", metavar="NAME", choices=COUNTS, help="print where, for one count")
    parser.add_argument("--lower", action="store_true", help="lower the ceilings to the counts")
    options = parser.parse_args()
    root = options.root.resolve()
    if options.list:
        sys.stdout.writelines(f"{location}\n" for location in COUNTS[options.list](root))
        return
    counts = {name: len(count(root)) for name, count in COUNTS.items()}
    if options.lower:
        lowered = {name: min(limit, counts[name]) for name, limit in read_ceilings().items()}
        CEILINGS.write_text(json.dumps(lowered, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write((json.dumps(counts, indent=2) if options.json else _table(counts)) + "\n")


def _table(counts: dict[str, int]) -> str:
    ceilings = read_ceilings()
    rows = [f"{'count':<26}{'now':>6}{'ceiling':>9}  what is counted"]
    for name, value in counts.items():
        meaning = (COUNTS[name].__doc__ or "").partition("\n")[0]
        rows.append(f"{name:<26}{value:>6}{ceilings.get(name, ''):>9}  {meaning}")
    return "\n".join(rows)


def _modules_of_core(root: Path) -> list[Path]:
    return [path for path in core_files(root) if path.stem not in ("__init__", "__main__")]


def _importers(root: Path) -> dict[str, list[str]]:
    """Modules that import each module, type-only imports and those of `metier` itself included."""
    modules = {module_name(root, path) for path in package_files(root)}
    importers: dict[str, list[str]] = defaultdict(list)
    for path in package_files(root):
        imports = [*imports_of(path), *type_only_imports_of(path)]
        targets = {
            next((name for name in (imported.module, parent) if name in modules), None)
            for imported in imports
            for parent in [imported.module.rpartition(".")[0]]
        }
        for target in targets - {None, module_name(root, path)}:
            importers[str(target)].append(module_name(root, path))
    return importers


if __name__ == "__main__":
    main()
