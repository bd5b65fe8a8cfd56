"""The core is built in layers: imports go down, and no layer names a domain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.contract.imports import imports_of, strings_of
from tests.contract.layers import ON_NO_LAYER, read_layers, upward_imports
from tests.contract.pages import ROOT

import metier
import metier.plugin

CORE = ROOT / "core" / "metier"
PLUGINS = sorted((ROOT / "plugins").glob("*/metier_*"))
DOMAINS = sorted(folder.name.removeprefix("metier_") for folder in PLUGINS)

HEAVY_PACKAGES = (
    "models", "analysis", "heads", "clusterings", "retrieval", "evaluation", "sklearn", "testing",
    "adapters",
)  # fmt: skip
"""The only packages that may import torch, transformers and the clustering libraries."""

HEAVY_LIBRARIES = frozenset(
    {"torch", "transformers", "sklearn", "hdbscan", "scipy", "tokenizers", "safetensors"}
)


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "samples" not in path.parts)


def package_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def test_the_architecture_page_lists_every_package_and_no_other():
    on_no_layer = {"__init__", *(name.removeprefix("metier.") for name in ON_NO_LAYER)}
    built = {package_of(path) for path in sources(CORE)} - on_no_layer
    assert set(read_layers(ROOT)) == built


def test_the_picture_of_the_layers_shows_the_packages_of_the_table():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = page.partition("```mermaid")[2].partition("```")[0]
    rows = re.findall(r"^ {8}(\w+(?: ~~~ \w+)*)$", picture, re.MULTILINE)
    assert {name for row in rows for name in row.split(" ~~~ ")} == set(read_layers(ROOT))


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_files_that_the_pages_name_are_there(page):
    names = re.findall(r"`([\w/]+\.py)`", (ROOT / page).read_text(encoding="utf-8"))
    roots = (ROOT, ROOT / "core", CORE)
    assert names
    assert [name for name in names if not any((root / name).is_file() for root in roots)] == []


def test_imports_go_to_lower_layers():
    assert [str(location) for location in upward_imports(ROOT)] == []


def test_the_command_starts_at_the_command_line_alone():
    imported = {module for module, _ in imports_of(CORE / "__main__.py")}
    assert {name for name in imported if name.startswith("metier")} == {"metier.cli.main.main"}


def test_only_packages_that_compute_import_heavy_libraries():
    heavy = [
        f"{path.relative_to(CORE)}:{line}: {module}"
        for path in sources(CORE)
        if package_of(path) not in HEAVY_PACKAGES
        for module, line in imports_of(path)
        if module.partition(".")[0] in HEAVY_LIBRARIES
    ]
    assert heavy == []


def test_the_core_names_no_domain():
    """A hint on how to install a plugin may name one; nothing else does."""
    domain = re.compile(rf"\b(metier[_-])?({'|'.join(DOMAINS)})(/|\b)")
    imports = [
        f"{path.relative_to(CORE)}:{line}: {module}"
        for path in sources(CORE)
        for module, line in imports_of(path)
        if module.startswith("metier_")
    ]
    strings = [
        f"{path.relative_to(CORE)}:{line}: {text}"
        for path in sources(CORE)
        for text, line in strings_of(path)
        if domain.search(text) and "pip install" not in text and not is_common_word(text)
    ]
    assert (imports, strings) == ([], [])


def is_common_word(text: str) -> bool:
    """Whether `code`, which is a domain, stands for source code in a text, as in sentences."""
    others = "|".join(sorted({*DOMAINS} - {"code"}))
    return not re.search(rf"metier[_-]code|\bcode/|\b({others})\b", text)


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_imports_metier_and_metier_plugin_and_no_other_plugin(folder):
    public = {*metier.__all__, *(f"plugin.{name}" for name in metier.plugin.__all__)}
    refused = []
    for path in sources(folder):
        for module, line in imports_of(path):
            root, _, rest = module.partition(".")
            is_private = root == "metier" and rest not in public
            is_other_plugin = root.startswith("metier_") and root != folder.name
            if is_private or is_other_plugin or root in ("torch", "transformers"):
                refused.append(f"{path.name}:{line}: {module}")
    assert refused == []
