from __future__ import annotations

import os
import tomllib

import pytest

from metier.errors import UsageError
from metier.registry.lint import lint
from metier.registry.pack import load_domain
from metier.scaffold.project import LONGEST, name_plugin, new_plugin

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


def test_everything_is_named_after_the_domain(metier_host):
    names = name_plugin("acme-insurance")
    assert names.distribution == "metier-acme-insurance"
    assert names.package == "metier_acme_insurance"
    assert names.words == "acme insurance"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Acme", "acme"),
        ("acme insurance", "acme-insurance"),
        ("acme_insurance", "acme-insurance"),
        ("AcmeInsurance", "acme-insurance"),
        ("-acme--insurance-", "acme-insurance"),
        ("Société", "societe"),
        ("3d-acme", "acme-3d"),
        ("24acme", "acme"),
        ("metier-acme", "acme"),
        ("metier_acme", "acme"),
        ("acme/insurance", "acme-insurance"),
        ("../acme", "acme"),
        ("acme\n", "acme"),
    ],
)
def test_a_bad_name_is_refused_with_the_one_that_was_meant(metier_host, name, meant):
    with pytest.raises(UsageError) as caught:
        name_plugin(name)
    assert repr(name) in caught.value.what
    assert caught.value.why
    assert caught.value.fix == f"Did you mean {meant!r}?"
    assert name_plugin(meant).domain == meant


@pytest.mark.parametrize("name", ["", "24", "保险", "a" * (LONGEST + 1)])
def test_a_name_that_is_near_to_none_is_refused_with_the_rule(metier_host, name):
    with pytest.raises(UsageError, match="lower-case words") as caught:
        name_plugin(name)
    assert caught.value.fix is None


@pytest.mark.parametrize("name", ["core", "metier"])
def test_what_metier_calls_its_own_is_refused(metier_host, name):
    with pytest.raises(UsageError, match=f"'{name}' is metier's own"):
        name_plugin(name)


@pytest.mark.parametrize("name", ["toys", "wooden-toys"])
def test_a_name_that_an_installed_plugin_has_is_refused(metier_plugin, name):
    # the plugin `wooden-toys` brings the domain `toys`
    manifest = "schema: 1\ndomain: toys\ntitle: Toys of wood\n"
    metier_plugin("wooden-toys", manifest=manifest, version="2.3")
    with pytest.raises(UsageError, match=r"installed: metier-wooden-toys 2\.3") as caught:
        name_plugin(name)
    assert "only a pack" in str(caught.value.fix)
    assert caught.value.parameters == {"domain": name}
