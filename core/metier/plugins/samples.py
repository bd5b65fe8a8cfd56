"""Samples of a plugin as arguments of the demo of a workflow."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.errors import PluginError
from metier.plugins.discovery import Plugin
from metier.texts.files import read_texts

if TYPE_CHECKING:
    from metier.registry.domain import WorkflowSpec
    from metier.texts.reader import Reader
    from metier.workflows.contract import Workflow


def demo_arguments(
    workflow: Workflow[Any], spec: WorkflowSpec, plugin: Plugin, readers: Sequence[Reader] = ()
) -> dict[str, Any]:
    """The arguments of a demo; inputs and paths are files of the plugin's package.

    Args:
        workflow: whose parameters the demo names.
        spec: of the workflow, in its domain.
        plugin: that brings it.
        readers: see `Texts.read`.

    Raises:
        PluginError: the demo names a parameter or a file that is not there.
        InputError: a file's content cannot be used.
    """
    folder = package_folder(plugin)
    parameters = {parameter.name: parameter for parameter in workflow.parameters}
    values: dict[str, Any] = {}
    for key, text in spec.demo.items():
        if key not in parameters:
            raise _broken(plugin, f"{workflow.id} has no parameter {key!r}")
        kind = parameters[key].input_kind
        if kind is None and not parameters[key].is_path:
            values[key] = text
            continue
        path = folder / text
        if not path.exists():
            raise _broken(plugin, f"{text!r} is not in its package")
        if kind is not None:
            values[key] = read_texts(path, kind, readers=readers)
        else:
            values[key] = [path] if parameters[key].is_paths else path
    return values


def paths_in(value: object) -> list[Path]:
    """The paths that an argument of a demo is; none where it is something else."""
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, Path)]


def package_folder(plugin: Plugin) -> Path:
    """The folder of a plugin's package, found without importing it.

    Raises:
        PluginError: there is none.
    """
    spec = importlib.util.find_spec(plugin.module)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return Path(folder)
    raise _broken(plugin, f"its package {plugin.module!r} is not a folder")


def _broken(plugin: Plugin, problem: str) -> PluginError:
    return PluginError(
        f"The demo of {plugin.origin} is broken: {problem}.",
        fix=f"Reinstall it: pip install --force-reinstall {plugin.distribution}",
    )
