"""Plugins installed for a test, and folders in place of the user's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from metier.errors import ParameterError


def user_folders(folder: Path) -> dict[str, str]:
    """Environment variables that put the cache, the files and the packs of a user into `folder`.

    Other settings are not among them: remove the variables of metier first.
    """
    return {
        "METIER_CACHE_DIR": str(folder / "vectors"),
        "METIER_HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "WIN_PD_OVERRIDE_APPDATA": str(folder / "config"),  # the same on Windows
    }


MANIFEST = """\
schema: 1
domain: {name}
title: A domain of {name}
instructions:
  - id: find
    task: Given a question, retrieve the text that answers it
    kind: retrieval
"""


def write_plugin(
    site: Path,
    name: str,
    *,
    manifest: str | None = MANIFEST,
    modules: Mapping[str, str] | None = None,
    version: str = "1.0",
    requires: Sequence[str] = (),
) -> Path:
    """Write the distribution `metier-NAME` of a plugin into a folder.

    Where the folder is on `sys.path` the plugin is installed. Its package is `metier_NAME`.

    Args:
        site: created, with its parents.
        name: of the entry point, such as `acme` or `acme-insurance`.
        manifest: content of domain.yaml, in which `{name}` and `{package}` are replaced;
            None for a plugin without one. By default a domain of that name with one instruction.
        modules: sources of the package's modules by name; `__init__` is empty if not given.
        version: of the distribution.
        requires: its requirements, such as `metier[tables]`.

    Returns:
        The package folder.

    Raises:
        ParameterError: `name` cannot be the name of a plugin.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ParameterError(
            f"name={name!r} cannot be the name of a plugin.",
            fix="Use lower-case letters, digits and single hyphens, such as acme-insurance.",
        )
    package = f"metier_{name.replace('-', '_')}"
    folder = site / package
    folder.mkdir(parents=True)
    for module, source in {"__init__": "", **(modules or {})}.items():
        (folder / f"{module}.py").write_text(source, encoding="utf-8")
    if manifest is not None:
        # not str.format: braces are YAML's own
        filled = manifest.replace("{name}", name).replace("{package}", package)
        (folder / "domain.yaml").write_text(filled, encoding="utf-8")
    facts = [f"Metadata-Version: 2.1\nName: metier-{name}\nVersion: {version}"]
    facts += [f"Requires-Dist: {requirement}" for requirement in requires]
    info = site / f"{package}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("\n".join(facts) + "\n", encoding="utf-8")
    entry = f"[metier.plugins]\n{name} = {package}\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")
    return folder
