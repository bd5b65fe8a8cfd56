"""The reference is made from the code: nothing is missing, stale or without a description."""

from __future__ import annotations

import re
from typing import Annotated

import pytest
import typer
from docs.generate.commands import commands_page
from docs.generate.hooks import hooks_page
from docs.generate.keys import keys_page
from docs.generate.reference import FOLDER, reference
from docs.generate.settings import settings_page
from pydantic import BaseModel, Field
from tests.contract.imports import strings_of
from tests.contract.pages import ROOT

from metier.plugins.hookspecs import HookSpecs
from metier.registry.pack import pack_schema
from metier.settings import Setting

PAGES = reference()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_says_what_the_code_says_now(name):
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name].markdown(), "write it anew: python -m docs.generate"


def test_the_folder_of_the_reference_has_no_other_pages():
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_every_hook_key_setting_command_and_option_says_what_it_is_for(name):
    assert PAGES[name].undescribed() == [], "describe them where the code defines them"


def test_every_environment_variable_the_core_reads_is_a_setting():
    named = {
        word
        for path in (ROOT / "core" / "metier").rglob("*.py")
        for text, _ in strings_of(path)
        for word in re.findall(r"\bMETIER_[A-Z_]*[A-Z]\b", text)
    }
    described = {
        entry.name for section in PAGES["settings.md"].sections for entry in section.entries
    }
    assert named == described


def test_every_key_a_pack_may_have_is_on_the_page_of_keys():
    schema = pack_schema()
    keys = {key for one in (schema, *schema["$defs"].values()) for key in one["properties"]}
    entries = [entry.name for section in PAGES["keys.md"].sections for entry in section.entries]
    assert keys - set(entries) == set()


def test_a_hook_says_what_becomes_of_each_thing_it_is_given():
    hooks = {section.title: section for section in PAGES["hooks.md"].sections}
    given = hooks["metier_before_send"]
    assert (
        given.call == "metier_before_send(texts: Sequence[str], destination: str) -> Sequence[str]"
    )
    for section in hooks.values():
        for parameter in re.findall(r"(\w+):", section.call):
            assert f"`{parameter}`" in section.description, section.call


class Undescribed(HookSpecs):
    """Specifications of which one is new."""

    def metier_new(self) -> None: ...


class Shelf(BaseModel):
    """A level of keys."""

    width: int


class Plugins(BaseModel):
    loose: bool = False


class Project(BaseModel):
    plugins: Plugins = Plugins()


class Cupboard(BaseModel):
    color: str
    height: int = Field(description="In metres.")
    shelves: tuple[Shelf, ...]


def undescribed_command(
    what: str, loud: Annotated[bool, typer.Option("--loud", help="Louder.")] = False, times: int = 1
) -> None: ...


def test_what_has_no_description_is_found():
    assert hooks_page(Undescribed).undescribed() == ["metier_new"]
    keys = keys_page(Cupboard.model_json_schema(), Project.model_json_schema())
    assert [name.rpartition(": ")[2] for name in keys.undescribed()] == [
        "color",
        "shelves",
        "width",
        "plugins.loose",
    ]
    unsaid = Setting("model", "METIER_MODEL", None, " ")
    assert settings_page([unsaid], []).undescribed() == ["Of a Runtime: METIER_MODEL"]
    tree = typer.Typer(help="Commands.")
    tree.command("do")(undescribed_command)
    more = typer.Typer()
    more.command("again", help="Do it again.")(lambda: None)
    tree.add_typer(more, name="more")
    assert commands_page(tree).undescribed() == [
        "metier do",
        "metier do: WHAT",
        "metier do: --times TIMES",
        "metier more",
    ]
