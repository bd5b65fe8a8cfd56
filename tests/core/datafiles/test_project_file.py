"""`metier.toml`: read strictly, from the current folder or the nearest one above it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from metier.datafiles.project_file import ProjectFile, read_project
from metier.errors import UsageError

_IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

WHOLE = """\
[plugins]
allow = ["finance", "metier-legal"]
block = ["code"]
strict = true

[packs]
paths = ["packs/shop.yaml", "{absolute}"]
"""


def test_everything_is_empty_without_a_file(tmp_path):
    assert read_project(tmp_path) == ProjectFile()
    assert not ProjectFile().strict


def test_every_key_is_read_and_packs_are_taken_from_the_files_folder(tmp_path):
    path, absolute = tmp_path / "metier.toml", tmp_path.parent / "other.yaml"
    path.write_text(WHOLE.format(absolute=absolute.as_posix()))
    assert read_project(tmp_path) == ProjectFile(
        path=path,
        allow=("finance", "metier-legal"),
        block=("code",),
        strict=True,
        packs=(tmp_path / "packs" / "shop.yaml", absolute),
    )


@pytest.fixture
def inner(tmp_path, monkeypatch) -> Path:
    """A folder two below that of a project, and the current one."""
    (tmp_path / "metier.toml").write_text('[plugins]\nstrict = true\n[packs]\npaths = ["a.yaml"]\n')
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    return inner


def test_a_file_above_the_current_folder_is_the_projects_too(inner, tmp_path):
    project = read_project()
    assert project.strict
    assert project.path == tmp_path.resolve() / "metier.toml"
    assert project.packs == (tmp_path.resolve() / "a.yaml",)


def test_the_nearest_file_counts_alone(inner, monkeypatch):
    (inner / "metier.toml").touch()
    assert read_project() == ProjectFile(path=Path("metier.toml"))
    (inner / "metier.toml").rename(inner.parent / "metier.toml")
    assert not read_project().strict


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["checkout", "worktree"])
def test_nothing_above_the_root_of_a_repository_is_looked_at(inner, make):
    make(inner.parent / ".git")
    assert read_project() == ProjectFile()
    (inner.parent / "metier.toml").write_text("[plugins]\nstrict = true\n")
    assert read_project().strict


def test_where_the_current_folder_is_gone_there_is_no_project(inner):
    inner.rmdir()
    assert read_project() == ProjectFile()


@pytest.mark.skipif(not _IS_ROOT, reason="only root can give a file away")
def test_a_file_of_somebody_else_above_the_current_folder_is_refused(inner, tmp_path):
    above = tmp_path.resolve() / "metier.toml"
    os.lchown(above, 12345, -1)
    with pytest.raises(UsageError, match=re.escape(f"{above} is not yours.")):
        read_project()
    os.chown(inner, 12345, -1)  # whoever works in another's folder takes that one's settings
    assert read_project().strict
    os.chown(inner, 0, -1)
    (inner / "metier.toml").touch()
    assert not read_project().strict


@pytest.mark.skipif(not _IS_ROOT, reason="only root can give a file away")
def test_a_link_of_somebody_else_to_a_file_of_ones_own_is_refused(inner, tmp_path):
    (tmp_path / "metier.toml").rename(tmp_path / "mine.toml")
    (tmp_path / "metier.toml").symlink_to("mine.toml")
    os.lchown(tmp_path / "metier.toml", 12345, -1)
    with pytest.raises(UsageError, match="is not yours"):
        read_project()


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("\n[plugins]\nalow = []\n", "3, column 1", "unknown key 'alow'. Did you mean 'allow'?"),
        ("[plugin]\n", "1, column 1", "unknown key 'plugin'. Did you mean 'plugins'?"),
        ("[zzz]\n", "1, column 1", "unknown key 'zzz'. Known: plugins, packs, profiles."),
        ("plugins = 3\n", "1, column 1", "plugins: Input should be an object."),
        (
            "[plugins]\nallow = 'a'\n",
            "2, column 1",
            "plugins.allow: Input should be a valid array.",
        ),
        (
            "[plugins]\nblock = [1]\n",
            "2, column 1",
            "entry 1 of plugins.block: Input should",
        ),
        ("[plugins]\nstrict = 1\n", "2, column 1", "plugins.strict: Input should be a valid bool"),
        ("[packs]\npaths = {}\n", "2, column 1", "packs.paths: Input should be a valid array."),
        (
            "[profiles.ours]\nurl = 'http://h'\nkinds = 'tei'\n",
            "3, column 1",
            "unknown key 'kinds'. Did you mean 'kind'?",
        ),
        (
            "[profiles.ours]\nurl = 'http://h'\n[profiles.theirs]\nurl = 'h:80'\n",
            "4, column 1",
            "profiles.theirs.url: an address begins with http:// or https://",
        ),
        ("[profiles.ours]\nkind = 'tei'\n", "1, column 1", "profiles.ours.url is missing."),
        (
            "[profiles.ours]\nurl = 'http://h'\nkind = 'olama'\n",
            "3, column 1",
            "profiles.ours.kind: Input should be 'openai', 'dashscope',",
        ),
        (
            "[profiles.ours]\nurl = 'http://h'\nmax_rows = 0\n",
            "3, column 1",
            "profiles.ours.max_rows: Input should be greater than 0.",
        ),
        (
            "[profiles.ours]\nurl = 'http://me:secret@h'\n",
            "2, column 1",
            "profiles.ours.url: an address holds no name or password",
        ),
        (
            "[profiles.'our model']\nurl = 'http://h'\n",
            "1, column 1",
            "profiles.our model: the name of a profile has letters,",
        ),
        (
            "[profiles.embedded]\nurl = 'http://h'\n",
            "1, column 1",
            "profiles.embedded: embedded is the model on this machine",
        ),
        (
            "[profile.ours]\nurl = 'http://h'\n",
            "1, column 1",
            "unknown key 'profile'. Did you mean 'profiles'?",
        ),
        ("[plugins\n", "1, column 9", "not valid TOML: "),
        ("[plugins]\nstrict = true\nstrict = true\n", "3, column 14", "a key is given twice"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_close_name(tmp_path, text, position, message):
    (tmp_path / "metier.toml").write_text(text)
    with pytest.raises(UsageError) as refused:
        read_project(tmp_path)
    assert f"{tmp_path / 'metier.toml'}, line {position}: {message}" in str(refused.value)


@pytest.mark.parametrize("key", ["key", "key_env"])
def test_a_key_in_the_file_is_refused_and_not_repeated(tmp_path, key):
    secret = "sk-0123456789abcdef"
    (tmp_path / "metier.toml").write_text(f"[profiles.a]\nurl = 'http://h'\n{key} = '{secret}'\n")
    with pytest.raises(UsageError, match="line 3") as refused:
        read_project(tmp_path)
    assert "key_env" in str(refused.value)
    assert secret not in str(refused.value)


def test_relative_paths_of_a_profile_are_taken_from_the_folder_of_the_file(tmp_path):
    (tmp_path / "metier.toml").write_text(
        "[profiles.ours]\nurl = 'http://h/'\ntokenizer = './qwen'\nca_file = 'ca.pem'\n"
        "compare_with = 'Qwen/Qwen3-Embedding-0.6B'\n"
    )
    server = read_project(tmp_path).profiles["ours"]
    assert server.url == "http://h"
    assert server.tokenizer == str(tmp_path / "qwen")
    assert server.ca_file == str(tmp_path / "ca.pem")
    assert server.compare_with == "Qwen/Qwen3-Embedding-0.6B"


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "metier.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"metier\.toml is not UTF-8 text"):
        read_project(tmp_path)


def test_a_list_that_is_empty_is_not_one_that_is_missing(tmp_path):
    (tmp_path / "metier.toml").write_text("[plugins]\nallow = []\n")
    assert read_project(tmp_path).allow == ()
    (tmp_path / "metier.toml").write_text("[plugins]\nblock = []\n")
    assert read_project(tmp_path).allow is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a = " + b"[" * 5000 + b"]" * 5000, "nested deeper"),
        (b"#" * 1_000_001, "more than the 1,000,000 bytes"),
        (b"a = " + b"9" * 5000, "not valid TOML"),
    ],
    ids=["deep", "large", "digits"],
)
def test_a_file_made_to_harm_is_refused(tmp_path, raw, said):
    (tmp_path / "metier.toml").write_bytes(raw)
    with pytest.raises(UsageError, match=said):
        read_project(tmp_path)


def test_what_is_no_file_is_refused(tmp_path):
    path = tmp_path / "metier.toml"
    path.mkdir()
    with pytest.raises(UsageError, match="it is not a file"):
        read_project(tmp_path)
    path.rmdir()
    path.symlink_to("metier.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_project(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "metier.toml")
    with pytest.raises(UsageError, match="it is not a file"):
        read_project(tmp_path)


def test_the_home_of_a_user_who_is_not_there_is_a_path_like_any_other(tmp_path):
    (tmp_path / "metier.toml").write_text('[packs]\npaths = ["~nobody-of-that-name/a.yaml"]\n')
    assert read_project(tmp_path).packs == (tmp_path / "~nobody-of-that-name" / "a.yaml",)
