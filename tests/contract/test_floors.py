"""The core is built in floors: imports go down, and no floor names a domain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.contract.imports import imports_of, strings_of
from tests.contract.layers import read_layers
from tests.contract.pages import ROOT

from metier import _HOMES

CORE = ROOT / "core" / "metier"
PLUGINS = sorted((ROOT / "plugins").glob("*/metier_*"))
DOMAINS = sorted(folder.name.removeprefix("metier_") for folder in PLUGINS)

DOORS = {"__init__": (), "__main__": ("cli",)}
"""Modules that stand on no floor, and the rooms they may import."""

HEAVY_ROOMS = ("models", "analysis", "retrieval", "evaluation", "sklearn")
"""The only rooms where torch, transformers and the clustering libraries may be imported."""


def floors() -> dict[str, int]:
    """Floor of each room, as the table of docs/architecture.md has it."""
    return read_layers(ROOT)


def room_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "samples" not in path.parts)


def test_the_architecture_page_has_every_room_and_no_other():
    built = {room_of(path) for path in sources(CORE)} - DOORS.keys()
    assert set(floors()) == built


@pytest.mark.parametrize("path", sources(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_imports_go_down_the_floors(path):
    room, floor = room_of(path), floors()
    wrong = []
    for module, line in imports_of(path):
        root, _, rest = module.partition(".")
        if root != "metier" or rest == "__version__":
            continue
        home = _HOMES.get(rest, module).removeprefix("metier.")
        target = home.partition(".")[0]
        below = DOORS.get(room, [name for name in floor if floor[name] < floor.get(room, 0)])
        if target != room and target not in below:
            wrong.append(f"line {line}: {room} imports {module}")
    assert wrong == []


@pytest.mark.parametrize("path", sources(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_only_the_rooms_for_models_and_numbers_import_heavy_libraries(path):
    if room_of(path) in (*HEAVY_ROOMS, "testing"):
        return
    heavy = {"torch", "transformers", "sklearn", "hdbscan", "scipy", "tokenizers", "safetensors"}
    found = [one for one in imports_of(path) if one.module.partition(".")[0] in heavy]
    assert found == []


@pytest.mark.parametrize("path", sources(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_names_no_domain(path):
    """What to type to install a plugin may name one; nothing else does."""
    named = re.compile(rf"\b(metier[_-])?({'|'.join(DOMAINS)})(/|\b)")
    imports = [one for one in imports_of(path) if one.module.startswith("metier_")]
    words = [
        (text, line)
        for text, line in strings_of(path)
        if named.search(text) and "pip install" not in text and not _is_common_word(text)
    ]
    assert (imports, words) == ([], [])


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_uses_no_model_code_and_no_other_plugin(folder):
    allowed = (
        "metier.errors.",
        "metier.datafiles.loader.",
        "metier.steps.",
        "metier.texts.",
        "metier.workflows.",
    )
    wrong = []
    for path in sources(folder):
        for module, line in imports_of(path):
            root, _, rest = module.partition(".")
            if root == "metier" and rest not in _HOMES and not module.startswith(allowed):
                wrong.append(f"{path.name}:{line}: {module}")
            if root in ("torch", "transformers") or (
                root.startswith("metier_") and root != folder.name
            ):
                wrong.append(f"{path.name}:{line}: {module}")
    assert wrong == []


def _is_common_word(text: str) -> bool:
    # the domain `code` has the name of a common word: in sentences it means source code
    return not re.search(rf"metier[_-]code|\bcode/|\b({'|'.join(set(DOMAINS) - {'code'})})\b", text)
