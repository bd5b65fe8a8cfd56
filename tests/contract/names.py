"""Counts of names: of classes, functions, parameters, variables and modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from tests.contract import wording
from tests.contract.sources import Location, core_files, locate, package_files, parse

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def participle_classes(root: Path) -> list[Location]:
    """Classes named by a participle or an adjective."""
    return [
        locate(root, path, node.lineno, f"class {node.name}")
        for path in package_files(root)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef) and wording.is_participle(node.name)
    ]


def for_one_in(root: Path) -> list[Location]:
    """Loops and comprehensions over a variable called `one`."""
    return _loops_over(root, {"one"})


def vague_loop_variables(root: Path) -> list[Location]:
    """Loops and comprehensions over another variable that does not say what it holds."""
    return _loops_over(root, wording.LOOP_VARIABLES)


def vague_variables(root: Path) -> list[Location]:
    """Assignments, outside of loops, to a variable that does not say what it holds."""
    return [
        locate(root, path, name.lineno, f"{name.id} = ...")
        for path in package_files(root)
        for name in _assigned(parse(path))
        if name.id.strip("_") in wording.VARIABLES
    ]


def words_to_avoid(root: Path) -> list[Location]:
    """Classes, functions and parameters with a word in their name that the project avoids."""
    return _definitions(root, lambda name: bool(wording.words_to_avoid(name)))


def modules_to_avoid(root: Path) -> list[Location]:
    """Modules whose name does not say what they hold."""
    return [
        locate(root, path, 1, path.name)
        for path in package_files(root)
        if path.stem.strip("_") in wording.MODULE_NAMES
    ]


def british_names(root: Path) -> list[Location]:
    """Names in British spelling, wherever one is defined: modules and variables included."""
    modules = [
        locate(root, path, 1, path.name)
        for path in package_files(root)
        if any(wording.british_words(path.stem))
    ]
    variables = [
        locate(root, path, name.lineno, f"{name.id} = ...")
        for path in package_files(root)
        for name in _stored(parse(path))
        if any(wording.british_words(name.id))
    ]
    return modules + variables + _definitions(root, lambda name: any(wording.british_words(name)))


def repeated_base_names(root: Path) -> list[Location]:
    """Names that more than two modules of the core share, one location a name."""
    modules: dict[str, list[Path]] = defaultdict(list)
    for path in core_files(root):
        if path.stem != "__init__":
            modules[path.name].append(path)
    return [
        locate(root, paths[0], 1, f"{name}: {', '.join(path.parent.name for path in paths)}")
        for name, paths in sorted(modules.items())
        if len(paths) > 2
    ]


def _loops_over(root: Path, names: Collection[str]) -> list[Location]:
    return [
        locate(root, path, name.lineno, f"for {name.id} in")
        for path in package_files(root)
        for target in _loop_targets(parse(path))
        for name in _stored(target)
        if name.id.strip("_") in names
    ]


def _loop_targets(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield node.target


def _stored(tree: ast.AST) -> Iterator[ast.Name]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node


def _assigned(tree: ast.AST) -> Iterator[ast.Name]:
    in_loops = {id(name) for target in _loop_targets(tree) for name in _stored(target)}
    yield from (name for name in _stored(tree) if id(name) not in in_loops)


def _definitions(root: Path, is_counted: Callable[[str], bool]) -> list[Location]:
    return [
        locate(root, path, line, f"{kind} {name}")
        for path in package_files(root)
        for node in ast.walk(parse(path))
        for kind, name, line in _defined(node)
        if is_counted(name)
    ]


def _defined(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    if isinstance(node, ast.ClassDef):
        yield "class", node.name, node.lineno
    elif isinstance(node, _Function):
        yield "def", node.name, node.lineno
    elif isinstance(node, ast.arg):
        yield "parameter", node.arg, node.lineno
