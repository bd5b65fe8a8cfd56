"""Layers: where packs come from, and how strong each source of them is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from metier.errors import PackError, UsageError
from metier.paths import expanded
from metier.project_file import read_project
from metier.registry.extending import extended
from metier.registry.pack import EVIDENCE, SUFFIXES, read_pack
from metier.registry.registry import Layer, Provided, Registry


class _Listed(NamedTuple):
    layer: Layer
    path: Path
    name: str  # in messages and listings: where only the layer says the folder, with it


def user_packs(environment: Mapping[str, str] | None = None) -> Path:
    """Folder of the user's own packs: XDG_CONFIG_HOME, else ~/.config, `metier/packs` in it."""
    found = os.environ if environment is None else environment
    user: str | Path
    if sys.platform == "win32":
        user = found.get("APPDATA") or Path.home() / "AppData" / "Roaming"
    else:
        user = found.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(user) / "metier" / "packs"


def with_packs(provided: Iterable[Provided], packs: Sequence[str | Path] = ()) -> list[Provided]:
    """What plugins provide, and above it the packs of the user, of the project and of the call.

    A pack that several of them name counts where it is strongest.

    Args:
        provided: of plugins and of metier itself.
        packs: paths, the strongest last.

    Returns:
        Everything, of one layer the strongest first, as `Registry` takes it.

    Raises:
        UsageError: there is no such pack, or metier.toml cannot be read.
        PackError: a pack breaks the schema, or cannot build on what it extends.
    """
    layered = list(provided)
    for layer, path, name in _listed(packs):
        pack = read_pack(path, name)
        builds = pack.domain.extends is not None or pack.domain.overrides
        domain = extended(pack, Registry(layered)) if builds else pack.domain
        layered.insert(0, Provided(domain, layer, name))
    return layered


def _listed(packs: Sequence[str | Path]) -> list[_Listed]:
    """Every pack once, the weakest first."""
    given = [expanded(path) for path in packs]
    every = [
        *(_Listed("user", path, str(path)) for path in _of_user()),
        *(_Listed("project", path, str(path)) for path in _of_project()),
        *(_Listed("argument", path, path.name) for path in given),
    ]
    last = {_real(one.path): index for index, one in enumerate(every)}
    return [one for index, one in enumerate(every) if last[_real(one.path)] == index]


def _of_user() -> Iterator[Path]:
    try:
        folder = user_packs()
        found = sorted(folder.iterdir()) if folder.is_dir() else []
    except RuntimeError:  # a user without a home has no packs there
        return
    except OSError as error:
        raise PackError(f"The packs in {folder} cannot be listed: {error.strerror}.") from None
    packs = (path for path in found if path.suffix in SUFFIXES and path.is_file())
    yield from (path for path in packs if not path.name.endswith(EVIDENCE))


def _of_project() -> Iterator[Path]:
    project = read_project()
    for path in project.packs:
        if not path.is_file():
            raise UsageError(
                f"There is no instruction pack {str(path)!r}.",
                why=f"{project.path} names it.",
                fix="Mend the path there, or remove it.",
            )
        yield path


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
