"""Public names of a package that are imported when they are first used."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType


def lazy_names(
    package: str,
    homes: Mapping[str, str],
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` of a package, so that importing it stays cheap.

    A package that uses this has a block `if TYPE_CHECKING:` with the same imports, for type
    checkers, and the names in `__all__`.

    Args:
        package: its `__name__`.
        homes: module of each public name. No name may be that of a module in the package: an
            import of that module would replace it.
        renamed: new name of each former public name; using a former name warns.

    Returns:
        The two functions. The first raises AttributeError for a name without a module.
    """

    def import_name(name: str) -> object:
        if name in renamed:
            warnings.warn(
                f"{package}.{name} is called {package}.{renamed[name]}.",
                DeprecationWarning,
                stacklevel=2,
            )
            return getattr(sys.modules[package], renamed[name])
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)  # found without this function from now on
        return value

    def public_names() -> list[str]:
        return sorted(sys.modules[package].__all__)

    return import_name, public_names
