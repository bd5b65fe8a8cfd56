from __future__ import annotations

import os
import tomllib

import pytest

from metier.errors import UsageError
from metier.registry.lint import lint
from metier.registry.pack import load_domain
from metier.scaffold.project import LONGEST, new_plugin

NAMES = ["acme-insurance", "x", "true", "b2b", "a" * LONGEST]


@pytest.fixture(autouse=True)
def nothing_is_installed(metier_host):
    """Names that are taken on this machine are free in these tests."""


def texts_of(folder):
    return [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", NAMES)
def test_a_project_declares_its_domain_under_one_name(tmp_path, name):
    made = new_plugin(name, tmp_path)
    package = f"metier_{name.replace('-', '_')}"
    assert made.folder == tmp_path / f"metier-{name}"
    project = tomllib.loads((made.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == f"metier-{name}"
    assert project["entry-points"]["metier.plugins"] == {name: package}
    domain = load_domain(made.folder / package / "domain.yaml")
    assert domain.domain == name
    assert [one.call for one in domain.workflows] == [f"{package}.find_notes:find_notes"]


@pytest.mark.parametrize("name", NAMES)
def test_the_instructions_of_a_new_project_have_nothing_to_mend(tmp_path, name):
    made = new_plugin(name, tmp_path)
    domain = load_domain(made.folder / made.names.package / "domain.yaml")
    assert len(domain.instructions) == 2
    assert lint(domain.instructions) == []


def test_the_files_are_those_that_were_named_and_no_placeholder_is_left(tmp_path):
    made = new_plugin("acme", tmp_path)
    found = [path for path in made.folder.rglob("*") if path.is_file()]
    assert list(made.files) == sorted(path.relative_to(made.folder).as_posix() for path in found)
    assert {".gitignore", ".github/workflows/ci.yml", "tests/test_conformance.py"} < set(made.files)
    left = [text for text in texts_of(made.folder) if "$" in text.replace("${{ matrix.", "")]
    assert left == []


@pytest.mark.parametrize("title", ['All "sorts": of \\ policies', "Assurés & cie", "x" * 80])
def test_a_title_is_kept_as_it_was_typed(tmp_path, title):
    made = new_plugin("acme", tmp_path, title=f" {title} ")
    assert load_domain(made.folder / "metier_acme" / "domain.yaml").title == title
    project = tomllib.loads((made.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["description"].startswith(f"{title}: ")


@pytest.mark.parametrize("title", ["", "ab", "x" * 81, "two\nlines", "a bell \x07"])
def test_a_title_that_the_domain_could_not_have_is_refused(tmp_path, title):
    with pytest.raises(UsageError, match="is not a title"):
        new_plugin("acme", tmp_path, title=title)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_what_is_there_already_is_left_as_it_is(tmp_path, kind):
    taken = tmp_path / "metier-acme"
    if kind == "folder":
        taken.mkdir()
    elif kind == "file":
        taken.write_text("mine")
    else:
        taken.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is there already"):
        new_plugin("acme", tmp_path)
    assert list(tmp_path.iterdir()) == [taken]
    assert not taken.is_dir() or list(taken.iterdir()) == []


@pytest.mark.parametrize("name", ["missing", "a" * 300])
def test_a_folder_to_write_into_has_to_be_there(tmp_path, name):
    with pytest.raises(UsageError, match="There is no folder"):
        new_plugin("acme", tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_project_that_cannot_be_written(tmp_path):
    # the longest paths of the project go beyond what the system allows, the first do not
    deep, end = tmp_path, os.pathconf("/", "PC_PATH_MAX") - 50
    while len(str(deep)) < end:
        deep /= "d" * max(1, min(100, end - len(str(deep)) - 1))
    deep.mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be written: File name too long"):
        new_plugin("acme", deep)
    assert list(deep.iterdir()) == []
