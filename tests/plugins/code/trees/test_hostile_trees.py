"""Trees that nobody vouches for: read within bounds, nothing awaited, every name shown safely."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from metier import Documents, Runtime
from metier.errors import InputError
from metier.plugin import LeftOut
from metier.testing import FakeEmbedder
from metier_code.trees.source_files import SourceTree, find_sources
from metier_code.trees.source_texts import read_source
from metier_code.trees.tree_walk import LARGEST

SOURCE = "def add(a, b):\n    return a + b\n"
needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs a file system of POSIX")


def left_out_of(tree: SourceTree) -> dict[str, str]:
    return {entry.location: entry.reason for entry in tree.left_out}


@pytest.fixture
def rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


@needs_posix
def test_what_is_no_regular_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "pipe")  # its first line would be read if it were a file
    os.mkfifo(tmp_path / ".gitignore")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket.go"))
    (tmp_path / "zero.c").symlink_to("/dev/zero")

    tree = find_sources([tmp_path])

    assert [file.name for file in tree.files] == ["a.py"]
    assert left_out_of(tree) == {
        "pipe.py": "no regular file",
        "socket.go": "no regular file",
        "zero.c": "link",
        "pipe": "no source code",
    }
    # one that is replaced after it was listed
    (tmp_path / "a.py").unlink()
    os.mkfifo(tmp_path / "a.py")
    assert str(read_source(tree.files[0])) == "a.py (no regular file)"
    with pytest.raises(InputError, match=r"pipe\.py"):
        find_sources([tmp_path / "pipe.py"])


@needs_posix
def test_files_that_change_or_vanish_while_they_are_read_are_named(tmp_path: Path) -> None:
    for name in ("gone.py", "grows.py", "link.py", "locked.py"):
        (tmp_path / name).write_text(SOURCE)
    tree = find_sources([tmp_path])
    (tmp_path / "gone.py").unlink()
    (tmp_path / "grows.py").write_text("#" * (LARGEST + 1))
    (tmp_path / "link.py").unlink()
    (tmp_path / "link.py").symlink_to("/etc/hostname")
    (tmp_path / "locked.py").chmod(0)

    reasons = {file.name: read_source(file) for file in tree.files}

    assert isinstance(reasons["gone.py"], LeftOut)
    assert reasons["gone.py"].reason == "gone"
    assert str(reasons["grows.py"]) == "grows.py (too large: 5 MB)"
    assert str(reasons["link.py"]).startswith("link.py (cannot be read: ")
    if os.geteuid():
        assert str(reasons["locked.py"]) == "locked.py (cannot be read: permission denied)"


@needs_posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root reads all")
def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text(SOURCE)
    (tmp_path / "c.py").write_text(SOURCE)
    (tmp_path / "a").chmod(0)
    try:
        tree = find_sources([tmp_path])
    finally:
        (tmp_path / "a").chmod(0o700)

    assert [file.name for file in tree.files] == ["c.py"]
    assert left_out_of(tree) == {"a/": "cannot be read"}


@needs_posix
def test_names_are_shown_safely_and_stay_different(rt: Runtime, tmp_path: Path) -> None:
    names = [b"new\nline.py", b"\x1b[2Jclear.py", b"caf\xe9.py", b"caf\\xe9.py", b" .py",
             "\u202egnp.py".encode(), "naïve.py".encode(), b"[red]b.py"]  # fmt: skip
    for name in names:
        path = os.fsencode(tmp_path) + b"/" + name
        with open(path, "w") as file:
            file.write(SOURCE)

    tree = find_sources([tmp_path])
    shown = [file.name for file in tree.files]
    result = rt.run("code/search", tmp_path, "add", top_k=20)

    assert sorted(shown) == sorted(
        ["new\\nline.py", "\\x1b[2Jclear.py", "caf\\xe9.py", "caf\\\\xe9.py", " .py",
         "\\u202egnp.py", "naïve.py", "[red]b.py"]
    )  # fmt: skip
    assert {file.path.read_text() for file in tree.files} == {SOURCE}
    assert {hit.location.rpartition(":")[0] for hit in result.hits} == set(shown)
    assert len(json.loads(result.to_json())["hits"]) == len(names)
    page = result.to_html()
    assert page.encode()
    assert "\x1b" not in page
    notes = tmp_path / os.fsdecode(b"caf\xe9.txt")
    notes.touch()
    with pytest.raises(InputError, match=r"caf\\xe9\.txt"):
        rt.run("code/search", notes, "add")


@pytest.fixture
def deep_tree() -> Iterator[Path]:
    """A folder with more levels than a path may have, a source in the middle of them."""
    root = Path(mkdtemp())
    descriptor = os.open(root, os.O_RDONLY)
    for depth in range(2100):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
        if depth == 1000:
            with open(os.open("deep.py", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor), "w") as file:
                file.write(SOURCE)
    os.close(descriptor)
    yield root
    subprocess.run(["rm", "-rf", str(root)], check=True)  # Python's own removal is recursive


@needs_posix
def test_deep_folders_and_links_in_circles_end(deep_tree: Path) -> None:
    for name in ("one", "two"):
        (deep_tree / name).mkdir()
    (deep_tree / "one" / "to").symlink_to(deep_tree / "two")
    (deep_tree / "two" / "to").symlink_to(deep_tree / "one")
    (deep_tree / "self").symlink_to(deep_tree)
    (deep_tree / "itself.py").symlink_to(deep_tree / "itself.py")

    tree = find_sources([deep_tree])

    (deep,) = tree.files
    assert deep.name == "d/" * 1001 + "deep.py"
    assert not isinstance(read_source(deep), LeftOut)
    reasons = left_out_of(tree)
    assert {reasons.pop(name) for name in ("one/to", "two/to", "self", "itself.py")} == {"link"}
    ((name, reason),) = reasons.items()
    assert (set(name.split("/")), reason) == ({"d", ""}, "cannot be read")


def test_large_and_odd_sources_are_bounded(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "line.js").write_text("function f(){return 1};" * 45_000)
    with (tmp_path / "huge.c").open("wb") as huge:
        huge.truncate(50_000_000)
    (tmp_path / "zeros.c").write_bytes(b"\0" * 1000)
    (tmp_path / "deep.py").write_text("x = " + "g(\n" * 20_000 + ")\n" * 20_000 + SOURCE)
    (tmp_path / "image.rb").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 20)

    result = rt.run("code/search", tmp_path, "add", top_k=20)
    texts = rt.read(tmp_path, Documents)

    skipped = {str(entry) for entry in result.skipped}
    assert {
        "line.js (minified)", "huge.c (too large: 50 MB)", "zeros.c (not text)",
        "image.rb (not text)",
    } <= skipped  # fmt: skip
    assert "a.py:1" in {hit.location for hit in result.hits}
    assert {item.id for item in texts} == {"a.py", "deep.py"}


def test_many_files_in_many_folders_are_listed_once(tmp_path: Path) -> None:
    for folder in range(40):
        (tmp_path / f"f{folder}").mkdir()
        for number in range(50):
            (tmp_path / f"f{folder}" / f"{number}.py").touch()
    (tmp_path / ".gitignore").write_text("f1?/\n*/4?.py\n")

    tree = find_sources([tmp_path])

    assert len(tree.files) == len({file.name for file in tree.files}) == 30 * 40
    assert len(tree.left_out) == 10 + 30 * 10
