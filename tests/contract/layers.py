"""Layers of the core, from the table of docs/architecture.md, and imports that go up them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.contract.imports import Import, imports_of, type_only_imports_of
from tests.contract.sources import Location, core_files, locate, module_name, parse

ON_NO_LAYER = ("metier", "metier.plugin", "metier.__main__")
"""Modules above the layers: they may import from all of them."""

_ROW = re.compile(r"^\|\s*(?P<layer>\d+)\s*\|(?P<packages>[^|]+)\|", re.MULTILINE)


def read_layers(root: Path) -> dict[str, int]:
    """Layer of each package of the core: dotted name below `metier`, and the row's number."""
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    return {
        _dotted(package): int(row["layer"])
        for row in _ROW.finditer(page)
        for package in re.findall(r"`([\w./]+)`", row["packages"])
    }


def upward_imports(root: Path) -> list[Location]:
    """Imports that run and go up a layer, or across to another package of the same layer."""
    return _upward_imports(root, imports_of)


def upward_type_imports(root: Path) -> list[Location]:
    """Imports under `if TYPE_CHECKING:` that go up a layer, or across."""
    return _upward_imports(root, type_only_imports_of)


def homes(root: Path) -> dict[str, str]:
    """Module of each public name of `metier` and `metier.plugin` (`plugin.hookimpl`)."""
    core = root / "core" / "metier"
    return {
        f"{prefix}{alias.asname or alias.name}": f"{statement.module}.{alias.name}"
        for prefix, path in (("", core / "__init__.py"), ("plugin.", core / "plugin.py"))
        if path.exists()
        for statement in ast.walk(parse(path))
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("metier.")
        for alias in statement.names
    }


def _dotted(package: str) -> str:
    name = package.removeprefix("core/").removesuffix("/").removesuffix(".py").replace("/", ".")
    return name.removeprefix("metier.")


def _upward_imports(root: Path, read: Callable[[Path], Iterable[Import]]) -> list[Location]:
    layers, public = read_layers(root), homes(root)
    return [
        locate(root, path, imported.line, f"{module} imports {imported.module}")
        for path in core_files(root)
        for module in [module_name(root, path)]
        if module not in ON_NO_LAYER
        for imported in _imports_of_core(read(path), public)
        if _goes_up(module, imported.module, layers)
    ]


def _imports_of_core(imports: Iterable[Import], public: dict[str, str]) -> Iterator[Import]:
    for imported in imports:
        name = imported.module.removeprefix("metier.")
        if name in public:
            yield imported._replace(module=public[name])
        elif name != imported.module and not name.startswith("__"):
            yield imported


def _goes_up(module: str, imported: str, layers: dict[str, int]) -> bool:
    """Whether an import goes up or across; one from or to a package on no layer does."""
    importer, target = _package_of(module, layers), _package_of(imported, layers)
    if importer is None or target is None:
        return True
    return importer != target and layers[target] >= layers[importer]


def _package_of(module: str, layers: dict[str, int]) -> str | None:
    """The innermost package with a layer that holds a module."""
    parts = module.split(".")[1:]
    names = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((name for name in names if name in layers), None)
