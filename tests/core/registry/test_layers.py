"""Where packs come from: the user's folder, metier.toml, the call; the stronger one wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.errors import MetierError, PackError, UsageError
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction
from metier.registry.layers import user_packs, with_packs
from metier.registry.registry import LAYERS, ProvidedDomain, Registry

PACK = """\
schema: 1
domain: toys
title: Toys
default_dim: {dim}
instructions:
  - {{id: find, version: {version}, task: Find the toy for {who}, kind: retrieval, dim: {dim}}}
"""
TOYS = Domain(
    schema=1,
    domain="toys",
    title="Toys",
    default_dim=512,
    instructions=(Instruction(id="find", task="Find the toy for all", kind="retrieval", dim=512),),
)
BUILT_IN = [
    ProvidedDomain(TOYS, "core", "metier 1"),
    ProvidedDomain(TOYS, "plugin", "metier-toys 1"),
]


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, user = tmp_path / "project", tmp_path / "config" / "metier" / "packs"
    project.mkdir()
    user.mkdir(parents=True)
    monkeypatch.chdir(project)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WIN_PD_OVERRIDE_APPDATA", str(tmp_path / "config"))


def write(path: Path, who: str, *, dim: int = 64, version: int = 1) -> Path:
    path.write_text(PACK.format(who=who, dim=dim, version=version))
    return path


def in_project(*names: str) -> None:
    Path("metier.toml").write_text(f"[packs]\npaths = {list(names)}\n")


def test_the_ladder_is_call_project_user_plugin_core():
    write(user_packs() / "mine.yaml", "the user", dim=64)
    given = write(Path("given.yaml"), "the call", dim=128)
    write(Path("ours.yaml"), "the project", dim=256)
    in_project("ours.yaml")
    steps = [
        ([given], "the call", 128, "argument"),
        ([], "the project", 256, "project"),
    ]
    for packs, who, dim, layer in steps:
        found = Registry(with_packs(BUILT_IN, packs)).resolve("toys/find")
        assert found.instruction.task == f"Find the toy for {who}"
        assert (found.instruction.dim, found.default_dim) == (dim, dim)
        assert found.winner.layer == layer
    Path("metier.toml").unlink()
    assert Registry(with_packs(BUILT_IN)).resolve("toys/find").winner.layer == "user"
    (user_packs() / "mine.yaml").unlink()
    assert Registry(with_packs(BUILT_IN)).resolve("toys/find").winner.layer == "plugin"


def test_every_layer_is_considered_or_said_to_be_silent():
    write(user_packs() / "mine.yaml", "the user")
    found = Registry(with_packs(BUILT_IN)).resolve("toys/find")
    assert [one.layer for one in found.considered] == ["user", "plugin", "core"]
    assert found.silent == ("argument", "project")
    assert sorted((*found.silent, *(one.layer for one in found.considered))) == sorted(LAYERS)


def test_the_last_pack_of_a_call_and_of_a_project_wins():
    one, two = (write(Path(f"{name}.yaml"), name) for name in ("one", "two"))
    found = Registry(with_packs([], [one, two])).resolve("toys/find")
    assert (found.winner.origin, found.reason) == (
        "two.yaml",
        "the last of the packs that define it",
    )
    in_project("two.yaml", "one.yaml")
    assert Registry(with_packs([])).resolve("toys/find").winner.origin == "one.yaml"


def test_a_pack_that_two_layers_name_counts_where_it_is_strongest():
    ours = write(Path("ours.yaml"), "the project")
    in_project("ours.yaml")
    found = Registry(with_packs([], [ours.resolve()])).resolve("toys/find")
    assert [one.layer for one in found.considered] == ["argument"]


def test_packs_of_the_project_lie_where_its_file_says(tmp_path):
    Path("packs").mkdir()
    write(Path("packs/ours.yaml"), "the project")
    in_project("packs/ours.yaml")
    assert Registry(with_packs([])).resolve("toys/find").winner.origin == str(
        Path("packs/ours.yaml")
    )
    in_project("packs/gone.yaml")
    with pytest.raises(UsageError, match=r"There is no instruction pack .*\nmetier.toml names it"):
        with_packs([])


def test_the_folder_of_the_user_may_hold_other_files_or_be_missing(monkeypatch, tmp_path):
    folder = user_packs()
    (folder / "notes.txt").write_text("not a pack")
    (folder / "old.yaml.bak").write_text("not a pack")
    (folder / "deep.yaml").mkdir()
    assert with_packs([]) == []
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "gone"))
    monkeypatch.setenv("WIN_PD_OVERRIDE_APPDATA", str(tmp_path / "gone"))
    assert with_packs([]) == []


def test_a_mistake_in_a_pack_of_the_user_is_said_with_the_whole_path():
    path = user_packs() / "bad.yaml"
    path.write_text("schema: 1\ndomain: toys\ntitel: Toys\n")
    with pytest.raises(PackError) as refused:
        with_packs([])
    assert f"{path}, line 3, column 1: unknown key 'titel'" in str(refused.value)


def test_two_packs_of_the_user_may_not_define_the_same():
    for name in ("one", "two"):
        write(user_packs() / f"{name}.yaml", name)
    with pytest.raises(PackError, match=r"toys/find@1 is defined twice: by .*\w+.yaml and by"):
        Registry(with_packs([]))
    write(user_packs() / "two.yaml", "two", version=2)
    assert Registry(with_packs([])).get("toys/find").version == 2


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("WIN_PD_OVERRIDE_APPDATA", str(tmp_path))
    assert user_packs() == tmp_path / "metier" / "packs"


def test_a_broken_metier_toml_is_an_error_of_the_call():
    Path("metier.toml").write_text("[packs]\npath = []\n")
    with pytest.raises(MetierError, match="Did you mean 'paths'"):
        with_packs([])


def test_a_pack_in_the_home_of_a_user_who_is_not_there_is_refused_by_that_home():
    with pytest.raises(UsageError, match="no home folder '~nobody-of-that-name'"):
        with_packs([], ["~nobody-of-that-name/a.yaml"])
