"""What `import metier` gives: every public name, sorted, and nothing heavy before it is touched."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import metier

HEAVY = ("torch", "transformers", "tokenizers", "sklearn", "scipy", "hdbscan", "numpy", "pandas",
         "pyarrow", "plotly", "pydantic", "yaml", "pluggy", "rich")  # fmt: skip


def announced() -> dict[str, str]:
    """The names that type checkers see, with the modules they come from."""
    tree = ast.parse(Path(metier.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


def loaded_by(code: str) -> set[str]:
    """Top-level modules in a fresh process after this code."""
    code += "; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_public_names_are_sorted_and_each_given_once():
    assert metier.__all__ == sorted(set(metier.__all__))
    assert dir(metier) == metier.__all__


def test_type_checkers_and_the_running_program_see_the_same_names():
    assert announced() == metier._HOMES
    assert sorted([*metier._HOMES, "__version__"]) == metier.__all__


@pytest.mark.parametrize("name", metier.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(metier, name) is not None
    assert name in vars(metier)


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'Runtme'"):
        _ = metier.Runtme


def test_the_package_alone_loads_nothing_heavy():
    assert loaded_by("import metier") & {*HEAVY} == set()


def test_a_runtime_is_made_without_anything_that_runs_models():
    light = {"pydantic", "yaml", "pluggy", "rich"}
    loaded = loaded_by("import metier; metier.Runtime('embedded', progress=False)")
    assert loaded & ({*HEAVY} - light) == set()


def test_errors_are_at_hand_once_a_runtime_is():
    code = "import metier; metier.Runtime; metier.errors.InputError; metier.errors.UsageError"
    assert "metier" in loaded_by(code)
