"""What `import metier` gives: every public name, sorted, and nothing heavy before it is touched."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import metier
import metier.evaluation
import metier.plugin
import metier.testing

HEAVY = ("torch", "transformers", "tokenizers", "sklearn", "scipy", "hdbscan", "numpy", "pandas",
         "pyarrow", "pydantic", "yaml", "pluggy", "rich")  # fmt: skip


LAZY = [metier, metier.evaluation, metier.plugin, metier.testing]


def announced(package: ModuleType) -> dict[str, str]:
    """The names that type checkers see, with the modules they come from."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


def loaded_by(code: str) -> set[str]:
    """Top-level modules in a fresh process after this code."""
    code += "; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_public_names_are_sorted_and_each_given_once(package):
    assert package.__all__ == sorted(set(package.__all__))
    assert dir(package) == package.__all__


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_type_checkers_and_the_running_program_see_the_same_names(package):
    assert announced(package) == package._HOMES
    assert sorted(package._HOMES) == [name for name in package.__all__ if name != "__version__"]


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_every_public_name_can_be_imported(package):
    has_mteb = importlib.util.find_spec("mteb") is not None
    names = [name for name in package.__all__ if has_mteb or not name.startswith("Mteb")]
    assert [name for name in names if getattr(package, name) is None] == []
    assert [name for name in names if name not in vars(package)] == []


@pytest.mark.parametrize(
    "package",
    [package for package in LAZY if hasattr(package, "__path__")],
    ids=lambda package: package.__name__,
)
def test_no_public_name_is_that_of_a_module_which_would_replace_it(package):
    modules = {
        name for name in package.__all__ if importlib.util.find_spec(f"{package.__name__}.{name}")
    }
    assert modules == set()


def test_a_name_means_the_same_in_metier_and_in_metier_plugin():
    common = metier._HOMES.keys() & metier.plugin._HOMES.keys()
    assert {name: metier._HOMES[name] for name in common} == {
        name: metier.plugin._HOMES[name] for name in common
    }


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_a_name_that_is_not_public_is_no_attribute(package):
    with pytest.raises(AttributeError, match="has no attribute 'Runtme'"):
        _ = package.Runtme


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_the_package_alone_loads_nothing_heavy(package):
    assert loaded_by(f"import {package.__name__}") & {*HEAVY} == set()


def test_a_runtime_is_made_without_anything_that_runs_models():
    light = {"pydantic", "yaml", "pluggy", "rich"}
    loaded = loaded_by("import metier; metier.Runtime('embedded', progress=False)")
    assert loaded & ({*HEAVY} - light) == set()


def test_errors_are_at_hand_once_a_runtime_is():
    code = "import metier; metier.Runtime; metier.errors.InputError; metier.errors.UsageError"
    assert "metier" in loaded_by(code)


@pytest.mark.parametrize("name", metier._RENAMED)
def test_a_former_name_still_works_and_names_the_new_one(name):
    new = metier._RENAMED[name]
    with pytest.warns(DeprecationWarning, match=rf"metier\.{name} is called metier\.{new}\."):
        assert getattr(metier, name) is getattr(metier, new)
    assert name not in metier.__all__
