"""Fake distributions on disk, one for each thing that can become of a plugin."""

from __future__ import annotations

from pathlib import Path

from tests.core.installed import Site

HOOK = "import metier\n\n@metier.hookimpl\ndef {name}(*args):\n    {body}\n"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
TWICE = """\
schema: 1
domain: {domain}
title: An instruction twice
instructions:
  - {{id: find, task: Find the toy that grants a wish, kind: retrieval}}
  - {{id: find, task: Find the toy that grants another, kind: retrieval}}
"""


def install_all(folder: Path) -> Site:
    """Install every fake distribution.

    The code of those named `*-code` is broken in a way that only importing it shows. The domain of
    `slow` is declared, so that listings have no reason to import it.
    """
    site = Site(folder)
    site.add("success")
    site.add("import-error-code", code="import a_package_nobody_has\n")
    site.add("syntax-error-code", code="def f(:\n")
    site.add("no-manifest", manifest=None, code="import a_package_nobody_has\n")
    api = "[metier.plugins]\n{name} = {package}\n[metier.api]\n{version} = {package}\n"
    site.add("old-api", entry_points=api.replace("{version}", "0"))
    site.add("this-api", entry_points=api.replace("{version}", "1"))
    required = METADATA + "Requires-Dist: metier[an-extra-nobody-has]>=0.1\n"
    site.add("missing-extra", metadata=required)
    optional = METADATA + 'Requires-Dist: metier[an-extra-nobody-has]; extra == "more"\n'
    site.add("optional-extra", metadata=optional)
    site.add("one-of-two", domain="shared")
    site.add("two-of-two", domain="shared", version="2.0")
    site.add("same-instruction", manifest=TWICE)
    site.add("misspelt-code", code=HOOK.format(name="metier_before_sent", body="return []"))
    site.add(
        "raising-code", code=HOOK.format(name="metier_readers", body="1 / 0").replace("*args", "")
    )
    site.add("slow", code="import time\ntime.sleep(600)\n")
    site.add("blocked", code="1 / 0\n")
    return site
