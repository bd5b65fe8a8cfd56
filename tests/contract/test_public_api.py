"""What is public, and that its signatures name nothing that is private."""

from __future__ import annotations

import importlib
import re

import pytest
from tests.contract.pages import PAGES, ROOT
from tests.contract.signatures import NamedType, is_plain, types_of
from tests.contract.sources import template_files

import metier
import metier.errors
import metier.plugin

PUBLIC_MODULES = ("adapters", "errors", "evaluation", "plugin", "sklearn", "testing")
"""Public besides `metier` itself; docs/api.md says so. Every other module is private."""

NAMES = sorted(
    {
        (home, name)
        for package in (metier, metier.plugin)
        for name, home in package._HOMES.items()
        if not name.startswith("Mteb")
    }
)


def is_importable(named: NamedType) -> bool:
    homes = (metier._HOMES.get(named.name), metier.plugin._HOMES.get(named.name))
    return named.module in (*homes, "metier.errors") or is_plain(named)


def test_every_type_in_a_public_signature_can_be_imported_from_a_public_module():
    private = {
        f"{named.module}.{named.name} of {name}"
        for home, name in NAMES
        for named in types_of(getattr(importlib.import_module(home), name))
        if not is_importable(named)
    }
    assert private == set(), "name them in metier/__init__.py or metier/plugin.py, and docs/api.md"


def test_the_api_page_says_which_modules_are_public():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rule = page.partition("## ")[0]
    assert set(re.findall(r"`metier\.(\w+)`", rule)) == {*PUBLIC_MODULES}
    assert "private" in rule


@pytest.mark.parametrize("path", [*PAGES, *template_files(ROOT)], ids=lambda path: path.name)
def test_a_page_or_template_names_only_public_modules(path):
    text = path.read_text(encoding="utf-8")
    modules = re.findall(r"(?:from|import) metier\.(\w+)", text)
    assert {*modules} - {*PUBLIC_MODULES} == set()
